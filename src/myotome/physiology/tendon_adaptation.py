"""Tendon adaptation: stiffness that grows where habitual loading strains a tendon too far.

Below a strain of about 4.5 % nothing happens: 14 weeks at 2.9 % left the Achilles tendon as it
was (arampatzis2007, arampatzis2010), and walking stays below (4.0 %, kharazi2021). Beyond it a
tendon grows stiffer until the same load strains it no further than that. Receives the peak strain
to which a daily load would bring the tendon as it was at first; gives stiffness relative to that.
Loss of stiffness without load is not here: its two published days, 10 % at 14 d and 29 % at 23 d
(deboer2007), follow no simple course. No slow state reads the law, since a muscle that is tense
at rest strains its tendon far less.

Source: bohm2014 for the threshold, reeves2003 for the time: training with four fifths of what can
be lifted five times brought strain at the greatest force from 9.9 to 5.9 % within 14 weeks, and so
at the training load to about the threshold.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from myotome.physiology.parameters import Number, parameter


@dataclass(frozen=True, slots=True)
class TendonAdaptation:
    """How a tendon answers to strain."""

    threshold_strain: Number = parameter(
        0.045, unit="1", tag="V", source="bohm2014", low=0.03, high=0.05,
        meaning="peak strain of daily loading beyond which a tendon grows stiffer",
    )  # fmt: skip
    time_constant: Number = parameter(
        33.0, unit="d", tag="D", source="reeves2003", low=20.0, high=60.0,
        meaning="approach of stiffness to what the load asks for, settled within 14 weeks",
    )  # fmt: skip


def settled_stiffness(p: TendonAdaptation, strain: Number) -> Number:
    """Relative stiffness at which the load strains the tendon to the threshold; 1 below it.

    Args:
        p: Parameters.
        strain: Peak strain under the daily load at stiffness 1.
    """
    settled: Number = np.maximum(strain / p.threshold_strain, 1.0)
    return settled


def stiffness_rate(p: TendonAdaptation, stiffness: Number, strain: Number) -> Number:
    """Time derivative (per d) of relative stiffness under a daily load; never a loss."""
    rate: Number = np.maximum(settled_stiffness(p, strain) - stiffness, 0.0) / p.time_constant
    return rate


def stiffness_after(p: TendonAdaptation, stiffness: Number, strain: Number, days: Number) -> Number:
    """Relative stiffness after `days` of the same daily load, exact for any length of time."""
    asked = np.maximum(settled_stiffness(p, strain), stiffness)
    after: Number = asked + (stiffness - asked) * np.exp(-days / p.time_constant)
    return after
