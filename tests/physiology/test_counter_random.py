"""Counter-based random numbers: the published answers, and evenness."""

import numpy as np
import pytest

from myotome.physiology import counter_random


@pytest.mark.parametrize(
    ("counter", "key", "answer"),
    [
        ((0,) * 4, (0,) * 2, (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        (
            (0xFFFFFFFF,) * 4,
            (0xFFFFFFFF,) * 2,
            (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD),
        ),
        (
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            (0xA4093822, 0x299F31D0),
            (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
        ),
    ],
)
def test_it_gives_the_published_answers(counter, key, answer):
    assert tuple(int(word) for word in counter_random.philox(counter, key)) == answer


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_numbers_are_even_and_independent_of_each_other(dtype):
    drawn = np.stack(counter_random.uniforms(7, 1, np.arange(50_000), 3, dtype=dtype))

    assert drawn.dtype == dtype
    assert drawn.min() > 0.0
    assert drawn.max() < 1.0
    assert np.allclose(drawn.mean(axis=1), 0.5, atol=0.006)
    assert np.allclose(drawn.var(axis=1), 1 / 12, atol=0.002)
    assert np.all(np.abs(np.corrcoef(drawn) - np.eye(4)) < 0.02)


def test_a_number_depends_on_its_place_alone():
    alone = counter_random.uniforms(7, 1, 41, 3)
    among = counter_random.uniforms(7, 1, np.arange(100), 3)

    assert all(one == many[41] for one, many in zip(alone, among, strict=True))


def test_purposes_seeds_and_halves_differ():
    numbers = [
        float(counter_random.uniforms(seed, purpose, 5, 5, half=half)[0])
        for seed in (1, 2)
        for purpose in (1, 2)
        for half in (0, 1)
    ]

    assert len(set(numbers)) == 8


@pytest.mark.parametrize("seed", [-1, 2**64, 1.5])
def test_a_seed_must_be_a_whole_number(seed):
    with pytest.raises(ValueError, match="seed must be a whole number"):
        counter_random.checked_seed(seed)
