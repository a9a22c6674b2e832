"""Reads of the assessment: what stands in a visit, what is contested, what stood last time."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from clinic.accounts.models import User
from clinic.assessment.models import (
    Assessment,
    Habit,
    History,
    Impression,
    Observation,
    Plan,
    Remark,
    Showing,
    SignedPlan,
)
from clinic.assessment.places import Key, beside
from clinic.assessment.planning import Draft, Line, draft_of, lines_in, mark_of
from clinic.assessment.rules import (
    SENSORY,
    Known,
    PersonFacts,
    Sensed,
    age_on,
    answers_now,
    case_of,
    findings_of,
    is_due_for_reassessment,
    said_of,
    sensed,
)
from clinic.doors import Permission
from clinic.patients.models import Patient
from clinic.patients.queries import cared_for_by, in_nobodys_care
from clinic.practice.models import Credential, Role, Staff
from clinic.practice.queries import Duties, today
from clinic.practice.rules import running_out
from clinic.records import queries as records
from clinic.records.consent.queries import lacking_for
from clinic.records.models import Draft as RecordDraft
from clinic.records.models import Note, NoteMark, Sheet, Visit
from clinic.records.replies.queries import Reply, waiting
from clinic.records.screening.queries import asked_last, screening_of
from clinic.records.screening.rules import VisitScreening
from clinic.records.sheets.due import Due, due_soon
from myotome.case import Case, parse_case
from myotome.examination import Finding

MOST_COMPARED = 6  # examinations side by side


def key_of(row: Observation | Remark) -> Key:
    """What a stored reading is a reading of, or what words stand beside."""
    return Key(row.sign, row.site, row.level, row.side)


@dataclass(frozen=True)
class Standing:
    """The readings of one visit as they stand now.

    `current` holds the last revision of each key, taken back or not; `aside` what came second to
    it and was not settled since; `latest` the newest row, so that a page can ask what came after.
    """

    current: dict[Key, Observation] = field(default_factory=dict)
    aside: dict[Key, list[Observation]] = field(default_factory=dict)
    latest: int = 0

    @property
    def recorded(self) -> dict[Key, Observation]:
        """What was found or found absent, without what was taken back."""
        return {key: row for key, row in self.current.items() if not row.is_withdrawn}


def standing_of(rows: Iterable[Observation]) -> Standing:
    """What stands of some rows, given in the order in which they were written."""
    current: dict[Key, Observation] = {}
    aside: dict[Key, list[Observation]] = {}
    latest = 0
    for row in rows:
        latest = max(latest, row.pk)
        key = key_of(row)
        if row.is_aside:
            aside.setdefault(key, []).append(row)
        elif key not in current or row.revision > current[key].revision:
            current[key] = row
    open_ = {
        key: kept
        for key, rows_ in aside.items()
        if (kept := [row for row in rows_ if row.revision == current[key].revision])
    }
    return Standing(current, open_, latest)


def readings_of(visit: Visit) -> Standing:
    """The readings of a visit, with who made them; one query, however often they were corrected."""
    return standing_of(standing_rows(visit).select_related("staff"))


def standing_rows(visit: Visit) -> QuerySet[Observation]:
    """The rows that stand: the last of each key, and what came second to it; nothing older."""
    return _without_older(visit.observations.all())


def _without_older(rows: QuerySet[Observation]) -> QuerySet[Observation]:
    newer = Observation.objects.filter(
        **{name: OuterRef(name) for name in ("visit", *Key._fields)},
        is_aside=False,
        revision__gt=OuterRef("revision"),
    )
    return rows.filter(~Exists(newer)).order_by("pk")


def sensation_of(patient: Patient) -> tuple[list[Visit], list[Sensed]]:
    """Sensory findings through a person's latest examinations, oldest first; one query.

    A visit without any sensory finding is no column: nobody looked.
    """
    rows = Observation.objects.filter(visit__patient=patient, sign__in=SENSORY, is_aside=False)
    by_visit: dict[Visit, dict[Key, Observation]] = {}
    for row in _without_older(rows).select_related("visit"):
        held = by_visit.setdefault(row.visit, {})
        if not row.is_withdrawn:
            held[key_of(row)] = row
    visits = sorted((one for one, held in by_visit.items() if held), key=lambda one: one.starts_at)
    latest = visits[-MOST_COMPARED:]
    return latest, sensed([by_visit[one] for one in latest])


def readings_before(visit: Visit) -> tuple[Visit | None, dict[Key, Observation]]:
    """The last examination before this visit and what was recorded in it; two queries."""
    before = (
        Visit.objects.filter(
            patient=visit.patient_id, starts_at__lt=visit.starts_at, observations__isnull=False
        )
        .order_by("-starts_at")
        .first()
    )
    if before is None:
        return None, {}
    return before, readings_of(before).recorded


def remarks_of(visit: Visit) -> dict[Key, list[Remark]]:
    """The words beside fields as they stand, of each writer the latest; one query."""
    latest: dict[tuple[Key, int], Remark] = {}
    for row in visit.remarks.select_related("staff").order_by("revision", "pk"):
        latest[key_of(row), row.staff_id] = row
    found: dict[Key, list[Remark]] = {}
    for (key, _), row in sorted(latest.items(), key=lambda item: item[1].pk):
        if row.text:
            found.setdefault(key, []).append(row)
    return found


def changes_of(visit: Visit) -> list[Observation]:
    """Every reading that was ever written in a visit, newest first: nothing is gone."""
    return list(visit.observations.select_related("staff").order_by("-pk"))


def wants_impression_first(staff: Staff) -> bool:
    """Whether somebody set that the model hides until they have noted what they think."""
    return Habit.objects.filter(staff=staff, impression_first=True).exists()


def impression_of(visit: Visit, staff: Staff) -> Impression | None:
    """The first impression that somebody noted."""
    return Impression.objects.filter(visit=visit, staff=staff).order_by("pk").first()


def has_seen_model(visit: Visit, staff: Staff) -> bool:
    """Whether somebody was shown the model's answer in this visit."""
    return Showing.objects.filter(visit=visit, staff=staff).exists()


