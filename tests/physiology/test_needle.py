"""An insertion: what it reaches, how long it discharges, and that windows and doses are honest."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from myotome.errors import InputError
from myotome.physiology import endplate_discharge as ed
from myotome.physiology import needle as nd
from myotome.physiology import receptors as rc

NEEDLE = nd.Needle()
UNITS = 120
SITES = nd.sites(NEEDLE, UNITS, seed=1)
IN = nd.Insertion(depth_mm=30.0)
CURRENT = nd.Insertion(
    depth_mm=20.0, current_ma=2.0, pulse_width_ms=0.25, frequency_hz=20.0, duration_s=1.0
)


def set_off(  # noqa: PLR0913 - an event, all by name
    insertion, density=2.0, *, from_ms=0, count=4000, needle=NEEDLE, site=SITES
):
    return nd.volley(
        needle,
        ed.EndplateDischarge(),
        rc.Receptors(),
        site=site,
        insertion=insertion,
        density=np.full(UNITS, density),
        from_ms=from_ms,
        count=count,
    )


def test_an_insertion_sets_off_impulses_that_end_within_seconds():
    found = set_off(replace(IN, pecks=5), count=12_000)
    per_second = found.axons.sum(axis=1).reshape(12, 1000).sum(axis=1)

    assert per_second[:3].sum() > 50
    assert per_second[7:].sum() == 0
    assert found.nociceptors[:1000].mean() > found.nociceptors[4000:].mean()


def test_an_injured_axon_fires_as_often_as_its_law_says():
    found = set_off(IN)
    fired = found.axons.sum(axis=0)
    whole = NEEDLE.injury_rate * NEEDLE.injury_time

    assert (fired > 0).any()
    assert np.all((fired == 0) | (np.abs(fired - whole) <= 1.0))
    first = np.flatnonzero(found.axons[:, np.argmax(fired)])
    assert np.all(np.diff(first)[:5] <= 12)
    assert np.all(np.diff(np.diff(first)) >= -1)


def test_nothing_happens_before_it_or_when_the_skin_is_only_touched():
    early = set_off(replace(IN, start_ms=500.0), count=500)
    touched = set_off(replace(IN, depth_mm=0.0, pecks=10))

    assert all(values.sum() == 0.0 for values in (*early, *touched))


def test_a_needle_beside_the_motor_point_meets_fewer_axons():
    reached = []
    for far in (0.0, 10.0, 60.0):
        found = set_off(nd.Insertion(depth_mm=40.0, distance_mm=far, pecks=20), count=12_000)
        reached.append((found.axons.sum(axis=0) > 0).sum())

    assert reached[0] > reached[1] >= reached[2] == 0


def test_a_push_fires_the_fibres_that_have_receptors():
    pushes = [
        set_off(replace(IN, pecks=20), density, count=10_001, needle=nd.Needle(injury_reach=1e-9))
        for density in (0.0, 20.0, 100.0, 400.0)
    ]
    total = [found.fibres.sum() for found in pushes]

    assert total[0] < 0.1 * total[2]
    assert total[1] < total[2] < total[3]
    assert all(found.axons.sum() == 0.0 for found in pushes)
    # All of it falls into the milliseconds of the strokes.
    times = np.flatnonzero(pushes[3].fibres.sum(axis=1))
    assert np.all(times % 500 == 0)


def test_each_pulse_recruits_once_what_its_current_reaches():
    found = set_off(CURRENT, needle=replace(NEEDLE, injury_reach=1e-9))
    fired = found.axons.sum(axis=0)

    assert set(np.unique(fired)) == {0.0, 20.0}
    pulses = np.flatnonzero(found.axons.sum(axis=1))
    assert np.array_equal(pulses, np.arange(0, 1000, 50))


def test_more_current_and_wider_pulses_reach_more():
    def reached(current, width):
        insertion = replace(CURRENT, current_ma=current, pulse_width_ms=width, duration_s=0.05)
        return int(
            set_off(insertion, count=50, needle=replace(NEEDLE, injury_reach=1e-9)).axons.sum()
        )

    by_current = [reached(current, 0.25) for current in (0.1, 0.5, 2.0, 10.0)]
    by_width = [reached(1.0, width) for width in (0.05, 0.1, 0.3, 1.0)]

    assert by_current == sorted(by_current)
    assert by_width == sorted(by_width)
    assert by_current[0] < by_current[-1]
    assert by_width[0] < by_width[-1]


def test_thick_afferents_come_before_motor_axons_and_those_before_thin_ones():
    far = 3.0
    law = (NEEDLE.nerve_rheobase, NEEDLE.current_growth, NEEDLE.nerve_chronaxie)
    motor = nd.threshold_current(*law, far, 0.2)

    assert NEEDLE.primary_ratio * motor < motor < NEEDLE.nociceptor_ratio * motor


@given(st.floats(0.0, 50.0), st.floats(0.01, 500.0), st.floats(0.01, 20.0))
@settings(max_examples=50)
def test_lapicque_gives_twice_the_rheobase_at_the_chronaxie(far, chronaxie, growth):
    rheobase = 0.05 + growth * far**2

    assert nd.threshold_current(0.05, growth, chronaxie, far, chronaxie) == pytest.approx(
        2 * rheobase
    )
    assert nd.threshold_current(0.05, growth, chronaxie, far, 1e9) == pytest.approx(
        rheobase, rel=1e-6
    )


def test_short_pulses_miss_fibres_that_long_ones_excite():
    law = (NEEDLE.fibre_rheobase, NEEDLE.current_growth, NEEDLE.fibre_chronaxie)

    assert nd.threshold_current(*law, 1.0, 0.3) > 10.0 * nd.threshold_current(*law, 1.0, 200.0)


def test_windows_put_together_are_the_whole():
    insertion = replace(CURRENT, pecks=4, peck_interval_ms=333.0)
    whole = set_off(insertion, 100.0, count=3000)
    cuts = [(0, 1), (1, 400), (401, 599), (1000, 2000)]
    parts = [set_off(insertion, 100.0, from_ms=start, count=count) for start, count in cuts]

    for name in nd.Volley._fields:
        joined = np.concatenate([getattr(part, name) for part in parts])
        assert np.array_equal(joined, getattr(whole, name)), name


def test_the_same_seed_gives_the_same_muscle_and_another_does_not():
    again, other = nd.sites(NEEDLE, UNITS, seed=1), nd.sites(NEEDLE, UNITS, seed=2)

    assert np.array_equal(again.fibres.x, SITES.fibres.x)
    assert not np.array_equal(other.fibres.x, SITES.fibres.x)


def test_everything_lies_within_the_muscle():
    for places in (SITES.axons, SITES.fibres, SITES.primaries, SITES.nociceptors):
        assert np.hypot(places.x, places.depth - 20.0).max() <= 15.0 + 1e-9


def test_distance_meets_its_closed_form():
    place = nd.Places(np.array([3.0, 0.0, 0.0]), np.array([10.0, 25.0, -4.0]))

    assert np.allclose(nd.distance(place, 0.0, 0.0, 20.0), [3.0, 5.0, 4.0])
    assert np.allclose(nd.distance(place, 0.0, 0.0, 0.0), [np.hypot(3, 10), 25.0, 4.0])


@given(
    st.floats(0.0, 100.0), st.floats(0.0, 100.0), st.integers(1, 30),
    st.floats(20.0, 2000.0), st.floats(0.0, 20_000.0),
)  # fmt: skip
@settings(max_examples=25, deadline=None)
def test_no_millisecond_holds_two_impulses_of_one_place(depth, aside, pecks, gap, density):
    insertion = nd.Insertion(depth, aside, pecks=pecks, peck_interval_ms=gap)
    found = set_off(insertion, density, count=1500)

    assert set(np.unique(found.axons)) <= {0.0, 1.0}
    assert np.all((found.fibres >= 0.0) & (found.fibres <= 1.0))
    assert np.all((found.primaries >= 0.0) & (found.primaries <= 1000.0))
    assert np.all((found.nociceptors >= 0.0) & (found.nociceptors <= 1000.0))


def test_ten_thousand_draws_of_the_parameters_give_numbers():
    from myotome.physiology.parameters import declarations, draw

    rng = np.random.default_rng(1)
    for _ in range(50):
        values = {
            d.name: float(draw(d, rng.random())) for d in declarations(nd.Needle) if d.is_drawn
        }
        drawn = nd.Needle(**values)
        site = nd.sites(drawn, UNITS, seed=int(rng.integers(2**32)), fibres=2)
        found = set_off(replace(CURRENT, pecks=2), 100.0, count=200, needle=drawn, site=site)

        assert all(np.all(np.isfinite(values)) for values in found)


@pytest.mark.parametrize(
    ("dose", "sentence"),
    [
        ({"depth_mm": -1.0}, r"depth_mm must be 0 to 100 \(mm"),
        ({"depth_mm": 250.0}, "depth_mm must be"),
        ({"depth_mm": float("nan")}, "depth_mm must be"),
        ({"pecks": 0}, "pecks must be"),
        ({"pecks": 2.5}, "pecks must be a whole number"),
        ({"frequency_hz": 20.0}, "frequency_hz must be 0 where current_ma is 0"),
        ({"duration_s": 20.0}, "duration_s must be 0 where current_ma is 0"),
        ({"current_ma": 1.0}, "pulse_width_ms must be above 0"),
        (
            {"current_ma": 1.0, "pulse_width_ms": 0.0, "frequency_hz": 2.0, "duration_s": 1.0},
            "pulse_width_ms must be above 0",
        ),
        (
            {"current_ma": 1.0, "pulse_width_ms": 0.2, "frequency_hz": 2.0},
            "duration_s must be above 0",
        ),
        (
            {"current_ma": 1.0, "pulse_width_ms": 20.0, "frequency_hz": 50.0, "duration_s": 1.0},
            "shorter than the time between pulses",
        ),
        ({"current_ma": 1000.0}, "current_ma must be 0 to 50"),
        (
            {
                "depth_mm": 0.0, "current_ma": 1.0, "pulse_width_ms": 0.2,
                "frequency_hz": 2.0, "duration_s": 1.0,
            },
            "depth_mm must be above 0 where there is current",
        ),
    ],
)  # fmt: skip
def test_a_bad_dose_gets_a_sentence(dose, sentence):
    with pytest.raises(InputError, match=sentence):
        nd.Insertion(**{"depth_mm": 20.0, **dose})


def test_a_bad_muscle_or_window_gets_a_sentence():
    with pytest.raises(ValueError, match="density must be"):
        set_off(IN, -1.0)
    with pytest.raises(ValueError, match="from_ms must be"):
        set_off(IN, from_ms=-1)
    with pytest.raises(ValueError, match="units must be"):
        nd.sites(NEEDLE, 0, seed=1)
    with pytest.raises(ValueError, match="middle_mm must be"):
        nd.sites(NEEDLE, 10, seed=1, middle_mm=5.0)
    with pytest.raises(ValueError, match="one value per motor unit"):
        nd.volley(
            NEEDLE, ed.EndplateDischarge(), rc.Receptors(),
            site=SITES, insertion=IN, density=np.ones(3), from_ms=0, count=10,
        )  # fmt: skip
