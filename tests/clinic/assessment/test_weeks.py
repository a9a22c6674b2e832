"""The illustration: the central run at once, rivals and bands as a job, with its honest words."""

import pytest
from conftest import BY
from django.urls import reverse

from clinic.assessment import actions, jobs
from clinic.assessment.models import Illustration
from clinic.assessment.queries import drafted, shown_of
from clinic.audit.models import Entry
from clinic.outbox.actions import KINDS, Cancelled, run_one_job
from clinic.outbox.models import Job
from clinic.patients import actions as patients
from myotome.simulation import RIVALS

HONEST = "Illustration of a hypothesis. Not a forecast for this person"


@pytest.fixture
def few_runs(monkeypatch):
    """Fewer draws than a clinic gets: the bands are coarser, the way is the same."""
    monkeypatch.setitem(jobs.DRAWS, "rate", 6)


def url(name, plan):
    key = plan.assessment.visit.patient_id
    return reverse(f"assessment:{name}", kwargs={"key": key, "pk": plan.pk})


def test_the_central_run_is_there_at_once_and_says_what_it_is(as_, plan, answered):
    answered()
    page = as_("caring").get(url("weeks", plan)).content.decode()

    assert HONEST in page
    assert "not evidence" in page
    assert "no bands and no rivals yet" in page
    assert "<svg" in page
    assert Job.objects.count() == 0


def test_rivals_and_bands_come_from_a_job_that_is_done_once(as_, plan, answered, few_runs):
    answered()
    client = as_("caring")
    for _ in range(2):
        assert client.post(url("ask_weeks", plan), {"fidelity": "rate"}).status_code == 302
    job = Job.objects.get()
    waiting = client.get(url("weeks", plan)).content.decode()
    assert "waiting for its turn" in waiting
    assert "<progress" in waiting
    reads = Entry.objects.filter(act__startswith="read: ").count()
    assert client.get(url("weeks_progress", plan)).json() == {"running": [[0, 0]]}
    assert Entry.objects.filter(act__startswith="read: ").count() == reads

    assert run_one_job()

    job.refresh_from_db()
    assert (job.state, job.done, job.total) == ("done", 1000, 1000)
    assert Illustration.objects.count() == 1
    page = client.get(url("weeks", plan)).content.decode()
    assert "6 runs with the uncertain numbers drawn" in page
    assert HONEST in page
    for rival in RIVALS.values():
        assert rival.title in page
    assert not run_one_job()


def test_what_a_job_is_given_tells_nobody_who_it_is(plan, answered, cast):
    answered()
    draft, _, _ = drafted(plan)
    given = str(jobs.given_of(plan.assessment.case, draft.lines, "rate"))

    for word in ("Sample", "Ada", "1984", str(cast.patient.pk), str(plan.pk), "1001"):
        assert word not in given


def test_the_sites_of_the_plan_are_what_is_needled(plan, answered, cast):
    from clinic.assessment.models import PlanChange

    answered()
    first = drafted(plan)[0].lines[0]
    change = PlanChange(kind="remove", reason="sore", staff=cast.caring)
    change.site, change.level, change.side = first.site.name, first.site.level, first.site.side
    before = jobs.course_of(jobs.given_of(plan.assessment.case, drafted(plan)[0].lines, "rate"))
    actions.change_plan(plan, change, number=1, by=BY)
    after = jobs.course_of(jobs.given_of(plan.assessment.case, drafted(plan)[0].lines, "rate"))

    def needled(course):
        return {site for event in course.schedule.events for site in event.sites}

    assert first.site in needled(before)
    assert first.site not in needled(after)


@pytest.mark.slow
def test_the_weeks_can_be_had_with_spikes(as_, plan, answered, monkeypatch):
    answered()
    monkeypatch.setitem(jobs.DRAWS, "spiking", 2)
    client = as_("caring")
    client.post(url("ask_weeks", plan), {"fidelity": "spiking"})

    assert run_one_job()

    page = client.get(url("weeks", plan)).content.decode()
    assert "tone read from simulated spikes" in page
    assert HONEST in page


def test_a_job_can_be_stopped_and_asked_for_again(as_, plan, answered, few_runs):
    answered()
    client = as_("caring")
    client.post(url("ask_weeks", plan), {"fidelity": "rate"})
    client.post(url("stop_weeks", plan))

    assert Job.objects.get().state == "cancelled"
    assert "Stopped." in client.get(url("weeks", plan)).content.decode()
    client.post(url("ask_weeks", plan), {"fidelity": "rate"})
    assert Job.objects.get().state == "queued"

    def stop(_done, _total):
        raise Cancelled

    with pytest.raises(Cancelled):
        KINDS[jobs.SIMULATE](Job.objects.get().given, stop)


def test_a_course_that_another_plan_waits_for_goes_on(as_, plan, answered, cast):
    answered()
    ask = {"fidelity": "rate", "staff": cast.caring, "by": BY}
    actions.ask_for_course(plan, **ask)
    actions.sign_plan(plan, shown=shown_of(plan), staff=cast.caring, by=BY)
    other = actions.begin_plan(plan.assessment, staff=cast.caring, by=BY)
    actions.ask_for_course(other, **ask)
    client = as_("caring")

    page = client.post(url("stop_weeks", other), follow=True).content.decode()

    assert Job.objects.get().state == "queued"
    assert "Another plan waits for the same course, so it goes on" in page
    assert "With rivals and bands" in page
    assert "waiting for its turn" in client.get(url("weeks", plan)).content.decode()
    assert Entry.objects.filter(act="simulation stopped").count() == 1
    client.post(url("stop_weeks", plan))
    assert Job.objects.get().state == "cancelled"
    assert Entry.objects.filter(act="simulation stopped").count() == 2


def test_a_student_stops_no_course_and_is_offered_none(as_, plan, answered, cast):
    answered()
    patients.start_care(cast.patient, cast.student, "supervised", by=BY)
    student = as_("student")
    page = student.get(url("weeks", plan)).content.decode()
    assert "no bands and no rivals yet" in page
    assert "With rivals and bands" not in page
    assert "With spikes" not in page
    actions.ask_for_course(plan, "rate", staff=cast.caring, by=BY)

    page = student.get(url("weeks", plan)).content.decode()

    assert "waiting for its turn" in page
    assert "Stop it" not in page
    assert student.post(url("stop_weeks", plan)).status_code == 404
    assert Job.objects.get().state == "queued"
    assert "Stop it" in as_("caring").get(url("weeks", plan)).content.decode()


def test_another_fidelity_is_no_way_in(as_, plan, answered):
    answered()
    answer = as_("caring").post(url("ask_weeks", plan), {"fidelity": "magic"})
    assert answer.status_code == 404
