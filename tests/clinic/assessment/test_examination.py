"""Findings: kept with who and when, corrected and never deleted, both kept when two write."""

import json
import random
import re
import threading
from html import unescape

import pytest
from conftest import BY, join
from django.db import DatabaseError, connection, connections
from django.urls import reverse
from examining import BAND, BICEPS, PIN, REFLEX, TENDER_C6, address, forty, read, tap

from clinic.assessment import actions, inference
from clinic.assessment.models import Observation, Remark
from clinic.assessment.places import Key, all_rows, home_of, place, place_at, places
from clinic.assessment.queries import (
    changes_of,
    has_seen_model,
    known_of,
    readings_before,
    readings_of,
    remarks_of,
    standing_of,
    standing_rows,
)
from clinic.assessment.rules import CannotRecord, as_finding, findings_of, reading
from clinic.audit.models import Entry
from clinic.patients import actions as patients
from clinic.records import actions as records
from myotome.examination import examine
from myotome.report.words import chance, root_name

BETWEEN = {"neck_side", "axilla", "temple", "ear", "ankle_medial", "leg_medial"}
TENDER = Key("tender_motor_point", "brachioradialis", "", "right")


def write(visit, staff, *readings, **more):
    return actions.record_readings(visit, readings, staff=staff, by=BY, **more)


def test_a_tap_is_saved_with_who_and_when_and_its_audit_row_says_nothing_of_it(as_, visit, cast):
    told = tap(as_("caring"), visit, TENDER_C6, 2).json()

    row = Observation.objects.get()
    assert (row.grade, row.revision, row.staff, row.is_aside) == (2, 1, cast.caring, False)
    assert told["rows"] == {str(TENDER_C6): 1}
    assert told["count"] == 1
    entry = Entry.objects.get(act="findings recorded")
    assert entry.detail == {"readings": 1, "contested": 0}
    assert "tender" not in str(list(Entry.objects.values()))


def test_a_correction_is_the_next_revision_and_what_stood_before_stays(as_, visit):
    client = as_("caring")
    tap(client, visit, BAND, 3)
    tap(client, visit, BAND, 1, revision=1)
    tap(client, visit, BAND, "", revision=2)

    assert readings_of(visit).recorded == {}
    assert [(row.revision, row.grade, row.is_withdrawn) for row in changes_of(visit)] == [
        (3, None, True),
        (2, 1, False),
        (1, 3, False),
    ]
    page = client.get(address("changes", visit)).content.decode()
    assert page.count("Taut band") == 3
    assert "taken back" in page


def test_a_tap_that_is_sent_twice_is_written_once(as_, visit):
    client = as_("caring")
    for _ in range(3):
        told = tap(client, visit, BAND, 3).json()

    assert Observation.objects.count() == 1
    assert told["rows"] == {str(BAND): 1}
    assert not told["contested"]


def test_two_who_read_the_same_sign_are_both_kept_until_somebody_settles_it(as_, visit, cast):
    tap(as_("caring"), visit, BAND, 1)
    told = tap(as_("covering"), visit, BAND, 3).json()

    assert told["contested"]
    standing = readings_of(visit)
    assert standing.current[BAND].grade == 1
    assert [(row.grade, row.staff) for row in standing.aside[BAND]] == [(3, cast.covering)]
    page = as_("caring").get(address("place", visit, place=home_of(BAND).number)).content.decode()
    assert "Two readings" in page
    assert "Covering" in page

    aside = standing.aside[BAND][0].pk
    as_("caring").post(
        address("place", visit, place=home_of(BAND).number), {"hold": aside, f"r:{BAND}": 1}
    )

    settled = readings_of(visit)
    assert settled.current[BAND].grade == 3
    assert settled.aside == {}
    assert Observation.objects.count() == 3


def test_the_first_numbers_count_as_having_seen_the_model(as_, visit, cast):
    assert tap(as_("caring"), visit, BAND, 3).json()["quick"]["rows"]

    assert has_seen_model(visit, cast.caring)
    assert not has_seen_model(visit, cast.covering)


