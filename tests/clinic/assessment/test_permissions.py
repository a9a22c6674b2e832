"""Who may open what of an assessment: every address, every member of the cast, the same answer."""

import pytest
from conftest import BY
from django.urls import get_resolver, reverse
from examining import BAND, read

from clinic.assessment import actions
from clinic.assessment.models import Assessment
from clinic.audit.models import Entry
from clinic.patients import actions as patients

CARING = {"caring", "covering", "student"}
EVERYBODY = {
    *CARING,
    "colleague",
    "elsewhere",
    "reception",
    "far_reception",
    "owner",
    "lead",
    "learner",
    "self_user",
    "proxy_user",
    "booking_proxy_user",
    "nobody_user",
}
# Route -> (method, who comes in). Whoever is not named gets what is absent gets: 404.
ROUTES = {
    "course": ("get", CARING),
    "history": ("get", CARING),
    "begin_note": ("get", CARING),
    "examination": ("get", CARING),
    "zone": ("get", CARING),
    "place": ("get", CARING),
    "taps": ("post", CARING),
    "answer": ("get", CARING),
    "changes": ("get", CARING),
    "teaching": ("get", CARING),
    "impression": ("post", CARING),
    "habit": ("post", CARING),
    "conclude": ("get", CARING - {"student"}),
    "assessment": ("get", CARING),
    "case_file": ("get", CARING),
    "begin_plan": ("post", CARING - {"student"}),
    "plan": ("get", CARING),
    "change_plan": ("post", CARING - {"student"}),
    "take_out": ("post", CARING - {"student"}),
    "sign_plan": ("post", CARING - {"student"}),
    "weeks": ("get", CARING),
    "weeks_progress": ("get", CARING),
    "ask_weeks": ("post", CARING - {"student"}),
    "stop_weeks": ("post", CARING - {"student"}),
}
SIGNED_IN = {"names", "work"}  # the atlas; what is one's own; nothing of anybody else
TELLS_NOTHING = {"weeks_progress"}  # how far a job is, not what it says
READS = [
    name for name, (method, _) in ROUTES.items() if method == "get" and name not in TELLS_NOTHING
]


@pytest.fixture
def found(visit, cast):
    patients.start_care(cast.patient, cast.student, "supervised", by=BY)
    actions.record_readings(visit, [read(BAND, 2)], staff=cast.caring, by=BY)
    assessment = actions.conclude(
        visit,
        verdict=Assessment.Verdict.ACCEPTED,
        roots=["C6-right"],
        reason="",
        words="",
        staff=cast.caring,
        by=BY,
    )
    plan = actions.begin_plan(assessment, staff=cast.caring, by=BY)
    return visit, assessment, plan


def address(name, found, key=None):
    visit, assessment, plan = found
    kwargs = {"key": key or visit.patient_id}
    if name in {"assessment", "case_file", "begin_plan"}:
        kwargs["pk"] = assessment.pk
    elif name in {
        "plan",
        "change_plan",
        "take_out",
        "sign_plan",
        "weeks",
        "weeks_progress",
        "ask_weeks",
        "stop_weeks",
    }:
        kwargs["pk"] = plan.pk
    elif name != "course":
        kwargs["visit"] = visit.pk
    if name in {"zone", "place"}:
        kwargs[name] = 3
    return reverse(f"assessment:{name}", kwargs=kwargs)


def test_every_route_of_the_assessment_is_listed_here():
    named = set(get_resolver().namespace_dict["assessment"][1].reverse_dict)
    assert {name for name in named if isinstance(name, str)} == set(ROUTES) | SIGNED_IN


@pytest.mark.parametrize("name", list(ROUTES))
def test_only_who_cares_for_a_patient_comes_in(as_, found, cast, name):
    method, allowed = ROUTES[name]
    for who in sorted(EVERYBODY):
        answer = getattr(as_(who), method)(address(name, found))
        expected = {200, 302, 409, 422} if who in allowed else {404}
        assert answer.status_code in expected, (name, who, answer.status_code)


def test_an_anonymous_visitor_is_led_to_the_sign_in(client, found):
    for name, (method, _) in ROUTES.items():
        answer = getattr(client, method)(address(name, found))
        assert answer.status_code == 302
        assert "/sign-in/" in answer.url


@pytest.mark.parametrize("name", READS)
def test_each_page_that_is_read_is_audited(as_, found, name):
    client = as_("covering")
    before = Entry.objects.filter(act__startswith="read: ").count()

    client.get(address(name, found))

    assert Entry.objects.filter(act__startswith="read: ").count() == before + 1


def test_one_patients_visit_does_not_open_under_another_ones_key(as_, found, cast):
    other = patients.add_patient({"given_name": "Bo"}, site=cast.main, by=BY)
    patients.start_care(other, cast.caring, "booked", by=BY)
    client = as_("caring")
    for name, (method, _) in ROUTES.items():
        if name == "course":
            continue
        answer = getattr(client, method)(address(name, found, other.pk))
        assert answer.status_code == 404, name


def test_a_lock_by_the_patient_closes_the_assessment_too(as_, found, cast):
    patients.set_lock(cast.patient, staff=cast.caring, instruction="not them", by=BY)
    for name, (method, _) in ROUTES.items():
        assert getattr(as_("caring"), method)(address(name, found)).status_code == 404


@pytest.mark.parametrize("name", ["zone", "place"])
@pytest.mark.parametrize("number", [0, 999])
def test_a_zone_or_place_that_is_none_is_absent(as_, found, name, number):
    visit, *_ = found
    kwargs = {"key": visit.patient_id, "visit": visit.pk, name: number}
    url = reverse(f"assessment:{name}", kwargs=kwargs)
    assert as_("caring").get(url).status_code == 404


def test_the_list_of_work_names_nobody_whom_one_does_not_care_for(as_, found, cast):
    assert "Patient 1001" in as_("caring").get(reverse("assessment:work")).content.decode()
    for who in ("colleague", "reception", "self_user"):
        assert "Patient" not in as_(who).get(reverse("assessment:work")).content.decode()
