// Booth-Rinzel-Kiehn motoneuron: cells advanced by many steps; line for line `step` of
// booth_rinzel_kiehn.py.

#pragma once

#include <cstdint>

#include "exponential.hpp"

namespace myotome {
inline namespace MYOTOME_INSTRUCTION_SET {

// In the order of the fields of `BoothRinzelKiehn1997`.
template <class F>
struct PlateauCell {
  F sodium, potassium, soma_calcium, soma_calcium_potassium, dendrite_calcium, plateau_calcium,
      dendrite_calcium_potassium, leak, coupling, soma_share, capacitance, sodium_reversal,
      potassium_reversal, calcium_reversal, leak_reversal, free_calcium, calcium_entry,
      calcium_removal, half_calcium;
};

template <class F>
inline F moved_towards(F value, F steady, F kept) {
  return steady + (value - steady) * kept;
}

// `constants` holds a PlateauCell for each of `count` cells; `state` eleven rows of `count`;
// `currents` a row for each step; `fired` as many, 1 where the soma rose through 0 mV.
template <class F>
void advance_plateau_cells(const F* constants, F* state, const F* currents, std::uint8_t* fired,
                           F step_ms, std::int64_t steps, int count) {
  for (int i = 0; i < count; ++i) {
    const auto& c = reinterpret_cast<const PlateauCell<F>*>(constants)[i];
    F x[11];
    for (int row = 0; row < 11; ++row) x[row] = state[row * count + i];
    const F step_4 = exp(-step_ms / F(4)), step_40 = exp(-step_ms / F(40));
    const F held = F(1) / (c.free_calcium * c.calcium_removal);
    const F step_held = exp(-step_ms / held);
    const F entry = -c.calcium_entry / c.calcium_removal;
    const F to_soma = c.coupling / c.soma_share, to_dendrite = c.coupling / (F(1) - c.soma_share);
    for (std::int64_t step = 0; step < steps; ++step) {
      const F v = x[0], u = x[1], current = currents[step * count + i];
      const F time_h =
          F(30) / (exp((v + F(50)) / F(15)) + exp(-(v + F(50)) / F(16)));
      const F time_n = F(7) / (exp((v + F(40)) / F(40)) + exp(-(v + F(40)) / F(50)));
      const F h = moved_towards(x[2], logistic((v - F(-55)) / F(-7)), exp(-step_ms / time_h));
      const F n = moved_towards(x[3], logistic((v - F(-28)) / F(15)), exp(-step_ms / time_n));
      const F soma_open = moved_towards(x[4], logistic((v - F(-30)) / F(5)), step_4);
      const F soma_ready = moved_towards(x[5], logistic((v - F(-45)) / F(-5)), step_40);
      const F dendrite_open = moved_towards(x[6], logistic((u - F(-30)) / F(5)), step_4);
      const F dendrite_ready = moved_towards(x[7], logistic((u - F(-45)) / F(-5)), step_40);
      const F plateau = moved_towards(x[8], logistic((u - F(-40)) / F(7)), step_40);

      const F m = logistic((v - F(-35)) / F(7.8));
      const F sodium = c.sodium * (m * m * m * h);
      const F potassium = c.potassium * (n * n * n * n);
      const F soma_calcium = c.soma_calcium * (soma_open * soma_open * soma_ready);
      const F dendrite_calcium =
          c.dendrite_calcium * (dendrite_open * dendrite_open * dendrite_ready) +
          c.plateau_calcium * plateau;
      const F soma_potassium =
          potassium + c.soma_calcium_potassium * (x[9] / (x[9] + c.half_calcium));
      const F dendrite_potassium =
          c.dendrite_calcium_potassium * (x[10] / (x[10] + c.half_calcium));
      const F soma_total = sodium + soma_potassium + soma_calcium + c.leak + to_soma;
      const F soma_driven = sodium * c.sodium_reversal + soma_potassium * c.potassium_reversal +
                            soma_calcium * c.calcium_reversal + c.leak * c.leak_reversal +
                            to_soma * u + current;
      const F dendrite_total = dendrite_potassium + dendrite_calcium + c.leak + to_dendrite;
      const F dendrite_driven = dendrite_potassium * c.potassium_reversal +
                                dendrite_calcium * c.calcium_reversal + c.leak * c.leak_reversal +
                                to_dendrite * v;
      const F soma_kept = exp(-step_ms * soma_total / c.capacitance);
      const F dendrite_kept = exp(-step_ms * dendrite_total / c.capacitance);
      x[0] = moved_towards(v, soma_driven / soma_total, soma_kept);
      x[1] = moved_towards(u, dendrite_driven / dendrite_total, dendrite_kept);
      x[2] = h;
      x[3] = n;
      x[4] = soma_open;
      x[5] = soma_ready;
      x[6] = dendrite_open;
      x[7] = dendrite_ready;
      x[8] = plateau;
      x[9] = moved_towards(x[9], entry * (soma_calcium * (v - c.calcium_reversal)), step_held);
      x[10] =
          moved_towards(x[10], entry * (dendrite_calcium * (u - c.calcium_reversal)), step_held);
      fired[step * count + i] = v < F(0) && x[0] >= F(0) ? 1 : 0;
    }
    for (int row = 0; row < 11; ++row) state[row * count + i] = x[row];
  }
}

}  // namespace MYOTOME_INSTRUCTION_SET
}  // namespace myotome
