"""What the day and the examination cost: lists, charts, saving and answering at forty findings.

SQLite, and a private PostgreSQL whose commits wait for the disk as a clinic's do. One practitioner
alone; then eight who each examine somebody of their own, at the pace of a hand, the same while the
worker simulates courses in a process of its own, and without any pause, which no hand reaches.
Prints for each request how many queries it sends, what it costs the processor alone, the median and
the 95th percentile of the time until it is answered, and the latter of the time that its thread had
the processor (where other work runs, the former is mostly waiting), beside its target: a list of
the day of ten practitioners and two hundred visits within 200 ms and 12 queries, a record saved
within 300 ms, the first numbers after a tap within 150 ms (the tap's own request).

Then the same on the screen: Chromium beside a clinic that serves, from the press of a reading to
the first numbers and to the whole answer, at forty findings and the pace of a hand. The first
numbers are to be there within 150 ms, the whole answer within a second: the limit to which a
thought is not interrupted (Nielsen 1993), of which the page waits SOON for the next tap.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from verdicts import judged, on_each_engine

AT_ONCE = 8
ROUNDS = 12
PRACTITIONERS, VISITS_EACH = 10, 20
JOBS = 12  # simulated courses that wait for the worker: more than it finishes meanwhile
NEEDLED = {"site": "multifidus_cervicalis", "level": "C6", "side": "left"}
TAPS = 40
FIRST, WHOLE = 150, 1000  # ms from the press to the screen
TAP = "a tap with its first numbers"
SAVING = "saving forty readings"  # an examination in one form
PROMISED = ("the day list", "the chart", SAVING)  # also while courses are simulated
TARGETS = {  # ms; queries where a number is promised
    "the day list": (200, 12),
    "the chart": (250, None),
    "the course of treatment": (200, None),
    "the first page": (200, None),
    TAP: (FIRST, None),
    "eight taps in one": (150, None),
    SAVING: (300, None),
    "the examination": (300, None),
    "a place": (300, None),
    "the whole answer": (300, None),
}
Steps = Mapping[str, Callable[[int], Any]]
Times = dict[str, list[tuple[float, float]]]  # ms of each request: until answered, of its processor


def main() -> None:
    """Measure each engine in a process of its own, and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--database", default=None, help="address of an empty one; empty: SQLite")
    options.add_argument("--rounds", type=int, default=ROUNDS, help="of each request, 3 or more")
    options.add_argument("--taps", type=int, default=TAPS, help="on the screen, 20 or more")
    options.add_argument("--screen", action="store_true", help="what is on the screen alone")
    chosen = options.parse_args()
    chosen.rounds, chosen.taps = max(chosen.rounds, 3), max(chosen.taps, 20)
    if chosen.database is not None:
        with tempfile.TemporaryDirectory() as folder:
            _measure(Path(folder) / "clinic", chosen.database, chosen.rounds)
        return
    if not chosen.screen:
        on_each_engine(__file__, "--rounds", str(chosen.rounds), is_durable=True)
    sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "clinic"))
    _on_screen(chosen.taps)


