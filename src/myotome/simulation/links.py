"""Links: numbers that join one structure to another, where no structure alone owns them.

All are choices of this project with wide ranges: nobody has measured how much of a needle's
discharge reaches which fibre, or how far pain keeps a person from moving.
"""

from __future__ import annotations

from dataclasses import dataclass

from myotome.physiology.parameters import Number, parameter


@dataclass(frozen=True, slots=True)
class Links:
    """What passes between structures."""

    touch_by_day: Number = parameter(
        5.0, unit="Hz", tag="D", source="assumed", low=2.0, high=10.0,
        meaning="mean discharge of touch afferents over a day of ordinary activity",
    )  # fmt: skip
    disc_height: Number = parameter(
        10.0, unit="mm", tag="D", source="assumed", low=7.0, high=13.0,
        meaning="height of a healthy disc",
    )  # fmt: skip
    spinal_stress: Number = parameter(
        0.35, unit="MPa", tag="D", source="assumed", low=0.2, high=0.5,
        meaning="sustained stress in the disc of an ordinary day",
    )  # fmt: skip
    stress_per_newton: Number = parameter(
        0.0015, unit="MPa/N", tag="D", source="assumed",
        meaning="stress that a paraspinal's pull adds to the disc",
    )  # fmt: skip
    tendon_stress_at_maximum: Number = parameter(
        40.0, unit="% of UTS", tag="D", source="assumed", low=25.0, high=60.0,
        meaning="stress of the tendon at the muscle's maximum isometric force",
    )  # fmt: skip
    walking_stress: Number = parameter(
        12.0, unit="% of UTS", tag="D", source="assumed", low=8.0, high=15.0,
        meaning="peak tendon stress of an ordinary movement",
    )  # fmt: skip
    cycles_per_day: Number = parameter(
        5000.0, unit="1/d", tag="D", source="assumed", low=2000.0, high=9000.0,
        meaning="movement cycles of an ordinary day",
    )  # fmt: skip
    avoidance: Number = parameter(
        0.4, unit="1", tag="D", source="assumed", low=0.1, high=0.7,
        meaning="share of use that is given up at the worst pain",
    )  # fmt: skip
    free_follow: Number = parameter(
        0.6, unit="1", tag="D", source="assumed", low=0.3, high=0.9,
        meaning="share of a shift of the resting posture that movement still shows",
    )  # fmt: skip
    fibres_near_needle: Number = parameter(
        0.02, unit="1", tag="D", source="assumed", low=0.005, high=0.15,
        meaning="share of a muscle's fibres that one insertion irritates",
    )  # fmt: skip
    injury_impulses: Number = parameter(
        60.0, unit="1", tag="U", source="assumed", low=15.0, high=200.0,
        meaning="impulses of an irritated fibre: 50 to 200 Hz falling over 0.3 to 1 s",
    )  # fmt: skip
    needle_input: Number = parameter(
        0.22, unit="1", tag="D", source="assumed", low=0.1, high=0.29,
        meaning="input that a needle gives to the pool while it is moved, in rested thresholds",
    )  # fmt: skip
    cramp_seconds: Number = parameter(
        23.6, unit="s", tag="V", source="minetto2009",
        meaning="length of a cramp",
    )  # fmt: skip
    cramp_rate: Number = parameter(
        14.5, unit="Hz", tag="V", source="minetto2009",
        meaning="discharge rate of motor units in a cramp",
    )  # fmt: skip
    cramps_per_insertion: Number = parameter(
        0.5, unit="1", tag="D", source="assumed", low=0.1, high=1.0,
        meaning="cramps that an insertion sets off in a pool that can hold one",
    )  # fmt: skip
    current_impulses: Number = parameter(
        0.3, unit="1", tag="D", source="assumed", low=0.1, high=0.8,
        meaning="share of a muscle's fibres that a needle's current makes follow each pulse",
    )  # fmt: skip
    current_frequency: float = parameter(
        2.0, unit="Hz", tag="D", source="assumed", low=2.0, high=2.0,
        meaning="pulses of a needle's current where a case does not state them",
    )  # fmt: skip
    current_minutes: float = parameter(
        10.0, unit="min", tag="D", source="assumed", low=10.0, high=10.0,
        meaning="how long a needle's current is on where a case does not state it",
    )  # fmt: skip
    afferent_touch: Number = parameter(
        15.0, unit="Hz", tag="D", source="assumed", low=5.0, high=30.0,
        meaning="touch-fibre discharge that a needled, moved or stimulated muscle adds at first",
    )  # fmt: skip
    gated_share: Number = parameter(
        0.5, unit="1", tag="D", source="assumed", low=0.2, high=0.8,
        meaning="share of a segment's projection neurons whose field such a discharge falls in",
    )  # fmt: skip
    afferent_time: Number = parameter(
        0.004, unit="d", tag="D", source="segmental_needling", low=0.002, high=0.02,
        meaning="time over which that discharge and what it left behind fade: felt at 3 and 5 min,"
        " gone by 10 to 15",
    )  # fmt: skip
    resting_control: Number = parameter(
        0.4, unit="1", tag="D", source="assumed", low=0.3, high=0.6,
        meaning="endogenous control of an ordinary day; without pain it silences what is left",
    )  # fmt: skip
    small_threshold: Number = parameter(
        0.3, unit="1", tag="D", source="assumed", low=0.2, high=0.45,
        meaning="threshold of the small half of a pool's units, over that of the whole pool",
    )  # fmt: skip
    large_threshold: Number = parameter(
        0.9, unit="1", tag="D", source="assumed", low=0.7, high=1.3,
        meaning="threshold of the large half, likewise",
    )  # fmt: skip
    soreness_felt: Number = parameter(
        0.5, unit="1", tag="D", source="assumed", low=0.2, high=0.9,
        meaning="share of muscle soreness that a person reports with their pain",
    )  # fmt: skip
    stretch_length: Number = parameter(
        0.15, unit="1", tag="D", source="assumed", low=0.08, high=0.25,
        meaning="how far beyond rest a stretch takes a fibre (optimal lengths)",
    )  # fmt: skip
    training_load: Number = parameter(
        0.8, unit="1", tag="D", source="assumed", low=0.4, high=1.0,
        meaning="load that a full strengthening programme adds to habitual use",
    )  # fmt: skip
    stretch_hour: Number = parameter(
        60.0, unit="min", tag="V", source="warneke2023", low=40.0, high=90.0,
        meaning="stretching a day that loads a muscle as a full strengthening programme does",
    )  # fmt: skip
    heat_relaxation: Number = parameter(
        0.02, unit="1", tag="U", source="assumed", low=0.002, high=0.06,
        meaning="share of contracture that a session of heat or soft-tissue work undoes",
    )  # fmt: skip
    mobilisation_height: Number = parameter(
        0.15, unit="mm", tag="U", source="assumed", low=0.02, high=0.5,
        meaning="foraminal height that mobilising or manipulating a segment gives for a time",
    )  # fmt: skip
    mobilisation_time: Number = parameter(
        2.0, unit="d", tag="U", source="assumed", low=0.2, high=7.0,
        meaning="time over which that height is lost again",
    )  # fmt: skip
    education_control: Number = parameter(
        0.3, unit="1", tag="D", source="assumed", low=0.05, high=0.6,
        meaning="endogenous control that understanding and confidence add",
    )  # fmt: skip
    exercise_control: Number = parameter(
        0.3, unit="1", tag="D", source="assumed", low=0.05, high=0.6,
        meaning="endogenous control that a full exercise programme adds, as education does",
    )  # fmt: skip
    medication_control: Number = parameter(
        0.3, unit="1", tag="D", source="assumed", low=0.05, high=0.6,
        meaning="endogenous control that background medication stands for",
    )  # fmt: skip
    context_time: Number = parameter(
        10.0, unit="d", tag="D", source="assumed", low=4.0, high=28.0,
        meaning="time over which the setting of a treatment stops being felt",
    )  # fmt: skip
    healing_time: Number = parameter(
        3000.0, unit="d", tag="D", source="assumed", low=700.0, high=20000.0,
        meaning="time over which the cause at the root heals in long-lasting trouble",
    )  # fmt: skip
    healing_median: float = parameter(
        1.0, unit="d", tag="D", source="costa2012", low=0.3, high=300.0,
        meaning="middle of that time over all who ever hurt; fitted, read by cohorts alone",
    )  # fmt: skip
    healing_spread: float = parameter(
        5.1, unit="1", tag="D", source="costa2012", low=2.0, high=6.0,
        meaning="log-normal spread about it; fitted, read by cohorts alone",
    )  # fmt: skip
    flare_time: Number = parameter(
        21.0, unit="d", tag="D", source="assumed", low=10.0, high=40.0,
        meaning="time over which a flare passes",
    )  # fmt: skip
    flare_share: Number = parameter(
        0.02, unit="1", tag="D", source="assumed", low=0.005, high=0.06,
        meaning="part of the cause at the first visit that is a passing flare",
    )  # fmt: skip
    flare_mean: float = parameter(
        0.062, unit="1", tag="D", source="costa2012", low=0.02, high=0.2,
        meaning="mean of that part over people, exponential; fitted, read by cohorts alone",
    )  # fmt: skip
