TITLE Persistent inward current of the dendrite
COMMENT
Opens slowly with the voltage of the dendrite and does not inactivate. Rest is 0 mV.
Source: Cisi and Kohn 2008 for the cell; numbers are set from problem.py.
ENDCOMMENT

NEURON {
  THREADSAFE
  SUFFIX inward
  NONSPECIFIC_CURRENT i
}

UNITS { (mV) = (millivolt) (mA) = (milliamp) (S) = (siemens) }

PARAMETER {
  conductance (S/cm2)
  e_calcium (mV)
  half (mV)
  slope (mV)
  time (ms)
}

ASSIGNED { v (mV) i (mA/cm2) }

STATE { p }

INITIAL { p = 0 }

BREAKPOINT {
  SOLVE gate METHOD cnexp
  i = conductance*p*(v - e_calcium)
}

DERIVATIVE gate { p' = (1/(1 + exp((half - v)/slope)) - p)/time }
