"""A person's own drawing: every region can be touched, areas are areas, two drawings compare."""

import itertools
import re

import pytest
from conftest import BY
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from clinic.body_drawing import SMALLEST, Drawn, box_of, closer, parts, whole
from clinic.records.drawing.drawing import name_in_address
from clinic.records.drawing.pages import drawings_of, on_the_figure
from clinic.records.drawing.rules import (
    FEELINGS,
    area_of,
    areas,
    changes,
    overlap,
    part_words,
    places,
    read_parts,
    regions,
    share,
)
from clinic.records.models import Sheet, SheetDraft, Submission, Way
from clinic.records.sheets import actions
from clinic.records.sheets.versions import current
from myotome.atlas.outlines import outlines
from myotome.report.body import BODY_CSS

PLACES = sorted(regions())
PARTS = st.lists(
    st.builds(
        lambda place, feeling, intensity: {
            "region": place[0],
            "side": place[1],
            "feeling": feeling,
            "intensity": intensity,
        },
        st.sampled_from(PLACES),
        st.sampled_from(list(FEELINGS)),
        st.integers(0, 10),
    ),
    max_size=12,
    unique_by=lambda part: (part["region"], part["side"], part["feeling"]),
)


# ------------------------------------------------------------- the figure


def test_every_region_of_the_body_is_in_a_part_that_shows_it_closer():
    shown = {place for part in parts().values() for place in part.places}

    assert shown == set(regions())


@pytest.mark.parametrize("part", parts().values(), ids=lambda part: part.key)
def test_what_is_touched_is_large_enough_on_the_narrowest_screen(part):
    picture = closer(part, Drawn({}), {place: f"#{'-'.join(place)}" for place in part.places})
    width, height = (
        float(re.search(rf' {side}="(\d+)"', picture)[1]) for side in ("width", "height")
    )
    left, top, across, down = map(float, re.search(r'viewBox="([^"]+)"', picture)[1].split())
    scale = min(width / across, height / down)

    assert width <= 288
    shapes = [s for s in outlines() if s.view == (part.lens or part.view)]
    for shape in shapes:
        if (shape.region_id, shape.side) in part.places:
            x1, y1, x2, y2 = box_of(shape.path)
            assert min(x2 - x1, y2 - y1) * scale >= SMALLEST - 1
            if not part.lens:
                assert left <= x1
                assert x2 <= left + across
                assert top <= y1
                assert y2 <= top + down
            name = part_words(shape.region_id, shape.side)
            assert f'href="#{shape.region_id}-{shape.side}" aria-label="{name}' in picture


@pytest.mark.parametrize("view", ["front", "back"])
def test_the_whole_figure_leads_to_each_part_by_a_wide_target(view):
    links = {key: f"?part={key}" for key in parts()}
    picture = whole(view, Drawn({}), title="Body", links=links)

    boxes = re.findall(r'<rect class="target"[^>]* width="([\d.]+)" height="([\d.]+)"', picture)
    wanted = [part for part in parts().values() if part.view == view]
    assert len(boxes) == len(wanted)
    for width, height in boxes:
        assert min(float(width), float(height)) * 288 / 200 >= 24
    for part in wanted:
        assert f'href="?part={part.key}"' in picture


def test_the_style_of_the_figure_is_the_reports(client, db):
    answer = client.get("/drawing/body.css")

    assert answer.content.decode() == BODY_CSS
    assert answer.headers["Content-Type"].startswith("text/css")


@given(PARTS)
def test_a_drawing_on_the_figure_says_every_feeling_in_words(drawn):
    found = on_the_figure(drawn)

    said = " ".join(mark.label for mark in found.marks)
    assert len(found.marks) == len({(p["region"], p["side"]) for p in drawn})
    for part in drawn:
        words = f"{FEELINGS[part['feeling']].lower()} {part['intensity']} out of 10"
        assert words in said
    for mark in found.marks:
        felt = [
            p["intensity"] for p in drawn if (p["region"], p["side"]) == (mark.place, mark.side)
        ]
        assert mark.number == max(felt)
    whole("front", found, title="x", links={})
    whole("back", found, title="x", links={})


