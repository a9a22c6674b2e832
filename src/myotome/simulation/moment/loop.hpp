// Loop: one person advanced through a stretch of milliseconds; line for line `step` of loop.py,
// which says who tells whom, with what loop_parts.py gathers. The structures are those of the headers of myotome/physiology.
//
// Motoneurons and motor units are in the precision F, everything else in double. Nothing is
// allocated and nothing of the standard library is called: this file is compiled once for each
// instruction set.

#pragma once

#include <cstdint>

#include "descending_control.hpp"
#include "dorsal_horn_moment.hpp"
#include "joint_motion.hpp"
#include "loop_kernels.hpp"
#include "loop_probes.hpp"
#include "motoneuron.hpp"
#include "motor_unit.hpp"
#include "muscle_nociceptor.hpp"
#include "muscle_spindle.hpp"
#include "musculotendon_motion.hpp"
#include "renshaw.hpp"
#include "tendon_organ.hpp"

namespace myotome {
inline namespace MYOTOME_INSTRUCTION_SET {

constexpr double per_second = 1000.0;
constexpr double refractory = 2.0;  // ms for which an axon that an impulse met head-on stays silent
constexpr double largest_turn = 0.03;  // rad/ms, of a joint that is held
constexpr int state_rows = sizeof(CellState<float>) / sizeof(float) / lanes;

// What one thread needs while it advances one person.
template <class F>
struct Room {
  CellConstants<F>* constants;  // blocks of every muscle, one after the other; so are the next three
  CellState<F>* cells;
  CellInput<F>* inputs;
  CellWork<F>* work;
  std::int32_t* fired;  // (looks, stride): units of a muscle, as many as fired
  F* begun;             // (muscles, stride): impulses that reach each unit's fibres
  double* horn;    // (3, kinds): drives of a root's circuits
  double* arrived; // (loop_lines, muscles)
  double* scratch; // six rows of `muscles`, then three of `roots`, then two of `joints`
};

template <class T>
inline T* taken(std::uintptr_t& memory, std::size_t count) {
  T* mine = reinterpret_cast<T*>(memory);
  memory += (count * sizeof(T) + 63) / 64 * 64;
  return mine;
}

template <class F>
inline Room<F> room_of(const LoopData<F>& d, void* memory, std::size_t* needed) {
  const auto begin = reinterpret_cast<std::uintptr_t>(memory);
  std::uintptr_t at = begin;
  const std::size_t muscles = d.muscles, stride = d.stride, blocks = muscles * stride / lanes;
  Room<F> room;
  room.constants = taken<CellConstants<F>>(at, blocks);
  room.cells = taken<CellState<F>>(at, blocks);
  room.inputs = taken<CellInput<F>>(at, blocks);
  room.work = taken<CellWork<F>>(at, blocks);
  room.fired = taken<std::int32_t>(at, stride * d.looks);
  room.begun = taken<F>(at, muscles * stride);
  room.horn = taken<double>(at, 3 * d.kinds);
  room.arrived = taken<double>(at, loop_lines * muscles);
  room.scratch = taken<double>(at, 6 * muscles + 3 * d.roots + 2 * d.joints);
  *needed = static_cast<std::size_t>(at - begin);
  return room;
}

// Puts units that fired in one look after another into their order, each once; gives how many.
inline int in_order(std::int32_t* fired, int count) {
  int kept = 0;
  for (int next = 0; next < count; ++next) {
    const std::int32_t unit = fired[next];
    int place = kept;
    while (place > 0 && fired[place - 1] > unit) --place;
    if (place > 0 && fired[place - 1] == unit) continue;
    for (int above = kept++; above > place; --above) fired[above] = fired[above - 1];
    fired[place] = unit;
  }
  return kept;
}

// Rows of `stride` numbers into blocks of `lanes`, and back.
template <class T>
inline void to_blocks(const T* rows, int stride, int count, T* blocks, int length, int offset) {
  for (int row = 0; row < count; ++row)
    for (int unit = 0; unit < stride; ++unit)
      blocks[unit / lanes * length + offset + row * lanes + unit % lanes] =
          rows[row * stride + unit];
}

template <class T>
inline void from_blocks(const T* blocks, int length, T* rows, int stride, int count) {
  for (int row = 0; row < count; ++row)
    for (int unit = 0; unit < stride; ++unit)
      rows[row * stride + unit] = blocks[unit / lanes * length + row * lanes + unit % lanes];
}

inline std::uint32_t limit_of(double probability) {
  double scaled = probability * 4294967296.0;
  scaled = scaled < 0.0 ? 0.0 : scaled;
  scaled = scaled > 4294967295.0 ? 4294967295.0 : scaled;
  return static_cast<std::uint32_t>(scaled);
}

inline double largest(double x, double y) { return x < y ? y : x; }
inline double smallest(double x, double y) { return x < y ? x : y; }

// Advances person `person` by `d.milliseconds`.
template <class F>
void advance_person(const LoopData<F>& d, int person, void* memory, const LoopSink& sink) {
  std::size_t needed;
  const Room<F> room = room_of(d, memory, &needed);
  const int muscles = d.muscles, roots = d.roots, kinds = d.kinds, joints = d.joints;
  const int units = d.units, stride = d.stride, blocks = stride / lanes;
  const std::int64_t first_pool = static_cast<std::int64_t>(person) * muscles;
  const Scheme scheme = d.crank_nicolson ? Scheme::crank_nicolson : Scheme::backward_euler;
  const double step_ms = 1.0 / d.steps_per_block;
  const int steps_at_once = d.steps_per_block / d.looks;
  const LoopWiring& w = *d.wiring;

  constexpr int constant_length = sizeof(CellConstants<F>) / sizeof(F);
  constexpr int state_length = sizeof(CellState<F>) / sizeof(F);
  const auto* shared = reinterpret_cast<const SharedConstants<F>*>(d.pool_shared);
  const auto pool_of = [&](int m) {
    return Pool<F>{room.constants + m * blocks, shared, room.cells + m * blocks,
                   room.inputs + m * blocks, room.work + m * blocks, blocks};
  };
  for (int m = 0; m < muscles; ++m) {
    const std::int64_t pool = first_pool + m;
    to_blocks(d.pool_constants + pool * constant_length / lanes * stride, stride,
              constant_length / lanes, reinterpret_cast<F*>(room.constants + m * blocks),
              constant_length, 0);
    to_blocks(d.pool_state + pool * state_rows * stride, stride, state_rows,
              reinterpret_cast<F*>(room.cells + m * blocks), state_length, 0);
    for (int i = 0; i < stride; ++i) {
      CellInput<F>& in = room.inputs[m * blocks + i / lanes];
      in.steady_excitation[i % lanes] = F(0);
      in.shot_weight[i % lanes] = static_cast<F>(w.event_conductance);
      in.key[i % lanes] = d.keys[pool * stride + i];
    }
  }

  const auto* muscle_constants =
      reinterpret_cast<const MusculotendonConstants<double>*>(d.muscle_constants) + first_pool;
  auto* muscle = reinterpret_cast<MusculotendonState<double>*>(d.muscle_state) + first_pool;
  const auto& spindle_constants =
      *reinterpret_cast<const MuscleSpindleConstants<double>*>(d.spindle_constants);
  auto* spindle = reinterpret_cast<MuscleSpindleState<double>*>(d.spindle_state) + first_pool;
  const auto& organ_constants =
      *reinterpret_cast<const TendonOrganConstants<double>*>(d.organ_constants);
  auto* organ = reinterpret_cast<TendonOrganState<double>*>(d.organ_state) + first_pool;
  const auto& nociceptor_constants =
      *reinterpret_cast<const MuscleNociceptorConstants<double>*>(d.nociceptor_constants);
  auto* nociceptor =
      reinterpret_cast<MuscleNociceptorState<double>*>(d.nociceptor_state) + first_pool;
  const auto& control_constants =
      *reinterpret_cast<const DescendingControlConstants<double>*>(d.control_constants);
  double* control = d.control_state + first_pool;
  const auto* joint_constants =
      reinterpret_cast<const JointMotionConstants<double>*>(d.joint_constants);
  auto* joint = reinterpret_cast<JointMotionState<double>*>(d.joint_state) +
                static_cast<std::int64_t>(person) * joints;
  const auto& unit_shared = *reinterpret_cast<const MotorUnitShared<F>*>(d.unit_shared);

  double* primary_in = room.scratch;  // of each muscle, for its antagonists too
  double* painful = primary_in + muscles;
  double* guarded = painful + muscles;
  double* activation = guarded + muscles;
  double* length = activation + muscles;
  double* struck_share = length + muscles;  // of fibres whose impulse a shock began
  double* touch = room.scratch + 6 * muscles;
  double* nociceptive = touch + roots;
  double* projection = nociceptive + roots;
  double* torque = projection + roots;
  double* drive = torque + joints;

  for (std::int64_t t = 0; t < d.milliseconds; ++t) {
    const std::int64_t now = d.millisecond + t;
    const auto input = [&](int which, int column) {
      const LoopInput& in = d.inputs[which];
      return in.values[t * in.by_time + person * in.by_person + column * in.by_column];
    };
    const auto write = [&](int channel, int columns, int column, double value) {
      if (d.channels[channel])
        d.channels[channel][(t * d.people + person) * columns + column] = value;
    };
    const auto line = [&](int which, std::int64_t when, int m) -> double& {
      return d.afferents[((static_cast<std::int64_t>(person) * loop_lines + which) * d.ring +
                          when % d.ring) * muscles + m];
    };

    for (int which = 0; which < loop_lines; ++which)
      for (int m = 0; m < muscles; ++m) room.arrived[which * muscles + m] = line(which, now, m);
    const double* primary_line = room.arrived + line_primary * muscles;
    const double* secondary_line = room.arrived + line_secondary * muscles;
    const double* organ_line = room.arrived + line_tendon_organ * muscles;
    const double* thin_3 = room.arrived + line_group_3 * muscles;
    const double* thin_4 = room.arrived + line_group_4 * muscles;
    const double* volley_line = room.arrived + line_volley * muscles;

    // Dorsal horn.
    for (int r = 0; r < roots; ++r) {
      const std::int64_t root = static_cast<std::int64_t>(person) * roots + r;
      double from_muscles = 0.0;
      for (int m = 0; m < muscles; ++m)
        from_muscles += ((thin_3[m] + thin_4[m]) * w.nociceptor_share) * d.reach[r * muscles + m];
      const double mean_rate = d.nociceptor_rate[root] + from_muscles;
      nociceptive[r] = w.nociceptive_scale * mean_rate + input(input_nociception, r);
      touch[r] = d.touch_rate[root] + input(input_touch, r);
      for (int k = 0; k < kinds; ++k) {
        room.horn[k] = touch[r];
        room.horn[kinds + k] = nociceptive[r] * d.convergence[k];
        room.horn[2 * kinds + k] = d.sensitisation[root];
      }
      double* circuit = d.horn_state + root * dorsal_horn_rows * kinds;
      advance_dorsal_horn(d.horn_weights, circuit, room.horn, kinds);
      double sum = 0.0;
      for (int k = 0; k < kinds; ++k) sum += circuit[2 * kinds + k];
      projection[r] = sum / kinds + input(input_projection, r);
    }
    // Pain elsewhere, by way of the brain stem.
    double* own = activation;  // which is not known yet
    double everywhere = 0.0;
    for (int m = 0; m < muscles; ++m) {
      own[m] = w.nociceptive_scale * ((thin_3[m] + thin_4[m]) * w.nociceptor_share);
      everywhere += own[m];
    }
    for (int m = 0; m < muscles; ++m)
      control[m] = step(control_constants, control[m], largest(everywhere - own[m], 0.0));
    for (int m = 0; m < muscles; ++m) {
      double most = projection[0] * d.reach[m], felt = nociceptive[0] * d.reach[m];
      for (int r = 1; r < roots; ++r) {
        most = largest(most, projection[r] * d.reach[r * muscles + m]);
        felt = largest(felt, nociceptive[r] * d.reach[r * muscles + m]);
      }
      painful[m] = most / 100.0 * passes(control_constants, control[m]);
      guarded[m] = felt;
    }

    // Pools.
    const double each = (w.primary_fibres * w.primary_connection) / per_second;
    const double of_volley = w.primary_fibres * w.primary_connection;
    const double of_others = w.primary_fibres / per_second;
    for (int m = 0; m < muscles; ++m)
      primary_in[m] = primary_line[m] * each + volley_line[m] * of_volley;
    for (int m = 0; m < muscles; ++m) {
      const std::int64_t pool = first_pool + m;
      const double secondary = secondary_line[m] * of_others;
      const double excitation =
          primary_in[m] * w.primary_conductance + secondary * w.secondary_conductance;
      double across = 0.0;
      for (int other = 0; other < muscles; ++other)
        across += d.opposed[m * muscles + other] * primary_in[other];
      const double inhibition = across * w.reciprocal_conductance +
                                (organ_line[m] * of_others) * w.tendon_organ_conductance;
      const double felt = d.renshaw_state[pool * 3 + 2];
      const double events =
          w.voluntary_events * input(input_voluntary, m) + w.pain_events * painful[m];
      const std::uint32_t limit = limit_of(smallest(events, 1.0 / step_ms) * step_ms);
      const F current = static_cast<F>(input(input_current, m));
      for (int block = 0; block < blocks; ++block) {
        CellInput<F>& in = room.inputs[m * blocks + block];
        const double* conductance = d.renshaw_conductance + m * stride + block * lanes;
        for (int i = 0; i < lanes; ++i) {
          in.excitation[i] = static_cast<F>(excitation);
          in.inhibition[i] =
              static_cast<F>(inhibition + (felt * conductance[i]) * w.inhibition_per_decay);
          in.current[i] = current;
          in.shot_limit[i] = limit;
        }
      }
      const Pool<F> cells = pool_of(m);
      settle(cells);
      receive(cells);
      int count = 0;
      for (int look = 0; look < d.looks; ++look) {  // one, unless a probe reads within
        advance(cells, scheme, steps_at_once,
                static_cast<std::uint32_t>(
                    static_cast<std::uint64_t>(now) * d.steps_per_block + look * steps_at_once));
        count += units_that_fired(cells, units, room.fired + count);
        if (d.probe_count) keep_cells(d, person, m, now * d.looks + look + 1, cells.state);
      }

      // Renshaw cells and axons.
      if (d.looks > 1) count = in_order(room.fired, count);
      // Of the units in their order; those that did not fire would add nothing, to the bit.
      double weighed = 0.0;
      for (int spike = 0; spike < count; ++spike) {
        weighed += d.renshaw_weights[m * stride + room.fired[spike]];
        sink.take(sink.owner, t, person, m, room.fired[spike]);
      }
      step_renshaw(d.renshaw_rates, d.renshaw_state + pool * 3, weighed);
      write(channel_discharge_rate, muscles, m, count / static_cast<double>(units) * per_second);
      if (d.channels[channel_persistent]) {
        double sum = 0.0;
        for (int i = 0; i < units; ++i)
          sum += room.cells[m * blocks + i / lanes].persistent_on[i % lanes];
        write(channel_persistent, muscles, m, sum / units);
      }
      const double gathered = d.renshaw_state[pool * 3];
      write(channel_inhibition, muscles, m,
            w.renshaw_largest_rate * gathered / (gathered + w.renshaw_half_drive));

      F* axons = d.axons + pool * d.axon_ring * stride;
      F* blocked = d.blocked + pool * stride;
      F* gone = axons + (now + d.axon_ring - 1) % d.axon_ring * stride;
      for (int i = 0; i < stride; ++i) gone[i] = F(0);
      const double shock = input(input_shock, m);
      struck_share[m] = 0.0;
      for (int i = 0; i < units; ++i) {
        const F waits = blocked[i] - F(1);
        blocked[i] = waits > F(0) ? waits : F(0);
      }
      for (int i = 0; shock > 0.0 && i < units; ++i) {
        if (shock < d.shock_threshold[m * stride + i]) continue;
        for (int ahead = 1; ahead < d.axon_ring; ++ahead)
          if (ahead > d.motor_from_shock[m]) axons[(now + ahead) % d.axon_ring * stride + i] = F(0);
        blocked[i] = static_cast<F>(d.antidromic[m * stride + i] + refractory);
        struck_share[m] += d.fibre_share[m * stride + i];
      }
      for (int spike = 0; spike < count; ++spike) {
        const int unit = room.fired[spike];
        if (blocked[unit] != F(0)) continue;
        F& slot = axons[(now + d.motor_delay[m * stride + unit]) % d.axon_ring * stride + unit];
        slot = slot + d.conducts[pool * stride + unit];
      }
      if (struck_share[m] > 0.0)
        for (int i = 0; i < units; ++i)
          if (shock >= d.shock_threshold[m * stride + i]) {
            F& slot = axons[(now + d.motor_from_shock[m]) % d.axon_ring * stride + i];
            slot = slot + F(1);
          }
      const F* reaching = axons + now % d.axon_ring * stride;
      F* begun = room.begun + m * stride;
      const double* impulses =
          d.impulses ? d.impulses + ((t * d.people + person) * muscles + m) * units : nullptr;
      for (int i = units; i < stride; ++i) begun[i] = F(0);
      for (int i = 0; i < units; ++i) {
        const F more = impulses ? reaching[i] + static_cast<F>(impulses[i]) : reaching[i];
        begun[i] = more > F(1) ? F(1) : more;
      }
      write(channel_m_wave, muscles, m, struck_share[m]);
      if (d.channels[channel_emg]) {
        // In the order of the units; a block where no impulse begins would add nothing.
        double sum = 0.0;
        for (int block = 0; block < blocks; ++block)
          for (std::uint32_t bits = lanes_above(begun + block * lanes, F(0)); bits;
               bits &= bits - 1) {
            const int i = block * lanes + lowest(bits);
            sum += d.fibre_share[m * stride + i] * begun[i];
          }
        write(channel_emg, muscles, m, sum);
      }

      // Motor units.
      const F* rows = d.unit_rows + static_cast<std::int64_t>(m) * loop_unit_rows * stride;
      F* state = d.unit_state + pool * loop_unit_state_rows * stride;
      const double fibre = muscle_constants[m].serial_sarcomeres * muscle[m].stretch;
      advance_motor_units(unit_shared, rows, state, d.yielding + pool, begun,
                          static_cast<F>(fibre), static_cast<F>(muscle[m].fibre_velocity), units,
                          stride);
      activation[m] = static_cast<double>(muscle_activation<F>(rows, state, units, stride));
      write(channel_activation, muscles, m, activation[m]);
    }

    // Joints and muscles.
    for (int j = 0; j < joints; ++j) torque[j] = drive[j] = 0.0;
    for (int m = 0; m < muscles; ++m) {
      const int j = d.joint_of[m];
      torque[j] = torque[j] + muscle[m].tendon_force * d.pull[m];
      drive[j] = largest(drive[j], guarded[m]);
    }
    for (int j = 0; j < joints; ++j) {
      const double before = joint[j].angle;
      step(joint_constants[j], joint[j], torque[j] + input(input_torque, j), drive[j]);
      const double held = input(input_angle, j);
      if (held - held == 0.0) {
        joint[j].angle = smallest(largest(held, before - largest_turn), before + largest_turn);
        joint[j].velocity = 0.0;
      }
      write(channel_angle, joints, j, joint[j].angle);
      write(channel_torque, joints, j, torque[j]);
    }
    for (int m = 0; m < muscles; ++m) {
      const double whole = d.neutral_length[m] - d.gear[m] * joint[d.joint_of[m]].angle;
      step(muscle_constants[m], muscle[m], whole, activation[m] * d.strength[first_pool + m]);
      length[m] = muscle_constants[m].serial_sarcomeres * muscle[m].stretch;
    }

    // Receptors, and what they send: at most one impulse a millisecond each.
    for (int m = 0; m < muscles; ++m) {
      const std::int64_t pool = first_pool + m;
      const double effort = w.fusimotor_voluntary * input(input_voluntary, m) +
                            w.fusimotor_pain * painful[m];
      step(spindle_constants, spindle[m], length[m],
           (w.fusimotor_dynamic + effort) + input(input_fusimotor_dynamic, m),
           (w.fusimotor_static + effort) + input(input_fusimotor_static, m));
      const double force = muscle[m].tendon_force * d.maximum_force[m];
      step(organ_constants, organ[m], force);
      step(nociceptor_constants, nociceptor[m], muscle[m].fibre_velocity, muscle[m].tendon_force,
           activation[m]);
      const double gained = d.nociceptor_gain[pool];
      const double reported = input(input_receptor_input, m);
      const double group_3 = smallest(gained * nociceptor[m].group_3 + reported, per_second);
      const double group_4 = smallest(gained * nociceptor[m].group_4 + reported, per_second);
      const double primary = smallest(primary_rate(spindle_constants, spindle[m], length[m]) +
                                          input(input_primary_afferents, m),
                                      per_second);
      const double secondary =
          smallest(secondary_rate(spindle_constants, spindle[m], length[m]), per_second);
      const double organ_rate = smallest(discharge_rate(organ_constants, organ[m], force), per_second);
      const double shock = input(input_shock, m);
      double share = 0.0;
      if (shock > 0.0)
        share = 1.0 / (1.0 + power(shock / w.primary_shock_median, -w.shock_steepness));
      line(line_primary, now + d.delays[line_primary * muscles + m], m) = primary;
      line(line_secondary, now + d.delays[line_secondary * muscles + m], m) = secondary;
      line(line_tendon_organ, now + d.delays[line_tendon_organ * muscles + m], m) = organ_rate;
      line(line_group_3, now + d.delays[line_group_3 * muscles + m], m) = group_3;
      line(line_group_4, now + d.delays[line_group_4 * muscles + m], m) = group_4;
      line(line_volley, now + d.delays[line_volley * muscles + m], m) = share;
      write(channel_tendon_force, muscles, m, muscle[m].tendon_force);
      write(channel_fibre_length, muscles, m, length[m]);
      write(channel_fibre_velocity, muscles, m, muscle[m].fibre_velocity);
      write(channel_primary, muscles, m, primary);
      write(channel_secondary, muscles, m, secondary);
      write(channel_tendon_organ, muscles, m, organ_rate);
      write(channel_nociceptors, muscles, m, group_3 + group_4);
      write(channel_group_3, muscles, m, group_3);
      write(channel_group_4, muscles, m, group_4);
    }
    for (int r = 0; r < roots; ++r) {
      write(channel_projection, roots, r, projection[r]);
      write(channel_nociceptive_drive, roots, r, nociceptive[r]);
      write(channel_touch_drive, roots, r, touch[r]);
    }
    for (int r = 0; d.channels[channel_foramen] && r < roots; ++r) {
      const double *height = d.foramen_constants, *per_newton = height + 1,
                   *per_radian = height + 2;
      double lost = 0.0;
      for (int m = 0; m < muscles; ++m) {
        const double force = muscle[m].tendon_force * d.maximum_force[m];
        const double own = force * *per_newton + joint[d.joint_of[m]].angle * *per_radian;
        lost += own * d.squeezes[r * muscles + m];
      }
      write(channel_foramen, roots, r, *height - lost);
    }
    if (d.probe_count) keep_states(d, person, now + 1);
  }
  for (int m = 0; m < muscles; ++m)
    from_blocks(reinterpret_cast<const F*>(room.cells + m * blocks), state_length,
                d.pool_state + (first_pool + m) * state_rows * stride, stride, state_rows);
}

template <class F>
std::size_t loop_bytes(const LoopData<F>& d) {
  std::size_t needed;
  room_of(d, nullptr, &needed);
  return needed;
}

}  // namespace MYOTOME_INSTRUCTION_SET
}  // namespace myotome
