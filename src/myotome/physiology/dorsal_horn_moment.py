"""Dorsal horn in the moment: one segment's circuit advanced by a millisecond at a time.

Receives touch drive A and nociceptive drive C of this millisecond and the segment's sensitisation,
which does not move here; gives the rate of projection neurons to pain and to the motor pool. The
three populations relax exponentially towards what their input asks for, the slow drive towards its
own steady value and what is felt of it towards the drive, so no step is too long to be stable.
`dorsal_horn_moment.hpp` holds the same lines in C++; both agree to the bit.

A segment's projection neurons differ in convergence on C. `convergence` gives as many equally
likely kinds as asked for; put them on the last axis and read their mean.

Rates and drives in Hz.

Source: as `dorsal_horn`, whose circuit this is.
"""

from __future__ import annotations

from functools import lru_cache
from statistics import NormalDist
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from myotome.physiology.dorsal_horn import Circuit, DorsalHorn, inputs
from myotome.physiology.exponential import exp, logistic
from myotome.physiology.parameters import Number

Array = NDArray[Any]

_MS_PER_S: Final = 1000.0
_LARGEST_DRIVE: Final = 5000.0


def convergence(horn: DorsalHorn, kinds: int) -> Array:
    """Convergence on C of equally likely kinds of projection neuron; mean 1, shape (kinds,).

    Each kind stands for its share of a log-normal distribution, by that share's mean.
    """
    if not 1 <= kinds <= 1000:
        raise ValueError(f"kinds must be 1 to 1000 projection neurons, got {kinds}.")
    normal = NormalDist()
    spread = float(horn.convergence_spread)
    ends = [normal.inv_cdf(kind / kinds) - spread for kind in range(1, kinds)]
    below = np.array([0.0, *(normal.cdf(end) for end in ends), 1.0])
    return kinds * np.diff(below)


def at_rest(shape: tuple[int, ...], dtype: type[np.floating[Any]] = np.float64) -> Circuit:
    """Circuits without any discharge."""
    return Circuit(*(np.zeros(shape, dtype=dtype) for _ in Circuit._fields))


@lru_cache(maxsize=16)
def _share_left(times: float, dtype: np.dtype[Any]) -> Any:  # noqa: ANN401
    """What so many time constants leave; asked for at every step."""
    return dtype.type(exp(np.asarray(-times, dtype=dtype)))


def _kept(times: Number, dtype: np.dtype[Any]) -> Any:  # noqa: ANN401
    """The same, of each circuit's own times too."""
    if isinstance(times, np.ndarray):
        return exp(np.asarray(-times, dtype=dtype))
    return _share_left(float(times), dtype)


def advance(  # noqa: PLR0913 - a circuit and what reaches it, all by name
    horn: DorsalHorn,
    state: Circuit,
    *,
    touch: Number,
    nociception: Number,
    sensitisation: Number,
    step_ms: Number = 1.0,
) -> Circuit:
    """Circuits a step later.

    Args:
        horn: The circuit.
        state: Its rates, shape (..., kinds) or any.
        touch: A (Hz).
        nociception: C (Hz), each kind's convergence times the segment's drive.
        sensitisation: 0 to 1, held.
        step_ms: Any length is stable, each circuit's own where it is an array; 1 ms is within
            2 % of the wind-up it is compared with.
    """
    dtype = state.projection.dtype
    # In the state's own precision, which a lone double would raise.
    a, c, lost = (np.asarray(x, dtype=dtype) for x in (touch, nociception, sensitisation))
    given = inputs(horn, state, a, c, lost)
    # One call for all three: short arrays cost by the call.
    shares = logistic(
        np.stack(
            np.broadcast_arrays(
                given.excitatory / horn.excitatory_width,
                given.inhibitory / horn.inhibitory_width,
                given.projection / horn.projection_width,
            )
        )
    )
    excitatory = shares[0] * horn.excitatory_ceiling
    inhibitory = shares[1] * horn.inhibitory_ceiling
    projection = shares[2] * horn.projection_ceiling
    seconds = step_ms / _MS_PER_S
    kept = _kept(seconds / horn.circuit_time, dtype)
    loss = given.slow / horn.slow_ceiling + 1.0 / horn.slow_time
    slow = given.slow / loss
    slow = slow + (state.slow - slow) * exp(-seconds * loss)
    return Circuit(
        excitatory + (state.excitatory - excitatory) * kept,
        inhibitory + (state.inhibitory - inhibitory) * kept,
        projection + (state.projection - projection) * kept,
        slow,
        slow + (state.felt - slow) * _kept(seconds / horn.slow_rise, dtype),
    )