def test_the_first_numbers_have_the_intervals_of_the_whole_answer(as_, visit):
    told = tap(as_("caring"), visit, BAND, 3).json()["quick"]

    found = examine((as_finding(BAND, read(BAND, 3)),))
    whole = {root_name(item.root): unescape(chance(item)) for item in found.roots}
    assert {row["root"]: row["words"] for row in told["rows"]}.items() <= whole.items()
    assert "(" in told["words"]


def test_the_first_numbers_wait_for_nobody_elses_answer(as_, visit):
    inference._ENDS.clear()
    with inference._TURN:
        told = tap(as_("caring"), visit, TENDER_C6, 2).json()["quick"]

    assert told["rows"]
    assert not any("(" in row["words"] for row in told["rows"])
    assert "(" in tap(as_("caring"), visit, TENDER_C6, 2, revision=1).json()["quick"]["words"]


def test_two_who_read_the_same_do_not_contest_it(as_, visit):
    tap(as_("caring"), visit, BAND, 2)
    told = tap(as_("covering"), visit, BAND, 2).json()

    assert not told["contested"]
    assert Observation.objects.count() == 1


def test_one_is_told_that_another_recorded_signs_meanwhile(as_, visit):
    latest = tap(as_("caring"), visit, BAND, 2).json()["latest"]
    tap(as_("covering"), visit, PIN, 1)
    told = as_("caring").post(
        address("taps", visit),
        {f"f:{BICEPS}": "4", f"r:{BICEPS}": 0},
        headers={"accept": "application/json", "x-latest": str(latest)},
    )

    assert told.json()["others"]


def test_taps_of_several_places_are_saved_in_one_and_a_wrong_one_takes_none_with_it(as_, visit):
    homes = [home_of(key).number for key in (BAND, PIN)]
    said = as_("caring").post(
        address("taps", visit),
        {
            f"f:{BAND}": "2",
            f"r:{BAND}": 0,
            f"f:{PIN}": "1",
            f"r:{PIN}": 0,
            f"f:{BICEPS}": "many",
            f"r:{BICEPS}": 0,
            "at": [*homes, "0", "x"],
        },
        headers={"accept": "application/json"},
    )

    assert said.status_code == 422
    told = said.json()
    assert told["rows"] == {str(BAND): 1, str(PIN): 1}
    assert set(told["wrong"]) == {str(BICEPS)}
    assert told["here"] == {str(number): 1 for number in homes}
    assert told["count"] == 2
    assert Entry.objects.filter(act="findings recorded").count() == 1


def test_a_correction_whose_writer_never_heard_that_the_first_was_saved_is_no_contest(as_, visit):
    tap(as_("caring"), visit, BAND, 1)  # its answer is lost on the way
    told = tap(as_("caring"), visit, BAND, 3).json()

    assert not told["contested"]
    assert told["rows"] == {str(BAND): 2}
    assert readings_of(visit).recorded[BAND].grade == 3

    tap(as_("covering"), visit, BAND, 2, revision=2)
    told = tap(as_("caring"), visit, BAND, 1, revision=1).json()
    assert told["contested"]  # two steps behind, and one of them is somebody else's
    assert readings_of(visit).recorded[BAND].grade == 2


@pytest.mark.parametrize("who", ["caring", "covering"])
def test_an_older_page_takes_back_no_reading_that_was_corrected_on_another(as_, visit, who):
    url = address("place", visit, place=home_of(BAND).number)
    tap(as_("caring"), visit, BAND, 1)
    older = {f"f:{BAND}": "1", f"r:{BAND}": "1", f"f:{TENDER}": "2", f"r:{TENDER}": "0"}
    tap(as_("caring"), visit, BAND, 3, revision=1)
    saved = as_(who).post(url, older)  # another field was filled in there

    assert saved.status_code == 302
    held = readings_of(visit)
    assert {key: row.grade for key, row in held.recorded.items()} == {BAND: 3, TENDER: 2}
    assert not held.aside
    as_(who).post(url, older | {f"f:{BAND}": "0"})  # and this one, on purpose
    assert (readings_of(visit).recorded[BAND].grade == 0) is (who == "caring")


