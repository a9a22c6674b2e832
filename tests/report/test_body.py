"""The body drawing: complete, exact, mirrored, and safe to put into a page."""

import csv
import itertools
import math
import re
import runpy
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from myotome.atlas.outlines import anchor, level_heights, muscle_anchors, outlines
from myotome.errors import InputError, UnknownName
from myotome.report.body import BODY_CSS, Mark, body_svg, lens_svg

ROOT = Path(__file__).parents[2]
TABLES = ROOT / "src" / "myotome" / "atlas" / "tables"
LEVELS = [
    *(f"C{n}" for n in range(2, 8)),
    *(f"T{n}" for n in range(1, 13)),
    *(f"L{n}" for n in range(1, 6)),
    "sacrum",
]
LENS_SIDES = {
    "hand_palm": "right",
    "hand_back": "left",
    "foot_top": "right",
    "foot_sole": "left",
    "head_front": None,
    "head_back": None,
}
SVG = "{http://www.w3.org/2000/svg}"
RIGHT, LEFT = "Patient\u2019s right", "Patient\u2019s left"


def tree_of(svg):
    return ET.fromstring(svg)  # noqa: S314 - our own text


def rows_of(table):
    with (TABLES / table).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def commands(path):
    return [(c, [float(n) for n in re.findall(r"-?\d+(?:\.\d+)?", rest)])
            for c, rest in re.findall(r"([A-Z])([^A-Z]*)", path)]  # fmt: skip


def pieces(path):
    """Every piece of a path as its points, start first."""
    found, here, start = [], (0.0, 0.0), (0.0, 0.0)
    for command, numbers in commands(path):
        points = list(zip(numbers[::2], numbers[1::2], strict=True))
        if command == "M":
            start = points[0]
        elif command == "Z":
            points = [start] if here != start else []
        if command != "M" and points:
            found.append((here, *points))
        here = points[-1] if points else here
    return found


def polygon(path, steps=8):
    corners = []
    for piece in pieces(path):
        a, b, c, d = piece if len(piece) == 4 else (piece[0], piece[0], piece[-1], piece[-1])
        for i in range(steps):
            t = i / steps
            weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
            corners.append(tuple(
                sum(w * p[axis] for w, p in zip(weights, (a, b, c, d), strict=True))
                for axis in (0, 1)
            ))  # fmt: skip
    return corners


def inside(x, y, corners):
    within = False
    for (x1, y1), (x2, y2) in zip(corners, [*corners[1:], corners[0]], strict=True):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            within = not within
    return within


def area(corners):
    pairs = zip(corners, [*corners[1:], corners[0]], strict=True)
    return abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairs)) / 2


