"""Checks of the root and the dorsal horn: discharge after a cut, gate, wind-up, graded pain.

Volleys and constant inputs are integrated once for all rows. Every column has a time step of its
own between volleys, so that slow and fast trains take the same number of steps. Regression rows
were computed from the circuit whose slow drive is felt at once, and so they are here, as is all
that is read under constant input, where the rise has passed; other rows read the circuit as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache, partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from myotome.physiology import dorsal_horn, dorsal_horn_moment, motion_segment, pain, root
from myotome.physiology.parameters import Number
from myotome.validation.model import Check, Model

Array = NDArray[np.float64]

FREQUENCIES: Final = (0.1, 0.2, 0.3, 0.5, 1.0)
SENSITISATIONS: Final = (0.0, 0.5, 1.0)
DRIVES: Final = (0.0, 1.6, 5.0, 10.0, 12.5, 15.0, 20.0)
PAIRS: Final = ((40.0, 0.0), (0.0, 20.0), (40.0, 20.0))
GRADED: Final = (3.0, 5.0, 7.0, 10.0, 12.5, 20.0)
# Plain; without the slow drive, as under NMDA block; with touch fibres driven beside.
_PLAIN, _BLOCKED, _TOUCHED = 0, 1, 2
_CONDITIONING: Final = 20.0
_VOLLEYS: Final = 16
_ON_MS: Final = 200
_COUNTED_MS: Final = 500
_WINDS_UP: Final = 1.5
_HALF_BODY_WEIGHT: Final = 320.0  # N


def _moved(
    state: dorsal_horn.Circuit, change: dorsal_horn.Circuit, step: Array | float, *, at_once: bool
) -> dorsal_horn.Circuit:
    """The circuit a step later, all of the slow drive felt where it is felt at once."""
    after = dorsal_horn.Circuit(*(s + step * d for s, d in zip(state, change, strict=True)))
    return after._replace(felt=after.slow) if at_once else after


@lru_cache(maxsize=4)
def _counts(horn: dorsal_horn.DorsalHorn, *, at_once: bool = False) -> Array:
    """Spikes in 0.5 s of each volley, shape (volleys, conditions, frequencies, sensitisations)."""
    on = np.array([1.0, 0.0, 1.0]).reshape(3, 1, 1)
    # Laws broadcast over any parameter that is an array.
    conditions: dict[str, Any] = {
        "slow_input": horn.slow_input * on,
        "slow_wind_up": horn.slow_wind_up * on,
    }
    circuit = replace(horn, **conditions)
    touch = np.array([0.0, 0.0, _CONDITIONING]).reshape(3, 1, 1)
    sensitisation = np.array(SENSITISATIONS)
    period = 1.0 / np.array(FREQUENCIES)[:, None]
    quiet_steps = int(np.ceil((period.max() - 1e-3 * _COUNTED_MS) / 5e-3))
    quiet_step = (period - 1e-3 * _COUNTED_MS) / quiet_steps
    state = dorsal_horn.silent((3, len(FREQUENCIES), len(SENSITISATIONS)))

    def stepped(
        state: dorsal_horn.Circuit, drive: float, step: Array | float
    ) -> dorsal_horn.Circuit:
        change = dorsal_horn.rates_of_change(circuit, state, touch, drive, sensitisation)
        return _moved(state, change, step, at_once=at_once)

    for _ in range(1000):
        state = stepped(state, 0.0, 1e-3)
    counts = []
    for volley in range(_VOLLEYS):
        counted = np.zeros_like(state.projection)
        for millisecond in range(_COUNTED_MS):
            counted = counted + 1e-3 * state.projection
            state = stepped(state, 40.0 if millisecond < _ON_MS else 0.0, 1e-3)
        counts.append(counted)
        if volley < _VOLLEYS - 1:
            for _ in range(quiet_steps):
                state = stepped(state, 0.0, quiet_step)
    return np.stack(counts)


@lru_cache(maxsize=2)
def _post_discharge(horn: dorsal_horn.DorsalHorn) -> tuple[float, float]:
    """P (Hz) at rest, and in the second that follows the last of 16 volleys at 0.5 Hz."""
    state = dorsal_horn.silent(())
    courses = []
    for count in range(1000 + _VOLLEYS * 2000):
        struck = count >= 1000 and (count - 1000) % 2000 < _ON_MS
        change = dorsal_horn.rates_of_change(horn, state, 0.0, 40.0 if struck else 0.0, 0.0)
        state = _moved(state, change, 1e-3, at_once=False)
        courses.append(float(state.projection))
    begin = 1000 + (_VOLLEYS - 1) * 2000 + _ON_MS
    return courses[999], float(np.mean(courses[begin : begin + 1000]))


@lru_cache(maxsize=4)
def _constant(horn: dorsal_horn.DorsalHorn) -> tuple[Array, Array]:
    """P under constant input: the mean of the last 0.5 s of 5 s for `PAIRS`, and at 20 s alone.

    The slow drive is felt at once.
    """
    touch = np.array([a for a, _ in PAIRS] + [0.0] * len(DRIVES))[:, None]
    drive = np.array([c for _, c in PAIRS] + list(DRIVES))[:, None]
    sensitisation = np.array(SENSITISATIONS)
    state = dorsal_horn.silent((len(drive), len(SENSITISATIONS)))
    mean = np.zeros_like(state.projection)
    for count in range(12_500):
        step = 1e-3 if count < 5_000 else 2e-3
        change = dorsal_horn.rates_of_change(horn, state, touch, drive, sensitisation)
        state = _moved(state, change, step, at_once=True)
        if 4_500 <= count < 5_000:
            mean = mean + state.projection / 500
    return mean[: len(PAIRS)], state.projection[len(PAIRS) :]


@lru_cache(maxsize=4)
def _moment_counts(horn: dorsal_horn.DorsalHorn) -> Array:
    """The same by the circuit of the moment, shape (volleys, frequencies + 1, sensitisations).

    Every row is a frequency, the last 0.5 Hz without the slow drive, which is felt at once.
    """
    frequencies = np.array([*FREQUENCIES, 0.5])
    on = np.array([1.0] * len(FREQUENCIES) + [0.0])[:, None]
    conditions: dict[str, Any] = {
        "slow_input": horn.slow_input * on,
        "slow_wind_up": horn.slow_wind_up * on,
    }
    circuit = replace(horn, **conditions)
    quiet_ms = 1e3 / frequencies[:, None] - _COUNTED_MS
    quiet_steps = int(np.ceil(quiet_ms.max() / 5.0))
    state = dorsal_horn_moment.at_rest((len(frequencies), len(SENSITISATIONS)))

    def stepped(state: dorsal_horn.Circuit, drive: float, step: Number) -> dorsal_horn.Circuit:
        after = dorsal_horn_moment.advance(
            circuit,
            state,
            touch=0.0,
            nociception=drive,
            sensitisation=np.array(SENSITISATIONS),
            step_ms=step,
        )
        return after._replace(felt=after.slow)

    for _ in range(1000):
        state = stepped(state, 0.0, 1.0)
    counts = []
    for volley in range(_VOLLEYS):
        counted = np.zeros_like(state.projection)
        for millisecond in range(_COUNTED_MS):
            counted = counted + 1e-3 * state.projection
            state = stepped(state, 40.0 if millisecond < _ON_MS else 0.0, 1.0)
        counts.append(counted)
        for _ in range(quiet_steps if volley < _VOLLEYS - 1 else 0):
            state = stepped(state, 0.0, quiet_ms / quiet_steps)
    return np.stack(counts)


@lru_cache(maxsize=4)
def _moment_constant(horn: dorsal_horn.DorsalHorn) -> Array:
    """P over the last 0.5 s of 5 s at `PAIRS` by the moment's circuit, the slow drive at once."""
    touch, drive = (np.array(values)[:, None] for values in zip(*PAIRS, strict=True))
    state = dorsal_horn_moment.at_rest((len(PAIRS), len(SENSITISATIONS)))
    mean = np.zeros_like(state.projection)
    for millisecond in range(5_000):
        state = dorsal_horn_moment.advance(
            horn, state, touch=touch, nociception=drive, sensitisation=np.array(SENSITISATIONS)
        )
        state = state._replace(felt=state.slow)
        if millisecond >= 4_500:
            mean = mean + state.projection / 500
    return mean


