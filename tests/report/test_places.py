"""Places: one number for one place, on the drawing and in the list."""

from myotome.atlas import atlas
from myotome.examination import finding
from myotome.report.places import body_views, entries, lenses, marks, place_of


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
