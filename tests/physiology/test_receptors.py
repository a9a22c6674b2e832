"""Supersensitivity comes on with silence, goes with activity, and in the published time."""

import dataclasses
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from myotome.physiology import receptors
from myotome.physiology.parameters import declarations, draw, drawn
from myotome.physiology.receptors import Receptors, ReceptorState

HABIT = 1.0
STEP = 0.01
rates = st.floats(0.0, 50.0)
densities = st.floats(0.0, 400.0)


def followed(p, rate_at, days, state=None):
    """Density once a step; rates held over each step, Heun's rule."""
    now = receptors.steady_state(p, HABIT) if state is None else state
    found = [now.density]
    for count in range(round(days / STEP)):
        rate = rate_at(count * STEP)
        first = receptors.rates_of_change(p, now, rate)
        guess = ReceptorState(*(x + STEP * dx for x, dx in zip(now, first, strict=True)))
        second = receptors.rates_of_change(p, guess, rate)
        now = ReceptorState(
            *(x + STEP * (dx + dy) / 2 for x, dx, dy in zip(now, first, second, strict=True))
        )
        found.append(now.density)
    return np.array(found), now


def _stopped(rate):
    """Silence from day 0, a constant rate from day 5."""
    return lambda day: rate if day >= 5 else 0.0


@cache
def course(name):
    p = Receptors()
    slow = dataclasses.replace(p, activity_time_constant=0.25)
    runs = {
        "silence": (p, lambda _: 0.0, 10),
        "silence, 6 h time constant": (slow, lambda _: 0.0, 10),
        "1 Hz from day 5": (p, _stopped(1.0), 20),
        "0.005 Hz from day 5": (p, _stopped(0.005), 26),
    }
    return followed(*runs[name])[0]


def density(name, day):
    return float(course(name)[round(day / STEP)])


def days_to_normal():
    """Days of activity from day 5 until density is within 1 /um2 of habit."""
    found = course("1 Hz from day 5")
    normal = found[0]
    return float(np.argmax((np.arange(len(found)) * STEP > 5) & (found < normal + 1.0)) * STEP - 5)


def message_rise():
    """How many times its habitual level the message has reached after 3 d of silence."""
    _, now = followed(Receptors(), lambda _: 0.0, 3)
    return float(now.message / receptors.steady_state(Receptors(), HABIT).message)


def window_share():
    """Loss of the weekly mean density (%) from 100 impulses a fibre once a week, unit silent."""
    p = Receptors()
    now = receptors.steady_state(p, 1e-4)
    before = now.density
    for _ in range(4):
        now = receptors.after_event(p, now, 100.0)
        found, now = followed(p, lambda _: 1e-4, 7, now)
    return float(100 * (1 - found.mean() / before))