def _moment_first(model: Model, place: int) -> float:
    return float(_moment_counts(model.mechanism.horn)[0, FREQUENCIES.index(0.5), place])


def _moment_ratio(model: Model, frequency: float | None, place: int) -> float:
    """Sixteenth volley over the first; without a frequency, 0.5 Hz with the slow drive blocked."""
    row = len(FREQUENCIES) if frequency is None else FREQUENCIES.index(frequency)
    counts = _moment_counts(model.mechanism.horn)[:, row, place]
    return float(counts[-1] / counts[0])


def _moment_pair(model: Model, which: int, place: int) -> float:
    return float(_moment_constant(model.mechanism.horn)[which, place])


def _moment_gate(model: Model) -> float:
    constant = _moment_constant(model.mechanism.horn)
    return float(constant[2, 0] <= 0.1 * constant[1, 0])


def _count(model: Model, volley: int, condition: int, frequency: float, place: int) -> float:
    return float(
        _counts(model.mechanism.horn)[volley, condition, FREQUENCIES.index(frequency), place]
    )


def _ratio(model: Model, frequency: float, place: int = 0, condition: int = _PLAIN) -> float:
    """Sixteenth volley over the first."""
    last = _count(model, _VOLLEYS - 1, condition, frequency, place)
    return last / _count(model, 0, condition, frequency, place)


