"""A fixed cast: two sites, one patient, and everybody who may or may not see them."""

import itertools
import os
import shutil
import sys
import time
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import databases
from django.conf import settings
from django.core.cache import cache
from django.db import connections
from django.test import Client
from processes import furnish

from clinic.accounts.models import User
from clinic.audit.actor import Actor, system
from clinic.patients import actions as patients
from clinic.patients.inviting import let_act
from clinic.patients.models import Proxy
from clinic.place import SETTINGS_FILE, Keys, Place
from clinic.practice import actions as practice
from clinic.practice.models import Role, Site
from clinic.practice.queries import today

assert databases.ENGINE in {"sqlite", "postgresql"}, databases.ENGINE
os.environ.setdefault("AIOSMTPD_CONTROLLER_TIMEOUT", "60")  # a mail server on a busy machine
KEYS = Keys(site="a key of the tests", audit={"1": "an audit key"}, backup={"1": "a backup key"})
BY = system("tests")


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """Every test has a clinic's folder of its own."""
    own = Place(folder=tmp_path / "clinic", keys=KEYS, name="Test Clinic")
    own.folder.mkdir()
    monkeypatch.setattr(settings, "PLACE", own)
    monkeypatch.setattr(settings, "SECRET_KEY", KEYS.site)
    return own


@pytest.fixture
def still(monkeypatch):
    """The gate's clock stands: no page writes that somebody was seen."""
    now = time.time()
    monkeypatch.setattr("clinic.gate.time", SimpleNamespace(time=lambda: now))


@pytest.fixture
def founded(db):
    """An empty practice with two sites."""
    main = practice.found_practice(
        jurisdiction="ca-bc",
        site="Main Street",
        time_zone="America/Vancouver",
        is_demonstration=False,
        by=BY,
    )
    harbour = practice.add_site({"name": "Harbour", "time_zone": "America/Toronto"}, by=BY)
    return SimpleNamespace(main=main, harbour=harbour)


def join(name, site, role):
    """One more colleague."""
    return practice.add_staff(
        email=f"{name}@clinic.test",
        name=name.title(),
        profession="",
        site=site,
        role=role,
        by=BY,
        invite=False,
    )


def account(name):
    """Somebody with an account and nothing else."""
    user = User(email=f"{name}@mail.test", name=name.title())
    user.set_unusable_password()
    user.save()
    return user


@pytest.fixture
def cast(founded):
    """Everybody, by what they are to the patient."""
    cache.clear()
    main, harbour = founded.main, founded.harbour
    people = SimpleNamespace(
        main=main,
        harbour=harbour,
        caring=join("caring", main, Role.PRACTITIONER),
        colleague=join("colleague", main, Role.PRACTITIONER),
        covering=join("covering", main, Role.PRACTITIONER),
        elsewhere=join("elsewhere", harbour, Role.PRACTITIONER),
        student=join("student", main, Role.STUDENT),
        reception=join("reception", main, Role.RECEPTION),
        far_reception=join("farreception", harbour, Role.RECEPTION),
        owner=join("owner", main, Role.OWNER),
        lead=join("lead", main, Role.PRIVACY_LEAD),
        learner=join("learner", main, Role.LEARNER),
        self_user=account("self"),
        proxy_user=account("proxy"),
        booking_proxy_user=account("bookingproxy"),
        nobody_user=account("nobody"),
    )
    people.patient = patients.add_patient(
        {
            "family_name": "Sample",
            "given_name": "Ada",
            "born": date(1984, 3, 9),
            "phone": "604 555 0100",
        },
        site=main,
        by=BY,
    )
    people.patient.user = people.self_user
    people.patient.save(update_fields=["user"])
    people.other = patients.add_patient(
        {"family_name": "Other", "given_name": "Bo"}, site=harbour, by=BY
    )
    patients.start_care(people.patient, people.caring, "booked", by=BY)
    practice.set_cover(people.covering, people.caring, today(), today() + timedelta(days=3), by=BY)
    for user, scope in (
        (people.proxy_user, Proxy.Scope.ALL),
        (people.booking_proxy_user, Proxy.Scope.BOOK),
    ):
        let_act(
            people.patient,
            user,
            scope=scope,
            reason="asked for",
            until=today() + timedelta(days=30),
            by=BY,
        )
    return people


@pytest.fixture
def between(cast):
    """Somebody who looks after all at one site, and is but a learner at the patient's."""
    cast.between = join("between", cast.harbour, Role.PRACTITIONER)
    practice.give_role(cast.between, site=cast.harbour, role=Role.PRIVACY_LEAD, by=BY)
    practice.give_role(cast.between, site=cast.main, role=Role.LEARNER, by=BY)
    return cast.between


def client_of(who):
    """A browser in which somebody is signed in with a second factor."""
    user = who if isinstance(who, User) else User.objects.get(pk=who.user_id)
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    session = client.session
    session["is_secured"] = True
    session.save()
    client.user = user
    return client


@pytest.fixture
def as_(cast):
    """`as_("caring")` is the browser of that member of the cast."""
    return lambda name: client_of(getattr(cast, name))


@pytest.fixture
def by():
    """One who acts in tests."""
    return Actor("user:tester")