# ------------------------------------------------------------- area and overlap


def test_the_area_of_known_shapes():
    assert area_of("M0,0 L10,0 L10,5 L0,5 Z") == 50
    k = 0.5522847498
    circle = f"M1,0 C1,{k} {k},1 0,1 C-{k},1 -1,{k} -1,0 C-1,-{k} -{k},-1 0,-1 C{k},-1 1,-{k} 1,0 Z"
    assert area_of(circle) == pytest.approx(3.1416, rel=0.01)


def test_left_and_right_have_the_same_area_and_all_together_are_the_whole():
    for region, side in areas():
        if side == "right":
            assert areas()[region, side] == pytest.approx(areas()[region, "left"], rel=1e-3)
    assert share(areas()) == pytest.approx(1.0)
    silhouettes = [o for o in outlines() if o.kind == "silhouette"]
    body = sum(area_of(outline.path) for outline in silhouettes)
    assert sum(areas().values()) == pytest.approx(body, rel=0.03)  # the regions tile the body


SETS = st.frozensets(st.sampled_from(PLACES), max_size=8)


@given(SETS, SETS)
def test_overlap_is_the_same_both_ways_one_for_equal_and_none_for_nothing(one, other):
    found = overlap(one, other)

    assert found == overlap(other, one)
    assert (found is None) == (not one and not other)
    if found is not None:
        assert 0 <= found <= 1
        assert (found == 1) == (one == other)
        assert (found == 0) == (not one & other)


def test_overlap_weighs_by_area_and_not_by_count():
    thumb, back = ("thumb", "right"), ("back_mid", "right")
    small = overlap(frozenset({thumb, back}), frozenset({thumb}))
    large = overlap(frozenset({thumb, back}), frozenset({back}))

    assert small == pytest.approx(areas()[thumb] / (areas()[thumb] + areas()[back]))
    assert small + large == pytest.approx(1)
    assert small < 0.2  # by count it would be a half


@given(PARTS, PARTS)
def test_every_feeling_of_either_drawing_has_one_change(before, now):
    found = changes(before, now)

    keys = {(p["region"], p["side"], p["feeling"]) for p in [*before, *now]}
    assert {(c.region, c.side, c.feeling) for c in found} == keys
    assert len(found) == len(keys)
    back = {(c.region, c.side, c.feeling): c.kind for c in changes(now, before)}
    other = {"new": "gone", "gone": "new", "more": "less", "less": "more", "same": "same"}
    for change in found:
        assert back[change.region, change.side, change.feeling] == other[change.kind]
        assert change.words


def test_an_intensity_of_nothing_is_not_felt():
    part = {"region": "thumb", "side": "right", "feeling": "pain"}

    assert places([part | {"intensity": 0}]) == frozenset()
    assert places([part | {"intensity": 1}]) == {("thumb", "right")}
    kinds = [
        changes([part | {"intensity": a}], [part | {"intensity": b}])[0].kind
        for a, b in itertools.product((0, 4), repeat=2)
    ]
    assert kinds == ["same", "new", "gone", "same"]


def test_nothing_drawn_on_purpose_is_not_the_same_as_no_drawing():
    assert read_parts([]) is None
    assert read_parts(["nothing"]) == {"parts": []}


# ------------------------------------------------------------- in the clinic


def start(client, patient, area="own_sheets"):
    client.post(
        reverse(f"{area}:begin_form", kwargs={"key": patient.pk}),
        {"form": "drawing", "way": "asked"},
    )
    sheet = SheetDraft.objects.latest("pk").sheet
    return sheet, reverse(f"{area}:draw", kwargs={"key": patient.pk, "sheet": sheet.pk})


def closer_at(url, sheet, part):
    return f"{url}?part={name_in_address(sheet, part)}"


def press(client, url, part="palm-right", **sent):
    draft = SheetDraft.objects.latest("pk")
    return client.post(
        closer_at(url, draft.sheet, part),
        {"revision": draft.revision, "line": draft.raw.get("drawing", [])} | sent,
    )


