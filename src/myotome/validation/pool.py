"""Checks of the published pool and of the published bistable cell, against their own equations.

The cell's ramp of 10 s takes a million steps: under a second on the compiled kernel, minutes
without it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache, partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from myotome.physiology import booth_rinzel_kiehn as brk
from myotome.physiology import fuglevand1993
from myotome.validation.model import Check, Model

Array = NDArray[np.float64]

# Nominal and cut K(Ca), each with and without the L-type channel of the dendrite.
CELLS: Final = ("nominal", "nominal-no-cal", "low-kca", "low-kca-no-cal")
UNITS: Final = (1, 30, 60, 90, 120)
EXCITATIONS: Final = tuple(range(10, 101, 10))
CLOSENESS: Final = (0.2, 0.4, 0.5, 0.6, 0.8, 1.0, 1.5)
_STEP_MS: Final = 0.01
_RAMP_STEPS: Final = 1_000_000
_CHUNK: Final = 20_000
_PEAK: Final = 25.0


@lru_cache(maxsize=1)
def _ramp() -> Array:
    """Current (uA/cm2) of the first and last spike on a ramp of 0-25-0 over 10 s, (2, cells)."""
    # One field may hold a value for each cell.
    drugs: dict[str, Any] = {
        "soma_calcium_potassium": np.array([5.0, 5.0, 3.136, 3.136]),
        "dendrite_calcium_potassium": np.array([1.1, 1.1, 0.69, 0.69]),
        "plateau_calcium": np.array([0.33, 0.0, 0.33, 0.0]),
    }
    cell = brk.BoothRinzelKiehn1997(**drugs)
    state = brk.at_rest((len(CELLS),))
    first, last = np.full(len(CELLS), np.nan), np.full(len(CELLS), np.nan)
    half = _RAMP_STEPS // 2
    for start in range(0, _RAMP_STEPS, _CHUNK):
        k = np.arange(start, start + _CHUNK)
        current = _PEAK * np.minimum(k, _RAMP_STEPS - k) / half
        state, spikes = brk.run(
            cell, state, np.repeat(current[:, None], len(CELLS), axis=1), step_ms=_STEP_MS
        )
        for which in np.flatnonzero(spikes.any(axis=0)):
            at = current[np.flatnonzero(spikes[:, which])]
            first[which] = at[0] if np.isnan(first[which]) else first[which]
            last[which] = at[-1]
    return np.stack([first, last])


def _current(_: Model, cell: str, end: int) -> float:
    return float(_ramp()[end, CELLS.index(cell)])


def _hysteresis(_: Model, cell: str) -> float:
    first, last = _ramp()[:, CELLS.index(cell)]
    return float(first - last)


def _holds_on(model: Model) -> float:
    return float(_hysteresis(model, "low-kca") > 0.8)


def _lets_go(model: Model) -> float:
    return float(all(abs(_hysteresis(model, cell)) < 0.8 for cell in CELLS if cell != "low-kca"))


@lru_cache(maxsize=1)
def _units() -> tuple[fuglevand1993.Fuglevand1993, fuglevand1993.Units]:
    pool = fuglevand1993.Fuglevand1993()
    return pool, fuglevand1993.motor_units(pool)


def _unit(_: Model, field: str, unit: int) -> float:
    return float(getattr(_units()[1], field)[unit - 1])


def _excitation(part: int) -> float:
    return fuglevand1993.largest_excitation(*_units()) * part / 100.0


def _force(_: Model, part: int) -> float:
    whole = fuglevand1993.mean_force(*_units(), _excitation(100))
    return 100.0 * fuglevand1993.mean_force(*_units(), _excitation(part)) / whole


def _recruited(_: Model, part: int) -> float:
    rates = fuglevand1993.discharge_rates(*_units(), _excitation(part))
    return float((rates > 0.0).sum())


def _saturation(_: Model, closeness: float) -> float:
    return float(fuglevand1993.saturation(_units()[0], np.array(closeness)))


CHECKS: Mapping[str, Check] = {
    **{f"brk-on-{cell}": partial(_current, cell=cell, end=0) for cell in CELLS},
    **{f"brk-off-{cell}": partial(_current, cell=cell, end=1) for cell in CELLS},
    "brk-holds-on": _holds_on,
    "brk-lets-go": _lets_go,
    **{
        f"fuglevand-{name}-{unit}": partial(_unit, field=field, unit=unit)
        for name, field in (
            ("threshold", "thresholds"),
            ("twitch", "twitch_forces"),
            ("time", "contraction_times"),
            ("peak-rate", "peak_rates"),
        )
        for unit in UNITS
    },
    "fuglevand-excitation": lambda _: _excitation(100),
    **{f"fuglevand-force-{part}": partial(_force, part=part) for part in EXCITATIONS},
    **{f"fuglevand-recruited-{part}": partial(_recruited, part=part) for part in EXCITATIONS[:7]},
    **{f"fuglevand-saturation-{x:g}": partial(_saturation, closeness=x) for x in CLOSENESS},
}
