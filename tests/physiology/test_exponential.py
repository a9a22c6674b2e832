"""exp and log are right to the last digits, and what lies beyond the range is clamped."""

import numpy as np
import pytest

from myotome.physiology import exponential

PRECISIONS = [(np.float64, 5e-16, (-708.0, 709.0)), (np.float32, 2e-7, (-87.0, 88.0))]
MANY = 100_000


def spread(low, high, precision):
    return np.linspace(low, high, MANY).astype(precision)


def worst(found, exact):
    return np.max(np.abs(found.astype(np.longdouble) / exact - 1.0))


@pytest.mark.parametrize(("precision", "tolerance", "ends"), PRECISIONS)
def test_exp_is_right_over_its_whole_range(precision, tolerance, ends):
    x = spread(*ends, precision)

    assert worst(exponential.exp(x), np.exp(x.astype(np.longdouble))) < tolerance


@pytest.mark.parametrize(("precision", "tolerance", "ends"), PRECISIONS)
def test_log_is_right_over_its_whole_range(precision, tolerance, ends):
    x = np.exp(np.linspace(ends[0] + 1.0, ends[1] - 1.0, MANY)).astype(precision)
    x = x[x != 1.0]

    assert worst(exponential.log(x), np.log(x.astype(np.longdouble))) < tolerance


@pytest.mark.parametrize(("precision", "tolerance", "ends"), PRECISIONS)
def test_log_is_right_close_to_one(precision, tolerance, ends):  # noqa: ARG001
    x = spread(0.5, 2.0, precision)
    x = x[x != 1.0]

    assert worst(exponential.log(x), np.log(x.astype(np.longdouble))) < tolerance


@pytest.mark.parametrize(("precision", "tolerance", "ends"), PRECISIONS)
def test_power_is_right_where_muscles_use_it(precision, tolerance, ends):  # noqa: ARG001
    x = spread(1e-3, 10.0, precision)

    for exponent in (0.15, 0.3, 1.0, 2.9, 4.0):
        exact = x.astype(np.longdouble) ** np.longdouble(precision(exponent))
        assert worst(exponential.power(x, exponent), exact) < 16.0 * tolerance


@pytest.mark.parametrize("precision", [np.float64, np.float32])
def test_the_logistic_and_the_tangent_are_what_they_should_be(precision):
    x = spread(-40.0, 40.0, precision)
    exact = x.astype(np.longdouble)
    tiny = 4.0 * np.finfo(precision).eps

    assert np.max(np.abs(exponential.logistic(x) - 1.0 / (1.0 + np.exp(-exact)))) < tiny
    assert np.max(np.abs(exponential.tanh(x) - np.tanh(exact))) < tiny


@pytest.mark.parametrize("precision", [np.float64, np.float32])
def test_what_lies_beyond_the_range_is_clamped(precision):
    far = np.array([-np.inf, -1e30, 1e30, np.inf], dtype=precision)
    x = exponential.exp(far)

    assert np.isfinite(x).all()
    assert x[0] == x[1] > 0.0
    assert x[2] == x[3] > 1e37
    assert np.isfinite(exponential.log(np.array([-1.0, 0.0, np.inf], dtype=precision))).all()
    assert exponential.power(np.zeros(1, dtype=precision), 0.3) == 0.0


@pytest.mark.parametrize("precision", [np.float64, np.float32])
@pytest.mark.parametrize("name", ["exp", "log", "logistic", "tanh"])
def test_what_is_no_number_stays_none(name, precision):
    none = np.full(3, np.nan, dtype=precision)

    assert np.isnan(getattr(exponential, name)(none)).all()
    assert np.isnan(exponential.power(none, 2.0)).all()


@pytest.mark.parametrize("precision", [np.float64, np.float32])
def test_exp_of_nothing_is_one_and_log_of_one_is_nothing(precision):
    assert exponential.exp(precision(0.0)) == 1.0
    assert exponential.log(precision(1.0)) == 0.0


@pytest.mark.parametrize("precision", [np.float64, np.float32])
def test_precision_and_shape_are_kept(precision):
    x = np.ones((2, 3), dtype=precision)

    for result in (exponential.exp(x), exponential.log(x), exponential.power(x, 2.0)):
        assert result.dtype == precision
        assert result.shape == (2, 3)
    assert exponential.exp(1).dtype == np.float64


def test_exp_rises_without_a_step_back():
    x = spread(-3.0, 3.0, np.float64)

    assert (np.diff(exponential.exp(x)) > 0.0).all()