def _first_at_once(model: Model, place: int) -> float:
    counts = _counts(model.mechanism.horn, at_once=True)
    return float(counts[0, _PLAIN, FREQUENCIES.index(0.5), place])


def _ratio_at_once(model: Model, frequency: float, place: int) -> float:
    counts = _counts(model.mechanism.horn, at_once=True)
    found = counts[:, _PLAIN, FREQUENCIES.index(frequency), place]
    return float(found[-1] / found[0])


def _pair(model: Model, which: int, place: int) -> float:
    return float(_constant(model.mechanism.horn)[0][which, place])


def _alone(model: Model, which: int, place: int) -> float:
    return float(_constant(model.mechanism.horn)[1][which, place])


def _lowest_winding_frequency(model: Model) -> float:
    """Frequency (Hz) at which the ratio passes 1.5, between the frequencies tried."""
    ratios = [_ratio(model, frequency) for frequency in FREQUENCIES]
    return float(np.exp(np.interp(_WINDS_UP, ratios, np.log(FREQUENCIES))))


@lru_cache(maxsize=4)
def _input(horn: dorsal_horn.DorsalHorn) -> Array:
    """Spikes while the first volley arrives, without those after it, plain and blocked."""
    on = np.array([1.0, 0.0])
    slow: dict[str, Any] = {
        "slow_input": horn.slow_input * on,
        "slow_wind_up": horn.slow_wind_up * on,
    }
    circuit = replace(horn, **slow)
    state = dorsal_horn.silent((2,))
    counted = np.zeros(2)
    for millisecond in range(1000 + _ON_MS):
        if millisecond >= 1000:
            counted = counted + 1e-3 * state.projection
        drive = 40.0 if millisecond >= 1000 else 0.0
        change = dorsal_horn.rates_of_change(circuit, state, 0.0, drive, 0.0)
        state = dorsal_horn.Circuit(*(s + 1e-3 * d for s, d in zip(state, change, strict=True)))
    return counted


def _blocked_single(model: Model) -> float:
    """Change (%) of the answer to a volley's input when the slow drive is blocked."""
    plain, blocked = _input(model.mechanism.horn)
    return 100.0 * float(blocked / plain - 1.0)


def _goes_on(model: Model) -> float:
    """Whether cells that were wound up discharge over twice as much as at rest afterwards."""
    rest, after = _post_discharge(model.mechanism.horn)
    return float(after > 2.0 * rest)


def _touch_lowers(model: Model, volley: int) -> float:
    touched = _count(model, volley, _TOUCHED, 0.5, 0)
    return float(touched < _count(model, volley, _PLAIN, 0.5, 0))


def _gate(model: Model) -> float:
    return 100.0 * float(dorsal_horn.gate(model.mechanism.horn, 40.0, 20.0, 0.0))


def _allodynia(model: Model) -> float:
    return float(dorsal_horn.touch_evoked_rate(model.mechanism.horn, 1.0) > 10.0)


def _disinhibited(model: Model) -> float:
    horn = model.mechanism.horn
    healthy = float(dorsal_horn.touch_evoked_rate(horn, 0.0))
    return float(float(dorsal_horn.touch_evoked_rate(horn, 1.0)) > 10.0 * max(healthy, 0.1))


def _graded(model: Model, drive: float) -> float:
    """The pain at which sensitisation rests; not a number where there is more than one state."""
    m = model.mechanism
    sensitisation = np.linspace(0.0, 1.0, 2001)
    rate = dorsal_horn.projection_rate(m.horn, 0.0, drive, sensitisation)
    away = np.asarray(pain.sensitisation_target(m.pain, rate)) - sensitisation
    crossing = np.flatnonzero((away[:-1] > 0) & (away[1:] <= 0))
    if crossing.size != 1:
        return float("nan")
    place = int(crossing[0])
    return float(pain.pain_rating(m.pain, rate[place], sensitisation[place]))


def _after_cut(model: Model, first: float, last: float) -> float:
    """Mean impulses a minute between two hours after a cut."""
    hours = np.linspace(first, last, 400)
    return 60.0 * float(root.c_fibre_rate_after_cut(model.mechanism.root, hours / 24.0).mean())


