"""Needle: an insertion sets off impulses where its path and its current reach, and nothing else.

Receives an insertion (place, depth, pecks, current) and the receptors of the units' fibres; gives,
millisecond by millisecond, the impulses that begin in the muscle: in motor axons, from where they
run to the fibres and back to the cord; in muscle fibres themselves; in spindle primaries and in
nociceptors, from where they run to the cord. Whether a twitch or a cramp comes of it is for the
pool to show. No slow state is written to: those follow from the impulses.

Four things set impulses off. An axon, fibre or ending that the path injures fires a burst that
fades in seconds. A fibre that is merely pushed fires if its receptors make it irritable; so does
each ending nearby, once a stroke. A pulse of current recruits what its strength reaches: threshold
grows with the square of distance and falls with pulse width to the rheobase (Lapicque). The muscle
is seen in cross-section, depth below the skin downwards, the motor point in its middle.

Distances in mm, current in mA, pulse width in ms, frequency in Hz.

Source: strength_duration_ta2015 for the chronaxie of nerve, injury_discharge for how long an injury
discharges; reach, growth and geometry are this project's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from myotome.errors import InputError
from myotome.physiology import counter_random
from myotome.physiology.endplate_discharge import (
    EndplateDischarge,
    checked_density,
    firing_probability,
)
from myotome.physiology.parameters import Number, parameter
from myotome.physiology.receptors import Receptors

Array = NDArray[np.float64]

_SITE_DRAW: Final = 0x301
_STROKE_DRAW: Final = 0x302
_PUSH_DRAW: Final = 0x303
_PHASE_DRAW: Final = 0x304
_MS_PER_S: Final = 1000.0


@dataclass(frozen=True, slots=True)
class Needle:
    """What a needle and its current reach."""

    injury_reach: float = parameter(
        0.15, unit="mm", tag="D", source="assumed", low=0.1, high=0.5,
        meaning="distance from the path within which anything is injured (r_n), half a needle wide",
    )  # fmt: skip
    injury_rate: float = parameter(
        100.0, unit="Hz", tag="U", source="assumed", low=50.0, high=200.0,
        meaning="rate with which an injured axon begins to discharge (f0)",
    )  # fmt: skip
    injury_time: float = parameter(
        0.5, unit="s", tag="U", source="assumed", low=0.3, high=1.0,
        meaning="time constant with which that discharge fades (tau_d)",
    )  # fmt: skip
    push_reach: float = parameter(
        1.0, unit="mm", tag="D", source="assumed", low=0.3, high=3.0,
        meaning="distance from the path within which a fibre or ending is pushed",
    )  # fmt: skip
    stroke_spread: float = parameter(
        3.0, unit="mm", tag="D", source="assumed", low=1.0, high=6.0,
        meaning="how far aside the tip of later strokes may go",
    )  # fmt: skip
    nerve_rheobase: float = parameter(
        0.05, unit="mA", tag="D", source="assumed",
        meaning="least current that excites an axon at the needle, however long the pulse (I_rb)",
    )  # fmt: skip
    current_growth: float = parameter(
        0.1, unit="mA/mm2", tag="D", source="assumed",
        meaning="growth of that current with the square of distance (k)",
    )  # fmt: skip
    nerve_chronaxie: float = parameter(
        0.24, unit="ms", tag="V", source="strength_duration_ta2015", low=0.1, high=0.3,
        meaning="pulse width at which a motor axon needs twice its rheobase",
    )  # fmt: skip
    fibre_rheobase: float = parameter(
        0.5, unit="mA", tag="D", source="assumed",
        meaning="least current that excites a muscle fibre at the needle",
    )  # fmt: skip
    fibre_chronaxie: float = parameter(
        10.0, unit="ms", tag="U", source="assumed", low=1.0, high=30.0,
        meaning="pulse width at which a muscle fibre needs twice its rheobase",
    )  # fmt: skip
    primary_ratio: float = parameter(
        0.8, unit="1", tag="D", source="assumed", low=0.6, high=1.0,
        meaning="threshold of a spindle primary over that of a motor axon",
    )  # fmt: skip
    nociceptor_ratio: float = parameter(
        5.0, unit="1", tag="D", source="assumed", low=2.0, high=15.0,
        meaning="threshold of a thin afferent over that of a motor axon",
    )  # fmt: skip
    branch_spread: float = parameter(
        4.0, unit="mm", tag="D", source="assumed", low=2.0, high=8.0,
        meaning="spread of the units' nerve branches about the motor point",
    )  # fmt: skip
    territory_spread: float = parameter(
        3.0, unit="mm", tag="D", source="assumed", low=1.5, high=5.0,
        meaning="spread of a unit's fibres about its own middle",
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Insertion:
    """One insertion of a needle.

    Attributes:
        depth_mm: How deep it goes; 0 touches the skin alone.
        distance_mm: How far beside the motor point it enters.
        start_ms: When it enters.
        pecks: Strokes, the first entry among them.
        peck_interval_ms: Between strokes.
        current_ma: Height of each pulse; 0 is no current.
        pulse_width_ms: Of each pulse.
        frequency_hz: Of the pulses.
        duration_s: How long current flows, from the entry on.

    Raises:
        InputError: A dose is impossible or far outside what is done.
    """

    depth_mm: float
    distance_mm: float = 0.0
    start_ms: float = 0.0
    pecks: int = 1
    peck_interval_ms: float = 500.0
    current_ma: float = 0.0
    pulse_width_ms: float = 0.0
    frequency_hz: float = 0.0
    duration_s: float = 0.0

    def __post_init__(self) -> None:
        ranges: tuple[tuple[str, Any, float, float, str], ...] = (
            ("depth_mm", self.depth_mm, 0.0, 100.0, "mm; needles are 15 to 75 mm long"),
            ("distance_mm", self.distance_mm, 0.0, 100.0, "mm"),
            ("start_ms", self.start_ms, 0.0, 1e9, "ms"),
            ("pecks", self.pecks, 1, 200, "strokes; about 10 are usual"),
            ("peck_interval_ms", self.peck_interval_ms, 20.0, 60_000.0, "ms"),
            ("current_ma", self.current_ma, 0.0, 50.0, "mA; a needle takes 0.1 to 10"),
            ("pulse_width_ms", self.pulse_width_ms, 0.0, 500.0, "ms; 0.1 to 0.5 are usual"),
            ("frequency_hz", self.frequency_hz, 0.0, 500.0, "Hz; 2 to 100 are usual"),
            ("duration_s", self.duration_s, 0.0, 3600.0, "s"),
        )
        for name, value, low, high, unit in ranges:
            if not isinstance(value, int | float | np.number) or not low <= value <= high:
                raise InputError(
                    f"{name} must be {low:g} to {high:g} ({unit}), got {value!r}.", place=name
                )
        if self.pecks != int(self.pecks):
            raise InputError(
                f"pecks must be a whole number of strokes, got {self.pecks}.", place="pecks"
            )
        self._check_current()

    def _check_current(self) -> None:
        given = {
            "pulse_width_ms": self.pulse_width_ms,
            "frequency_hz": self.frequency_hz,
            "duration_s": self.duration_s,
        }
        if self.current_ma == 0.0:
            for name, value in given.items():
                if value != 0.0:
                    raise InputError(
                        f"{name} must be 0 where current_ma is 0, got {value}; "
                        "give the current or leave it out.",
                        place=name,
                    )
            return
        for name, value in given.items():
            if value == 0.0:
                raise InputError(
                    f"{name} must be above 0 where there is current, got {value}.", place=name
                )
        if self.pulse_width_ms * self.frequency_hz >= _MS_PER_S:
            raise InputError(
                "pulse_width_ms must be shorter than the time between pulses "
                f"({_MS_PER_S / self.frequency_hz:g} ms), got {self.pulse_width_ms}.",
                place="pulse_width_ms",
            )
        if self.depth_mm == 0.0:
            raise InputError(
                "depth_mm must be above 0 where there is current, got 0.", place="depth_mm"
            )


class Places(NamedTuple):
    """Points of the muscle's cross-section; x from the motor point, depth from the skin (mm)."""

    x: Array
    depth: Array


