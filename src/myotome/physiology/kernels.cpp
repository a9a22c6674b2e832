// Kernels of one instruction set; compiled once for each, with MYOTOME_INSTRUCTION_SET its name.
//
// Only plain C++ here: no standard library templates, which the linker would share between sets.

#include "kernels.hpp"

#include "booth_rinzel_kiehn.hpp"
#include "dorsal_horn_moment.hpp"
#include "ectopic_generator.hpp"
#include "endplate_discharge.hpp"
#include "motoneuron.hpp"
#include "muscle_steps.hpp"
#include "renshaw.hpp"

#define MYOTOME_TEXT_(x) #x
#define MYOTOME_TEXT(x) MYOTOME_TEXT_(x)
#define MYOTOME_JOIN_(a, b) a##b
#define MYOTOME_JOIN(a, b) MYOTOME_JOIN_(a, b)

namespace myotome {
inline namespace MYOTOME_INSTRUCTION_SET {

template <class F>
void evaluate(Function function, const F* x, F* y, std::size_t count) {
  switch (function) {
    case Function::exp:
      for (std::size_t i = 0; i < count; ++i) y[i] = exp(x[i]);
      break;
    case Function::log:
      for (std::size_t i = 0; i < count; ++i) y[i] = log(x[i]);
      break;
    case Function::logistic:
      for (std::size_t i = 0; i < count; ++i) y[i] = logistic(x[i]);
      break;
    case Function::tanh:
      for (std::size_t i = 0; i < count; ++i) y[i] = tanh(x[i]);
      break;
  }
}

template <class F>
void power_of(const F* x, const F* exponent, F* y, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) y[i] = power(x[i], exponent[i]);
}

void random_bits_of(const std::uint32_t* keys, std::uint32_t counter, std::uint32_t* out,
                    std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) out[i] = random_bits(keys[i], counter);
}

// Rows of `stride` numbers into blocks of `lanes`, and back.
template <class T>
void into_blocks(const T* rows, int stride, int row_count, T* blocks, int block_length, int offset) {
  for (int row = 0; row < row_count; ++row)
    for (int unit = 0; unit < stride; ++unit)
      blocks[unit / lanes * block_length + offset + row * lanes + unit % lanes] =
          rows[row * stride + unit];
}

template <class T>
void out_of_blocks(const T* blocks, int block_length, T* rows, int stride, int row_count) {
  for (int row = 0; row < row_count; ++row)
    for (int unit = 0; unit < stride; ++unit)
      rows[row * stride + unit] = blocks[unit / lanes * block_length + row * lanes + unit % lanes];
}

template <class F>
struct alignas(64) Block {
  CellConstants<F> constants;
  CellState<F> state;
  CellInput<F> input;
  CellWork<F> work;
};

template <class F>
std::size_t pool_bytes(int stride) {
  return static_cast<std::size_t>(stride / lanes) *
         (sizeof(Block<F>) + static_cast<std::size_t>(lanes) * sizeof(Spike));
}

// `room` holds pool_bytes(stride) bytes, aligned to 64.
template <class F>
void advance_pool(const PoolArrays<F>& arrays, const InputArrays<F>& inputs, std::int64_t steps,
                  int steps_per_block, std::uint64_t clock, void* room, const SpikeSink& sink) {
  const int blocks = arrays.stride / lanes;
  auto* constants = static_cast<CellConstants<F>*>(room);
  auto* state = reinterpret_cast<CellState<F>*>(constants + blocks);
  auto* input = reinterpret_cast<CellInput<F>*>(state + blocks);
  auto* work = reinterpret_cast<CellWork<F>*>(input + blocks);
  auto* spikes = reinterpret_cast<Spike*>(work + blocks);
  constexpr int constant_length = sizeof(CellConstants<F>) / sizeof(F);
  constexpr int state_length = sizeof(CellState<F>) / sizeof(F);
  constexpr int input_length = sizeof(CellInput<F>) / sizeof(F);
  constexpr int bits_length = sizeof(CellInput<F>) / sizeof(std::uint32_t);
  constexpr int bits_offset = 5 * lanes * sizeof(F) / sizeof(std::uint32_t);
  into_blocks(arrays.constants, arrays.stride, constant_length / lanes,
              reinterpret_cast<F*>(constants), constant_length, 0);
  into_blocks(arrays.state, arrays.stride, state_length / lanes, reinterpret_cast<F*>(state),
              state_length, 0);
  into_blocks(inputs.rows, arrays.stride, 5, reinterpret_cast<F*>(input), input_length, 0);
  into_blocks(inputs.bits, arrays.stride, 2, reinterpret_cast<std::uint32_t*>(input), bits_length,
              bits_offset);
  const auto* shared = reinterpret_cast<const SharedConstants<F>*>(arrays.shared);
  const Pool<F> pool{constants, shared, state, input, work, blocks};
  const Scheme scheme = arrays.crank_nicolson ? Scheme::crank_nicolson : Scheme::backward_euler;

  for (std::int64_t done = 0; done < steps;) {
    const int into_block = static_cast<int>(clock % static_cast<std::uint64_t>(steps_per_block));
    if (into_block == 0) settle(pool);
    if (done == 0) receive(pool);
    const std::int64_t left = steps - done, to_border = steps_per_block - into_block;
    const int chunk = static_cast<int>(left < to_border ? left : to_border);
    advance(pool, scheme, chunk, static_cast<std::uint32_t>(clock));
    const int count = spikes_of(pool, arrays.units, spikes);
    for (int spike = 0; spike < count; ++spike)
      sink.take(sink.owner, done + spikes[spike].step, spikes[spike].unit);
    done += chunk;
    clock += static_cast<std::uint64_t>(chunk);
  }
  out_of_blocks(reinterpret_cast<const F*>(state), state_length, arrays.state, arrays.stride,
                state_length / lanes);
}

template <class F>
constexpr NerveKernelsFor<F> nerve_kernels{advance_dorsal_horn<F>, advance_renshaw<F>,
                                           advance_ectopic<F>, advance_endplates<F>,
                                           advance_plateau_cells<F>};

}  // namespace MYOTOME_INSTRUCTION_SET

extern const Kernels MYOTOME_JOIN(kernels_, MYOTOME_INSTRUCTION_SET);
const Kernels MYOTOME_JOIN(kernels_, MYOTOME_INSTRUCTION_SET) = {
    MYOTOME_TEXT(MYOTOME_INSTRUCTION_SET),
    {evaluate<float>, power_of<float>, pool_bytes<float>, advance_pool<float>, muscle_kernels<float>,
     nerve_kernels<float>},
    {evaluate<double>, power_of<double>, pool_bytes<double>, advance_pool<double>,
     muscle_kernels<double>, nerve_kernels<double>},
    random_bits_of,
};

}  // namespace myotome