@pytest.fixture(scope="session")
def cluster():
    """One PostgreSQL server for the session."""
    server = databases.Cluster()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(request, django_db_modify_db_settings_parallel_suffix):
    """Let the usual test database be one of the server when the engine is named."""
    if databases.ENGINE == "postgresql":
        server = request.getfixturevalue("cluster")
        suffix = getattr(request.config, "workerinput", {}).get("workerid", "alone")
        described = databases.database(server.address(f"usual_{suffix}"), Path())
        databases.point_at(described | {"CONN_MAX_AGE": 0})


def pytest_collection_modifyitems(config, items):
    """On the named engine what runs on each in turn runs on this one only."""
    if databases.ENGINE == "sqlite":
        return
    other = [item for item in items if _engine_of(item) == "sqlite"]
    config.hook.pytest_deselected(items=other)
    items[:] = [item for item in items if item not in other]


def _engine_of(item):
    called = getattr(item, "callspec", None)
    return called.params.get("committed") if called else None


@pytest.fixture(scope="session")
def new_database(request):
    """Makes an empty database for a clinic's own process; its address, "" for SQLite's file."""
    if databases.ENGINE == "sqlite":
        return lambda: ""
    server, count = request.getfixturevalue("cluster"), itertools.count()

    def make():
        name = f"own_{next(count)}"
        server.sql(f"CREATE DATABASE {name}")
        return server.address(name)

    return make


@pytest.fixture
def own_database(new_database):
    """The words by which `setup` gets an empty database of the engine that is tested."""
    address = new_database()
    return ("--database", address) if address else ()


@pytest.fixture(scope="session")
def furnished_file(once_a_run):
    """`furnished_file(folder)` puts a demonstration on SQLite there, made once and then copied."""
    made = once_a_run("furnished", lambda folder: furnish(folder / "clinic"))
    return lambda folder: shutil.copytree(made / "clinic", folder, dirs_exist_ok=True)


@pytest.fixture(scope="session")
def furnished(request, tmp_path_factory):
    """`furnished(folder)` puts a demonstration there, on the engine that is tested."""
    if databases.ENGINE == "sqlite":
        return request.getfixturevalue("furnished_file")
    server, count = request.getfixturevalue("cluster"), itertools.count()
    server.sql("CREATE DATABASE furnished")
    made = tmp_path_factory.mktemp("furnished") / "clinic"
    furnish(made, server.address("furnished"))

    def copy(folder):
        name = f"furnished_{next(count)}"
        server.sql(f"CREATE DATABASE {name} TEMPLATE furnished")
        shutil.copytree(made, folder, dirs_exist_ok=True)
        settings = folder / SETTINGS_FILE
        address = server.address("furnished")
        settings.write_text(settings.read_text().replace(address, server.address(name)))

    return copy


@pytest.fixture(scope="session")
def sqlite_template(once_a_run, django_db_blocker):
    """An empty, migrated database file."""

    def make(folder):
        with django_db_blocker.unblock():
            databases.migrated(databases.sqlite_in(folder))

    return once_a_run("template", make) / "clinic.sqlite3"


@pytest.fixture(scope="session")
def postgresql_template(cluster, django_db_blocker):
    """An empty, migrated database on the server."""
    cluster.sql("CREATE DATABASE template_clinic")
    with django_db_blocker.unblock():
        databases.migrated(databases.database(cluster.address("template_clinic"), Path()))
    return "template_clinic"


BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]


@pytest.fixture(params=BOTH if databases.ENGINE == "sqlite" else BOTH[1:])
def committed(request, place, django_db_blocker):
    """A database of its own in which commits are real, on each engine in turn.

    A run on PostgreSQL leaves SQLite to the run that is on SQLite.
    """
    if request.param == "sqlite":
        template = request.getfixturevalue("sqlite_template")
        (place.folder / "clinic.sqlite3").write_bytes(template.read_bytes())
        described, address = databases.sqlite_in(place.folder), ""
    else:
        server = request.getfixturevalue("cluster")
        template = request.getfixturevalue("postgresql_template")
        name = f"clinic_{abs(hash(request.node.nodeid)) % 10**10}"
        server.sql(f"CREATE DATABASE {name} TEMPLATE {template}")
        address = server.address(name)
        described = databases.database(address, place.folder) | {"CONN_MAX_AGE": 0}
    with django_db_blocker.unblock():
        former = databases.point_at(described)
        yield SimpleNamespace(engine=request.param, address=address, folder=place.folder)
        connections["default"].close()
        connections.settings["default"] = former
        del connections["default"]


@pytest.fixture
def postgresql_practice(place, django_db_blocker):
    """A server of its own, to be killed, that the connection points at."""
    server = databases.Cluster()
    described = databases.database(server.address("postgres"), place.folder) | {"CONN_MAX_AGE": 0}
    with django_db_blocker.unblock():
        databases.migrated(described)
        former = databases.point_at(described)
        yield server
        connections["default"].close()
        connections.settings["default"] = former
        del connections["default"]
    server.stop()


@pytest.fixture
def committed_practice(committed):
    """A practice in a database in which commits are real."""
    site = practice.found_practice(
        jurisdiction="ca-bc",
        site="Main Street",
        time_zone="America/Vancouver",
        is_demonstration=False,
        by=BY,
    )
    committed.site = Site.objects.get(pk=site.pk)
    return committed