FALL = "receptors.rates_of_change, Heun, silence from 1 Hz"
BACK = "receptors.rates_of_change, Heun, 1 Hz from day 5 of silence"
REGRESSION = [
    *[
        (f"receptors-silence-{day:g}d", "h", f"density {day:g} d after activity stops, 1/um2",
         value, tolerance, FALL, "silence", day)
        for day, value, tolerance in [
            (1.25, 6, 3), (3, 102, 3), (4, 145, 3), (5, 171, 3), (7, 193, 3), (10, 200, 3),
        ]
    ],
    *[
        (f"receptors-back-{day}d", "h", f"density on day {day}, active from day 5, 1/um2",
         value, tolerance, BACK, "1 Hz from day 5", day)
        for day, value, tolerance in [(8, 54, 2), (10, 17, 1.5), (15, 2.5, 0.3), (20, 2.1, 0.3)]
    ],
    ("receptors-sparse-26d", "h", "density after 3 weeks of 0.005 Hz from day 5, 1/um2",
     22, 1.5, BACK.replace("1 Hz", "0.005 Hz"), "0.005 Hz from day 5", 26),
]  # fmt: skip
ROWS = [
    *[
        {"id": i, "link": link, "quantity": q, "published": v, "tolerance": tol,
         "source": "project_definition", "role": "regression", "function": how,
         "model": lambda name=name, day=day: density(name, day)}
        for i, link, q, v, tol, how, name, day in REGRESSION
    ],
    {"id": "salpeter-3d", "link": "h", "quantity": "extrajunctional density at 3 d, 1/um2",
     "published": 100, "tolerance": 15, "source": "salpeter1988", "role": "fitted",
     "function": FALL, "model": lambda: density("silence", 3)},
    {"id": "salpeter-4.5d", "link": "h", "quantity": "extrajunctional density at 4-5 d, 1/um2",
     "published": 165, "tolerance": 20, "source": "salpeter1988", "role": "predicted",
     "function": FALL, "model": lambda: density("silence", 4.5)},
    {"id": "salpeter-7.5d", "link": "h", "quantity": "density at 7-8 d (200 to 370), 1/um2",
     "published": 285, "tolerance": 85, "source": "salpeter1988", "role": "predicted",
     "function": FALL, "model": lambda: density("silence", 7.5)},
    {"id": "salpeter-10d", "link": "h", "quantity": "extrajunctional density at 10 d, 1/um2",
     "published": 200, "tolerance": 20, "source": "salpeter1988", "role": "fitted",
     "function": FALL, "model": lambda: density("silence", 10)},
    {"id": "merlie-message", "link": "h", "quantity": "rise of message by 3 d, times",
     "published": 100, "tolerance": 30, "source": "merlie1984", "role": "fitted",
     "function": FALL + "; message over message in use", "model": message_rise},
    {"id": "uchitel-30h", "link": "h", "quantity": "first detectable rise (twice normal), h",
     "published": 30, "tolerance": 10, "source": "uchitel1978", "role": "fitted",
     "function": FALL + "; first time above twice the density in use",
     "model": lambda: float(24 * STEP * np.argmax(course("silence") > 2 * course("silence")[0]))},
    {"id": "lomo-normal", "link": "h", "quantity": "days of direct stimulation to normal (5-21)",
     "published": 13, "tolerance": 8, "source": "lomo1975", "role": "predicted",
     "function": BACK + "; density within 1/um2 of normal", "model": days_to_normal},
    {"id": "lomo-sparse", "link": "h", "quantity": "fall after 3 weeks of 100 per 5.5 h, times",
     "published": 10, "tolerance": 2, "source": "lomo1975", "role": "fitted",
     "function": BACK.replace("1 Hz", "0.005 Hz") + "; full density over density",
     "model": lambda: 200 / density("0.005 Hz from day 5", 26)},
]  # fmt: skip
KNOWN_MISSES = {
    "receptors-silence-1.25d": "11.7 against 6: the chain of three stages smears the lag; a pure"
    " delay gives 6.0",
    "salpeter-7.5d": "195 against 200 to 370: the law's ceiling is 201, since 200 is reported at"
    " 10 d; the reports disagree",
}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_it_gives_the_published_number(row):
    found = row["model"]()

    off = found - row["published"]
    missed = abs(off) > row["tolerance"]
    assert missed == (row["id"] in KNOWN_MISSES), (
        f"{row['quantity']}: {found:.4g}, off by {off:+.3g}; {KNOWN_MISSES.get(row['id'])}"
    )


def test_a_six_hour_time_constant_would_miss_the_third_day():
    assert density("silence, 6 h time constant", 3) == pytest.approx(20, abs=3)


def test_a_weekly_event_takes_a_small_part_of_the_mean_density():
    assert 5 < window_share() < 14, f"{window_share():.1f} %"


def test_normal_use_holds_the_published_density():
    normal = receptors.steady_state(Receptors(), 0.1).density
    busy = receptors.steady_state(Receptors(), 1.0).density

    assert 1.5 < busy < normal < 3.5


def test_a_muscle_far_from_a_cut_is_denervated_later_as_published():
    near, far = (receptors.onset_after_lesion(Receptors(), 1.25, stump) for stump in (0.0, 3.5))

    assert 24 * near == pytest.approx(30)
    assert 24 * far == pytest.approx(40, abs=0.1)


@given(rates)
def test_a_steady_state_does_not_move(rate):
    p = Receptors()
    state = receptors.steady_state(p, rate)

    for change in receptors.rates_of_change(p, state, rate):
        assert abs(change) < 1e-9


def test_fibrillation_bounds_what_it_springs_from():
    """Counted as activity it holds a silent unit at a quarter of the published density."""
    p = Receptors()
    low, high = 0.0, 201.0
    for _ in range(60):
        middle = (low + high) / 2
        rate = receptors.fibrillation_activity(p, middle)
        low, high = (
            (middle, high) if receptors.steady_state(p, rate).density > middle else (low, middle)
        )

    assert low == pytest.approx(51.7, abs=1.0)


