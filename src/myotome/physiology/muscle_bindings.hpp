// Muscle bindings: the kernels of muscle and joint as functions of the Python module; included by
// bindings.cpp. What comes in was checked and packed in Python.

#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include "kernels.hpp"

namespace myotome {

template <class F>
using MuscleArray = nanobind::ndarray<const F, nanobind::c_contig, nanobind::device::cpu>;
template <class F>
using MuscleState = nanobind::ndarray<F, nanobind::c_contig, nanobind::device::cpu>;

// `current()` gives the kernels of the instruction set in use.
template <class F, class Current>
void bind_muscle(nanobind::module_& m, Current current) {
  namespace nb = nanobind;
  const auto count = [](const auto& array) { return static_cast<int>(array.shape(0)); };
  m.def(
      "motor_units",
      [=](MuscleArray<F> shared, MuscleArray<F> rows, MuscleState<F> state, MuscleState<F> yielding,
          MuscleArray<F> spikes, double fibre_length, double fibre_velocity) {
        F activation;
        current()->motor_units(shared.data(), rows.data(), state.data(), yielding.data(),
                               spikes.data(), static_cast<F>(fibre_length),
                               static_cast<F>(fibre_velocity), count(spikes), &activation);
        return static_cast<double>(activation);
      },
      nb::arg("shared").noconvert(), nb::arg("rows").noconvert(), nb::arg("state").noconvert(),
      nb::arg("yielding").noconvert(), nb::arg("spikes").noconvert(), nb::arg("fibre_length"),
      nb::arg("fibre_velocity"));
  m.def(
      "musculotendon",
      [=](MuscleArray<F> constants, MuscleState<F> state, MuscleArray<F> inputs) {
        current()->musculotendon(constants.data(), state.data(), inputs.data(), count(state));
      },
      nb::arg("constants").noconvert(), nb::arg("state").noconvert(),
      nb::arg("inputs").noconvert());
  const auto receptor = [&m, count, current](const char* name, auto kernel) {
    m.def(
        name,
        [=](MuscleArray<F> constants, MuscleState<F> state, MuscleArray<F> inputs,
            MuscleState<F> rates) {
          (current()->*kernel)(constants.data(), state.data(), inputs.data(), rates.data(),
                               count(state));
        },
        nb::arg("constants").noconvert(), nb::arg("state").noconvert(),
        nb::arg("inputs").noconvert(), nb::arg("rates").noconvert());
  };
  receptor("muscle_spindle", &MuscleKernelsFor<F>::muscle_spindle);
  receptor("tendon_organ", &MuscleKernelsFor<F>::tendon_organ);
  receptor("muscle_nociceptor", &MuscleKernelsFor<F>::muscle_nociceptor);
  m.def(
      "joint",
      [=](MuscleArray<F> constants, MuscleState<F> state, MuscleArray<F> muscles,
          MuscleArray<F> tendon_forces, double nociceptive_drive, MuscleState<F> lengths) {
        current()->joint(constants.data(), state.data(), muscles.data(), tendon_forces.data(),
                         count(muscles), static_cast<F>(nociceptive_drive), lengths.data());
      },
      nb::arg("constants").noconvert(), nb::arg("state").noconvert(),
      nb::arg("muscles").noconvert(), nb::arg("tendon_forces").noconvert(),
      nb::arg("nociceptive_drive"), nb::arg("lengths").noconvert());
}

}  // namespace myotome
