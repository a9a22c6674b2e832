// Bindings: the kernels as the Python module myotome._kernels, for the processor that is there.
//
// What comes in was checked in Python (shapes, signs, no NaN); a kernel trusts it. People are dealt
// to threads in equal runs of neighbours, each with memory of its own, so that no result depends on
// the number of threads.

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

#include "in_threads.hpp"
#include "kernels.hpp"
#include "muscle_bindings.hpp"
#include "nerve_bindings.hpp"

namespace nb = nanobind;

namespace myotome {

extern const Kernels kernels_baseline;
#if defined(MYOTOME_X86_LEVELS)
extern const Kernels kernels_x86_64_v2, kernels_x86_64_v3, kernels_x86_64_v4;
#endif

namespace {

// What this processor can run, best first.
std::vector<const Kernels*> available() {
  std::vector<const Kernels*> sets;
#if defined(MYOTOME_X86_LEVELS)
  __builtin_cpu_init();
  const bool v2 = __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("popcnt");
  const bool v3 = v2 && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
                  __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("fma");
  const bool v4 = v3 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                  __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
                  __builtin_cpu_supports("avx512vl");
  if (v4) sets.push_back(&kernels_x86_64_v4);
  if (v3) sets.push_back(&kernels_x86_64_v3);
  if (v2) sets.push_back(&kernels_x86_64_v2);
#endif
  sets.push_back(&kernels_baseline);
  return sets;
}

const Kernels* chosen = available().front();

std::string name_of(const Kernels& kernels) {
  std::string name = kernels.name;
  std::replace(name.begin(), name.end(), '_', '-');
  return name;
}

std::vector<std::string> instruction_sets() {
  std::vector<std::string> names;
  for (const Kernels* kernels : available()) names.push_back(name_of(*kernels));
  return names;
}

std::string instruction_set() { return name_of(*chosen); }

void use(const std::string& name) {
  for (const Kernels* kernels : available())
    if (name_of(*kernels) == name) {
      chosen = kernels;
      return;
    }
  throw std::invalid_argument("No instruction set '" + name + "' on this processor.");
}

template <class F>
const KernelsFor<F>& kernels_for();
template <>
const KernelsFor<float>& kernels_for<float>() {
  return chosen->single_precision;
}
template <>
const KernelsFor<double>& kernels_for<double>() {
  return chosen->double_precision;
}

template <class F>
using Vector = nb::ndarray<const F, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
template <class F>
using MutableVector = nb::ndarray<F, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
template <class F>
using Rows = nb::ndarray<const F, nb::ndim<3>, nb::c_contig, nb::device::cpu>;
template <class F>
using MutableRows = nb::ndarray<F, nb::ndim<3>, nb::c_contig, nb::device::cpu>;
template <class T>
using Result = nb::ndarray<nb::numpy, T, nb::ndim<1>>;

template <class F>
void evaluate(const std::string& name, Vector<F> x, MutableVector<F> y) {
  const Function function = name == "exp"        ? Function::exp
                            : name == "log"      ? Function::log
                            : name == "logistic" ? Function::logistic
                                                 : Function::tanh;
  kernels_for<F>().evaluate(function, x.data(), y.data(), x.shape(0));
}

template <class F>
void power(Vector<F> x, Vector<F> exponent, MutableVector<F> y) {
  kernels_for<F>().power(x.data(), exponent.data(), y.data(), x.shape(0));
}

void random_bits(Vector<std::uint32_t> keys, std::uint32_t counter,
                 MutableVector<std::uint32_t> out) {
  chosen->random_bits(keys.data(), counter, out.data(), keys.shape(0));
}

struct Spikes {
  std::vector<std::int64_t> steps;
  std::vector<std::int32_t> people, units;
  std::int32_t person = 0;

