"""Disc: height of an intervertebral disc, lost slowly under sustained load, more under static.

Receives sustained stress and whether it is static; gives height relative to habit, which the
foramen reads. This person's normal day holds height 1: repair is set against the load of that
day, so that no one shrinks by sitting as usual. Hours of swelling and squeezing are not here,
and in twelve weeks this part hardly moves.

Source: direction from lotz1998 and porcine_disc; every size is this project's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from myotome.physiology.parameters import Number, parameter


@dataclass(frozen=True, slots=True)
class Disc:
    """Loss and repair of disc height."""

    threshold: Number = parameter(
        0.3, unit="MPa", tag="D", source="porcine_disc", low=0.1, high=0.5,
        meaning="sustained stress without loss",
    )  # fmt: skip
    loss_rate: Number = parameter(
        2.4e-4, unit="1/(MPa d)", tag="D", source="assumed",
        meaning="relative height lost a day per MPa above the threshold, moving",
    )  # fmt: skip
    static_penalty: Number = parameter(
        1.0, unit="1", tag="D", source="porcine_disc",
        meaning="further share lost when the load is static",
    )  # fmt: skip
    repair_rate: Number = parameter(
        1e-3, unit="1/d", tag="D", source="assumed",
        meaning="turnover of the disc's matrix",
    )  # fmt: skip


def overload(p: Disc, stress: Number, static: Number) -> Number:
    """Harmful stress (MPa) of one activity; mean over the day by each activity's share.

    Args:
        p: Parameters.
        stress: Sustained stress in the disc (MPa).
        static: 0 for a load that moves to 1 for one that does not.
    """
    excess: Number = np.maximum(stress - p.threshold, 0.0)
    return excess * (1.0 + p.static_penalty * static)


def height_rate(p: Disc, height: Number, load: Number, habitual_load: Number) -> Number:
    """Time derivative (per d) of relative height under a day's mean overload (MPa)."""
    rate: Number = np.where(
        (height <= 0.0) & (load > habitual_load),
        0.0,
        p.repair_rate * (1.0 - height) - p.loss_rate * (load - habitual_load),
    )
    return rate


def steady_height(p: Disc, load: Number, habitual_load: Number) -> Number:
    """Relative height that a constant overload (MPa) leads to."""
    height: Number = np.maximum(1.0 - p.loss_rate * (load - habitual_load) / p.repair_rate, 0.0)
    return height


def height_after(
    p: Disc, height: Number, load: Number, habitual_load: Number, days: Number
) -> Number:
    """Relative height after `days` of a constant overload (MPa), exact for any length of time."""
    settled = 1.0 - p.loss_rate * (load - habitual_load) / p.repair_rate
    after: Number = np.maximum(settled + (height - settled) * np.exp(-p.repair_rate * days), 0.0)
    return after
