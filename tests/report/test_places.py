"""Places: one number for one place, on the drawing and in the list."""

from myotome.atlas import atlas
from myotome.examination import examine, finding
from myotome.report.places import (
    SEVERITIES,
    body_views,
    dangers_at,
    entries,
    lenses,
    marks,
    place_of,
    site_dangers,
)
from myotome.treatment.planning import plan
from myotome.treatment.screening import assumed_no, screen


def test_two_signs_at_one_site_share_a_number():
    found = entries(
        [
            finding("pin_less", "calf", side="right", grade=2),
            finding("light_touch_less", "calf", side="right", grade=1),
            finding("pin_less", "thumb", side="left", grade=3),
        ],
        (),
    )

    assert [(entry.number, len(entry.findings)) for entry in found] == [(1, 2), (2, 1)]
    assert [mark.grade for mark in marks(found)] == [2, 3]


def test_a_whole_side_is_listed_and_not_drawn():
    found = entries([finding("spurling", side="right", grade=2)], ())

    assert [entry.number for entry in found] == [None]
    assert marks(found) == ()


def test_every_site_that_can_be_recorded_has_a_place_or_says_so():
    for muscle in atlas().muscles:
        level = next(iter(atlas().levels_of(muscle)), "")
        assert place_of(atlas().site(muscle, "left", level)) is not None
    for reflex, row in atlas().reflexes.items():
        drawn = place_of(atlas().site(reflex, "right")) is not None
        assert drawn == bool(row.muscle_ids)
    for region, row in atlas().skin_regions.items():
        side = "left" if row.sided else "midline"
        assert place_of(atlas().site(region, side)) is not None


def test_movements_are_drawn_without_error():
    for movement in atlas().movements:
        item = finding("range", movement, side="left", grade=1)
        found = entries([item], ())

        assert len(body_views(found)) == 2


def test_a_marked_thumb_is_shown_enlarged():
    found = entries([finding("pin_less", "thumb", side="left", grade=2)], ())

    assert [lens.title for lens in lenses(found)] == ["Hand, palm, left", "Hand, back, left"]


def test_a_hazard_of_several_sites_is_gathered_once_with_all_of_them():
    signs = [
        finding("weakness", "triceps_brachii", side="left", value=3, unit="mrc"),
        finding("reflex", "triceps_reflex", side="left", value=0, unit="reflex"),
    ]
    sites = plan(examine(signs), screen(assumed_no("a test"))).sites

    gathered = site_dangers(sites)

    assert len({danger.anchor for danger in gathered}) == len(gathered) > 0
    for danger in gathered:
        assert danger.sites == tuple(
            item.site for item in sites if danger.anchor in {d.anchor for d in dangers_at(item)}
        )
    grave = [SEVERITIES.index(danger.severity) for danger in gathered]
    assert grave == sorted(grave)