def packed(horn: DorsalHorn, step_ms: float, dtype: Any) -> Array:  # noqa: ANN401 - a precision
    """The circuit's numbers in the order of `DorsalHornWeights` in C++."""
    seconds = step_ms / _MS_PER_S
    kept, unfelt = (
        _share_left(seconds / time, np.dtype(dtype)) for time in (horn.circuit_time, horn.slow_rise)
    )
    return np.array(
        (
            horn.touch_gain, horn.nociceptive_gain, horn.disinhibition, horn.inhibition,
            horn.excitatory_from_c, horn.excitatory_from_a,
            horn.inhibitory_from_a, horn.inhibitory_from_c,
            horn.projection_from_c, horn.projection_from_a,
            horn.projection_from_excitatory, horn.projection_from_slow,
            horn.excitatory_threshold, horn.inhibitory_threshold,
            horn.projection_threshold, horn.threshold_fall,
            horn.excitatory_ceiling, horn.inhibitory_ceiling, horn.projection_ceiling,
            horn.excitatory_width, horn.inhibitory_width, horn.projection_width,
            horn.slow_input, horn.slow_wind_up, horn.slow_ceiling, 1.0 / horn.slow_time,
            kept, unfelt, -seconds,
        ),
        dtype=dtype,
    )  # fmt: skip


def projection_rate(state: Circuit) -> Array:
    """Mean rate P (Hz) of a segment's projection neurons, kinds on the last axis."""
    mean: Array = state.projection.mean(axis=-1)
    return mean


def volley_counts(
    projection: Array, onsets_ms: Array, window_ms: float, step_ms: float = 1.0
) -> Array:
    """Spikes of a projection neuron in a window after each volley's onset.

    Args:
        projection: P at every step (Hz), time on the first axis.
        onsets_ms: When each volley began.
        window_ms: How long to count.
        step_ms: Of the recording.

    Returns:
        Counts, shape (volleys, ...).
    """
    if not window_ms >= step_ms:
        raise ValueError(f"window_ms must be at least a step of {step_ms:g} ms, got {window_ms}.")
    length = round(window_ms / step_ms)
    starts = np.round(np.asarray(onsets_ms) / step_ms).astype(int)
    if starts.size and (starts.min() < 0 or starts.max() + length > projection.shape[0]):
        raise ValueError(
            f"onsets_ms and their windows must lie within the {projection.shape[0]} steps recorded."
        )
    counts = [projection[start : start + length].sum(axis=0) for start in starts]
    return np.stack(counts) * (step_ms / _MS_PER_S)


def checked(touch: Number, nociception: Number, sensitisation: Number) -> None:
    """Refuse drives for which the circuit has no meaning.

    Raises:
        ValueError: A drive or the sensitisation lies outside its range.
    """
    for name, value in (("touch", touch), ("nociception", nociception)):
        within = np.asarray(value)
        if not np.all((within >= 0.0) & (within <= _LARGEST_DRIVE)):
            raise ValueError(f"{name} must be 0 to {_LARGEST_DRIVE:g} (Hz), got {value}.")
    share = np.asarray(sensitisation)
    if not np.all((share >= 0.0) & (share <= 1.0)):
        raise ValueError(f"sensitisation must be 0 to 1, got {sensitisation}.")