def _rate_days_later(model: Model) -> float:
    return float(float(root.c_fibre_rate_after_cut(model.mechanism.root, 30.0)) < 0.2)


def _squeezed_rate(model: Model) -> float:
    return float(float(root.nociceptor_rate(model.mechanism.root, 1.0)) > 0.2)


def _every_class(model: Model) -> float:
    p = model.mechanism.root
    both = (root.nociceptor_discharge(p, 1.0), root.touch_discharge(p, 1.0))
    return float(all(float(rate) > 0.0 for rate in both))


def _axon_rate(model: Model, conductance: float) -> float:
    return float(root.ectopic_rate(model.mechanism.root, conductance))


def _extra_spikes(model: Model, conductance: float) -> float:
    return float(root.afterdischarge_spikes(model.mechanism.root, conductance))


def _drive_of_cut_fibres(model: Model) -> float:
    """C (Hz) of 8 % of nociceptors at 0.8 Hz."""
    return float(dorsal_horn.nociceptive_drive(model.mechanism.horn, 0.08 * 0.8))


def _foramen_loss(model: Model) -> float:
    segment = model.mechanism.segment
    lost = motion_segment.compression(segment, _HALF_BODY_WEIGHT)
    return 100.0 * float(lost) / float(segment.unloaded_height)


CHECKS: Mapping[str, Check] = {
    "axon-extra-spikes-0.7": partial(_extra_spikes, conductance=0.7),
    "axon-extra-spikes-0.8": partial(_extra_spikes, conductance=0.8),
    "axon-rate-0.9": partial(_axon_rate, conductance=0.9),
    "axon-rate-1.0": partial(_axon_rate, conductance=1.0),
    "cut-drive": _drive_of_cut_fibres,
    "cut-rate-early": partial(_after_cut, first=0.5, last=9.0),
    "cut-rate-late": partial(_after_cut, first=22.0, last=30.0),
    "cut-rate-days": _rate_days_later,
    "root-rate-of-trunk": _squeezed_rate,
    "root-every-class": _every_class,
    "foramen-load": _foramen_loss,
    "wind-up-0.1hz": partial(_ratio, frequency=0.1),
    "wind-up-0.5hz": partial(_ratio, frequency=0.5),
    "wind-up-blocked": partial(_ratio, frequency=0.5, condition=_BLOCKED),
    "gate-closes": _gate,
    "allodynia": _allodynia,
    "wind-up-threshold": _lowest_winding_frequency,
    "wind-up-single-response": _blocked_single,
    "wind-up-1hz": lambda model: float(_ratio(model, 1.0) > _WINDS_UP),
    "wind-up-0.2hz": lambda model: float(_ratio(model, 0.2) < _WINDS_UP),
    "touch-lowers-response": partial(_touch_lowers, volley=0),
    "wind-up-post-discharge": _goes_on,
    "touch-lowers-wind-up": partial(_touch_lowers, volley=_VOLLEYS - 1),
    "disinhibition-lets-touch-through": _disinhibited,
    **{
        f"first-volley-s{s:g}": partial(_first_at_once, place=place)
        for place, s in enumerate(SENSITISATIONS)
    },
    **{
        f"ratio-{f:g}hz-s{s:g}": partial(_ratio_at_once, frequency=f, place=place)
        for f in (0.1, 0.3, 0.5, 1.0)
        for place, s in enumerate(SENSITISATIONS)
    },
    **{
        f"constant-a{a:g}-c{c:g}-s{s:g}": partial(_pair, which=which, place=place)
        for which, (a, c) in enumerate(PAIRS)
        for place, s in enumerate(SENSITISATIONS)
    },
    **{
        f"steady-c{c:g}-s{s:g}": partial(_alone, which=which, place=place)
        for which, c in enumerate(DRIVES)
        for place, s in enumerate(SENSITISATIONS)
    },
    "moment-gate": _moment_gate,
    "moment-blocked": partial(_moment_ratio, frequency=None, place=0),
    **{
        f"moment-first-volley-s{s:g}": partial(_moment_first, place=place)
        for place, s in enumerate(SENSITISATIONS)
    },
    **{
        f"moment-ratio-{f:g}hz-s{s:g}": partial(_moment_ratio, frequency=f, place=place)
        for f in (0.1, 0.3, 0.5, 1.0)
        for place, s in enumerate(SENSITISATIONS)
    },
    **{
        f"moment-constant-a{a:g}-c{c:g}-s{s:g}": partial(_moment_pair, which=which, place=place)
        for which, (a, c) in enumerate(PAIRS)
        for place, s in enumerate(SENSITISATIONS)
    },
    **{f"graded-pain-c{c:g}": partial(_graded, drive=c) for c in GRADED},
}
