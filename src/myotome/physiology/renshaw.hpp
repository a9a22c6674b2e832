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

// `state` holds drive, rising and felt inhibition; `fired` the impulses of each unit.
template <class F>
void advance_renshaw(const F* rates, const F* weights, F* state, const F* fired, int units) {
  const auto& r = *reinterpret_cast<const RenshawRates<F>*>(rates);
  F arrived = F(0);
  for (int unit = 0; unit < units; ++unit) arrived = arrived + weights[unit] * fired[unit];
  arrived = arrived * r.per_impulse;
  const F drive = state[0] * r.gathered + arrived;
  const F share = drive / (drive + r.half_drive);
  const F rising = share + (state[1] - share) * r.rose;
  state[2] = rising + (state[2] - rising) * r.faded;
  state[1] = rising;
  state[0] = drive;
}

}  // namespace MYOTOME_INSTRUCTION_SET
}  // namespace myotome
