"""Forms that a visit wants and nobody sent: on the schedule, and on the list of work."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from furnishing import BY, person, slot

from clinic.assessment.queries import work_of
from clinic.booking import actions
from clinic.booking.models import Booking
from clinic.practice.queries import duties_of, today
from clinic.records import actions as records
from clinic.records.drawing.rules import NOTHING
from clinic.records.models import Submission, Way
from clinic.records.sheets import actions as sheets
from clinic.records.sheets.due import SOON
from clinic.records.sheets.versions import current

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
NEEDED = {
    "first_visit": {"problem": ["Neck"], "pain_now": ["3"]},
    "drawing": {"drawing": [NOTHING]},
    "health": {"anticoagulant": ["no"]},
    "needles": {"intention": ["unsure"]},
}


@pytest.fixture
def soon(clinic):
    """A visit of Ada's on the day after today."""

    def book(who=None, hour=10, days=1, service=None):
        day = today() + timedelta(days=days)
        place = slot(clinic, hour, day=day, service=service or clinic.visit)
        return Booking.objects.get(pk=actions.book(place, who or clinic.ada, by=BY).booking)

    return book


def send(patient, form, staff, visit=None):
    """What a patient sent, or what was drawn in a visit."""
    writer = sheets.Writer(staff.user, Submission.By.STAFF, Way.ASKED, BY)
    sheet = sheets.open_sheet(patient, current(form), writer, visit=visit)
    revision = sheets.save_sheet(sheet, NEEDED[form], writer, based_on=sheet.draft.revision)
    return sheets.send_sheet(sheet, writer, based_on=revision)


def listed(staff):
    found = work_of(staff.user, duties_of(staff.user)).coming
    return [(due.patient.given_name, due.forms) for due in found]


def test_a_visit_soon_whose_forms_nobody_began_is_listed(clinic, soon):
    soon(service=clinic.first)
    missing = ["first_visit", "drawing", "health", "needles"]
    while missing:
        assert listed(clinic.one) == [("Ada", tuple(missing))]
        send(clinic.ada, missing.pop(0), clinic.one)
    assert listed(clinic.one) == []


def test_what_was_said_for_a_first_visit_years_ago_is_asked_for_the_next(clinic, soon):
    for form in NEEDED:
        send(clinic.ada, form, clinic.one)
    records.start_visit(clinic.ada, staff=clinic.one, site=clinic.site, kind="first", by=BY)
    soon(service=clinic.first)
    assert listed(clinic.one) == [("Ada", ("drawing", "health", "needles"))]


def test_a_drawing_counts_for_the_visit_that_comes_after_it(clinic, soon):
    send(clinic.ada, "drawing", clinic.one)
    visit = records.start_visit(
        clinic.ada, staff=clinic.one, site=clinic.site, kind="follow_up", by=BY
    )
    send(clinic.ada, "drawing", clinic.one, visit=visit)
    soon()
    assert listed(clinic.one) == [("Ada", ("drawing",))]
    send(clinic.ada, "drawing", clinic.one)
    assert listed(clinic.one) == []


def test_nothing_is_missing_of_what_is_far_cancelled_begun_or_somebody_elses(clinic, soon):
    soon(days=SOON.days + 2)
    gone = soon(clinic.bo, 11)
    actions.cancel(gone, version=gone.version, by=BY)
    begun = soon(person("Gil", clinic.site), 12)
    Booking.objects.filter(pk=begun.pk).update(state=Booking.State.BEGUN)
    assert listed(clinic.one) == []
    soon(hour=14)
    assert listed(clinic.one) == [("Ada", ("drawing",))]
    assert listed(clinic.two) == []


def test_a_form_begun_for_a_visit_that_comes_stands_once(clinic, soon):
    soon()
    writer = sheets.Writer(clinic.one.user, Submission.By.STAFF, Way.ASKED, BY)
    sheets.open_sheet(clinic.ada, current("drawing"), writer)
    work = work_of(clinic.one.user, duties_of(clinic.one.user))
    assert (work.forms, len(work.coming)) == ((), 1)


@pytest.mark.usefixtures("still")
def test_the_schedule_says_so_on_the_row_and_asks_no_more_for_it(as_, clinic, cast, soon):
    client = as_("reception")
    there = today() + timedelta(days=1)
    url = reverse("schedule:day", kwargs={"site": clinic.site.pk, "day": there})

    def shown():
        client.get(url)  # what a session asks for once
        with CaptureQueriesContext(connection) as asked:
            page = client.get(url).content.decode()
        return page.count("forms missing"), len(asked)

    soon()
    missing, queries = shown()
    assert missing == 2  # in the grid and in the list
    for hour in (12, 14, 16):
        soon(person(f"P{hour}", clinic.site), hour, service=clinic.first if hour == 14 else None)
    assert shown() == (8, queries)
    send(clinic.ada, "drawing", clinic.one)
    assert shown() == (6, queries)
    far = today() + timedelta(days=SOON.days + 2)
    soon(days=SOON.days + 2)
    page = client.get(reverse("schedule:day", kwargs={"site": clinic.site.pk, "day": far}))
    assert "SAMPLE, Ada" in page.content.decode()
    assert "forms missing" not in page.content.decode()


def test_the_list_of_work_leads_to_the_forms(as_, clinic, cast, soon):
    booking = soon()
    client = Client()
    client.force_login(clinic.one.user, backend=BACKEND)
    session = client.session
    session["is_secured"] = True
    session.save()
    page = client.get(reverse("assessment:work")).content.decode()
    assert "Visits of the coming days, forms not sent" in page
    assert f"{booking.local:%a %d-%b %H:%M}</a>: Where you feel it" in page
    assert client.get(reverse("records:forms", kwargs={"key": clinic.ada.pk})).status_code == 200
    assert "1 visit soon, forms not sent" in client.get("/").content.decode()