class Sites(NamedTuple):
    """What a needle may meet in one muscle."""

    seed: int
    first_place: int
    axons: Places
    """The nerve branch of each unit, shape (units,)."""
    fibres: Places
    """Fibres that stand for each unit, shape (units, fibres)."""
    primaries: Places
    """Spindle primaries, shape (primaries,)."""
    nociceptors: Places
    """Thin afferents' endings, shape (nociceptors,)."""


class Volley(NamedTuple):
    """Impulses that begin in the muscle; time on the first axis, in ms."""

    axons: Array
    """Impulses of each unit's axon, shape (ms, units)."""
    fibres: Array
    """Impulses per fibre of each unit, beside those of its axon, shape (ms, units)."""
    primaries: Array
    """Mean rate of the muscle's spindle primaries (Hz), shape (ms,)."""
    nociceptors: Array
    """Mean rate of the muscle's thin afferents (Hz), shape (ms,)."""


def _normal(first: Array, second: Array) -> tuple[Array, Array]:
    """Two normal numbers from two uniform ones."""
    length = np.sqrt(-2.0 * np.log(first))
    angle = 2.0 * np.pi * second
    return length * np.cos(angle), length * np.sin(angle)


def sites(  # noqa: PLR0913 - a muscle's cross-section, all by name
    needle: Needle,
    units: int,
    *,
    seed: int,
    fibres: int = 8,
    primaries: int = 40,
    nociceptors: int = 400,
    middle_mm: float = 20.0,
    radius_mm: float = 15.0,
    first_place: int = 0,
) -> Sites:
    """Where the axons, fibres and endings of a muscle lie.

    Args:
        needle: How far branches and territories spread.
        units: Motor units.
        seed: Of the run.
        fibres: Fibres that stand for each unit.
        primaries: Spindle primaries.
        nociceptors: Thin afferents.
        middle_mm: Depth of the muscle's middle below the skin.
        radius_mm: Of its cross-section.
        first_place: Number from which sites draw; other muscles of the run need other numbers,
            further apart than `units * (fibres + 1) + primaries + nociceptors`.

    Raises:
        ValueError: A count, size or seed lies outside its range.
    """
    counts = {"units": units, "fibres": fibres, "primaries": primaries, "nociceptors": nociceptors}
    for name, count in counts.items():
        if not 1 <= count <= 10_000:
            raise ValueError(f"{name} must be 1 to 10000, got {count}.")
    if not 0.5 <= radius_mm <= 100.0:
        raise ValueError(f"radius_mm must be 0.5 to 100 (mm), got {radius_mm}.")
    if not radius_mm <= middle_mm <= 200.0:
        raise ValueError(f"middle_mm must be radius_mm to 200 (mm), got {middle_mm}.")
    seed = counter_random.checked_seed(seed)
    sizes = (units, units * fibres, primaries, nociceptors)
    starts = np.cumsum((first_place, *sizes))
    u = [
        counter_random.uniforms(seed, _SITE_DRAW, start + np.arange(size), 0)
        for start, size in zip(starts[:-1], sizes, strict=True)
    ]

    def within(x: Array, y: Array) -> Places:
        """Brought back to the rim where it would lie outside the muscle."""
        over = np.maximum(np.hypot(x, y) / radius_mm, 1.0)
        return Places(x / over, middle_mm + y / over)

    def even(uniform: tuple[Array, ...]) -> Places:
        far, angle = radius_mm * np.sqrt(uniform[0]), 2.0 * np.pi * uniform[1]
        return within(far * np.cos(angle), far * np.sin(angle))

    branch = within(*(needle.branch_spread * part for part in _normal(u[0][0], u[0][1])))
    # A unit's middle is drawn evenly over the section, its fibres around it.
    middle = even((u[0][2], u[0][3]))
    off_x, off_y = (
        needle.territory_spread * part.reshape(units, fibres) for part in _normal(u[1][0], u[1][1])
    )
    spread = within(middle.x[:, None] + off_x, middle.depth[:, None] - middle_mm + off_y)
    return Sites(seed, first_place, branch, spread, even(u[2]), even(u[3]))


