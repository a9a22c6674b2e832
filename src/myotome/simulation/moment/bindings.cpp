// Bindings: the compiled loop as the Python module myotome._moment.
//
// What comes in was checked and packed in Python (engines.py); here only names, sizes and precision
// are held to what the loop will read. People are dealt to threads in equal runs of neighbours.

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

#include "in_threads.hpp"
#include "loop_kernels.hpp"

namespace nb = nanobind;

namespace myotome {

extern const LoopKernels loop_baseline;
#if defined(MYOTOME_X86_LEVELS)
extern const LoopKernels loop_x86_64_v2, loop_x86_64_v3, loop_x86_64_v4;
#endif

namespace {

const LoopKernels& kernels_named(const std::string& name) {
#if defined(MYOTOME_X86_LEVELS)
  if (name == "x86-64-v4") return loop_x86_64_v4;
  if (name == "x86-64-v3") return loop_x86_64_v3;
  if (name == "x86-64-v2") return loop_x86_64_v2;
#endif
  if (name == "baseline") return loop_baseline;
  throw std::invalid_argument("No instruction set '" + name + "' in this build.");
}

template <class F>
const LoopKernelsFor<F>& kernels_for(const LoopKernels& kernels);
template <>
const LoopKernelsFor<float>& kernels_for<float>(const LoopKernels& kernels) {
  return kernels.single_precision;
}
template <>
const LoopKernelsFor<double>& kernels_for<double>(const LoopKernels& kernels) {
  return kernels.double_precision;
}

// The array of a name, which must hold `count` numbers of type T.
template <class T>
T* array(const nb::dict& arrays, const char* name, std::size_t count) {
  if (!arrays.contains(name)) throw std::invalid_argument(std::string("No array '") + name + "'.");
  using Array = nb::ndarray<T, nb::c_contig, nb::device::cpu>;
  Array found;
  if (!nb::try_cast<Array>(arrays[name], found, false))
    throw std::invalid_argument(std::string(name) + " is of another type or not contiguous.");
  if (found.size() != count)
    throw std::invalid_argument(std::string(name) + " must hold " + std::to_string(count) +
                                " numbers, got " + std::to_string(found.size()) + ".");
  return found.data();
}

struct Spikes {
  std::vector<std::int64_t> milliseconds;
  std::vector<std::int32_t> people, muscles, units;

