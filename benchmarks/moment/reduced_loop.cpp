// The reduced loop of reflex.py around the motoneuron kernel as the package ships it: the same work
// that the peers are given, so that a ratio compares like with like. Built for this processor with
// the flags of the package; the order of a millisecond is that of the package's own loop.

#define MYOTOME_INSTRUCTION_SET reduced

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "motoneuron.hpp"

using namespace myotome;

// In the order in which our_reduced_loop.py packs them.
struct Numbers {
  double delay, synapse, half_active, least_active, substeps, muscle_step, whole, swing, period;
  double tendon, tendon_gain, tendon_steepness, width, passive_steepness, passive_strain, fastest;
  double d1, d2, d3, d4, largest_force, resting, of_length, of_velocity, spindle_length;
};

struct Told {
  double spikes, force, length, impulses;
};

// Rows of `stride` numbers as the blocks of the kernel.
template <class F, class Block>
void laid(const F* rows, int stride, std::vector<Block>& blocks) {
  for (std::size_t b = 0; b < blocks.size(); ++b)
    for (std::size_t row = 0; row < sizeof(Block) / sizeof(F) / lanes; ++row)
      std::memcpy(reinterpret_cast<char*>(&blocks[b]) + row * lanes * sizeof(F),
                  rows + row * stride + b * lanes, lanes * sizeof(F));
}

template <class F>
void run(const F* cells, const F* shared, const F* rest, const F* given, const std::uint32_t* bits,
         const double* height, const double* contraction, const double* begins, const double* pace,
         const Numbers& n, int units, int stride, int endings, int steps,
         std::int64_t milliseconds, Told* told) {
  const int blocks = stride / lanes;
  std::vector<CellConstants<F>> constants(blocks);
  std::vector<CellState<F>> state(blocks);
  std::vector<CellInput<F>> inputs(blocks);
  std::vector<CellWork<F>> work(blocks);
  laid(cells, stride, constants);
  laid(rest, stride, state);
  for (int i = 0; i < stride; ++i) {
    CellInput<F>& in = inputs[i / lanes];
    in.shot_weight[i % lanes] = given[4 * stride + i];
    in.shot_limit[i % lanes] = bits[i];
    in.key[i % lanes] = bits[stride + i];
  }
  const Pool<F> pool{constants.data(), reinterpret_cast<const SharedConstants<F>*>(shared),
                     state.data(), inputs.data(), work.data(), blocks};

  std::vector<F> kicks(stride), twitch(stride), left(stride), jump(stride), share(stride);
  for (int i = 0; i < units; ++i) {
    left[i] = static_cast<F>(std::exp(-1.0 / contraction[i]));
    share[i] = static_cast<F>(1.0 / contraction[i]);
    jump[i] = static_cast<F>(height[i] * std::exp(1.0));
  }
  std::vector<double> cycle(begins, begins + endings);
  const int ring_length = static_cast<int>(n.delay) + 1;
  std::vector<int> ring(ring_length);
  std::vector<Spike> spikes(stride);
  double length = 1.0;
  *told = Told{0.0, 0.0, 0.0, 0.0};
  for (std::int64_t now = 0; now < milliseconds; ++now) {
    const F arriving = static_cast<F>(ring[now % ring_length] * n.synapse);
    for (int b = 0; b < blocks; ++b)
      for (int i = 0; i < lanes; ++i) inputs[b].excitation[i] = arriving;
    settle(pool);
    receive(pool);
    advance(pool, Scheme::backward_euler, steps, static_cast<std::uint32_t>(now * steps));
    F sums[lanes] = {};
    for (int b = 0; b < blocks; ++b) {
      const F* fired = work[b].fired;
      F *pull = &twitch[b * lanes], *kick = &kicks[b * lanes];
      const F *keep = &left[b * lanes], *part = &share[b * lanes], *more = &jump[b * lanes];
      MYOTOME_INDEPENDENT
      for (int i = 0; i < lanes; ++i) {
        // Exact over the millisecond; what fires now begins to pull at its end. What has decayed to
        // nothing is nothing: numbers below the normal range would slow the processor down.
        const F begun = keep[i] * kick[i] + (fired[i] < F(0) ? F(0) : more[i]);
        const F going = keep[i] * (pull[i] + part[i] * kick[i]);
        kick[i] = begun < F(1e-12) ? F(0) : begun;
        pull[i] = going < F(1e-12) ? F(0) : going;
        sums[i] += going;
      }
    }
    F sum = F(0);
    for (int i = 0; i < lanes; ++i) sum += sums[i];
    told->spikes += spikes_of(pool, units, spikes.data());
    const double active = std::max(1.0 - std::exp(-double(sum) / n.half_active), n.least_active);
    const double whole = n.whole + n.swing * std::sin(6.283185307179586 * now / n.period);
    const double passive_end = std::exp(n.passive_steepness) - 1.0;
    double velocity = 0.0, force = 0.0;
    for (int part = 0; part < n.substeps; ++part) {
      const double strain = (whole - length) / n.tendon - 1.0;
      force = std::max(n.tendon_gain * (std::exp(n.tendon_steepness * strain) - 1.0), 0.0);
      const double off = (length - 1.0) / n.width;
      const double passive = std::max(
          (std::exp(n.passive_steepness * (length - 1.0) / n.passive_strain) - 1.0) / passive_end,
          0.0);
      const double load = std::min(
          std::max((force - passive) / (active * std::exp(-off * off)), 0.0), n.largest_force);
      velocity = n.fastest * (std::sinh((load - n.d4) / n.d1) - n.d3) / n.d2;
      length += n.muscle_step * velocity;
    }
    const double rate = std::max(
        n.resting + n.of_length * (length - n.spindle_length) +
            n.of_velocity * std::sqrt(std::max(1000.0 * velocity, 0.0)), 0.0);
    int impulses = 0;
    for (int e = 0; e < endings; ++e) {
      cycle[e] += 0.001 * rate * pace[e];
      if (cycle[e] >= 1.0) {
        cycle[e] -= 1.0;
        ++impulses;
      }
    }
    ring[(now + static_cast<int>(n.delay)) % ring_length] = impulses;
    told->force += force / milliseconds;
    told->length += length / milliseconds;
    told->impulses += impulses;
  }
}

#define MYOTOME_REDUCED(name, F)                                                                 \
  extern "C" void name(const F* cells, const F* shared, const F* rest, const F* given,           \
                       const std::uint32_t* bits, const double* height,                          \
                       const double* contraction, const double* begins, const double* pace,      \
                       const double* numbers, int units, int stride, int endings, int steps,     \
                       std::int64_t milliseconds, double* told) {                                \
    run<F>(cells, shared, rest, given, bits, height, contraction, begins, pace,                  \
           *reinterpret_cast<const Numbers*>(numbers), units, stride, endings, steps,            \
           milliseconds, reinterpret_cast<Told*>(told));                                         \
  }

MYOTOME_REDUCED(reduced_float32, float)
MYOTOME_REDUCED(reduced_float64, double)
