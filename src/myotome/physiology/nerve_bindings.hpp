// Nerve bindings: the nerve's kernels as functions of the Python module; included by bindings.cpp.
//
// What comes in was checked and packed in Python; rows lie one after the other.

#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include "kernels.hpp"

namespace myotome {

template <class T>
using NerveRows = nanobind::ndarray<const T, nanobind::ndim<2>, nanobind::c_contig, nanobind::device::cpu>;
template <class T>
using NerveState = nanobind::ndarray<T, nanobind::ndim<2>, nanobind::c_contig, nanobind::device::cpu>;

// `current()` gives the kernels of the instruction set in use.
template <class F, class Current>
void bind_nerve(nanobind::module_& m, Current current) {
  namespace nb = nanobind;
  const auto width = [](const auto& rows) { return static_cast<int>(rows.shape(1)); };
  m.def(
      "dorsal_horn",
      [=](NerveRows<F> weights, NerveState<F> state, NerveRows<F> drives) {
        current()->dorsal_horn(weights.data(), state.data(), drives.data(), width(state));
      },
      nb::arg("weights").noconvert(), nb::arg("state").noconvert(), nb::arg("drives").noconvert());
  m.def(
      "renshaw",
      [=](NerveRows<F> rates, NerveRows<F> weights, NerveState<F> state, NerveRows<F> fired) {
        current()->renshaw(rates.data(), weights.data(), state.data(), fired.data(), width(weights));
      },
      nb::arg("rates").noconvert(), nb::arg("weights").noconvert(), nb::arg("state").noconvert(),
      nb::arg("fired").noconvert());
  m.def(
      "ectopic",
      [=](NerveRows<F> constants, NerveRows<std::uint32_t> wholes, NerveState<F> state,
          NerveState<std::uint32_t> whole_state, NerveRows<F> inputs, double step_ms,
          std::uint64_t seed) {
        current()->ectopic(constants.data(), wholes.data(), state.data(), whole_state.data(),
                           inputs.data(), static_cast<F>(step_ms), seed, width(state));
      },
      nb::arg("constants").noconvert(), nb::arg("wholes").noconvert(), nb::arg("state").noconvert(),
      nb::arg("whole_state").noconvert(), nb::arg("inputs").noconvert(), nb::arg("step_ms"),
      nb::arg("seed"));
  m.def(
      "endplates",
      [=](NerveRows<F> rates, NerveRows<F> constants, NerveRows<std::uint32_t> place,
          NerveState<F> state, NerveState<std::uint32_t> whole_state, std::uint64_t seed) {
        current()->endplates(rates.data(), constants.data(), place.data(), state.data(),
                             whole_state.data(), seed, width(state));
      },
      nb::arg("rates").noconvert(), nb::arg("constants").noconvert(), nb::arg("place").noconvert(),
      nb::arg("state").noconvert(), nb::arg("whole_state").noconvert(), nb::arg("seed"));
  m.def(
      "plateau_cells",
      [=](NerveRows<F> constants, NerveState<F> state, NerveRows<F> currents,
          NerveState<std::uint8_t> fired, double step_ms) {
        nb::gil_scoped_release released;
        current()->plateau_cell(constants.data(), state.data(), currents.data(), fired.data(),
                                static_cast<F>(step_ms),
                                static_cast<std::int64_t>(currents.shape(0)), width(state));
      },
      nb::arg("constants").noconvert(), nb::arg("state").noconvert(),
      nb::arg("currents").noconvert(), nb::arg("fired").noconvert(), nb::arg("step_ms"));
}

}  // namespace myotome
