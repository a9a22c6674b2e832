"""The published curves to four places, and an equilibrium that is one."""

import dataclasses

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from myotome.physiology import musculotendon as mt

SHAPE = mt.Musculotendon()
LENGTHS = np.array([0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6])
ACTIVE = [0.0541, 0.3021, 0.6842, 0.8364, 0.9371, 1, 0.9532, 0.7937, 0.5812, 0.3802, 0.2262, 0.1243]
PASSIVE = [
    0.0006,
    0.0012,
    0.0024,
    0.0047,
    0.0093,
    0.0182,
    0.0356,
    0.0694,
    0.1353,
    0.2635,
    0.5134,
    1,
]
VELOCITIES = np.array([-1, -0.75, -0.5, -0.25, -0.1, 0, 0.1, 0.25, 0.5, 1])
AT_VELOCITY = [0, 0.0965, 0.2340, 0.4708, 0.7452, 1, 1.2065, 1.4008, 1.5884, 1.7943]
STRAINS = np.array([0.005, 0.01, 0.02, 0.03, 0.04, 0.049, 0.06])
AT_STRAIN = [0.0401, 0.0883, 0.2156, 0.3990, 0.6635, 1, 1.5942]


@pytest.mark.parametrize(
    ("name", "modelled", "published"),
    [
        ("active force-length", mt.active_force_length(SHAPE, LENGTHS), ACTIVE),
        ("passive force-length", mt.passive_force_length(SHAPE, LENGTHS), PASSIVE),
        ("force-velocity", mt.force_velocity(SHAPE, VELOCITIES), AT_VELOCITY),
        ("tendon", mt.tendon_force(SHAPE, 1 + STRAINS), AT_STRAIN),
    ],
)
def test_a_curve_meets_its_table_to_four_places(name, modelled, published):
    off = np.abs(modelled - np.array(published)).max()

    assert off < 1e-4, f"{name} is off by {off:.2e}"


@pytest.mark.parametrize(
    ("name", "modelled", "published", "places"),
    [
        ("FP(1)", mt.passive_force_length(SHAPE, 1.0), 0.0182288, 1e-6),
        ("FV(1)", mt.force_velocity(SHAPE, 1.0), 1.794, 5e-4),
        ("FV(0)", mt.force_velocity(SHAPE, 0.0), 1.0, 1e-6),
        ("FT(1)", mt.tendon_force(SHAPE, 1.0), 0.0, 1e-12),
        ("FT(1.049)", mt.tendon_force(SHAPE, 1.049), 1.0, 1e-9),
        ("FL(1)", mt.active_force_length(SHAPE, 1.0), 1.0, 1e-4),
    ],
)
def test_opensims_own_unit_values_come_out(name, modelled, published, places):
    assert abs(modelled - published) < places, f"{name} is {modelled:.7f}, not {published}"


def test_inverses_undo_their_curves():
    forces = np.linspace(0.01, 3.0, 40)

    assert np.allclose(mt.tendon_force(SHAPE, mt.tendon_length(SHAPE, forces)), forces)
    stretch = mt.stretch_at_passive_force(SHAPE, forces, 1.7)
    assert np.allclose(mt.passive_force_length(SHAPE, stretch, 1.7), forces)
    speed = mt.velocity_at_force(SHAPE, np.linspace(0.0, 1.7, 40))
    assert np.allclose(mt.force_velocity(SHAPE, speed), np.linspace(0.0, 1.7, 40))


def test_contracture_multiplies_the_passive_curve_and_moves_it():
    plain = mt.passive_force_length(SHAPE, 1.2 + 0.05)

    assert np.isclose(mt.passive_force_length(SHAPE, 1.2, 2.0), 2.0 * plain, rtol=1e-12)


def test_slopes_are_those_of_the_curves():
    stretch = np.linspace(0.3, 1.7, 50)
    width = np.full(50, 0.12)
    step = 1e-6
    _, slope, _ = mt.fibre_force_with_slope(SHAPE, stretch, 0.6, 1.5, width)
    above = mt.fibre_force_with_slope(SHAPE, stretch + step, 0.6, 1.5, width)[0]
    below = mt.fibre_force_with_slope(SHAPE, stretch - step, 0.6, 1.5, width)[0]

    assert np.allclose(slope, (above - below) / (2 * step), atol=1e-7)


UNIT = {
    "stretch": st.floats(0.6, 1.6),
    "slack": st.floats(0.2, 8.0),
    "active": st.floats(0.0, 1.0),
    "count": st.floats(0.5, 1.3),
    "stiff": st.floats(1.0, 2.5),
    "angle": st.floats(0.0, 0.5),
}


@given(**UNIT)
def test_fibres_and_tendon_bear_the_same_force(  # noqa: PLR0913, PLR0917 - drawn by name
    stretch, slack, active, count, stiff, angle
):
    # A length at which a fibre of that stretch meets a tendon at its own force.
    width = np.asarray(np.sin(angle) / count)
    assume(width < 0.97 * stretch)  # no fibre is shorter than its muscle is wide
    force, _, cosine = mt.fibre_force_with_slope(SHAPE, np.asarray(stretch), active, stiff, width)
    length = count * stretch * cosine + slack * mt.tendon_length(SHAPE, force)

    found = mt.equilibrium(
        SHAPE,
        length,
        active,
        slack,
        serial_sarcomeres=count,
        contracture=stiff,
        pennation=angle,
    )

    assert abs(found.residual) < 1e-9
    assert abs(found.sarcomere_stretch - stretch) < 1e-8
    assert abs(found.tendon_force - force) < 1e-8


@given(length=st.floats(0.3, 14.0), **{k: v for k, v in UNIT.items() if k != "stretch"})
def test_any_length_gives_finite_answers_in_bounds(  # noqa: PLR0913, PLR0917 - drawn by name
    length, slack, active, count, stiff, angle
):
    found = mt.equilibrium(
        SHAPE, length, active, slack, serial_sarcomeres=count, contracture=stiff, pennation=angle
    )

    assert all(np.isfinite(entry).all() for entry in found)
    assert 0.2 <= found.sarcomere_stretch <= 1.8
    assert found.tendon_force >= 0.0


def test_a_unit_that_is_too_short_hangs_slack():
    found = mt.equilibrium(SHAPE, 2.0, 0.0, 2.0)

    assert found.tendon_force == 0.0
    assert found.tendon_strain == 0.0


def test_losing_sarcomeres_strains_the_tendon():
    counts = np.linspace(1.0, 0.6, 9)
    found = mt.equilibrium(SHAPE, 3.05, 0.05, 2.0, serial_sarcomeres=counts)

    assert (np.diff(found.tendon_strain) > 0).all()
    assert (np.diff(found.fibre_length) < 0).all()


def test_a_draw_gives_the_same_bits_alone_as_in_company():
    rng = np.random.default_rng(3)
    strain = rng.uniform(0.03, 0.1, (16, 1))
    length = rng.uniform(2.6, 3.4, (16, 6))
    activation = rng.uniform(0, 1, (16, 6))
    shape = dataclasses.replace(SHAPE, tendon_strain=strain)

    together = mt.equilibrium(shape, length, activation, 2.0, pennation=0.2)
    for row in range(16):
        own = dataclasses.replace(SHAPE, tendon_strain=strain[row : row + 1])
        alone = mt.equilibrium(
            own, length[row : row + 1], activation[row : row + 1], 2.0, pennation=0.2
        )
        assert all(
            np.array_equal(t[row : row + 1], a) for t, a in zip(together, alone, strict=True)
        )
