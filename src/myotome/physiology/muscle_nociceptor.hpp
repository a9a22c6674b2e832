// Muscle nociceptor: groups III and IV, a step later; line for line muscle_nociceptor.py.

#pragma once

namespace myotome {
inline namespace MYOTOME_INSTRUCTION_SET {

// In the order in which muscle_nociceptor.py names them.
template <class F>
struct MuscleNociceptorConstants {
  F strain_gain, pressure_gain, metabolite_gain;
  F group_3_kept, group_4_kept, metabolite_kept;
  F gain_by_receptor, gain_by_sensitisation;
};

template <class F>
struct MuscleNociceptorState {
  F metabolite, group_3, group_4;
};

template <class F>
inline void step(const MuscleNociceptorConstants<F>& of, MuscleNociceptorState<F>& s,
                 F strain_rate, F pressure, F power) {
  const F lengthening = strain_rate < F(0) ? F(0) : strain_rate;
  const F pressed = of.strain_gain * lengthening + of.pressure_gain * pressure;
  const F metabolite = power + (s.metabolite - power) * of.metabolite_kept;
  const F reported = of.metabolite_gain * metabolite;
  s.metabolite = metabolite;
  s.group_3 = pressed + (s.group_3 - pressed) * of.group_3_kept;
  s.group_4 = reported + (s.group_4 - reported) * of.group_4_kept;
}

// Factor on both rates, by receptors (1/um2) and by sensitisation (0 to 1).
template <class F>
inline F gain(const MuscleNociceptorConstants<F>& of, F receptor_density, F sensitisation) {
  const F raised = F(1) + of.gain_by_receptor * receptor_density;
  return raised + of.gain_by_sensitisation * sensitisation;
}

}  // namespace MYOTOME_INSTRUCTION_SET
}  // namespace myotome
