// Muscle steps: each structure of muscle and joint over arrays of them, for muscle_kernels.hpp.

#pragma once

#include "joint_motion.hpp"
#include "motor_unit.hpp"
#include "muscle_kernels.hpp"
#include "muscle_nociceptor.hpp"
#include "muscle_spindle.hpp"
#include "musculotendon_motion.hpp"
#include "tendon_organ.hpp"

namespace myotome {
inline namespace MYOTOME_INSTRUCTION_SET {

template <class Structure, class F>
inline const Structure* many(const F* numbers) {
  static_assert(sizeof(Structure) % sizeof(F) == 0, "a structure is its numbers, side by side");
  return reinterpret_cast<const Structure*>(numbers);
}

template <class Structure, class F>
inline Structure* many(F* numbers) {
  static_assert(sizeof(Structure) % sizeof(F) == 0, "a structure is its numbers, side by side");
  return reinterpret_cast<Structure*>(numbers);
}

template <class F>
void motor_units_step(const F* shared, const F* rows, F* state, F* yielding, const F* spikes,
                      F fibre_length, F fibre_velocity, int units, F* activation) {
  advance_motor_units(*many<MotorUnitShared<F>>(shared), rows, state, yielding, spikes,
                      fibre_length, fibre_velocity, units, units);
  *activation = muscle_activation<F>(rows, state, units, units);
}

template <class F>
void musculotendon_step(const F* constants, F* state, const F* inputs, int count) {
  const auto* of = many<MusculotendonConstants<F>>(constants);
  auto* s = many<MusculotendonState<F>>(state);
  for (int i = 0; i < count; ++i) step(of[i], s[i], inputs[2 * i], inputs[2 * i + 1]);
}

template <class F>
void muscle_spindle_step(const F* constants, F* state, const F* inputs, F* rates, int count) {
  const auto* of = many<MuscleSpindleConstants<F>>(constants);
  auto* s = many<MuscleSpindleState<F>>(state);
  for (int i = 0; i < count; ++i) {
    const F length = inputs[3 * i];
    step(of[i], s[i], length, inputs[3 * i + 1], inputs[3 * i + 2]);
    rates[2 * i] = primary_rate(of[i], s[i], length);
    rates[2 * i + 1] = secondary_rate(of[i], s[i], length);
  }
}

template <class F>
void tendon_organ_step(const F* constants, F* state, const F* forces, F* rates, int count) {
  const auto* of = many<TendonOrganConstants<F>>(constants);
  auto* s = many<TendonOrganState<F>>(state);
  for (int i = 0; i < count; ++i) {
    step(of[i], s[i], forces[i]);
    rates[i] = discharge_rate(of[i], s[i], forces[i]);
  }
}

template <class F>
void muscle_nociceptor_step(const F* constants, F* state, const F* inputs, F* rates, int count) {
  const auto* of = many<MuscleNociceptorConstants<F>>(constants);
  auto* s = many<MuscleNociceptorState<F>>(state);
  for (int i = 0; i < count; ++i) {
    const F* in = inputs + 5 * i;
    step(of[i], s[i], in[0], in[1], in[2]);
    const F gained = gain(of[i], in[3], in[4]);
    rates[2 * i] = gained * s[i].group_3;
    rates[2 * i + 1] = gained * s[i].group_4;
  }
}

template <class F>
void joint_step(const F* constants, F* state, const F* muscles, const F* tendon_forces,
                int muscle_count, F nociceptive_drive, F* lengths) {
  const auto* across = many<Attachment<F>>(muscles);
  auto& s = *many<JointMotionState<F>>(state);
  const F torque = muscle_torque(across, tendon_forces, muscle_count);
  step(*many<JointMotionConstants<F>>(constants), s, torque, nociceptive_drive);
  for (int i = 0; i < muscle_count; ++i) lengths[i] = musculotendon_length(across[i], s.angle);
}

template <class F>
constexpr MuscleKernelsFor<F> muscle_kernels{
    motor_units_step<F>,  musculotendon_step<F>,     muscle_spindle_step<F>,
    tendon_organ_step<F>, muscle_nociceptor_step<F>, joint_step<F>};

}  // namespace MYOTOME_INSTRUCTION_SET
}  // namespace myotome
