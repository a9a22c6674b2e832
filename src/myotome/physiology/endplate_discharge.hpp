// Endplate discharge: noise and fibrillation of fibres, a step later; line for line `step` of
// endplate_discharge.py. Random numbers are drawn only where something happens.

#pragma once

#include <cstdint>

#include "counter_random.hpp"
#include "exponential.hpp"

namespace myotome {
inline namespace MYOTOME_INSTRUCTION_SET {

// In the order in which endplate_discharge.py packs them.
template <class F>
struct EndplateRates {
  F seconds;       // the step
  F ends, begins;  // share of a train and of a pause that passes in it
  F variation;     // width of the uniform spread of intervals
};

// `constants` holds four rows of `count` fibres: susceptibility, fibrillation rate, noise rate,
// share of fibres that may fibrillate. `state` holds six: progress and interval of noise, of
// trains, of fibrillation. `whole_state` holds six: noise drawn and heard, trains drawn and on,
// fibrillation drawn and fired.
template <class F>
void advance_endplates(const F* rates, const F* constants, const std::uint32_t* place, F* state,
                       std::uint32_t* whole_state, std::uint64_t seed, int count) {
  const auto& r = *reinterpret_cast<const EndplateRates<F>*>(rates);
  const F *susceptibility = constants, *rate = constants + count, *noise_rate = constants + 2 * count,
          *share = constants + 3 * count;
  F *noise_progress = state, *noise_interval = state + count, *train_progress = state + 2 * count,
    *train_interval = state + 3 * count, *progress = state + 4 * count,
    *interval = state + 5 * count;
  std::uint32_t *noise_drawn = whole_state, *noise = whole_state + count,
                *train_drawn = whole_state + 2 * count, *in_train = whole_state + 3 * count,
                *drawn = whole_state + 4 * count, *fibrillated = whole_state + 5 * count;
  for (int i = 0; i < count; ++i) {
    noise_progress[i] = noise_progress[i] + noise_rate[i] * r.seconds;
    noise[i] = noise_progress[i] >= noise_interval[i] ? 1u : 0u;
    if (noise[i]) {
      noise_progress[i] = noise_progress[i] - noise_interval[i];
      noise_interval[i] = -log(uniforms<F>(seed, 0x202, place[i], noise_drawn[i]).u[0]);
      noise_drawn[i] += 1u;
    }
    train_progress[i] = train_progress[i] + (in_train[i] ? r.ends : r.begins);
    if (train_progress[i] >= train_interval[i]) {
      train_progress[i] = F(0);
      train_interval[i] = -log(uniforms<F>(seed, 0x203, place[i], train_drawn[i]).u[0]);
      train_drawn[i] += 1u;
      in_train[i] ^= 1u;
    }
    const bool moves = share[i] > susceptibility[i] && in_train[i];
    progress[i] = progress[i] + (moves ? rate[i] * r.seconds : F(0));
    fibrillated[i] = progress[i] >= interval[i] ? 1u : 0u;
    if (fibrillated[i]) {
      progress[i] = progress[i] - interval[i];
      const F u = uniforms<F>(seed, 0x204, place[i], drawn[i]).u[0];
      interval[i] = F(1) + r.variation * (u - F(0.5));
      drawn[i] += 1u;
    }
  }
}

}  // namespace MYOTOME_INSTRUCTION_SET
}  // namespace myotome
