// Counter random: numbers drawn from where they are used; line for line counter_random.py.

#pragma once

#include <cstdint>

namespace myotome {
inline namespace MYOTOME_INSTRUCTION_SET {

struct RandomWords {
  std::uint32_t word[4];
};

// Philox4x32 with ten rounds.
inline RandomWords philox(RandomWords counter, std::uint32_t key0, std::uint32_t key1) {
  std::uint32_t* c = counter.word;
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t first = std::uint64_t(0xD2511F53u) * c[0];
    const std::uint64_t second = std::uint64_t(0xCD9E8D57u) * c[2];
    const std::uint32_t n0 = static_cast<std::uint32_t>(second >> 32) ^ c[1] ^ key0;
    const std::uint32_t n2 = static_cast<std::uint32_t>(first >> 32) ^ c[3] ^ key1;
    c[0] = n0;
    c[1] = static_cast<std::uint32_t>(second);
    c[2] = n2;
    c[3] = static_cast<std::uint32_t>(first);
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
  return counter;
}

inline double uniform_of(std::uint32_t word, double) {
  return (static_cast<double>(word) + 0.5) * 2.3283064365386963e-10;
}

inline float uniform_of(std::uint32_t word, float) {
  return (static_cast<float>(word >> 9) + 0.5f) * 1.1920928955078125e-07f;
}

template <class F>
struct Uniforms {
  F u[4];
};

template <class F>
inline Uniforms<F> uniforms(std::uint64_t seed, std::uint32_t purpose, std::uint32_t place,
                            std::uint32_t number, std::uint32_t half = 0) {
  const RandomWords words =
      philox({{number, place, purpose * 256u + half, 0u}}, static_cast<std::uint32_t>(seed),
             static_cast<std::uint32_t>(seed >> 32));
  Uniforms<F> drawn;
  for (int i = 0; i < 4; ++i) drawn.u[i] = uniform_of(words.word[i], F(0));
  return drawn;
}

}  // namespace MYOTOME_INSTRUCTION_SET
}  // namespace myotome
