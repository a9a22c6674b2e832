"""A session that cannot be kept: the database died, or somebody signed out elsewhere meanwhile."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.db import DatabaseError, connection
from django.http import HttpResponse
from django.test import Client
from django.urls import path
from django.utils import timezone

from clinic.accounts.keeping import HELD
from clinic.accounts.sessions import SessionStore
from clinic.doors import anyone_writes
from clinic.outbox.worker import EVERY_MINUTE


def kept():
    session = SessionStore()
    session["steps"] = 1
    session.save()
    return session


def on_its_way(session):
    """The same session in the middle of another request."""
    other = SessionStore(session.session_key)
    other["steps"] += 1
    return other


def pages(between):
    """A site of one page, whose form adds a step; `between` comes before its session is kept."""

    @anyone_writes
    def step(request):
        request.session["steps"] += 1
        between()
        return HttpResponse("done")

    class Site:
        urlpatterns = (path("step/", step),)
        handler500 = "clinic.shell.broken"

    return Site


def sent(monkeypatch, session, between):
    monkeypatch.setattr(settings, "ROOT_URLCONF", pages(between))
    client = Client(raise_request_exception=False)
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    return client.post("/step/", {"reason": "The words typed"})


@pytest.mark.postgresql
def test_a_form_whose_session_a_dead_database_does_not_keep_is_told_so(
    postgresql_practice, monkeypatch
):
    server, session = postgresql_practice, kept()
    answer = sent(monkeypatch, session, server.kill)

    page = answer.content.decode()
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert "most likely not saved" in page
    assert "The words typed" in page  # to be sent again
    (server.folder / "data" / "postmaster.pid").unlink(missing_ok=True)
    server.start()
    connection.close()
    assert SessionStore(session.session_key)["steps"] == 1
    assert sent(monkeypatch, session, lambda: None).status_code == 200
    assert SessionStore(session.session_key)["steps"] == 2


@pytest.mark.postgresql
def test_what_the_driver_said_stays_the_failure(postgresql_practice):
    session = on_its_way(kept())
    postgresql_practice.kill()
    with pytest.raises(DatabaseError) as told:
        session.save()
    connection.close()

    assert told.value.__cause__ is not None


def test_a_session_that_was_ended_meanwhile_is_no_fault_of_the_database(committed, monkeypatch):
    session = kept()
    other = on_its_way(session)
    Session.objects.all().delete()
    with pytest.raises(UpdateError):
        other.save()
    session = kept()
    answer = sent(monkeypatch, session, Session.objects.all().delete)

    assert answer.status_code == 400
    assert not Session.objects.exists()


@pytest.mark.django_db
def test_the_worker_forgets_a_session_that_is_over_with_the_form_it_held():
    kept, over = SessionStore(), SessionStore()
    for session in (kept, over):
        session[HELD] = {"path": "/", "fields": {"text": ["Typed"]}}
        session.save()
    Session.objects.filter(pk=over.session_key).update(
        expire_date=timezone.now() - timedelta(seconds=1)
    )

    for step in EVERY_MINUTE:
        step()

    assert list(Session.objects.values_list("pk", flat=True)) == [kept.session_key]
