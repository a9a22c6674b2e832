"""Guessed ids: whoever asks for what is not theirs learns nothing, by whatever id they try.

Every address with an id in it is asked for with ids drawn by lot, ids one digit beside a real one,
real ids of somebody else's rows, and real ids of another kind, also behind the key of a person whom
the one who asks may see. Every row of that somebody else holds a word that nobody else has. No
answer holds the word, all refusals look the same, and no row of theirs changes.
"""

import random
import re
import uuid
from collections import Counter
from datetime import date, timedelta
from itertools import cycle, product
from types import SimpleNamespace

import pytest
from conftest import BY, client_of, join
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, reverse
from django.utils import timezone

from clinic.audit.models import Entry
from clinic.booking.models import Block, Newcomer, Room, Service, Waiting
from clinic.patients import actions as patients
from clinic.patients import inviting
from clinic.patients.models import AddressChange
from clinic.practice import actions as practice
from clinic.practice.models import Role
from clinic.practice.queries import duties_of, today
from clinic.practice.rules import granted
from clinic.records import actions as records
from clinic.records.consent.actions import take_consent
from clinic.records.consent.texts import current_text
from clinic.records.models import Submission, Way
from clinic.records.sheets import actions as sheets
from clinic.records.sheets.versions import current

FEW, MANY = 500, 100_000  # the many in twenty parts, so that workers can share them
WORD = "Zxqvguess"
ASKING = (
    *("caring", "elsewhere", "student", "reception", "far_reception", "owner", "lead", "learner"),
    *("between", "self_user", "proxy_user", "booking_proxy_user", "nobody_user"),
)
OF_A_PERSON = re.compile("^(patients|records|assessment|booking)_")
DRAWN = re.compile(rb'nonce="[^"]+"|value="\w{64}"')  # what is drawn by lot for each page
OTHER_PARTS = {"kind": "alert", "day": "2026-11-25", "what": "cancel", "token": "none"}
FIELDS = {"text": "Planted", "reason": "Planted", "revision": "1", "problem": "Planted"}
FIELDS |= {"note": "Planted", "name": "Planted", "why": "Planted"}
BEHIND_A_LINK = ("visits:", "book:")  # these say to open the link of the mail again
# A form that was sent there and not taken comes back as it was sent.
SENT_BACK = {"visits:fill", "visits:draw", "visits:check"}
SAYS_NOTHING = {"tablet:done"}  # "Hand the tablet back", whatever sheet is named
# One organisation's own rows, of which its owner may see and change all: others ask for these.
OF_THE_PRACTICE = ("practice:", "schedule:setup_")
ASKS_WHO_IT_IS = "mfa_"  # before it looks what is named
KINDS = {
    "schedule:setup_add": {"kind": "room"},
    "schedule:setup_change": {"kind": "room"},
    "schedule:setup_remove": {"kind": "away"},
}


def _routes(found=None, space=""):
    for pattern in get_resolver().url_patterns if found is None else found:
        if hasattr(pattern, "url_patterns"):
            inner = f"{pattern.namespace}:" if pattern.namespace else space
            yield from _routes(pattern.url_patterns, inner)
        else:
            yield f"{space}{pattern.name}", pattern


ROUTES = dict(_routes())


def patterns():
    """Every route in whose address a part is a key or a number: its name, each part's kind."""
    for name, pattern in ROUTES.items():
        parts = pattern.pattern.converters
        kinds = {part: type(kind).__name__[:3] for part, kind in parts.items()}
        if {"UUI", "Int"} & set(kinds.values()) and not (
            name.startswith(ASKS_WHO_IT_IS) or "template" in kinds  # those are nobody's
        ):
            yield name, kinds


@pytest.fixture
def theirs(between):
    """A person whom nobody of those who ask may see, who may, and the keys of their rows."""
    hill = practice.add_site({"name": "Hill", "time_zone": "America/Toronto"}, by=BY)
    practice.give_role(between, site=hill, role=Role.LEARNER, by=BY)
    carer = join("hidden", hill, Role.PRACTITIONER)
    person = patients.add_patient(
        {"family_name": WORD, "given_name": WORD, "preferred_name": WORD, "address": WORD}
        | {"born": date(1984, 3, 9), "email": "theirs@mail.test"},
        site=hill,
        by=BY,
    )
    inviting.invite(person, "theirs@mail.test", by=BY)
    inviting.invite_to_act(
        person,
        name=WORD,
        email="kin@mail.test",
        scope="all",
        reason=WORD,
        until=today() + timedelta(days=30),
        by=BY,
    )
    patients.start_care(person, carer, "booked", by=BY)
    patients.add_line(person, "alert", {"text": WORD}, writer=carer, by=BY)
    visit = records.start_visit(person, staff=carer, site=hill, kind="first", by=BY)
    note = records.sign_note(visit, carer, WORD, needs_co_sign=False, by=BY)
    file = records.attach(visit, title=WORD, content=WORD.encode(), staff=carer, by=BY)
    writer = sheets.Writer(carer.user, Submission.By.STAFF, Way.ASKED, BY)
    sheet = sheets.open_sheet(person, current("first_visit"), writer)
    sheets.save_sheet(sheet, {"problem": [WORD]}, writer, based_on=1)
    consent = take_consent(
        visit,
        current_text(),
        {
            "regions": ["neck"],
            "given_by": "patient",
            "giver": WORD,
            "how": "paper",
            "talked": WORD,
            "renew_on": today() + timedelta(days=84),
        },
        staff=carer,
        by=BY,
    )
    keys = {"visit": visit, "note": note, "pk": file, "sheet": sheet, "consent": consent}
    keys = {"key": person.pk} | {name: row.pk for name, row in keys.items()}
    return person, carer, keys, numbers_of(person, carer, hill)


