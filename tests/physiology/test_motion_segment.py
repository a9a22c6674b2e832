"""Paraspinals narrow the foramen by pressing and by bending."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from myotome.physiology import motion_segment as ms
from myotome.physiology import musculotendon, musculotendon_motion

SEGMENT = ms.MotionSegment()


def test_half_a_body_weight_takes_the_published_share_of_foraminal_height():
    # Healthy volunteers under a compression device: 4.0 to 6.6 %. Half a body weight is assumed.
    share = 100 * ms.compression(SEGMENT, 320.0) / SEGMENT.unloaded_height

    assert 4.0 <= share <= 6.6, f"foraminal height falls by {share:.1f} %, not 4.0 to 6.6 %"


def test_compression_and_extension_both_narrow_the_foramen():
    whole = ms.foramen(SEGMENT, 0.0)
    narrowed = ms.foramen(SEGMENT, 100.0)

    assert whole == SEGMENT.unloaded_height
    assert whole - narrowed > ms.compression(SEGMENT, 100.0)
    assert abs(ms.extension(SEGMENT, 100.0) - 100.0 * 0.05 / 3.0) < 1e-12


@given(force=st.floats(0, 900), disc=st.floats(0, 4), posture=st.floats(-2, 4))
def test_the_declared_slope_is_the_foramens(force, disc, posture):
    here = ms.foramen(SEGMENT, force, disc_loss=disc, posture=posture)
    more = ms.foramen(SEGMENT, force + 1.0, disc_loss=disc, posture=posture)

    assert abs(here - more - ms.foramen_slope(SEGMENT)) < 1e-9


def test_force_scales_with_the_muscles_maximum():
    assert ms.paraspinal_force(SEGMENT, 0.5) == 0.5 * SEGMENT.paraspinal_maximum_force


def test_a_contraction_narrows_the_foramen_as_it_builds_up():
    """A moment's tendon forces, read by the same segment as a day's."""
    muscle = {"tendon_slack_length": 0.5}
    shape = musculotendon.Musculotendon()
    of = musculotendon_motion.constants(shape, musculotendon_motion.MusculotendonMotion(), **muscle)
    state = musculotendon_motion.at_rest(
        of, shape, musculotendon_length=1.5, activation=0.02, **muscle
    )
    forces = [state.tendon_force]
    for _ in range(60):
        state = musculotendon_motion.step(
            of, state, musculotendon_length=np.asarray(1.5), activation=np.asarray(0.5)
        )
        forces.append(state.tendon_force)
    height = ms.foramen(SEGMENT, ms.paraspinal_force(SEGMENT, np.array(forces)))

    assert (np.diff(height) < 0.0).all()
    assert height[0] - height[-1] > 0.5
