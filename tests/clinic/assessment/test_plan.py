"""The plan: changed with reasons, signed once, and no stop passed by anything that is sent."""

import html
import json
import re
from datetime import timedelta
from itertools import count

import pytest
from conftest import BY
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import timezone
from examining import read, sign_screening
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic.assessment import actions, planning
from clinic.assessment.models import Plan, PlanChange, SignedPlan
from clinic.assessment.places import Key, all_rows
from clinic.assessment.planning import CannotPlan
from clinic.assessment.queries import drafted, lines_of, shown_of
from clinic.patients import actions as patients
from clinic.practice.queries import today
from clinic.records import actions as records
from clinic.records.allowing import NotAllowed, assure
from clinic.records.consent import actions as consents
from clinic.records.consent.texts import current_text
from clinic.records.models import Consent
from clinic.records.screening.rules import NO_CONSENT
from myotome.atlas import atlas
from myotome.treatment import ScreenAnswer, never_needled, rulebook
from myotome.treatment.safety import is_over_chest

ITEMS = rulebook().screening_items
REGIONS = ("neck", "forearm-right", "shoulder_girdle-right", "arm-left", "thorax")


def url(name, plan):
    key = plan.assessment.visit.patient_id
    return reverse(f"assessment:{name}", kwargs={"key": key, "pk": plan.pk})


def change(client, plan, kind, site=None, **more):
    at = f"{site.name}.{site.level}.{site.side}" if site else ""
    sent = {"kind": kind, "at": at, "number": plan.changes.count(), **more}
    return client.post(url("change_plan", plan), sent)


def _text(client, plan):
    return html.unescape(client.get(url("plan", plan)).content.decode())


def sign(client, plan, shown=None):
    shown = shown_of(plan) if shown is None else shown
    return client.post(url("sign_plan", plan), {"shown": shown})


def test_while_the_screening_is_not_signed_nothing_can_be_planned(as_, plan):
    client = as_("caring")
    page = client.get(url("plan", plan)).content.decode()

    assert "The screening of this visit is not signed" in page
    assert "that can stop needling" in page
    assert "Level of concern: <strong>not known yet</strong>" in page
    assert "No site is planned" in page
    assert sign(client, plan).status_code == 422
    added = change(client, plan, "add", muscle="Brachioradialis", side="right", reason="sore")
    assert added.status_code == 422
    assert SignedPlan.objects.count() == 0


@pytest.mark.parametrize(
    ("kind", "typed", "words", "open_at"),
    [
        ("visit", {"to": "200"}, "between 1 and 12, got 200", "visit-to-1"),
        ("visit", {"to": "0"}, "between 1 and 12, got 0", "visit-to-1"),
        ("insertions", {"to": "-9"}, "Insertions must be between 1 and", "insertions-to-1"),
        ("visit", {"to": "13", "reason": "away"}, "between 1 and 12, got 13", "visit-to-1"),
        (
            "insertions",
            {"to": "many"},
            "Enter a whole number. You entered 'many'.",
            "insertions-to-1",
        ),
        ("remove", {"reason": " "}, "Say why", "remove-reason-1"),
    ],
)
def test_what_is_wrong_with_a_line_is_told_with_its_name_and_shown_at_it(  # noqa: PLR0913, PLR0917
    as_, plan, answered, kind, typed, words, open_at
):
    answered()
    first = drafted(plan)[0].lines[0]
    refused = change(as_("caring"), plan, kind, first.site, **typed)

    page = refused.content.decode()
    assert refused.status_code == 422
    assert f"{atlas().label(first.site)}: " in page
    assert words in html.unescape(page)
    shown = re.search(r"<details open><summary>Change or take out.*?</details>", page, re.DOTALL)
    for text in typed.values():
        assert text == " " or f'value="{text}"' in shown[0]
    assert f'id="{open_at}"' in shown[0]
    assert f'<a href="#{open_at}">{atlas().label(first.site)}: ' in page
    field = re.search(f'<input[^>]* id="{open_at}"[^>]*>', shown[0])[0]
    assert 'aria-invalid="true" aria-describedby="wrong-in-a-line"' in field
    assert words in html.unescape(re.search(r'id="wrong-in-a-line">(.*?)</p>', shown[0])[1])
    assert page.count("<details open>") == 1


