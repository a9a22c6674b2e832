"""What a plan shows: how a needle is used at each site, its changes, and what it was made with."""

import html
import json

import pytest
from conftest import BY
from django.urls import reverse
from django.utils import timezone

from clinic.assessment import actions
from clinic.assessment.models import Assessment, PlanChange, SignedPlan
from clinic.assessment.queries import drafted, shown_of
from clinic.assessment.rules import canonical_json, digest
from myotome.report.published_cases import tried_words
from myotome.treatment import ScreenAnswer

TO_AND_FRO = "to and fro until the muscle lets go, in for seconds."
GENTLY = "gentle: no strong stimulation, pressed afterwards."


def url(plan, name="plan"):
    key = plan.assessment.visit.patient_id
    return reverse(f"assessment:{name}", kwargs={"key": key, "pk": plan.pk})


def changed(plan, cast, kind, site="", **more):
    row = PlanChange(kind=kind, site=site, staff=cast.caring, **more)
    actions.change_plan(plan, row, number=plan.changes.count() + 1, by=BY)


def signed(plan, cast):
    return actions.sign_plan(plan, shown=shown_of(plan), staff=cast.caring, by=BY)


def test_each_site_says_how_a_needle_is_used_there_before_and_after_it_is_signed(
    as_, plan, answered, cast
):
    answered()
    client = as_("caring")
    site = drafted(plan)[0].lines[0].site
    changed(plan, cast, "insertions", site.name, side=site.side, level=site.level, to=3)
    changed(plan, cast, "add", "supinator", side="right", to=2, reason="palpated")

    def look():
        page = client.get(url(plan)).content.decode()
        assert f"Visit 1, 3 insertions, {TO_AND_FRO}" in page
        assert f"Visit 2, 2 insertions, {TO_AND_FRO} Added: palpated" in page
        assert page.count(TO_AND_FRO) == len(drafted(plan)[0].lines)
        assert "Needle diameter: 0.30 mm. To-and-fro strokes at an insertion: 10 strokes." in page
        assert "<strong>Needle diameter:</strong> 0.30 mm (0.25 to 0.30). 0.30 mm named by" in page

    look()
    kept = json.loads(signed(plan, cast).content)["lines"]
    assert kept[0]["dose"]["words"] == f"3 insertions, {TO_AND_FRO}"
    look()


def test_what_is_to_be_done_gently_is_said_at_each_site_also_where_nothing_was_proposed(
    as_, visit, concluded, answered, cast
):
    answered(ScreenAnswer("anticoagulant", "yes"))
    nobody = actions.conclude(
        visit, verdict=Assessment.Verdict.NOT_SEEN, roots=[], reason="", words="Nothing fits.",
        staff=cast.caring, by=BY,
    )  # fmt: skip
    client = as_("caring")
    for assessment, number in ((concluded, None), (nobody, 1)):
        plan = actions.begin_plan(assessment, staff=cast.caring, by=BY)
        changed(plan, cast, "add", "supinator", side="right", to=1, reason="palpated")
        lines = drafted(plan)[0].lines
        page = client.get(url(plan)).content.decode()
        assert len(lines) == number or number is None
        assert page.count(f"1 insertion, {GENTLY}") == len(lines)
        assert TO_AND_FRO not in page


def test_a_plan_that_was_signed_without_its_dose_still_shows(as_, plan, answered, cast):
    answered()
    content = json.loads(signed(plan, cast).content)
    first, second, *_ = content["lines"]
    del first["dose"]
    second |= {"insertions": 3, "dose": {**second["dose"], "words": f"2 insertions, {TO_AND_FRO}"}}
    later = actions.begin_plan(plan.assessment, staff=cast.caring, by=BY)
    text = canonical_json(content)
    SignedPlan.objects.create(
        plan=later, content=text, digest=digest(text), sessions=8, staff=cast.caring,
        at=timezone.now(),
    )  # fmt: skip

    page = as_("caring").get(url(later)).content.decode()

    assert (
        f"Visit {first['visit']}, {first['insertions']} insertions. {first['why']}"
        in html.unescape(page)
    )
    assert f"Visit {second['visit']}, 3 insertions, {TO_AND_FRO}" in page
    assert "What is stored is not what was signed" not in page


@pytest.mark.parametrize("is_signed", [False, True])
def test_a_change_says_to_what_and_a_warning_what_it_is(as_, plan, answered, cast, is_signed):
    answered(ScreenAnswer("anticoagulant", "yes"))
    site = drafted(plan)[0].lines[0].site
    changed(plan, cast, "insertions", site.name, side=site.side, level=site.level, to=3)
    changed(plan, cast, "sessions", to=5, reason="by train")
    if is_signed:
        signed(plan, cast)

    page = " ".join(as_("caring").get(url(plan)).content.decode().split())

    assert "1. Other number of insertions: " in page
    assert f"{site.side} to 3, Caring" in page
    assert "2. Other number of visits: to 5 (by train), Caring" in page
    assert '<p class="note moderate"><strong>Caution, visit 1.</strong> ' in page


def test_a_plan_says_what_made_it_and_how_few_cases_it_was_tried_on(as_, plan, answered, cast):
    answered()
    client = as_("caring")
    versions = dict(drafted(plan)[0].proposal.versions)

    def look():
        page = client.get(url(plan)).content.decode()
        assert f"{tried_words()} Model {versions['model']}, " in page
        assert f"treatment tables {versions['treatment_tables']}." in page

    look()
    assert json.loads(signed(plan, cast).content)["tried"] == tried_words()
    look()


def test_the_answer_says_how_few_cases_it_was_tried_on(as_, visit, concluded):
    kwargs = {"key": visit.patient_id, "visit": visit.pk}
    page = as_("caring").get(reverse("assessment:answer", kwargs=kwargs)).content.decode()

    assert f"No clinical accuracy is known. {tried_words()} Based on " in page