def numbers_of(person, carer, hill):
    """What stands under a number: by the route that it is meant for, each at the hidden site."""
    lead = join("hiddenlead", hill, Role.PRIVACY_LEAD)
    twin = patients.add_patient({"given_name": WORD}, site=hill, by=BY)
    guest = patients.add_patient({"given_name": WORD}, site=hill, by=BY)
    merge = patients.merge(person, twin, WORD, by=BY)
    emergency = patients.open_in_emergency(person, carer, WORD, by=BY)
    person.care.update(is_own_doing=True)
    now = timezone.now()
    at = {"site": hill, "zone": "America/Toronto", "starts_local": "2027-03-09T09:00"}
    block = Block.objects.create(
        **at, starts_at=now, ends_at=now + timedelta(hours=1), rules_version="1", what_for=WORD
    )
    service = Service.objects.create(name="Visit", kind="follow_up", minutes=30)
    wait = Waiting.objects.create(
        patient=person,
        service=service,
        site=hill,
        first_day=today(),
        last_day=today(),
        since=now,
        refused=[WORD],
    )
    newcomer = Newcomer.objects.create(patient=guest, folded=WORD, email="a@b.test", since=now)
    rows = {
        "patients:unmerge": merge,
        "patients:review": emergency,
        "patients:review_care": person.care.get(),
        "patients:review_address": AddressChange.objects.create(
            patient=person, by=WORD, at=now, invited_by=WORD, invited_at=now
        ),
        "schedule:unblock": block,
        "schedule:stop_waiting": wait,
        "schedule:match": newcomer,
        "schedule:setup_change": Room.objects.create(site=hill, name=WORD),
        "practice:end_role": lead.postings.get(),
    }
    sites = dict.fromkeys(("schedule:day", "schedule:week", "schedule:block"), hill)
    return {name: row.pk for name, row in (rows | sites).items()} | {"of staff": lead.pk}


def rows_of_theirs():
    """Every row of a person or a record in which the word stands."""
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            table = model._meta.db_table
            if OF_A_PERSON.search(table):
                cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - our own table
                yield from (f"{table} {row}" for row in cursor.fetchall() if WORD in str(row))


def guessed(draw, part, theirs):
    """A key that one may try for a part of an address."""
    real = theirs.get(part, theirs["key"])
    digits = list(real.hex)
    digits[draw.randrange(32)] = draw.choice("0123456789abcdef")
    lot = uuid.UUID(int=draw.getrandbits(128), version=4)
    return draw.choice([lot, uuid.UUID("".join(digits)), real, draw.choice(list(theirs.values()))])


def guessed_number(draw, name, part, numbers):
    """A number that one may try: the real one, that of another row, or whatever comes."""
    real = numbers.get(name, numbers["of staff"])
    if part == "site":  # of one's own there is a schedule, and one may see it
        return draw.choice([real, real + 1, real + draw.randrange(1, 10_000)])
    return draw.choice([real, draw.choice(list(numbers.values())), draw.randrange(1, 40)])


def who_may_ask(name, may):
    """Those who are to be refused, whatever they name."""
    if not name.startswith(OF_THE_PRACTICE):
        return ASKING
    door = ROUTES[name].callback.door
    return [who for who in ASKING if door.permission not in may[who]]


