"""What a stranger types to be found, booked and treated is in no address, log, letter or audit."""

import re

import pytest
from conftest import client_of
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from furnishing import BY, change_of, opened
from planted import PHONE, PLANTED, WORD, addresses_in, heard, kept_elsewhere, letters, nothing_of
from test_known_bugs import ask, pick

from clinic.booking.models import Bookable, Booking
from clinic.patients.actions import start_care
from clinic.records.models import Sheet, Submission, Way
from clinic.records.sheets import actions as sheets
from clinic.records.sheets.versions import current

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_limits(founded):
    cache.clear()


class Seen:
    """A browser whose answers are looked through: addresses, and whose words came back."""

    def __init__(self, client):
        self.client, self.addresses, self.told = client, [], 0

    def _look(self, answer):
        self.addresses += addresses_in(answer)
        self.addresses.append(answer.request["PATH_INFO"] + "?" + answer.request["QUERY_STRING"])
        self.told += bool(PLANTED.search(answer.content.decode(errors="replace")))
        return answer

    def get(self, url):
        return self._look(self.client.get(url))

    def post(self, url, sent):
        return self._look(self.client.post(url, sent))


def revision(answer):
    return re.search(r'name="revision" value="(\d+)"', answer.content.decode())[1]


def fill_in(seen, fill):
    """A form from its first page to the last, with the word wherever words go."""
    page = seen.get(fill)
    words = dict.fromkeys(("problem", "activity_1", "hope", "words", "medicines"), WORD)
    seen.post(fill, words | {"revision": "x"})  # wrong
    seen.post(fill, words | {"revision": revision(page), "next": "1"})
    check = fill.replace("/fill/", "/check/")
    seen.post(check, {"revision": revision(seen.get(check))})


def test_what_a_guest_types_is_found_nowhere_else(clinic, capfd):
    """From the finder to the form that was sent; in the session there are keys, and no words."""
    Bookable.objects.filter(staff=clinic.one).update(treats="Neck")
    seen = Seen(Client())
    with heard() as logged:
        for need in (f"neck {WORD}", WORD):
            answer = seen.post(reverse("book:start"), {"need": need, "language": WORD})
            assert answer.status_code == 302
            seen.get(answer.url)
        pick(clinic, seen.client, 9, staff=clinic.one, service=clinic.first)
        assert ask(seen.client, name=WORD, phone=PHONE, family_name=WORD).status_code == 302
        booking = Booking.objects.get(state="pending")
        opened(booking.pk, seen.client)
        visit = reverse("visits:visit", kwargs={"key": booking.pk})
        seen.client.post(f"{visit}confirm/")
        for form in ("first_visit", "drawing"):
            begun = seen.post(f"{visit}forms/begin/", {"form": form}).url
            if form == "first_visit":
                fill_in(seen, begun)
            else:
                draw = begun.replace("/fill/", "/draw/")
                more = {"place": "forearm_lateral:right", "feeling": "burning", "strength": "6"}
                seen.post(draw, more | {"revision": revision(seen.get(draw)), "add": "1"})
                seen.get(begun)
        seen.post(f"{visit}forms/begin/", {"form": WORD})
        told = dict(letters())
        seen.post(f"{visit}cancel/", change_of(seen.client, f"{visit}cancel/") | {"reason": WORD})
        seen.post(begun, {"words": WORD, "revision": "2"})
        for page in (visit, f"{visit}move/", begun):
            seen.get(page)

    assert Submission.objects.get().values["problem"] == WORD
    assert seen.told  # to who typed it
    assert [one for one in seen.addresses if PLANTED.search(one)] == []
    parts = r"forearm|burning|neck"
    assert [one for one in seen.addresses if re.search(parts, one, re.IGNORECASE)] == []
    assert nothing_of(kept_elsewhere()) == []
    assert {"first_visit_booked", "first_visit_reminder"} <= set(told)
    assert nothing_of([*told.items(), *letters()]) == []
    assert [line for line in logged.said if PLANTED.search(line)] == []
    assert not PLANTED.search("".join(capfd.readouterr()))
    assert nothing_of(("session", str(row.get_decoded())) for row in Session.objects.all()) == []


def test_what_is_typed_on_the_tablet_is_found_nowhere_else(clinic, capfd):
    start_care(clinic.ada, clinic.one, "booked", by=BY)
    writer = sheets.Writer(clinic.one.user, Submission.By.STAFF, Way.TABLET, BY)
    sheet = sheets.open_sheet(clinic.ada, current("first_visit"), writer)
    client = client_of(clinic.one)
    key = {"key": clinic.ada.pk, "sheet": sheet.pk}
    with heard() as logged:
        fill = client.post(reverse("records:hand_over", kwargs=key)).url
        seen = Seen(client)
        fill_in(seen, fill)
        seen.get(fill)

    assert Sheet.objects.get().submissions.get().values["problem"] == WORD
    assert seen.told  # to who typed it
    assert [one for one in seen.addresses if PLANTED.search(one)] == []
    assert nothing_of(kept_elsewhere()) == []
    assert [line for line in logged.said if PLANTED.search(line)] == []
    assert not PLANTED.search("".join(capfd.readouterr()))


@pytest.mark.parametrize(
    ("need", "found"),
    [
        ("neck pain", "One"),
        ("", "One Two"),
        ("elbow", "Two"),
        ("an elbow", "Two"),
        ("migraine", "One"),
        ("zzz", ""),
    ],
)
def test_who_fits_is_found_and_the_address_says_who_and_not_for_what(clinic, need, found):
    Bookable.objects.filter(staff=clinic.one).update(treats="Neck and head")
    Bookable.objects.filter(staff=clinic.two).update(treats="Elbow")
    answer = Client().post(reverse("book:start"), {"need": need, "site": clinic.site.pk})
    page = Client().get(answer.url).content.decode()

    assert answer.status_code == 302
    assert " ".join(re.findall(r"<h2>(One|Two)</h2>", page)) == found
    assert ("Shown are those" in page) is bool(need and found)
    assert ("Nobody fits" in page) is (not found)
    whole = re.search(r'href="([^"]+)">(?:Show everybody|leave out)', page)
    assert (whole is not None) is bool(need)


def test_a_need_in_an_address_is_not_read(clinic):
    Bookable.objects.filter(staff=clinic.one).update(treats="Neck")
    page = Client().get(reverse("book:start"), {"need": WORD, "language": WORD}).content.decode()
    assert "<h2>One</h2>" in page
    assert "<h2>Two</h2>" in page
    assert WORD not in page


@pytest.mark.parametrize("fit", ["x", "²", "-", "9" * 40, "1-x-", "--"])
def test_odd_letters_for_who_fits_break_nothing(clinic, fit):
    answer = Client(raise_request_exception=False).get(reverse("book:start"), {"fit": fit})
    assert answer.status_code == 200