  static void take(void* owner, std::int64_t millisecond, int person, int muscle, int unit) {
    auto& spikes = *static_cast<Spikes*>(owner);
    spikes.milliseconds.push_back(millisecond);
    spikes.people.push_back(person);
    spikes.muscles.push_back(muscle);
    spikes.units.push_back(unit);
  }
};

template <class T>
nb::ndarray<nb::numpy, T, nb::ndim<1>> as_array(std::vector<T>&& values) {
  auto* kept = new std::vector<T>(std::move(values));
  nb::capsule owner(kept, [](void* p) noexcept { delete static_cast<std::vector<T>*>(p); });
  return {kept->data(), {kept->size()}, owner};
}

struct AlignedDelete {
  void operator()(void* memory) const { ::operator delete(memory, std::align_val_t(64)); }
};

template <class F>
LoopData<F> data_of(const nb::dict& sizes, const nb::dict& arrays, const nb::list& inputs,
                    const nb::list& channels, const std::vector<LoopProbe>& probes) {
  const auto size = [&](const char* name) { return nb::cast<std::int64_t>(sizes[name]); };
  const auto small = [&](const char* name) { return static_cast<int>(size(name)); };
  LoopData<F> d{};
  d.people = small("people");
  d.muscles = small("muscles");
  d.units = small("units");
  d.stride = small("stride");
  d.roots = small("roots");
  d.kinds = small("kinds");
  d.joints = small("joints");
  d.ring = small("ring");
  d.axon_ring = small("axon_ring");
  d.steps_per_block = small("steps_per_block");
  d.crank_nicolson = size("crank_nicolson") != 0;
  d.milliseconds = size("milliseconds");
  d.millisecond = size("millisecond");

  const std::size_t muscles = d.muscles, stride = d.stride, pools = muscles * d.people;
  const std::size_t roots = static_cast<std::size_t>(d.roots) * d.people;
  const auto real = [&](const char* name, std::size_t count) {
    return array<double>(arrays, name, count);
  };
  const auto whole = [&](const char* name, std::size_t count) {
    return array<std::int64_t>(arrays, name, count);
  };
  const auto cell = [&](const char* name, std::size_t count) {
    return array<F>(arrays, name, count);
  };
  d.pool_constants = cell("pool_constants", pools * 14 * stride);
  d.pool_shared = cell("pool_shared", 22);
  d.pool_state = cell("pool_state", pools * 11 * stride);
  d.keys = array<std::uint32_t>(arrays, "keys", pools * stride);
  d.unit_shared = cell("unit_shared", 8);
  d.unit_rows = cell("unit_rows", muscles * loop_unit_rows * stride);
  d.unit_state = cell("unit_state", pools * loop_unit_state_rows * stride);
  d.yielding = cell("yielding", pools);
  d.muscle_constants = real("muscle_constants", pools * 30);
  d.muscle_state = real("muscle_state", pools * 4);
  d.spindle_constants = real("spindle_constants", 28);
  d.spindle_state = real("spindle_state", pools * 5);
  d.organ_constants = real("organ_constants", 7);
  d.organ_state = real("organ_state", pools * 2);
  d.nociceptor_constants = real("nociceptor_constants", 8);
  d.nociceptor_state = real("nociceptor_state", pools * 3);
  d.control_constants = real("control_constants", 4);
  d.control_state = real("control_state", pools);
  d.joint_constants = real("joint_constants", static_cast<std::size_t>(d.joints) * 12);
  d.foramen_constants = real("foramen_constants", 3);
  d.squeezes = real("squeezes", d.roots * muscles);
  d.joint_state = real("joint_state", static_cast<std::size_t>(d.joints) * d.people * 2);
  d.renshaw_rates = real("renshaw_rates", 5);
  d.renshaw_weights = real("renshaw_weights", muscles * stride);
  d.renshaw_conductance = real("renshaw_conductance", muscles * stride);
  d.renshaw_state = real("renshaw_state", pools * 3);
  d.horn_weights = real("horn_weights", 29);
  d.convergence = real("convergence", d.kinds);
  d.horn_state = real("horn_state", roots * 5 * d.kinds);
  d.sensitisation = real("sensitisation", roots);
  d.nociceptor_rate = real("nociceptor_rate", roots);
  d.touch_rate = real("touch_rate", roots);
  d.nociceptor_gain = real("nociceptor_gain", pools);
  d.strength = real("strength", pools);
  d.reach = real("reach", d.roots * muscles);
  d.pull = real("pull", muscles);
  d.gear = real("gear", muscles);
  d.neutral_length = real("neutral_length", muscles);
  d.maximum_force = real("maximum_force", muscles);
  d.fibre_share = real("fibre_share", muscles * stride);
  d.shock_threshold = real("shock_threshold", muscles * stride);
  d.antidromic = real("antidromic", muscles * stride);
  d.conducts = cell("conducts", pools * stride);
  d.motor_delay = whole("motor_delay", muscles * stride);
  d.motor_from_shock = whole("motor_from_shock", muscles);
  d.delays = whole("delays", loop_lines * muscles);
  d.joint_of = whole("joint_of", muscles);
  d.opposed = real("opposed", muscles * muscles);
  d.afferents = real("afferents", static_cast<std::size_t>(d.people) * loop_lines * d.ring * muscles);
  d.axons = cell("axons", pools * d.axon_ring * stride);
  d.blocked = cell("blocked", pools * stride);
  d.wiring = reinterpret_cast<const LoopWiring*>(
      real("wiring", sizeof(LoopWiring) / sizeof(double)));
  d.impulses = arrays.contains("impulses")
                   ? real("impulses", d.milliseconds * pools * d.units)
                   : nullptr;

  const int columns[3] = {d.muscles, d.roots, d.joints};
  if (inputs.size() != loop_inputs || channels.size() != loop_channels)
    throw std::invalid_argument("Inputs or channels are not those of the loop.");
  for (int which = 0; which < loop_inputs; ++which) {
    const auto found = nb::cast<nb::ndarray<const double, nb::ndim<3>, nb::device::cpu>>(inputs[which]);
    const int of = which >= input_angle ? 2 : which >= input_touch ? 1 : 0;
    if (found.shape(0) != static_cast<std::size_t>(d.milliseconds) ||
        found.shape(1) != static_cast<std::size_t>(d.people) ||
        found.shape(2) != static_cast<std::size_t>(columns[of]))
      throw std::invalid_argument("An input has another shape than the loop.");
    d.inputs[which] = {found.data(), found.stride(0), found.stride(1), found.stride(2)};
  }
  for (int which = 0; which < loop_channels; ++which) {
    if (channels[which].is_none()) continue;
    const int of = which >= channel_projection ? 1 : which >= channel_angle ? 2 : 0;
    const auto found = nb::cast<nb::ndarray<double, nb::c_contig, nb::device::cpu>>(channels[which]);
    if (found.size() != static_cast<std::size_t>(d.milliseconds) * d.people * columns[of])
      throw std::invalid_argument("A channel has another shape than the loop.");
    d.channels[which] = found.data();
  }
  d.probes = probes.data();
  d.probe_count = static_cast<int>(probes.size());
  d.looks = small("looks");
  if (d.looks < 1 || d.steps_per_block % d.looks != 0)
    throw std::invalid_argument("Looks must be a part of a millisecond's steps.");
  return d;
}

// Probes as dictionaries: numbers by name, people, columns and cells, what to read, where to put it.
template <class F>
std::vector<LoopProbe> probes_of(const nb::list& given, const nb::dict& arrays) {
  std::vector<LoopProbe> probes;
  for (const nb::handle one : given) {
    const auto of = nb::cast<nb::dict>(one);
    const auto number = [&](const char* name) { return nb::cast<std::int64_t>(of[name]); };
    const auto whole = [&](const char* name, std::int64_t count) {
      return array<std::int64_t>(of, name, static_cast<std::size_t>(count));
    };
    LoopProbe probe{};
    const auto source = nb::cast<std::string>(of["source"]);
    probe.of_cells = number("of_cells") != 0;
    probe.offset = number("offset");
    probe.by_person = number("by_person");
    probe.by_column = number("by_column");
    probe.by_cell = number("by_cell");
    probe.ring = number("ring");
    probe.by_ring = number("by_ring");
    probe.every = number("every");
    probe.before = number("before");
    probe.person_count = number("person_count");
    probe.column_count = number("column_count");
    probe.cell_count = number("cell_count");
    probe.people = whole("people", number("people_in_all"));
    probe.columns = whole("columns", probe.column_count);
    probe.cells = whole("cells", probe.cell_count);
    probe.kept = array<double>(of, "kept", static_cast<std::size_t>(
        number("readings") * probe.person_count * probe.column_count * probe.cell_count));
    if (!source.empty()) {
      const auto count = static_cast<std::size_t>(number("source_size"));
      probe.source = probe.of_cells
                         ? static_cast<const void*>(array<F>(arrays, source.c_str(), count))
                         : static_cast<const void*>(array<double>(arrays, source.c_str(), count));
    }
    probes.push_back(probe);
  }
  return probes;
}

template <class F>
nb::tuple advance(const std::string& instruction_set, const nb::dict& sizes,
                  const nb::dict& arrays, const nb::list& inputs, const nb::list& channels,
                  const nb::list& watched, int threads) {
  const LoopKernelsFor<F>& kernels = kernels_for<F>(kernels_named(instruction_set));
  const std::vector<LoopProbe> probes = probes_of<F>(watched, arrays);
  const LoopData<F> data = data_of<F>(sizes, arrays, inputs, channels, probes);
  const std::size_t workers = std::max(1, std::min(threads, data.people));
  std::vector<Spikes> spikes(workers);
  const auto work = [&](std::size_t worker) {
    const std::unique_ptr<void, AlignedDelete> room(
        ::operator new(kernels.bytes(data), std::align_val_t(64)));
    const auto border = [&](std::size_t w) { return static_cast<int>(data.people * w / workers); };
    for (int person = border(worker); person < border(worker + 1); ++person)
      kernels.advance(data, person, room.get(), LoopSink{Spikes::take, &spikes[worker]});
  };
  {
    nb::gil_scoped_release released;
    in_threads(workers, work);
  }
  Spikes& all = spikes[0];
  for (std::size_t worker = 1; worker < workers; ++worker) {
    const Spikes& more = spikes[worker];
    all.milliseconds.insert(all.milliseconds.end(), more.milliseconds.begin(), more.milliseconds.end());
    all.people.insert(all.people.end(), more.people.begin(), more.people.end());
    all.muscles.insert(all.muscles.end(), more.muscles.begin(), more.muscles.end());
    all.units.insert(all.units.end(), more.units.begin(), more.units.end());
  }
  return nb::make_tuple(as_array(std::move(all.milliseconds)), as_array(std::move(all.people)),
                        as_array(std::move(all.muscles)), as_array(std::move(all.units)));
}

}  // namespace
}  // namespace myotome

NB_MODULE(_moment, m) {
  m.doc() = "The compiled loop of a moment; see myotome.simulation.moment.engines.";
  m.def("advance_float32", &myotome::advance<float>);
  m.def("advance_float64", &myotome::advance<double>);
}
