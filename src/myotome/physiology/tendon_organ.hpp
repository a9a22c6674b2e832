// Tendon organ: the discharge of group Ib, a step later; line for line tendon_organ.py.

#pragma once

#include "exponential.hpp"

namespace myotome {
inline namespace MYOTOME_INSTRUCTION_SET {

// In the order in which tendon_organ.py names them.
template <class F>
struct TendonOrganConstants {
  F gain, force_inverse, lead, fast_kept, slow_kept, fast_weight, slow_weight;
};

template <class F>
struct TendonOrganState {
  F fast, slow;
};

// Moves the state on under a force (N) held over the step.
template <class F>
inline void step(const TendonOrganConstants<F>& of, TendonOrganState<F>& s, F force) {
  const F held = force < F(0) ? F(0) : force;
  const F rate = of.gain * log(held * of.force_inverse + F(1));
  s.fast = rate + (s.fast - rate) * of.fast_kept;
  s.slow = rate + (s.slow - rate) * of.slow_kept;
}

// Rate of group Ib (Hz) at a force (N).
template <class F>
inline F discharge_rate(const TendonOrganConstants<F>& of, const TendonOrganState<F>& s, F force) {
  const F held = force < F(0) ? F(0) : force;
  const F rate = of.gain * log(held * of.force_inverse + F(1));
  const F answer = (of.lead * rate + of.fast_weight * s.fast) + of.slow_weight * s.slow;
  return answer < F(0) ? F(0) : answer;
}

}  // namespace MYOTOME_INSTRUCTION_SET
}  // namespace myotome
