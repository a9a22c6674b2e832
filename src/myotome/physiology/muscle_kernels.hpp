// Muscle kernels: the steps of motor units, muscle, receptors and joint as a table of pointers,
// once for each instruction set; see kernels.hpp. A closed loop calls the structures' own headers.

#pragma once

namespace myotome {

// Constants and states lie side by side: all numbers of one structure, then of the next. What was
// felt (rates, Hz) is written after the step.
template <class F>
struct MuscleKernelsFor {
  void (*motor_units)(const F* shared, const F* rows, F* state, F* yielding, const F* spikes,
                      F fibre_length, F fibre_velocity, int units, F* activation);
  void (*musculotendon)(const F* constants, F* state, const F* inputs, int count);
  void (*muscle_spindle)(const F* constants, F* state, const F* inputs, F* rates, int count);
  void (*tendon_organ)(const F* constants, F* state, const F* forces, F* rates, int count);
  void (*muscle_nociceptor)(const F* constants, F* state, const F* inputs, F* rates, int count);
  void (*joint)(const F* constants, F* state, const F* muscles, const F* tendon_forces,
                int muscle_count, F nociceptive_drive, F* lengths);
};

}  // namespace myotome
