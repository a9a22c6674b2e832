// Joint motion: one hinge and the muscles across it, a step later; line for line joint_motion.py.

#pragma once

namespace myotome {
inline namespace MYOTOME_INSTRUCTION_SET {

// In the order in which joint_motion.py names them.
template <class F>
struct JointMotionConstants {
  F step, inverse_inertia, damping;
  F passive_stiffness, resting_angle, gravity_torque, hanging_angle;
  F guarding_stiffness, guarded_angle, guarding_drive, angular_limit, stop_stiffness;
};

template <class F>
struct JointMotionState {
  F angle, velocity;
};

// One muscle across the joint.
template <class F>
struct Attachment {
  F moment_arm, maximum_force, optimal_fibre_length, neutral_length;
};

template <class F>
inline F musculotendon_length(const Attachment<F>& muscle, F angle) {
  const F turned = angle * muscle.moment_arm;
  return muscle.neutral_length - turned / muscle.optimal_fibre_length;
}

template <class F>
inline F muscle_torque(const Attachment<F>* muscles, const F* tendon_forces, int count) {
  F torque = F(0);
  for (int i = 0; i < count; ++i)
    torque = torque + (tendon_forces[i] * muscles[i].maximum_force) * muscles[i].moment_arm;
  return torque;
}

template <class F>
inline F sine(F angle) {
  constexpr F half_turn = F(3.141592653589793);
  constexpr F terms[] = {F(1.0),
                         F(-1.0 / 6.0),
                         F(1.0 / 120.0),
                         F(-1.0 / 5040.0),
                         F(1.0 / 362880.0),
                         F(-1.0 / 39916800.0),
                         F(1.0 / 6227020800.0),
                         F(-1.0 / 1307674368000.0)};
  F x = angle < -half_turn ? -half_turn : angle;
  x = x > half_turn ? half_turn : x;
  const F squared = x * x;
  F value = squared * terms[7] + terms[6];
  for (int term = 5; term >= 0; --term) value = value * squared + terms[term];
  return value * x;
}

template <class F>
inline F tissue_torque(const JointMotionConstants<F>& of, F angle, F nociceptive_drive) {
  const F guard = nociceptive_drive / (nociceptive_drive + of.guarding_drive);
  const F held = of.guarding_stiffness * guard;
  F within = angle < -of.angular_limit ? -of.angular_limit : angle;
  within = within > of.angular_limit ? of.angular_limit : within;
  const F beyond = angle - within;
  const F held_by =
      of.passive_stiffness * (of.resting_angle - angle) + held * (of.guarded_angle - angle);
  const F weight = of.gravity_torque * sine(angle - of.hanging_angle);
  return (held_by - weight) - of.stop_stiffness * beyond;
}

// Moves the joint on under a torque (N m) and a nociceptive drive (Hz) held over the step.
template <class F>
inline void step(const JointMotionConstants<F>& of, JointMotionState<F>& s, F torque,
                 F nociceptive_drive) {
  const F tissue = tissue_torque(of, s.angle, nociceptive_drive);
  const F gain = of.step * of.inverse_inertia;
  s.velocity = (s.velocity + gain * (torque + tissue)) / (F(1) + gain * of.damping);
  constexpr F half_turn = F(3.141592653589793);
  const F turned = s.angle + of.step * s.velocity;
  s.angle = turned < -half_turn ? -half_turn : turned;
  s.angle = s.angle > half_turn ? half_turn : s.angle;
  if (s.angle != turned) s.velocity = F(0);
}

}  // namespace MYOTOME_INSTRUCTION_SET
}  // namespace myotome