def history_of(patient: Patient) -> History | None:
    """The problem as it was told last."""
    return (
        History.objects.filter(visit__patient=patient)
        .select_related("staff", "visit")
        .order_by("-visit__starts_at", "-revision")
        .first()
    )


def history_until(visit: Visit) -> History | None:
    """The problem as it was told up to a visit; the pain that was said last stands as `pain`."""
    told = History.objects.filter(
        visit__patient=visit.patient_id, visit__starts_at__lte=visit.starts_at
    ).order_by("-visit__starts_at", "-revision")
    said = told.filter(pain_nprs__isnull=False).values("pain_nprs")[:1]
    return told.annotate(pain=Subquery(said)).first()


def facts_of(visit: Visit) -> PersonFacts:
    """What the mechanism is told of the person: age and sex, and nothing that says who."""
    told = history_until(visit)
    day = timezone.localdate(visit.starts_at)
    age = age_on(day, visit.patient.born)
    if told is None:
        return PersonFacts(age_years=age)
    weeks = None
    if told.began_on is not None and told.began_on <= day:
        weeks = float(round((day - told.began_on).days / 7))
    return PersonFacts(
        age_years=age,
        sex=told.sex,
        height_m=told.height_m,
        mass_kg=told.mass_kg,
        duration_weeks=weeks,
        pain_nprs=told.pain,  # type: ignore[attr-defined]  # annotated
        activity=told.activity,
    )


def case_now(visit: Visit, standing: Standing) -> tuple[Case, PersonFacts]:
    """The case of a visit as it stands, and what the mechanism is told of the person."""
    facts = facts_of(visit)
    answers = answers_now(screening_of(visit).screening)
    return case_of(findings_of(standing.recorded), facts, answers), facts


def assessments_of(visit: Visit) -> list[Assessment]:
    """What was concluded in a visit, latest first."""
    return list(visit.assessments.select_related("staff", "impression").order_by("-number"))


