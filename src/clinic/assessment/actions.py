"""What can be done in an assessment; each act with its audit row in one transaction.

A save names, for each reading, the revision that its writer saw. Whoever saw an older one does not
overwrite: what they wrote is kept aside, and both are shown until somebody settles it.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from clinic.assessment.grounds import kept_grounds
from clinic.assessment.jobs import SIMULATE, given_of
from clinic.assessment.models import (
    Assessment,
    Habit,
    History,
    Illustration,
    Impression,
    Observation,
    Plan,
    PlanChange,
    Remark,
    Showing,
    SignedPlan,
)
from clinic.assessment.places import Key
from clinic.assessment.planning import (
    CannotPlan,
    check_change,
    content_of,
    examined,
    mark_of,
    obstacles,
    roots_to_plan,
)
from clinic.assessment.queries import (
    Standing,
    begins_course,
    case_now,
    concluded_in,
    drafted,
    found_since,
    has_seen_model,
    impression_of,
    key_of,
    lacking_in,
    lines_of,
    open_plan,
    readings_of,
    standing_of,
    standing_rows,
)
from clinic.assessment.rules import (
    NOT_USED,
    PersonFacts,
    Reading,
    canonical,
    canonical_json,
    digest,
    missing_inputs,
    roots_named,
)
from clinic.audit.actions import record
from clinic.audit.actor import Actor
from clinic.outbox.actions import cancel_job, request_job
from clinic.outbox.models import Job
from clinic.practice.models import Staff
from clinic.records.consent.actions import begin_course
from clinic.records.models import Visit
from clinic.records.turns import take_turn
from myotome.case import Case

_TRIES = 4
NO_COURSE = "No root was concluded, so there are no weeks of an irritated root to show."


@dataclass(frozen=True)
class Saved:
    """What came of a save: rows written, rows kept aside, and how the visit stands now.

    `standing` is made of what was read in the transaction and what it wrote; names are not in it.
    """

    written: tuple[Observation, ...]
    aside: tuple[Observation, ...]
    standing: Standing


class SavedMeanwhile(Exception):  # noqa: N818 - named for the event
    """Somebody else saved a later revision; `latest` is what stands."""

    def __init__(self, latest: History | None) -> None:
        super().__init__("Somebody else saved this meanwhile.")
        self.latest = latest


def record_readings(
    visit: Visit,
    readings: Sequence[Reading],
    *,
    staff: Staff,
    by: Actor,
    is_one_act: bool = False,
    is_form: bool = False,
    at: datetime | None = None,
) -> Saved:
    """Write readings, each against the revision its writer saw.

    Sent again, they change nothing: a reading that stands already is not written twice.

    Args:
        visit: Where.
        readings: What.
        staff: Who found it.
        by: Who acts.
        is_one_act: Whether they are taken back together.
        is_form: Whether fields that nobody touched were sent too: one that says what its page
            showed, and was corrected meanwhile, is none.
        at: When, if not now; for what is told of the past.
    """
    together = uuid.uuid4() if is_one_act else None
    now = at or timezone.now()
    for _ in range(_TRIES):
        try:
            return _write(visit, readings, staff, by, together=together, is_form=is_form, now=now)
        except IntegrityError:  # somebody took a revision between our look and our write
            continue
    raise RuntimeError("The readings could not be written: others kept writing the same ones.")


def _write(
    visit: Visit,
    readings: Sequence[Reading],
    staff: Staff,
    by: Actor,
    *,
    together: uuid.UUID | None,
    is_form: bool,
    now: datetime,
) -> Saved:
    with transaction.atomic():
        before = list(standing_rows(visit))
        standing = standing_of(before)
        fresh: list[Observation] = []
        aside: list[Observation] = []
        for reading in readings:
            held = standing.current.get(reading.key)
            revision = held.revision if held else 0
            if reading.says_what(held) and not standing.aside.get(reading.key):
                continue
            if is_form and reading.revision < revision and _is_as_shown(visit, reading):
                continue
            row = _row(reading, revision + 1, visit=visit, staff=staff, together=together, at=now)
            if reading.revision >= revision or _is_own_step(held, reading, staff):
                fresh.append(row)
            elif not any(
                reading.says_what(kept) and kept.staff_id == staff.pk
                for kept in standing.aside.get(reading.key, [])
            ) and not reading.says_what(held):
                row.revision, row.is_aside = revision, True
                aside.append(row)
        if fresh or aside:
            Observation.objects.bulk_create([*fresh, *aside])
            record(
                "findings recorded",
                by=by,
                subject=f"visit:{visit.pk}",
                patient=visit.patient_id,
                readings=len(fresh),
                contested=len(aside),
            )
            standing = standing_of([*before, *fresh, *aside])
    return Saved(tuple(fresh), tuple(aside), standing)


def record_remarks(
    visit: Visit,
    said: Mapping[Key, str],
    *,
    staff: Staff,
    by: Actor,
    seen: Mapping[Key, int] | None = None,
) -> int:
    """Keep words beside fields, each writer's own; how many were not what stood already.

    Args:
        visit: Where.
        said: The words, by what they stand beside.
        staff: Whose.
        by: Who acts.
        seen: The revisions that a form showed: what is as it was then, nobody touched, and it takes
            nothing back that its writer wrote on another page meanwhile.
    """
    if not said:
        return 0
    for _ in range(_TRIES):
        try:
            return _write_remarks(visit, said, seen or {}, staff, by)
        except IntegrityError:  # another page of the same writer took the revision
            continue
    raise RuntimeError("The words could not be written: another page kept writing the same ones.")


def _write_remarks(
    visit: Visit, said: Mapping[Key, str], seen: Mapping[Key, int], staff: Staff, by: Actor
) -> int:
    with transaction.atomic():
        written: dict[Key, dict[int, str]] = {}
        for row in visit.remarks.filter(staff=staff):
            written.setdefault(key_of(row), {})[row.revision] = row.text
        fresh = []
        for key, text in said.items():
            before = written.get(key, {})
            latest = max(before, default=0)
            if text in {before.get(latest, ""), before.get(seen.get(key, latest), "")}:
                continue
            fresh.append(
                Remark(
                    **key._asdict(),
                    visit=visit,
                    staff=staff,
                    revision=latest + 1,
                    text=text,
                    at=timezone.now(),
                )
            )
        if fresh:
            Remark.objects.bulk_create(fresh)
            record(
                "remarks recorded",
                by=by,
                subject=f"visit:{visit.pk}",
                patient=visit.patient_id,
                remarks=len(fresh),
            )
    return len(fresh)


def _is_as_shown(visit: Visit, reading: Reading) -> bool:
    """Whether a reading says what stood at the revision that its writer saw."""
    rows = visit.observations.filter(**reading.key._asdict(), is_aside=False)
    shown = rows.filter(revision=reading.revision).first()
    return shown is not None and reading.says_what(shown)


def _is_own_step(held: Observation | None, reading: Reading, staff: Staff) -> bool:
    """Whether the one revision that its writer did not see is their own.

    It was saved and its answer was lost on the way; whoever corrects it writes over nobody.
    """
    return held is not None and held.staff_id == staff.pk and held.revision == reading.revision + 1


def _row(reading: Reading, revision: int, **more: Any) -> Observation:  # noqa: ANN401 - columns
    return Observation(
        **reading.key._asdict(),
        **more,
        revision=revision,
        is_withdrawn=reading.is_withdrawal,
        grade=reading.grade,
        value=reading.value,
        unit=reading.unit,
        compared=reading.compared,
        limited_by=reading.limited_by,
        test=reading.test,
    )


def take_back_together(visit: Visit, together: uuid.UUID, *, staff: Staff, by: Actor) -> Saved:
    """Take back what one act wrote, as far as nobody has written over it since."""
    standing = readings_of(visit)
    return record_readings(
        visit,
        [
            Reading(key_of(row), row.revision)
            for row in standing.current.values()
            if row.together == together and not row.is_withdrawn
        ],
        staff=staff,
        by=by,
    )


def note_impression(visit: Visit, text: str, *, staff: Staff, by: Actor) -> Impression:
    """Keep what somebody thinks, and whether they had seen the model by then."""
    with transaction.atomic():
        made = Impression.objects.create(
            visit=visit,
            staff=staff,
            text=text,
            had_seen_model=has_seen_model(visit, staff),
            at=timezone.now(),
        )
        record("impression noted", by=by, subject=f"visit:{visit.pk}", patient=visit.patient_id)
    return made


def mark_shown(visit: Visit, *, staff: Staff, by: Actor) -> None:
    """Keep that somebody was shown the model's answer; only the first time is written."""
    if has_seen_model(visit, staff):
        return
    with transaction.atomic():
        _, is_new = Showing.objects.get_or_create(
            visit=visit, staff=staff, defaults={"at": timezone.now()}
        )
        if is_new:
            record("model shown", by=by, subject=f"visit:{visit.pk}", patient=visit.patient_id)


