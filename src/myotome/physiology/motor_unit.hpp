// Motor unit: the calcium chain of every unit of a muscle, a step later; line for line
// motor_unit.py, which explains the method. One loop over units without branches, so that the
// compiler makes vector operations of its lines.

#pragma once

#include "exponential.hpp"

namespace myotome {
inline namespace MYOTOME_INSTRUCTION_SET {

// One number each for all units; in the order in which motor_unit.py packs them.
template <class F>
struct MotorUnitShared {
  F total, step, cooperation, holding, sag_kept, yield_depth, yield_slowness, yield_kept;
};

// Rows of `stride` numbers, in the order in which motor_unit.py packs them.
enum MotorUnitRow {
  unit_release, unit_uptake, unit_binding, unit_unbinding, unit_spare,
  unit_opening_kept, unit_closing_kept, unit_opening_mean, unit_closing_mean,
  unit_bridging_half, unit_half, unit_by_stretch, unit_by_shortening,
  unit_sag_rested, unit_sag_active, unit_silence, unit_yields, unit_tetanic_force
};
enum MotorUnitStateRow {
  unit_opening, unit_closing, unit_calcium, unit_bound, unit_goal, unit_activation, unit_sag,
  unit_since_spike
};

// Moves all units on. `spikes` holds 0 or 1 for each; `yielding` one number of the muscle; fibre
// length in optimal lengths, velocity in optimal lengths per s.
template <class F>
inline void advance_motor_units(const MotorUnitShared<F>& shared, const F* rows, F* state, F* yielding,
                                const F* spikes, F fibre_length, F fibre_velocity, int units,
                                int stride) {
  // A copy: what is written below could otherwise be one of its numbers.
  const MotorUnitShared<F> of = shared;
  const auto row = [=](MotorUnitRow which) { return rows + which * stride; };
  const auto held = [=](MotorUnitStateRow which) { return state + which * stride; };
  const F *release = row(unit_release), *uptake = row(unit_uptake), *binds = row(unit_binding),
          *unbinds = row(unit_unbinding), *spare = row(unit_spare),
          *opening_kept = row(unit_opening_kept), *closing_kept = row(unit_closing_kept),
          *opening_mean = row(unit_opening_mean), *closing_mean = row(unit_closing_mean),
          *bridging_half = row(unit_bridging_half), *half = row(unit_half),
          *by_stretch = row(unit_by_stretch), *by_shortening = row(unit_by_shortening),
          *sag_rested = row(unit_sag_rested), *sag_active = row(unit_sag_active),
          *silence = row(unit_silence), *yields = row(unit_yields);
  F *opening_of = held(unit_opening), *closing_of = held(unit_closing),
    *calcium_of = held(unit_calcium), *bound_of = held(unit_bound), *goal_of = held(unit_goal),
    *activation_of = held(unit_activation), *sag_of = held(unit_sag),
    *since_of = held(unit_since_spike);

  const F speed = fibre_velocity < F(0) ? -fibre_velocity : fibre_velocity;
  const F give = of.yield_depth * (F(1) - exp(-(speed * of.yield_slowness)));
  const F yielding_goal = F(1) - give;
  const F yielded = yielding_goal + (*yielding - yielding_goal) * of.yield_kept;
  *yielding = yielded;
  const F excess = fibre_length - F(1);
  const F step_ms = of.step * F(1000);
  const F* leaning = excess >= F(0) ? by_stretch : by_shortening;

#if defined(__clang__)
#pragma clang loop vectorize(enable)
#elif defined(__GNUC__)
#pragma GCC ivdep
#endif
  for (int i = 0; i < units; ++i) {
    // Loaded before they are chosen from: a choice of loads would be a branch.
    const F before = since_of[i], rested = sag_rested[i], active = sag_active[i];
    const F since = (spikes[i] > F(0) ? F(0) : before) + step_ms;
    const F sag_goal = since > silence[i] ? rested : active;
    const F sag = sag_goal + (sag_of[i] - sag_goal) * of.sag_kept;

    const F tilt = excess * leaning[i];
    F growing = F(1) + tilt, falling = F(1) - tilt;
    growing = growing < F(0.1) ? F(0.1) : growing;
    falling = falling < F(0.1) ? F(0.1) : falling;

    const F opening = opening_of[i] + spikes[i], closing = closing_of[i] + spikes[i];
    const F open_share = closing * closing_mean[i] - opening * opening_mean[i];

    F activation = goal_of[i] + (activation_of[i] - goal_of[i]) * bridging_half[i];
    const F binding = binds[i] * growing;
    const F unbinding = unbinds[i] / (F(1) + (of.holding * growing) * activation);
    const F free = F(1) - bound_of[i];
    const F released = release[i] * open_share;
    const F loss =
        (released + uptake[i] * ((spare[i] + calcium_of[i]) + bound_of[i])) + binding * free;
    const F source = released * (of.total - bound_of[i]) + (unbinding * bound_of[i]) * free;
    const F calcium = (calcium_of[i] + of.step * source) / (F(1) + of.step * loss);
    const F net = binding * calcium - unbinding * bound_of[i];
    const F steep = net + unbinding * free;
    const F bound = bound_of[i] + (of.step * (free * net)) / (F(1) + (F(0.5) * of.step) * steep);

    const F kept = F(1) - yields[i] * (F(1) - yielded);
    const F ratio = ((bound * sag) * kept) / (half[i] * falling);
    const F raised = power(ratio, of.cooperation * falling);
    const F goal = raised / (raised + F(1));
    activation = goal + (activation - goal) * bridging_half[i];

    const F closes = opening * opening_kept[i], fades = closing * closing_kept[i];
    opening_of[i] = closes < F(1e-12) ? F(0) : closes;
    closing_of[i] = fades < F(1e-12) ? F(0) : fades;
    calcium_of[i] = calcium < F(1e-12) ? F(0) : calcium;
    bound_of[i] = bound < F(1e-12) ? F(0) : bound;
    goal_of[i] = goal;
    activation_of[i] = activation < F(1e-12) ? F(0) : activation;
    sag_of[i] = sag;
    since_of[i] = since > F(1e6) ? F(1e6) : since;
  }
}

// Activation of the muscle: the force of its units together.
template <class F>
inline F muscle_activation(const F* rows, const F* state, int units, int stride) {
  const F* tetanic_force = rows + unit_tetanic_force * stride;
  const F* activation = state + unit_activation * stride;
  F sum = F(0);
  for (int i = 0; i < units; ++i) sum = sum + tetanic_force[i] * activation[i];
  return sum;
}

}  // namespace MYOTOME_INSTRUCTION_SET
}  // namespace myotome
