"""Counter random: a number drawn from where it is used, the same on every machine and in any batch.

Receives a seed and the place of the draw (who draws, which draw it is); gives uniform numbers.
Nothing is remembered between draws: a fibre's twentieth interval is the same number whether the
fibre is simulated alone, among thousands, on one thread or on eight. `counter_noise` is the cheaper
one, for noise at every step; this one is for draws that are few and must be independent.
`counter_random.hpp` holds the same lines in C++.

Source: salmon2011 (Philox4x32, ten rounds).
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint64]

_MULTIPLIERS: Final = (np.uint64(0xD2511F53), np.uint64(0xCD9E8D57))
_KEY_STEPS: Final = (np.uint64(0x9E3779B9), np.uint64(0xBB67AE85))
_LOW: Final = np.uint64(0xFFFFFFFF)
_HALF: Final = np.uint64(32)
_ROUNDS: Final = 10
_LARGEST_SEED: Final = 2**64 - 1


def philox(
    counter: tuple[Any, Any, Any, Any], key: tuple[Any, Any]
) -> tuple[Words, Words, Words, Words]:
    """Four random words of 32 bits (held in 64) from a counter of four and a key of two."""
    c0, c1, c2, c3 = (np.asarray(word).astype(np.uint64) & _LOW for word in counter)
    k0, k1 = (np.asarray(word).astype(np.uint64) & _LOW for word in key)
    for _ in range(_ROUNDS):
        first = _MULTIPLIERS[0] * c0
        second = _MULTIPLIERS[1] * c2
        c0, c1, c2, c3 = (
            (second >> _HALF) ^ c1 ^ k0,
            second & _LOW,
            (first >> _HALF) ^ c3 ^ k1,
            first & _LOW,
        )
        k0 = (k0 + _KEY_STEPS[0]) & _LOW
        k1 = (k1 + _KEY_STEPS[1]) & _LOW
    return c0, c1, c2, c3


def checked_seed(seed: int) -> int:
    """The seed, if it is one.

    Raises:
        ValueError: It is no whole number from 0 to 2^64 - 1.
    """
    if int(seed) != seed or not 0 <= seed <= _LARGEST_SEED:
        raise ValueError(f"seed must be a whole number from 0 to 2^64 - 1, got {seed}.")
    return int(seed)


def uniforms(  # noqa: PLR0913 - the whole address of a draw
    seed: int,
    purpose: int,
    place: Any,  # noqa: ANN401 - any whole numbers
    number: Any,  # noqa: ANN401
    *,
    half: int = 0,
    dtype: type[np.floating[Any]] = np.float64,
) -> tuple[NDArray[Any], ...]:
    """Four uniform numbers inside 0 to 1, ends left out.

    Args:
        seed: Of the run.
        purpose: What is drawn, so that two structures never share a number (below 2^24).
        place: Who draws: a fibre's or unit's own number (below 2^32).
        number: Which draw it is (below 2^32).
        half: Further sets of four for the same draw, 0 to 255.
        dtype: float64 (32 random bits) or float32 (23).
    """
    counter = (number, place, purpose * 256 + half, 0)
    words = philox(counter, (seed & 0xFFFFFFFF, seed >> 32))
    if dtype is np.float32:
        return tuple(
            ((word >> np.uint64(9)).astype(np.float32) + np.float32(0.5)) * np.float32(2.0**-23)
            for word in words
        )
    return tuple((word.astype(np.float64) + 0.5) * 2.0**-32 for word in words)