def box(path):
    corners = polygon(path)
    xs, ys = zip(*corners, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def silhouette(view):
    return next(o for o in outlines() if o.kind == "silhouette" and o.view == view)


def mark(place="thumb", side="left", kind="finding", grade=2, number=1, **more):
    more.setdefault("label", "Thumb, left: pin less, grade 2")
    return Mark(place, side, kind, grade, number, **more)


def front(*marks, **more):
    return body_svg(marks, view="front", title="Body, front", description="Findings", **more)


def back(*marks, **more):
    return body_svg(marks, view="back", title="Body, back", description="Findings", **more)


# --- the table -------------------------------------------------------------------------------


def test_every_region_is_drawn_on_every_side_of_every_view_it_has():
    drawn = {(o.view, o.region_id, o.side) for o in outlines() if o.kind == "region"}
    wanted = {
        (view, row["region_id"], side)
        for row in rows_of("body_regions.csv")
        for view in (("front", "back") if row["view"] == "both" else (row["view"],))
        for side in (("right", "left") if row["sided"] == "yes" else ("midline",))
    }
    assert drawn == wanted


def test_identifiers_are_unique():
    assert max(Counter(o.outline_id for o in outlines()).values()) == 1


def test_paths_hold_only_legal_commands_and_are_closed_unless_a_detail():
    counts = {"M": 2, "L": 2, "C": 6, "Z": 0}
    for outline in outlines():
        found = commands(outline.path)
        assert re.fullmatch(r"(?:[MLC][-\d., ]+|Z| )+", outline.path), outline.outline_id
        assert all(len(numbers) == counts[command] for command, numbers in found)
        assert [command for command, _ in found].count("M") == 1
        assert found[0][0] == "M"
        assert outline.path.endswith("Z") == (outline.kind != "detail"), outline.outline_id


def test_every_shape_lies_on_its_page():
    for outline in outlines():
        width, height = (200, 440) if outline.view in {"front", "back"} else (120, 160)
        left, top, right, bottom = box(outline.path)
        assert 0 <= left <= right <= width, outline.outline_id
        assert 0 <= top < bottom <= height, outline.outline_id


def test_right_and_left_are_mirror_images():
    by_id = {o.outline_id: o for o in outlines()}
    for outline in outlines():
        if outline.side != "right":
            continue
        other = by_id[outline.outline_id.removesuffix("right") + "left"]
        middle = 100.0 if outline.view in {"front", "back"} else 60.0
        for (c1, n1), (c2, n2) in zip(commands(outline.path), commands(other.path), strict=True):
            assert c1 == c2
            assert n1[::2] == pytest.approx([2 * middle - x for x in n2[::2]], abs=0.011)
            assert n1[1::2] == n2[1::2]
        assert outline.label_x == pytest.approx(2 * middle - other.label_x, abs=0.011)


@pytest.mark.parametrize("view", ["front", "back"])
def test_regions_share_their_borders_exactly(view):
    """Every piece of a border is walked once each way, or once with the silhouette."""
    walked = Counter()
    rim = {frozenset({p, p[::-1]}) for p in pieces(silhouette(view).path)}
    for outline in outlines():
        if outline.kind == "region" and outline.view == view:
            walked.update(frozenset({p, p[::-1]}) for p in pieces(outline.path))
    assert {piece for piece, times in walked.items() if times == 1} == rim
    assert set(walked.values()) <= {1, 2}


@pytest.mark.parametrize("view", ["front", "back"])
def test_regions_fill_the_body_without_overlap(view):
    whole = area(polygon(silhouette(view).path))
    parts = [o for o in outlines() if o.kind == "region" and o.view == view]
    assert sum(area(polygon(o.path)) for o in parts) == pytest.approx(whole, rel=1e-6)


def test_label_points_lie_inside_their_own_shape():
    for outline in outlines():
        if outline.kind != "detail":
            left, top, right, bottom = box(outline.path)
            assert left < outline.label_x < right, outline.outline_id
            assert top < outline.label_y < bottom, outline.outline_id
            assert inside(outline.label_x, outline.label_y, polygon(outline.path))


def test_the_head_is_a_seventh_and_a_half_of_the_height():
    left, top, right, bottom = box(silhouette("front").path)
    jaw = max(
        box(o.path)[3]
        for o in outlines()
        if o.view == "front" and o.kind == "region" and o.region_id in {"cheek", "jaw_angle"}
    )
    assert (bottom - top) / (jaw - top) == pytest.approx(7.5, abs=0.3)
    assert (left + right) / 2 == pytest.approx(100)


def test_front_puts_the_right_on_the_viewers_left_and_back_on_the_viewers_right():
    for outline in outlines():
        if outline.kind in {"region", "level"} and outline.side != "midline":
            seen_left = outline.label_x < 100
            assert seen_left == ((outline.side == "right") == (outline.view == "front"))


def test_all_levels_are_on_both_sides_from_head_to_tail():
    for side in ("right", "left"):
        levels = [o for o in outlines() if o.kind == "level" and o.side == side]
        assert [o.level_id for o in levels] == LEVELS
        heights = [o.label_y for o in levels]
        assert heights == sorted(heights)
        boxes = [box(o.path) for o in levels]
        assert all(a[3] <= b[1] for a, b in itertools.pairwise(boxes))


def test_a_lens_gives_every_region_room_for_a_finger():
    """24 px at a picture 320 px wide: 9 units of a lens's 120."""
    for outline in outlines():
        if outline.kind == "lens":
            left, top, right, bottom = box(outline.path)
            assert min(right - left, bottom - top) >= 9, outline.outline_id


def test_small_regions_are_in_a_lens():
    lenses = {o.region_id for o in outlines() if o.kind == "lens"}
    fingers = {"thumb", "index_finger", "middle_finger", "ring_finger", "little_finger"}
    assert fingers | {"hallux", "toes_2_4", "little_toe", "ear", "heel", "occiput"} <= lenses


def test_the_table_is_what_the_script_draws():
    script = runpy.run_path(str(ROOT / "tools" / "draw_body_outlines.py"))

    assert script["table"]() == rows_of("body_outlines.csv")


# --- muscles ---------------------------------------------------------------------------------


def test_every_muscle_lies_in_the_body_and_under_its_region():
    muscles = [row["muscle_id"] for row in rows_of("muscles.csv")]
    assert list(muscle_anchors()) == muscles
    shapes = [o for o in outlines() if o.kind == "region" and o.side != "left"]
    for here in muscle_anchors().values():
        assert inside(here.x, here.y, polygon(silhouette(here.view).path)), here.muscle_id
        over = [
            o.region_id
            for o in shapes
            if o.view == here.view and inside(here.x, here.y, polygon(o.path))
        ]
        assert over == [here.region_id], here.muscle_id
        assert (here.x < 100) == (here.view == "front"), here.muscle_id


def test_a_level_sets_the_height_and_the_side_mirrors():
    view, x, y = anchor("multifidus_lumborum", "right", "L4")

    assert view == "back"
    assert y == level_heights()["L4"]
    assert anchor("multifidus_lumborum", "left", "L4") == (view, pytest.approx(200 - x), y)


def test_the_abdominal_wall_has_an_upper_a_middle_and_a_lower_place():
    heights = [anchor("rectus_abdominis", "right", p)[2] for p in ("upper", "middle", "lower")]
    assert heights == sorted(heights)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("soleuss", "right", None), UnknownName),
        (("soleus", "midline", None), InputError),
        (("multifidus_cervicalis", "right", "C8"), UnknownName),
    ],
)
def test_an_anchor_refuses_what_cannot_be(arguments, error):
    with pytest.raises(error):
        anchor(*arguments)