def test_taps_that_were_held_over_a_locked_screen_are_saved_as_a_form(as_, visit):
    client = as_("caring")
    sent = {f"f:{BAND}": "2", f"r:{BAND}": 0}
    assert client.post(address("taps", visit), sent).url == address("examination", visit)

    wrong = client.post(address("taps", visit), {f"f:{BICEPS}": "9", f"r:{BICEPS}": 0})
    assert wrong.status_code == 422
    assert "must be between 0 and 5" in wrong.content.decode()
    contested = as_("covering").post(address("taps", visit), {f"f:{BAND}": "1", f"r:{BAND}": 0})
    assert contested.status_code == 409
    assert "Two readings" in contested.content.decode()


@pytest.mark.parametrize("seed", range(5))
def test_what_stands_is_read_alone_and_is_what_all_rows_say(visit, cast, seed):
    draw = random.Random(seed)
    for _ in range(40):
        key = draw.choice((BAND, PIN))
        staff = draw.choice((cast.caring, cast.covering))
        number = draw.choice((0, 1, 2, 3, None))
        write(visit, staff, read(key, number, revision=draw.randrange(12)))

    everything = standing_of(Observation.objects.filter(visit=visit).order_by("pk"))
    assert readings_of(visit) == everything
    held = sum(len(rows) for rows in everything.aside.values()) + len(everything.current)
    assert standing_rows(visit).count() == held < Observation.objects.count()


def test_the_database_lets_one_reading_alone_hold_a_revision(committed_practice):
    site = committed_practice.site
    staff = join("caring", site, "practitioner")
    patient = patients.add_patient({"given_name": "Ada"}, site=site, by=BY)
    visit = records.start_visit(patient, staff=staff, site=site, kind="first", by=BY)
    write(visit, staff, read(BAND, 2))
    row = Observation.objects.get()

    row.pk = None
    with pytest.raises(DatabaseError):
        row.save(force_insert=True)
    for statement in ("UPDATE {} SET grade = 3", "DELETE FROM {}"):
        with pytest.raises(DatabaseError, match="written once"), connection.cursor() as cursor:
            cursor.execute(statement.format("assessment_observation"))

    assert Observation.objects.get().grade == 2


def test_many_who_write_one_sign_in_one_moment_are_all_kept_and_one_stands(committed_practice):
    site = committed_practice.site
    people = [join(f"one{number}", site, "practitioner") for number in range(4)]
    patient = patients.add_patient({"given_name": "Ada"}, site=site, by=BY)
    visit = records.start_visit(patient, staff=people[0], site=site, kind="first", by=BY)
    ready = threading.Barrier(len(people))

    def work(grade, staff):
        try:
            ready.wait()
            actions.record_readings(visit, [read(BAND, grade)], staff=staff, by=BY)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=pair) for pair in enumerate(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    standing = readings_of(visit)
    grades = {standing.current[BAND].grade, *(row.grade for row in standing.aside[BAND])}
    assert grades == {0, 1, 2, 3}
    assert standing.current[BAND].revision == 1
    assert Observation.objects.count() == 4


def test_the_rest_of_a_region_is_looked_at_in_one_and_undone_in_one(as_, visit):
    client = as_("caring")
    tap(client, visit, BAND, 3)
    place = place_at("region", "forearm_lateral", "right")
    url = address("place", visit, place=place.number)

    client.post(url, {"rest": "1"})

    recorded = readings_of(visit).recorded
    assert recorded[BAND].grade == 3
    absent = [key for key, row in recorded.items() if row.grade == 0]
    assert len(absent) == len(place.passed_over) - 1
    assert not any(key.sign in {"weakness", "reflex"} for key in absent)
    deep = Key("taut_band", "abductor_pollicis_longus", "", "right")
    assert deep not in recorded  # no finger tells it from what lies over it

    together = str(next(row.together for row in recorded.values() if row.grade == 0))
    client.post(url, {"undo": together})

    assert set(readings_of(visit).recorded) == {BAND}


def test_a_form_without_a_script_saves_what_was_changed_in_it_and_nothing_else(as_, visit):
    client = as_("caring")
    tap(client, visit, BAND, 3)
    place = home_of(BAND)
    rows = {f"f:{row.key}": "" for row in place.rows if row.choices}
    rows |= {f"r:{row.key}": "0" for row in place.rows if row.choices}
    rows |= {f"f:{BAND}": "3", f"r:{BAND}": "1", f"f:{REFLEX}": "1"}

    answer = client.post(address("place", visit, place=place.number), rows)

    assert answer.status_code == 302
    assert Observation.objects.count() == 2
    assert readings_of(visit).recorded[REFLEX].value == 1


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        (BICEPS, "6", "between 0 and 5"),
        (BICEPS, "4.5", "whole number"),
        (BICEPS, "strong", "Enter a number"),
        (BICEPS, "nan", "Enter a number"),
        (BICEPS, "1e400", "Enter a number"),
        (Key("range", "elbow_flexion", "", "right"), "900", "between 0 and 200"),
    ],
)
def test_a_reading_that_cannot_be_is_not_saved_and_what_was_typed_stays(
    as_, visit, key, value, words
):
    client, url = as_("caring"), address("place", visit, place=home_of(key).number)

    answer = client.post(url, {f"f:{key}": value, f"r:{key}": 0})

    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert Observation.objects.count() == 0
    told = tap(client, visit, key, value)
    assert told.status_code == 422
    assert words in told.json()["wrong"][str(key)]