def set_habit(staff: Staff, *, impression_first: bool, by: Actor) -> None:
    """Hide the model until an impression is noted, or do not."""
    with transaction.atomic():
        Habit.objects.update_or_create(staff=staff, defaults={"impression_first": impression_first})
        record(
            "examining habit set",
            by=by,
            subject=f"staff:{staff.pk}",
            impression_first=impression_first,
        )


def save_history(
    visit: Visit, values: dict[str, Any], *, revision: int, staff: Staff, by: Actor
) -> History:
    """The problem as it was told; the former stays as it was written.

    Raises:
        SavedMeanwhile: Somebody else saved after `revision` was read.
    """
    latest = visit.histories.order_by("-revision").first()
    if latest is not None and latest.revision != revision:
        raise SavedMeanwhile(latest)
    try:
        with transaction.atomic():
            made = History.objects.create(
                visit=visit, revision=revision + 1, staff=staff, at=timezone.now(), **values
            )
            record("history saved", by=by, subject=f"visit:{visit.pk}", patient=visit.patient_id)
    except IntegrityError:
        raise SavedMeanwhile(visit.histories.order_by("-revision").first()) from None
    return made


# ------------------------------------------------------------------ conclusion


class Contested(Exception):  # noqa: N818 - named for the event
    """Two people wrote different readings of one sign and nobody has settled which holds."""