  static void take(void* owner, std::int64_t step, std::int32_t unit) {
    auto& spikes = *static_cast<Spikes*>(owner);
    spikes.steps.push_back(step);
    spikes.people.push_back(spikes.person);
    spikes.units.push_back(unit);
  }
};

struct AlignedDelete {
  void operator()(void* memory) const { ::operator delete(memory, std::align_val_t(64)); }
};

template <class T>
Result<T> as_array(std::vector<T>&& values) {
  auto* kept = new std::vector<T>(std::move(values));
  nb::capsule owner(kept, [](void* p) noexcept { delete static_cast<std::vector<T>*>(p); });
  return Result<T>(kept->data(), {kept->size()}, owner);
}

template <class F>
nb::tuple advance(Rows<F> constants, Vector<F> shared, MutableRows<F> state, Rows<F> inputs,
                  Rows<std::uint32_t> bits, int units, std::int64_t steps, int steps_per_block,
                  std::uint64_t clock, bool crank_nicolson, int threads) {
  const std::size_t people = state.shape(0), stride = state.shape(2);
  const auto of = [](const auto& rows, std::size_t person) {
    return rows.data() + (rows.shape(0) == 1 ? 0 : person) * rows.shape(1) * rows.shape(2);
  };
  const std::size_t workers =
      std::max<std::size_t>(1, std::min<std::size_t>(static_cast<std::size_t>(threads), people));
  std::vector<Spikes> spikes(workers);
  const KernelsFor<F>& kernels = kernels_for<F>();
  const auto work = [&](std::size_t worker) {
    const std::unique_ptr<void, AlignedDelete> room(::operator new(
        kernels.pool_bytes(static_cast<int>(stride)), std::align_val_t(64)));
    for (std::size_t person = people * worker / workers; person < people * (worker + 1) / workers;
         ++person) {
      spikes[worker].person = static_cast<std::int32_t>(person);
      const PoolArrays<F> pool{of(constants, person),
                               shared.data(),
                               state.data() + person * state.shape(1) * stride,
                               units,
                               static_cast<int>(stride),
                               crank_nicolson};
      const InputArrays<F> input{of(inputs, person), of(bits, person)};
      kernels.advance(pool, input, steps, steps_per_block, clock, room.get(),
                      SpikeSink{Spikes::take, &spikes[worker]});
    }
  };
  {
    nb::gil_scoped_release released;
    in_threads(workers, work);
  }
  Spikes& all = spikes[0];
  for (std::size_t worker = 1; worker < workers; ++worker) {
    const Spikes& more = spikes[worker];
    all.steps.insert(all.steps.end(), more.steps.begin(), more.steps.end());
    all.people.insert(all.people.end(), more.people.begin(), more.people.end());
    all.units.insert(all.units.end(), more.units.begin(), more.units.end());
  }
  return nb::make_tuple(as_array(std::move(all.steps)), as_array(std::move(all.people)),
                        as_array(std::move(all.units)));
}

}  // namespace
}  // namespace myotome

NB_MODULE(_kernels, m) {
  using namespace myotome;
  m.doc() = "Compiled kernels of the fast physiology; see myotome.physiology.backend.";
  m.def("instruction_sets", &instruction_sets);
  m.def("instruction_set", &instruction_set);
  m.def("use", &use);
  m.def("evaluate", &evaluate<float>, nb::arg("name"), nb::arg("x").noconvert(), nb::arg("y").noconvert());
  m.def("evaluate", &evaluate<double>, nb::arg("name"), nb::arg("x").noconvert(), nb::arg("y").noconvert());
  m.def("power", &power<float>, nb::arg("x").noconvert(), nb::arg("exponent").noconvert(),
        nb::arg("y").noconvert());
  m.def("power", &power<double>, nb::arg("x").noconvert(), nb::arg("exponent").noconvert(),
        nb::arg("y").noconvert());
  m.def("random_bits", &random_bits);
  const auto pool = [&m](auto function) {
    m.def("advance", function, nb::arg("constants").noconvert(), nb::arg("shared").noconvert(),
          nb::arg("state").noconvert(), nb::arg("inputs").noconvert(), nb::arg("bits").noconvert(),
          nb::arg("units"), nb::arg("steps"), nb::arg("steps_per_block"), nb::arg("clock"),
          nb::arg("crank_nicolson"), nb::arg("threads"));
  };
  pool(&advance<float>);
  pool(&advance<double>);
  bind_muscle<float>(m, [] { return &kernels_for<float>().muscle; });
  bind_muscle<double>(m, [] { return &kernels_for<double>().muscle; });
  bind_nerve<float>(m, [] { return &kernels_for<float>().nerve; });
  bind_nerve<double>(m, [] { return &kernels_for<double>().nerve; });
}