def signed_plans() -> QuerySet[SignedPlan]:
    """Signed plans with the visits held since and whether somebody concluded anew; no content."""
    patient, since = "plan__assessment__visit__patient", "plan__assessment__visit__starts_at"
    later = Visit.objects.filter(patient=OuterRef(patient), starts_at__gt=OuterRef(since))
    anew = Assessment.objects.filter(
        visit__patient=OuterRef(patient),
        visit__starts_at__gt=OuterRef(since),
        at__gt=OuterRef("at"),
    )
    held = later.order_by().values("patient").annotate(number=Count("pk")).values("number")
    return (
        SignedPlan.objects.defer("content", "plan__assessment__case", "plan__assessment__output")
        .select_related("plan__assessment__visit__patient", "staff")
        .annotate(held=Coalesce(Subquery(held), 0), is_concluded_anew=Exists(anew))
        .order_by("-at")
    )


def open_plan(assessment: Assessment) -> Plan | None:
    """The plan of an assessment that is being edited."""
    return assessment.plans.filter(signed=None).order_by("-number").first()


def _planned_anew(visit: Any, at: Any) -> QuerySet[Plan]:  # noqa: ANN401
    return Plan.objects.filter(assessment__visit=visit, at__gt=at)


def planned_anew(plan: Plan) -> Plan | None:
    """The plan by which this one was planned anew after the same examination."""
    return _planned_anew(plan.assessment.visit, plan.at).order_by("-at").first()


def is_first_needling(plan: Plan) -> bool:
    """Whether no plan of an earlier visit was signed for this person.

    Another plan of the same examination is none before it: no needle came between.
    """
    return not begins_course(plan)


def begins_course(plan: Plan) -> bool:
    """Whether a plan follows one that was signed after an earlier examination of this person."""
    visit = plan.assessment.visit
    return SignedPlan.objects.filter(
        plan__assessment__visit__patient=visit.patient_id,
        plan__assessment__visit__starts_at__lt=visit.starts_at,
    ).exists()


def drafted(plan: Plan) -> tuple[Draft, VisitScreening, bool]:
    """A plan as it stands, the screening it stands under, and whether needling is new to them.

    The screening is that of the latest visit at which it was asked: a stop said since holds.
    """
    screening = screening_of(asked_last(plan.assessment.visit)).to_plan()
    is_first = is_first_needling(plan)
    changes = list(plan.changes.select_related("staff").order_by("number"))
    draft = draft_of(
        plan.assessment.case,
        screening.screening,
        changes,
        is_first_visit=is_first,
        roots=plan.roots,
    )
    return draft, screening, is_first


def lacking_in(draft: Draft, screening: VisitScreening, patient: Patient) -> tuple[str, ...]:
    """What consent does not cover of a plan today, in words; a plan can be signed without."""
    said = ("Consent was said to be missing today, or not to be given.",)
    lacks = lacking_for(patient, [line.site.name for line in draft.lines])
    return (*said, *lacks) if screening.is_without_consent else lacks


def shown_of(plan: Plan) -> str:
    """The mark of a plan as it stands, which its page sends along when it is signed."""
    draft, screening, is_first = drafted(plan)
    return mark_of(
        draft,
        screening,
        plan.changes.count(),
        is_first_visit=is_first,
        since=found_since(plan),
        consent_lacks=lacking_in(draft, screening, plan.assessment.visit.patient),
    )


def found_since(plan: Plan) -> tuple[Finding, ...]:
    """The findings that stand now, if they are others than those that the plan rests on.

    They are those of the latest examination, from the one that was concluded from on. Of two
    readings of a sign that nobody has settled both count.
    """
    visit = plan.assessment.visit
    latest = (
        Visit.objects.filter(
            patient=visit.patient_id,
            starts_at__gte=visit.starts_at,
            observations__isnull=False,
        )
        .order_by("-starts_at")
        .first()
    )
    standing = readings_of(latest or visit)
    second = {key: rows[-1] for key, rows in standing.aside.items()}
    found = {*findings_of(standing.recorded), *findings_of(second)}
    if latest == visit and found == set(parse_case(plan.assessment.case).findings):
        return ()
    return tuple(found)


def concluded_in(plan: Plan, draft: Draft) -> tuple[str, ...]:
    """The roots that were concluded, by name: as named, or those of the answer accepted whole."""
    assessment = plan.assessment
    if assessment.verdict == Assessment.Verdict.ACCEPTED and not assessment.concluded:
        return tuple(str(item.fit.root) for item in draft.proposal.roots)
    return tuple(assessment.concluded)


