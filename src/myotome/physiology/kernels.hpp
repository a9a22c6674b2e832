// Kernels: the functions that exist once for each instruction set, as one table of pointers.
//
// kernels.cpp is compiled several times and gives one table each; bindings.cpp, compiled for the
// least processor, picks a table when the module is loaded.

#pragma once

#include <cstddef>
#include <cstdint>

#include "muscle_kernels.hpp"
#include "nerve_kernels.hpp"

namespace myotome {

enum class Function { exp, log, logistic, tanh };

// One pool of one person. Arrays are rows of `stride` cells (a multiple of 16); the rows are the
// fields of the structures in motoneuron.hpp, in order.
template <class F>
struct PoolArrays {
  const F* constants;
  const F* shared;
  F* state;
  int units;
  int stride;
  bool crank_nicolson;
};

// Inputs of one call, rows of `stride` cells: excitation, inhibition, steady excitation, current,
// weight of a shot; then limits and keys of the shots.
template <class F>
struct InputArrays {
  const F* rows;
  const std::uint32_t* bits;
};

// Receives spikes of a chunk: the step counted from the start of the call, and the unit.
struct SpikeSink {
  void (*take)(void* owner, std::int64_t step, std::int32_t unit);
  void* owner;
};

template <class F>
struct KernelsFor {
  void (*evaluate)(Function, const F* x, F* y, std::size_t count);
  void (*power)(const F* x, const F* exponent, F* y, std::size_t count);
  std::size_t (*pool_bytes)(int stride);
  void (*advance)(const PoolArrays<F>&, const InputArrays<F>&, std::int64_t steps,
                  int steps_per_block, std::uint64_t clock, void* room, const SpikeSink&);
  MuscleKernelsFor<F> muscle;
  NerveKernelsFor<F> nerve;
};

struct Kernels {
  const char* name;
  KernelsFor<float> single_precision;
  KernelsFor<double> double_precision;
  void (*random_bits)(const std::uint32_t* keys, std::uint32_t counter, std::uint32_t* out,
                      std::size_t count);
};

}  // namespace myotome
