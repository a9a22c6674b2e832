TITLE Twitches, muscle, tendon and primary endings of the reduced reflex loop
COMMENT
One process for one muscle. A motoneuron's spike comes with the number of its unit and adds to that
unit's twitch; an event that the process sends itself each millisecond moves twitches, muscle and
endings on and sends one event for each impulse of an ending. Numbers are set from reflex.py.
Source: Fuglevand 1993 for twitches, De Groote and Fregly 2016 for tendon and tension-velocity.
ENDCOMMENT

NEURON {
  THREADSAFE
  POINT_PROCESS Muscle
  RANGE length, tension, active, rate, sum_force, sum_length, ticks
  RANGE height, left, kick, twitch, share, cycle, pace
}

DEFINE UNITS_MAX 120
DEFINE ENDINGS_MAX 60

UNITS { (mV) = (millivolt) }

PARAMETER {
  half_active least_active substeps muscle_step whole_0 swing period
  tendon tendon_gain tendon_steepness width steepness strain fastest
  d1 d2 d3 d4 largest_force resting of_length of_velocity spindle_length
}

ASSIGNED {
  height[UNITS_MAX] left[UNITS_MAX] share[UNITS_MAX] kick[UNITS_MAX] twitch[UNITS_MAX]
  cycle[ENDINGS_MAX] pace[ENDINGS_MAX]
  length tension active rate velocity sum_force sum_length ticks impulses
}

INITIAL {
  FROM i = 0 TO UNITS_MAX - 1 { kick[i] = 0  twitch[i] = 0 }
  FROM i = 0 TO ENDINGS_MAX - 1 { cycle[i] = i / ENDINGS_MAX }
  length = 1
  velocity = 0
  tension = 0
  sum_force = 0
  sum_length = 0
  ticks = 0
  net_send(1, 1)
}

NET_RECEIVE (unit) {
  LOCAL n
  INITIAL { }
  if (flag == 1) {
    move()
    n = impulses
    while (n > 0) {
      net_event(t + 1e-6) : CoreNEURON may be a few roundings ahead
      n = n - 1
    }
    net_send(1, 1)
  } else {
    kick[unit] = kick[unit] + height[unit]
  }
}

PROCEDURE move() { LOCAL sum, whole, load, passive, off
  sum = 0
  FROM i = 0 TO UNITS_MAX - 1 {
    twitch[i] = left[i]*(twitch[i] + share[i]*kick[i])
    kick[i] = left[i]*kick[i]
    sum = sum + twitch[i]
  }
  active = 1 - exp(-sum/half_active)
  if (active < least_active) { active = least_active }
  whole = whole_0 + swing*sin(6.283185307179586*ticks/period)
  FROM k = 0 TO substeps - 1 {
    tension = tendon_gain*(exp(tendon_steepness*((whole - length)/tendon - 1)) - 1)
    if (tension < 0) { tension = 0 }
    passive = (exp(steepness*(length - 1)/strain) - 1)/(exp(steepness) - 1)
    if (passive < 0) { passive = 0 }
    off = (length - 1)/width
    load = (tension - passive)/(active*exp(-off*off))
    if (load < 0) { load = 0 }
    if (load > largest_force) { load = largest_force }
    velocity = fastest*(sinh((load - d4)/d1) - d3)/d2
    length = length + muscle_step*velocity
  }
  rate = resting + of_length*(length - spindle_length)
  if (velocity > 0) { rate = rate + of_velocity*sqrt(1000*velocity) }
  if (rate < 0) { rate = 0 }
  impulses = 0
  FROM i = 0 TO ENDINGS_MAX - 1 {
    cycle[i] = cycle[i] + 0.001*rate*pace[i]
    if (cycle[i] >= 1) {
      cycle[i] = cycle[i] - 1
      impulses = impulses + 1
    }
  }
  sum_force = sum_force + tension
  sum_length = sum_length + length
  ticks = ticks + 1
}
