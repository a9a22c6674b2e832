// The processor's issue limit: how many vector instructions a core can start in a second.
//
// Twelve sums that do not wait for each other are kept going at the widest vector that the
// compiler's target has: by turns a fused multiplication and addition and an addition, then by
// turns a multiplication and an addition. A kernel made of such instructions cannot run faster
// than this, however well it is written. Prints the width in float32 numbers and both rates,
// instructions a second.

#include <chrono>
#include <cstdio>

#if defined(__AVX512F__)
constexpr int bytes = 64;
#elif defined(__AVX2__)
constexpr int bytes = 32;
#else
constexpr int bytes = 16;
#endif
typedef float numbers __attribute__((vector_size(bytes)));

#if defined(__x86_64__)
#define IN_A_REGISTER(x) asm volatile("" : "+v"(x))
#else
#define IN_A_REGISTER(x) asm volatile("" : "+w"(x))
#endif

// Named one by one: compilers keep an array of vectors in memory.
#define EACH_SUM(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7) DO(8) DO(9) DO(10) DO(11)
#define BEGIN(k) numbers sum##k = {};
#define STEP(k)                                                            \
  sum##k = k % 2 ? sum##k + y : fused ? sum##k * x + y : sum##k * x; \
  IN_A_REGISTER(sum##k);

constexpr long rounds = 6000000;
constexpr int sums = 12;

template <bool fused>
static void keep_busy() {
  numbers x = {}, y = {};
  IN_A_REGISTER(x);
  IN_A_REGISTER(y);
  EACH_SUM(BEGIN)
  for (long i = 0; i < rounds; i++) {
    EACH_SUM(STEP)
  }
}

template <bool fused>
static double instructions_per_second() {
  const auto start = std::chrono::steady_clock::now();
  keep_busy<fused>();
  const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
  return double(sums) * rounds / spent.count();
}

int main() {
  keep_busy<true>();  // the clock of the processor rises first
  std::printf("%d ", bytes / 4);
  std::printf("%.0f ", instructions_per_second<true>());
  std::printf("%.0f\n", instructions_per_second<false>());
}