@pytest.mark.parametrize(
    "name", ["nothing", "taut_band.nobody..right", "taut_band.thumb..right", "a.b.c.d.e"]
)
def test_a_sign_that_no_place_holds_is_not_recorded(as_, visit, name):
    answer = as_("caring").post(address("place", visit, place=1), {f"f:{name}": "1"})

    assert answer.status_code == 422
    assert Observation.objects.count() == 0


def test_a_contested_reading_waits_while_the_one_written_first_is_weighed(as_, visit):
    tap(as_("caring"), visit, TENDER_C6, 0)
    tap(as_("covering"), visit, TENDER_C6, 3)

    (found,) = findings_of(readings_of(visit).recorded)
    assert found.grade == 0
    assert "contested" in as_("caring").get(address("answer", visit)).content.decode()


def test_a_reading_of_the_other_side_stands_beside_a_measured_one(visit, cast):
    left, right = (Key("reflex", "biceps_reflex", "", side) for side in ("left", "right"))
    write(visit, cast.caring, read(left, 3), read(right, 1))

    found = {one.site.side: one for one in findings_of(readings_of(visit).recorded)}

    assert (found["right"].value, found["right"].compared) == (1, 3)
    assert (found["left"].value, found["left"].compared) == (3, 1)


def test_regions_on_the_side_of_the_body_stand_in_the_list(as_, visit):
    """The drawing has a front and a back; what lies between is drawn on them and listed too."""
    page = as_("caring").get(address("examination", visit)).content.decode()
    listed = page.split("As a list")[1].split("</section>")[0]

    lateral = [one for one in places() if "lateral" in one.name or one.name in BETWEEN]
    assert len(lateral) > 20
    for one in lateral:
        link = f'<a href="{address("place", visit, place=one.number)}" data-place>{one.title}</a>'
        assert link in listed


def test_every_place_is_reached_and_every_sign_of_the_atlas_can_be_recorded_somewhere():
    from clinic.assessment.pictures import zone_of
    from clinic.assessment.places import all_rows
    from myotome.atlas import atlas
    from myotome.atlas.outlines import outlines

    assert all(zone_of(one) for one in places() if one.kind in {"region", "level"})
    assert {shape.level_id for shape in outlines() if shape.level_id} == {
        one.name for one in places() if one.kind == "level"
    }
    keys = all_rows()
    assert {key.sign for key in keys} - {"posture"} == set(atlas().signs)
    assert {key.site for key in keys} >= set(atlas().muscles) | set(atlas().reflexes)
    assert {
        key.level for key in keys if key.site == "multifidus_cervicalis" and key.side == "left"
    } == set(atlas().levels_of("multifidus_cervicalis"))
    with pytest.raises(CannotRecord):
        reading(Key("taut_band", "multifidus_cervicalis", "L5", "left"), 0, 2)