# --- the picture -----------------------------------------------------------------------------


def test_the_picture_is_well_formed_named_and_without_style():
    for svg in (front(mark()), back(mark())):
        tree = tree_of(svg)
        assert tree.get("role") == "group"
        assert tree.get("aria-label", "").startswith("Body")
        assert tree.find(f"{SVG}title") is not None
        assert tree.find(f"{SVG}desc").text == "Findings"
        assert "style=" not in svg
        assert not any(key.startswith("on") for node in tree.iter() for key in node.attrib)


@pytest.mark.parametrize(("view", "side"), LENS_SIDES.items())
def test_every_lens_is_well_formed(view, side):
    svg = lens_svg([mark()], view=view, side=side, title="Lens", description="Part")

    tree = tree_of(svg)
    assert tree.get("viewBox") == "0 0 120 160"
    assert "style=" not in svg
    assert len(tree.findall(f".//{SVG}path[@class='silhouette']")) == 1


def test_what_is_written_is_escaped():
    label = 'x"><script>alert(1)</script>&'
    svg = front(mark(label=label, href='#a"b'), mark(("front", 60.0, 90.0), label=label), fills={})

    tree = tree_of(svg)
    assert "<script" not in svg
    assert [n.get("aria-label") for n in tree.iter() if n.get("aria-label") == label]
    assert body_svg([], view="front", title="<b>", description="&").count("&lt;b&gt;") == 2


def test_a_marked_region_is_a_link_named_in_words():
    tree = tree_of(front(mark(href="#finding-1")))

    link = tree.find(f".//{SVG}a")
    assert link.get("href") == "#finding-1"
    assert link.get("aria-label") == "Thumb, left: pin less, grade 2"
    assert link.find(f"{SVG}path").get("class") == "region region-finding grade-2"


def test_several_marks_on_a_region_share_its_link_and_show_the_highest_grade():
    first = mark(href="#one", label="pin less")
    second = mark(grade=3, href="#two", number=2, label="light touch less")
    tree = tree_of(front(first, second))

    (link,) = tree.findall(f".//{SVG}a")
    assert link.get("aria-label") == "pin less; light touch less"
    assert "grade-3" in link.find(f"{SVG}path").get("class")
    assert len(tree.findall(f".//{SVG}circle[@class='mark-ring']")) == 2


def test_unmarked_regions_can_be_made_links():
    svg = front(links={("thumb", "right"): "#thumb-right"})
    (link,) = tree_of(svg).findall(f".//{SVG}a")
    assert link.get("aria-label") == "Thumb, right"


@pytest.mark.parametrize(("grade", "dots"), [(0, 0), (1, 1), (2, 2), (3, 3)])
def test_a_grade_is_counted_in_dots(grade, dots):
    tree = tree_of(front(mark(grade=grade)))
    assert len(tree.findall(f".//{SVG}circle[@class='mark-dot']")) == dots
    assert len(tree.findall(f".//{SVG}circle[@class='mark-ring']")) == 1
    assert tree.findall(f".//{SVG}text[@class='mark-number']")[0].text == "1"


def test_a_needle_site_is_a_diamond_and_both_is_a_ring_in_it():
    site = tree_of(front(mark(kind="site", grade=None)))
    both = tree_of(front(mark(kind="both")))
    assert len(site.findall(f".//{SVG}path[@class='mark-site']")) == 1
    assert not site.findall(f".//{SVG}circle")
    assert len(both.findall(f".//{SVG}path[@class='mark-site']")) == 1
    assert both.findall(f".//{SVG}circle[@class='mark-ring']")


