"""Strength falls in disuse as published, comes back with use, and rests at habit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from myotome.physiology import strength
from myotome.physiology.parameters import drawn
from myotome.physiology.strength import Strength, StrengthState

HABIT = StrengthState(1.0, 1.0)
HOW = "strength.state_after, load 0 from habit, in a cast or in bed"


def unused(days):
    return strength.state_after(Strength(), HABIT, 0.0, days, cast=True)


def lost_section(days):
    return float(100 * (unused(days).section - 1))


def lost_strength(days):
    return float(100 * (strength.strength(unused(days)) - 1))


def unloaded(days):
    """Loss of section and of strength (%) of a limb that bears nothing and still moves."""
    after = strength.state_after(Strength(), HABIT, 0.0, days)
    return 100 * (1 - float(after.section)), 100 * (1 - float(strength.strength(after)))


def bed_rest_ratio(days):
    section, whole = unloaded(days)
    return whole / section


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
             lambda days=days: bed_rest_ratio(days))
        for days, value in [(5, 4.2), (14, 2.4), (35, 1.9)]
    ],
]  # fmt: skip
KNOWN_MISSES = {
    "bed-rest-ratio-5d": "3.1 against 4.2: pooled bed rest loses strength faster in its first days"
    " than the leg that hangs free, whose first reading is at 14 d",
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
    assert strength.steady_state(p, 1.0, cast=True) == HABIT


def test_load_runs_from_a_cast_through_habit_to_a_full_programme():
    p = Strength()

    cast = strength.steady_state(p, 0.0, cast=True)
    assert cast == pytest.approx((p.wasted_section, p.wasted_drive))
    assert strength.steady_state(p, 0.0) == pytest.approx((p.unloaded_section, p.unloaded_drive))
    assert strength.steady_state(p, 2.0) == pytest.approx((p.trained_section, p.trained_drive))
    assert strength.steady_state(p, 5.0) == strength.steady_state(p, 2.0)


@pytest.mark.parametrize(
    ("days", "section", "whole"), [(14, (5.2, 0.7), (14.8, 5.5)), (23, (10.0, 2.0), (21.0, 7.1))]
)
def test_a_leg_that_hangs_free_loses_what_was_published(days, section, whole):
    """Deboer2007, within its spread between people; the law's numbers come from these four."""
    lost = unloaded(days)

    assert lost[0] == pytest.approx(section[0], abs=section[1])
    assert lost[1] == pytest.approx(whole[0], abs=whole[1])


@pytest.mark.parametrize("days", [3, 10, 30, 90])
def test_a_cast_costs_more_than_hanging_free(days):
    section, whole = unloaded(days)

    assert -lost_section(days) > section
    assert -lost_strength(days) > whole


def test_what_training_gained_fades_slowly_and_what_habit_holds_is_lost_quickly():
    p, trained = Strength(), StrengthState(1.0, 1.1)

    slowly = strength.rates_of_change(p, trained, 0.5).drive / (
        strength.steady_state(p, 0.5).drive - 1.1
    )
    quickly = strength.rates_of_change(p, HABIT, 0.5).drive / (
        strength.steady_state(p, 0.5).drive - 1.0
    )

    assert slowly == pytest.approx(1 / p.drive_loss_time_constant)
    assert quickly == pytest.approx(1 / p.unloaded_drive_time_constant)


def test_a_full_programme_gains_a_tenth_of_a_percent_of_section_a_day():
    assert 0.001 <= strength.rates_of_change(Strength(), HABIT, 2.0).section <= 0.002


loads = st.floats(0, 3)
sizes = st.floats(0.3, 1.3)


@given(sizes, sizes, loads, st.floats(0, 400), st.booleans())
def test_states_stay_between_start_and_target(section, drive, load, days, cast):
    p, start = Strength(), StrengthState(section, drive)
    target = strength.steady_state(p, load, cast=cast)

    after = strength.state_after(p, start, load, days, cast=cast)

    for a, b, end in zip(start, target, after, strict=True):
        assert min(a, b) - 1e-9 <= end <= max(a, b) + 1e-9


@given(sizes, loads, st.floats(0, 200), st.floats(0, 200), st.booleans())
def test_two_spans_of_time_in_a_row_are_one(drive, load, first, second, cast):
    p, start = Strength(), StrengthState(1.0, drive)

    between = strength.state_after(p, start, load, first, cast=cast)
    twice = strength.state_after(p, between, load, second, cast=cast)
    once = strength.state_after(p, start, load, first + second, cast=cast)

    np.testing.assert_allclose(twice, once, rtol=1e-9)


@given(loads, loads, st.floats(0, 400), st.booleans())
def test_more_load_is_never_weaker(one, other, days, cast):
    p = Strength()
    less, more = sorted((one, other))

    weaker = strength.strength(strength.state_after(p, HABIT, less, days, cast=cast))
    stronger = strength.strength(strength.state_after(p, HABIT, more, days, cast=cast))

    assert weaker <= stronger + 1e-12


@given(sizes, loads, st.booleans())
def test_the_closed_form_solves_the_law(size, load, cast):
    p, start, step = Strength(), StrengthState(size, size), 1e-6

    rate = strength.rates_of_change(p, start, load, cast=cast)
    after = strength.state_after(p, start, load, step, cast=cast)

    for before, then, change in zip(start, after, rate, strict=True):
        assert (then - before) / step == pytest.approx(change, rel=1e-3, abs=1e-8)


def test_draws_give_what_each_gives_alone():
    values = np.array([[20.0], [27.0], [35.0]])
    together = drawn(Strength(), {"wasting_time_constant": values})
    loads_of = np.array([0.0, 0.5])

    many = strength.strength(strength.state_after(together, HABIT, loads_of, 14.0, cast=True))

    for i, value in enumerate(values[:, 0]):
        alone = drawn(Strength(), {"wasting_time_constant": float(value)})
        one = strength.strength(strength.state_after(alone, HABIT, loads_of, 14.0, cast=True))
        np.testing.assert_allclose(many[i], one, rtol=1e-14)