def test_last_time_stands_beside_and_is_never_carried_over(as_, cast, visit):
    write(visit, cast.caring, read(BAND, 3), read(PIN, 0))
    later = records.start_visit(
        cast.patient, staff=cast.caring, site=cast.main, kind="follow_up", by=BY
    )

    before, old = readings_before(later)
    page = as_("caring").get(address("examination", later)).content.decode()
    place = as_("caring").get(address("place", later, place=home_of(BAND).number))

    assert before == visit
    assert old[BAND].grade == 3
    assert readings_of(later).recorded == {}
    assert "not looked at today (1)" in page
    assert "then 3" in place.content.decode()


def test_what_was_sent_as_the_screen_locked_is_shown_again_and_not_lost(as_, visit):
    client = as_("caring")
    session = client.session
    session["locked_since"] = 4e9
    session.save()
    url = address("place", visit, place=home_of(BAND).number)

    away = client.post(url, {f"f:{BAND}": "2", f"r:{BAND}": 0})
    session = client.session
    del session["locked_since"]
    session.save()
    back = client.get(url).content.decode()

    assert away.url.startswith(reverse("unlock"))
    assert Observation.objects.count() == 0
    assert "not saved yet" in back
    assert f'name="f:{BAND}" value="2" checked' in back


@pytest.mark.usefixtures("still")
def test_the_queries_of_a_save_do_not_grow_with_what_is_saved(
    as_, visit, cast, django_assert_max_num_queries
):
    client, keys = as_("caring"), forty()
    assert len(keys) == 40
    client.get(address("examination", visit))
    place = address("place", visit, place=1)
    rows = {f"f:{key}": "2" for key in keys} | {f"r:{key}": "0" for key in keys}

    with django_assert_max_num_queries(26):
        client.post(place, rows)

    assert len(readings_of(visit).recorded) == 40
    for name, more in (("examination", {}), ("place", {"place": home_of(BAND).number})):
        with django_assert_max_num_queries(32):
            client.get(address(name, visit, **more))


def test_everything_that_can_be_recorded_can_be_gone_to_by_a_name_of_its_own(as_):
    told = json.loads(as_("caring").get(reverse("assessment:names")).content)

    found = {}
    for name, _, place_number, site, signs in told["entries"]:
        assert name not in found
        found[name] = {f"{told['signs'][number][0]}.{site}" for number in signs}
        here = {str(row.key) for row in place(place_number).rows}
        assert found[name] <= here, name
    assert set().union(*found.values()) == {str(key) for key in all_rows()}
    assert str(BAND) in found["Brachioradialis, right"]
    assert str(TENDER_C6) in found["Multifidus, cervical at C6, right"]
    assert found["Biceps reflex, left"] == {"reflex.biceps_reflex..left"}
    assert found["Spurling's test, right"] == {"spurling...right"}


def names_in(page, what):
    """What a screen reader says of elements of one kind, each by itself."""
    found = re.findall(rf"<{what}[ >].*?</{what}>", page)
    return [unescape(re.sub("<[^>]+>", "", one)) for one in found]


def test_which_reading_holds_and_what_a_number_is_of_is_said_by_each_name_alone(as_, visit):
    tap(as_("caring"), visit, BAND, 1)
    tap(as_("covering"), visit, BAND, 3)
    client, band = as_("caring"), "Taut band, brachioradialis, right"

    page = client.get(address("place", visit, place=home_of(BAND).number)).content.decode()
    assert [one for one in names_in(page, "button") if "holds" in one] == [
        f"This holds: {band}, 1, Caring",
        f"This holds: {band}, 3, Covering",
    ]
    angle = Key("range", "elbow_flexion", "", "right")
    page = client.get(address("place", visit, place=home_of(angle).number)).content.decode()
    labels = names_in(page, "label")
    for words in ("other side", "stopped by"):
        assert f"{words}, Range of movement, elbow flexion, right" in labels
        said = [one for one in labels if one.startswith(words)]
        assert len(said) == len(set(said)) > 1


TAUGHT = "Jumps under the finger; worse after <b>work</b>."