def corner_words(svg):
    texts = tree_of(svg).findall(f"{SVG}text[@class='corner']")
    return {t.get("text-anchor"): "".join(t.itertext()) for t in texts}


def test_the_corners_name_the_patients_sides():
    assert corner_words(front()) == {"start": RIGHT, "end": LEFT}
    assert corner_words(back()) == {"start": LEFT, "end": RIGHT}
    palm = lens_svg([], view="hand_palm", side="right", title="t", description="d")
    assert corner_words(palm) == {"start": RIGHT}


def test_marks_are_drawn_on_the_patients_side():
    for draw, sign in ((front, 1), (back, -1)):
        ring = tree_of(draw(mark(side="left"))).find(f".//{SVG}circle")
        assert (float(ring.get("cx")) - 100) * sign > 0


def test_crowded_marks_keep_apart():
    marks = [mark(f"level:{c}", "left", number=i) for i, c in enumerate(("C5", "C6", "C7", "T1"))]
    marks += [mark(anchor("multifidus_cervicalis", "left", "C6"), "left", "both", 2, 9)]
    rings = tree_of(back(*marks)).findall(f".//{SVG}circle[@class='mark-ring']")

    centres = [(float(r.get("cx")), float(r.get("cy"))) for r in rings]
    nearest = min(math.dist(a, b) for i, a in enumerate(centres) for b in centres[:i])
    assert len(centres) == 5
    assert nearest >= 6


@pytest.mark.parametrize("view", ["front", "back"])
@pytest.mark.parametrize("side", ["left", "right"])
def test_a_large_number_at_the_hand_stays_in_the_picture(view, side):
    marks = [
        Mark(place, side, "finding", None, number, f"Fingers {number}")
        for number, place in ((10, "thumb"), (10, "index_finger"), (10, "little_finger"))
    ]
    svg = body_svg(marks, view=view, title="Hands", description="Fingers.", large_numbers=True)
    drawn = tree_of(svg).findall(f".//{SVG}text[@class='mark-number']")
    assert len(drawn) == 3
    for number in drawn:
        wide = 2 * 11 * 3.4 / 6  # two digits
        x = float(number.get("x"))
        first = x if number.get("text-anchor") == "start" else x - wide
        assert first >= 0, f"{x} {number.get('text-anchor')}"
        assert first + wide <= 200


def test_a_view_leaves_out_what_lies_on_the_other():
    on_the_back = [mark("level:C6"), mark("heel"), mark(("back", 90.0, 90.0))]
    assert "mark-ring" not in front(*on_the_back)
    assert back(*on_the_back).count("mark-ring") == 3


def test_fills_are_class_names():
    svg = front(fills={("thumb", "right"): "p4"})
    assert 'class="region p4"' in svg
    with pytest.raises(InputError, match="class name"):
        front(fills={("thumb", "right"): 'p4" onload="x'})


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"place": "thmb"}, "region, a level or a point"),
        ({"place": ""}, "region, a level or a point"),
        ({"side": "midline"}, "left or right"),
        ({"place": "sacrum", "side": "left"}, "midline"),
    ],
)
def test_a_mark_on_no_place_is_refused(wrong, words):
    with pytest.raises(InputError, match=words):
        front(mark(**wrong))


def test_a_mark_needs_a_grade_that_exists_and_words():
    with pytest.raises(InputError, match="grade"):
        mark(grade=4)
    with pytest.raises(InputError, match="label"):
        mark(label=" ")


def test_a_lens_needs_the_side_it_shows():
    with pytest.raises(InputError, match="right or left"):
        lens_svg([], view="hand_palm", title="t", description="d")
    with pytest.raises(InputError, match="None for the head"):
        lens_svg([], view="head_front", side="left", title="t", description="d")


def test_the_style_serves_print_and_forced_colours_and_names_no_colour_for_the_screen():
    screen, _, rest = BODY_CSS.partition("@media print")
    assert "forced-colors: active" in rest
    assert "CanvasText" in rest
    assert not re.search(r"#[0-9a-fA-F]{3,6}\b", screen)
    drawn = front(mark(), mark(kind="both")) + back(mark("level:C6"))
    for name in {c for names in re.findall(r'class="([^"]+)"', drawn) for c in names.split()}:
        if not name.startswith(("body-", "mark-finding", "mark-both", "grade-2")):
            assert f".{name}" in BODY_CSS, name
