"""Counter noise depends on key and step alone, and looks random between sources and steps."""

import numpy as np
import pytest

from myotome.physiology import counter_noise

STEPS = np.arange(20_000)


def test_the_hash_gives_its_known_values():
    """Computed once by hand from the two multiplications."""
    x = 1
    x ^= x >> 16
    x = x * 0x7FEB352D % 2**32
    x ^= x >> 15
    x = x * 0x846CA68B % 2**32
    x ^= x >> 16

    assert counter_noise.hashed(1) == x
    assert counter_noise.hashed(0) == 0


def test_no_two_inputs_share_an_output():
    assert len(np.unique(counter_noise.hashed(np.arange(1_000_000)))) == 1_000_000


def test_the_argument_is_left_alone():
    given = np.arange(5, dtype=np.uint32)
    counter_noise.hashed(given)

    np.testing.assert_array_equal(given, np.arange(5))


def test_a_person_draws_the_same_alone_and_in_a_cohort():
    alone = counter_noise.keys(120, 7)
    cohort = counter_noise.keys(120, np.arange(10))

    np.testing.assert_array_equal(cohort[7], alone)


def test_events_happen_as_often_as_asked():
    keys = counter_noise.keys(50, 3)
    happened = counter_noise.happens(keys, STEPS[:, None], 0.05)

    assert happened.mean() == pytest.approx(0.05, abs=5 * np.sqrt(0.05 * 0.95 / happened.size))
    assert not counter_noise.happens(keys, STEPS[:, None], 0.0).any()
    assert counter_noise.happens(keys, STEPS[:, None], 1.0).mean() > 0.9999


def test_numbers_are_spread_evenly():
    drawn = counter_noise.uniform(counter_noise.keys(50, 1), STEPS[:, None])
    counts = np.histogram(drawn, bins=100, range=(0.0, 1.0))[0]
    expected = drawn.size / 100

    assert drawn.min() > 0.0
    assert drawn.max() < 1.0
    assert np.sum((counts - expected) ** 2 / expected) < 99 + 5 * np.sqrt(2 * 99)


@pytest.mark.parametrize(
    "pair",
    [
        (counter_noise.keys(2, 1)[0], counter_noise.keys(2, 1)[1]),
        (counter_noise.keys(1, 1)[0], counter_noise.keys(1, 2)[0]),
        (counter_noise.keys(1, 1)[0], counter_noise.keys(1, 1, stream=1)[0]),
        (counter_noise.keys(1, 1, stream=1)[0], counter_noise.keys(1, 1, stream=2)[0]),
    ],
    ids=["units", "seeds", "streams", "other streams"],
)
def test_two_sources_do_not_go_together(pair):
    one, other = (counter_noise.uniform(np.array(key), STEPS) for key in pair)

    assert abs(np.corrcoef(one, other)[0, 1]) < 5.0 / np.sqrt(len(STEPS))


@pytest.mark.parametrize("lag", [1, 2, 20])
def test_a_source_does_not_repeat_itself(lag):
    drawn = counter_noise.uniform(counter_noise.keys(1, 5), STEPS)

    assert abs(np.corrcoef(drawn[lag:], drawn[:-lag])[0, 1]) < 5.0 / np.sqrt(len(STEPS))


def test_the_counter_may_grow_beyond_32_bits():
    keys = counter_noise.keys(3, 1)

    np.testing.assert_array_equal(counter_noise.bits(keys, 2**32 + 5), counter_noise.bits(keys, 5))
