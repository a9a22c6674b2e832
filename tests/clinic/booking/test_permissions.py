"""Every route of booking, by everybody: what opens, what is absent, what leads to the sign-in."""

import uuid
from itertools import product
from urllib.parse import parse_qsl

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from furnishing import BY, slot, wish_of

from clinic.booking import actions, asking
from clinic.booking.links import feed_token, token_of
from clinic.booking.models import Booking, Newcomer

pytestmark = pytest.mark.django_db
EVERYBODY = {
    None,
    "caring",
    "colleague",
    "elsewhere",
    "student",
    "reception",
    "far_reception",
    "owner",
    "lead",
    "learner",
    "self_user",
    "proxy_user",
    "nobody_user",
}
HERE = {"caring", "colleague", "reception"}  # who sees the schedule of the patient's site
ANY_SITE = HERE | {"elsewhere", "far_reception"}
SIGNED_IN = EVERYBODY - {None}
BOOKS_FOR_ADA = {"self_user", "proxy_user"}  # without the link of the mail
# Route, and who finds something there: a page, a form refused, or the way on.
ROUTES = {
    "book:start": EVERYBODY,
    "book:about": EVERYBODY,
    "book:beforehand": EVERYBODY,
    "book:choose": EVERYBODY,
    "book:details": EVERYBODY,
    "book:sent": EVERYBODY,
    "book:wait": EVERYBODY,
    "book:wait_sent": EVERYBODY,
    "book:open_wait": EVERYBODY,
    "book:waits": set(),  # of whoever has not opened its link
    "book:old_wait_link": EVERYBODY,
    "visits:own": SIGNED_IN,
    "visits:open": EVERYBODY,
    "visits:old_link": EVERYBODY,
    "visits:visit": BOOKS_FOR_ADA,
    "visits:confirm": BOOKS_FOR_ADA,
    "visits:move": BOOKS_FOR_ADA,
    "visits:cancel": BOOKS_FOR_ADA,
    "visits:earlier": BOOKS_FOR_ADA,
    "visits:stop_waiting": BOOKS_FOR_ADA,
    "visits:calendar": BOOKS_FOR_ADA,
    "visits:begin_form": set(),  # of whoever has not opened its link
    "visits:fill": set(),
    "visits:draw": set(),
    "visits:check": set(),
    "visits:close": BOOKS_FOR_ADA,
    "practitioner_feed": EVERYBODY,
    "directory:manifest": EVERYBODY,
    "directory:file": EVERYBODY,
    "schedule:start": ANY_SITE,
    "schedule:day": HERE,
    "schedule:week": HERE,
    "schedule:block": HERE,
    "schedule:unblock": set(),  # of a block that is not there
    "schedule:visit": HERE,
    "schedule:move": HERE,
    "schedule:act": HERE,
    "schedule:book": HERE,
    "schedule:wait_for": HERE,
    "schedule:stop_waiting": set(),  # of one that is not there
    "schedule:newcomers": ANY_SITE,
    "schedule:match": HERE,
    "schedule:bring": {"owner"},
    "schedule:feed": set(),  # of the cast nobody can be booked
    "schedule:setup": {"owner"},
    "schedule:setup_add": {"owner"},
    "schedule:setup_change": {"owner"},
    "schedule:setup_remove": set(),  # of hours that are not there
}
OURS = ("book", "visits", "schedule", "directory")
ANSWERS = {200, 302, 409, 422}  # not 405, which says nothing of anything


def routes(patterns=None, space=""):
    """Names of all routes that booking has."""
    for row in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(row, URLResolver):
            yield from routes(row.url_patterns, row.namespace or space)
        elif isinstance(row, URLPattern) and (space in OURS or row.name == "practitioner_feed"):
            yield f"{space}:{row.name}" if space else row.name


def test_every_route_is_listed_here():
    assert set(routes()) == set(ROUTES)


@pytest.fixture
def addresses(clinic, cast):
    cache.clear()
    reply = actions.book(slot(clinic, 9), clinic.ada, by=BY)
    own = actions.book(slot(clinic, 14), cast.patient, by=BY)
    asked = actions.ask(slot(clinic, 11), {"given_name": "Gil", "email": "g@mail.test"}, by=BY)
    actions.confirm(Booking.objects.get(pk=asked.booking), by=BY)
    given = {
        "token": token_of(reply.booking),
        "key": reply.booking,
        "site": clinic.site.pk,
        "day": clinic.day,
        "what": "arrived",
        "kind": "service",
        "sheet": uuid.uuid4(),
        "pk": clinic.visit.pk,
    }
    more = {
        "schedule:book": {"key": clinic.ada.pk},
        "schedule:wait_for": {"key": clinic.ada.pk},
        "schedule:stop_waiting": {"pk": 999},
        "schedule:match": {"pk": Newcomer.objects.get().pk},
        "schedule:unblock": {"pk": 999},
        "directory:file": {"kind": "slots"},
        "book:open_wait": {"token": asking.token_of(wish_of(clinic))},
        "book:old_wait_link": {"token": asking.token_of(wish_of(clinic))},
        "book:waits": {"key": uuid.uuid4()},
        # of another visit than the one whose link everybody opens
        **{name: {"key": own.booking} for name in ROUTES if ROUTES[name] is BOOKS_FOR_ADA},
        "practitioner_feed": {"token": feed_token(clinic.one.pk, 0)},
    }
    chosen = f"?service={clinic.visit.pk}&site={clinic.site.pk}"
    queries = {"book:choose": chosen, "book:wait": chosen}
    found = {}
    for name in ROUTES:
        wanted = named(name)
        values = {part: (given | more.get(name, {}))[part] for part in wanted}
        found[name] = reverse(name, kwargs=values) + queries.get(name, "")
    return found


def named(name):
    """Parts of a route's address."""
    space, _, route = name.rpartition(":")
    patterns = get_resolver().url_patterns
    if space:
        patterns = next(
            row.url_patterns
            for row in patterns
            if isinstance(row, URLResolver) and row.namespace == space
        )
    row = next(one for one in patterns if isinstance(one, URLPattern) and one.name == route)
    return list(row.pattern.converters)


@pytest.mark.parametrize("who", sorted(EVERYBODY, key=str))
def test_who_opens_what(addresses, as_, who):
    opened = set()
    for (name, address), method in product(addresses.items(), ("get", "post")):
        cache.clear()
        client = as_(who) if who else Client()
        sent = dict(parse_qsl(address.partition("?")[2]))
        answer = getattr(client, method)(address.partition("?")[0], sent)
        login = answer.status_code == 302 and "/sign-in/" in answer["Location"]
        if answer.status_code in ANSWERS and not login:
            opened.add(name)
    assert opened == {name for name, people in ROUTES.items() if who in people}


def test_absent_and_forbidden_look_alike(addresses, as_, clinic):
    there = addresses["schedule:visit"]
    absent = reverse("schedule:visit", kwargs={"key": uuid.uuid4()})
    far = as_("far_reception")

    pages = [far.get(address) for address in (there, absent)]
    assert {page.status_code for page in pages} == {404}
    strip = [page.content.replace(far.session.session_key.encode(), b"") for page in pages]
    assert len({len(one) for one in strip}) == 1
