"""A plan and its weeks rest on what was concluded: accepted, edited, rejected, no root at all."""

import json
from html import unescape

import pytest
from conftest import BY
from django.urls import reverse
from django.utils import timezone
from examining import BAND, BICEPS, PIN, REFLEX, TENDER_C6, read
from hypothesis import given
from hypothesis import strategies as st

from clinic.assessment import actions, jobs
from clinic.assessment.models import Plan, SignedPlan
from clinic.assessment.places import Key
from clinic.assessment.planning import content_of, examined, roots_to_plan
from clinic.assessment.queries import drafted, lines_of, shown_of, work_of
from clinic.assessment.rules import as_finding, canonical_json, digest
from clinic.outbox.models import Job
from clinic.practice.queries import duties_of
from myotome.atlas import ROOTS, Root
from myotome.case import parse_case
from myotome.examination import examine
from myotome.treatment import assumed_no, planned_roots, screen
from myotome.treatment import plan as propose
from myotome.treatment.practice import DEFAULT

OF_C8 = Key("taut_band", "flexor_digitorum_profundus", "", "right")
FOUND = [
    read(TENDER_C6, 3),
    read(Key("taut_band", "multifidus_cervicalis", "C6", "right"), 3),
    read(BAND, 3),
    read(Key("tender_motor_point", "extensor_carpi_radialis_longus", "", "right"), 3),
    read(BICEPS, 4),
    read(REFLEX, 1),
    read(PIN, 2),
    read(OF_C8, 1),
]


@pytest.fixture
def conclude(visit, cast, answered):
    """Conclude something else or the same, the model's answer having been looked at or not."""
    answered()
    actions.record_readings(visit, FOUND, staff=cast.caring, by=BY)

    def say(verdict, *roots, words="So it seems."):
        if verdict != "not_seen":
            actions.mark_shown(visit, staff=cast.caring, by=BY)
        return actions.conclude(
            visit,
            verdict=verdict,
            roots=roots,
            reason="" if verdict == "accepted" else "Felt otherwise.",
            words=words,
            staff=cast.caring,
            by=BY,
        )

    return say


@pytest.fixture
def begin(conclude, cast):
    def say(verdict, *roots):
        return actions.begin_plan(conclude(verdict, *roots), staff=cast.caring, by=BY)

    return say


def url(name, plan):
    key = plan.assessment.visit.patient_id
    return reverse(f"assessment:{name}", kwargs={"key": key, "pk": plan.pk})


def roots_of(draft):
    return {str(role.root) for line in draft.lines for role in line.planned.target.roles}


def text(answer):
    return unescape(answer.content.decode())


def models_roots(assessment):
    found = examined(assessment.case)
    return [str(item.root) for item in planned_roots(found, DEFAULT)]


def test_an_accepted_answer_plans_what_the_model_does_to_the_bit(begin):
    plan = begin("accepted")
    draft, screening, _ = drafted(plan)
    alone = propose(examined(plan.assessment.case), screening.screening)

    assert plan.concluded is None
    assert canonical_json(draft.proposal.to_dict()) == canonical_json(alone.to_dict())
    assert len(models_roots(plan.assessment)) > 1
    assert roots_of(draft) <= set(models_roots(plan.assessment))


def test_an_answer_accepted_with_its_own_roots_named_is_planned_as_it_is(begin, conclude, cast):
    own = models_roots(conclude("accepted"))
    assert begin("accepted", *own).concluded is None


@pytest.mark.parametrize("verdict", ["edited", "rejected", "not_seen"])
def test_another_conclusion_is_planned_for_and_says_what_it_leaves(as_, begin, verdict):
    plan = begin(verdict, "C8-right")
    draft = drafted(plan)[0]

    assert roots_of(draft) == {"C8-right"}
    assert OF_C8.site in {line.site.name for line in draft.lines}
    client = as_("caring")
    page = text(client.get(url("plan", plan)))
    assert "It rests on the practitioner's conclusion: C8 right." in page
    assert "The model's answer to the findings differs: C6 right" in page
    assert "found there: Taut band: slight (1)" in page
    assert "that the conclusion leaves unexplained" in page
    assert "Brachioradialis, right" in page
    assert "Take them out" not in page
    assert "was not concluded" not in page

    assert client.post(url("sign_plan", plan), {"shown": shown_of(plan)}).status_code == 302

    content = json.loads(SignedPlan.objects.get().content)
    assert content["proposal"]["conclusion"]["roots"] == ["C8-right"]
    page = text(client.get(url("plan", plan)))
    assert "It rests on the practitioner's conclusion: C8 right." in page
    assert "that the conclusion leaves unexplained" in page


def test_one_of_the_models_roots_concluded_alone_is_planned_for_alone(begin):
    assert roots_of(drafted(begin("accepted", "C6-right"))[0]) == {"C6-right"}


