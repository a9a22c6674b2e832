"""The plain twitch model meets the table of its authors' code."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from myotome.physiology import twitch as tw

POOL = tw.Twitches()
OF = tw.constants(POOL, 120)
SHOWN = [0, 29, 59, 89, 119]


def _run(of, trains):
    state = tw.at_rest(of)
    found = []
    for spikes in trains:
        state = tw.step(of, state, spikes=spikes)
        found.append(state.force)
    return np.array(found)


def test_forces_and_contraction_times_are_the_published_ones():
    assert np.allclose(OF.peak[SHOWN], [1.039, 3.162, 10, 31.6, 100], rtol=5e-3)
    assert np.allclose(OF.contraction[SHOWN], [89.2, 68.4, 52.0, 39.5, 30.0], rtol=5e-3)


def test_one_spike_gives_the_prescribed_twitch_exactly():
    train = np.zeros((300, 120))
    train[0] = 1.0
    time = np.arange(1, 301)[:, None]

    published = OF.peak * time / OF.contraction * np.exp(1.0 - time / OF.contraction)
    assert np.allclose(_run(OF, train), published, rtol=1e-10)


@pytest.mark.parametrize(
    ("rate", "published"),
    [(0.2, 0.060), (0.4, 0.120), (0.5, 0.221), (0.6, 0.351), (0.8, 0.641), (1.0, 0.865),
     (1.5, 0.999)],
)  # fmt: skip
def test_force_against_rate_is_the_published_sigmoid(rate, published):
    """Mean force over that of a tetanus: rate times gain, which settles at 1 over its unit."""
    contraction = OF.contraction[:1]
    share = rate * tw.gain(OF._replace(contraction=contraction), contraction / rate)

    assert abs(share[0] * OF.unit_gain - published) < 5.1e-4


def test_later_spikes_of_a_quick_train_add_less():
    spaced, quick = np.zeros((1200, 120)), np.zeros((1200, 120))
    spaced[[0, 300]], quick[[0, 10]] = 1.0, 1.0

    assert (tw.gain(OF, np.full(120, 10.0))[:60] < 1.0).all()
    assert (_run(OF, quick).sum(axis=0) < _run(OF, spaced).sum(axis=0))[:60].all()


@settings(deadline=None)
@given(seed=st.integers(0, 2**32 - 1), rate=st.floats(0, 1000))
def test_force_is_finite_and_never_negative(seed, rate):
    trains = (np.random.default_rng(seed).random((100, 120)) < rate / 1000.0).astype(float)
    forces = _run(OF, trains)

    assert np.isfinite(forces).all()
    assert (forces >= 0.0).all()


def test_a_pool_without_units_is_refused():
    with pytest.raises(ValueError, match="units must be 1 or more"):
        tw.constants(POOL, 0)
    with pytest.raises(ValueError, match="spikes must be 0 or 1"):
        tw.check([0.0, np.nan])
    with pytest.raises(ValueError, match="longest_contraction must be positive"):
        tw.constants(tw.Twitches(longest_contraction=0.0), 3)
    with pytest.raises(ValueError, match="step_ms must be positive"):
        tw.constants(POOL, 3, 0.0)
