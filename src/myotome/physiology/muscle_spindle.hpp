// Muscle spindle: the discharge of groups Ia and II, a step later; line for line muscle_spindle.py.

#pragma once

#include "exponential.hpp"

namespace myotome {
inline namespace MYOTOME_INSTRUCTION_SET {

template <class F>
struct FibreConstants {
  F damping, damping_by_drive, force_by_drive;
};

// In the order in which muscle_spindle.py names them.
template <class F>
struct MuscleSpindleConstants {
  FibreConstants<F> bag_1, bag_2, chain;
  F sensory_stiffness, polar_stiffness, sensory_rest, polar_rest, polar_yield;
  F shortening_factor, speed_exponent, step;
  F sensory_excess, polar_threshold, bag_1_primary_gain, primary_gain;
  F secondary_sensory, secondary_polar, occlusion;
  F bag_half_squared, chain_half_squared, bag_1_kept, bag_2_kept;
};

template <class F>
struct MuscleSpindleState {
  F bag_1_pole, bag_2_pole, chain_pole, bag_1_activation, bag_2_activation;
};

template <class F>
inline F fusimotor_activation(F rate, F half_squared) {
  const F squared = rate * rate;
  return squared / (squared + half_squared);
}

template <class F>
inline F pole_after(const MuscleSpindleConstants<F>& of, const FibreConstants<F>& fibre, F pole,
                    F active, F length) {
  const F damping = fibre.damping + fibre.damping_by_drive * active;
  const F pull = of.sensory_stiffness * (length - of.sensory_rest) - fibre.force_by_drive * active;
  const F rest = of.polar_stiffness * of.polar_rest;
  const F stiffness = of.sensory_stiffness + of.polar_stiffness;
  const F shortest = of.polar_yield + F(0.1) * (of.polar_rest - of.polar_yield);
  F found = pole;
  for (int i = 0; i < 3; ++i) {
    const F lever = found - of.polar_yield;
    const F force = (pull + rest) - stiffness * found;
    F resistance = damping * lever;
    resistance = force < F(0) ? of.shortening_factor * resistance : resistance;
    const F reduced = force / resistance;
    const F size = reduced < F(0) ? -reduced : reduced;
    F speed = power(size, of.speed_exponent);
    const F steep = stiffness / resistance + reduced / lever;
    const F slope = (of.speed_exponent * (speed / (size > F(1e-30) ? size : F(1e-30)))) *
                    (steep > F(0) ? steep : F(0));
    speed = force < F(0) ? -speed : speed;
    const F off = (found - pole) - of.step * speed;
    const F next = found - off / (F(1) + of.step * slope);
    found = next > shortest ? next : shortest;
  }
  return found;
}

// Moves the state on: length (L0) at the end of the step, fusimotor rates (Hz) held over it.
template <class F>
inline void step(const MuscleSpindleConstants<F>& of, MuscleSpindleState<F>& s, F length,
                 F dynamic_drive, F static_drive) {
  const F bag_1_goal = fusimotor_activation(dynamic_drive, of.bag_half_squared);
  const F bag_2_goal = fusimotor_activation(static_drive, of.bag_half_squared);
  const F bag_1 = bag_1_goal + (s.bag_1_activation - bag_1_goal) * of.bag_1_kept;
  const F bag_2 = bag_2_goal + (s.bag_2_activation - bag_2_goal) * of.bag_2_kept;
  const F chain = fusimotor_activation(static_drive, of.chain_half_squared);
  s.bag_1_pole = pole_after(of, of.bag_1, s.bag_1_pole, bag_1, length);
  s.bag_2_pole = pole_after(of, of.bag_2, s.bag_2_pole, bag_2, length);
  s.chain_pole = pole_after(of, of.chain, s.chain_pole, chain, length);
  s.bag_1_activation = bag_1;
  s.bag_2_activation = bag_2;
}

template <class F>
inline F heard(const MuscleSpindleConstants<F>& of, F length, F pole) {
  return ((length - pole) - of.sensory_rest) - of.sensory_excess;
}

// Rate of group Ia (Hz).
template <class F>
inline F primary_rate(const MuscleSpindleConstants<F>& of, const MuscleSpindleState<F>& s,
                      F length) {
  const auto above = [](F x) { return x < F(0) ? F(0) : x; };
  const F dynamic = of.bag_1_primary_gain * above(heard(of, length, s.bag_1_pole));
  const F bag_2 = of.primary_gain * above(heard(of, length, s.bag_2_pole));
  const F chain = of.primary_gain * above(heard(of, length, s.chain_pole));
  const F fixed = bag_2 + chain;
  const F louder = dynamic < fixed ? fixed : dynamic;
  const F softer = dynamic < fixed ? dynamic : fixed;
  return louder + of.occlusion * softer;
}

// Rate of group II (Hz).
template <class F>
inline F secondary_rate(const MuscleSpindleConstants<F>& of, const MuscleSpindleState<F>& s,
                        F length) {
  const auto of_fibre = [&](F pole) {
    const F middle = of.secondary_sensory * heard(of, length, pole);
    return middle + of.secondary_polar * (pole - of.polar_threshold);
  };
  const F both = of_fibre(s.bag_2_pole) + of_fibre(s.chain_pole);
  return both < F(0) ? F(0) : both;
}

}  // namespace MYOTOME_INSTRUCTION_SET
}  // namespace myotome