def lines_of(plan: Plan) -> tuple[Line, ...]:
    """Where a plan needles, in which visit and how often: as it was signed, or as it stands."""
    signed = SignedPlan.objects.filter(plan=plan).first()
    return lines_in(json.loads(signed.content)) if signed else drafted(plan)[0].lines


# ----------------------------------------------------------- story and work


@dataclass(frozen=True)
class VisitLine:
    """One visit in the story: what was found, concluded, planned and noted."""

    visit: Visit
    findings: int
    concluded: tuple[Assessment, ...]
    signed_plans: int
    notes: int
    pain: float | None  # as it was said at this visit, and at no other


def timeline_of(patient: Patient) -> list[VisitLine]:
    """A person's visits, latest first; three queries whatever their number."""
    visits = (
        patient.visits.select_related("staff", "site")
        .annotate(
            signs=Count("observations__sign", distinct=True),
            plans=Count("assessments__plans__signed", distinct=True),
            signed_notes=Count("notes", distinct=True),
            pain=Subquery(
                History.objects.filter(visit=OuterRef("pk"))
                .order_by("-revision")
                .values("pain_nprs")[:1]
            ),
        )
        .prefetch_related(Prefetch("assessments", Assessment.objects.defer("case", "output")))
        .order_by("-starts_at")
    )
    return [
        VisitLine(
            visit,
            visit.signs,
            tuple(visit.assessments.all()),
            visit.plans,
            visit.signed_notes,
            visit.pain,
        )
        for visit in visits
    ]


def latest_plan(patient: Patient) -> SignedPlan | None:
    """The plan that was signed last for a person, with the visits held since as `held`."""
    return signed_plans().filter(plan__assessment__visit__patient=patient).first()


def due_for(history: History | None, signed: SignedPlan | None) -> list[str]:
    """What is due with one patient, in words, by their history and their latest plan."""
    found = []
    if history is None:
        found.append("The history is not recorded.")
    if signed is not None and _is_due(signed, timezone.now()):
        found.append("Look at the course anew: examine again and compare.")
    return found


def _is_due(signed: SignedPlan, now: datetime) -> bool:
    weeks = (now - signed.at).days / 7
    held: int = signed.held  # type: ignore[attr-defined]  # annotated
    return not signed.is_concluded_anew and is_due_for_reassessment(  # type: ignore[attr-defined]
        signed.sessions, held, weeks
    )


@dataclass(frozen=True)
class Work:
    """What somebody has not finished, and what falls due with whom they care for."""

    drafts: tuple[RecordDraft, ...] = ()
    unwritten: tuple[Visit, ...] = ()
    replies: tuple[Reply, ...] = ()
    unheard: tuple[Reply, ...] = ()
    unconcluded: tuple[Visit, ...] = ()
    unsigned_plans: tuple[Plan, ...] = ()
    forms: tuple[Sheet, ...] = ()
    coming: tuple[Due, ...] = ()
    to_co_sign: int = 0
    credentials: tuple[Credential, ...] = ()
    reassess: tuple[SignedPlan, ...] = ()

    @property
    def count(self) -> int:
        """How many things there are."""
        return (
            len(self.drafts)
            + len(self.unwritten)
            + len(self.replies)
            + len(self.unheard)
            + len(self.unconcluded)
            + len(self.unsigned_plans)
            + len(self.forms)
            + len(self.coming)
            + self.to_co_sign
            + len(self.credentials)
            + len(self.reassess)
        )


_RECENT = timedelta(days=60)


