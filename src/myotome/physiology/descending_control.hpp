// Descending control: what pain elsewhere leaves, a step later; line for line
// descending_control.py.

#pragma once

namespace myotome {
inline namespace MYOTOME_INSTRUCTION_SET {

// In the order in which descending_control.py names them.
template <class F>
struct DescendingControlConstants {
  F half_drive, rise_kept, fall_kept, depth;
};

template <class F>
inline F step(const DescendingControlConstants<F>& of, F control, F heard) {
  const F goal = heard / (heard + of.half_drive);
  const F kept = goal > control ? of.rise_kept : of.fall_kept;
  return goal + (control - goal) * kept;
}

template <class F>
inline F passes(const DescendingControlConstants<F>& of, F control) {
  return F(1) - of.depth * control;
}

}  // namespace MYOTOME_INSTRUCTION_SET
}  // namespace myotome
