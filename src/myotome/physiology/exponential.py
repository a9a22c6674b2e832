"""Exponential: exp, log and what is built on them, the same to the bit in NumPy and in C++.

Receives arrays of float32 or float64 and gives arrays of the same precision. Mathematical
libraries round their exponentials differently, so that two programs of one model drift apart; here
each is a fixed sequence of additions, multiplications and one division, which every machine
rounds alike. `exponential.hpp` holds the same lines. Arguments beyond the range are clamped to its
ends rather than overflowing; what is no number stays no number.

exp(x) = 2^k exp(r) with r in half of log 2 either way, and a polynomial in r; log(x) = k log 2 +
2 artanh(s) with s = (f - 1)/(f + 1), and a polynomial in s squared. The polynomials are
near-minimax fits made for this project.

Source: none; the reductions are textbook ones.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[Any]


class _Format(NamedTuple):
    """What the two lines of arithmetic need to know of a floating point format."""

    integer: type[np.signedinteger[Any]]
    mantissa_bits: int
    one_bits: int  # the bits of 1.0
    root_half_bits: int  # the bits of the square root of one half
    to_integer: float  # adding it leaves the rounded value in the lowest bits
    lowest: float
    highest: float
    smallest: float  # least normal number, where log is clamped
    largest: float
    log2_high: float  # log 2, its leading bits
    log2_low: float  # and the rest
    exp_terms: tuple[float, ...]  # of (exp(r) - 1 - r) / r^2, lowest power first
    log_terms: tuple[float, ...]  # of (2 artanh(s) - 2 s) / s^3 in s^2, lowest power first


_DOUBLE: Final = _Format(
    np.int64, 52, 0x3FF0000000000000, 0x3FE6A09E667F3BCD, 6755399441055744.0, -708.0, 709.0,
    2.2250738585072014e-308, 1.7976931348623157e308,
    6.93147180369123816490e-01, 1.90821492927058770002e-10,
    (0.5000000000000001, 0.16666666666666669, 0.04166666666662413, 0.008333333333330062,
     0.0013888888917213717, 0.00019841269863053618, 2.4801521295954376e-05,
     2.7557268459997064e-06, 2.7620088445409746e-07, 2.510038549551032e-08),
    (0.666666666666667, 0.39999999999899444, 0.2857142862600327, 0.22222211130259878,
     0.18182889455674947, 0.15331710618210773, 0.14616585424888623),
)  # fmt: skip
_SINGLE: Final = _Format(
    np.int32, 23, 0x3F800000, 0x3F3504F3, 12582912.0, -87.0, 88.0,
    1.17549435e-38, 3.40282347e38, 0.693359375, -2.12194440e-4,
    (0.5, 0.16666576989698775, 0.041666554617204574, 0.008363179052722578, 0.0013926183587713494),
    (0.6666668504515603, 0.39988778282162807, 0.2958005304318844),
)  # fmt: skip
_LOG2_E: Final = 1.4426950408889634


def exp(x: ArrayLike) -> Floats:
    """The exponential, clamped to what stays a normal number (-708 to 709; -87 to 88)."""
    x, form = _prepared(x)
    x = np.where(x < form.lowest, x.dtype.type(form.lowest), x)
    x = np.where(x > form.highest, x.dtype.type(form.highest), x)
    shifted = np.asarray(x * _LOG2_E + form.to_integer)
    k = shifted - form.to_integer
    r = (x - k * form.log2_high) - k * form.log2_low
    y = (_polynomial(form.exp_terms, r) * (r * r) + r) + 1.0
    bits = shifted.view(form.integer) << form.mantissa_bits
    return np.asarray(y * (bits + form.integer(form.one_bits)).view(x.dtype))


def log(x: ArrayLike) -> Floats:
    """The natural logarithm, clamped below at the least normal number."""
    x, form = _prepared(x)
    x = np.where(x < form.smallest, x.dtype.type(form.smallest), x)
    x = np.where(x > form.largest, x.dtype.type(form.largest), x)
    offset = form.integer(form.root_half_bits)
    bits = x.view(form.integer) - offset
    k = (bits >> form.mantissa_bits).astype(x.dtype)
    fraction = (bits & form.integer((1 << form.mantissa_bits) - 1)) + offset
    f = fraction.view(x.dtype) - 1.0
    s = f / (f + 2.0)
    z = s * s
    small = s * (_polynomial(form.log_terms, z) * z) + k * form.log2_low
    return np.asarray((k * form.log2_high + (s * 2.0 + small)) + (x - x))


def power(x: ArrayLike, exponent: ArrayLike) -> Floats:
    """`x` raised to `exponent`, for `x` of 0 or more; 0 where `x` is 0.

    Relative error is that of exp and log times the size of exponent * log(x).
    """
    x, _form = _prepared(x)
    raised = exp(np.asarray(log(x) * np.asarray(exponent, dtype=x.dtype)))
    return np.asarray(np.where(x <= 0.0, x.dtype.type(0.0), raised))


def logistic(x: ArrayLike) -> Floats:
    """1 / (1 + exp(-x)): from 0 far below to 1 far above."""
    x, _ = _prepared(x)
    return np.asarray(1.0 / (exp(-x) + 1.0))


def tanh(x: ArrayLike) -> Floats:
    """The hyperbolic tangent, to the precision of the format in absolute terms."""
    x, _ = _prepared(x)
    with np.errstate(over="ignore"):  # twice the largest number: exp clamps it
        twice = x * 2.0
    return np.asarray(1.0 - 2.0 / (exp(twice) + 1.0))


def _prepared(x: ArrayLike) -> tuple[Floats, _Format]:
    x = np.asarray(x)
    if x.dtype == np.float32:
        return x, _SINGLE
    return x.astype(np.float64, copy=False), _DOUBLE


def _polynomial(terms: tuple[float, ...], x: Floats) -> Floats:
    value = x * terms[-1] + terms[-2]
    for term in terms[-3::-1]:
        value = value * x + term
    return np.asarray(value)
