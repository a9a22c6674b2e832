"""Checks of strength: disuse in a cast and in bed, and what training brings back."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Final

from myotome.physiology import strength
from myotome.physiology.strength import StrengthState
from myotome.validation.model import Check, Model

_HABIT: Final = StrengthState(1.0, 1.0)


def _unused(model: Model, days: float) -> StrengthState:
    """After days in a cast."""
    return strength.state_after(model.mechanism.strength, _HABIT, 0.0, days, cast=True)


def _section(model: Model, days: float) -> float:
    return 100.0 * (float(_unused(model, days).section) - 1.0)


def _drive(model: Model, days: float) -> float:
    return 100.0 * (float(_unused(model, days).drive) - 1.0)


def _strength(model: Model, days: float) -> float:
    return 100.0 * (float(strength.strength(_unused(model, days))) - 1.0)


def _ratio(model: Model, days: float) -> float:
    """Strength lost over size lost in bed, where legs bear nothing and still move."""
    rested = strength.state_after(model.mechanism.strength, _HABIT, 0.0, days)
    return (1.0 - float(strength.strength(rested))) / (1.0 - float(rested.section))


def _still_missing(model: Model) -> float:
    """Whether over 1 % of strength is missing after 6 weeks of ordinary use (1 yes)."""
    after = strength.state_after(model.mechanism.strength, _unused(model, 14.0), 1.0, 42.0)
    return float(float(strength.strength(after)) < 0.99)


CHECKS: Mapping[str, Check] = {
    **{f"disuse-section-{d}d": partial(_section, days=d) for d in (5, 14)},
    **{f"disuse-strength-{d}d": partial(_strength, days=d) for d in (5, 14)},
    **{f"disuse-drive-{d}d": partial(_drive, days=d) for d in (5, 14)},
    "copenhagen-2-weeks": partial(_strength, days=14.0),
    "copenhagen-retrained": _still_missing,
    **{f"bed-rest-ratio-{d}d": partial(_ratio, days=d) for d in (5, 14, 35)},
}
