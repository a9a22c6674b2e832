// Loop kernels: what the compiled loop reads and writes, and its functions of one instruction set.
//
// loop.cpp is compiled several times and gives one table each; bindings.cpp fills the data from
// arrays of Python and picks a table.

#pragma once

#include <cstddef>
#include <cstdint>

namespace myotome {

// Lines of the ring in which afferent rates travel; as in loop_state.py.
enum LoopLine {
  line_primary, line_secondary, line_tendon_organ, line_group_3, line_group_4, line_volley,
  loop_lines
};

// As `QUANTITIES` of inputs.py names them.
enum LoopInputName {
  input_voluntary, input_current, input_shock, input_fusimotor_dynamic, input_fusimotor_static,
  input_primary_afferents, input_receptor_input, input_touch, input_nociception,
  input_projection, input_angle,
  input_torque, loop_inputs
};

// As `CHANNELS` of recording.py names them.
enum LoopChannel {
  channel_discharge_rate, channel_activation, channel_tendon_force, channel_fibre_length,
  channel_fibre_velocity, channel_primary, channel_secondary, channel_tendon_organ,
  channel_nociceptors, channel_group_3, channel_group_4, channel_m_wave, channel_emg,
  channel_inhibition, channel_persistent,
  channel_angle, channel_torque, channel_projection, channel_nociceptive_drive,
  channel_touch_drive, channel_foramen, loop_channels
};

constexpr int loop_unit_rows = 18;
constexpr int loop_unit_state_rows = 8;

// In the order in which engines.py packs them.
struct LoopWiring {
  double event_conductance, voluntary_events, pain_events;
  double primary_fibres, primary_connection, primary_conductance, secondary_conductance;
  double nociceptor_share, tendon_organ_conductance, reciprocal_conductance;
  double fusimotor_dynamic, fusimotor_static, fusimotor_voluntary, fusimotor_pain;
  double primary_shock_median, shock_steepness;
  double nociceptive_scale, inhibition_per_decay, renshaw_largest_rate, renshaw_half_drive;
};

// One input: numbers and how far apart they lie, 0 where they do not change.
struct LoopInput {
  const double* values;
  std::int64_t by_time, by_person, by_column;
};

// One state to copy out: where its numbers lie, of whom, how often, and where they go.
struct LoopProbe {
  const void* source;  // null: motoneurons, of which `offset` is the row
  bool of_cells;       // in the precision of motoneurons, else double
  std::int64_t offset, by_person, by_column, by_cell, ring, by_ring;
  std::int64_t every, before;  // ticks between readings; readings before this stretch
  const std::int64_t *people;  // place of each person among those read, or -1
  const std::int64_t *columns, *cells;
  std::int64_t person_count, column_count, cell_count;
  double* kept;  // (readings, people, columns, cells)
};

// Everything of a stretch. "Of pools" is (people * muscles, ...), rows of units are `stride` long.
template <class F>
struct LoopData {
  int people, muscles, units, stride, roots, kinds, joints, ring, axon_ring, steps_per_block;
  bool crank_nicolson;
  std::int64_t milliseconds, millisecond;

  const F *pool_constants, *pool_shared;  // of pools
  F* pool_state;
  const std::uint32_t* keys;
  const F *unit_shared, *unit_rows;  // of muscles
  F *unit_state, *yielding;          // of pools
  const double *muscle_constants, *spindle_constants, *organ_constants, *nociceptor_constants,
      *joint_constants;
  double *muscle_state, *spindle_state, *organ_state, *nociceptor_state, *joint_state;
  const double *renshaw_rates, *renshaw_weights, *renshaw_conductance;
  double* renshaw_state;
  const double *foramen_constants, *squeezes;  // height, per newton, per radian; (roots, muscles)
  const double *horn_weights, *convergence;
  double* horn_state;  // (people, roots, 5, kinds)
  const double* control_constants;
  double* control_state;  // of pools
  const double *sensitisation, *nociceptor_rate, *touch_rate;  // (people, roots)
  const double *nociceptor_gain, *strength;                    // of pools
  const double *reach;                                         // (roots, muscles)
  const double *opposed;                                       // (muscles, those that oppose them)
  const double *pull, *gear, *neutral_length, *maximum_force;  // of muscles
  const double *fibre_share, *shock_threshold, *antidromic;    // (muscles, stride)
  const F* conducts;                                           // of pools
  const std::int64_t *motor_delay, *motor_from_shock, *delays, *joint_of;
  double* afferents;  // (people, lines, ring, muscles)
  F *axons, *blocked; // of pools: (ring, stride), (stride)
  const LoopWiring* wiring;
  LoopInput inputs[loop_inputs];
  const double* impulses;  // (milliseconds, people, muscles, units) or null
  double* channels[loop_channels];
  const LoopProbe* probes;
  int probe_count;
  int looks;  // parts of a millisecond after which motoneurons are read, a part of its steps
};

// Receives each spike of a motoneuron.
struct LoopSink {
  void (*take)(void* owner, std::int64_t millisecond, int person, int muscle, int unit);
  void* owner;
};

template <class F>
struct LoopKernelsFor {
  std::size_t (*bytes)(const LoopData<F>&);
  void (*advance)(const LoopData<F>&, int person, void* memory, const LoopSink&);
};

struct LoopKernels {
  const char* name;
  LoopKernelsFor<float> single_precision;
  LoopKernelsFor<double> double_precision;
};

}  // namespace myotome