@pytest.mark.parametrize("verdict", ["edited", "rejected", "not_seen"])
def test_no_root_concluded_plans_no_needle_and_shows_no_weeks(as_, begin, verdict):
    plan = begin(verdict)
    client = as_("caring")

    assert drafted(plan)[0].lines == ()
    page = text(client.get(url("plan", plan)))
    assert "The practitioner concluded no root, so no site is proposed for a needle." in page
    assert "only where you add a site yourself and say why" in page
    assert client.post(url("sign_plan", plan), {"shown": shown_of(plan)}).status_code == 422

    added = {"kind": "add", "muscle": "supinator", "side": "right", "to": 1, "number": 0}
    assert client.post(url("change_plan", plan), added | {"reason": "felt"}).status_code == 302
    weeks = text(client.get(url("weeks", plan)))
    assert "there are no weeks of an irritated root to show" in weeks
    assert "With rivals and bands" not in weeks
    asked = client.post(url("ask_weeks", plan), {"fidelity": "rate"}, follow=True)
    assert "No root was concluded" in text(asked)
    assert not Job.objects.exists()
    assert client.post(url("sign_plan", plan), {"shown": shown_of(plan)}).status_code == 302


def test_the_weeks_name_what_was_concluded_and_where_the_model_differs(as_, begin):
    page = text(as_("caring").get(url("weeks", begin("rejected", "C8-right"))))

    assert "One case with C8 right" in page
    assert "The practitioner concluded C8 right." in page
    assert "The model's answer to the findings differs: C6 right" in page
    assert "One case with C6" not in page


def test_what_a_job_is_given_has_the_conclusion_only_where_there_is_one(begin):
    plan = begin("edited", "C8-right")
    given_ = jobs.given_of(plan.assessment.case, lines_of(plan), "rate", plan.roots)

    assert given_["roots"] == ["C8-right"]
    assert "roots" not in jobs.given_of(plan.assessment.case, lines_of(plan), "rate")
    assert [str(root) for root in jobs.course_of(given_).preparation.roots] == ["C8-right"]


@pytest.mark.parametrize("verdict", ["accepted", "edited", "rejected", "not_seen"])
@pytest.mark.parametrize("roots", [(), ("C6-right",), ("C8-right", "T1-right")])
def test_a_signed_plan_follows_from_what_it_keeps_to_the_bit(begin, cast, verdict, roots):
    plan = begin(verdict, *roots)
    draft, screening, is_first = drafted(plan)
    if not draft.lines:
        return
    made = actions.sign_plan(plan, shown=shown_of(plan), staff=cast.caring, by=BY)
    kept = json.loads(made.content)

    examined.cache_clear()
    kept_plan = Plan.objects.get(pk=plan.pk)
    again, _, _ = drafted(kept_plan)
    said = content_of(again, screening, kept["consent_lacks"], is_first_visit=is_first)
    assert digest(canonical_json(said)) == made.digest == digest(made.content)
    assert ("conclusion" in kept["proposal"]) == (kept_plan.concluded is not None)


def test_a_plan_of_old_stays_as_it_was_and_can_be_planned_anew(as_, conclude, cast):
    assessment = conclude("rejected", "C8-right")
    old = Plan.objects.create(assessment=assessment, number=1, staff=cast.caring, at=timezone.now())
    case, screening = parse_case(assessment.case), drafted(old)[1].screening
    alone = propose(examine(case.examination()), screening)
    assert [line.planned for line in drafted(old)[0].lines] == list(alone.sites)
    client = as_("caring")
    page = text(client.get(url("plan", old)))
    assert "which was rejected" in page
    assert "Plan anew for what was concluded" in page

    begun = reverse(
        "assessment:begin_plan",
        kwargs={"key": assessment.visit.patient_id, "pk": assessment.pk},
    )
    client.post(begun)
    client.post(begun)

    new = assessment.plans.get(number=2)
    assert new.concluded == ["C8-right"]
    assert [line.planned for line in drafted(old)[0].lines] == list(alone.sites)
    assert work_of(cast.caring.user, duties_of(cast.caring.user)).unsigned_plans == (new,)
    assert url("plan", new) in text(client.get(url("plan", old)))
    assert "Planned anew" not in text(client.get(url("plan", new)))


NAMED = st.lists(st.sampled_from([str(root) for root in ROOTS]), max_size=4, unique=True)
ANSWER = examine(tuple(as_finding(one.key, one) for one in FOUND))
OWN = [item.root for item in planned_roots(ANSWER, DEFAULT)]


@given(
    st.sampled_from(["accepted", "edited", "rejected", "not_seen"]),
    NAMED | st.just([str(root) for root in OWN]),
)
def test_a_plan_is_for_what_was_named_or_for_an_answer_that_was_accepted(verdict, named):
    roots = roots_to_plan(verdict, named, ANSWER)

    made = propose(ANSWER, screen(assumed_no("a test")), roots=roots)
    planned_for = {role.root for site in made.sites for role in site.target.roles}
    if named:
        assert planned_for <= {Root.parse(name) for name in named}
    elif verdict == "accepted":
        assert planned_for
        assert planned_for <= set(OWN)
    else:
        assert not made.sites
    assert roots is not None or verdict == "accepted"
