from __future__ import annotations

import pytest

from myotome.atlas import atlas
from myotome.errors import UnknownName
from myotome.treatment import areas_of, place


def test_a_skin_region_covers_the_muscles_under_it_on_its_side() -> None:
    calf = place("calf-left")

    assert calf.covers(atlas().site("soleus", "left"))
    assert not calf.covers(atlas().site("soleus", "right"))
    assert not calf.covers(atlas().site("vastus_medialis", "left"))


def test_a_place_without_a_side_covers_both() -> None:
    sacrum = place("sacrum")

    assert sacrum.covers(atlas().site("multifidus_lumborum", "left", "sacrum"))
    assert sacrum.covers(atlas().site("multifidus_lumborum", "right", "sacrum"))


def test_a_limb_covers_all_of_its_parts() -> None:
    limb = place("upper_limb-right")

    for name in ("deltoideus_acromialis", "biceps_brachii", "supinator", "opponens_pollicis"):
        assert limb.covers(atlas().site(name, "right"))


def test_a_muscle_is_a_place_of_its_own() -> None:
    assert place("infraspinatus-right").muscles == {"infraspinatus"}


def test_every_place_covers_a_muscle() -> None:
    for name in atlas().skin_regions:
        assert place(name).muscles


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("kalf", "No muscle, muscle region or body region 'kalf'. Nearest: calf"),
        ("calf-middle", "No side 'middle'.* Write the side as -left or -right"),
        ("calf-", "No side ''"),
    ],
)
def test_an_unknown_place_is_refused_with_the_nearest(text: str, message: str) -> None:
    with pytest.raises(UnknownName, match=message):
        place(text)


def test_every_muscle_region_belongs_to_a_part_of_the_body() -> None:
    for muscle in atlas().muscles.values():
        assert areas_of(muscle.region)
