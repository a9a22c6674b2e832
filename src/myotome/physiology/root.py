"""Nerve root: squeezed in its foramen, it discharges by itself and conducts less.

Receives the height of the foramen and what else irritates it (disc, traction: the cause); gives
ectopic discharge to the dorsal horn and a loss of conduction to the muscles. Compression raises
a persistent sodium conductance; beyond a threshold a passing input leaves a train that sustains
itself. The same root is silent a little below it.

Rates in Hz, lengths in mm, conductances in mS/cm2, slow time in days.

Source: modeldb143072 for the mechanism, michaelis1995 for C fibres after a cut. The closed form
is a square-root law through the regression rates at 0.9 and 1.0 mS/cm2.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from myotome.physiology.parameters import Number, parameter

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Root:
    """One spinal root in its foramen."""

    touching_height: float = parameter(
        16.5,
        unit="mm",
        tag="D",
        source="assumed",
        meaning="foraminal height at which the root begins to be squeezed (f0)",
        low=12.0,
        high=18.0,
    )
    squeeze_span: float = parameter(
        4.0,
        unit="mm",
        tag="D",
        source="assumed",
        meaning="further loss of height to full compression (Delta)",
        low=1.5,
        high=8.0,
    )
    resting_conductance: float = parameter(
        0.4,
        unit="mS/cm2",
        tag="D",
        source="project_definition",
        meaning="persistent sodium conductance of a free root",
        low=0.2,
        high=0.6,
    )
    conductance_gain: float = parameter(
        0.6,
        unit="mS/cm2",
        tag="D",
        source="project_definition",
        meaning="what full compression adds to it",
        low=0.3,
        high=1.0,
    )
    threshold_conductance: float = parameter(
        0.8287,
        unit="mS/cm2",
        tag="C",
        source="modeldb143072",
        meaning="conductance above which a passing input leaves a sustained train",
    )
    rate_scale: float = parameter(
        149.8,
        unit="Hz cm/mS^0.5",
        tag="C",
        source="modeldb143072",
        meaning="growth of the sustained rate with the root of the conductance above threshold",
    )
    threshold_width: float = parameter(
        0.004,
        unit="mS/cm2",
        tag="D",
        source="assumed",
        meaning="softness of that threshold over the fibres of a root",
        low=0.002,
        high=0.05,
    )
    ectopic_nociceptor_rate: float = parameter(
        4.0,
        unit="Hz",
        tag="D",
        source="assumed",
        meaning="mean rate of a nociceptor that discharges by itself in a fully squeezed root",
        low=0.18,
        high=20.0,
    )
    ectopic_nociceptor_share: float = parameter(
        0.08,
        unit="1",
        tag="D",
        source="michaelis1995",
        meaning="share of the root's nociceptors that then discharge",
        low=0.04,
        high=0.3,
    )
    cut_share: float = parameter(
        0.06,
        unit="1",
        tag="V",
        source="michaelis1995",
        meaning="share of C fibres of a skin nerve active in the first 30 h after a cut (4 to 8 %)",
        low=0.04,
        high=0.08,
    )
    cut_touch_share_of_muscle: float = parameter(
        0.05,
        unit="1",
        tag="V",
        source="kirillova2011",
        meaning="share of A fibres of a muscle nerve, motor ones among them, active 4 to 13 h after"
        " it was crushed; for comparison with a skin nerve, no course and no moment reads it",
    )
    cut_rate_excess: float = parameter(
        1.346,
        unit="Hz",
        tag="C",
        source="michaelis1995",
        meaning="rate just after the cut above what remains",
    )
    cut_rate_remaining: float = parameter(
        10.0 / 60.0,
        unit="Hz",
        tag="D",
        source="michaelis1995",
        meaning="rate of active C fibres that remains after days",
        low=0.03,
        high=0.18,
    )
    cut_rate_time: float = parameter(
        0.2427,
        unit="day",
        tag="C",
        source="michaelis1995",
        meaning="time constant with which that excess is lost",
    )
    ectopic_touch_share: float = parameter(
        6.0 / 796.0,
        unit="1",
        tag="V",
        source="michaelis1995",
        meaning="share of A fibres that discharge by themselves, as in a cut skin nerve",
    )
    largest_block: float = parameter(
        0.4,
        unit="1",
        tag="D",
        source="assumed",
        meaning="share of motor axons that a fully squeezed root no longer conducts in (b_max)",
        low=0.05,
        high=0.9,
    )
    blend: float = parameter(
        0.03,
        unit="1",
        tag="D",
        source="assumed",
        meaning="rounding of the compression law at its two ends, for continuation",
        low=0.01,
        high=0.1,
    )


def _softplus(x: Number) -> Array:
    """log(1 + exp(x)) without overflow."""
    soft: Array = np.maximum(x, 0.0) + np.log1p(np.exp(-np.abs(x)))
    return soft


def _squeeze(root: Root, foramen: Number, cause: Number) -> Number:
    """Loss of height beyond touching, over the span; below 0 the root is free."""
    return (root.touching_height - foramen + cause) / root.squeeze_span


def compression(root: Root, foramen: Number, cause: Number = 0.0) -> Array:
    """Compression u, 0 (free) to 1.

    Args:
        root: The root.
        foramen: Height of the foramen (mm).
        cause: What else takes room: disc material, swelling, traction (mm).
    """
    clipped: Array = np.minimum(np.maximum(_squeeze(root, foramen, cause), 0.0), 1.0)
    return clipped


def smooth_compression(root: Root, foramen: Number, cause: Number = 0.0) -> Array:
    """The same with rounded ends, for following steady states; within 0.7 `blend` of it."""
    squeeze = _squeeze(root, foramen, cause) / root.blend
    soft: Array = root.blend * (_softplus(squeeze) - _softplus(squeeze - 1.0 / root.blend))
    return soft


def persistent_sodium_conductance(root: Root, compressed: Number) -> Number:
    """Persistent sodium conductance (mS/cm2) at compression u."""
    return root.resting_conductance + root.conductance_gain * compressed


def threshold_compression(root: Root) -> Number:
    """Compression u beyond which ectopic trains sustain themselves."""
    return (root.threshold_conductance - root.resting_conductance) / root.conductance_gain


def ectopic_rate(root: Root, conductance: Number) -> Array:
    """Rate (Hz) of the train that a passing input leaves behind; 0 below threshold."""
    over = np.maximum(conductance - root.threshold_conductance, 0.0)
    rate: Array = root.rate_scale * np.sqrt(over)
    return rate


def smooth_ectopic_rate(root: Root, conductance: Number) -> Array:
    """The same over the fibres of a root, whose thresholds differ a little."""
    over = _softplus((conductance - root.threshold_conductance) / root.threshold_width)
    rate: Array = root.rate_scale * np.sqrt(root.threshold_width * over)
    # A plain square root of a soft ramp keeps a tail that decays half as fast; squaring off the
    # part below threshold removes it while leaving the rates above untouched.
    fired: Array = -np.expm1(-over)
    return rate * fired


def afterdischarge_spikes(root: Root, conductance: Number) -> Array:
    """Spikes that follow a passing input below the threshold of a sustained train.

    0 at 0.7 mS/cm2 and below, 2 at 0.8; above threshold the train does not end and this is the
    value at threshold.
    """
    near = np.minimum(np.maximum(conductance, 0.7), root.threshold_conductance)
    spikes: Array = 2.0 * ((near - 0.7) / 0.1) ** 2
    return spikes


def nociceptor_rate(root: Root, compressed: Number) -> Array:
    """Mean rate (Hz) of those nociceptors that discharge by themselves, at compression u.

    The axon's law, scaled so that full compression gives the declared rate: nociceptors fire far
    more slowly than the model axon.
    """
    conductance = persistent_sodium_conductance(root, compressed)
    full = ectopic_rate(root, root.resting_conductance + root.conductance_gain)
    return (
        root.ectopic_nociceptor_rate
        * smooth_ectopic_rate(root, conductance)
        / np.maximum(full, 1.0)
    )


def nociceptor_discharge(root: Root, compressed: Number) -> Array:
    """Ectopic rate times active share (Hz): the mean over all nociceptors of the root."""
    return root.ectopic_nociceptor_share * nociceptor_rate(root, compressed)


def touch_discharge(root: Root, compressed: Number) -> Array:
    """Mean ectopic rate (Hz) over all A fibres of the root."""
    conductance = persistent_sodium_conductance(root, compressed)
    return root.ectopic_touch_share * smooth_ectopic_rate(root, conductance)


def c_fibre_rate_after_cut(root: Root, days: Number) -> Array:
    """Mean rate (Hz) of spontaneously active C fibres some days after a nerve was cut."""
    excess: Array = root.cut_rate_excess * np.exp(-days / root.cut_rate_time)
    return root.cut_rate_remaining + excess


def conduction_loss(root: Root, compressed: Number) -> Number:
    """Share of motor axons that no longer conduct, b."""
    return root.largest_block * compressed * compressed


def cause_change(cause: Number, healing_rate: Number) -> Number:
    """Change of the cause (mm/day); persons differ in the rate, see `natural_course`."""
    return -healing_rate * cause
