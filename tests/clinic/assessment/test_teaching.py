"""What is taught of conditions: all of it, with its label and sources, and weighed by nothing."""

import re

from conftest import BY
from examining import BAND, PIN, TENDER_C6, address, read

from clinic.assessment import actions, inference
from clinic.assessment.models import Observation
from clinic.assessment.queries import facts_of, readings_of
from clinic.assessment.rules import findings_of
from clinic.assessment.teaching import NOT_HIS, UNPROVEN, teaching
from myotome.atlas import atlas


def every():
    return [one for _, found in teaching().parts for one in found]


def test_each_condition_of_the_atlas_is_there_once_with_muscles_levels_and_sources():
    found = every()
    rows = {row.name: row for row in atlas().conditions.values()}
    assert sorted(one.name for one in found) == sorted(rows)
    assert len({one.number for one in found}) == len(found)
    numbers = {source["number"] for source in teaching().sources}
    for one in found:
        row = rows[one.name]
        assert len(one.muscles) == len(row.shortened_muscle_ids)
        assert [level.segment for level in one.levels] == list(row.paraspinal_segment_ids)
        assert one.sources
        assert set(one.sources) <= numbers
        assert one.label == (NOT_HIS if row.verification == "inferred" else UNPROVEN)
        assert one.warning or row.verification == "checked"


def test_a_muscle_leads_to_where_it_is_examined_on_both_sides():
    (elbow,) = [one for one in every() if "tennis elbow" in one.name]
    brachioradialis = next(one for one in elbow.muscles if one.name == "Brachioradialis")
    assert [place.side for place in brachioradialis.places] == ["right", "left"]
    for place in brachioradialis.places:
        assert {row.key.side for row in place.rows} == {place.side}
        assert "brachioradialis" in {row.key.site for row in place.rows}
    assert brachioradialis.segments == "C5, C6, C7 (variable)"
    (c8,) = [level for level in elbow.levels if level.segment == "C8"]
    assert [(place.name, place.side) for place in c8.places] == [("C7", "right"), ("C7", "left")]


def test_the_page_says_what_it_is_and_every_link_in_it_opens(as_, visit):
    client = as_("caring")
    page = client.get(address("teaching", visit)).content.decode()
    assert "Gunn's teaching, unproven" in page.replace("&#x27;", "'")
    assert "neither the inference nor a plan weighs any of it" in page
    assert "Muscle list not verified against Gunn" in page
    anchors = set(re.findall(r'href="#([^"]+)"', page)) - {"main"}
    assert anchors <= set(re.findall(r'id="([^"]+)"', page))
    links = set(re.findall(r'href="(/people/[^"]+/examination/\d+/)"', page))
    assert len(links) > 50
    for link in sorted(links):
        assert client.get(link).status_code == 200
    assert address("teaching", visit) in client.get(address("examination", visit)).content.decode()


def test_looking_it_up_records_nothing_and_moves_no_answer(as_, visit, cast):
    found = [read(TENDER_C6, 3), read(BAND, 2), read(PIN, 1)]
    actions.record_readings(visit, found, staff=cast.caring, by=BY)

    def answer():
        standing = readings_of(visit)
        now = inference.answer(findings_of(standing.recorded), facts_of(visit), 0)
        return now.assessment.to_dict()

    before, rows = answer(), Observation.objects.count()
    as_("caring").get(address("teaching", visit))
    assert (answer(), Observation.objects.count()) == (before, rows)