class NothingFound(Exception):  # noqa: N818 - named for the event
    """There is no reading to conclude from."""


def conclude(
    visit: Visit,
    *,
    verdict: Assessment.Verdict,
    roots: Sequence[str],
    reason: str,
    words: str,
    staff: Staff,
    by: Actor,
    at: datetime | None = None,
    shown: str | None = None,
) -> Assessment:
    """Keep what was concluded, with the case, the versions and the whole answer of the model.

    Whether the model had been seen is read from what was shown, never asked. A conclusion that was
    drawn without it says so, whatever verdict was sent. `shown` is the hash of the case that the
    page was made from: nobody accepts an answer that they were not shown.

    Raises:
        ChangedMeanwhile: The case is another one now.
        Contested: A reading is.
        NothingFound: No reading stands.
    """
    said = {"verdict": verdict, "roots": roots, "reason": reason, "words": words, "at": at}
    said["shown"] = shown
    _case_now(visit)  # the model answers before anybody has to wait for this transaction
    for _ in range(_TRIES):
        try:
            return _conclude(visit, said, staff=staff, by=by)
        except IntegrityError:  # somebody concluded in this moment too: theirs came first
            continue
    raise RuntimeError("The assessment could not be numbered: others kept concluding.")


def _case_now(visit: Visit) -> tuple[Case, str, PersonFacts]:
    """The case of a visit as it stands, its canonical text, and what the person's facts are.

    The model's answer to that text is at hand afterwards.
    """
    standing = readings_of(visit)
    if standing.aside:
        raise Contested
    case, facts = case_now(visit, standing)
    if not case.findings:
        raise NothingFound
    text = canonical(case)
    examined(text)
    return case, text, facts


