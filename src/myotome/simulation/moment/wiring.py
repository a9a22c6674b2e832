"""Wiring: how strongly the structures of a moment act on each other.

Every number joins two structures that are described elsewhere. Most have never been measured in
people; those are choices with ranges, and the behaviour they give is what is tested.
"""

from __future__ import annotations

from dataclasses import dataclass

from myotome.physiology.parameters import parameter


@dataclass(frozen=True, slots=True)
class Wiring:
    """Gains between cord, muscle and receptors, one for every muscle."""

    event_conductance: float = parameter(
        0.75, unit="uS", tag="D", source="project_definition", low=0.4, high=1.5,
        meaning="conductance that one excitatory synaptic event adds to a motoneuron",
    )  # fmt: skip
    voluntary_events: float = parameter(
        7.0, unit="1/ms", tag="D", source="project_definition", low=4.0, high=12.0,
        meaning="synaptic events that full descending drive brings each motoneuron",
    )  # fmt: skip
    pain_events: float = parameter(
        1.13, unit="1/ms", tag="D", source="serrao2007", low=0.2, high=1.8,
        meaning="events that projection neurons at 100 Hz bring, by way of interneurons",
    )  # fmt: skip
    threshold_power: float = parameter(
        0.198, unit="1", tag="D", source="miller2009", low=0.1, high=0.4,
        meaning="power of a muscle's threshold of cramp by which its motoneurons' thresholds go,"
        " set so that the frequency of shocks that leaves a cramp goes as that threshold does",
    )  # fmt: skip
    primary_fibres: float = parameter(
        60.0, unit="1", tag="D", source="project_definition", low=30.0, high=120.0,
        meaning="spindle primary afferents of a muscle",
    )  # fmt: skip
    primary_connection: float = parameter(
        0.9, unit="1", tag="V", source="cisi2008",
        meaning="share of motoneurons that one primary afferent reaches",
    )  # fmt: skip
    primary_conductance: float = parameter(
        0.05, unit="uS", tag="D", source="assumed", low=0.02, high=0.12,
        meaning="conductance that one primary-afferent spike adds: 0.15 mV at the soma",
    )  # fmt: skip
    secondary_conductance: float = parameter(
        0.01, unit="uS", tag="D", source="assumed", low=0.003, high=0.03,
        meaning="conductance that one secondary-afferent spike adds, by way of interneurons",
    )  # fmt: skip
    nociceptor_share: float = parameter(
        0.02, unit="1", tag="D", source="assumed", low=0.005, high=0.06,
        meaning="share of its segment's nociceptors that a muscle's thin afferents stand for",
    )  # fmt: skip
    tendon_organ_conductance: float = parameter(
        0.008, unit="uS", tag="D", source="assumed", low=0.002, high=0.03,
        meaning="inhibitory conductance that one tendon-organ spike adds",
    )  # fmt: skip
    reciprocal_conductance: float = parameter(
        0.02, unit="uS", tag="D", source="assumed", low=0.006, high=0.06,
        meaning="inhibitory conductance that one primary spike adds to the antagonist's pool;"
        " several antagonists share it by how hard they pull",
    )  # fmt: skip
    fusimotor_dynamic: float = parameter(
        10.0, unit="Hz", tag="D", source="assumed", low=3.0, high=30.0,
        meaning="dynamic fusimotor rate at rest",
    )  # fmt: skip
    fusimotor_static: float = parameter(
        10.0, unit="Hz", tag="D", source="assumed", low=3.0, high=30.0,
        meaning="static fusimotor rate at rest",
    )  # fmt: skip
    fusimotor_voluntary: float = parameter(
        70.0, unit="Hz", tag="V", source="nagamori2018",
        meaning="fusimotor rate that full descending drive adds",
    )  # fmt: skip
    fusimotor_pain: float = parameter(
        40.0, unit="Hz", tag="D", source="assumed", low=13.0, high=120.0,
        meaning="fusimotor rate that projection neurons at 100 Hz add",
    )  # fmt: skip
    primary_shock_median: float = parameter(
        0.85, unit="1", tag="D", source="assumed", low=0.7, high=0.95,
        meaning="shock that excites half of the primary afferents, over the motor threshold",
    )  # fmt: skip
    shock_spread: float = parameter(
        0.15, unit="1", tag="D", source="assumed", low=0.08, high=0.3,
        meaning="log-normal spread of axon thresholds for a shock",
    )  # fmt: skip
