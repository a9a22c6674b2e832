"""Ectopic fibres: published shares and rates, closed forms, and draws that no batch changes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from myotome.physiology import ectopic_generator as eg
from myotome.physiology import root

GENERATOR = eg.EctopicGenerator()
ROOT = root.Root()


def impulses(  # noqa: PLR0913 - a run, all by name
    group, seconds, *, mean_rate, step_ms=1.0, strain=lambda _: 0.0, state=None
):
    """Impulse counts per fibre and the last state."""
    state = state or eg.at_rest(group)
    counts = np.zeros(state.progress.shape)
    for k in range(round(1000.0 * seconds / step_ms)):
        state = eg.step(
            group, state, mean_rate=mean_rate, strain=strain(k * step_ms), step_ms=step_ms
        )
        counts += state.fired
    return counts, state


def intervals(group, seconds, mean_rate):
    """Intervals (ms) of each fibre."""
    state, last = eg.at_rest(group), np.full(group.place.size, np.nan)
    found = [[] for _ in range(group.place.size)]
    for k in range(round(1000.0 * seconds)):
        state = eg.step(group, state, mean_rate=mean_rate)
        for which in np.flatnonzero(state.fired):
            found[which].append(k - last[which])
            last[which] = k
    return [np.array(each[1:]) for each in found]


def test_as_many_c_fibres_are_active_as_after_a_cut():
    shares = [
        np.mean(
            eg.fibres(
                GENERATOR, eg.FibreClass.C, 865, active_share=ROOT.cut_share, seed=seed
            ).relative_rate
            > 0.0
        )
        for seed in range(20)
    ]

    assert 0.055 < np.mean(shares) < 0.065
    assert np.mean((np.array(shares) >= 0.04) & (np.array(shares) <= 0.08)) > 0.9


@pytest.mark.parametrize(("first", "last", "published"), [(0.5, 9.0, 49.0), (22.0, 30.0, 11.0)])
def test_their_rate_falls_as_after_a_cut(first, last, published):
    many = eg.fibres(GENERATOR, eg.FibreClass.C, 5000, active_share=1.0, seed=3)
    hours = np.linspace(first, last, 5)[:, None]
    rate = root.c_fibre_rate_after_cut(ROOT, hours / 24.0)
    state = eg.at_rest(many, (5,))
    counts, _ = impulses(many, 10.0, mean_rate=rate, step_ms=10.0, state=state)

    assert 60.0 * counts.mean() / 10.0 == pytest.approx(published, rel=0.1)


def test_mean_and_variation_of_intervals_meet_their_closed_form():
    group = eg.fibres(
        eg.EctopicGenerator(rate_spread=0.0, bursting_c=0.5),
        eg.FibreClass.C, 60, active_share=1.0, seed=5,
    )  # fmt: skip
    measured = intervals(group, 20.0, mean_rate=20.0)

    means = np.array([each.mean() for each in measured]) / 1000.0
    varied = np.array([each.std() / each.mean() for each in measured])
    bursts = group.bursts
    assert 15 < bursts.sum() < 45
    relative = means / eg.mean_interval(group, 20.0)
    assert np.allclose(relative[~bursts], 1.0, atol=0.12)
    assert np.mean(relative[~bursts]) == pytest.approx(1.0, rel=0.02)
    # The longest pauses do not fit into the time watched.
    assert np.mean(relative[bursts]) == pytest.approx(1.0, rel=0.06)
    expected = eg.interval_variation(group, 20.0)
    assert np.mean(varied[bursts]) == pytest.approx(np.mean(expected[bursts]), rel=0.07)
    assert np.mean(varied[~bursts]) == pytest.approx(np.mean(expected[~bursts]), rel=0.03)
    assert np.all(expected[bursts] > expected[~bursts].max())


def test_bursts_hold_the_quick_intervals_asked_for():
    group = eg.fibres(
        eg.EctopicGenerator(bursting_a_beta=0.8),
        eg.FibreClass.A_BETA, 60, active_share=1.0, seed=2,
    )  # fmt: skip
    bursting = eg.Fibres(group.seed, *(value[group.bursts] for value in group[1:]))
    for each, mean in zip(intervals(bursting, 12.0, 10.0), bursting.burst_interval, strict=True):
        if each.size > 80:
            assert np.median(each) < 2.0 * mean
            assert each.max() > 100.0


def test_a_batch_changes_no_impulse():
    whole = eg.fibres(GENERATOR, eg.FibreClass.A_BETA, 50, active_share=0.7, seed=9)
    part = eg.fibres(GENERATOR, eg.FibreClass.A_BETA, 5, active_share=0.7, seed=9, first_place=20)
    together, one = impulses(whole, 3.0, mean_rate=30.0), impulses(part, 3.0, mean_rate=30.0)
    people, _ = impulses(whole, 3.0, mean_rate=30.0, state=eg.at_rest(whole, (2, 3)))

    assert np.array_equal(together[0][20:25], one[0])
    assert np.array_equal(together[1].progress[20:25], one[1].progress)
    assert np.array_equal(people, np.broadcast_to(together[0], people.shape))


def test_another_seed_gives_other_impulses():
    first, second = (
        impulses(
            eg.fibres(GENERATOR, eg.FibreClass.C, 30, active_share=1.0, seed=seed),
            2.0,
            mean_rate=5.0,
        )[0]
        for seed in (1, 2)
    )

    assert not np.array_equal(first, second)


def test_strain_excites_some_fibres_and_leaves_a_fading_afterdischarge():
    group = eg.fibres(GENERATOR, eg.FibreClass.A_DELTA, 400, active_share=0.0, seed=4)
    excited = group.mechanical_gain > 0.0

    quiet, state = impulses(group, 1.0, mean_rate=1.0)
    during, state = impulses(group, 2.0, mean_rate=1.0, strain=lambda _: 0.1, state=state)
    after, state = impulses(group, 2.0, mean_rate=1.0, state=state)
    later, state = impulses(group, 2.0, mean_rate=1.0, state=state)

    assert quiet.sum() == 0
    assert during[~excited].sum() == 0
    assert during[excited].mean() / 2.0 == pytest.approx(14.0, rel=0.1)
    assert 0 < later.sum() < after.sum() < during.sum()
    at_most = GENERATOR.afterdischarge_share * 14.0
    assert np.all(state.afterdischarge <= at_most)
    assert np.all(state.afterdischarge[excited] > 0.0)


def test_a_silent_fibre_stays_silent():
    group = eg.fibres(GENERATOR, eg.FibreClass.C, 200, active_share=0.0, seed=1)

    assert impulses(group, 2.0, mean_rate=500.0)[0].sum() == 0


@given(st.floats(0.0, 1.0), st.floats(0.0, 1000.0), st.floats(-0.5, 1.0), st.integers(0, 2**64 - 1))
@settings(max_examples=25, deadline=None)
def test_whatever_is_asked_states_are_numbers(share, mean_rate, strain, seed):
    group = eg.fibres(GENERATOR, eg.FibreClass.A_BETA, 8, active_share=share, seed=seed)
    counts, state = impulses(group, 0.05, mean_rate=mean_rate, strain=lambda _: strain)

    assert np.all(np.isfinite(state.progress))
    assert np.all(state.interval > 0.0)
    assert np.all(counts <= 50)


def test_ten_thousand_draws_of_the_parameters_give_numbers():
    from myotome.physiology.parameters import declarations, draw

    strata = np.random.default_rng(1)
    for _ in range(10):
        values = {
            d.name: float(draw(d, strata.random()))
            for d in declarations(eg.EctopicGenerator)
            if d.is_drawn
        }
        group = eg.fibres(
            eg.EctopicGenerator(**values), eg.FibreClass.A_BETA, 1000, active_share=0.5, seed=1
        )
        _, state = impulses(group, 0.02, mean_rate=100.0, strain=lambda _: 0.2)

        assert np.all(np.isfinite(state.progress))
        assert np.all(np.isfinite(eg.interval_variation(group, 100.0)))


def test_single_precision_stays_single():
    group = eg.fibres(GENERATOR, eg.FibreClass.C, 100, active_share=1.0, seed=1, dtype=np.float32)
    counts, state = impulses(group, 5.0, mean_rate=np.float32(10.0))

    assert state.progress.dtype == state.interval.dtype == np.float32
    assert state.afterdischarge.dtype == np.float32
    assert counts.mean() / 5.0 == pytest.approx(group.relative_rate.mean() * 10.0, rel=0.05)


@pytest.mark.parametrize(
    ("given_", "named"),
    [
        ({"count": 0}, "count"),
        ({"active_share": 1.5}, "active_share"),
        ({"active_share": float("nan")}, "active_share"),
        ({"seed": -1}, "seed"),
        ({"first_place": 2**32}, "first_place"),
    ],
)
def test_it_refuses_what_has_no_meaning(given_, named):
    asked = {"count": 10, "active_share": 0.5, "seed": 1, **given_}
    with pytest.raises(ValueError, match=named):
        eg.fibres(GENERATOR, eg.FibreClass.C, asked.pop("count"), **asked)


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ((-1.0, 0.0, 1.0), "mean_rate"),
        ((np.nan, 0.0, 1.0), "mean_rate"),
        ((1e6, 0.0, 1.0), "mean_rate"),
        ((1.0, 5.0, 1.0), "strain"),
        ((1.0, 0.0, 0.0), "step_ms"),
        ((1.0, 0.0, 1e3), "step_ms"),
    ],
)
def test_it_refuses_drive_without_meaning(values, named):
    with pytest.raises(ValueError, match=f"{named} must be"):
        eg.checked(*values)
