"""Strength falls in disuse as published, comes back with use, and rests at habit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from myotome.physiology import strength
from myotome.physiology.parameters import drawn
from myotome.physiology.strength import Strength, StrengthState

HABIT = StrengthState(1.0, 1.0)
HOW = "strength.state_after, load 0 from habit"


def unused(days):
    return strength.state_after(Strength(), HABIT, 0.0, days)


def lost_section(days):
    return float(100 * (unused(days).section - 1))


def lost_strength(days):
    return float(100 * (strength.strength(unused(days)) - 1))


def retrained():
    """Strength (%) missing after 2 weeks of disuse and 6 weeks of endurance training."""
    p = Strength()
    after = strength.state_after(p, unused(14), 1.0, 42)
    return float(100 * (1 - strength.strength(after)))


def _row(name, quantity, published, tolerance, source, role, model):  # noqa: PLR0913, PLR0917
    return {"id": name, "link": "j", "quantity": quantity, "published": published,
            "tolerance": tolerance, "source": source, "role": role, "function": HOW,
            "model": model}  # fmt: skip


ROWS = [
    _row("disuse-section-5d", "cross-section after 5 d in a cast, %", -3.5, 0.5, "wall2014",
         "fitted", lambda: lost_section(5)),
    _row("disuse-section-14d", "cross-section after 14 d in a cast, %", -8.4, 2.8, "wall2014",
         "fitted", lambda: lost_section(14)),
    _row("disuse-strength-5d", "strength after 5 d in a cast, %", -9.0, 2.3, "wall2014",
         "fitted", lambda: lost_strength(5)),
    _row("disuse-strength-14d", "strength after 14 d in a cast, %", -22.9, 2.6, "wall2014",
         "fitted", lambda: lost_strength(14)),
    _row("disuse-drive-5d", "drive after 5 d in a cast, %", -5.7, 0.8, "project_definition",
         "regression", lambda: float(100 * (unused(5).drive - 1))),
    _row("disuse-drive-14d", "drive after 14 d in a cast, %", -15.8, 0.8, "project_definition",
         "regression", lambda: float(100 * (unused(14).drive - 1))),
    _row("copenhagen-2-weeks", "leg strength of young men after 2 weeks (22 to 34), %", -28.0,
         6.0, "immobilisation2015", "predicted", lambda: lost_strength(14)),
    _row("copenhagen-retrained", "over 1 % of strength missing after 6 weeks of cycling (1 yes)",
         1.0, 0.0, "immobilisation2015", "predicted", lambda: float(retrained() > 1)),
    *[
        _row(f"bed-rest-ratio-{days}d", f"strength lost over size lost at {days} d", value, 0.5,
             "marusic2021", "predicted",
             lambda days=days: lost_strength(days) / lost_section(days))
        for days, value in [(5, 4.2), (14, 2.4), (35, 1.9)]
    ],
]  # fmt: skip
KNOWN_MISSES = {
    "bed-rest-ratio-5d": "2.7 against 4.2: fitted to a cast, where the same ratio is 2.6; pooled"
    " bed rest loses drive faster, on a law in log time that no single exponential follows",
    "bed-rest-ratio-35d": "2.7 against 1.9: drive goes on falling; the law holds below 21 d",
}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_it_gives_the_published_number(row):
    found = row["model"]()

    off = found - row["published"]
    missed = abs(off) > row["tolerance"]
    assert missed == (row["id"] in KNOWN_MISSES), (
        f"{row['quantity']}: {found:.4g}, off by {off:+.3g}; {KNOWN_MISSES.get(row['id'])}"
    )


def test_habit_is_a_fixed_point():
    p = Strength()

    assert strength.steady_state(p, 1.0) == HABIT
    assert strength.rates_of_change(p, HABIT, 1.0) == (0, 0)


def test_load_runs_from_a_cast_through_habit_to_a_full_programme():
    p = Strength()

    assert strength.steady_state(p, 0.0) == pytest.approx((p.wasted_section, p.wasted_drive))
    assert strength.steady_state(p, 2.0) == pytest.approx((p.trained_section, p.trained_drive))
    assert strength.steady_state(p, 5.0) == strength.steady_state(p, 2.0)


def test_a_full_programme_gains_a_tenth_of_a_percent_of_section_a_day():
    assert 0.001 <= strength.rates_of_change(Strength(), HABIT, 2.0).section <= 0.002


loads = st.floats(0, 3)
sizes = st.floats(0.3, 1.3)


@given(sizes, sizes, loads, st.floats(0, 400))
def test_states_stay_between_start_and_target(section, drive, load, days):
    p, start = Strength(), StrengthState(section, drive)
    target = strength.steady_state(p, load)

    after = strength.state_after(p, start, load, days)

    for a, b, end in zip(start, target, after, strict=True):
        assert min(a, b) - 1e-9 <= end <= max(a, b) + 1e-9


@given(loads, loads, st.floats(0, 400))
def test_more_load_is_never_weaker(one, other, days):
    p = Strength()
    less, more = sorted((one, other))

    weaker = strength.strength(strength.state_after(p, HABIT, less, days))
    stronger = strength.strength(strength.state_after(p, HABIT, more, days))

    assert weaker <= stronger + 1e-12


@given(sizes, loads)
def test_the_closed_form_solves_the_law(size, load):
    p, start, step = Strength(), StrengthState(size, size), 1e-6

    rate = strength.rates_of_change(p, start, load)
    after = strength.state_after(p, start, load, step)

    for before, then, change in zip(start, after, rate, strict=True):
        assert (then - before) / step == pytest.approx(change, rel=1e-3, abs=1e-8)


def test_draws_give_what_each_gives_alone():
    values = np.array([[20.0], [27.0], [35.0]])
    together = drawn(Strength(), {"wasting_time_constant": values})
    loads_of = np.array([0.0, 0.5])

    many = strength.strength(strength.state_after(together, HABIT, loads_of, 14.0))

    for i, value in enumerate(values[:, 0]):
        alone = drawn(Strength(), {"wasting_time_constant": float(value)})
        one = strength.strength(strength.state_after(alone, HABIT, loads_of, 14.0))
        np.testing.assert_allclose(many[i], one, rtol=1e-14)
