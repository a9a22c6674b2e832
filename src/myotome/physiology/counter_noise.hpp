// Counter noise: random bits that are a function of a key and a counter; see counter_noise.py.

#pragma once

#include <cstdint>

namespace myotome {
inline namespace MYOTOME_INSTRUCTION_SET {

inline std::uint32_t hashed(std::uint32_t x) {
  x ^= x >> 16;
  x *= 0x7FEB352Du;
  x ^= x >> 15;
  x *= 0x846CA68Bu;
  x ^= x >> 16;
  return x;
}

// The bits of one key at one step. What happens with probability p has bits below p * 2^32.
inline std::uint32_t random_bits(std::uint32_t key, std::uint32_t counter) {
  return hashed(key + counter);
}

// A number between 0 and 1, both excluded.
inline double uniform(std::uint32_t key, std::uint32_t counter) {
  return (static_cast<double>(random_bits(key, counter)) + 0.5) / 4294967296.0;
}

}  // namespace MYOTOME_INSTRUCTION_SET
}  // namespace myotome
