TITLE Excitatory conductance that jumps at random and decays
COMMENT
Whether an event comes at a step is decided by a hash of the cell's number and the step's, so that
every program can be given the same events. Rest is 0 mV. Numbers are set from problem.py.
ENDCOMMENT

NEURON {
  THREADSAFE
  POINT_PROCESS Noise
  NONSPECIFIC_CURRENT i
  RANGE number, g
}

UNITS { (mV) = (millivolt) (nA) = (nanoamp) (uS) = (microsiemens) }

PARAMETER {
  number
  weight (uS)
  rate (/ms)
  decay (ms)
  e (mV)
}

ASSIGNED { v (mV) i (nA) g (uS) dt (ms) left k chance }

INITIAL {
  g = 0
  k = 0
  left = exp(-dt/decay)
  chance = rate*dt
}

BEFORE STEP { draw() }

BREAKPOINT { i = g*(v - e) }

VERBATIM
#ifndef MYOTOME_SCRAMBLED
#define MYOTOME_SCRAMBLED
#include <stdint.h>
static inline uint32_t scrambled(uint32_t x) {
  x ^= x >> 16; x *= 0x7feb352du;
  x ^= x >> 15; x *= 0x846ca68bu;
  return x ^ (x >> 16);
}
#endif
ENDVERBATIM

FUNCTION event() {
VERBATIM
  uint32_t drawn = scrambled(scrambled((uint32_t)number) + (uint32_t)k);
  _levent = drawn < (uint32_t)(chance*4294967296.0) ? 1.0 : 0.0;
ENDVERBATIM
}

PROCEDURE draw() {
  g = g*left + weight*event()
  k = k + 1
}
