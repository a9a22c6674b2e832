// Dorsal horn in the moment: circuits a step later; line for line `advance` of
// dorsal_horn_moment.py and `inputs` of dorsal_horn.py.

#pragma once

#include "exponential.hpp"

namespace myotome {
inline namespace MYOTOME_INSTRUCTION_SET {

// In the order in which dorsal_horn_moment.py packs them.
template <class F>
struct DorsalHornWeights {
  F touch_gain, nociceptive_gain, disinhibition, inhibition;
  F excitatory_from_c, excitatory_from_a, inhibitory_from_a, inhibitory_from_c;
  F projection_from_c, projection_from_a, projection_from_excitatory, projection_from_slow;
  F excitatory_threshold, inhibitory_threshold, projection_threshold, threshold_fall;
  F excitatory_ceiling, inhibitory_ceiling, projection_ceiling;
  F excitatory_width, inhibitory_width, projection_width;
  F slow_input, slow_wind_up, slow_ceiling, slow_loss;
  F circuit_kept;   // share of a rate left after a step
  F slow_unfelt;    // and of what is not yet felt of the slow drive
  F minus_seconds;  // the step, as -s
};

// `state` holds five rows of `count`: excitatory, inhibitory, projection, slow, felt; `drives`
// three: touch, nociception (convergence included), sensitisation.
constexpr int dorsal_horn_rows = 5;

template <class F>
void advance_dorsal_horn(const F* weights, F* state, const F* drives, int count) {
  const auto& w = *reinterpret_cast<const DorsalHornWeights<F>*>(weights);
  F *excitatory = state, *inhibitory = state + count, *projection = state + 2 * count,
    *slow = state + 3 * count, *felt = state + 4 * count;
  const F *touch = drives, *nociception = drives + count, *sensitisation = drives + 2 * count;
  for (int i = 0; i < count; ++i) {
    const F a = w.touch_gain * touch[i], c = w.nociceptive_gain * nociception[i];
    const F lost = sensitisation[i];
    const F inhibited = (F(1) - w.disinhibition * lost) * w.inhibition * inhibitory[i];
    const F to_excitatory = w.excitatory_from_c * c + w.excitatory_from_a * a - inhibited;
    const F to_inhibitory = w.inhibitory_from_a * a + w.inhibitory_from_c * c;
    const F to_projection = w.projection_from_c * c + w.projection_from_a * a +
                            w.projection_from_excitatory * excitatory[i] - inhibited +
                            w.projection_from_slow * felt[i];
    const F wound = w.slow_input + w.slow_wind_up * projection[i] / w.projection_ceiling;
    const F over_excitatory = to_excitatory - w.excitatory_threshold;
    const F over_inhibitory = to_inhibitory - w.inhibitory_threshold;
    const F over_projection = to_projection - (w.projection_threshold - w.threshold_fall * lost);
    const F fed = wound * c;

    const F new_excitatory = logistic(over_excitatory / w.excitatory_width) * w.excitatory_ceiling;
    const F new_inhibitory = logistic(over_inhibitory / w.inhibitory_width) * w.inhibitory_ceiling;
    const F new_projection = logistic(over_projection / w.projection_width) * w.projection_ceiling;
    const F loss = fed / w.slow_ceiling + w.slow_loss;
    const F steady = fed / loss;
    excitatory[i] = new_excitatory + (excitatory[i] - new_excitatory) * w.circuit_kept;
    inhibitory[i] = new_inhibitory + (inhibitory[i] - new_inhibitory) * w.circuit_kept;
    projection[i] = new_projection + (projection[i] - new_projection) * w.circuit_kept;
    slow[i] = steady + (slow[i] - steady) * exp(w.minus_seconds * loss);
    felt[i] = slow[i] + (felt[i] - slow[i]) * w.slow_unfelt;
  }
}

}  // namespace MYOTOME_INSTRUCTION_SET
}  // namespace myotome