def guess(draw, name, kinds, known):
    """Who asks, and the parts of the address; at times behind the key of who is theirs to see."""
    is_numbered = "UUI" not in kinds.values()
    others = OTHER_PARTS | KINDS.get(name, {})
    parts = {
        part: guessed(draw, part, known.keys)
        if kind == "UUI"
        else guessed_number(draw, name, part, known.numbers)
        if kind == "Int" and is_numbered
        else draw.randrange(1, 9)
        if kind == "Int"
        else others[part]
        for part, kind in kinds.items()
    }
    if is_numbered:
        return draw.choice(who_may_ask(name, known.grants)), parts
    if "key" in kinds and list(kinds.values()).count("UUI") > 1 and draw.random() < 0.5:
        return "self_user" if name.startswith("own") else "caring", parts | {"key": known.own}
    return next(known.turns[name.startswith(BEHIND_A_LINK)]), parts


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("seed", "tries"),
    [
        (0, FEW),
        *(pytest.param(seed, MANY // 20, marks=pytest.mark.slow) for seed in range(1, 21)),
    ],
)
def test_a_guessed_id_opens_nothing_and_changes_nothing(cast, theirs, seed, tries):
    person, carer, keys, numbers = theirs
    routes = sorted(patterns())
    may = client_of(carer)
    shown = 0
    for name, kinds in routes:
        parts = {p: keys.get(p, 1) if k != "Str" else OTHER_PARTS[p] for p, k in kinds.items()}
        if "UUI" not in kinds.values():
            continue
        if "Slu" not in kinds.values():
            shown += WORD in may.get(reverse(name, kwargs=parts)).content.decode(errors="replace")
    assert shown > 10  # who may see them does, so that a leak would be seen
    before = sorted(rows_of_theirs())
    assert len(before) >= 6
    clients = {who: client_of(getattr(cast, who)) for who in ASKING}
    grants = {who: granted(duties_of(client.user).roles) for who, client in clients.items()}
    turns = {behind_a_link: cycle(ASKING) for behind_a_link in (False, True)}
    known = SimpleNamespace(
        keys=keys, numbers=numbers, own=cast.patient.pk, grants=grants, turns=turns
    )
    draw = random.Random(seed)
    refusals, codes, leaks = {}, Counter(), []

    for number in range(tries):
        name, kinds = routes[number % len(routes)]
        who, parts = guess(draw, name, kinds, known)
        url = reverse(name, kwargs=parts)
        is_sent = draw.random() < 0.3
        answer = clients[who].post(url, FIELDS) if is_sent else clients[who].get(url)
        page = b"".join(answer.streaming_content) if answer.streaming else answer.content
        codes[answer.status_code] += 1
        if WORD.encode() in page or WORD in str(answer.headers):
            leaks.append((who, url))
        if answer.status_code == 404:
            kind = "link" if name.startswith(BEHIND_A_LINK) else "site"
            kind = "sent back" if is_sent and name in SENT_BACK else kind
            refusals.setdefault((who, kind), set()).add(DRAWN.sub(b"", page))
        elif answer.status_code != 405 and name not in SAYS_NOTHING:
            leaks.append((who, url, answer.status_code))

    assert leaks == []
    kinds_of_page = set(product(ASKING, ("link", "site")))
    assert kinds_of_page <= set(refusals) <= kinds_of_page | set(product(ASKING, ["sent back"]))
    assert {len(pages) for pages in refusals.values()} == {1}
    assert codes[404] > 0.8 * tries  # 405: asked for without the form that is all it takes
    assert sorted(rows_of_theirs()) == before
    assert Entry.objects.filter(act="refused", patient=person.pk).count() > tries / 50
    asked = [f"user:{client.user.pk}" for client in clients.values()]
    of_theirs = Entry.objects.filter(patient=person.pk, actor__in=asked)
    assert set(of_theirs.values_list("act", flat=True)) == {"refused"}


def asked_of_the_database(client, url):
    """The statements of one request, without what they ask for."""
    connection.queries_log.clear()  # it holds no more than some thousands
    with CaptureQueriesContext(connection) as asked:
        client.get(url)
    return [re.sub(r"'[^']*'|\b\d+\b|s\d+_x\d+", "?", one["sql"]) for one in asked.captured_queries]


@pytest.mark.django_db
@pytest.mark.usefixtures("still")
def test_the_same_is_asked_of_the_database_for_absent_and_forbidden(cast, theirs):
    """Time tells them apart where more is asked for one of them than for the other."""
    _, _, keys, numbers = theirs
    routes = [
        (name, kinds) for name, kinds in sorted(patterns()) if not name.startswith(BEHIND_A_LINK)
    ]
    clients = {who: client_of(getattr(cast, who)) for who in ASKING}
    grants = {who: granted(duties_of(client.user).roles) for who, client in clients.items()}
    for client in clients.values():
        client.get("/")  # what a session asks for once
    differ = []

    for name, kinds in routes:
        rest = {
            p: 1 if k == "Int" else (OTHER_PARTS | KINDS.get(name, {})).get(p, "")
            for p, k in kinds.items()
            if k != "UUI"
        }
        uuids = [part for part, kind in kinds.items() if kind == "UUI"]
        forbidden = {part: keys.get(part, keys["key"]) for part in uuids}
        absent = {part: uuid.uuid4() for part in uuids}
        if not uuids:
            part = next(part for part, kind in kinds.items() if kind == "Int")
            forbidden, absent = {part: numbers.get(name, numbers["of staff"])}, {part: 10**6}
        for who in who_may_ask(name, grants):
            client = clients[who]
            pages = [reverse(name, kwargs={**rest, **of}) for of in (forbidden, absent)]
            one, other = (asked_of_the_database(client, page) for page in pages)
            if one != other:
                differ.append((name, who, len(one), len(other)))

    assert differ == []
    assert len(routes) > 40
