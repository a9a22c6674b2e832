// Exponential: exp, log and what is built on them, the same to the bit in NumPy and in C++.
//
// Line for line the arithmetic of exponential.py, for float and double. Compile without
// contraction of a*b + c and without fast-math, or the bits differ. Branch-free, so that a loop
// that calls it is vectorised.

#pragma once

#include <cstdint>
#include <cstring>

namespace myotome {
inline namespace MYOTOME_INSTRUCTION_SET {

template <class To, class From>
inline To bits_of(From value) {
  static_assert(sizeof(To) == sizeof(From), "bits are moved, not converted");
  To result;
  std::memcpy(&result, &value, sizeof result);
  return result;
}

template <class F>
struct Format;

template <>
struct Format<double> {
  using Integer = std::int64_t;
  using Unsigned = std::uint64_t;
  static constexpr int mantissa_bits = 52;
  static constexpr Integer one_bits = 0x3FF0000000000000;
  static constexpr Integer root_half_bits = 0x3FE6A09E667F3BCD;
  static constexpr double to_integer = 6755399441055744.0;
  static constexpr double lowest = -708.0, highest = 709.0;
  static constexpr double smallest = 2.2250738585072014e-308, largest = 1.7976931348623157e308;
  static constexpr double log2_high = 6.93147180369123816490e-01;
  static constexpr double log2_low = 1.90821492927058770002e-10;
  static constexpr double exp_terms[] = {
      0.5000000000000001,     0.16666666666666669,    0.04166666666662413,    0.008333333333330062,
      0.0013888888917213717,  0.00019841269863053618, 2.4801521295954376e-05, 2.7557268459997064e-06,
      2.7620088445409746e-07, 2.510038549551032e-08};
  static constexpr double log_terms[] = {
      0.666666666666667,   0.39999999999899444, 0.2857142862600327, 0.22222211130259878,
      0.18182889455674947, 0.15331710618210773, 0.14616585424888623};
};

template <>
struct Format<float> {
  using Integer = std::int32_t;
  using Unsigned = std::uint32_t;
  static constexpr int mantissa_bits = 23;
  static constexpr Integer one_bits = 0x3F800000;
  static constexpr Integer root_half_bits = 0x3F3504F3;
  static constexpr float to_integer = 12582912.0f;
  static constexpr float lowest = -87.0f, highest = 88.0f;
  static constexpr float smallest = 1.17549435e-38f, largest = 3.40282347e38f;
  static constexpr float log2_high = 0.693359375f;
  static constexpr float log2_low = -2.12194440e-4f;
  static constexpr float exp_terms[] = {0.5f, 0.16666576989698775f, 0.041666554617204574f,
                                        0.008363179052722578f, 0.0013926183587713494f};
  static constexpr float log_terms[] = {0.6666668504515603f, 0.39988778282162807f,
                                        0.2958005304318844f};
};

template <int last, class F>
inline F polynomial(const F (&terms)[last], F x) {
  F value = x * terms[last - 1] + terms[last - 2];
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC unroll 16
#endif
  for (int term = last - 3; term >= 0; --term) value = value * x + terms[term];
  return value;
}

template <class F>
inline F exp(F x) {
  using T = Format<F>;
  using Unsigned = typename T::Unsigned;
  x = x < T::lowest ? T::lowest : x;
  x = x > T::highest ? T::highest : x;
  const F shifted = x * F(1.4426950408889634) + T::to_integer;
  const F k = shifted - T::to_integer;
  const F r = (x - k * T::log2_high) - k * T::log2_low;
  const F y = (polynomial(T::exp_terms, r) * (r * r) + r) + F(1);
  const Unsigned bits = bits_of<Unsigned>(shifted) << T::mantissa_bits;
  return y * bits_of<F>(static_cast<Unsigned>(bits + Unsigned(T::one_bits)));
}

template <class F>
inline F log(F x) {
  using T = Format<F>;
  using Integer = typename T::Integer;
  x = x < T::smallest ? T::smallest : x;
  x = x > T::largest ? T::largest : x;
  const Integer bits = bits_of<Integer>(x) - T::root_half_bits;
  const F k = static_cast<F>(bits >> T::mantissa_bits);
  const Integer mask = (Integer(1) << T::mantissa_bits) - 1;
  const F f = bits_of<F>(static_cast<Integer>((bits & mask) + T::root_half_bits)) - F(1);
  const F s = f / (f + F(2));
  const F z = s * s;
  const F small = s * (polynomial(T::log_terms, z) * z) + k * T::log2_low;
  return (k * T::log2_high + (s * F(2) + small)) + (x - x);
}

template <class F>
inline F power(F x, F exponent) {
  const F raised = exp(log(x) * exponent);
  return x <= F(0) ? F(0) : raised;
}

template <class F>
inline F logistic(F x) {
  return F(1) / (exp(-x) + F(1));
}

template <class F>
inline F tanh(F x) {
  return F(1) - F(2) / (exp(x * F(2)) + F(1));
}

}  // namespace MYOTOME_INSTRUCTION_SET
}  // namespace myotome
