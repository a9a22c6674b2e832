"""A demonstration: plainly fictional people, and a link for each role that works once.

Only in a database that was marked as one when it was made, and only on this machine. Nobody here
resembles anybody: families are called Sample, Example and Demo, phones lie in the range that is
kept for fiction, and what happened to them was made by the model (`clinic.invented_courses`).
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from clinic.accounts.actions import make_account, make_link
from clinic.accounts.models import OneTimeLink, User
from clinic.assessment import actions as assessment
from clinic.assessment.models import Assessment
from clinic.assessment.places import Key, all_rows
from clinic.assessment.rules import reading
from clinic.audit.actions import seal
from clinic.audit.actor import system
from clinic.booking.demonstration import furnish_booking
from clinic.invented_courses import Invented, InventedCourse, InventedVisit, invent, note_of
from clinic.patients import actions as patients
from clinic.patients.models import Patient
from clinic.practice import actions as practice
from clinic.practice.models import Credential, Role, Site, Staff
from clinic.practice.queries import is_demonstration, today
from clinic.records import actions as records
from clinic.records.models import Submission, Visit, Way
from clinic.records.sheets import actions as sheets
from clinic.records.sheets.versions import current
from clinic.setting_up import bring_up_to_date
from myotome.atlas import Root
from myotome.errors import InputError

BY = system("demonstration")
ADDRESS = {
    "address": "1 Main Street",
    "city": "Vancouver",
    "region": "BC",
    "postal_code": "V0V 0V0",
    "phone": "604 555 0199",
}
PEOPLE = (
    ("Sample", "Ada", date(1984, 3, 9), "604 555 0101"),
    ("Test", "Bo", date(1971, 11, 2), "604 555 0102"),
    ("Demo", "Cy", date(1990, 6, 30), "604 555 0103"),
    ("Example", "Dot", date(1962, 1, 17), "604 555 0104"),
    ("Fiction", "Eli", date(2009, 8, 21), "604 555 0105"),
    ("", "Fay", None, "604 555 0106"),
)
# Of whom a course is told: who, what the model makes it from, and how many days ago it began.
COURSES = (
    ("Ada", Invented(1, Root("C6", "left"), 42, "female", 20, 6, 0.7), 77),
    ("Bo", Invented(2, Root("L5", "right"), 55, "male", 60, 5, 0.5, ("anticoagulant",)), 35),
    ("Cy", Invented(3, Root("C7", "right"), 36, "other", 9, 7, 0.8), 21),
    ("Dot", Invented(4, Root("S1", "left"), 64, "female", 140, 4, 0.3), 84),
)
STAFF = (
    ("practitioner", "Rowan Example", "Physiotherapist", Role.PRACTITIONER),
    ("colleague", "Robin Sample", "Physiotherapist", Role.PRACTITIONER),
    ("student", "Stef Test", "Student of physiotherapy", Role.STUDENT),
    ("reception", "Remy Demo", "", Role.RECEPTION),
    ("owner", "Olly Fiction", "", Role.OWNER),
    ("privacy lead", "Pat Sample", "", Role.PRIVACY_LEAD),
    ("learner", "Lee Example", "", Role.LEARNER),
)

ANSWERS: dict[str, dict[str, list[str]]] = {
    "first_visit": {
        "problem": ["My left forearm burns after an hour at the desk. Sleep is worse since."],
        "since.day": ["1"],
        "since.month": ["September"],
        "since.year": ["2026"],
        "how_it_began": ["slowly"],
        "pain_now": ["4"],
        "pain_usual": ["5"],
        "pain_worst": ["7"],
        "activity_1": ["Typing for an hour"],
        "activity_1_ability": ["3"],
        "work": ["lighter"],
        "sleep": ["yes"],
        "tried": ["rest", "exercise"],
        "needles_before": ["no"],
    },
    "drawing": {
        "drawing": [
            "forearm_lateral:left:burning:6",
            "thumb:left:tingling:4",
            "neck_side:left:ache:3",
        ],
    },
}

# At the first visit it was more, and stronger.
DRAWN_BEFORE = {
    "drawing": [
        "forearm_lateral:left:burning:8",
        "thumb:left:tingling:6",
        "index_finger:left:tingling:5",
        "neck_side:left:ache:3",
        "shoulder_top:left:ache:4",
    ]
}


def furnish() -> None:
    """Fill an empty database with a clinic of invented people."""
    bring_up_to_date()
    main = practice.found_practice(
        jurisdiction="ca-bc",
        site="Main Street",
        time_zone="America/Vancouver",
        is_demonstration=True,
        by=BY,
    )
    practice.change_site(main, ADDRESS, by=BY)
    practice.add_site({"name": "Harbour", "time_zone": "America/Toronto"}, by=BY)
    staff = {word: _join(word, name, job, role, main) for word, name, job, role in STAFF}
    _credentials(staff["practitioner"], checker=staff["owner"])
    people = [_arrive(row, main, staff["practitioner"]) for row in PEOPLE]
    patients.start_care(people[1], staff["student"], "supervised", by=BY)
    furnish_booking(main, staff["practitioner"], people)
    by_name = {patient.given_name: patient for patient in people}
    for given, invented, ago in COURSES:
        _tell(invent(invented), by_name[given], ago, staff, main)
    user = make_account(email="patient@demonstration.invalid", name="Ada Sample", by=BY)
    Patient.objects.filter(pk=people[0].pk).update(user=user)
    _draw_before(people[0], staff["practitioner"])
    for form, answers in ANSWERS.items():
        _answer(people[0], user, form, answers)
    seal()


def _join(word: str, name: str, job: str, role: Role, site: Site) -> Staff:
    return practice.add_staff(
        email=f"{word.replace(' ', '-')}@demonstration.invalid",
        name=name,
        profession=job,
        site=site,
        role=role,
        by=BY,
        invite=False,
    )


def _credentials(staff: Staff, checker: Staff) -> None:
    for kind in Credential.Kind:
        credential = practice.add_credential(
            staff,
            {
                "kind": kind,
                "issuer": "A college that does not exist",
                "number": "0000",
                "valid_from": today() - timedelta(days=300),
                "expires_on": today() + timedelta(days=65),
            },
            by=BY,
        )
        practice.check_credential(credential, checker, by=BY)


def _arrive(row: tuple[str, str, date | None, str], site: Site, carer: Staff) -> Patient:
    family, given, born, phone = row
    patient = patients.add_patient(
        {"family_name": family, "given_name": given, "born": born, "phone": phone},
        site=site,
        by=BY,
    )
    if born is not None:
        patients.start_care(patient, carer, "booked", by=BY)
        patients.say_no_allergies(patient, by=BY)
    if given == "Bo":
        patients.add_line(
            patient,
            "alert",
            {"text": "Takes a blood thinner", "changes_needling": True},
            writer=carer,
            by=BY,
        )
        patients.add_line(
            patient,
            "medicine",
            {"text": "Warfarin", "dose": "by the clinic's plan"},
            writer=carer,
            by=BY,
        )
    return patient


def _tell(
    course: InventedCourse, patient: Patient, ago: int, staff: dict[str, Staff], site: Site
) -> None:
    """Write down the visits of a course as far as today, one a working day, and their notes.

    The latest of somebody whom the student helps to care for is the student's, and waits.
    """
    zone = ZoneInfo(site.time_zone)
    begun = _weekday(today() - timedelta(days=ago))
    so_far = [visit for visit in course.visits if begun + timedelta(days=visit.day) < today()]
    for visit in so_far:
        day = begun + timedelta(days=visit.day)
        at = datetime.combine(day, time(9 + patient.number % 8), zone)
        is_students = visit is so_far[-1] and patient.care.filter(staff=staff["student"]).exists()
        writer = staff["student"] if is_students else staff["practitioner"]
        kept = records.start_visit(patient, staff=writer, site=site, kind=visit.kind, by=BY, at=at)
        records.sign_note(
            kept,
            writer,
            note_of(course, visit),
            needs_co_sign=is_students,
            by=BY,
            at=at + timedelta(minutes=40),
        )
        if visit.findings:
            _examine(course, visit, kept, writer, at)


def _examine(
    course: InventedCourse, visit: InventedVisit, kept: Visit, staff: Staff, at: datetime
) -> None:
    """Record what was graded in a visit, and what was concluded before the model was looked at."""
    rows = all_rows()
    readings = []
    for found in visit.findings:
        key = Key(found.sign, found.site.name, found.site.level, found.site.side)
        # The model grades every sign; the chart measures some, and a grade is no measurement.
        if key in rows and rows[key].measure == "grade":
            readings.append(reading(key, 0, found.grade))
    assessment.record_readings(kept, readings, staff=staff, by=BY, at=at + timedelta(minutes=20))
    assessment.conclude(
        kept,
        verdict=Assessment.Verdict.NOT_SEEN,
        roots=[str(course.person.root)],
        reason="",
        words="Invented with the person.",
        staff=staff,
        by=BY,
        at=at + timedelta(minutes=30),
    )


def _weekday(day: date) -> date:
    """The day, or the Friday before it."""
    return day - timedelta(days=max(day.weekday() - 4, 0))


def _answer(patient: Patient, user: User, form: str, answers: dict[str, list[str]]) -> None:
    """Send a form as the patient would from their own device."""
    writer = sheets.Writer(user, Submission.By.PATIENT, Way.OWN, BY)
    sheet = sheets.open_sheet(patient, current(form), writer)
    revision = sheets.save_sheet(sheet, answers, writer, based_on=1)
    sheets.send_sheet(sheet, writer, based_on=revision)


def _draw_before(patient: Patient, staff: Staff) -> None:
    """What somebody drew at their first visit, so that the latest drawing has one beside it."""
    visit = patient.visits.earliest("starts_at")
    writer = sheets.Writer(staff.user, Submission.By.STAFF, Way.ASKED, BY)
    sheet = sheets.open_sheet(patient, current("drawing"), writer, visit=visit, at=visit.starts_at)
    revision = sheets.save_sheet(sheet, DRAWN_BEFORE, writer, based_on=1)
    sheets.send_sheet(sheet, writer, based_on=revision, at=visit.starts_at + timedelta(minutes=5))


def refuse_real_people() -> None:
    """Fail unless the database is marked as a demonstration and the address is this machine's."""
    if not is_demonstration():
        raise InputError(
            "must hold a demonstration, got a clinic's own data. Serve that with 'serve'.",
            file=str(settings.PLACE.folder),
        )
    if not settings.IS_LOOPBACK:
        raise InputError(f"A demonstration stays on this machine, got {settings.PLACE.address}.")


def links() -> list[tuple[str, str]]:
    """A fresh link for each role; each works once."""
    refuse_real_people()
    words = [word for word, *_ in STAFF] + ["patient"]
    found = []
    for word in words:
        user = User.objects.get(email=f"{word.replace(' ', '-')}@demonstration.invalid")
        found.append((word, make_link(user, OneTimeLink.Purpose.DEMONSTRATION, by=BY)))
    return found
