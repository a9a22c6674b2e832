"""Thin afferents report strain at once and metabolite late and long."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from myotome.physiology import muscle_nociceptor as mn
from myotome.physiology.parameters import declarations, draw, drawn

OF = mn.constants(mn.MuscleNociceptor())
COARSE = mn.constants(mn.MuscleNociceptor(), 100.0)
NONE = np.zeros(())


def _after(of, state, steps, *, strain_rate=0.0, pressure=0.0, power=0.0):  # noqa: PLR0913
    for _ in range(steps):
        state = mn.step(
            of,
            state,
            strain_rate=np.asarray(strain_rate),
            pressure=np.asarray(pressure),
            power=np.asarray(power),
        )
    return state


def test_a_muscle_at_rest_is_silent():
    assert mn.discharge_rates(_after(OF, mn.at_rest(OF), 10), 1.0) == (0.0, 0.0)


def test_group_3_answers_within_a_second_and_group_4_takes_minutes():
    second = _after(OF, mn.at_rest(OF), 1000, pressure=1.0, power=1.0)
    minutes = _after(COARSE, mn.at_rest(COARSE), 6000, pressure=1.0, power=1.0)

    assert second.group_3 > 0.95 * minutes.group_3
    assert second.group_4 < 0.01 * minutes.group_4
    assert abs(minutes.metabolite - 1.0) < 1e-3


def test_metabolite_is_washed_out_with_its_time_constant():
    worked = mn.MuscleNociceptorState(np.ones(()), NONE, NONE)

    assert abs(_after(COARSE, worked, 600).metabolite - np.exp(-1.0)) < 1e-9


def test_shortening_is_not_felt_but_lengthening_is():
    short = _after(OF, mn.at_rest(OF), 100, strain_rate=-1.0)
    stretched = _after(OF, mn.at_rest(OF), 100, strain_rate=1.0)

    assert short.group_3 == 0.0
    assert stretched.group_3 > 0.0


def test_receptors_and_sensitisation_raise_both_rates():
    gains = [mn.gain(OF, np.asarray(e), np.asarray(s)) for e, s in ((0, 0), (200, 0), (200, 1))]

    assert gains == [1.0, 1.5, 2.0]


@settings(deadline=None)
@given(strain_rate=st.floats(-50, 50), pressure=st.floats(0, 10), power=st.floats(0, 10))
def test_rates_are_finite_and_never_negative(strain_rate, pressure, power):
    state = _after(OF, mn.at_rest(OF), 50, strain_rate=strain_rate, pressure=pressure, power=power)

    for rate in mn.discharge_rates(state, mn.gain(OF, np.asarray(500.0), np.asarray(1.0))):
        assert np.isfinite(rate)
        assert rate >= 0.0


def test_no_draw_of_the_parameters_gives_what_is_no_number():
    generator, draws = np.random.default_rng(4), 10_000
    loose = [d for d in declarations(mn.MuscleNociceptor) if d.is_drawn]
    values = {d.name: draw(d, generator.random(draws)) for d in loose}
    of = mn.constants(drawn(mn.MuscleNociceptor(), values))
    rate, pressure, power = generator.uniform([[-50], [0], [0]], [[50], [10], [10]], (3, draws))
    state = _after(
        of, mn.at_rest(of, (draws,)), 20, strain_rate=rate, pressure=pressure, power=power
    )

    for rates in mn.discharge_rates(state, mn.gain(of, np.asarray(300.0), np.asarray(1.0))):
        assert np.isfinite(rates).all()
        assert (rates >= 0.0).all()


def test_a_time_constant_of_nothing_is_refused():
    with pytest.raises(ValueError, match="washout_time must be positive"):
        mn.constants(mn.MuscleNociceptor(washout_time=0.0))
    with pytest.raises(ValueError, match="strain_rate must be -50 to 50"):
        mn.check(np.nan, 0.0, 0.0)
    with pytest.raises(ValueError, match="power must be 0 to 10"):
        mn.check(0.0, 0.0, -1.0)
    with pytest.raises(ValueError, match="step_ms must be positive"):
        mn.constants(mn.MuscleNociceptor(), -1.0)