def distance(places: Places, entry_mm: float, tip_mm: float, depth_mm: float) -> Array:
    """Distance (mm) of places from a straight path.

    Args:
        places: The places.
        entry_mm: Where the path enters the skin, beside the motor point.
        tip_mm: Where its tip lies, likewise.
        depth_mm: How deep the tip lies.
    """
    aside = tip_mm - entry_mm
    square = aside * aside + depth_mm * depth_mm
    if square == 0.0:
        return np.hypot(places.x - entry_mm, places.depth)
    along = ((places.x - entry_mm) * aside + places.depth * depth_mm) / square
    share = np.clip(along, 0.0, 1.0)
    return np.hypot(places.x - entry_mm - share * aside, places.depth - share * depth_mm)


def threshold_current(
    rheobase: Number, growth: Number, chronaxie: Number, distance_mm: Number, width_ms: Number
) -> Array:
    """Current (mA) that excites at a distance with a pulse of some width, after Lapicque."""
    found: Array = (rheobase + growth * np.square(distance_mm)) * (1.0 + chronaxie / width_ms)
    return found


def injury_impulses(needle: Needle, since_ms: Array, phase: Array) -> Array:
    """Impulses that an injury has set off by a time after it; a whole number.

    Args:
        needle: Rate and its fading.
        since_ms: Time after the injury, 0 before it.
        phase: Where in its cycle each place begins, 0 to 1.
    """
    faded = np.exp(-since_ms / (_MS_PER_S * needle.injury_time))
    run: Array = np.floor(needle.injury_rate * needle.injury_time * (1.0 - faded) + phase)
    return run


