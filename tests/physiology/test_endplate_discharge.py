"""Fibres by themselves and under a needle: the course's mean rates, published ranges, limits."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from myotome.physiology import endplate_discharge as ed
from myotome.physiology import receptors as rc

DISCHARGE = ed.EndplateDischarge()
RECEPTORS = rc.Receptors()


def watched(  # noqa: PLR0913 - a run, all by name
    density, seconds, *, fibres=16, step_ms=1.0, receptors=RECEPTORS, seed=1, places=0
):
    """Noise and fibrillation of each fibre, shape (steps, units, fibres)."""
    density = np.asarray(density, dtype=float)
    constant = ed.constants(DISCHARGE, density.shape[-1], fibres, seed=seed, first_place=places)
    state = ed.at_rest(receptors, constant)
    noise, fired = [], []
    for _ in range(round(1000.0 * seconds / step_ms)):
        state = ed.step(DISCHARGE, receptors, constant, state, density=density, step_ms=step_ms)
        noise.append(state.noise)
        fired.append(state.fibrillated)
    return np.array(noise), np.array(fired)


@pytest.mark.parametrize("density", [2.0, 50.0, 200.0])
def test_noise_comes_at_the_rate_of_its_density(density):
    noise, _ = watched(np.full(40, density), 3.0)

    expected = rc.endplate_noise_rate(RECEPTORS, density)
    assert noise.sum(axis=0).mean() / 3.0 == pytest.approx(expected, rel=0.04)


def test_an_electrode_hears_no_endplate_from_a_millimetre_away():
    assert ed.heard(DISCHARGE, 0.0) == 1.0
    assert ed.heard(DISCHARGE, 0.076) == pytest.approx(0.55, abs=0.005)
    assert ed.heard(DISCHARGE, 1.0) < 0.001


def test_noise_is_without_rhythm():
    noise, _ = watched([100.0], 5.0, fibres=150)
    gaps = np.concatenate([np.diff(np.flatnonzero(noise[:, 0, f])) for f in range(150)])

    assert gaps.std() / gaps.mean() == pytest.approx(1.0, abs=0.05)


def test_conducting_units_do_not_fibrillate_and_silent_ones_do():
    _, fired = watched(np.array([2.0] * 30 + [180.0] * 30), 20.0, step_ms=5.0)

    assert fired[:, :30].sum() == 0
    assert fired[:, 30:].sum() > 0


def test_fibrillation_adds_the_activity_that_the_course_counts():
    receptors = rc.Receptors(fibrillation_duty=0.1)
    # Exactly as many fibres as the law says may fibrillate, most of the time in no train.
    _, fired = watched(
        np.full(1000, 150.0), 15.0, fibres=20, step_ms=15.0, receptors=receptors, seed=4
    )

    measured = fired.sum(axis=0).mean() / 15.0
    assert measured == pytest.approx(rc.fibrillation_activity(receptors, 150.0), rel=0.1)


def test_a_fibrillating_fibre_fires_regularly_between_2_and_30_hertz():
    receptors = rc.Receptors(fibrillation_duty=0.9)
    _, fired = watched(np.full(20, 10_000.0), 6.0, receptors=receptors)
    quick = []
    for train in fired.reshape(fired.shape[0], -1).T:
        gaps = np.diff(np.flatnonzero(train))
        if gaps.size > 10:
            quick.append(1000.0 / np.median(gaps))
            # Uniform intervals of this variation have quartiles 0.087 of the mean apart.
            assert np.diff(np.quantile(gaps, (0.25, 0.75)))[0] < 0.15 * np.median(gaps)

    assert len(quick) > 50
    assert min(quick) > 1.8
    assert max(quick) < 33.0


def test_a_batch_changes_no_event():
    together = watched(np.full(6, 150.0), 2.0, fibres=4)
    alone = watched(np.full(1, 150.0), 2.0, fibres=4, places=8)

    assert np.array_equal(together[0][:, 2:3], alone[0])
    assert np.array_equal(together[1][:, 2:3], alone[1])


def test_receptors_make_a_needle_felt():
    density = np.array([2.0, 20.0, 50.0, 100.0, 200.0])
    share = ed.firing_probability(DISCHARGE, RECEPTORS, density)

    assert np.all(np.diff(share) > 0.0)
    assert share[0] < 0.01
    assert share[-1] > 0.5
    at_threshold = rc.needle_threshold(RECEPTORS, 100.0) / DISCHARGE.push
    assert ed.firing_probability(DISCHARGE, RECEPTORS, 100.0, at_threshold) == pytest.approx(0.5)


def test_without_a_push_no_fibre_fires():
    assert ed.firing_probability(DISCHARGE, RECEPTORS, 200.0, 0.0) < 1e-30


@given(st.floats(0.0, 20_000.0), st.floats(0.0, 100.0))
@settings(max_examples=50, deadline=None)
def test_a_probability_is_one(density, force):
    assert 0.0 <= ed.firing_probability(DISCHARGE, RECEPTORS, density, force) <= 1.0


def test_ten_thousand_draws_of_the_parameters_give_numbers():
    from myotome.physiology.parameters import declarations, draw

    rng = np.random.default_rng(1)
    kinds = (ed.EndplateDischarge, rc.Receptors)
    for _ in range(20):
        discharge, receptors = (
            kind(**{
                d.name: float(draw(d, rng.random())) for d in declarations(kind) if d.is_drawn
            })
            for kind in kinds
        )  # fmt: skip
        constant = ed.constants(discharge, 500, 1, seed=3)
        state = ed.at_rest(receptors, constant)
        density = rng.uniform(0.0, 400.0, 500)
        for _ in range(50):
            state = ed.step(discharge, receptors, constant, state, density=density)

        assert all(np.all(np.isfinite(value)) for value in state)
        assert np.all(state.interval > 0.0)
        share = ed.firing_probability(discharge, receptors, density)
        assert np.all((share >= 0.0) & (share <= 1.0))


def test_single_precision_stays_single():
    constant = ed.constants(DISCHARGE, 4, seed=1, dtype=np.float32)
    state = ed.at_rest(RECEPTORS, constant, (2,))
    for _ in range(200):
        state = ed.step(DISCHARGE, RECEPTORS, constant, state, density=np.full(4, 150.0))

    for value in (state.progress, state.noise_progress, state.train_progress, state.interval):
        assert value.dtype == np.float32
    assert state.noise.any()
    assert ed.impulses(state).dtype == ed.noise_events(state).dtype == np.float32


@pytest.mark.parametrize(
    ("units", "fibres", "seed", "named"),
    [(0, 1, 1, "units"), (1, 0, 1, "fibres"), (1, 1, -1, "seed")],
)
def test_it_refuses_what_has_no_meaning(units, fibres, seed, named):
    with pytest.raises(ValueError, match=named):
        ed.constants(DISCHARGE, units, fibres, seed=seed)


@pytest.mark.parametrize("density", [-1.0, np.nan, 1e5])
def test_it_refuses_a_density_that_no_membrane_has(density):
    with pytest.raises(ValueError, match="density must be"):
        ed.checked_density(density)
