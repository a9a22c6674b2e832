"""The compiled steps give the bits of the NumPy ones, in both precisions and on every processor."""

import numpy as np
import pytest

from myotome.physiology import (
    booth_rinzel_kiehn,
    dorsal_horn_moment,
    ectopic_generator,
    endplate_discharge,
    nerve_kernels,
    renshaw,
)
from myotome.physiology.backend import kernels
from myotome.physiology.dorsal_horn import DorsalHorn
from myotome.physiology.receptors import Receptors

MODULE = kernels()
SETS = MODULE.instruction_sets() if MODULE else []
pytestmark = pytest.mark.skipif(MODULE is None, reason="the compiled kernels are not there")
both_precisions = pytest.mark.parametrize("dtype", [np.float32, np.float64])


@pytest.fixture(params=SETS, autouse=True)
def _instruction_set(request):
    before = MODULE.instruction_set()
    MODULE.use(request.param)
    yield
    MODULE.use(before)


def assert_same(one, other):
    for name, first, second in zip(one._fields, one, other, strict=True):
        assert first.dtype == second.dtype, name
        assert first.tobytes() == second.tobytes(), name


@both_precisions
def test_dorsal_horn_agrees_to_the_bit(dtype):
    rng = np.random.default_rng(1)
    horn = DorsalHorn(nociceptive_gain=1.3, touch_gain=0.8)
    one = other = dorsal_horn_moment.at_rest((3, 7), dtype)
    for _ in range(600):
        given = {
            "touch": rng.uniform(0.0, 60.0, (3, 7)).astype(dtype),
            "nociception": rng.uniform(0.0, 90.0, (3, 7)).astype(dtype),
            "sensitisation": 0.3,
        }
        one = dorsal_horn_moment.advance(horn, one, **given)
        other = nerve_kernels.advance_dorsal_horn(horn, other, **given)

    assert one.projection.max() > 50.0
    assert_same(one, other)


@both_precisions
def test_renshaw_agree_to_the_bit(dtype):
    rng = np.random.default_rng(2)
    cells = renshaw.Renshaw()
    constant = renshaw.constants(cells, np.linspace(0.1, 0.6, 120).astype(dtype))
    one = other = renshaw.at_rest((), dtype)
    for _ in range(300):
        fired = (rng.random(120) < 0.03).astype(dtype)
        one = renshaw.step(cells, constant, one, fired=fired)
        other = nerve_kernels.step_renshaw(cells, constant, other, fired=fired)

    assert one.inhibition > 0.3
    assert_same(renshaw.RenshawState(*map(np.asarray, one)), other)


@both_precisions
def test_ectopic_fibres_agree_to_the_bit(dtype):
    generator = ectopic_generator.EctopicGenerator()
    seed = 2**64 - 5
    group = ectopic_generator.joined(
        *(
            ectopic_generator.fibres(
                generator, kind, 60, active_share=0.8, seed=seed, first_place=60 * kind, dtype=dtype
            )
            for kind in ectopic_generator.FibreClass
        )
    )
    one = other = ectopic_generator.at_rest(group)
    for k in range(1500):
        given = {"mean_rate": 5.0 + 0.02 * k, "strain": 0.08 if 400 <= k < 600 else 0.0}
        one = ectopic_generator.step(group, one, **given)
        other = nerve_kernels.step_ectopic(group, other, **given)

    assert one.drawn.max() > 20
    assert one.in_burst.any()
    assert_same(one, other)


@both_precisions
def test_endplates_agree_to_the_bit(dtype):
    discharge = endplate_discharge.EndplateDischarge(train_time=0.3)
    receptors = Receptors(fibrillation_duty=0.3)
    constant = endplate_discharge.constants(discharge, 40, 6, seed=11, dtype=dtype)
    density = np.linspace(0.0, 300.0, 40)
    one = other = endplate_discharge.at_rest(receptors, constant)
    for _ in range(1500):
        one = endplate_discharge.step(discharge, receptors, constant, one, density=density)
        other = nerve_kernels.step_endplates(discharge, receptors, constant, other, density=density)

    assert one.drawn.max() > 2
    assert one.train_drawn.max() > 2
    assert_same(one, other)


def test_the_plateau_cell_agrees_to_the_bit():
    cell = booth_rinzel_kiehn.BoothRinzelKiehn1997(plateau_calcium=np.array([0.33, 0.0]))
    currents = np.repeat([[12.0, 3.0]], 2000, axis=0)
    start = booth_rinzel_kiehn.at_rest((2,))
    one, spikes = booth_rinzel_kiehn.run(cell, start, currents, backend="numpy")
    other, marks = booth_rinzel_kiehn.run(cell, start, currents, backend="compiled")

    assert spikes.any()
    assert np.array_equal(spikes, marks)
    assert_same(one, other)
