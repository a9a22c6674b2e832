// Renshaw cells of one pool, a step later; line for line `step` of renshaw.py.

#pragma once

namespace myotome {
inline namespace MYOTOME_INSTRUCTION_SET {

// In the order in which renshaw.py packs them.
template <class F>
struct RenshawRates {
  F gathered, rose, faded;  // shares left after a step
  F per_impulse;            // drive (Hz) of an impulse of every unit
  F half_drive;
};

// `state` holds drive, rising and felt inhibition; `weighed` is the sum of the weights of what fired.
template <class F>
inline void step_renshaw(const F* rates, F* state, F weighed) {
  const auto& r = *reinterpret_cast<const RenshawRates<F>*>(rates);
  const F arrived = weighed * r.per_impulse;
  const F drive = state[0] * r.gathered + arrived;
  const F share = drive / (drive + r.half_drive);
  const F rising = share + (state[1] - share) * r.rose;
  state[2] = rising + (state[2] - rising) * r.faded;
  state[1] = rising;
  state[0] = drive;
}

// `fired` holds the impulses of each unit.
template <class F>
void advance_renshaw(const F* rates, const F* weights, F* state, const F* fired, int units) {
  F weighed = F(0);
  for (int unit = 0; unit < units; ++unit) weighed = weighed + weights[unit] * fired[unit];
  step_renshaw(rates, state, weighed);
}

}  // namespace MYOTOME_INSTRUCTION_SET
}  // namespace myotome