class _Stroke(NamedTuple):
    """One movement of the needle."""

    number: int
    at_ms: float
    tip_mm: float


def _strokes(needle: Needle, insertion: Insertion, seed: int, first_place: int) -> list[_Stroke]:
    number = np.arange(insertion.pecks)
    aside = 2.0 * counter_random.uniforms(seed, _STROKE_DRAW, first_place, number)[0] - 1.0
    aside[0] = 0.0
    return [
        _Stroke(
            int(n),
            insertion.start_ms + n * insertion.peck_interval_ms,
            insertion.distance_mm + needle.stroke_spread * float(off),
        )
        for n, off in zip(number, aside, strict=True)
    ]


def volley(  # noqa: PLR0913 - a needle, a muscle and what acts, all by name
    needle: Needle,
    discharge: EndplateDischarge,
    receptors: Receptors,
    *,
    site: Sites,
    insertion: Insertion,
    density: Array,
    from_ms: int,
    count: int,
) -> Volley:
    """Impulses that an insertion sets off between two times.

    Any window of the same insertion gives the same impulses: nothing is carried between calls. Ask
    for long ones; each call measures every distance anew.

    Args:
        needle: What it reaches.
        discharge: How fibres answer a push.
        receptors: Maps from density.
        site: What it may meet.
        insertion: The event.
        density: Receptors outside the endplate of each unit (1/um2), shape (units,).
        from_ms: First millisecond.
        count: How many.

    Raises:
        ValueError: Density, window or their shapes have no meaning.
    """
    checked_density(density)
    density = np.asarray(density, dtype=np.float64)
    units, per_unit = site.fibres.x.shape
    if density.shape != (units,):
        raise ValueError(
            f"density needs one value per motor unit, got {density.shape} and {units}."
        )
    if not 0 <= count <= 1_000_000 or from_ms < 0:
        raise ValueError(
            f"from_ms must be 0 or more and count 0 to 1000000 (ms), got {from_ms} and {count}."
        )
    kinds = (
        site.axons,
        Places(site.fibres.x.ravel(), site.fibres.depth.ravel()),
        site.primaries,
        site.nociceptors,
    )
    impulses = [np.zeros((count, kind.x.size)) for kind in kinds]
    if insertion.depth_mm > 0.0 and count:
        edges = np.arange(from_ms, from_ms + count + 1, dtype=np.float64)
        irritable = np.repeat(firing_probability(discharge, receptors, density), per_unit)
        # A push does not fire an axon; it fires endings, and fibres as their receptors say.
        answers = (None, irritable, np.ones(kinds[2].x.size), np.ones(kinds[3].x.size))
        _struck(needle, site, insertion, kinds, answers, edges, impulses)
        _stimulated(needle, insertion, kinds, edges, impulses)
    fibres = impulses[1].reshape(count, units, per_unit).mean(axis=2)
    return Volley(
        impulses[0],
        fibres,
        _MS_PER_S * impulses[2].mean(axis=1),
        _MS_PER_S * impulses[3].mean(axis=1),
    )


