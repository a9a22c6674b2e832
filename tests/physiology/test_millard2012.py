"""Two sets of force curves made by different hands agree where muscles work."""

import numpy as np
import pytest

from myotome.physiology import millard2012 as mi
from myotome.physiology import musculotendon as mt

OTHER, SHAPE = mi.Millard2012(), mt.Musculotendon()
CURVES = {
    "active": (mi.active_force_length, (0.3, 2.0)),
    "passive": (mi.passive_force_length, (0.8, 1.8)),
    "velocity": (mi.force_velocity, (-1.2, 1.2)),
    "tendon": (mi.tendon_force, (0.99, 1.06)),
}


@pytest.mark.parametrize(
    ("curve", "at", "published"),
    [
        ("active", 0.4441, 0.1),
        ("active", 1.0, 1.0),
        ("active", 1.8123, 0.1),
        ("passive", 1.0, 0.0),
        ("passive", 1.7, 1.0),
        ("velocity", -1.0, 0.0),
        ("velocity", 0.0, 1.0),
        ("velocity", 1.0, 1.4),
        ("tendon", 1.0, 0.0),
        ("tendon", 1.049, 1.0),
    ],
)
def test_a_curve_passes_through_its_published_knots(curve, at, published):
    assert abs(CURVES[curve][0](OTHER, at) - published) < 1e-12


@pytest.mark.parametrize(
    ("curve", "at", "published"),
    [("velocity", 0.0, 5.0), ("passive", 1.7, 2.857), ("tendon", 1.049, 28.06), ("active", 1.0, 0)],
)
def test_a_curve_has_its_published_slopes(curve, at, published):
    slope = np.diff(CURVES[curve][0](OTHER, np.array([at - 1e-6, at + 1e-6])))[0] / 2e-6

    assert abs(slope - published) < 0.01


@pytest.mark.parametrize("curve", CURVES)
def test_a_curve_has_no_step_and_no_corner(curve):
    law, ends = CURVES[curve]
    x = np.linspace(*ends, 4001)
    y = law(OTHER, x)
    slopes = np.diff(y) / np.diff(x)

    assert np.isfinite(y).all()
    assert (y >= -1e-9).all()
    assert np.abs(np.diff(slopes)).max() < 0.02 * np.ptp(slopes)


def test_passive_force_tendon_force_and_force_by_speed_only_rise():
    for curve in ("passive", "velocity", "tendon"):
        law, ends = CURVES[curve]
        assert (np.diff(law(OTHER, np.linspace(*ends, 500))) >= -1e-12).all()


def test_both_sets_agree_about_where_muscles_work():
    length = np.linspace(0.7, 1.4, 71)
    velocity = np.linspace(-0.9, 0.0, 91)
    strain = np.linspace(0.0, 0.049, 50)

    for ours, theirs, gap in (
        (mt.active_force_length(SHAPE, length), mi.active_force_length(OTHER, length), 0.15),
        (mt.force_velocity(SHAPE, velocity), mi.force_velocity(OTHER, velocity), 0.15),
        (mt.tendon_force(SHAPE, 1 + strain), mi.tendon_force(OTHER, 1 + strain), 0.15),
    ):
        assert np.abs(ours - theirs).max() < gap
