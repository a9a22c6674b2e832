"""What an examination costs the clinic: saving, opening and answering at forty findings.

One process on SQLite: one practitioner alone, then eight who each examine somebody of their own, at
the pace of a hand and then without any pause, which no hand reaches. Prints the median and the 95th
percentile of each request beside its target: a record saved within 300 ms, a list of the day within
200 ms, the first numbers after a tap within 150 ms (the tap's own request; what a browser adds to
it is measured in the journeys).
"""

from __future__ import annotations

import os
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

AT_ONCE = 8
ROUNDS = 12
TARGETS = {
    "a tap with its first numbers": 150,
    "forty readings in one form": 300,
    "the examination": 300,
    "a place": 300,
    "the whole answer": 300,
    "the course of treatment": 200,
    "the first page": 200,
}
Steps = Mapping[str, Callable[[int], Any]]


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        _begin(Path(folder) / "clinic")
        _print("one, without pause", _measured([_steps("Bo")], ROUNDS, 0.0))
        names = ("Ada", "Bo", "Cy", "Dot", "Eli", "Ada", "Bo", "Cy")
        people = [_steps(name) for name in names[:AT_ONCE]]
        _print(f"{AT_ONCE}, a request a second each", _measured(people, 5, 1.0))
        _print(f"{AT_ONCE}, without pause", _measured(people, ROUNDS, 0.0))


def _begin(folder: Path) -> None:
    from clinic.place import make_place

    make_place(folder, {"name": "Measured", "database": ""})
    os.environ |= {"MYOTOME_CLINIC": str(folder), "DJANGO_SETTINGS_MODULE": "clinic.settings"}
    import django

    django.setup()
    from clinic.assessment.inference import warm_up
    from clinic.demonstration import furnish

    furnish()
    warm_up()


def _steps(given_name: str) -> Steps:
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
    place = reverse("assessment:place", kwargs=known | {"place": tapped.number if tapped else 1})
    revisions = dict.fromkeys(keys, 0)

    def get(name: str, **more: Any) -> Callable[[int], Any]:  # noqa: ANN401 - parts of an address
        url = reverse(f"assessment:{name}", kwargs=known | more)
        return lambda _round: client.get(url, headers={"x-part": "yes"})

    def save(round_: int) -> Any:  # noqa: ANN401 - a response
        # Three cycles of different length, so that no round has the findings of another.
        rows = {f"f:{key}": str(round_ % (2 + place % 3)) for place, key in enumerate(keys)}
        sent = rows | {f"r:{key}": str(revisions[key]) for key in keys}
        for key in keys:
            revisions[key] += 1
        return client.post(place, sent, headers={"x-part": "yes"})

    def tap(round_: int) -> Any:  # noqa: ANN401 - a response
        key = keys[0]
        sent = {f"f:{key}": str((round_ + 1) % 3), f"r:{key}": str(revisions[key]), "settle": "1"}
        revisions[key] += 1
        return client.post(place, sent, headers={"accept": "application/json"})

    course = reverse("assessment:course", kwargs={"key": patient.pk})
    return {
        "forty readings in one form": save,
        "a tap with its first numbers": tap,
        "the whole answer": get("answer"),
        "the examination": get("examination"),
        "a place": get("place", place=tapped.number if tapped else 1),
        "the course of treatment": lambda _round: client.get(course),
        "the first page": lambda _round: client.get("/"),
    }


def _measured(people: list[Steps], rounds: int, pause: float) -> dict[str, list[float]]:
    from django.db import connection

    times: dict[str, list[float]] = {name: [] for name in TARGETS}
    ready = threading.Barrier(len(people))

    def work(place: int, steps: Steps) -> None:
        ready.wait()
        time.sleep(pause * place / len(people))  # hands do not move in step
        for round_ in range(rounds):
            for name, step in steps.items():
                began = time.perf_counter()
                answer = step(round_)
                taken = time.perf_counter() - began
                if answer.status_code not in {200, 409}:
                    raise RuntimeError(f"{name} must be answered, got {answer.status_code}.")
                if round_:
                    times[name].append(taken * 1000)
                time.sleep(pause)
        connection.close()

    threads = [threading.Thread(target=work, args=pair) for pair in enumerate(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times


def _print(who: str, times: Mapping[str, list[float]]) -> None:
    print(f"\n{who:32} {'p50':>7} {'p95':>7}  target, ms")
    for name, taken in times.items():
        percent = statistics.quantiles(taken, n=100, method="inclusive")
        print(f"{name:32} {percent[49]:7.0f} {percent[94]:7.0f}  {TARGETS[name]}")


if __name__ == "__main__":
    main()
