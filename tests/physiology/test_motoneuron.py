"""A pool behaves as its equations say: size principle, hysteresis, order of error, no surprises."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from myotome.physiology import motoneuron
from myotome.physiology import motoneuron_protocols as protocols
from myotome.physiology.motoneuron import (
    FATIGABLE,
    FATIGUE_RESISTANT,
    SLOW,
    Composition,
    Membrane,
    PoolInput,
    advance,
    at_rest,
    constants_of,
    mid_range,
    pool,
    reference_pool,
)
from myotome.physiology.parameters import declarations

TYPES = {"S": SLOW, "FR": FATIGUE_RESISTANT, "FF": FATIGABLE}
# Computed from the published equations at mid-range, without persistent inward current.
RESISTANCE = {"S": 1.60, "FR": 0.91, "FF": 0.60}
RHEOBASE = {"S": 9.0, "FR": 19.7, "FF": 33.2}
DURATION = {"S": 97.0, "FR": 53.0, "FF": 46.0}
RATES = {
    "S": {9.45: 10.7, 11.3: 16.3, 13.5: 20.8, 18.0: 28.7, 22.5: 36.1, 27.0: 43.9},
    "FR": {20.7: 19.4, 24.7: 29.1, 29.6: 36.9, 39.5: 49.4, 49.3: 60.8},
    "FF": {34.9: 30.4, 41.6: 56.9, 49.9: 87.2},
}


def passive(kind):
    return constants_of(mid_range(TYPES[kind]))


@pytest.mark.parametrize("kind", TYPES)
def test_resistance_and_rheobase_are_as_computed_from_the_equations(kind):
    constants = passive(kind)

    assert motoneuron.input_resistance(constants)[0] == pytest.approx(RESISTANCE[kind], abs=0.006)
    assert protocols.rheobase(constants)[0] == pytest.approx(RHEOBASE[kind], abs=0.06)


@pytest.mark.parametrize("kind", TYPES)
def test_rates_over_current_are_as_computed_from_the_equations(kind):
    found = protocols.discharge_rates(passive(kind), list(RATES[kind]))[:, 0]

    assert found == pytest.approx(list(RATES[kind].values()), rel=0.01)


@pytest.mark.parametrize("kind", TYPES)
def test_the_afterhyperpolarisation_lasts_as_long_as_computed(kind):
    found = protocols.afterhyperpolarisation(passive(kind))

    assert found.duration[0] == pytest.approx(DURATION[kind], rel=0.02)


def test_the_afterhyperpolarisation_shortens_from_slow_to_fast():
    slow, resistant, fatigable = (
        protocols.afterhyperpolarisation(passive(kind)).duration[0] for kind in TYPES
    )

    assert slow > resistant > fatigable


def test_resistance_is_what_a_small_steady_current_meets():
    constants = pool(12)._replace(persistent=np.zeros(12))
    state = at_rest(constants, precision=np.float64)
    settled, _ = advance(constants, state, PoolInput(current=0.01), steps=5000)

    assert settled.soma / 0.01 == pytest.approx(motoneuron.input_resistance(constants), rel=1e-6)


def test_small_units_are_recruited_first():
    constants = pool()
    discharge = protocols.ramp(constants, 0.4, half_ms=4000, rest_ms=0)
    first = np.array([(*discharge.times(unit), np.inf)[0] for unit in range(120)])
    recruited = first < np.inf

    assert recruited.sum() > 60
    assert not (np.diff(recruited.astype(int)) > 0).any()
    assert (np.diff(first[recruited]) > -100.0).all()  # within the interval of a slow rate
    assert np.corrcoef(np.argsort(first[recruited]), np.arange(recruited.sum()))[0, 1] > 0.99


def test_recruitment_is_ordered_by_resistance_alone():
    """Equal thresholds for all: size still decides."""
    constants = pool()._replace(threshold=np.full(120, 15.0))

    assert (np.diff(motoneuron.input_resistance(constants)) <= 0.0).all()
    assert (np.diff(protocols.rheobase(constants)) > -0.001).all()  # equal where two types meet


def test_the_persistent_inward_current_makes_ramps_differ():
    with_current = pool(40)
    without = with_current._replace(persistent=np.zeros(40))

    assert np.nanmean(protocols.delta_f(protocols.ramp(with_current, 0.3))) > 1.5
    assert abs(np.nanmean(protocols.delta_f(protocols.ramp(without, 0.3)))) < 0.3


def discharge_after_a_burst(constants):
    """Spikes between 1 and 2 s after 0.5 s of drive has ended, over a small steady drive."""
    small = PoolInput(steady_excitation=0.06)
    state, _ = advance(constants, at_rest(constants), small, steps=5000)
    state, _ = advance(constants, state, PoolInput(steady_excitation=0.3), steps=5000)
    state, _ = advance(constants, state, small, steps=10_000)
    return len(advance(constants, state, small, steps=10_000)[1].step)


def test_a_strong_persistent_current_sustains_discharge_and_a_raised_threshold_ends_it():
    strong = pool(40)
    strong = strong._replace(persistent=strong.persistent * 1.5)

    assert discharge_after_a_burst(strong) > 40
    assert discharge_after_a_burst(strong.raised(0.5)) == 0
    assert discharge_after_a_burst(strong._replace(persistent=np.zeros(40))) == 0


def test_slow_inactivation_lets_sustained_discharge_run_down():
    lasting, fading = (
        pool(40, membrane=Membrane(inactivation=inactivation)) for inactivation in (0.0, 1.0)
    )

    assert discharge_after_a_burst(fading._replace(persistent=fading.persistent * 1.5)) < 0.2 * (
        discharge_after_a_burst(lasting._replace(persistent=lasting.persistent * 1.5))
    )


def test_inhibition_slows_and_silences():
    constants = pool(20)
    rates = []
    for added in (0.0, 0.1, 1.0):
        state, count = at_rest(constants), 0
        for _ in range(500):
            state, spikes = advance(
                constants, state, PoolInput(current=20.0, inhibition=added), steps=10
            )
            count += len(spikes.step)
        rates.append(count)

    assert rates[0] > rates[1] > rates[2]


def test_conductances_decay_with_their_time_constants():
    constants = pool(3)
    state, _ = advance(
        constants, at_rest(constants, precision=np.float64),
        PoolInput(excitation=0.2, inhibition=0.3), steps=20,
    )  # fmt: skip

    assert state.excitation == pytest.approx(np.full(3, 0.2 * np.exp(-2.0 * 2.5)))
    assert state.inhibition == pytest.approx(np.full(3, 0.3 * np.exp(-2.0 * 1.2)))


def below_threshold(step_ms, scheme):
    """Soma (mV) 12 ms into a steady conductance and current that stay below threshold."""
    constants = reference_pool(8)._replace(threshold=np.full(8, 1e3), persistent=np.zeros(8))
    state, _ = advance(
        constants, at_rest(constants, precision=np.float64),
        PoolInput(steady_excitation=0.1, current=3.0), steps=round(12 / step_ms), step_ms=step_ms,
        scheme=scheme,
    )  # fmt: skip
    return state.soma


@pytest.mark.parametrize(("scheme", "order"), [("backward_euler", 1.0), ("crank_nicolson", 2.0)])
def test_halving_the_step_divides_the_error_as_the_scheme_promises(scheme, order):
    """Without persistent current, whose gate follows the voltage by half a step."""
    errors = []
    for step_ms in (0.2, 0.1, 0.05):
        difference = below_threshold(step_ms, scheme) - below_threshold(0.001, "crank_nicolson")
        errors.append(np.abs(difference).max())
    found = np.log2(np.array(errors[:-1]) / errors[1:])

    assert found == pytest.approx(np.full(2, order), abs=0.15)


def driven(constants, shots, step_ms, scheme="crank_nicolson", precision=np.float32):
    """Spike times (ms) and units under shots at each millisecond."""
    state, times, units = at_rest(constants, precision=precision), [], []
    for begun, given_now in enumerate(shots):
        state, spikes = advance(
            constants, state, PoolInput(excitation=given_now), steps=round(1 / step_ms),
            step_ms=step_ms, scheme=scheme,
        )  # fmt: skip
        times.append(begun + (spikes.step + 1) * step_ms)
        units.append(spikes.unit)
    return np.concatenate(times), np.concatenate(units)


def test_the_default_scheme_is_close_to_a_step_twenty_times_shorter():
    constants = reference_pool()
    shots = np.random.default_rng(1).poisson(1.0, (2000, 120)) * 0.12
    fine_times, fine_units = driven(constants, shots, 0.005, precision=np.float64)
    times, units = driven(constants, shots, 0.1)
    met = sum(
        np.sum(np.abs(times[units == unit][:, None] - fine_times[fine_units == unit]).min(0) < 1.0)
        for unit in np.unique(fine_units)
        if (units == unit).any()
    )

    assert len(times) == pytest.approx(len(fine_times), rel=0.001)
    assert met / len(fine_times) > 0.97


weights = st.floats(0.0, 5.0)


@settings(max_examples=30, deadline=None)
@given(
    excitation=weights,
    inhibition=weights,
    steady=weights,
    current=st.floats(-1e4, 1e4),
    shot_rate=st.floats(0.0, 10.0),
    scheme=st.sampled_from(["backward_euler", "crank_nicolson"]),
    seed=st.integers(0, 2**31),
)
def test_gates_stay_shares_and_voltages_stay_numbers(  # noqa: PLR0913, PLR0917
    excitation, inhibition, steady, current, shot_rate, scheme, seed
):
    constants = pool(16, membrane=Membrane(inactivation=1.0))
    inputs = PoolInput(excitation, inhibition, steady, current, shot_rate, 0.5, seed)
    state = at_rest(constants)
    spikes_of = np.zeros(16)
    for _ in range(5):
        state, spikes = advance(constants, state, inputs, steps=200, scheme=scheme)
        spikes_of += spikes.counts(16)[0]

    for name, value in state.arrays().items():
        assert np.isfinite(value).all(), name
        if name.endswith(("_on", "_ready")):
            assert ((value >= 0.0) & (value <= 1.0)).all(), name
    assert (spikes_of <= 100.0 / constants.membrane.refractory + 1.0).all()


def test_no_unit_fires_twice_within_its_refractory_time():
    constants = pool(30)
    _, spikes = advance(constants, at_rest(constants), PoolInput(current=1e3), steps=5000)

    for unit in range(30):
        assert np.diff(spikes.step[spikes.unit == unit]).min() * 0.1 >= 2.0


def test_thresholds_and_half_activations_can_be_raised_unit_by_unit():
    constants = pool(4)
    rise = np.array([0.0, 0.1, 0.2, 0.5])
    raised = constants.raised(rise)

    assert raised.threshold == pytest.approx(constants.threshold * (1.0 + rise))
    assert raised.half_activation == pytest.approx(constants.half_activation * (1.0 + rise))
    assert (protocols.rheobase(raised)[1:] > protocols.rheobase(constants)[1:]).all()


def test_people_may_have_pools_of_their_own():
    constants = pool(20)
    both = constants._replace(
        **{n: np.stack([a, a]) for n, a in constants.arrays().items() if n != "threshold"},
        threshold=np.stack([constants.threshold, constants.threshold * 1.5]),
    )
    _, spikes = advance(both, at_rest(both, 2), PoolInput(current=20.0), steps=5000)
    _, alone = advance(constants, at_rest(constants), PoolInput(current=20.0), steps=5000)
    counts = spikes.counts(20, 2)

    np.testing.assert_array_equal(counts[0], alone.counts(20)[0])
    assert counts[1].sum() < counts[0].sum()


def test_the_pool_holds_the_shares_it_was_given():
    constants = pool(100, Composition(slow=0.7, fatigue_resistant=0.2))

    assert (constants.slow_potassium_fall == 0.025).sum() == 70
    assert pool(3).units == 3
    assert constants.axon_velocity[0] == 44.0
    assert constants.axon_velocity[-1] == 53.0


@pytest.mark.parametrize("structure", [Membrane, motoneuron.Cell, Composition])
def test_every_number_is_declared(structure):
    assert len(declarations(structure)) == len(structure.__dataclass_fields__)


SMALL = pool(4)


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        (PoolInput(current=np.nan), "current must be -10000 to 10000 (nA), got nan."),
        (PoolInput(current=1e5), "current must be -10000 to 10000 (nA), got 100000.0."),
        (PoolInput(excitation=-0.1), "excitation must be 0 to 1000 (uS), got -0.1"),
        (PoolInput(inhibition=np.inf), "inhibition must be 0 to 1000 (uS), got inf."),
        (PoolInput(shot_rate=11.0), "shot_rate must be 0 to 10 (1/ms, at most one in a step)"),
        (
            PoolInput(current=np.zeros(3)),
            "current must be one number, of shape (4,) or (1, 4), got (3,).",
        ),
    ],
)
def test_an_input_that_cannot_be_used_is_refused_in_words(inputs, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        advance(SMALL, at_rest(SMALL), inputs, steps=1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"steps": -1}, "steps must be 0 or more, got -1."),
        ({"steps": 1, "step_ms": 0.3}, "step_ms must be a whole part of 1 ms"),
        ({"steps": 1, "step_ms": -0.1}, "step_ms must be a whole part of 1 ms"),
        ({"steps": 1, "scheme": "heun"}, "scheme must be backward_euler or crank_nicolson"),
    ],
)
def test_an_argument_that_cannot_be_used_is_refused_in_words(arguments, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        advance(SMALL, at_rest(SMALL), **arguments)


@pytest.mark.parametrize(
    ("state", "message"),
    [
        (at_rest(pool(5)), "state must be of shape (4,) or (people, 4), got (5,)."),
        (
            at_rest(SMALL)._replace(soma=np.full(4, np.nan, dtype=np.float32)),
            "soma of the state must be finite, got nan.",
        ),
        (at_rest(SMALL)._replace(soma=np.zeros(4, dtype=int)), "state must be of float32 or"),
    ],
)
def test_a_state_that_cannot_be_used_is_refused_in_words(state, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        advance(SMALL, state, steps=1)


def test_a_pool_that_cannot_be_used_is_refused_in_words():
    with pytest.raises(ValueError, match=re.escape("coupling of the pool must be of shape (4,)")):
        advance(SMALL._replace(coupling=np.zeros(3)), at_rest(SMALL), steps=1)
    with pytest.raises(ValueError, match="refractory must be 1 ms or more"):
        advance(SMALL._replace(membrane=Membrane(refractory=0.5)), at_rest(SMALL), steps=1)
    with pytest.raises(ValueError, match="units must be 3 or more, got 2"):
        pool(2)