def test_a_plan_is_changed_with_reasons_and_signed_with_its_hazards(as_, plan, answered, cast):
    answered()
    client = as_("caring")
    first, second, *_ = drafted(plan)[0].lines
    page = client.get(url("plan", plan)).content.decode()
    assert atlas().label(first.site) in page
    assert "No depth is known" in page

    assert change(client, plan, "remove", second.site).status_code == 422
    assert change(client, plan, "remove", second.site, reason="too sore").status_code == 302
    assert change(client, plan, "down", first.site).status_code == 302
    why = "away next week"
    assert change(client, plan, "visit", first.site, to=2, reason=why).status_code == 302
    assert change(client, plan, "insertions", first.site, to=1).status_code == 302
    assert f"({why})" in client.get(url("plan", plan)).content.decode()
    added = change(client, plan, "add", muscle="supinator", side="right", to=1, reason="palpated")
    assert added.status_code == 302
    assert sign(client, plan).status_code == 302

    signed = SignedPlan.objects.get()
    content = json.loads(signed.content)
    labels = [line["label"] for line in content["lines"]]
    assert atlas().label(second.site) not in labels
    assert labels[-1] == "Supinator, right"
    assert labels.index(atlas().label(first.site)) == 1
    moved = content["lines"][1]
    assert (moved["visit"], moved["insertions"]) == (2, 1)
    assert content["lines"][-1]["added_because"] == "palpated"
    assert content["taken_out"][0]["reason"] == "too sore"
    assert all("depths" in line and "hazards" in line for line in content["lines"])
    page = client.get(url("plan", plan)).content.decode()
    assert "It stays as it was signed" in page
    assert "Level of concern: <strong>no concern raised by what was answered</strong>" in page
    assert "too sore" in page
    assert sign(client, plan).status_code == 302
    assert change(client, plan, "up", first.site).status_code == 302
    assert SignedPlan.objects.count() == 1
    assert PlanChange.objects.count() == 5
    for statement in ("UPDATE {} SET digest = ''", "DELETE FROM {}"):
        with (
            pytest.raises(DatabaseError, match="written once"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement.format("assessment_signedplan"))


def test_what_is_done_beside_the_needle_and_how_often_is_changed_too(as_, plan, answered):
    answered()
    client = as_("caring")
    draft = drafted(plan)[0]
    adjunct, exercise = draft.adjuncts[0].row, draft.exercises[0].row
    page = client.get(url("plan", plan)).content.decode()
    assert exercise.instruction.split(".")[0] in page

    def sent(kind, **more):
        number = plan.changes.count()
        return client.post(url("change_plan", plan), {"kind": kind, "number": number, **more})

    refused = sent("drop", at=adjunct.adjunct_id)
    assert refused.status_code == 422
    link = f'<a href="#drop-reason-{adjunct.adjunct_id}">{adjunct.name}: Say why'
    assert link in refused.content.decode()
    assert sent("drop", at="nothing", reason="x").status_code == 422
    refused = sent("sessions", to=31, reason="by train")
    assert refused.status_code == 422
    page = refused.content.decode()
    assert '<a href="#sessions-to">The visits must be between 1 and' in page
    assert 'value="31" aria-invalid="true"' in page
    assert 'value="by train"' in page
    assert sent("drop", at=adjunct.adjunct_id, reason="not here").status_code == 302
    assert sent("drop", at=exercise.exercise_id, reason="does it already").status_code == 302
    assert sent("sessions", to=5).status_code == 302
    assert sign(client, plan).status_code == 302

    content = json.loads(SignedPlan.objects.get().content)
    assert content["sessions"] == 5
    assert adjunct.adjunct_id not in {one["adjunct"] for one in content["adjuncts"]}
    assert content["left_out"] == [
        {"name": adjunct.name, "reason": "not here"},
        {"name": exercise.name, "reason": "does it already"},
    ]


def test_something_is_added_and_dosed_otherwise_beside_the_needle_and_signed_with_who_said_it(
    as_, plan, answered
):
    answered()
    client = as_("caring")
    draft = drafted(plan)[0]
    adjunct, exercise = draft.adjuncts[0].row, draft.exercises[0].row

    def sent(kind, **more):
        number = plan.changes.count()
        return client.post(url("change_plan", plan), {"kind": kind, "number": number, **more})

    for kind, at, of, lacks in (
        ("adjunct", "", "", "Say what, and how much."),
        ("dose", adjunct.adjunct_id, adjunct.name, "Say how much."),
    ):
        named = f"-{at}" if at else ""
        told = f"{of}: " if of else ""
        for typed, name, words in (
            ({"reason": "eases"}, "words", lacks),
            ({"words": "10 minutes"}, "reason", "Say why: the reason is kept with the plan."),
        ):
            refused = sent(kind, at=at, **typed)
            page = refused.content.decode()
            assert refused.status_code == 422
            assert f'<a href="#{kind}-{name}{named}">{told}{words}</a>' in page
            field = re.search(f'<input[^>]* id="{kind}-{name}{named}"[^>]*>', page)[0]
            assert 'aria-invalid="true" aria-describedby="wrong-in-a-line"' in field
            assert f'value="{next(iter(typed.values()))}"' in page
    refused = sent("adjunct", words="w" * 201, reason="x")
    assert refused.status_code == 422
    assert '<a href="#adjunct-words">Ensure this value has at most 200' in refused.content.decode()
    assert sent("dose", at="nothing", words="x", reason="y").status_code == 422
    assert PlanChange.objects.count() == 0

    walk = "Walking, 20 minutes a day"
    assert sent("adjunct", words=walk, reason="wants to move").status_code == 302
    assert sent("adjunct", words="Cold pack", reason="by mistake").status_code == 302
    assert sent("drop", at="added-2", reason="dislikes it").status_code == 302
    more = {"words": "5 minutes", "reason": "burnt once"}
    assert sent("dose", at=adjunct.adjunct_id, **more).status_code == 302
    more = {"words": "Twice a day", "reason": "works late"}
    assert sent("dose", at=exercise.exercise_id, **more).status_code == 302
    changes = " ".join(client.get(url("plan", plan)).content.decode().split())
    assert f"1. Added beside the needle: {walk} (wants to move), Caring" in changes
    assert sign(client, plan).status_code == 302

    content = json.loads(SignedPlan.objects.get().content)
    assert content["added"] == [{"words": walk, "reason": "wants to move", "by": "Caring"}]
    assert content["left_out"] == [{"name": "Cold pack", "reason": "dislikes it"}]
    assert content["adjuncts"][0]["said"]["words"] == "5 minutes"
    assert content["adjuncts"][0]["dose"] == adjunct.dose
    assert content["home_programme"][0]["said"]["by"] == "Caring"
    page = client.get(url("plan", plan)).content.decode()
    for words, why in (
        (walk, "wants to move"),
        ("5 minutes", "burnt once"),
        ("Twice a day", "works late"),
    ):
        assert f'<strong>{words}</strong> <span class="caption">Caring: {why}</span>' in page


def test_sites_of_a_plan_of_old_for_roots_not_concluded_are_told_apart_and_taken_out(
    as_, concluded, answered, cast
):
    """Before a plan rested on what was concluded it followed the model's answer; it stays so."""
    answered()
    client = as_("caring")
    plan = Plan.objects.create(assessment=concluded, number=1, staff=cast.caring, at=timezone.now())
    draft = drafted(plan)[0]
    beside = [line for line in draft.lines if line.rests_beside(["C6-right"])]
    kept = [line for line in draft.lines if not line.rests_beside(["C6-right"])]
    assert kept
    assert beside
    page = client.get(url("plan", plan)).content.decode()
    assert page.count("which was not concluded") == len(beside)

    assert client.post(url("take_out", plan), {"number": 99}).status_code == 409
    assert client.post(url("take_out", plan), {"number": 0}).status_code == 302

    after = drafted(plan)[0]
    assert [line.site for line in after.lines] == [line.site for line in kept]
    assert all(one.reason.startswith("Not concluded: ") for one in after.taken_out)


def test_two_who_change_one_plan_do_not_overwrite_each_other(as_, plan, answered):
    answered()
    first, second, *_ = drafted(plan)[0].lines
    shown = shown_of(plan)
    change(as_("caring"), plan, "down", first.site)

    late = change(as_("covering"), plan, "remove", second.site, reason="sore", number=0)

    assert late.status_code == 409
    assert "Somebody else changed this plan" in late.content.decode()
    assert sign(as_("covering"), plan, shown).status_code == 409
    assert sign(as_("covering"), plan, "").status_code == 409
    assert PlanChange.objects.count() == 1


def test_an_answer_that_turns_into_a_stop_keeps_a_plan_from_being_signed(as_, plan, answered):
    answered()
    client = as_("caring")
    change(client, plan, "add", muscle="supinator", side="right", to=1, reason="palpated")
    answered(ScreenAnswer("cauda_equina", "yes"))

    answer = sign(client, plan)

    assert answer.status_code == 422
    assert ITEMS["cauda_equina"].advice.split(":")[0] in answer.content.decode()
    assert SignedPlan.objects.count() == 0


def test_a_stop_said_at_a_later_visit_keeps_a_plan_from_being_signed(as_, plan, answered, cast):
    answered()
    client = as_("caring")
    change(client, plan, "add", muscle="supinator", side="right", to=1, reason="palpated")
    later = records.start_visit(
        cast.patient, staff=cast.caring, site=cast.main, kind="follow_up", by=BY
    )
    sign_screening(later, cast.caring, [ScreenAnswer("cauda_equina", "yes")])

    answer = sign(client, plan)

    assert answer.status_code == 422
    assert ITEMS["cauda_equina"].advice.split(":")[0] in answer.content.decode()
    assert SignedPlan.objects.count() == 0
    added = change(client, plan, "add", muscle="anconeus", side="right", to=1, reason="sore")
    assert added.status_code == 422

    sign_screening(later, cast.caring)
    assert sign(client, plan).status_code == 302
    sites = [line.site for line in drafted(plan)[0].lines]
    sign_screening(later, cast.caring, [ScreenAnswer("cauda_equina", "yes")])
    assert [line.site for line in lines_of(plan)] == sites  # its weeks stay as it was signed


def test_a_plan_says_what_no_consent_covers_and_keeps_it(as_, plan, answered, visit, cast):
    answered()
    client = as_("caring")
    change(client, plan, "add", muscle="supinator", side="right", to=1, reason="palpated")
    words = "No consent was given for: forearm."
    assert words in client.get(url("plan", plan)).content.decode()
    assert sign(client, plan).status_code == 302
    assert words in json.loads(SignedPlan.objects.get().content)["consent_lacks"]

    given = {
        "regions": [region.key for region in current_text().regions],
        "given_by": Consent.By.PATIENT,
        "giver": "Ada",
        "how": Consent.How.SCREEN,
        "talked": "Nothing was asked.",
        "renew_on": today() + timedelta(days=1),
    }
    made = consents.take_consent(visit, current_text(), given, staff=cast.caring, by=BY)
    page = client.get(url("plan", plan)).content.decode()
    assert page.count(words) == 1  # as it was then, no longer as it is today
    assert "Consent does not cover" not in page

    user = cast.caring.user
    consents.withdraw(made, ["forearm"], said_by="Ada", reason="", user=user, by=BY)
    assert "Consent was withdrawn for: forearm." in client.get(url("plan", plan)).content.decode()


def test_what_must_be_cleared_first_holds_until_a_named_practitioner_clears_it(as_, plan, answered):
    name = next(
        item.item_id
        for item in ITEMS.values()
        if item.effect == "clear_first"
        and not {"all", "needling"}.isdisjoint(item.blocks)
        and item.scope == "person"
    )
    answered(ScreenAnswer(name, "yes"))
    client = as_("caring")
    change(client, plan, "add", muscle="supinator", side="right", reason="palpated")
    assert sign(client, plan).status_code == 422

    answered(
        ScreenAnswer(name, "yes"),
        clearances=[(name, "asked the physician", "letter seen")],
    )
    assert sign(client, plan).status_code == 302
    (cleared,) = json.loads(SignedPlan.objects.get().content)["screening"]["cleared"]
    assert (cleared["cleared_by"], cleared["done"]) == ("Caring", "letter seen")


def test_a_muscle_that_is_never_needled_is_not_added(as_, plan, answered):
    answered()
    client = as_("caring")
    for muscle in ("diaphragma", "longus_colli"):
        if never_needled(muscle) is None:
            continue
        answer = change(client, plan, "add", muscle=muscle, side="right", reason="I want to")
        assert answer.status_code == 422
        assert "Never needled" in answer.content.decode()
    assert PlanChange.objects.count() == 0


def test_both_sides_of_the_chest_in_one_visit_cannot_be_signed(as_, plan, answered):
    answered()
    client = as_("caring")
    for side in ("right", "left"):
        change(client, plan, "add", muscle="rhomboideus_major", side=side, to=9, reason="palpated")
    page = sign(client, plan)
    assert page.status_code == 422
    assert "both sides of the chest" in page.content.decode().lower()

    site = atlas().site("rhomboideus_major", "left")
    change(client, plan, "visit", site, to=10)
    assert sign(client, plan).status_code == 302


def test_a_student_reads_a_plan_and_neither_changes_nor_signs_it(as_, plan, answered, cast):
    answered()
    patients.start_care(cast.patient, cast.student, "supervised", by=BY)
    student = as_("student")
    site = drafted(plan)[0].lines[0].site

    assert student.get(url("plan", plan)).status_code == 200
    assert change(student, plan, "remove", site, reason="x").status_code == 404
    assert sign(student, plan).status_code == 404


def test_a_plan_begun_twice_is_one_and_after_signing_a_new_one_begins(concluded, cast, answered):
    answered()
    one = actions.begin_plan(concluded, staff=cast.caring, by=BY)
    assert actions.begin_plan(concluded, staff=cast.colleague, by=BY) == one
    actions.sign_plan(one, shown=shown_of(one), staff=cast.caring, by=BY)
    two = actions.begin_plan(concluded, staff=cast.caring, by=BY)
    assert two.number == 2
    assert Plan.objects.count() == 2


def test_a_second_plan_of_one_examination_is_for_a_first_needling_too(
    concluded, cast, answered, plan
):
    """No needle came between: the limits of a first visit stand."""
    answered()
    actions.sign_plan(plan, shown=shown_of(plan), staff=cast.caring, by=BY)
    again = actions.begin_plan(concluded, staff=cast.caring, by=BY)

    draft, _, is_first = drafted(again)
    assert is_first
    assert sum(line.insertions for line in draft.lines if line.visit == 1) <= (
        rulebook().dose_rules["insertions_first_visit"].value
    )


def test_an_answer_that_came_after_the_page_was_read_is_read_before_anybody_signs(
    as_, plan, answered
):
    client = as_("caring")
    answered()
    shown = re.search(r'name="shown" value="(\w+)"', client.get(url("plan", plan)).content.decode())
    answered(ScreenAnswer("anticoagulant", "yes"))

    late = sign(client, plan, shown[1])
    page = late.content.decode()
    assert late.status_code == 409
    assert "Not signed: a change or an answer came meanwhile" in page
    assert not SignedPlan.objects.exists()
    assert sign(client, plan, re.search(r'name="shown" value="(\w+)"', page)[1]).status_code == 302


@pytest.mark.parametrize("is_later", [False, True])
def test_what_is_found_after_the_conclusion_reaches_its_plan(as_, plan, answered, cast, is_later):
    answered()
    visit, client = plan.assessment.visit, as_("caring")
    assert "Signs were recorded after this was concluded" not in _text(client, plan)
    if is_later:
        at = timezone.now() + timedelta(days=1)
        visit = records.start_visit(
            cast.patient, staff=cast.caring, site=cast.main, kind="follow_up", at=at, by=BY
        )
        sign_screening(visit, cast.caring)
    hoffmann = next(key for key in all_rows() if key.sign == "hoffmann" and key.side == "right")
    swelling = Key("swelling", "brachioradialis", "", "right")
    for key, words in ((swelling, "never into acutely inflamed tissue"), (hoffmann, "Hoffmann")):
        actions.record_readings(visit, [read(key, 2)], staff=cast.colleague, by=BY)
        page = _text(client, plan)
        assert "Signs were recorded after this was concluded" in page
        assert words in page
        assert sign(client, plan).status_code == 422


def test_a_sign_to_refer_that_is_found_after_another_was_cleared_stops_the_plan(
    as_, plan, answered, cast
):
    name = "upper_motor_neuron"
    answered(ScreenAnswer(name, "yes"), clearances=[(name, "asked the physician", "letter seen")])
    visit, client = plan.assessment.visit, as_("caring")
    shown = shown_of(plan)
    clonus = next(key for key in all_rows() if key.sign == "hoffmann" and key.side == "right")
    actions.record_readings(visit, [read(clonus, 2)], staff=cast.colleague, by=BY)

    assert sign(client, plan, shown).status_code == 409  # it was not on the page that was read
    refused = sign(client, plan)
    assert refused.status_code == 422
    assert "Recorded after the conclusion: Hoffmann" in html.unescape(refused.content.decode())


def test_a_consent_that_was_withdrawn_after_the_page_was_read_is_read_first(
    as_, plan, answered, cast
):
    answered()
    values = {
        "regions": ["forearm"],
        "given_by": Consent.By.PATIENT,
        "giver": "Ada Sample",
        "how": Consent.How.SCREEN,
        "talked": "Asked whether it hurts.",
        "renew_on": today() + timedelta(weeks=6),
    }
    shown = shown_of(plan)
    visit = plan.assessment.visit
    consents.take_consent(visit, current_text(), values, staff=cast.caring, by=BY)
    assert sign(as_("caring"), plan, shown).status_code == 409
    assert sign(as_("caring"), plan).status_code == 302


def test_consent_that_is_missing_stops_no_plan_and_stands_with_it(as_, plan, answered):
    """It is asked for what is planned; the needle waits for it."""
    answered(ScreenAnswer(NO_CONSENT, "yes"))
    client = as_("caring")
    assert "Consent was said to be missing today" in _text(client, plan)
    assert sign(client, plan).status_code == 302
    content = json.loads(SignedPlan.objects.get().content)
    assert "Consent was said to be missing today, or not to be given." in content["consent_lacks"]
    with pytest.raises(NotAllowed):
        assure(plan.assessment.visit, [("brachioradialis", "right")])


MUSCLES = (
    "supinator",
    "rhomboideus_major",
    "trapezius_descendens",
    "multifidus_thoracis",
    "longus_colli",
    "diaphragma",
    "psoas_major",
    "gluteus_medius",
)
REQUESTS = st.lists(
    st.one_of(
        st.tuples(
            st.just("add"),
            st.sampled_from(MUSCLES),
            st.sampled_from(("left", "right")),
            st.sampled_from(("", "T4", "C6")),
            st.integers(1, 3),
        ),
        st.tuples(st.sampled_from(("remove", "up", "visit", "insertions")), st.integers(0, 8)),
        st.tuples(
            st.just("answer"),
            st.sampled_from(sorted(ITEMS)),
            st.sampled_from(("yes", "no", "not_asked")),
            st.sampled_from(("", *REGIONS)),
        ),
        st.just(("sign",)),
    ),
    max_size=9,
)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(requests=REQUESTS)
def test_no_order_of_requests_signs_a_plan_that_passes_a_stop(
    concluded, cast, answered, monkeypatch, requests
):
    plan = Plan.objects.create(
        assessment=concluded, number=next(NUMBERS), staff=cast.caring, at=concluded.at
    )
    said: dict[tuple[str, str], ScreenAnswer] = {}
    answered()
    for request in requests:
        if request[0] == "answer":
            _, item, word, region = request
            region = region if ITEMS[item].scope == "region" else ""
            said = {key: one for key, one in said.items() if key[0] != item}
            said[item, region] = ScreenAnswer(item, word, region=region)
            answered(*said.values())
        elif request[0] == "sign":
            _try_to_sign(plan, cast)
        else:
            _try_to_change(plan, cast, request)
    _try_to_sign(plan, cast)

    signed = SignedPlan.objects.filter(plan=plan).first()
    if signed is None:
        return
    content = json.loads(signed.content)
    screening = content["screening"]
    assert content["lines"]
    for line in content["lines"]:
        assert never_needled(line["site"]) is None
    assert not any(one["effect"] in {"stop", "clear_first"} for one in content["warnings"])
    assert not [one for one in screening["blocked"] if one["where"] == "everywhere"]
    visits = {line["visit"] for line in content["lines"]}
    for visit in visits:
        over = {
            line["side"]
            for line in content["lines"]
            if line["visit"] == visit
            and is_over_chest(atlas().site(line["site"], line["side"], line["level"]))
        }
        assert len(over) < 2


NUMBERS = count(100)


def _try_to_sign(plan, cast):
    try:
        actions.sign_plan(plan, shown=shown_of(plan), staff=cast.caring, by=BY)
    except (CannotPlan, actions.Signed):
        return


def _try_to_change(plan, cast, request):
    draft = drafted(plan)[0]
    if request[0] == "add":
        _, site, side, level, to = request
        row = PlanChange(kind="add", site=site, side=side, level=level, to=to, reason="r")
    else:
        kind, at = request
        if not draft.lines:
            return
        line = draft.lines[at % len(draft.lines)]
        row = PlanChange(
            kind=kind,
            site=line.site.name,
            level=line.site.level,
            side=line.site.side,
            to=at % 3 + 1,
            reason="r",
        )
    row.staff = cast.caring
    try:
        actions.change_plan(plan, row, number=plan.changes.count() + 1, by=BY)
    except (CannotPlan, actions.Signed):
        return


def test_the_lines_of_a_plan_follow_from_its_changes_alone(plan, answered, cast):
    answered()
    draft, screening, is_first = drafted(plan)
    again = planning.draft_of(
        plan.assessment.case,
        screening.screening,
        [],
        is_first_visit=is_first,
        roots=plan.roots,
    )
    assert again.lines == draft.lines