def _conclude(visit: Visit, said: dict[str, Any], *, staff: Staff, by: Actor) -> Assessment:
    with transaction.atomic():
        case, text, facts = _case_now(visit)
        if said["shown"] not in {None, case.hash}:
            raise ChangedMeanwhile
        found = examined(text)
        output = canonical_json(found.to_dict())
        seen = has_seen_model(visit, staff)
        made = Assessment.objects.create(
            visit=visit,
            number=visit.assessments.count() + 1,
            case=text,
            case_hash=case.hash,
            versions=dict(found.versions),
            missing=list(missing_inputs(found, facts, 0)),
            not_used=list(NOT_USED),
            output=output,
            output_hash=digest(output),
            grounds=kept_grounds(found),
            verdict=said["verdict"] if seen else Assessment.Verdict.NOT_SEEN,
            concluded=[str(root) for root in roots_named(said["roots"])],
            reason=said["reason"] if seen else "",
            words=said["words"],
            impression=impression_of(visit, staff),
            model_was_seen=seen,
            staff=staff,
            at=said["at"] or timezone.now(),
        )
        record(
            "assessment concluded",
            by=by,
            subject=f"assessment:{made.pk}",
            patient=visit.patient_id,
            verdict=str(made.verdict),
            model_was_seen=seen,
        )
    return made


# ------------------------------------------------------------------------ plan


class ChangedMeanwhile(Exception):  # noqa: N818 - named for the event
    """Somebody else changed this plan after it was read."""


class Signed(Exception):  # noqa: N818 - named for the event
    """The plan is signed; what it says stays."""


def begin_plan(assessment: Assessment, *, staff: Staff, by: Actor) -> Plan:
    """Take up a proposal for what was concluded; the one being edited, if there is one.

    A plan of old that rests on another answer than what was concluded is left as it is.
    """
    roots = roots_to_plan(assessment.verdict, assessment.concluded, examined(assessment.case))
    concluded = None if roots is None else [str(root) for root in roots]
    with transaction.atomic():
        Assessment.objects.select_for_update().get(pk=assessment.pk)
        found = open_plan(assessment)
        if found is not None and found.concluded == concluded:
            return found
        made = Plan.objects.create(
            assessment=assessment,
            number=assessment.plans.count() + 1,
            concluded=concluded,
            staff=staff,
            at=timezone.now(),
        )
        record(
            "plan begun",
            by=by,
            subject=f"plan:{made.pk}",
            patient=assessment.visit.patient_id,
        )
    return made


def change_plan(plan: Plan, change: PlanChange, *, number: int, by: Actor) -> PlanChange:
    """Change one thing of a plan, if it is still as it was read and no stop forbids it.

    Raises:
        Signed: The plan is.
        ChangedMeanwhile: `number` is not the next change.
        CannotPlan: A reason is missing, or a stop forbids it.
    """
    try:
        with transaction.atomic():
            take_turn(plan.assessment.visit.patient_id)
            Plan.objects.select_for_update().get(pk=plan.pk)  # who signs and who changes take turns
            if SignedPlan.objects.filter(plan=plan).exists():
                raise Signed
            draft, screening, _ = drafted(plan)
            if number != plan.changes.count() + 1:
                raise ChangedMeanwhile
            check_change(draft, change, screening)
            change.plan, change.number, change.at = plan, number, timezone.now()
            change.save(force_insert=True)
            record(
                "plan changed",
                by=by,
                subject=f"plan:{plan.pk}",
                patient=plan.assessment.visit.patient_id,
                kind=str(change.kind),
            )
    except IntegrityError:
        raise ChangedMeanwhile from None
    return change


def take_out_unconcluded(plan: Plan, *, number: int, staff: Staff, by: Actor) -> int:
    """Take out every site that rests on roots alone which were not concluded; how many.

    Raises:
        Signed: The plan is.
        ChangedMeanwhile: `number` is not the next change.
        CannotPlan: A change cannot be made.
    """
    with transaction.atomic():
        draft = drafted(plan)[0]
        concluded = concluded_in(plan, draft)
        lines = [one for one in draft.lines if one.rests_beside(concluded)]
        for place, line in enumerate(lines):
            names = ", ".join(line.rests_beside(concluded)).replace("-", " ")
            change = PlanChange(
                kind=PlanChange.Kind.REMOVE,
                site=line.site.name,
                level=line.site.level,
                side=line.site.side,
                reason=f"Not concluded: {names}",
                staff=staff,
            )
            change_plan(plan, change, number=number + place, by=by)
    return len(lines)


