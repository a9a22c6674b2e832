"""Cartilage bears what lies below its threshold and wears above it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from myotome.physiology import cartilage
from myotome.physiology.cartilage import Cartilage
from myotome.physiology.parameters import drawn


def survival(stress_ratio, cycles=10_000.0):
    """Sound cartilage left (%) after a run of cycles in one day."""
    p = Cartilage()
    return float(100 * (1 - cartilage.added_wear(p, 0.0, stress_ratio * p.threshold, cycles)))


def cycles_to_failure(excess):
    """Cycles until wear is complete at a stress of 1 + excess times the threshold, no repair."""
    p = Cartilage(repair_rate=0.0)
    stress, wear, cycles = (1 + excess) * p.threshold, 0.0, 0.0
    while wear < 1.0 and cycles < 1e8:
        block = max(np.floor(1e-3 / float(cartilage.added_wear(p, wear, stress, 1.0))), 1.0)
        wear += float(cartilage.added_wear(p, wear, stress, block))
        cycles += block
    return cycles


ROWS = [
    {"id": "cartilage-longest-life", "link": "k",
     "quantity": "cycles to failure, longest of the published range, log10", "published": 6.18,
     "tolerance": 0.5, "source": "bellucci2001", "role": "fitted",
     "function": "cartilage.added_wear summed at twice the threshold, no repair",
     "model": lambda: float(np.log10(cycles_to_failure(1.0)))},
    {"id": "cartilage-shortest-life", "link": "k",
     "quantity": "cycles to failure, shortest of the published range, log10", "published": 0.30,
     "tolerance": 1.0, "source": "bellucci2001", "role": "predicted",
     "function": "cartilage.added_wear summed at ten times the threshold, no repair",
     "model": lambda: float(np.log10(cycles_to_failure(9.0)))},
    *[
        {"id": f"cartilage-run-out-{rate}hz", "link": "k",
         "quantity": f"sound after 10,000 cycles at {rate} Hz, %", "published": value,
         "tolerance": 20.0, "source": "cartilage_bending", "role": "predicted",
         "function": "cartilage.added_wear, 10,000 cycles at twice the threshold",
         "model": lambda: survival(2.0)}
        for rate, value in [(1, 67), (10, 27), (50, 0), (100, 0)]
    ],
]  # fmt: skip
KNOWN_MISSES = {
    **{
        f"cartilage-run-out-{rate}hz": f"99 % against {value} %: the law has no frequency, and no"
        " stress was read for these runs; joints are loaded at 1 to 2 Hz"
        for rate, value in [(1, 67), (10, 27), (50, 0), (100, 0)]
    },
}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_it_gives_the_published_number(row):
    found = row["model"]()

    off = found - row["published"]
    missed = abs(off) > row["tolerance"]
    assert missed == (row["id"] in KNOWN_MISSES), (
        f"{row['quantity']}: {found:.4g}, off by {off:+.3g}; {KNOWN_MISSES.get(row['id'])}"
    )


@given(st.floats(0, 5.86), st.floats(0, 20_000))
def test_normal_use_is_a_fixed_point(stress, cycles):
    p = Cartilage()

    assert cartilage.wear_rate(p, 0.0, stress, cycles) == 0
    assert cartilage.steady_wear(p, stress, cycles) == 0


stresses = st.floats(0, 60)
wears = st.floats(0, 1)


@given(wears, stresses, stresses)
def test_more_stress_wears_more(wear, one, other):
    p = Cartilage()
    less, more = sorted((one, other))

    lower, higher = (cartilage.wear_rate(p, wear, stress, 5_000.0) for stress in (less, more))

    assert np.isfinite(lower)
    assert lower <= higher


@given(wears, stresses)
def test_wear_never_leaves_its_bounds(wear, stress):
    p = Cartilage()

    assert cartilage.wear_rate(p, 0.0, stress, 5_000.0) >= 0
    assert cartilage.wear_rate(p, 1.0, stress, 5_000.0) <= 0
    assert 0.0 <= cartilage.steady_wear(p, stress, 5_000.0) <= 1.0
    assert 0.0 < cartilage.threshold_stress(p, wear) <= p.threshold


@pytest.mark.parametrize("stress", [6.1, 6.3])
def test_a_steady_state_does_not_move(stress):
    p = Cartilage(repair_rate=5e-3)

    wear = cartilage.steady_wear(p, stress, 5_000.0)

    assert 0 < wear < 1
    assert cartilage.wear_rate(p, wear, stress, 5_000.0) == pytest.approx(0, abs=1e-12)


def test_draws_give_what_each_gives_alone():
    values = np.array([[5.0], [6.0], [7.0]])
    together = drawn(Cartilage(), {"threshold": values})
    joints = np.array([4.0, 6.5, 9.0])

    many = cartilage.wear_rate(together, 0.1, joints, 5_000.0)
    settled = cartilage.steady_wear(together, joints, 5_000.0)

    for i, value in enumerate(values[:, 0]):
        alone = drawn(Cartilage(), {"threshold": float(value)})
        np.testing.assert_array_equal(many[i], cartilage.wear_rate(alone, 0.1, joints, 5_000.0))
        np.testing.assert_array_equal(settled[i], cartilage.steady_wear(alone, joints, 5_000.0))