def _struck(  # noqa: PLR0913, PLR0917 - the parts of one event
    needle: Needle,
    site: Sites,
    insertion: Insertion,
    kinds: tuple[Places, ...],
    answers: tuple[Array | None, ...],
    edges: Array,
    impulses: list[Array],
) -> None:
    """Impulses by injury and push, stroke by stroke; a later injury of a place begins anew."""
    for stroke in _strokes(needle, insertion, site.seed, site.first_place):
        first = max(int(np.floor(stroke.at_ms - edges[0])), 0)
        if stroke.at_ms >= edges[-1]:
            break
        base = site.first_place
        for kind, answer, found in zip(kinds, answers, impulses, strict=True):
            far = distance(kind, insertion.distance_mm, stroke.tip_mm, insertion.depth_mm)
            place = base + np.arange(kind.x.size)
            base += kind.x.size
            injured = far <= needle.injury_reach
            if injured.any():
                phase = counter_random.uniforms(
                    site.seed, _PHASE_DRAW, place[injured], stroke.number
                )[0]
                since = np.maximum(edges[first:, None] - stroke.at_ms, 0.0)
                run = injury_impulses(needle, since, phase)
                found[first:, injured] = np.diff(run, axis=0)
            if answer is None or not edges[0] <= np.floor(stroke.at_ms) < edges[-1]:
                continue
            pushed = (far <= needle.push_reach) & ~injured
            drawn = counter_random.uniforms(site.seed, _PUSH_DRAW, place, stroke.number)[0]
            found[first] = np.maximum(found[first], pushed & (drawn < answer))


def _stimulated(
    needle: Needle,
    insertion: Insertion,
    kinds: tuple[Places, ...],
    edges: Array,
    impulses: list[Array],
) -> None:
    """Impulses by current: every pulse excites what it reaches once."""
    if insertion.current_ma == 0.0:
        return
    gap = _MS_PER_S / insertion.frequency_hz
    pulses = int(np.ceil(insertion.duration_s * insertion.frequency_hz - 1e-9))
    times = np.floor(insertion.start_ms + gap * np.arange(pulses))
    times = times[(times >= edges[0]) & (times < edges[-1])]
    rows = (times - edges[0]).astype(int)
    nerve = (needle.nerve_rheobase, needle.current_growth, needle.nerve_chronaxie)
    fibre = (needle.fibre_rheobase, needle.current_growth, needle.fibre_chronaxie)
    laws = (nerve, fibre, nerve, nerve)
    ratios = (1.0, 1.0, needle.primary_ratio, needle.nociceptor_ratio)
    for kind, law, ratio, found in zip(kinds, laws, ratios, impulses, strict=True):
        far = distance(kind, insertion.distance_mm, insertion.distance_mm, insertion.depth_mm)
        asked = ratio * threshold_current(*law, far, insertion.pulse_width_ms)
        reached = np.flatnonzero(asked <= insertion.current_ma)
        found[np.ix_(rows, reached)] = 1.0
