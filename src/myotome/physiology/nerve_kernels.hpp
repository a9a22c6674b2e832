// Nerve kernels: the steps of dorsal horn, Renshaw cells, ectopic fibres and endplates as a table
// of pointers, once for each instruction set; see kernels.hpp.

#pragma once

#include <cstdint>

namespace myotome {

template <class F>
struct NerveKernelsFor {
  void (*dorsal_horn)(const F* weights, F* state, const F* drives, int count);
  void (*renshaw)(const F* rates, const F* weights, F* state, const F* fired, int units);
  void (*ectopic)(const F* constants, const std::uint32_t* wholes, F* state,
                  std::uint32_t* whole_state, const F* inputs, F step_ms, std::uint64_t seed,
                  int count);
  void (*endplates)(const F* rates, const F* constants, const std::uint32_t* place, F* state,
                    std::uint32_t* whole_state, std::uint64_t seed, int count);
  void (*plateau_cell)(const F* constants, F* state, const F* currents, std::uint8_t* fired,
                       F step_ms, std::int64_t steps, int count);
};

}  // namespace myotome
