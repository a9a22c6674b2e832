// Motoneuron: advances a pool of two-compartment cells by steps of up to one millisecond.
//
// The equations, their order and every rounding are those of motoneuron.py, which explains them;
// results agree to the bit. Cells lie in blocks of `lanes`, each quantity of a block side by side,
// so that the compiler makes one vector operation of each line below; no intrinsics. Loads stand
// before the choices that use them, so that a compiler without masked loads vectorises too. Nothing
// is allocated.
//
// A closed loop fills the inputs of its pool each millisecond, calls `settle`, `receive` and
// `advance`, and reads from `fired` in which step of the millisecond each cell fired, or -1.
//
// Nothing here may call the standard library: this file is compiled once for each instruction set,
// and the linker would keep one copy of a library template for all of them.

#pragma once

#include <cstdint>

#include "counter_noise.hpp"
#include "exponential.hpp"

namespace myotome {
inline namespace MYOTOME_INSTRUCTION_SET {

constexpr int lanes = 16;

// Promises that the turns of the loop that follows do not touch each other's numbers: the arrays of
// a block never overlap, which a compiler cannot see from pointers to them.
#if defined(__clang__)
#define MYOTOME_INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#elif defined(__GNUC__)
#define MYOTOME_INDEPENDENT _Pragma("GCC ivdep")
#else
#define MYOTOME_INDEPENDENT
#endif

// What differs between cells. Conductances in uS, voltages in mV from rest. A total is capacitance
// over step (over half the step for Crank-Nicolson) with the leak and the coupling that load the
// compartment.
template <class F>
struct alignas(64) CellConstants {
  F soma_leak[lanes], dendrite_leak[lanes];
  F soma_total[lanes], dendrite_total[lanes];
  F coupling[lanes], coupling_squared[lanes];
  F sodium[lanes], fast_potassium[lanes], slow_potassium[lanes], persistent[lanes];
  F threshold[lanes], half_activation[lanes], half_inactivation[lanes];
  F slow_potassium_off[lanes];  // share of the slow gate left after a step between spikes
};

template <class F>
struct alignas(64) CellState {
  F soma[lanes], dendrite[lanes];
  F sodium_on[lanes], sodium_ready[lanes], fast_potassium_on[lanes], slow_potassium_on[lanes];
  F persistent_on[lanes], persistent_ready[lanes];
  F excitation[lanes], inhibition[lanes];
  F steps_since_spike[lanes];
};

// What reaches the cells: conductances (uS) added at the beginning, a steady conductance (uS) and
// current (nA), and shots of one weight (uS) wherever the random bits of the key are below a limit.
template <class F>
struct alignas(64) CellInput {
  F excitation[lanes], inhibition[lanes], steady_excitation[lanes], current[lanes];
  F shot_weight[lanes];
  std::uint32_t shot_limit[lanes], key[lanes];
};

// What holds for one call, and what comes out: the step of the spike, or -1.
template <class F>
struct alignas(64) CellWork {
  F persistent[lanes], fired[lanes];
};

// What all cells share; in the order in which motoneuron.py packs it.
template <class F>
struct SharedConstants {
  F sodium_reversal, potassium_reversal, excitation_reversal, inhibition_reversal,
      persistent_reversal;
  F sodium_rise, sodium_fall, ready_rise, ready_fall, fast_rise, fast_fall, slow_rise;
  F excitation_decay, inhibition_decay, excitation_mean, inhibition_mean;
  F persistent_gain, persistent_steepness;
  F inactivation_gain, inactivation_steepness;
  F pulse_steps, refractory_steps;
};

enum class Scheme { backward_euler, crank_nicolson };

template <class F>
struct Pool {
  const CellConstants<F>* constants;
  const SharedConstants<F>* shared;
  CellState<F>* state;
  const CellInput<F>* input;
  CellWork<F>* work;
  int blocks;
};

// At the beginning of each millisecond: what has decayed to nothing is nothing (numbers below the
// normal range would slow the processor down), and the slow inactivation moves on.
template <class F>
inline void settle(const Pool<F>& pool) {
  const SharedConstants<F> p = *pool.shared;
  for (int block = 0; block < pool.blocks; ++block) {
    CellState<F>& s = pool.state[block];
    const CellConstants<F>& c = pool.constants[block];
    MYOTOME_INDEPENDENT
    for (int i = 0; i < lanes; ++i) {
      s.sodium_on[i] = s.sodium_on[i] < F(1e-7) ? F(0) : s.sodium_on[i];
      s.fast_potassium_on[i] = s.fast_potassium_on[i] < F(1e-7) ? F(0) : s.fast_potassium_on[i];
      s.slow_potassium_on[i] = s.slow_potassium_on[i] < F(1e-7) ? F(0) : s.slow_potassium_on[i];
      s.excitation[i] = s.excitation[i] < F(1e-12) ? F(0) : s.excitation[i];
      s.inhibition[i] = s.inhibition[i] < F(1e-12) ? F(0) : s.inhibition[i];
    }
    MYOTOME_INDEPENDENT
    for (int i = 0; i < lanes; ++i) {
      const F ready =
          logistic((c.half_inactivation[i] - s.dendrite[i]) * p.inactivation_steepness);
      s.persistent_ready[i] =
          s.persistent_ready[i] + p.inactivation_gain * (ready - s.persistent_ready[i]);
    }
  }
}

// Adds the conductances of the input.
template <class F>
inline void receive(const Pool<F>& pool) {
  for (int block = 0; block < pool.blocks; ++block) {
    CellState<F>& s = pool.state[block];
    const CellInput<F>& in = pool.input[block];
    MYOTOME_INDEPENDENT
    for (int i = 0; i < lanes; ++i) {
      s.excitation[i] = s.excitation[i] + in.excitation[i];
      s.inhibition[i] = s.inhibition[i] + in.inhibition[i];
    }
  }
}

template <class F, Scheme scheme, bool inhibited, bool noisy>
inline void advance_cells(const Pool<F>& pool, int steps, std::uint32_t clock) {
  const SharedConstants<F> p = *pool.shared;
  for (int step = 0; step < steps; ++step) {
    const F this_step = static_cast<F>(step);
    const std::uint32_t count = clock + static_cast<std::uint32_t>(step);
    for (int block = 0; block < pool.blocks; ++block) {
      const CellConstants<F>& c = pool.constants[block];
      const CellInput<F>& in = pool.input[block];
      CellState<F>& s = pool.state[block];
      CellWork<F>& w = pool.work[block];
      MYOTOME_INDEPENDENT
      for (int i = 0; i < lanes; ++i) {
        const F soma = s.soma[i], dendrite = s.dendrite[i];
        const F m = s.sodium_on[i], h = s.sodium_ready[i];
        const F n = s.fast_potassium_on[i], q = s.slow_potassium_on[i];
        F received = s.excitation[i];
        if (noisy) {
          const F weight = in.shot_weight[i];
          const bool shot = random_bits(in.key[i], count) < in.shot_limit[i];
          received = received + (shot ? weight : F(0));
        }
        const F excitation = received * p.excitation_mean + in.steady_excitation[i];
        const F sodium = c.sodium[i] * ((m * m) * (m * h));
        const F potassium = c.fast_potassium[i] * ((n * n) * (n * n)) + c.slow_potassium[i] * (q * q);
        const F persistent = w.persistent[i] * s.persistent_on[i];

        const F between = c.coupling[i] * (dendrite - soma);
        const F soma_total = (c.soma_total[i] + sodium) + potassium;
        const F soma_current = ((in.current[i] + sodium * (p.sodium_reversal - soma)) +
                                potassium * (p.potassium_reversal - soma)) +
                               (between - c.soma_leak[i] * soma);
        F dendrite_total = (c.dendrite_total[i] + excitation) + persistent;
        F dendrite_current = (excitation * (p.excitation_reversal - dendrite) +
                              persistent * (p.persistent_reversal - dendrite)) -
                             (between + c.dendrite_leak[i] * dendrite);
        if (inhibited) {
          const F inhibition = s.inhibition[i] * p.inhibition_mean;
          dendrite_total = dendrite_total + inhibition;
          dendrite_current = dendrite_current + inhibition * (p.inhibition_reversal - dendrite);
          s.inhibition[i] = s.inhibition[i] * p.inhibition_decay;
        }
        const F scale = F(1) / (soma_total * dendrite_total - c.coupling_squared[i]);
        const F soma_change = (soma_current * dendrite_total + c.coupling[i] * dendrite_current) * scale;
        const F dendrite_change = (dendrite_current * soma_total + c.coupling[i] * soma_current) * scale;
        F new_soma = soma + soma_change, new_dendrite = dendrite + dendrite_change;
        if (scheme == Scheme::crank_nicolson) {
          new_soma = new_soma + soma_change;
          new_dendrite = new_dendrite + dendrite_change;
        }
        s.soma[i] = new_soma;
        s.dendrite[i] = new_dendrite;
        const F active = logistic((new_dendrite - c.half_activation[i]) * p.persistent_steepness);
        s.persistent_on[i] =
            s.persistent_on[i] + p.persistent_gain * (active - s.persistent_on[i]);

        const F since = s.steps_since_spike[i];
        const bool fires = (new_soma > c.threshold[i]) & (since >= p.refractory_steps);
        const F now = fires ? F(0) : since + F(1);
        s.steps_since_spike[i] = now;
        const F last_fired = w.fired[i], slow_fall = c.slow_potassium_off[i];
        w.fired[i] = fires ? this_step : last_fired;
        const bool on = now < p.pulse_steps;
        const F open = on ? F(1) : F(0), shut = on ? F(0) : F(1);
        s.sodium_on[i] = open + (m - open) * (on ? p.sodium_rise : p.sodium_fall);
        s.sodium_ready[i] = shut + (h - shut) * (on ? p.ready_fall : p.ready_rise);
        s.fast_potassium_on[i] = open + (n - open) * (on ? p.fast_rise : p.fast_fall);
        s.slow_potassium_on[i] = open + (q - open) * (on ? p.slow_rise : slow_fall);
        s.excitation[i] = received * p.excitation_decay;
      }
    }
  }
}

// Steps of at most one millisecond in all, from step number `clock` of the noise on. Work that
// would add nothing, of inhibition or of shots that are not there, is left out.
template <class F>
inline void advance(const Pool<F>& pool, Scheme scheme, int steps, std::uint32_t clock) {
  F inhibition = F(0);
  std::uint32_t shots = 0;
  for (int block = 0; block < pool.blocks; ++block) {
    const CellConstants<F>& c = pool.constants[block];
    const CellInput<F>& in = pool.input[block];
    const CellState<F>& s = pool.state[block];
    CellWork<F>& w = pool.work[block];
    MYOTOME_INDEPENDENT
    for (int i = 0; i < lanes; ++i) {
      w.persistent[i] = c.persistent[i] * s.persistent_ready[i];
      w.fired[i] = F(-1);
      inhibition = s.inhibition[i] > inhibition ? s.inhibition[i] : inhibition;
      shots |= in.shot_limit[i];
    }
  }
  const bool implicit = scheme == Scheme::backward_euler;
  const bool inhibited = inhibition > F(0), noisy = shots != 0;
  constexpr Scheme euler = Scheme::backward_euler, second = Scheme::crank_nicolson;
  if (implicit && inhibited && noisy) return advance_cells<F, euler, true, true>(pool, steps, clock);
  if (implicit && inhibited) return advance_cells<F, euler, true, false>(pool, steps, clock);
  if (implicit && noisy) return advance_cells<F, euler, false, true>(pool, steps, clock);
  if (implicit) return advance_cells<F, euler, false, false>(pool, steps, clock);
  if (inhibited && noisy) return advance_cells<F, second, true, true>(pool, steps, clock);
  if (inhibited) return advance_cells<F, second, true, false>(pool, steps, clock);
  if (noisy) return advance_cells<F, second, false, true>(pool, steps, clock);
  return advance_cells<F, second, false, false>(pool, steps, clock);
}

// Which of the lanes hold more than a limit, one bit each.
template <class F>
inline std::uint32_t lanes_above(const F* values, F limit) {
  std::uint32_t bits = 0;
  for (int i = 0; i < lanes; ++i) bits |= static_cast<std::uint32_t>(values[i] > limit) << i;
  return bits;
}

// The lowest of the bits, of which there is at least one.
inline int lowest(std::uint32_t bits) {
#if defined(__GNUC__) || defined(__clang__)
  return __builtin_ctz(bits);
#else
  int place = 0;
  for (; !(bits & 1u); bits >>= 1) ++place;
  return place;
#endif
}

struct Spike {
  std::int32_t step, unit;
};

// Writes the units that fired in the last `advance`, in their order; gives how many.
template <class F>
inline int units_that_fired(const Pool<F>& pool, int units, std::int32_t* fired) {
  int count = 0;
  for (int block = 0; block < pool.blocks; ++block)
    for (std::uint32_t bits = lanes_above(pool.work[block].fired, F(-0.5)); bits; bits &= bits - 1) {
      const int unit = block * lanes + lowest(bits);
      if (unit < units) fired[count++] = unit;
    }
  return count;
}

// Writes the spikes of the last `advance` in order of step, then unit; gives how many.
template <class F>
inline int spikes_of(const Pool<F>& pool, int units, Spike* spikes) {
  int count = 0;
  for (int block = 0; block < pool.blocks; ++block) {
    const F* fired = pool.work[block].fired;
    for (std::uint32_t bits = lanes_above(fired, F(-0.5)); bits; bits &= bits - 1) {
      const int i = lowest(bits);
      if (block * lanes + i >= units) break;
      const Spike spike{static_cast<std::int32_t>(fired[i]), block * lanes + i};
      int place = count++;
      for (; place > 0 && spikes[place - 1].step > spike.step; --place)
        spikes[place] = spikes[place - 1];
      spikes[place] = spike;
    }
  }
  return count;
}

}  // namespace MYOTOME_INSTRUCTION_SET
}  // namespace myotome
