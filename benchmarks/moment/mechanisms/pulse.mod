TITLE Sodium, fast and slow potassium of a motoneuron whose spike is a pulse
COMMENT
The gates open while the pulse is on and shut while it is off, at rates that do not depend on the
voltage, so that a step of each gate is one multiplication and one addition. Rest is 0 mV.
Source: Cisi and Kohn 2008 for the equations; numbers are set from problem.py.
ENDCOMMENT

NEURON {
  THREADSAFE
  SUFFIX pulse
  NONSPECIFIC_CURRENT i
  RANGE sodium, fast, slow, spike_at, q_shuts
}

UNITS { (mV) = (millivolt) (mA) = (milliamp) (S) = (siemens) }

PARAMETER {
  sodium (S/cm2)
  fast (S/cm2)
  slow (S/cm2)
  spike_at (mV)
  q_shuts (/ms)
  e_sodium (mV)
  e_potassium (mV)
  m_opens (/ms)
  m_shuts (/ms)
  h_opens (/ms)
  h_shuts (/ms)
  n_opens (/ms)
  n_shuts (/ms)
  q_opens (/ms)
  pulse_lasts (ms)
  refractory (ms)
}

ASSIGNED {
  v (mV)
  i (mA/cm2)
  dt (ms)
  m h n q
  wait
  refractory_steps
  pulse_steps
  m_on m_off h_on h_off n_on n_off q_on q_off
}

INITIAL {
  m = 0
  h = 1
  n = 0
  q = 0
  wait = 0
  refractory_steps = floor(refractory / dt + 0.5)
  pulse_steps = floor(pulse_lasts / dt + 0.5)
  m_on = exp(-m_opens * dt)
  m_off = exp(-m_shuts * dt)
  h_on = exp(-h_shuts * dt)
  h_off = exp(-h_opens * dt)
  n_on = exp(-n_opens * dt)
  n_off = exp(-n_shuts * dt)
  q_on = exp(-q_opens * dt)
  q_off = exp(-q_shuts * dt)
}

BEFORE STEP { gates() }

BREAKPOINT {
  i = sodium*m*m*m*h*(v - e_sodium) + (fast*n*n*n*n + slow*q*q)*(v - e_potassium)
}

PROCEDURE gates() {
  if (v > spike_at && wait <= 0) { wait = refractory_steps } else { wait = wait - 1 }
  if (wait > refractory_steps - pulse_steps) {
    m = 1 + (m - 1)*m_on
    h = h*h_on
    n = 1 + (n - 1)*n_on
    q = 1 + (q - 1)*q_on
  } else {
    m = m*m_off
    h = 1 + (h - 1)*h_off
    n = n*n_off
    q = q*q_off
  }
}