def test_a_patient_draws_part_by_part_removes_and_sends(as_, cast):
    client = as_("self_user")
    sheet, url = start(client, cast.patient)
    shown = client.get(url).content.decode()
    assert "Right hand, palm" in shown

    press(
        client,
        url,
        add="1",
        place=["thumb:right", "index_finger:right"],
        feeling="tingling",
        strength="6",
    )
    press(client, url, "nape", add="1", place=["nape:midline"], feeling="pain", strength="4")
    press(client, url, add="1", place=["thumb:right"], feeling="tingling", strength="7")
    shown = client.get(closer_at(url, sheet, "palm-right")).content.decode()
    assert "Thumb, right: tingling, 7 out of 10" in shown
    assert "drawn: tingling 7" in shown
    press(client, url, remove="index_finger:right:tingling:6")
    done = press(client, url, done="1")
    assert (
        done.url
        == reverse("own_sheets:fill", kwargs={"key": cast.patient.pk, "sheet": sheet.pk})
        + "?part=1"
    )
    check = reverse("own_sheets:check", kwargs={"key": cast.patient.pk, "sheet": sheet.pk})
    assert "Thumb, right: tingling, 7 out of 10" in client.get(check).content.decode()
    client.post(check, {"revision": SheetDraft.objects.get().revision})

    assert Submission.objects.get().values["drawing"]["parts"] == [
        {"region": "nape", "side": "midline", "feeling": "pain", "intensity": 4},
        {"region": "thumb", "side": "right", "feeling": "tingling", "intensity": 7},
    ]


def sent_to(answer):
    """Every address of a page as a browser asks for it, and where an answer leads."""
    page = answer.content.decode()
    leads_to = answer.headers.get("Location", "").partition("#")[0]
    return {*re.findall(r'(?:href|action)="([^"#]*)', page), leads_to}


BY_CHANCE = re.compile(r"[0-9a-f]{16}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def test_no_address_says_where_it_hurts(as_, cast):
    client = as_("self_user")
    sheet, url = start(client, cast.patient)
    whole_body, hand = client.get(url), client.get(closer_at(url, sheet, "palm-right"))
    added = press(client, url, add="1", place=["thumb:right"], feeling="pain", strength="3")

    asked = sent_to(whole_body) | sent_to(hand) | sent_to(added)
    said = [BY_CHANCE.sub("", each) for each in asked]  # where a face or a bead may stand
    names = set(parts()) | {region for region, _ in PLACES}
    assert len([each for each in asked if "?page=1&amp;part=" in each]) >= len(parts())
    assert [each for each in said for name in names if name in each] == []
    assert name_in_address(sheet, "nape") != name_in_address(Sheet(), "nape")  # of another sheet


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"feeling": "pain", "strength": "3"}, "Choose one or more parts"),
        ({"place": ["thumb:right"], "strength": "3"}, "Choose how it feels"),
        ({"place": ["thumb:right"], "feeling": "pain"}, "Choose how strong it is"),
        ({"place": ["tail:right"], "feeling": "pain", "strength": "3"}, "No part of the drawing"),
        ({"place": ["thumb:right"], "feeling": "itch", "strength": "3"}, "No feeling"),
        ({"place": ["thumb:right"], "feeling": "pain", "strength": "11"}, "must be 0 to 10"),
    ],
)
def test_what_is_not_said_is_asked_and_what_was_chosen_stays(as_, cast, sent, words):
    client = as_("self_user")
    _, url = start(client, cast.patient)

    refused = press(client, url, add="1", **sent)

    assert refused.status_code == 422
    shown = refused.content.decode()
    assert words in shown
    if sent.get("place") == ["thumb:right"]:
        assert re.search(r'value="thumb:right" checked', shown)
    assert "drawing" not in SheetDraft.objects.get().raw


def test_nothing_to_draw_is_an_answer_and_an_empty_drawing_is_none(as_, cast):
    client = as_("self_user")
    sheet, url = start(client, cast.patient)
    check = reverse("own_sheets:check", kwargs={"key": cast.patient.pk, "sheet": sheet.pk})
    refused = client.post(check, {"revision": SheetDraft.objects.get().revision})
    assert refused.status_code == 422
    press(client, url, nothing="1")

    client.post(check, {"revision": SheetDraft.objects.get().revision})

    assert Submission.objects.get().values == {"drawing": {"parts": []}}