def test_words_beside_a_field_are_each_writers_own_and_every_version_stays(as_, visit, cast):
    at = f"w:{TENDER}"
    told = as_("caring").post(
        address("taps", visit), {at: TAUGHT}, headers={"accept": "application/json"}
    )
    assert told.json()["wrong"] == {}
    as_("covering").post(address("taps", visit), {at: "Not when lying."})
    as_("caring").post(address("taps", visit), {at: TAUGHT})  # the same again is not written
    as_("caring").post(address("taps", visit), {at: f"{TAUGHT} Always."})

    assert [row.text for row in remarks_of(visit)[TENDER]] == [
        "Not when lying.",
        f"{TAUGHT} Always.",
    ]
    assert Remark.objects.count() == 3
    assert Entry.objects.filter(act="remarks recorded").count() == 3
    assert not Entry.objects.filter(detail__icontains="finger").exists()
    page = as_("caring").get(address("place", visit, place=home_of(TENDER).number)).content.decode()
    assert "Covering" in page
    assert "Not when lying." in page
    assert "worse after &lt;b&gt;work&lt;/b&gt;. Always.</textarea>" in page
    assert f"Brachioradialis, right: {TAUGHT} Always." in " ".join(known_of(visit).objective)
    assert "Not when lying." in as_("caring").get(address("changes", visit)).content.decode()
    assert readings_of(visit).recorded == {}  # no sign is found by writing

    as_("caring").post(address("place", visit, place=home_of(TENDER).number), {at: ""})
    assert [row.staff for row in remarks_of(visit)[TENDER]] == [cast.covering]
    assert Remark.objects.count() == 4


def test_an_older_page_takes_back_no_words_that_were_written_on_another(as_, visit):
    client, at = as_("caring"), f"w:{TENDER}"
    url = address("place", visit, place=home_of(TENDER).number)
    assert f'name="r:{at}" value="0"' in client.get(url).content.decode()
    client.post(url, {at: TAUGHT, f"r:{at}": "0"})
    assert f'name="r:{at}" value="1"' in client.get(url).content.decode()

    older = {at: "", f"r:{at}": "0", f"f:{BAND}": "2", f"r:{BAND}": "0"}
    client.post(url, older)  # a reading is saved on it; the words were never touched there
    assert [row.text for row in remarks_of(visit)[TENDER]] == [TAUGHT]
    client.post(url, older | {at: "Written there."})
    assert [row.text for row in remarks_of(visit)[TENDER]] == ["Written there."]
    client.post(url, {at: "", f"r:{at}": "2"})
    assert not remarks_of(visit)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        (f"w:{TENDER}", "x" * 1001, "At most 1000 letters"),
        (f"w:{TENDER}", "x\0y", "a letter in it that cannot be kept"),
        ("w:tender_motor_point.no_muscle..right", "x", "No words are kept there"),
        ("w:x", "x", "No words are kept there"),
    ],
)
def test_words_that_cannot_be_kept_are_told_and_take_nothing_with_them(
    as_, visit, name, text, said
):
    told = as_("caring").post(
        address("taps", visit),
        {name: text, f"f:{BAND}": "2"},
        headers={"accept": "application/json"},
    )

    assert told.status_code == 422
    assert said in told.json()["wrong"][name]
    assert readings_of(visit).recorded[BAND].grade == 2
    assert not Remark.objects.exists()
    for url in (address("place", visit, place=home_of(BAND).number), address("taps", visit)):
        page = as_("caring").post(url, {f"w:{TENDER}": "x" * 1001})
        assert page.status_code == 422
        assert "x" * 1001 in page.content.decode()


def test_no_statement_changes_what_was_written_beside_a_field(committed_practice):
    site = committed_practice.site
    staff = join("caring", site, "practitioner")
    patient = patients.add_patient({"given_name": "Ada"}, site=site, by=BY)
    visit = records.start_visit(patient, staff=staff, site=site, kind="first", by=BY)
    actions.record_remarks(visit, {TENDER: TAUGHT}, staff=staff, by=BY)

    for statement in ("UPDATE {} SET text = 'other'", "DELETE FROM {}"):
        with pytest.raises(DatabaseError, match="written once"), connection.cursor() as cursor:
            cursor.execute(statement.format("assessment_remark"))
    assert Remark.objects.get().text == TAUGHT
