// Loop probes: states that somebody asked for, copied out of a running loop; see probes.py.
//
// A stretch without probes never comes here. What a probe reads is described by numbers alone
// (watching.py), so that the loop knows no names.

#pragma once

#include <cstdint>

#include "loop_kernels.hpp"
#include "motoneuron.hpp"

namespace myotome {
inline namespace MYOTOME_INSTRUCTION_SET {

// Copies one reading of a person where one is due at this tick; `read` gives the number of a column
// and a cell. Columns other than `only` are left alone, if there is one.
template <class Read>
inline void keep(const LoopProbe& probe, int person, std::int64_t tick, int only, Read read) {
  const std::int64_t place = probe.people[person];
  if (place < 0 || tick % probe.every != 0) return;
  const std::int64_t reading = tick / probe.every - 1 - probe.before;
  double* kept = probe.kept + (reading * probe.person_count + place) * probe.column_count *
                                  probe.cell_count;
  for (std::int64_t c = 0; c < probe.column_count; ++c) {
    if (only >= 0 && probe.columns[c] != only) continue;
    for (std::int64_t k = 0; k < probe.cell_count; ++k)
      kept[c * probe.cell_count + k] = read(probe.columns[c], probe.cells[k]);
  }
}

// Motoneurons of one muscle, whose blocks begin at `cells`.
template <class F>
inline void keep_cells(const LoopData<F>& d, int person, int muscle, std::int64_t tick,
                       const CellState<F>* cells) {
  constexpr std::int64_t length = sizeof(CellState<F>) / sizeof(F);
  const F* numbers = reinterpret_cast<const F*>(cells);
  for (int i = 0; i < d.probe_count; ++i) {
    const LoopProbe& probe = d.probes[i];
    if (probe.source) continue;
    keep(probe, person, tick, muscle, [&](std::int64_t, std::int64_t cell) {
      return static_cast<double>(
          numbers[cell / lanes * length + probe.offset * lanes + cell % lanes]);
    });
  }
}

// Everything else, when a millisecond is over.
template <class F>
inline void keep_states(const LoopData<F>& d, int person, std::int64_t tick) {
  for (int i = 0; i < d.probe_count; ++i) {
    const LoopProbe& probe = d.probes[i];
    if (!probe.source) continue;
    const std::int64_t first =
        probe.offset + person * probe.by_person + tick % probe.ring * probe.by_ring;
    keep(probe, person, tick, -1, [&](std::int64_t column, std::int64_t cell) {
      const std::int64_t at = first + column * probe.by_column + cell * probe.by_cell;
      return probe.of_cells ? static_cast<double>(static_cast<const F*>(probe.source)[at])
                            : static_cast<const double*>(probe.source)[at];
    });
  }
}

}  // namespace MYOTOME_INSTRUCTION_SET
}  // namespace myotome