def test_two_who_draw_at_once_are_both_shown(as_, cast):
    patient, staff = as_("self_user"), as_("caring")
    sheet, own = start(patient, cast.patient)
    theirs = reverse("records:draw", kwargs={"key": cast.patient.pk, "sheet": sheet.pk})
    based = SheetDraft.objects.get().revision
    press(patient, own, add="1", place=["thumb:right"], feeling="pain", strength="3")

    late = staff.post(
        closer_at(theirs, sheet, "nape"),
        {
            "revision": based,
            "add": "1",
            "place": ["nape:midline"],
            "feeling": "ache",
            "strength": "5",
        },
    )

    assert late.status_code == 409
    shown = late.content.decode()
    assert "Thumb, right: pain, 3 out of 10" in shown
    assert "Back of the neck: ache, 5 out of 10" in shown
    assert SheetDraft.objects.get().raw["drawing"] == ["thumb:right:pain:3"]


def drawn(patient, writer, *lines):
    sheet = actions.open_sheet(patient, current("drawing"), writer)
    based = SheetDraft.objects.get(sheet=sheet).revision
    based = actions.save_sheet(sheet, {"drawing": list(lines)}, writer, based_on=based)
    return actions.send_sheet(sheet, writer, based_on=based)


def test_drawings_are_compared_visit_by_visit(as_, cast):
    writer = actions.Writer(cast.self_user, Submission.By.PATIENT, Way.OWN, BY)
    drawn(cast.patient, writer, "thumb:right:tingling:6", "nape:midline:pain:8")
    drawn(cast.patient, writer, "nape:midline:pain:3", "calf:left:ache:2")
    drawn(cast.patient, writer, "nothing")

    last, middle, first = drawings_of(cast.patient)

    assert first.is_first
    assert first.overlap is None
    nape, calf, thumb = ("nape", "midline"), ("calf", "left"), ("thumb", "right")
    joint = areas()[nape] + areas()[calf] + areas()[thumb]
    assert middle.overlap == pytest.approx(areas()[nape] / joint)
    assert middle.gone == ["Thumb, right: tingling, was 6 out of 10"]
    assert middle.new == ["Calf, left: ache, 2 out of 10"]
    assert middle.changed == ["Back of the neck: pain, 8 to 3 out of 10"]
    assert (last.share, last.overlap) == (0, 0)
    assert len(last.gone) == 2
    for name, area in (("caring", "records"), ("self_user", "own_sheets")):
        shown = as_(name).get(reverse(f"{area}:drawings", kwargs={"key": cast.patient.pk}))
        assert "Thumb, right: tingling, was 6 out of 10" in shown.content.decode()
    assert (
        as_("colleague")
        .get(reverse("records:drawings", kwargs={"key": cast.patient.pk}))
        .status_code
        == 404
    )


def test_a_corrected_drawing_stands_in_place_of_the_first(cast):
    writer = actions.Writer(cast.self_user, Submission.By.PATIENT, Way.OWN, BY)
    sheet = drawn(cast.patient, writer, "thumb:right:pain:6").sheet
    actions.begin_correction(sheet, writer)
    based = SheetDraft.objects.get(sheet=sheet).revision
    based = actions.save_sheet(sheet, {"drawing": ["thumb:left:pain:6"]}, writer, based_on=based)
    actions.send_sheet(sheet, writer, based_on=based, reason="other side")

    (only,) = drawings_of(cast.patient)

    assert [part["side"] for part in only.parts] == ["left"]


def test_regions_have_names_of_their_own_in_words_that_patients_use():
    by_region = {region: name for (region, _), name in regions().items()}

    assert len(set(by_region.values())) == len(by_region)
    whole_list = " ".join(by_region.values()).lower()
    for word in (
        *("xiphoid", "clavicle", "supraclavicular", "intercostal", "umbilicus", "inguinal"),
        *("radial", "ulnar", "deltoid", "trochanter", "thoracic", "sacrum", "coccyx", "gluteal"),
    ):
        assert word not in whole_list
