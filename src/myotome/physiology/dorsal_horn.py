"""Dorsal horn: turns what touch fibres and nociceptors report into the discharge of pain.

Receives touch drive A, nociceptive drive C and central sensitisation; gives the mean rate P of
projection neurons to pain and to the motor pool. Touch closes the gate through inhibitory cells;
sensitisation weakens them, lowers the threshold of projection neurons, and lets touch through
(allodynia). Repeated nociceptive volleys wind the circuit up through one slow state, which
projection neurons feel only after its receptors' rise, so that the answer to a single volley owes
little to it.

Over days the circuit is always at rest, so the slow clock reads a table of its steady state,
averaged over projection neurons whose convergence on C differs (log-normal with mean 1). One
circuit alone is close to a switch; the mean over unequal ones is graded, as pain is.

Rates and drives in Hz, fast time in s. Weights are held at the values that meet the wind-up and
gate tests: many sets of weights do, so what varies between draws is behaviour, through the gains.

Source: crodelle2019 for the form, project_definition for the weights, modeldb267056 for the rise
of the slow drive, medlock2022 for holding behaviour rather than weights.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from myotome.physiology.parameters import Number, parameter

Array = NDArray[np.float64]

_NOCICEPTIVE_NODES: Final = np.expm1(np.linspace(0.0, np.log1p(200.0), 96))
_TOUCH_STEP: Final = 3.2
_TOUCH_NODES: Final = np.linspace(0.0, 80.0, 26)
_SENSITISATION_NODES: Final = np.linspace(0.0, 1.0, 21)
_CELL_STEP: Final = 0.06
_LARGEST_EXPONENT: Final = 60.0


def _held(value: float, unit: str, meaning: str) -> float:
    """A weight of the circuit: a choice of this project that draws leave alone."""
    number: float = parameter(
        value,
        unit=unit,
        tag="D",
        source="project_definition",
        meaning=meaning,
        low=value,
        high=value,
    )
    return number


@dataclass(frozen=True, slots=True)
class DorsalHorn:
    """The circuit of one segment."""

    nociceptive_scale: float = _held(25.0, "1", "C per mean rate of the segment's nociceptors")
    nociceptive_gain: float = parameter(
        1.0,
        unit="1",
        tag="D",
        source="medlock2022",
        meaning="this person's gain on nociceptive drive",
        low=0.7,
        high=1.4,
    )
    touch_gain: float = parameter(
        1.0,
        unit="1",
        tag="D",
        source="medlock2022",
        meaning="this person's gain on touch drive",
        low=0.7,
        high=1.4,
    )
    strain_gain: float = parameter(
        20.0,
        unit="Hz",
        tag="D",
        source="assumed",
        meaning="mean nociceptor rate per tendon strain beyond its pain threshold (k_t)",
        low=4.0,
        high=100.0,
    )
    painless_strain: float = parameter(
        0.03,
        unit="1",
        tag="D",
        source="project_definition",
        meaning="tendon strain below which nociceptors are silent",
        low=0.02,
        high=0.045,
    )
    stress_gain: float = parameter(
        0.3,
        unit="Hz",
        tag="D",
        source="assumed",
        meaning="mean nociceptor rate per joint stress beyond its threshold, over it (k_j)",
    )
    muscle_gain: float = parameter(
        0.1,
        unit="Hz",
        tag="D",
        source="assumed",
        meaning="mean nociceptor rate with every muscle fully ischaemic: a quarter of a segment's"
        " nociceptors, half of them answering at 0.8 Hz",
        low=0.03,
        high=0.3,
    )
    inflammation_gain: float = parameter(
        0.5,
        unit="Hz",
        tag="D",
        source="assumed",
        meaning="mean nociceptor rate at full inflammation, which is 0 unless switched on",
        low=0.1,
        high=2.0,
    )
    convergence_spread: float = _held(
        0.8, "1", "log-normal spread of convergence on C between projection neurons"
    )
    excitatory_from_c: float = _held(0.70, "1", "C onto excitatory cells")
    excitatory_from_a: float = _held(0.60, "1", "A onto excitatory cells")
    inhibition: float = _held(1.05, "1", "inhibitory cells onto excitatory and projection cells")
    excitatory_ceiling: float = _held(60.0, "Hz", "largest rate of excitatory cells")
    excitatory_threshold: float = _held(20.0, "Hz", "their half-way input")
    excitatory_width: float = _held(6.0, "Hz", "softness of that threshold")
    inhibitory_from_a: float = _held(1.15, "1", "A onto inhibitory cells")
    inhibitory_from_c: float = _held(0.05, "1", "C onto inhibitory cells")
    inhibitory_ceiling: float = _held(80.0, "Hz", "largest rate of inhibitory cells")
    inhibitory_threshold: float = _held(25.0, "Hz", "their half-way input")
    inhibitory_width: float = _held(6.0, "Hz", "softness of that threshold")
    projection_from_c: float = _held(0.60, "1", "C onto projection neurons")
    projection_from_a: float = _held(0.60, "1", "A onto projection neurons")
    projection_from_excitatory: float = _held(0.20, "1", "excitatory cells onto projection neurons")
    projection_from_slow: float = _held(1.10, "1", "slow drive onto projection neurons")
    projection_ceiling: float = _held(100.0, "Hz", "largest rate of projection neurons")
    projection_threshold: float = _held(40.0, "Hz", "their half-way input")
    projection_width: float = _held(8.0, "Hz", "softness of that threshold")
    threshold_fall: float = _held(20.0, "Hz", "how far full sensitisation lowers that threshold")
    disinhibition: float = _held(0.8, "1", "share of inhibition lost at full sensitisation")
    slow_input: float = _held(0.18, "1", "C onto the slow drive")
    slow_wind_up: float = _held(2.85, "1", "further C onto it at full projection rate")
    slow_ceiling: float = _held(50.0, "Hz", "largest slow drive")
    slow_time: float = _held(3.6, "s", "time constant of the slow drive")
    slow_rise: float = parameter(
        0.2,
        unit="s",
        tag="V",
        source="modeldb267056",
        meaning="time constant with which projection neurons come to feel the slow drive: the rise"
        " of the published receptor (NK1) whose decay, 3 s, is this drive's",
    )
    circuit_time: float = _held(0.02, "s", "time constant of the three populations")


class Circuit(NamedTuple):
    """The fast state (Hz): rates of excitatory, inhibitory and projection cells, slow drive.

    The drive is what receptors were given; what projection neurons feel of it rises behind.
    """

    excitatory: Array
    inhibitory: Array
    projection: Array
    slow: Array
    felt: Array


def nociceptive_drive(  # noqa: PLR0913 - every source of nociception
    horn: DorsalHorn,
    ectopic_discharge: Number,
    *,
    tendon_strain: Number = 0.0,
    joint_stress: Number = 0.0,
    ischaemia: Number = 0.0,
    inflammation: Number = 0.0,
) -> Array:
    """C of a segment (Hz).

    Args:
        horn: The circuit.
        ectopic_discharge: Rate times active share of the root's nociceptors (Hz).
        tendon_strain: Largest strain of the tendons that the segment feels.
        joint_stress: Stress of the joints it feels over their threshold; 1 is the threshold.
        ischaemia: Of the segment's muscles, mean, 0 to 1.
        inflammation: 0, unless the rival explanation is switched on, to 1.
    """
    strained = np.maximum(tendon_strain - horn.painless_strain, 0.0)
    stressed = np.maximum(joint_stress - 1.0, 0.0)
    mean_rate: Array = (
        ectopic_discharge
        + horn.strain_gain * strained
        + horn.stress_gain * stressed
        + horn.muscle_gain * ischaemia
        + horn.inflammation_gain * inflammation
    )
    return horn.nociceptive_scale * mean_rate


def _rate(x: Number, ceiling: float, threshold: Number, width: float) -> Array:
    """Rate of a population by its input: a logistic curve, its exponent kept in bounds."""
    exponent = np.minimum(
        np.maximum((threshold - x) / width, -_LARGEST_EXPONENT), _LARGEST_EXPONENT
    )
    rate: Array = ceiling / (1.0 + np.exp(exponent))
    return rate


def inputs(
    horn: DorsalHorn, state: Circuit, touch: Number, nociception: Number, sensitisation: Number
) -> Circuit:
    """Input (Hz) to each population less its threshold, to the slow drive (Hz/s) and behind it.

    Args:
        horn: The circuit.
        state: Its rates.
        touch: A (Hz).
        nociception: C (Hz), which a projection neuron's convergence has scaled.
        sensitisation: 0 to 1.
    """
    a = horn.touch_gain * touch
    c = horn.nociceptive_gain * nociception
    inhibited = (1.0 - horn.disinhibition * sensitisation) * horn.inhibition * state.inhibitory
    to_excitatory = horn.excitatory_from_c * c + horn.excitatory_from_a * a - inhibited
    to_inhibitory = horn.inhibitory_from_a * a + horn.inhibitory_from_c * c
    to_projection = (
        horn.projection_from_c * c
        + horn.projection_from_a * a
        + horn.projection_from_excitatory * state.excitatory
        - inhibited
        + horn.projection_from_slow * state.felt
    )
    wound: Array = horn.slow_input + horn.slow_wind_up * state.projection / horn.projection_ceiling
    return Circuit(
        to_excitatory - horn.excitatory_threshold,
        np.asarray(to_inhibitory - horn.inhibitory_threshold),
        to_projection - (horn.projection_threshold - horn.threshold_fall * sensitisation),
        wound * c,
        state.slow,
    )


def rates_of_change(
    horn: DorsalHorn, state: Circuit, touch: Number, nociception: Number, sensitisation: Number
) -> Circuit:
    """Rates of change per second of one circuit with convergence 1.

    Args:
        horn: The circuit.
        state: Its rates.
        touch: A (Hz).
        nociception: C (Hz).
        sensitisation: 0 to 1.
    """
    given = inputs(horn, state, touch, nociception, sensitisation)
    excitatory = _rate(given.excitatory, horn.excitatory_ceiling, 0.0, horn.excitatory_width)
    inhibitory = _rate(given.inhibitory, horn.inhibitory_ceiling, 0.0, horn.inhibitory_width)
    projection = _rate(given.projection, horn.projection_ceiling, 0.0, horn.projection_width)
    return Circuit(
        (excitatory - state.excitatory) / horn.circuit_time,
        (inhibitory - state.inhibitory) / horn.circuit_time,
        (projection - state.projection) / horn.circuit_time,
        given.slow * (1.0 - state.slow / horn.slow_ceiling) - state.slow / horn.slow_time,
        (given.felt - state.felt) / horn.slow_rise,
    )


def silent(shape: tuple[int, ...] = ()) -> Circuit:
    """A circuit with every rate at 0."""
    return Circuit(*(np.zeros(shape) for _ in Circuit._fields))


def _input_at_rest(horn: DorsalHorn, touch: Array, nociception: Array, lost: Array) -> Array:
    """Input of a projection neuron less its threshold, without the slow drive."""
    inhibitory = _rate(
        horn.inhibitory_from_a * touch + horn.inhibitory_from_c * nociception,
        horn.inhibitory_ceiling,
        horn.inhibitory_threshold,
        horn.inhibitory_width,
    )
    inhibited = (1.0 - horn.disinhibition * lost) * horn.inhibition * inhibitory
    excitatory = _rate(
        horn.excitatory_from_c * nociception + horn.excitatory_from_a * touch - inhibited,
        horn.excitatory_ceiling,
        horn.excitatory_threshold,
        horn.excitatory_width,
    )
    return (
        horn.projection_from_c * nociception
        + horn.projection_from_a * touch
        + horn.projection_from_excitatory * excitatory
        - inhibited
        - (horn.projection_threshold - horn.threshold_fall * lost)
    )


def steady_rates_of_one(
    horn: DorsalHorn,
    touch: Number,
    nociception: Array,
    sensitisation: Number,
    *,
    from_above: bool = False,
) -> Array:
    """Steady rate (Hz) of a projection neuron with convergence 1, at each nociceptive drive.

    The rate is where input asked for and input given agree. For a rate the input asked for is
    known in closed form, and the branch reached from silence follows its running maximum.

    Args:
        horn: The circuit.
        touch: A (Hz), shape of the second axes.
        nociception: C (Hz), shape (drives,).
        sensitisation: Likewise to `touch`.
        from_above: The branch that is left on the way down, where there are two.

    Returns:
        Rates, shape (drives, *second axes).
    """
    ends = np.logspace(-4.0, -0.6, 40)
    share = np.concatenate([ends, np.linspace(0.3, 99.7, 260), 100.0 - ends[::-1]]) / 100.0
    fed = horn.slow_time * nociception[:, None] * (horn.slow_input + horn.slow_wind_up * share)
    slow = fed / (1.0 + fed / horn.slow_ceiling)
    asked = horn.projection_width * np.log(share / (1.0 - share)) - horn.projection_from_slow * slow
    if from_above:
        asked = np.minimum.accumulate(asked[:, ::-1], axis=1)[:, ::-1]
    else:
        asked = np.maximum.accumulate(asked, axis=1)
    a, lost = np.broadcast_arrays(
        np.asarray(touch, dtype=np.float64), np.asarray(sensitisation, dtype=np.float64)
    )
    given = _input_at_rest(horn, a.ravel()[None, :], nociception[:, None], lost.ravel()[None, :])
    rates = np.stack(
        [np.interp(row, needed, share) for row, needed in zip(given, asked, strict=True)]
    )
    return horn.projection_ceiling * rates.reshape(nociception.shape + a.shape)


@lru_cache(maxsize=8)
def _table(weights: tuple[float, ...]) -> Array:
    """Mean steady rate on the nodes of C, A and sensitisation."""
    horn = DorsalHorn(*weights)
    logs = np.arange(np.log(2e-2), np.log(2e3), _CELL_STEP)
    cells = steady_rates_of_one(
        horn,
        _TOUCH_NODES[:, None],
        np.concatenate([[0.0], np.exp(logs)]),
        _SENSITISATION_NODES[None, :],
    )
    spread = horn.convergence_spread
    # Convergence has mean 1, so its logarithm has mean -spread^2/2.
    centre = np.log(_NOCICEPTIVE_NODES[1:, None]) - 0.5 * spread * spread
    weight = np.exp(-0.5 * ((logs[None, :] - centre) / spread) ** 2)
    weight /= weight.sum(axis=1, keepdims=True)
    table = np.empty((_NOCICEPTIVE_NODES.size, _TOUCH_NODES.size, _SENSITISATION_NODES.size))
    table[0] = cells[0]
    table[1:] = (weight @ cells[1:].reshape(logs.size, -1)).reshape(-1, *table.shape[1:])
    return table


def _weights(horn: DorsalHorn) -> tuple[float, ...]:
    """What the table depends on: the held weights; the gains stay outside it."""
    outside = {
        "nociceptive_scale",
        "nociceptive_gain",
        "touch_gain",
        "strain_gain",
        "painless_strain",
        "stress_gain",
        "muscle_gain",
        "inflammation_gain",
    }
    return tuple(1.0 if f.name in outside else float(getattr(horn, f.name)) for f in fields(horn))


def projection_rate(
    horn: DorsalHorn, touch: Number, nociception: Number, sensitisation: Number
) -> Array:
    """Mean steady rate P (Hz) of the projection neurons of a segment.

    Args:
        horn: The circuit.
        touch: A (Hz), 0 to 80; held there beyond.
        nociception: C (Hz), 0 to 200; held there beyond.
        sensitisation: 0 to 1.

    Source: project_definition; linear between the nodes of a table, within 1 Hz of the sum
    over neurons.
    """
    table = _table(_weights(horn))
    flat = table.reshape(-1)
    size_a, size_s = table.shape[1:]
    x = np.log1p(np.minimum(np.maximum(horn.nociceptive_gain * nociception, 0.0), 199.999))
    x = x * ((table.shape[0] - 1) / np.log(201.0))
    y = np.minimum(np.maximum(horn.touch_gain * touch, 0.0), 79.999) / _TOUCH_STEP
    z = np.minimum(np.maximum(sensitisation, 0.0), 0.9999999) * (size_s - 1.0)
    i, j, k = (np.asarray(axis).astype(np.intp) for axis in (x, y, z))
    x, y, z = x - i, y - j, z - k
    corner = (i * size_a + j) * size_s + k
    low = _along_last(flat, corner, z)
    side = _along_last(flat, corner + size_s, z)
    near = low + y * (side - low)
    corner = corner + size_a * size_s
    low = _along_last(flat, corner, z)
    side = _along_last(flat, corner + size_s, z)
    mean: Array = near + x * (low + y * (side - low) - near)
    return mean


def _along_last(flat: Array, corner: NDArray[np.intp], part: Array) -> Array:
    """Linear between a node and the next along the last axis."""
    here = flat[corner]
    return here + part * (flat[corner + 1] - here)


def touch_evoked_rate(horn: DorsalHorn, sensitisation: Number, stroke: Number = 40.0) -> Array:
    """P (Hz) that a light stroke alone evokes: near 0 in health, above 10 in allodynia."""
    return projection_rate(horn, stroke, 0.0, sensitisation)


def gate(horn: DorsalHorn, touch: Number, nociception: Number, sensitisation: Number) -> Array:
    """Share by which touch lowers the rate that nociception alone would evoke."""
    alone = projection_rate(horn, 0.0, nociception, sensitisation)
    return 1.0 - projection_rate(horn, touch, nociception, sensitisation) / alone
