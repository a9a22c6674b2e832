"""Draw each protocol of the moment as a picture of the documentation.

`python tools/draw_protocols.py [NAME ...]` runs the protocols on the standard muscle and writes one
SVG each to docs/pictures/moment/; with `--png FOLDER` also bitmaps, to look at. The same code gives
the same file: no dates, no random names. Colours are those of Okabe and Ito, which people with any
kind of colour vision tell apart; lines differ in style or label as well.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from myotome.case import read_case
from myotome.physiology.needle import Insertion
from myotome.simulation.case_moment import case_moment, muscle_named, needled
from myotome.simulation.moment import (
    MomentRun,
    Needling,
    Probe,
    healthy,
    protocols,
    run,
    standard,
)  # fmt: skip
from myotome.simulation.moment.protocols import Subject, sensitised, supersensitive
from myotome.simulation.moment.protocols.bedside import together
from myotome.simulation.moment.stimuli import hold

FOLDER = Path(__file__).parents[1] / "docs" / "pictures" / "moment"
BLUE, ORANGE, GREEN, VERMILION, PURPLE, GREY = (
    "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#666666",
)  # fmt: skip
COLOURS = (BLUE, ORANGE, GREEN, VERMILION, PURPLE, GREY)
STYLES = ("-", "--", "-.", ":")
STYLE: Any = {
    "font.family": "sans-serif",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 9,
    "axes.titlelocation": "left",
    "legend.frameon": False,
    "legend.fontsize": 8,
    "svg.fonttype": "none",
    "svg.hashsalt": "myotome",
    "path.simplify_threshold": 1.0,
    "figure.constrained_layout.use": True,
    "lines.linewidth": 1.3,
}
NEEDLE = Insertion(
    depth_mm=20.0, pecks=8, start_ms=4000.0, peck_interval_ms=250.0,
    current_ma=2.0, pulse_width_ms=0.2, frequency_hz=20.0, duration_s=2.0,
)  # fmt: skip
DRY = Insertion(depth_mm=20.0, distance_mm=10.0, pecks=6, start_ms=500.0, peck_interval_ms=400.0)


def panels(count: int, height: float = 2.6, width: float = 7.2) -> tuple[Figure, list[Axes]]:
    """Panels side by side."""
    figure, axes = plt.subplots(1, count, figsize=(width, height), squeeze=False)
    return figure, list(axes[0])


def thinned(values: Any, every: int) -> Any:
    """Every so many points, so that a file stays small."""
    return np.asarray(values)[::every]


def raster(axis: Axes, run: MomentRun, person: int, *, until: float, muscle: int = 0) -> None:
    """Every spike as a dot: thinned to at most one a unit and 20 ms."""
    spikes = run.spikes
    own = (spikes.person == person) & (spikes.muscle == muscle)
    at, unit = spikes.millisecond[own] // 20, spikes.unit[own]
    dots = np.unique(np.stack([at, unit]), axis=1)
    axis.plot(dots[0] * 0.02, dots[1] + 1, ",", color="black", rasterized=True, markersize=1)
    axis.set(xlim=(0, until), ylim=(0, run.preparation.units + 1))


def rate_over(times: Any, grid: Any) -> Any:
    """Rate (Hz) by interspike intervals, smoothed over half a second; a gap where it is silent."""
    if len(times) < 3:
        return np.full(len(grid), np.nan)
    counts = [(np.abs(times - t) < 0.5).sum() for t in grid]
    rates = np.array(counts, dtype=float)
    rates[(grid < times[0]) | (grid > times[-1])] = np.nan
    return rates


def drive_ramp() -> Figure:
    """Drive, rates of some units, thresholds."""
    found = protocols.drive_ramp(peak=0.4, half_s=8.0)
    figure, (first, second, third) = panels(3, 2.8, 9.0)
    every = 50
    first.plot(thinned(found.time, every), thinned(found.drive, every), color=GREY, label="drive")
    first.plot(
        thinned(found.time, every), thinned(found.force, every), "--", color=BLUE, label="force"
    )
    first.set(xlabel="time (s)", ylabel="share of the largest", title="drive and force")
    first.legend()
    grid = np.arange(0.0, found.time[-1], 0.1)
    for unit, colour in zip((5, 25, 45, 60, 75, 90), COLOURS, strict=True):
        rates = rate_over(found.spike_times(unit - 1), grid)
        second.plot(grid, rates, color=colour, label=str(unit))
    second.legend(ncols=3, loc="upper center", fontsize=7)
    second.set(xlabel="time (s)", ylabel="discharge rate (Hz)",
               ylim=(0, 62), title="rates of units, numbered from the smallest")  # fmt: skip
    third.plot(found.recruitment, found.derecruitment, "o", ms=3, color=BLUE)
    most = np.nanmax(found.recruitment)
    third.plot([0, most], [0, most], ":", color=GREY)
    third.set(xlabel="drive at recruitment", ylabel="drive at derecruitment",
              title="below the dotted line: hysteresis")  # fmt: skip
    return figure


def current_ramp() -> Figure:
    """Current and force, rates of some units, thresholds."""
    found = protocols.current_ramp(half_s=8.0)
    figure, (first, second) = panels(2, 2.8, 7.2)
    every = 50
    first.plot(thinned(found.current, every), thinned(found.force, every), color=BLUE, lw=0.8)
    first.set(xlabel="current into each soma (nA)", ylabel="share of the largest force",
              title="force, up and down")  # fmt: skip
    half = len(found.force) // 2
    for at, way, offset in ((half // 2, "up", (8, -10)), (3 * half // 2, "down", (-34, 8))):
        first.annotate(way, (found.current[at], found.force[at]), color=GREY, xytext=offset,
                       textcoords="offset points")  # fmt: skip
    units = np.arange(1, len(found.recruitment) + 1)
    second.plot(units, found.recruitment, "^", ms=3, color=ORANGE, label="begins")
    second.plot(units, found.derecruitment, "v", ms=3, color=BLUE, label="ends")
    second.set(xlabel="unit, from the smallest", ylabel="current (nA)",
               title="where each unit begins and ends")  # fmt: skip
    second.legend()
    return figure


def current_rates() -> Figure:
    """Rates over current."""
    found = protocols.current_rates()
    figure, (axis,) = panels(1, 3.0, 4.6)
    marks = zip((1, 31, 61, 91, 111), COLOURS, ("o", "s", "^", "D", "v"), strict=False)
    for unit, colour, mark in marks:
        axis.plot(found.currents, found.rates[:, unit - 1], marker=mark, ms=4, color=colour,
                  label=f"unit {unit}")  # fmt: skip
    axis.set(xlabel="current into the soma (nA)", ylabel="discharge rate (Hz)")
    axis.legend()
    return figure


def afterhyperpolarisation() -> Figure:
    """Course of the voltage after a spike, amplitude over the pool."""
    found = protocols.afterhyperpolarisation()
    figure, (first, second) = panels(2)
    named = zip((1, 75, 110), ("slow", "fatigue-resistant", "fatigable"), COLOURS, STYLES,
                strict=False)  # fmt: skip
    for unit, name, colour, style in named:
        course = thinned(found.course[:1500, unit - 1], 10)
        first.plot(np.arange(len(course)), np.minimum(course, 4.0), style, color=colour,
                   label=name)  # fmt: skip
    first.axhline(0.0, color=GREY, lw=0.6)
    first.set(xlabel="time from the spike (ms)", ylabel="soma from rest (mV)", ylim=(-7, 4))
    first.legend()
    units = np.arange(1, found.duration.size + 1)
    second.plot(units, found.duration, ".", color=BLUE, ms=4)
    second.set(
        xlabel="motor unit, from the smallest", ylabel="duration to 5 % (ms)", ylim=(0, None)
    )
    return figure


def twitch() -> Figure:
    """One shock and a train."""
    found = protocols.twitch()
    figure, (axis,) = panels(1, 2.8, 4.6)
    time = 1000.0 * found.time
    axis.plot(thinned(time, 2), thinned(found.twitch, 2), color=BLUE, label="one shock")
    axis.plot(thinned(time, 4), thinned(found.tetanus, 4), "--", color=VERMILION,
              label="100 shocks a second")  # fmt: skip
    axis.set(xlabel="time from the first shock (ms)", ylabel="force (of the largest)")
    axis.legend(loc="center right")
    return figure


def force_frequency() -> Figure:
    """Courses and the curve."""
    found = protocols.force_frequency()
    figure, (first, second) = panels(2)
    shown = (5.0, 10.0, 20.0, 40.0)
    for rate, colour in zip(shown, COLOURS, strict=False):
        course = found.courses[:, np.flatnonzero(found.frequencies == rate)[0]]
        first.plot(thinned(found.time, 6), thinned(course, 6), color=colour, lw=1.1,
                   label=f"{rate:g} Hz")  # fmt: skip
    first.set(xlabel="time (s)", ylabel="force (of the largest)", ylim=(0, 1))
    first.legend(ncols=2, loc="upper left")
    second.semilogx(found.frequencies, found.force, "o-", ms=4, color=BLUE)
    second.axvline(found.half_hz, ls=":", color=GREY)
    second.annotate(f"half at {found.half_hz:.0f} Hz", (found.half_hz, 0.05),
                    xytext=(4, 0), textcoords="offset points", color=GREY)  # fmt: skip
    ticks = [3, 5, 10, 20, 40, 100]
    second.set_xticks(ticks, [str(tick) for tick in ticks])
    second.minorticks_off()
    second.set(xlabel="shocks a second (Hz)", ylabel="mean force (of the tetanus)")
    return figure


def length_tension() -> Figure:
    """Passive, total, active."""
    found = protocols.length_tension()
    figure, (axis,) = panels(1, 3.0, 4.8)
    lines = (("total", found.total, GREY, "o", "--"), ("active", found.active, BLUE, "s", "-"),
             ("passive", found.passive, VERMILION, "^", "-."))  # fmt: skip
    for name, force, colour, mark, style in lines:
        axis.plot(found.fibre_length, force, style, marker=mark, ms=4, color=colour, label=name)
    axis.set(xlabel="fibre length in the tetanus (optimal fibre lengths)",
             ylabel="force (of the largest isometric)")  # fmt: skip
    axis.legend()
    return figure


def ramp_and_hold() -> Figure:
    """Length and afferents."""
    found = protocols.ramp_and_hold()
    figure, (first, second, third) = panels(3, 2.6, 9.0)
    for index, (speed, colour, style) in enumerate(
        zip(found.speeds, COLOURS, STYLES, strict=False)
    ):
        inside = slice(300, 1900)
        time = thinned(found.time[inside], 4)
        for axis, values in zip(
            (first, second, third), (found.length, found.primary, found.secondary), strict=True
        ):
            axis.plot(time, thinned(values[inside, index], 4), style, color=colour,
                      label=f"{speed:g} rad/s")  # fmt: skip
    first.set(xlabel="time (s)", ylabel="fibre length (optimal)", title="stretch")
    second.set(xlabel="time (s)", ylabel="rate (Hz)", title="primary afferents (Ia)")
    third.set(xlabel="time (s)", ylabel="rate (Hz)", title="secondary afferents (II)")
    first.legend()
    return figure


def recruitment_curve() -> Figure:
    """M-wave and H-reflex."""
    still = protocols.recruitment_curve()
    found = protocols.recruitment_curve(voluntary=0.15)
    figure, (first, second) = panels(2)
    for curve, colour, name, style in (
        (still, GREY, "at rest", ":"), (found, VERMILION, "contracting", "-")
    ):  # fmt: skip
        first.plot(curve.shocks, 100 * curve.h_reflex, style, marker="^", ms=3, color=colour,
                   label=f"H-reflex, {name}")  # fmt: skip
    first.plot(still.shocks, 100 * still.m_wave, "s-", ms=3, color=BLUE, label="M-wave, at rest")
    first.set(
        xlabel="shock (over the motor threshold)", ylabel="fibres excited (%)", yscale="symlog"
    )
    first.set_yticks([0, 1, 10, 100], ["0", "1", "10", "100"])
    first.minorticks_off()
    first.legend(loc="center right", bbox_to_anchor=(1.0, 0.62))
    for shock, colour, style in ((1.1, VERMILION, "-"), (1.6, BLUE, "--")):
        at = int(np.argmin(np.abs(found.shocks - shock)))
        second.plot(found.time[:60], 100 * found.emg[:60, at], style, color=colour,
                    label=f"shock of {shock:g}")  # fmt: skip
    second.annotate("M", (found.m_latency_ms + 1, 12))
    second.annotate("H", (found.h_latency_ms, 5))
    second.set(
        xlabel="time from the shock (ms)", ylabel="fibres starting (% each ms)", ylim=(0, 15)
    )
    second.legend()
    return figure


def wind_up() -> Figure:
    """Spikes by volley."""
    found = protocols.wind_up()
    figure, (axis,) = panels(1, 2.8, 4.6)
    marks = zip(found.frequencies, found.spikes, COLOURS, ("o", "s", "^"), strict=False)
    for rate, spikes, colour, mark in marks:
        axis.plot(np.arange(1, 17), spikes, marker=mark, ms=4, color=colour,
                  label=f"{rate:g} volleys a second")  # fmt: skip
    axis.set(xlabel="volley of nociceptors", ylabel="spikes of a projection neuron", ylim=(0, None))
    axis.legend()
    return figure


def cramp_threshold() -> Figure:
    """Units that go on, by frequency."""
    painful = [hold("receptor_input", 2.0, 0.0, 30.0)]
    ladders = (
        ("healthy", protocols.cramp_threshold(each=4), BLUE, "o", "-"),
        ("healthy, muscle in pain",
         protocols.cramp_threshold(also=painful, rested_s=3.0, each=4), ORANGE, "s", "--"),
        ("segment sensitised",
         protocols.cramp_threshold(Subject(frozen=sensitised()), rested_s=3.0, each=4),
         VERMILION, "^", "-."),
    )  # fmt: skip
    figure, (axis,) = panels(1, 3.0, 5.2)
    for name, ladder, colour, mark, style in ladders:
        axis.plot(ladder.frequencies, 100 * ladder.active, style, marker=mark, ms=4, color=colour,
                  label=f"{name}: {ladder.threshold_hz:.0f} Hz")  # fmt: skip
    axis.axhline(10.0, ls=":", color=GREY)
    axis.annotate("a cramp", (44, 11), color=GREY)
    axis.set(xlabel="shocks a second to the nerve (Hz)", ylabel="units active a second later (%)",
             xlim=(5, 50), ylim=(-1, 75))  # fmt: skip
    axis.legend(loc="upper left", title="cramp from", alignment="left")
    return figure


def _needled(
    states: Sequence[tuple[str, Any, Insertion | None]], seconds: float, height: float
) -> Figure:
    """Spikes, discharge and force of unlike muscles, one column each."""
    figure, axes = plt.subplots(
        3, len(states), figsize=(9.0, height), sharex=True, sharey="row",
        height_ratios=(2, 1, 1), squeeze=False,
    )  # fmt: skip
    for column, (name, state, insertion) in enumerate(states):
        found = protocols.needle_insertion([state], insertion, seconds=seconds)
        top, middle, bottom = axes[:, column]
        raster(top, found.run, 0, until=seconds)
        top.set_ylim(0, 80)
        every = 20
        middle.plot(thinned(found.time, every), thinned(found.discharge[:, 0], every), color=BLUE)
        bottom.plot(thinned(found.time, every), 100 * thinned(found.force[:, 0], every),
                    color=VERMILION)  # fmt: skip
        if insertion is not None:
            for axis in axes[:, column]:
                axis.axvspan(insertion.start_ms / 1000.0, found.needle_ends, color=ORANGE,
                             alpha=0.25, lw=0)  # fmt: skip
        top.set_title(name)
        bottom.set_xlabel("time (s)")
    axes[0, 0].set_ylabel("motor unit")
    axes[1, 0].set_ylabel("pool (Hz)")
    axes[2, 0].set_ylabel("force (%)")
    return figure


def cramp() -> Figure:
    """A needle with current in a healthy and in a sensitised muscle."""
    well, sore = healthy(1, 1, 1), sensitised()
    return _needled(
        (("healthy, needled", well, NEEDLE), ("sensitised, left alone", sore, None),
         ("sensitised, needled", sore, NEEDLE)), 40.0, 4.6,
    )  # fmt: skip


def needle_insertion() -> Figure:
    """A needle without current where receptors are few and where they are many."""
    figure, axes = plt.subplots(2, 2, figsize=(7.2, 3.6), sharex=True, sharey="row")
    found = protocols.needle_insertion([healthy(1, 1, 1), supersensitive()], DRY, seconds=3.5)
    for person, name in enumerate(("healthy", "supersensitive: half of the units cut off")):
        top, bottom = axes[:, person]
        bins = found.emg[:, person].reshape(-1, 10).sum(axis=1)
        top.plot(np.arange(len(bins)) * 0.01, 100 * bins, color=BLUE, lw=0.8)
        bottom.plot(thinned(found.time, 10), 100 * thinned(found.force[:, person], 10),
                    color=VERMILION)  # fmt: skip
        top.set_title(name)
        bottom.set_xlabel("time (s)")
        for stroke in range(DRY.pecks):
            at = (DRY.start_ms + stroke * DRY.peck_interval_ms) / 1000.0
            top.axvline(at, color=ORANGE, lw=0.8, ls=":")
    axes[0, 0].set_ylabel("fibres starting\n(% each 10 ms)")
    axes[1, 0].set_ylabel("force (%)")
    return figure


def spontaneous_activity() -> Figure:
    """Fibres that discharge by themselves."""
    found = protocols.spontaneous_activity([healthy(1, 1, 1), supersensitive()], seconds=3.0)
    figure, axes = plt.subplots(1, 2, figsize=(7.2, 2.4), sharey=True)
    for person, (name, colour) in enumerate((("healthy", BLUE), ("supersensitive", VERMILION))):
        axis = axes[person]
        at = np.flatnonzero(found.emg[:, person])
        axis.vlines(found.time[at], 0.0, 100 * found.emg[at, person], color=colour, lw=0.8)
        rate = found.impulses_hz[person]
        axis.set(xlabel="time (s)", xlim=(0, 3.0), title=f"{name}: {rate:.3f} impulses/s a fibre")
        if not at.size:
            axis.annotate("silent", (1.3, 0.02), color=GREY)
    axes[0].set_ylabel("fibres starting (%)")
    return figure


def case_needled() -> Figure:
    """A needle in a muscle of a published case, in health and in that person."""
    who = case_moment(
        read_case(FOLDER.parents[2] / "examples" / "gunn-milbrandt-tennis-elbow.toml")
    )
    found = needled(who, muscle_named(who, "extensor_carpi_radialis_brevis"), seconds=20.0)
    figure, axes = plt.subplots(
        3, 2, figsize=(9.0, 4.8), sharex=True, sharey="row", height_ratios=(2, 1, 1)
    )
    p = who.preparation
    joint = p.joint_of[found.muscle]
    for person, name in enumerate(("the same nerves and muscles in health", "the case")):
        top, middle, bottom = axes[:, person]
        raster(top, found.run, person, until=20.0, muscle=found.muscle)
        for column, colour, style in (
            (found.muscle, VERMILION, "-"), (p.antagonist[found.muscle], BLUE, "--")
        ):  # fmt: skip
            force = 100 * thinned(found.run["tendon_force"][:, person, column], 50)
            label = p.muscles[column].rsplit(",", 1)[0].lower()
            middle.plot(thinned(found.run.time, 50), force, style, color=colour, label=label)
        angle = np.degrees(thinned(found.run["angle"][:, person, joint], 50))
        bottom.plot(thinned(found.run.time, 50), angle, color=GREEN)
        for axis in axes[:, person]:
            axis.axvspan(*found.spans[1], color=ORANGE, alpha=0.25, lw=0)
        top.set_title(name)
        bottom.set_xlabel("time (s)")
    axes[0, 0].set_ylabel("motor unit")
    axes[1, 0].set_ylabel("force (%)")
    axes[1, 0].legend(loc="upper right")
    axes[2, 0].set_ylabel("wrist extension\n(degrees)")
    return figure


def inside_a_cramp() -> Figure:
    """States of a cell, a dorsal horn and a spindle in a healthy and in a sensitised muscle."""
    cell = 4
    found = run(
        standard(people=2), [hold("angle", 0.0, 0.0, 30.0), Needling(NEEDLE)], seconds=30.0,
        frozen=together([healthy(1, 1, 1), sensitised()]),
        record=(
            Probe("pool.soma", cells=(cell,), every_ms=0.1),
            Probe("pool.persistent_on", cells=(cell,), every_ms=20),
            Probe("horn.slow", every_ms=20),
            Probe("nociceptor.group_4", every_ms=20),
        ),
    )  # fmt: skip
    figure, axes = plt.subplots(1, 4, figsize=(10.0, 2.8))
    look, time = (10.0, 10.6), found.time_of("pool.soma")
    inside = (time >= look[0]) & (time < look[1])
    for person, (name, colour, style) in enumerate(
        (("healthy", BLUE, "--"), ("sensitised", VERMILION, "-"))
    ):
        course = thinned(found["pool.soma"][inside, person, 0, 0], 2)
        axes[0].plot(thinned(time[inside], 2), course, style, color=colour, lw=0.8, label=name)
        for axis, state in zip(
            axes[1:], ("pool.persistent_on", "horn.slow", "nociceptor.group_4"), strict=True
        ):
            values = found[state][:, person, 0]
            values = values.mean(axis=-1) if values.ndim > 1 else values
            axis.plot(thinned(found.time_of(state), 5), thinned(values, 5), style, color=colour)
    axes[0].set(xlabel="time (s)", ylabel="soma from rest (mV)", title=f"soma of unit {cell + 1}")
    axes[0].legend(loc="upper right")
    axes[1].set(ylabel="share open", title="its persistent current")
    axes[2].set(ylabel="rate (Hz)", title="dorsal horn, slow drive")
    axes[3].set(ylabel="rate (Hz)", title="group IV fibres")
    for axis in axes[1:]:
        axis.set_xlabel("time (s)")
        axis.axvspan(NEEDLE.start_ms / 1000.0, NEEDLE.start_ms / 1000.0 + 2.0, color=ORANGE,
                     alpha=0.25, lw=0)  # fmt: skip
    return figure


PICTURES: dict[str, Callable[[], Figure]] = {
    "drive-ramp": drive_ramp,
    "current-ramp": current_ramp,
    "current-rates": current_rates,
    "afterhyperpolarisation": afterhyperpolarisation,
    "twitch": twitch,
    "force-frequency": force_frequency,
    "length-tension": length_tension,
    "ramp-and-hold": ramp_and_hold,
    "recruitment-curve": recruitment_curve,
    "wind-up": wind_up,
    "cramp-threshold": cramp_threshold,
    "cramp": cramp,
    "inside-a-cramp": inside_a_cramp,
    "case-needled": case_needled,
    "needle-insertion": needle_insertion,
    "spontaneous-activity": spontaneous_activity,
}


def main() -> None:
    """Draw what is asked for, or all."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(PICTURES))
    parser.add_argument("--png", type=Path, help="also write bitmaps here")
    asked = parser.parse_args()
    mpl.use("svg")
    FOLDER.mkdir(parents=True, exist_ok=True)
    with mpl.rc_context(STYLE):
        for name in asked.names or PICTURES:
            figure = PICTURES[name]()
            figure.savefig(FOLDER / f"{name}.svg", metadata={"Date": None, "Creator": None})
            if asked.png:
                figure.savefig(asked.png / f"{name}.png", dpi=110)
            plt.close(figure)


if __name__ == "__main__":
    main()
