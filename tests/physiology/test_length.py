"""A muscle settles at the length it is kept: casts, stretches and contraction as published."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from myotome.physiology import length
from myotome.physiology.length import Length
from myotome.physiology.parameters import drawn

STEP = 0.005
MINUTE = 1 / 1440
CAST, STRETCHED = 0.65, 1.2
CLOSED = "length.sarcomeres_after, one constant length"
DAILY = "length.mean_stretch and sarcomere_rate, Euler 0.005 d, cast at 0.65, stretch to 1.2"


def stretched_cast(minutes_per_day, days, weight=85.0):
    """Sarcomeres, and stiffness factor, of a muscle cast short and stretched now and then."""
    p = Length(stretch_weight=weight)
    share = minutes_per_day * MINUTE
    lengths = np.array([[CAST], [STRETCHED]])
    shares = np.array([[1 - share], [share]])
    sarcomeres, stiff = np.ones(1), np.ones(1)
    for _ in range(round(days / STEP)):
        stretch = length.mean_stretch(p, lengths, shares, sarcomeres)
        kept = length.shortness(p, np.full((1, 1), CAST), np.ones((1, 1)))
        target = length.contracture_target(
            p, kept, length.stretched_share(lengths, shares, sarcomeres)
        )
        stiff = stiff + STEP * length.contracture_rate(p, stiff, target)
        sarcomeres = sarcomeres + STEP * length.sarcomere_rate(p, sarcomeres, stretch, 0.0)
    return float(sarcomeres[0]), float(stiff[0])


def settled(start, at, days, activation=0.0):
    return float(length.sarcomeres_after(Length(), start, at, activation, days))


def _constant(name, quantity, published, tolerance, model, **known):
    told = {"role": "regression", "source": "project_definition", **known}
    return {"id": name, "link": "i", "quantity": quantity, "published": published,
            "tolerance": tolerance, "function": CLOSED, "model": model, **told}  # fmt: skip


ROWS = [
    *[
        _constant(f"cast-short-{days}d", f"sarcomeres after {days} d cast at 0.65", value, 0.006,
                  lambda days=days: settled(1.0, CAST, days))
        for days, value in [(5, 0.82), (10, 0.73), (14, 0.70), (28, 0.66)]
    ],
    *[
        _constant(f"cast-long-{days}d", f"sarcomeres after {days} d cast at 1.2", value, 0.006,
                  lambda days=days: settled(1.0, STRETCHED, days))
        for days, value in [(14, 1.17), (28, 1.20)]
    ],
    *[
        _constant(f"freed-{days}d", f"sarcomeres {days} d after release from 0.6", value, 0.006,
                  lambda days=days: settled(0.6, 1.0, days))
        for days, value in [(7, 0.85), (14, 0.95), (28, 0.99)]
    ],
    *[
        {"id": f"stretch-daily-w{weight}", "link": "i",
         "quantity": f"sarcomeres after 14 d, 30 min daily, weight {weight}", "published": value,
         "tolerance": 0.01, "source": "project_definition", "role": "regression",
         "function": DAILY, "model": lambda weight=weight: stretched_cast(30, 14, weight)[0]}
        for weight, value in [(50, 0.93), (70, 0.98), (100, 1.02)]
    ],
    *[
        {"id": f"stretch-sparse-w{weight}", "link": "i",
         "quantity": f"sarcomeres after 10 d, 15 min every other day, weight {weight}",
         "published": value, "tolerance": 0.01, "source": "project_definition",
         "role": "regression", "function": DAILY,
         "model": lambda weight=weight: stretched_cast(7.5, 10, weight)[0]}
        for weight, value in [(50, 0.80), (70, 0.83), (100, 0.86)]
    ],
    _constant("tabary-short", "loss in a cast at 0.6 for 4 weeks, %", -40.0, 5.0,
              lambda: 100 * (settled(1.0, 0.6, 28) - 1), role="fitted", source="tabary1972"),
    _constant("tabary-long", "gain in a cast at 1.2 for 4 weeks, %", 20.0, 5.0,
              lambda: 100 * (settled(1.0, STRETCHED, 28) - 1), role="fitted", source="tabary1972"),
    _constant("tabary-freed", "lost sarcomeres still missing 4 weeks after release, %", 0.0, 2.0,
              lambda: 100 * (1 - settled(0.6, 1.0, 28)), role="predicted", source="tabary1972"),
    _constant("tabary-active-0.60", "loss in 12 h of contraction at 0.60, %", -25.0, 5.0,
              lambda: 100 * (settled(1.0, 0.6, 0.5, 1.0) - 1), role="fitted", source="tabary1981"),
    _constant("tabary-active-0.70", "loss in 12 h of contraction at 0.70, %", -25.0, 5.0,
              lambda: 100 * (settled(1.0, 0.7, 0.5, 1.0) - 1), role="fitted", source="tabary1981"),
    _constant("zollner-acute", "sarcomere just after a stretch by 1.14, um", 3.51, 0.05,
              lambda: 3.09 * 1.14, role="predicted", source="zollner2012"),
    _constant("zollner-2-weeks", "sarcomere two weeks later, um", 3.09, 0.066,
              lambda: 3.09 * 1.14 / settled(1.0, 1.14, 14), role="predicted", source="zollner2012"),
    {"id": "williams-daily", "link": "i", "quantity": "loss with 30 min of stretch daily, %",
     "published": 0.0, "tolerance": 3.0, "source": "williams1990", "role": "fitted",
     "function": DAILY, "model": lambda: 100 * (1 - stretched_cast(30, 14)[0])},
    {"id": "williams-sparse", "link": "i",
     "quantity": "15 min every other day for 10 d still leaves 5 % short or more (1 yes)",
     "published": 1.0, "tolerance": 0.0, "source": "williams1988", "role": "predicted",
     "function": DAILY, "model": lambda: float(stretched_cast(7.5, 10)[0] <= 0.95)},
    {"id": "williams-tissue", "link": "i",
     "quantity": "share of contracture that 15 min every other day prevents, %",
     "published": 100.0, "tolerance": 25.0, "source": "williams1988", "role": "fitted",
     "function": "length.contracture_rate and contracture_target, Euler 0.005 d",
     "model": lambda: 100 * (1 - (stretched_cast(7.5, 10)[1] - 1)
                             / (stretched_cast(0, 10)[1] - 1))},
]  # fmt: skip
KNOWN_MISSES = {
    "stretch-daily-w50": "0.942 against 0.93: here the mean is over the whole period and exact; a"
    " running mean over 2 d in steps of 7.2 min, which round 30 min to 28.8, gives 0.933",
    "stretch-sparse-w50": "0.821 against 0.80; so stepped 0.811. Each day averaged alone: 0.801",
    "stretch-sparse-w70": "0.846 against 0.83; so stepped 0.834. Each day averaged alone: 0.816",
    "stretch-sparse-w100": "0.878 against 0.86; so stepped 0.863. Each day averaged alone: 0.833",
}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_it_gives_the_published_number(row):
    found = row["model"]()

    off = found - row["published"]
    missed = abs(off) > row["tolerance"]
    assert missed == (row["id"] in KNOWN_MISSES), (
        f"{row['quantity']}: {found:.4g}, off by {off:+.3g}; {KNOWN_MISSES.get(row['id'])}"
    )


def test_a_day_without_activities_is_refused():
    with pytest.raises(ValueError, match="at least one activity"):
        length.set_point(Length(), np.empty((0, 1)), np.empty((0, 1)))


def days():
    """Lengths and shares of a day of a few activities."""
    one = st.tuples(st.floats(0.5, 1.5), st.floats(0.01, 1.0))
    return st.lists(one, min_size=1, max_size=6).map(
        lambda rows: (np.array([[r[0]] for r in rows]), np.array([[r[1]] for r in rows]))
    )


@given(days())
def test_any_normal_day_is_a_fixed_point(day):
    p = Length()
    lengths, shares = day

    relative = lengths / length.set_point(p, lengths, shares)
    stretch = length.mean_stretch(p, relative, shares, np.ones(1))
    rate = length.sarcomere_rate(p, np.ones(1), stretch, 0.05)

    assert stretch == pytest.approx(1.0, abs=1e-12)
    assert abs(rate) < 1e-10


@given(st.floats(0.4, 1.6), st.floats(0.4, 1.6), st.floats(0, 1), st.floats(0, 200))
def test_sarcomeres_stay_between_start_and_length(start, at, activation, time):
    after = settled(start, at, time, activation)

    assert min(start, at) - 1e-12 <= after <= max(start, at) + 1e-12


@given(st.floats(0.4, 1.6), st.floats(0.4, 1.6), st.floats(0, 1))
def test_the_closed_form_solves_the_law(start, at, activation):
    p, step = Length(), 1e-7

    rate = length.sarcomere_rate(p, start, at / start, activation)

    moved = (settled(start, at, step, activation) - start) / step
    assert moved == pytest.approx(rate, rel=1e-4, abs=1e-6)


@given(st.floats(0.5, 0.95), st.floats(0, 1), st.floats(0, 1))
def test_contraction_at_short_length_costs_more(at, one, other):
    less, more = sorted((one, other))

    assert settled(1.0, at, 1.0, more) <= settled(1.0, at, 1.0, less)


@given(st.floats(0, 1), st.floats(0, 1))
def test_contracture_lies_between_use_and_the_stiffest(kept, share):
    p = Length()

    target = length.contracture_target(p, kept, share)

    assert 1.0 <= target <= p.stiffest
    assert length.contracture_target(p, 0.0, share) == 1.0
    assert length.contracture_rate(p, target, target) == 0


def test_use_leaves_no_contracture_and_a_cast_leaves_one():
    p = Length()
    shares = np.array([[0.5], [0.5]])

    assert length.shortness(p, np.array([[0.9], [1.1]]), shares) == 0
    assert length.shortness(p, np.array([[0.6], [0.6]]), shares) == 1


def test_a_contracted_muscle_resists_more():
    p = Length()

    def curve(at):
        return np.exp(8 * (at - 1.6))

    assert length.passive_force(p, curve, 1.2, 1.0) == curve(1.2)
    assert length.passive_force(p, curve, 1.2, 2.0) > 2 * curve(1.2)


def test_draws_give_what_each_gives_alone():
    values = np.array([[70.0], [85.0], [100.0]])
    gains = np.array([[5.0], [16.0], [50.0]])
    together = drawn(Length(), {"stretch_weight": values, "contraction_gain": gains})
    lengths = np.array([[0.7, 1.0], [1.1, 1.3]])[:, None, :]
    shares = np.array([0.9, 0.1])[:, None, None]

    stretch = length.mean_stretch(together, lengths, shares, np.array([[1.0, 0.9]]))
    many = length.sarcomere_rate(together, np.array([[1.0, 0.9]]), stretch, 0.1)
    points = length.set_point(together, lengths, shares)

    assert many.shape == points.shape == (3, 2)
    for i in range(3):
        alone = drawn(
            Length(),
            {"stretch_weight": float(values[i, 0]), "contraction_gain": float(gains[i, 0])},
        )
        one = length.mean_stretch(alone, lengths[:, 0], shares[:, 0], np.array([1.0, 0.9]))
        rate = length.sarcomere_rate(alone, np.array([1.0, 0.9]), one, 0.1)
        np.testing.assert_allclose(many[i], rate, rtol=1e-13)
        point = length.set_point(alone, lengths[:, 0], shares[:, 0])
        np.testing.assert_allclose(points[i], point, rtol=1e-13)
