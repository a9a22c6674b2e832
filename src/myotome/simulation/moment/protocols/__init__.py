"""Protocols: what a physiologist does to a preparation, and the number that is read from it.

Each is a short function of a preparation, its parameters and its slow state; left out, these are
the standard muscle, the declared numbers and health. Rungs of a ladder (currents, frequencies,
angles) are people run side by side, so that a whole curve takes one run.

    voluntary  ramps of drive and of current, rates over current, afterhyperpolarisation
    pull       twitch, tetanus, force over frequency, force over length
    reflex     spindle's ramp and hold, M-wave and H-reflex, wind-up
    cramp      threshold frequency, discharge of a cramp
    bedside    needle in healthy and irritated muscles, discharge by itself
    subject    who a protocol is done on
"""

from myotome.simulation.moment.protocols.bedside import (
    NeedleAnswer,
    SpontaneousActivity,
    needle_insertion,
    spontaneous_activity,
)
from myotome.simulation.moment.protocols.cramp import (
    CrampDischarge,
    CrampLadder,
    cramp_discharge,
    cramp_threshold,
)
from myotome.simulation.moment.protocols.pull import (
    ForceFrequency,
    LengthTension,
    Twitch,
    force_frequency,
    length_tension,
    twitch,
)
from myotome.simulation.moment.protocols.reflex import (
    RampAndHold,
    RecruitmentCurve,
    WindUp,
    ramp_and_hold,
    recruitment_curve,
    wind_up,
)
from myotome.simulation.moment.protocols.subject import Subject, sensitised, supersensitive
from myotome.simulation.moment.protocols.voluntary import (
    CurrentRamp,
    CurrentRates,
    DriveRamp,
    afterhyperpolarisation,
    current_ramp,
    current_rates,
    drive_ramp,
)

__all__ = [
    "CrampDischarge",
    "CrampLadder",
    "CurrentRamp",
    "CurrentRates",
    "DriveRamp",
    "ForceFrequency",
    "LengthTension",
    "NeedleAnswer",
    "RampAndHold",
    "RecruitmentCurve",
    "SpontaneousActivity",
    "Subject",
    "Twitch",
    "WindUp",
    "afterhyperpolarisation",
    "cramp_discharge",
    "cramp_threshold",
    "current_ramp",
    "current_rates",
    "drive_ramp",
    "force_frequency",
    "length_tension",
    "needle_insertion",
    "ramp_and_hold",
    "recruitment_curve",
    "sensitised",
    "spontaneous_activity",
    "supersensitive",
    "twitch",
    "wind_up",
]