def sign_plan(plan: Plan, *, shown: str, staff: Staff, by: Actor) -> SignedPlan:
    """Sign a plan as it was read, if nothing keeps it from being signed now.

    A plan is what consent is asked for, so one that no consent covers yet can be signed; what is
    not covered is kept with it. It is the needle that waits for consent. A plan of a new
    examination begins a course of its own, with which earlier consents end.

    Raises:
        Signed: It is already.
        ChangedMeanwhile: It is not what `shown` stands for: a change, an answer came between.
        CannotPlan: A stop, something to be cleared first, or no site at all.
    """
    try:
        with transaction.atomic():
            take_turn(plan.assessment.visit.patient_id)
            Plan.objects.select_for_update().get(pk=plan.pk)
            if SignedPlan.objects.filter(plan=plan).exists():
                raise Signed
            draft, screening, is_first = drafted(plan)
            patient, since = plan.assessment.visit.patient, found_since(plan)
            if shown != mark_of(
                draft,
                screening,
                plan.changes.count(),
                is_first_visit=is_first,
                since=since,
                consent_lacks=lacking_in(draft, screening, patient),
            ):
                raise ChangedMeanwhile
            if not draft.lines:
                raise CannotPlan("There is no site in this plan.")
            found = obstacles(draft, screening, is_first_visit=is_first, since=since)
            if found:
                raise CannotPlan(" ".join(found))
            now = timezone.now()
            if begins_course(plan):
                begin_course(plan.assessment.visit, at=now, by=by)
            lacks = lacking_in(draft, screening, patient)
            content = content_of(draft, screening, lacks, is_first_visit=is_first)
            text = canonical_json(content)
            made = SignedPlan.objects.create(
                plan=plan,
                content=text,
                digest=digest(text),
                sessions=draft.sessions,
                staff=staff,
                at=now,
            )
            record(
                "plan signed",
                by=by,
                subject=f"plan:{plan.pk}",
                patient=plan.assessment.visit.patient_id,
                sites=len(draft.lines),
            )
    except IntegrityError:
        raise Signed from None
    return made


def ask_for_course(plan: Plan, fidelity: str, *, staff: Staff, by: Actor) -> Illustration:
    """Have the simulated course of a plan computed in the background; the same one only once.

    Raises:
        CannotPlan: No root was concluded, so there is no course to compute.
    """
    if plan.roots == ():
        raise CannotPlan(NO_COURSE)
    given = given_of(plan.assessment.case, lines_of(plan), fidelity, plan.roots)
    with transaction.atomic():
        job = request_job(SIMULATE, given, by=by)
        made, is_new = Illustration.objects.get_or_create(
            plan=plan,
            job=job,
            defaults={"fidelity": fidelity, "staff": staff, "at": timezone.now()},
        )
        if is_new:
            record(
                "simulation asked for",
                by=by,
                subject=f"plan:{plan.pk}",
                patient=plan.assessment.visit.patient_id,
                fidelity=fidelity,
            )
    return made


def stop_course(plan: Plan, *, by: Actor) -> bool:
    """Wait no more for what is computed for a plan; whether all of it stops.

    The same course is computed once for every plan that asked: it goes on while another one waits
    for it, and this plan no longer does.
    """
    stops = True
    with transaction.atomic():
        waiting = plan.illustrations.select_related("job").filter(
            job__state__in=[Job.State.QUEUED, Job.State.RUNNING]
        )
        for one in list(waiting):
            goes_on = Illustration.objects.filter(job=one.job).exclude(pk=one.pk).exists()
            if goes_on:
                stops = False
                one.delete()
            else:
                cancel_job(one.job)
            record(
                "simulation stopped",
                by=by,
                subject=f"plan:{plan.pk}",
                patient=plan.assessment.visit.patient_id,
                fidelity=one.fidelity,
                goes_on=goes_on,
            )
    return stops
