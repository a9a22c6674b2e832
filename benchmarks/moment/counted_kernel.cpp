// The motoneuron kernel as it is compared, alone: compiled to assembly so that its instructions
// can be counted. Same header and same flags as the package's own build.

#define MYOTOME_INSTRUCTION_SET counted

#include "motoneuron.hpp"

void counted_float32(const myotome::Pool<float>& pool, int steps, std::uint32_t clock) {
  myotome::advance_cells<float, myotome::Scheme::backward_euler, false, true>(pool, steps, clock);
}

void counted_float64(const myotome::Pool<double>& pool, int steps, std::uint32_t clock) {
  myotome::advance_cells<double, myotome::Scheme::backward_euler, false, true>(pool, steps, clock);
}