@given(rates, rates)
def test_more_activity_means_fewer_receptors(one, other):
    p = Receptors()
    less, more = sorted((one, other))

    assert receptors.steady_state(p, less).density >= receptors.steady_state(p, more).density


@given(st.lists(st.tuples(st.floats(0, 5), st.floats(0, 3000)), max_size=5), rates)
def test_states_stay_within_bounds(events, rate):
    p = Receptors()
    now = receptors.steady_state(p, 0.0)
    for days, impulses in events:
        now = receptors.after_event(p, now, impulses)
        _, now = followed(p, lambda _: rate, min(days, 0.5), now)

        assert now.activity >= 0
        assert all(0.0 <= x <= 1.0 for x in now[1:5])
        assert 0.0 <= now.density <= p.highest_density + 1e-9


@given(st.floats(0.0, 1000.0))
def test_an_event_never_raises_demand(impulses):
    p = Receptors()
    before = receptors.steady_state(p, 1e-4)

    after = receptors.after_event(p, before, impulses)

    assert after.activity >= before.activity
    assert after.lag_third == pytest.approx(receptors.demand(p, after.activity))
    assert after.density == before.density


def test_the_window_forgets_after_six_hours():
    days = np.array([0.0, 0.1])
    impulses = np.array([[216.0, 0.0], [0.0, 432.0]])

    assert receptors.window_activity(days, impulses, 0.2) == pytest.approx([0.01, 0.02])
    assert receptors.window_activity(days, impulses, 0.3) == pytest.approx([0.0, 0.02])
    assert receptors.window_activity(days, impulses, 0.4) == pytest.approx([0.0, 0.0])


@given(st.floats(0, 1), st.floats(0, 1), densities, densities)
def test_units_that_change_class_keep_the_muscles_total(before, after, silent, conducting):
    held = receptors.muscle_density(before, silent, conducting)

    moved = receptors.transferred(before, after, silent, conducting)

    assert receptors.muscle_density(after, *moved) == pytest.approx(held, abs=1e-6)


@given(densities, densities)
def test_density_makes_every_sign_worse(one, other):
    p = Receptors()
    less, more = sorted((one, other))

    for rising in (
        receptors.endplate_noise_rate,
        receptors.miniature_size,
        receptors.fibrillation_probability,
        receptors.fibrillation_activity,
    ):
        assert 0.0 <= rising(p, less) <= rising(p, more)
    assert 1.0 >= receptors.needle_threshold(p, less) >= receptors.needle_threshold(p, more) > 0


def test_there_is_no_fibrillation_in_normal_use():
    p = Receptors()

    assert receptors.fibrillation_probability(p, receptors.steady_state(p, 0.1).density) == 0


def test_draws_give_what_each_gives_alone():
    p, draws = Receptors(), 5
    declared = [d for d in declarations(Receptors) if d.is_drawn]
    strata = np.linspace(0.05, 0.95, draws)[:, None]
    values = {d.name: draw(d, strata if i % 2 else 1 - strata) for i, d in enumerate(declared)}
    together = drawn(p, values)
    muscles = np.array([0.0, 0.01, 1.0])

    many = receptors.rates_of_change(together, receptors.steady_state(together, 1e-3), muscles)

    assert many.density.shape == (draws, 1)
    assert many.activity.shape == (draws, 3)
    for i in range(draws):
        alone = drawn(p, {name: float(v[i, 0]) for name, v in values.items()})
        one = receptors.rates_of_change(alone, receptors.steady_state(alone, 1e-3), muscles)
        for a, b in zip(many, one, strict=True):
            np.testing.assert_allclose(np.broadcast_to(a, (draws, 3))[i], b, atol=1e-14)


def test_silent_fibres_rest_each_about_their_own_beginning_of_fibrillation():
    p = Receptors()

    held = float(receptors.silent_density(p))

    assert p.fibrillation_density < held < p.highest_density
    kept = p.highest_density * receptors.demand(p, receptors.activity_for(p, held))
    assert kept == pytest.approx(held)


def test_fibres_that_never_fibrillate_keep_all_their_receptors():
    p = Receptors(fibrillation_density=400.0)

    assert receptors.silent_density(p) == p.highest_density
