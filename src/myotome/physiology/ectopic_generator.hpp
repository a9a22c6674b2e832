// Ectopic generator: fibres of an injured root, a step later; line for line `step` of
// ectopic_generator.py. Random numbers are drawn only where an impulse passes.

#pragma once

#include <cstdint>

#include "counter_random.hpp"
#include "exponential.hpp"

namespace myotome {
inline namespace MYOTOME_INSTRUCTION_SET {

// Rows of `count` fibres, in the order of the fields of `Fibres` and `EctopicState`.
template <class F>
struct EctopicFibres {
  const F *relative_rate, *burst_interval, *pause_share, *mechanical_gain, *first_strain,
      *afterdischarge_share, *afterdischarge_time;
  const std::uint32_t *place, *order, *bursts;
  F *progress, *interval, *afterdischarge;
  std::uint32_t *in_burst, *drawn, *fired;
};

template <class F>
inline F ectopic_speed(F rate, F burst_interval, F pause_share, bool bursts, bool in_burst) {
  const F per_ms = rate / F(1000);
  const F quick = (F(1) - pause_share) * (burst_interval * per_ms);
  const F fewest = pause_share * (burst_interval * per_ms);
  F left = F(1) - quick;
  left = left < fewest ? fewest : left;
  left = left < F(1e-12) ? F(1e-12) : left;
  const F pause = pause_share * per_ms / left;
  return bursts ? (in_burst ? F(1) / burst_interval : pause) : per_ms;
}

template <class F>
inline void draw_ectopic_interval(const EctopicFibres<F>& f, int i, std::uint64_t seed) {
  constexpr std::uint32_t purpose = 0x102;
  const Uniforms<F> first = uniforms<F>(seed, purpose, f.place[i], f.drawn[i]);
  const Uniforms<F> second = uniforms<F>(seed, purpose, f.place[i], f.drawn[i], 1);
  const bool bursts = f.bursts[i] != 0;
  const bool within = bursts && second.u[1] >= f.pause_share[i];
  if (bursts && !within) {
    f.interval[i] = -log(second.u[2]);
  } else {
    const std::uint32_t order = f.order[i];
    F total = log(first.u[0]);
    for (std::uint32_t stage = 2; stage <= 4; ++stage)
      total = total + (order >= stage ? log(first.u[stage - 1]) : F(0));
    total = total + (order >= 5 ? log(second.u[0]) : F(0));
    f.interval[i] = -total / static_cast<F>(order);
  }
  f.in_burst[i] = within ? 1u : 0u;
}

template <class F>
inline void advance_ectopic_fibres(const EctopicFibres<F>& f, const F* mean_rate, const F* strain,
                                   F step_ms, std::uint64_t seed, int count) {
  for (int i = 0; i < count; ++i) {
    const F beyond = strain[i] - f.first_strain[i];
    const F driven = f.mechanical_gain[i] * (beyond > F(0) ? beyond : F(0));
    const F fading = f.afterdischarge[i] * exp(-step_ms / f.afterdischarge_time[i]);
    const F begun = f.afterdischarge_share[i] * driven;
    const F after = fading > begun ? fading : begun;
    f.afterdischarge[i] = after;
    F rate = f.relative_rate[i] * mean_rate[i] + (driven > after ? driven : after);
    rate = rate < F(500) ? rate : F(500);
    const bool bursts = f.bursts[i] != 0;
    const F fastest = F(1000) / f.burst_interval[i];
    rate = bursts && fastest < rate ? fastest : rate;
    const F speed =
        ectopic_speed(rate, f.burst_interval[i], f.pause_share[i], bursts, f.in_burst[i] != 0);
    F progress = f.progress[i] + speed * step_ms;
    const bool fires = progress >= f.interval[i];
    if (fires) {
      const F left = (progress - f.interval[i]) / (speed > F(1e-30) ? speed : F(1e-30));
      draw_ectopic_interval(f, i, seed);
      progress = left * ectopic_speed(rate, f.burst_interval[i], f.pause_share[i], bursts,
                                      f.in_burst[i] != 0);
      f.drawn[i] = f.drawn[i] + 1u;
    }
    f.progress[i] = progress;
    f.fired[i] = fires ? 1u : 0u;
  }
}

// The same from rows: constants (7), whole constants (3), state (3), whole state (3), inputs (2).
template <class F>
void advance_ectopic(const F* constants, const std::uint32_t* wholes, F* state,
                     std::uint32_t* whole_state, const F* inputs, F step_ms, std::uint64_t seed,
                     int count) {
  const F* c = constants;
  const std::uint32_t* w = wholes;
  const EctopicFibres<F> fibres{c,
                                c + count,
                                c + 2 * count,
                                c + 3 * count,
                                c + 4 * count,
                                c + 5 * count,
                                c + 6 * count,
                                w,
                                w + count,
                                w + 2 * count,
                                state,
                                state + count,
                                state + 2 * count,
                                whole_state,
                                whole_state + count,
                                whole_state + 2 * count};
  advance_ectopic_fibres(fibres, inputs, inputs + count, step_ms, seed, count);
}

}  // namespace MYOTOME_INSTRUCTION_SET
}  // namespace myotome
