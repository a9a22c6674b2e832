"""What holds in every moment, whatever the slow state, the structures and what is done to it."""

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from myotome.errors import InputError
from myotome.physiology.backend import kernels
from myotome.physiology.musculotendon import LONGEST, SHORTEST
from myotome.simulation.moment import (
    CHANNELS,
    Frozen,
    Insertion,
    Needling,
    Ramp,
    Structures,
    Train,
    healthy,
    of_muscle,
    run,
    standard,
)
from myotome.simulation.moment import stimuli as of
from myotome.simulation.moment.assembly import assembled
from myotome.simulation.moment.frozen import RANGES
from myotome.simulation.moment.inputs import QUANTITIES
from myotome.simulation.moment.loop import init
from myotome.simulation.moment.loop_state import Body
from myotome.simulation.moment.run import stops_of

PEOPLE = 2
MANY = 10
LARGEST_AT_REST = 10.0  # maximum isometric forces, beyond which a run is refused
SECONDS = 0.06
PREPARATIONS = (
    standard(people=PEOPLE, units=24),
    standard(people=PEOPLE, units=24, antagonist=True),
    of_muscle("soleus", people=PEOPLE, units=24),
    of_muscle("multifidus_lumborum", people=PEOPLE, units=24),
    of_muscle("opponens_pollicis", people=PEOPLE, units=24),
)


def drawn(seed, people=PEOPLE):
    """A preparation, structures, slow states and stimuli, all within their declared ranges."""
    draw = np.random.default_rng(seed)
    p = PREPARATIONS[draw.integers(len(PREPARATIONS))].of_people(people)
    size = {"muscle": len(p.muscles), "root": len(p.roots)}
    frozen = healthy(people, size["muscle"], size["root"])
    frozen = frozen.with_values(
        **{
            # At an end of the range as often as anywhere within.
            name: np.where(
                draw.random((people, size[belongs])) < 0.3,
                draw.choice([low, high], (people, size[belongs])),
                draw.uniform(low, high, (people, size[belongs])),
            )
            for name, (belongs, _, low, high, _) in RANGES.items()
        }
    )
    structures = Structures().drawn(seed)
    stimuli = []
    for quantity in draw.permutation(list(QUANTITIES))[: draw.integers(0, 6)]:
        low, high = of.bounds(quantity)
        if quantity == "angle":
            high = min(stops_of(p, structures))
            low = -high
        ends = draw.choice([low, high, *draw.uniform(low, high, 2)], 2)
        begin = draw.uniform(0, 0.04)
        if draw.random() < 0.5:
            stimuli.append(Ramp(quantity, *ends, begin, begin + draw.uniform(1e-3, 0.1)))
        else:
            rate = draw.uniform(1, 500)
            stimuli.append(Train(quantity, ends[0], rate, begin, begin + draw.uniform(1e-3, 0.1)))
    if draw.random() < 0.3:
        current = {
            "current_ma": draw.uniform(0.1, 50),
            "pulse_width_ms": draw.uniform(0.05, 1.9),
            "frequency_hz": draw.uniform(1, 500),
            "duration_s": draw.uniform(0.01, 1),
        }
        needle = Insertion(
            depth_mm=draw.uniform(1, 100), distance_mm=draw.uniform(0, 30),
            start_ms=draw.uniform(0, 50), pecks=int(draw.integers(1, 10)), peck_interval_ms=20,
            **(current if draw.random() < 0.5 else {}),
        )  # fmt: skip
        stimuli.append(Needling(needle, muscle=int(draw.integers(size["muscle"]))))
    return p, structures, frozen, stimuli


def check(seed):
    """Whether it was run, and not refused."""
    p, structures, frozen, stimuli = drawn(seed)
    try:
        hold_to_the_laws(p, structures, frozen, stimuli, seed)
    except InputError as refused:
        # Ranges of one state each hold bodies that cannot be: those are refused in words.
        if refused.place != "serial_sarcomeres":
            raise
        return False
    return True


def check_many(seed):
    """How many people were run: those of many drawn whom a run would not refuse."""
    p, structures, frozen, stimuli = drawn(seed, 2 * MANY)
    body = Body(assembled(p, frozen, structures), p, frozen, structures)
    free = np.full((p.people, len(p.joints)), np.nan)
    whole = (init(body, angle=free).muscle.tendon_force <= LARGEST_AT_REST).all(axis=1)
    chosen = np.flatnonzero(whole)[:MANY]
    if not chosen.size:
        return 0
    kept = Frozen(**{f.name: getattr(frozen, f.name)[chosen] for f in fields(Frozen)})
    # A joint that is held from the beginning would rest elsewhere.
    begun = [one for one in stimuli if getattr(one, "quantity", "") != "angle" or one.begin > 0.001]
    hold_to_the_laws(p.of_people(chosen.size), structures, kept, begun, seed)
    return chosen.size


def hold_to_the_laws(p, structures, frozen, stimuli, seed):
    """Run it, and hold what comes out to what a body can do."""
    found = run(
        p, stimuli, seconds=SECONDS, frozen=frozen, structures=structures, seed=seed,
        record=tuple(CHANNELS), precision=("float32", "float64")[seed % 2],
        spontaneous=seed % 7 == 0 and p.people <= PEOPLE,
    )  # fmt: skip

    for name in CHANNELS:
        assert np.isfinite(found[name]).all(), name
    for name in set(CHANNELS) - {"fibre_velocity", "angle", "torque", "foramen"}:
        assert found[name].min() >= 0.0, name
    for name in ("activation", "emg", "m_wave", "persistent"):
        assert found[name].max() <= 1.0 + 1e-5, name
    lengths = found["fibre_length"] / frozen.serial_sarcomeres
    assert lengths.min() >= SHORTEST - 1e-9
    assert lengths.max() <= LONGEST + 1e-9
    # A cell fires once a millisecond at most; in any 5 ms no more than its refractory time allows.
    refractory = structures.membrane.refractory
    spikes = found.spikes
    place = (spikes.person * len(p.muscles) + spikes.muscle).astype(int) * p.units + spikes.unit
    order = np.lexsort((spikes.millisecond, place))
    apart = np.diff(spikes.millisecond[order])[np.diff(place[order]) == 0]
    assert (apart > refractory - 1.001).all()
    for name in ("primary", "secondary", "tendon_organ"):
        assert found[name].max() <= 1000.0, name
    assert found["nociceptors"].max() <= 2000.0
    assert found["inhibition"].max() <= structures.renshaw.largest_rate
    assert np.abs(found["angle"]).max() < 2 * np.pi
    # Muscles widen no foramen beyond what bending the segment does.
    bent = structures.segment.height_per_degree * np.degrees(np.abs(found["angle"]).max())
    assert found["foramen"].max() <= structures.segment.unloaded_height + bent + 1e-9


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**32 - 1))
def test_every_moment_stays_within_what_a_body_can_do(seed):
    check(seed)


@pytest.mark.validation
@pytest.mark.parametrize("tenth", range(10))
def test_ten_thousand_people_drawn_from_the_ranges_stay_within_what_a_body_can_do(tenth):
    if kernels() is None:
        pytest.skip("an hour without the compiled kernels")
    ran, seed = 0, 1_000_000 * (1 + tenth)

    while ran < 1000:
        ran += check_many(seed)
        seed += 1


@pytest.mark.slow
@pytest.mark.parametrize("thousand", range(10))
def test_ten_thousand_moments_stay_within_what_a_body_can_do(thousand):
    ran = sum(check(seed) for seed in range(1000 * thousand, 1000 * (thousand + 1)))

    assert ran > 500
