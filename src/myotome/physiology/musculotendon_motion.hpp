// Musculotendon motion: fibres against their tendon, a step later; line for line
// musculotendon_motion.py, which explains the method.

#pragma once

#include "exponential.hpp"

namespace myotome {
inline namespace MYOTOME_INSTRUCTION_SET {

// Correctly rounded on every machine; the library's would be a template shared between sets.
inline float square_root(float x) { return __builtin_sqrtf(x); }
inline double square_root(double x) { return __builtin_sqrt(x); }

// In the order in which musculotendon_motion.py names them.
template <class F>
struct MusculotendonConstants {
  F height_1, centre_1, width_1, skew_1;
  F height_2, centre_2, width_2, skew_2;
  F height_3, centre_3, slimness_3;
  F velocity_scale, velocity_slope, velocity_shift, velocity_offset;
  F passive_rate, passive_lead, passive_least, passive_origin;
  F tendon_rate, tendon_offset, tendon_slack_inverse;
  F damping, serial_sarcomeres, width, shortest;
  F speed_by_stretch, carried, stage, velocity;
};

template <class F>
struct MusculotendonState {
  F stretch, fibre_velocity, tendon_force, musculotendon_length;
};

template <class F>
struct WithSlope {
  F value, slope;
};

template <class F>
inline WithSlope<F> active_force(const MusculotendonConstants<F>& of, F stretch) {
  const F w1 = F(1) / (of.width_1 + of.skew_1 * stretch);
  const F z1 = (stretch - of.centre_1) * w1;
  const F bell_1 = of.height_1 * exp(F(-0.5) * (z1 * z1));
  const F w2 = F(1) / (of.width_2 + of.skew_2 * stretch);
  const F z2 = (stretch - of.centre_2) * w2;
  const F bell_2 = of.height_2 * exp(F(-0.5) * (z2 * z2));
  const F z3 = (stretch - of.centre_3) * of.slimness_3;
  const F bell_3 = of.height_3 * exp(F(-0.5) * (z3 * z3));
  const F fall_1 = ((bell_1 * z1) * w1) * (F(1) - of.skew_1 * z1);
  const F fall_2 = ((bell_2 * z2) * w2) * (F(1) - of.skew_2 * z2);
  const F fall_3 = (bell_3 * z3) * of.slimness_3;
  return {(bell_1 + bell_2) + bell_3, -((fall_1 + fall_2) + fall_3)};
}

template <class F>
inline WithSlope<F> force_by_speed(const MusculotendonConstants<F>& of, F speed) {
  const F x = of.velocity_slope * speed + of.velocity_shift;
  const F root = square_root(x * x + F(1));
  const F size = log((x < F(0) ? -x : x) + root);
  const F force = of.velocity_scale * (x < F(0) ? -size : size) + of.velocity_offset;
  const F slope = of.velocity_scale * of.velocity_slope / root;
  return {force < F(0) ? F(0) : force, force < F(0) ? F(0) : slope};
}

// Force of the tendon, and the cosine of pennation as its slope.
template <class F>
inline WithSlope<F> tendon_and_cosine(const MusculotendonConstants<F>& of, F stretch, F length) {
  const F sine = of.width / stretch;
  const F cosine = square_root(F(1) - sine * sine);
  const F fibre = (of.serial_sarcomeres * stretch) * cosine;
  const F strain = (length - fibre) * of.tendon_slack_inverse - F(1);
  const F exponent = of.tendon_rate * strain;
  const F grown = exp(exponent > F(10) ? F(10) : exponent);
  return {of.tendon_offset * grown - of.tendon_offset, cosine};
}

template <class F>
inline F within(F x, F low, F high) {
  x = x < low ? low : x;
  return x > high ? high : x;
}

template <class F>
inline F musculotendon_stage(const MusculotendonConstants<F>& of, F begin, F length,
                             F activation) {
  F stretch = within(begin, of.shortest, F(1.8));
  for (int i = 0; i < 6; ++i) {
    const WithSlope<F> tendon = tendon_and_cosine(of, stretch, length);
    const F cosine = tendon.slope;
    const F speed = (stretch - begin) * of.speed_by_stretch;
    const WithSlope<F> active = active_force(of, stretch);
    const WithSlope<F> share = force_by_speed(of, speed);
    const F growing = of.passive_lead * exp(of.passive_rate * (stretch - of.passive_origin));
    const F passive = growing - of.passive_least;
    const F pull = (activation * (active.value * share.value) + passive) + of.damping * speed;
    const F steep = (activation * (active.slope * share.value) + of.passive_rate * growing) +
                    (activation * (active.value * share.slope) + of.damping) * of.speed_by_stretch;
    const F sine = of.width / stretch;
    const F lean = (pull * (sine * sine)) / (stretch * cosine);
    const F loaded =
        (of.tendon_rate * (tendon.value + of.tendon_offset)) * of.tendon_slack_inverse;
    const F fall = (steep * cosine + lean) + (loaded * of.serial_sarcomeres) / cosine;
    const F wanted = (tendon.value - pull * cosine) / (fall < F(1e-3) ? F(1e-3) : fall);
    const F move = within(wanted, F(-0.05), F(0.05));
    stretch = within(stretch + move, of.shortest, F(1.8));
    if ((move < F(0) ? -move : move) <= F(1e-7)) break;
  }
  return stretch;
}

// Moves the unit on: length at the end of the step, activation held over it.
template <class F>
inline void step(const MusculotendonConstants<F>& of, MusculotendonState<F>& s, F length,
                 F activation) {
  const F lengthened = length - s.musculotendon_length;
  const F midway = s.musculotendon_length + of.stage * lengthened;
  const F first = musculotendon_stage(of, s.stretch, midway, activation);
  const F begin = s.stretch + of.carried * (first - s.stretch);
  s.stretch = musculotendon_stage(of, begin, length, activation);
  const F tendon = tendon_and_cosine(of, s.stretch, length).value;
  const F speed = (s.stretch - begin) * of.speed_by_stretch;
  s.fibre_velocity = of.velocity * speed;
  s.tendon_force = tendon < F(0) ? F(0) : tendon;
  s.musculotendon_length = length;
}

}  // namespace MYOTOME_INSTRUCTION_SET
}  // namespace myotome