def work_of(user: User, duties: Duties) -> Work:
    """What is not signed, concluded or looked at yet, what expires and what falls due.

    What a patient sent waits for every practitioner who answers for them, also in another's stead;
    of somebody whom nobody cares for, it waits for all who may say who does.
    """
    staff = duties.staff
    if staff is None:
        return Work()
    relating = duties.sites_where(Permission.SET_RELATIONS)
    unheard = tuple(waiting(in_nobodys_care(staff, relating))) if relating else ()
    if not duties.roles & {Role.PRACTITIONER, Role.STUDENT}:
        return Work(unheard=unheard)
    now = timezone.now()
    cared_for = cared_for_by(staff, duties.sites_as(Role.PRACTITIONER, Role.STUDENT))
    answered_for = cared_for_by(staff, duties.sites_as(Role.PRACTITIONER), with_cover=True)
    coming = due_soon(cared_for)
    named = {(due.patient.pk, form) for due in coming for form in due.forms}
    begun = (
        Sheet.objects.filter(patient__in=cared_for, submissions=None, opened_at__gt=now - _RECENT)
        .select_related("patient")
        .order_by("opened_at")
    )
    latest: dict[object, SignedPlan] = {}
    for one in signed_plans().filter(plan__assessment__visit__patient__in=cared_for):
        latest.setdefault(one.plan.assessment.visit.patient_id, one)
    return Work(
        drafts=tuple(
            RecordDraft.objects.filter(author=staff)
            .select_related("visit__patient")
            .order_by("saved_at")
        ),
        unwritten=tuple(_without_a_note(staff, now).filter(patient__in=cared_for)),
        unheard=unheard,
        replies=tuple(waiting(answered_for)) if Role.PRACTITIONER in duties.roles else (),
        unconcluded=tuple(
            Visit.objects.filter(
                observations__staff=staff, assessments=None, starts_at__gt=now - _RECENT
            )
            .filter(patient__in=cared_for)
            .select_related("patient")
            .distinct()
            .order_by("starts_at")
        ),
        unsigned_plans=tuple(
            Plan.objects.filter(staff=staff, signed=None, assessment__visit__patient__in=cared_for)
            .exclude(Exists(_planned_anew(OuterRef("assessment__visit"), OuterRef("at"))))
            .select_related("assessment__visit__patient")
            .order_by("at")
        ),
        forms=tuple(one for one in begun if (one.patient_id, one.form) not in named),
        coming=tuple(coming),
        to_co_sign=len(records.awaiting_co_sign(user, duties)),
        credentials=tuple(running_out(Credential.objects.filter(staff=staff), today() + _RECENT)),
        reassess=tuple(one for one in latest.values() if _is_due(one, now)),
    )


def _without_a_note(staff: Staff, now: datetime) -> QuerySet[Visit]:
    """Recent visits of somebody for which no note stands and they have begun none."""
    standing = Note.objects.filter(visit=OuterRef("pk"), addendum_to=None).exclude(
        marks__kind=NoteMark.Kind.ENTERED_IN_ERROR
    )
    begun = RecordDraft.objects.filter(visit=OuterRef("pk"), author=staff)
    return (
        Visit.objects.filter(~Exists(standing), ~Exists(begun), staff=staff)
        .filter(starts_at__gt=now - _RECENT)
        .select_related("patient")
        .order_by("starts_at")
    )


def last_note_before(visit: Visit) -> Note | None:
    """The last signed note of an earlier visit that was not struck."""
    return (
        Note.objects.filter(
            visit__patient=visit.patient_id,
            visit__starts_at__lt=visit.starts_at,
            addendum_to=None,
        )
        .exclude(marks__kind=NoteMark.Kind.ENTERED_IN_ERROR)
        .select_related("author", "visit")
        .order_by("-signed_at")
        .first()
    )


def known_of(visit: Visit) -> Known:
    """What a visit's record holds for a note: problem, signs, conclusion, plan."""
    told = history_until(visit)
    recorded = readings_of(visit).recorded
    concluded = visit.assessments.order_by("-number").first()
    signed = SignedPlan.objects.filter(plan__assessment__visit=visit).order_by("-at").first()
    absent = sum(row.grade == 0 for row in recorded.values())
    signs = [said_of(key, row) for key, row in sorted(recorded.items()) if row.grade != 0]
    lines = json.loads(signed.content)["lines"] if signed else []
    said = [
        f"{beside(key)}: {row.text} ({row.staff.name})"
        for key, rows in sorted(remarks_of(visit).items())
        for row in rows
    ]
    return Known(
        subjective=(
            *filter(None, (told.problem, told.goal)),
            *(f"{label}: {words}" for label, words in told.beside),
        )
        if told
        else (),
        objective=(*signs, *said, *((f"{absent} signs looked for and absent.",) if absent else ())),
        concluded=tuple(
            filter(
                None,
                (", ".join(concluded.concluded).replace("-", " "), concluded.words),
            )
        )
        if concluded
        else (),
        planned=tuple(
            f"{line['label']}: visit {line['visit']}, {line['insertions']} insertions"
            for line in lines
        ),
    )