def _measure(folder: Path, database: str, rounds: int) -> None:
    """Print what each request costs."""
    day = _begin(folder, database)
    engine = "postgresql" if database else "sqlite"
    costs = _costs(_steps("Bo", day))
    alone = f"{engine}: one, without pause"
    _print(alone, _measured([_steps("Bo", day)], rounds, 0.0), costs)
    names = ("Ada", "Bo", "Cy", "Dot", "Eli", "Ada", "Bo", "Cy")
    people = [_steps(name, day) for name in names[:AT_ONCE]]
    paced = max(3, rounds // 2)
    who = f"{engine}: {AT_ONCE}, a request a second each"
    _print(who, _measured(people, paced, 1.0), costs)
    with _simulating(folder) as said:
        times = _measured(people, paced, 1.0)
    _print(f"{who}, {said()}", times, costs)
    _print(f"{engine}: {AT_ONCE}, without pause", _measured(people, rounds, 0.0), costs)


def _begin(folder: Path, database: str) -> str:
    """A demonstration with a full day of ten more practitioners; the day's address."""
    from clinic.place import make_place

    make_place(folder, {"name": "Measured", "database": database})
    os.environ |= {"MYOTOME_CLINIC": str(folder), "DJANGO_SETTINGS_MODULE": "clinic.settings"}
    import django

    django.setup()
    from django.urls import reverse

    from clinic.assessment.inference import warm_up
    from clinic.audit.actor import system
    from clinic.booking import times
    from clinic.booking.actions import book
    from clinic.booking.demonstration import join_practitioners
    from clinic.booking.models import Service
    from clinic.booking.terms import Manner, Slot
    from clinic.demonstration import furnish
    from clinic.patients.actions import add_patient
    from clinic.practice.models import Site
    from clinic.practice.queries import today
    from clinic.serving import SWITCH_AFTER

    sys.setswitchinterval(SWITCH_AFTER)  # as the site does
    furnish()
    by = system("benchmark")
    site = Site.objects.order_by("pk")[0]
    offered = list(Service.objects.all())
    service = next(one for one in offered if one.name == "Follow-up")
    midnight = datetime.combine(today() + timedelta(days=4), datetime.min.time())
    begin = times.instant_of(midnight + timedelta(hours=6), times.zone_of(site.time_zone))
    for staff in join_practitioners(site, PRACTITIONERS, offered, by=by):
        for number in range(VISITS_EACH):
            person = {"given_name": f"P{staff.pk}-{number}", "family_name": "Measured"}
            starts = begin + timedelta(minutes=45 * number)
            slot = Slot(service, staff, site, starts)
            book(slot, add_patient(person, site=site, by=by), by=by, manner=Manner())
    warm_up()
    return reverse("schedule:day", kwargs={"site": site.pk, "day": midnight.date()})


def _steps(given_name: str, day: str) -> Steps:
    """The requests of one practitioner on one patient; each takes the number of its round."""
    from django.test import Client
    from django.urls import reverse

    from clinic.accounts.models import User
    from clinic.assessment.places import all_rows, home_of
    from clinic.audit.actor import system
    from clinic.patients.models import Patient
    from clinic.practice.models import Site, Staff
    from clinic.records.actions import start_visit

    user = User.objects.get(email="practitioner@demonstration.invalid")
    client = Client(SERVER_NAME="localhost")
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    session = client.session
    session["is_secured"] = True
    session.save()
    patient = Patient.objects.get(given_name=given_name)
    visit = start_visit(
        patient,
        staff=Staff.objects.get(user=user),
        site=Site.objects.order_by("pk")[0],
        kind="first",
        by=system("benchmark"),
    )
    known = {"key": patient.pk, "visit": visit.pk}
    keys = [
        key
        for key, row in all_rows().items()
        if row.measure == "grade" and key.side == "right" and key.sign in {"taut_band", "pin_less"}
    ][:40]
    tapped = home_of(keys[0])
    number = tapped.number if tapped else 1
    place = reverse("assessment:place", kwargs=known | {"place": number})
    taps = reverse("assessment:taps", kwargs=known)
    revisions = dict.fromkeys(keys, 0)

    def get(url: str) -> Callable[[int], Any]:
        return lambda _round: client.get(url, headers={"x-part": "yes"})

    def rows(some: list[Any], round_: int) -> dict[str, str]:
        # Three cycles of different length, so that no round has the findings of another.
        sent = {f"f:{key}": str(round_ % (2 + place % 3)) for place, key in enumerate(some)}
        sent |= {f"r:{key}": str(revisions[key]) for key in some}
        for key in some:
            revisions[key] += 1
        return sent

    def save(round_: int) -> Any:  # noqa: ANN401 - a response
        return client.post(place, rows(keys, round_), headers={"x-part": "yes"})

    def tap(some: list[Any]) -> Callable[[int], Any]:
        def send(round_: int) -> Any:  # noqa: ANN401 - a response
            sent = rows(some, round_ + 1) | {"at": str(number)}
            return client.post(taps, sent, headers={"accept": "application/json"})

        return send

    of_visit = {
        "the examination": "examination",
        "the whole answer": "answer",
    }
    return {
        SAVING: save,
        TAP: tap(keys[:1]),
        "eight taps in one": tap(keys[1:9]),
        **{name: get(reverse(f"assessment:{at}", kwargs=known)) for name, at in of_visit.items()},
        "a place": get(place),
        "the chart": lambda _round: client.get(reverse("patients:chart", args=[patient.pk])),
        "the course of treatment": lambda _round: client.get(
            reverse("assessment:course", args=[patient.pk])
        ),
        "the day list": lambda _round: client.get(day),
        "the first page": lambda _round: client.get("/"),
    }


def _costs(steps: Steps) -> dict[str, tuple[int, float]]:
    """What each request costs when nobody else asks: queries, and processor time in ms."""
    from django.db import connection

    found = {}
    for round_ in range(2):  # the second is told: what is loaded once is loaded by then
        for name, step in steps.items():
            sent: list[str] = []

            def heard(execute: Any, sql: str, *more: Any, sent: list[str] = sent) -> Any:  # noqa: ANN401 - as Django has it
                sent.append(sql)
                return execute(sql, *more)

            began = time.thread_time()
            with connection.execute_wrapper(heard):
                step(round_)
            taken = 1000 * (time.thread_time() - began)
            found[name] = (sum(not one.startswith("BEGIN") for one in sent), taken)
    return found


def _measured(people: list[Steps], rounds: int, pause: float) -> Times:
    from django.db import connection

    times: Times = {name: [] for name in TARGETS}
    ready = threading.Barrier(len(people))
    broken: list[str] = []

    def work(place: int, steps: Steps) -> None:
        ready.wait()
        time.sleep(pause * place / len(people))  # hands do not move in step
        for round_ in range(rounds):
            for name, step in steps.items():
                began, own = time.perf_counter(), time.thread_time()
                answer = step(round_)
                taken, own = time.perf_counter() - began, time.thread_time() - own
                if answer.status_code not in {200, 409}:
                    broken.append(f"{name} must be answered, got {answer.status_code}.")
                    return
                if round_:
                    times[name].append((taken * 1000, own * 1000))
                time.sleep(pause)
        connection.close()

    threads = [threading.Thread(target=work, args=pair) for pair in enumerate(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if broken:
        raise RuntimeError(broken[0])
    return times


@contextlib.contextmanager
def _simulating(folder: Path) -> Iterator[Callable[[], str]]:
    """The clinic's worker beside, with courses to simulate; says afterwards what it did."""
    from clinic.assessment.jobs import SIMULATE, given_of
    from clinic.assessment.models import Assessment
    from clinic.audit.actor import system
    from clinic.outbox.actions import request_job
    from clinic.outbox.models import Job

    by = system("benchmark")
    given = given_of(Assessment.objects.order_by("pk")[0].case, (), "rate")
    for number in range(JOBS):  # as many plans, which differ in their dose
        dosed = [NEEDLED | {"visit": visit, "insertions": number + 1} for visit in (1, 2, 3)]
        request_job(SIMULATE, given | {"lines": dosed}, by=by)
    worker = subprocess.Popen(
        [sys.executable, "-m", "clinic.serving", "worker"],
        env=os.environ | {"MYOTOME_CLINIC": str(folder)},
        stderr=subprocess.DEVNULL,
    )
    told = ""
    try:
        until = time.monotonic() + 60
        while not Job.objects.filter(state=Job.State.RUNNING).exists():
            if time.monotonic() > until:
                raise RuntimeError("The worker must take up a course within a minute.")
            time.sleep(0.2)
        yield lambda: told
        done = Job.objects.filter(state=Job.State.DONE).count()
        busy = Job.objects.filter(state=Job.State.RUNNING).exists()
        told = f"{done} courses simulated meanwhile{'' if busy else ', then idle'}"
    finally:
        worker.kill()
        worker.wait()


# From the press to what is on the screen; each tap waits for its whole answer, then a second.
FROM_PRESS_TO_SCREEN = """async taps => {
  const row = document.querySelector('[data-place-form] [data-row="spurling...right"]');
  const rest = ms => new Promise(done => setTimeout(done, ms));
  const first = [], whole = [];
  for (let tap = 0; tap < taps; tap++) {
    performance.clearMarks();
    const start = performance.now();
    const at = name => performance.getEntriesByName(name).map(one => one.startTime - start)[0];
    row.querySelector(`input[type=radio][value="${1 + tap % 3}"]`).click();
    while (at('answer shown') === undefined && performance.now() - start < 10000) await rest(20);
    first.push(at('quick shown') ?? Infinity);
    whole.push(at('answer shown') ?? Infinity);
    await rest(1000);
  }
  return { first, whole };
}"""


def _on_screen(taps: int) -> None:
    """Print how long the numbers take to be on the screen.

    Half as many taps again come first: what is loaded once is loaded by then.
    """
    from by_hand import ROUND, examine
    from looking import CHROMIUM, find
    from playwright.sync_api import sync_playwright
    from processes import furnish, running

    if not CHROMIUM:
        print("\nno Chromium on this machine, the screen is not measured")
        return
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        place = Path(folder) / "clinic"
        furnish(place)
        with running(place, "demo", "--port", "8600", "--at", str(place)) as process:
            lines = [process.stdout.readline() for _ in range(8)]
            link = next(re.search(r"http\S+", one) for one in lines if "practitioner" in one)
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            tab = browser.new_page(base_url=process.address, reduced_motion="reduce")
            tab.goto(link[0] if link else "")
            tab.get_by_role("button", name="Go on").click()
            find(tab, "demo")
            for name in ("Open the chart", "Visits and notes"):
                tab.get_by_role("link", name=name).click()
            tab.get_by_role("button", name="Begin a visit now").click()
            tab.get_by_role("link", name="Examine").click()
            examine(tab, ROUND)
            tab.evaluate(FROM_PRESS_TO_SCREEN, taps // 2)
            times = tab.evaluate(FROM_PRESS_TO_SCREEN, taps)
            browser.close()
    print(f"\non the screen, {taps} taps at forty findings\n{'':32}     p50     p95  target, ms")
    _print_screen("the first numbers", times["first"], FIRST)
    _print_screen("the whole answer", times["whole"], WHOLE)


def _print_screen(name: str, taken: list[float], target: int) -> None:
    percent = statistics.quantiles(taken, n=100, method="inclusive")
    met = "met" if percent[94] <= target else "NOT MET"
    print(f"{name:32} {percent[49]:7.0f} {percent[94]:7.0f}  {target}: {met}", flush=True)
    judged("screen", f"{name} after a tap, p95", percent[94], target, " ms")


def _print(who: str, times: Times, costs: Mapping[str, Any]) -> None:
    busy = f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    print(f"\n{who} ({busy})\n{'':32} queries  alone, ms     p50     p95  own p95  target")
    engine, at_once = who.partition(":")[0], who.partition(":")[2].strip().split(",")[0]
    is_paced, is_simulated = "second" in who, "simulated" in who
    for name, taken in times.items():
        percent = statistics.quantiles([wall for wall, _ in taken], n=100, method="inclusive")
        own = statistics.quantiles([cpu for _, cpu in taken], n=100, method="inclusive")[94]
        p95, (target, most) = percent[94], TARGETS[name]
        queries, alone = costs[name]
        is_met = p95 <= target and (most is None or queries <= most)
        wanted = f"{target} ms" + (f", {most} queries" if most else "")
        print(
            f"{name:32} {queries:7} {alone:10.1f} {percent[49]:7.0f} {p95:7.0f} {own:8.0f}"
            f"  {wanted}: {'met' if is_met else 'NOT MET'}",
            flush=True,
        )
        if is_simulated and name in PROMISED:
            what = f"{name}, {at_once}, while courses are simulated, p95"
            judged(engine, what, p95, target, " ms")
        elif is_paced and not is_simulated:
            judged(engine, f"{name}, {at_once} at a hand's pace, p95", p95, target, " ms")
            if most:
                judged(engine, f"{name}, queries", queries, most)


if __name__ == "__main__":
    main()
