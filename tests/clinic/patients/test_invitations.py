"""How somebody comes to a record: who is invited, what the link asks, whom it lets in."""

import re
import threading
import uuid
from datetime import date, timedelta

import pytest
from allauth.mfa.models import Authenticator
from conftest import BY, account, client_of, join
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clinic.accounts.actions import make_account, start_over, switch_off
from clinic.accounts.models import User
from clinic.audit.actor import Actor
from clinic.audit.models import Entry
from clinic.booking.models import Newcomer
from clinic.booking.newcomers import settle
from clinic.outbox.actions import send_due
from clinic.outbox.letters import written
from clinic.outbox.models import Message
from clinic.patients import actions, inviting
from clinic.patients.models import Invitation, Patient, Proxy
from clinic.practice.models import Role, Site
from clinic.practice.queries import today

BORN = {"day": "9", "month": "March", "year": "1984"}
EMAIL = "dot@mail.test"
NAMES = {"given_name": "Dot", "family_name": "Quine", "born": date(1984, 3, 9)}


@pytest.fixture
def dot(cast):
    """Somebody with an address and no account."""
    cache.clear()
    return actions.add_patient(NAMES | {"email": EMAIL}, site=cast.main, by=BY)


def of(patient, name, **more):
    return reverse(f"patients:{name}", kwargs={"key": patient.pk, **more})


def own(patient, name="page"):
    return reverse(f"own:{name}", kwargs={"key": patient.pk})


def link():
    """Where the latest letter leads."""
    message = Message.objects.filter(letter="pages_invitation").latest("promised_at")
    return message.values["link"].removeprefix(settings.PLACE.address)


def invite(patient, who="reception", as_=None):
    if as_ is None:
        inviting.invite(patient, patient.email, by=BY)
    else:
        sent = {"email": patient.email, "is_theirs": "on"}
        assert as_(who).post(of(patient, "invite"), sent).status_code == 302
    return link()


def act_for(patient, email="gil@mail.test", scope="all", days=30, by=BY):
    inviting.invite_to_act(
        patient,
        name="Gil Quine",
        email=email,
        scope=scope,
        reason="Her brother",
        until=today() + timedelta(days=days),
        by=by,
    )
    return link()


def press(path, client=None, **more):
    client = client or Client()
    return client, client.post(path, BORN | more)


def secured(user):
    Authenticator.objects.create(user=user, type=Authenticator.Type.WEBAUTHN, data={})
    return user


def user_of(patient):
    return Patient.objects.get(pk=patient.pk).user


def acts():
    return list(Entry.objects.order_by("pk").values_list("act", flat=True))


# ----------------------------------------------------------- the way that most will go


def test_who_is_invited_gets_an_account_and_after_a_second_factor_their_own_pages(as_, dot):
    path = invite(dot, as_=as_)
    looked = Client().get(path)
    assert (looked.status_code, looked.headers["Referrer-Policy"]) == (200, "no-referrer")
    assert b"Quine" not in looked.content
    assert user_of(dot) is None

    client, answer = press(path)

    user = user_of(dot)
    assert answer.url == reverse("accounts:secure")
    assert (user.email, user.name, user.has_usable_password()) == (EMAIL, "Dot Quine", False)
    assert client.get(own(dot)).url == reverse("accounts:secure")
    secured(user)
    assert b"Your record" in client.get(own(dot)).content
    assert client.get(reverse("own_sheets:forms", kwargs={"key": dot.pk})).status_code == 200
    assert client.get(of(dot, "person")).status_code == 404


def test_each_step_has_its_row_and_the_patient_reads_them(as_, dot):
    client, _ = press(invite(dot, as_=as_))
    secured(user_of(dot))

    rows = Entry.objects.filter(patient=dot.pk).order_by("pk")
    told = [(row.act, row.actor.partition(":")[0]) for row in rows]
    assert ("invited to own pages", "user") in told
    assert ("own pages given an account", "link") in told
    assert "account made" in acts()
    page = client.get(own(dot, "who_looked")).content.decode()
    assert "invited to own pages" in page


def test_the_letter_says_nothing_of_anybody(dot):
    invite(dot)
    act_for(dot)

    for message in Message.objects.filter(letter="pages_invitation"):
        text = "\n".join(written(message.letter, message.values))
        token = message.values["link"].rstrip("/").rsplit("/", 1)[1]
        text = text.replace(token, "")  # letters by chance, of nobody
        assert not re.search(r"dot|quine|gil|1984|patient|pain|treat", text, re.IGNORECASE)
    assert Message.objects.filter(letter="pages_invitation").count() == 2


def test_the_token_is_stored_as_a_digest_only(dot):
    token = invite(dot).split("/")[-2]

    assert len(token) >= 40
    assert token not in str(list(Invitation.objects.values()))
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM outbox_message")
        assert token not in str(cursor.fetchall())  # its letter is sealed


# -------------------------------------------------------------- what opens nothing


def opens_nothing(path, patient):
    client, answer = press(path)
    assert answer.status_code == 410
    assert client.get(path).status_code == 410
    assert user_of(patient) is None
    assert "session" not in client.cookies or "_auth_user_id" not in client.session


def test_a_link_is_spent_once(dot):
    path = invite(dot)
    press(path)
    user = user_of(dot)

    assert press(path)[1].status_code == 410
    assert Client().get(path).status_code == 410
    assert user_of(dot) == user
    assert User.objects.filter(email=EMAIL).count() == 1


def test_a_link_is_over_after_a_week(dot, monkeypatch):
    path, now = invite(dot), timezone.now()

    monkeypatch.setattr(timezone, "now", lambda: now + inviting.LASTS - timedelta(minutes=1))
    assert Client().get(path).status_code == 200
    monkeypatch.setattr(timezone, "now", lambda: now + inviting.LASTS + timedelta(minutes=1))
    opens_nothing(path, dot)


def test_a_guessed_link_opens_nothing_and_guessing_is_stopped(dot):
    invite(dot)
    client = Client()
    guess = lambda: reverse("own:invitation", kwargs={"token": uuid.uuid4().hex})  # noqa: E731

    assert [client.post(guess(), BORN).status_code for _ in range(31)] == [410] * 30 + [429]
    assert user_of(dot) is None


def test_another_site_spends_no_link(dot):
    path = invite(dot)
    Client().post(path, BORN, headers={"Sec-Fetch-Site": "cross-site"})

    assert user_of(dot) is None
    assert press(path)[1].status_code == 302


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (BORN | {"year": "1985"}, "not the date that the clinic has"),
        (BORN | {"day": ""}, "must include a day"),
        (BORN | {"day": "31", "month": "2"}, "must be a real date"),
        (BORN | {"month": "99999999999"}, "must be a real date"),
        (BORN | {"year": "84"}, "four digits"),
        ({}, "must include a day"),
    ],
)
def test_without_the_date_of_birth_it_opens_nothing(dot, typed, said):
    path = invite(dot)
    answer = Client().post(path, typed)

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert user_of(dot) is None
    assert press(path)[1].status_code == 302


def test_five_wrong_dates_of_birth_end_the_link_and_are_written_down(dot):
    path = invite(dot)
    for _ in range(inviting.MOST_WRONG):
        assert press(path, year="1985")[1].status_code == 422

    opens_nothing(path, dot)
    assert acts().count("invitation answered wrongly") == inviting.MOST_WRONG


def change(as_, patient, **more):
    patient.refresh_from_db()
    values = {name: getattr(patient, name) for name in ("given_name", "family_name", "email")}
    values |= {"born": "1984-03-09", "revision": patient.revision} | more
    assert as_("reception").post(of(patient, "change"), values).status_code == 302


def test_an_address_that_changed_in_between_makes_the_link_void_for_good(as_, dot):
    path = invite(dot)
    change(as_, dot, email="other@mail.test")

    opens_nothing(path, dot)
    assert Message.objects.get(letter="pages_invitation").state == "cancelled"
    change(as_, dot, email=EMAIL)
    opens_nothing(path, dot)
    assert "invitation withdrawn" in acts()


def test_a_phone_that_changed_leaves_the_link_alone(as_, dot):
    path = invite(dot)
    change(as_, dot, phone="604 555 0199")

    assert press(path)[1].status_code == 302


def test_an_address_that_was_not_the_one_vouched_for_is_not_written_to(as_, dot):
    sent = {"email": "former@mail.test", "is_theirs": "on"}
    answer = as_("reception").post(of(dot, "invite"), sent)

    assert (answer.status_code, b"changed meanwhile" in answer.content) == (422, True)
    assert not Message.objects.filter(letter="pages_invitation").exists()


def test_without_vouching_nothing_is_sent(as_, dot):
    answer = as_("reception").post(of(dot, "invite"), {"email": EMAIL})

    assert (answer.status_code, b"Ask them first" in answer.content) == (422, True)
    assert not Message.objects.filter(letter="pages_invitation").exists()


def test_withdrawn_or_sent_anew_the_former_link_opens_nothing(as_, dot):
    first = invite(dot, as_=as_)
    second = invite(dot, as_=as_)
    opens_nothing(first, dot)
    page = as_("reception").get(of(dot, "person")).content.decode()
    assert "Send the invitation again" in page

    row = Invitation.objects.get(ended_at=None)
    as_("reception").post(of(dot, "withdraw_invitation", invitation=row.pk))

    opens_nothing(second, dot)
    assert acts().count("invitation withdrawn") == 1
    assert b"Not invited." in as_("reception").get(of(dot, "person")).content


def test_an_invitation_of_one_is_not_withdrawn_through_another(as_, cast, dot):
    invite(dot)
    row = Invitation.objects.get()

    for name in ("withdraw_invitation", "withdraw_to_act"):
        url = of(cast.patient, name, invitation=row.pk)
        assert as_("reception").post(url).status_code == 404
    assert as_("reception").post(of(dot, "withdraw_to_act", invitation=row.pk)).status_code == 404
    row.refresh_from_db()
    assert row.ended_at is None


# ------------------------------------------------------------ who is not invited


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("no address", "Write down the email address first"),
        ("no birth date", "Write down the date of birth first"),
        ("merged", "merged into another"),
        ("from outside", "Say first whose record it is"),
        ("account", "There is an account already"),
    ],
)
def test_who_cannot_be_invited_and_why(as_, cast, dot, state, said):
    if state == "no address":
        Patient.objects.filter(pk=dot.pk).update(email="")
    elif state == "no birth date":
        Patient.objects.filter(pk=dot.pk).update(born=None)
    elif state == "merged":
        actions.merge(cast.patient, dot, "same card", by=BY)
    elif state == "from outside":
        Newcomer.objects.create(patient=dot, folded="dot", email=EMAIL, since=timezone.now())
    else:
        Patient.objects.filter(pk=dot.pk).update(user=cast.nobody_user)

    sent = {"email": EMAIL, "is_theirs": "on"}
    answer = as_("reception").post(of(dot, "invite"), sent)
    assert (answer.status_code, said in answer.content.decode()) == (422, True)
    assert not Message.objects.filter(letter="pages_invitation").exists()
    page = as_("reception").get(of(dot, "person")).content.decode()
    assert "Send the invitation</button>" not in page.split("Their own pages")[1]


def test_who_booked_from_outside_is_invited_once_it_is_said_who_it_is(dot):
    row = Newcomer.objects.create(patient=dot, folded="dot", email=EMAIL, since=timezone.now())
    with pytest.raises(inviting.CannotInvite):
        invite(dot)
    settle(row, None, by=BY)

    assert press(invite(dot))[1].status_code == 302


def test_a_link_to_a_record_that_was_merged_meanwhile_leads_to_the_one_kept_or_nowhere(cast, dot):
    path = invite(dot)
    done = actions.merge(cast.patient, dot, "same card", by=BY)
    assert press(path)[1].status_code == 410  # the kept one has another address, and an account
    actions.unmerge(done, by=BY)

    assert press(path)[1].status_code == 302
    assert user_of(dot).email == EMAIL


@pytest.mark.parametrize("against", ["reception", None])
def test_who_is_kept_out_of_a_chart_invites_nobody_to_it(as_, cast, dot, against):
    actions.set_lock(dot, getattr(cast, against) if against else None, "asked for", by=BY)
    reception = as_("reception")
    page = reception.get(of(dot, "person")).content.decode()
    until = (today() + timedelta(days=9)).isoformat()
    sent = {"email": EMAIL, "is_theirs": "on"}
    acting = sent | {"name": "Gil", "scope": "all", "reason": "Brother", "ends_on": until}

    assert "You are kept out of this chart" in page
    assert "Invite somebody" not in page
    for name, fields in (("invite", sent), ("invite_to_act", acting)):
        answer = reception.post(of(dot, name), fields)
        assert (answer.status_code, b"kept out" in answer.content) == (422, True)
    assert not Message.objects.filter(letter="pages_invitation").exists()
    if against:
        assert as_("caring").post(of(dot, "invite"), sent).status_code == 302


def test_nobody_invites_themselves(as_, cast, dot):
    Patient.objects.filter(pk=dot.pk).update(email="Reception@clinic.test")
    until = (today() + timedelta(days=9)).isoformat()
    sent = {"email": "reception@clinic.test", "is_theirs": "on"}
    acting = sent | {"name": "Me", "scope": "all", "reason": "Me", "ends_on": until}

    for name, fields in (("invite", sent), ("invite_to_act", acting)):
        answer = as_("reception").post(of(dot, name), fields)
        assert (answer.status_code, b"Nobody invites themselves" in answer.content) == (422, True)
    assert as_("caring").post(of(dot, "invite"), sent).status_code == 302


def test_who_invited_does_not_come_by_it_themselves(cast, dot):
    row = inviting.invite(dot, EMAIL, by=Actor(f"user:{cast.nobody_user.pk}"))
    User.objects.filter(pk=cast.nobody_user.pk).update(email=EMAIL)

    with pytest.raises(inviting.Elsewhere):
        inviting.accept(row, User.objects.get(email=EMAIL), by=BY)
    assert user_of(dot) is None


# ------------------------------------------------------ an address that has an account


def signed_in(client, user):
    """The sign-in that the page leads to, in the same browser."""
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    session = client.session
    session["is_secured"] = True
    session.save()


ACCEPT = "own:accept"


def test_who_merely_has_the_mail_is_not_let_into_an_account(dot):
    holder = secured(make_account(email=EMAIL, name="Dot", by=BY))
    client, answer = press(invite(dot))

    assert answer.url == f"{reverse('account_login')}?next=%2Fmine%2Finvitation%2F"
    assert "_auth_user_id" not in client.session
    assert client.get(reverse(ACCEPT)).url.startswith(reverse("account_login"))
    assert client.post(reverse(ACCEPT)).status_code in {302, 403}
    assert user_of(dot) is None
    assert Authenticator.objects.filter(user=holder).count() == 1


def test_an_account_that_signs_in_and_says_yes_is_linked(dot):
    holder = secured(make_account(email=EMAIL, name="Dot", by=BY))
    client, _ = press(invite(dot))
    signed_in(client, holder)

    page = client.get(reverse(ACCEPT)).content.decode()
    assert "Open your own pages with this account?" in page
    assert "Quine" not in page
    assert user_of(dot) is None
    assert client.post(reverse(ACCEPT)).url == reverse("own:list")

    assert user_of(dot) == holder
    assert client.get(own(dot)).status_code == 200
    assert client.get(reverse(ACCEPT)).status_code == 410


def test_another_account_than_that_of_the_address_is_not_linked(cast, dot):
    secured(make_account(email=EMAIL, name="Dot", by=BY))
    client, _ = press(invite(dot))
    signed_in(client, cast.nobody_user)

    assert b"for another address" in client.get(reverse(ACCEPT)).content
    assert client.post(reverse(ACCEPT)).status_code == 410
    assert user_of(dot) is None


def test_without_the_link_opened_in_this_browser_nothing_is_accepted(dot, monkeypatch):
    holder = secured(make_account(email=EMAIL, name="Dot", by=BY))
    path = invite(dot)
    assert client_of(holder).post(reverse(ACCEPT)).status_code == 410
    client, _ = press(path, client_of(holder))
    assert client.get(reverse(ACCEPT)).status_code == 200

    session = client.session
    session["invitation_opened"] = [session["invitation_opened"][0], 0.0]
    session.save()
    assert client.post(reverse(ACCEPT)).status_code == 410
    assert user_of(dot) is None


def test_staff_see_no_difference_between_an_address_with_and_without_an_account(as_, cast, dot):
    twin = actions.add_patient(NAMES | {"email": "caring@clinic.test"}, site=cast.main, by=BY)
    until = (today() + timedelta(days=9)).isoformat()
    acting = {"name": "G", "is_theirs": "on", "scope": "all", "reason": "R", "ends_on": until}
    client, pages = as_("reception"), []
    for patient, other in ((dot, "unknown@mail.test"), (twin, "colleague@clinic.test")):
        answers = [
            client.post(of(patient, "invite"), {"email": patient.email, "is_theirs": "on"}),
            client.post(of(patient, "invite_to_act"), acting | {"email": other}),
        ]
        page = client.get(of(patient, "person")).content.decode()
        for own_word in (patient.email, other, str(patient.pk), str(patient.number)):
            page = page.replace(own_word, "-")
        page = re.sub(r'nonce="[^"]+"|value="\w{64}"|\d+/withdraw|data-again="\w+"', "", page)
        pages.append(([each.status_code for each in answers], page))

    assert pages[0] == pages[1]


def test_a_colleague_who_is_a_patient_too_sees_their_own_pages_whatever_they_are_here(cast, dot):
    Site.objects.filter(pk=cast.main.pk).update(charts_open_to=Site.ChartsOpenTo.WHOLE_SITE)
    Patient.objects.filter(pk=dot.pk).update(email="colleague@clinic.test")
    user = secured(User.objects.get(pk=cast.colleague.user_id))
    client, answer = press(invite(Patient.objects.get(pk=dot.pk)))
    assert answer.url.startswith(reverse("account_login"))
    signed_in(client, user)
    client.post(reverse(ACCEPT))

    assert client.get(own(dot)).status_code == 200
    assert b"Your record" in client.get("/").content


def test_an_account_with_a_record_of_its_own_takes_no_second(cast, dot):
    secured(cast.self_user)
    Patient.objects.filter(pk=dot.pk).update(email="self@mail.test")
    client, _ = press(invite(Patient.objects.get(pk=dot.pk)))
    signed_in(client, cast.self_user)
    answer = client.post(reverse(ACCEPT))

    assert (answer.status_code, b"Nothing was changed" in answer.content) == (409, True)
    assert user_of(dot) is None
    assert Invitation.objects.get().accepted_at is None


def test_an_account_that_was_never_entered_is_taken_up_again(dot):
    press(invite(dot))
    first = user_of(dot)
    inviting.end_own_access(dot, by=BY)

    client, answer = press(invite(dot))

    assert answer.url == reverse("accounts:secure")
    assert user_of(dot) == first
    assert client.session["_auth_user_id"] == str(first.pk)


def test_an_account_of_staff_that_was_never_entered_is_not_entered_by_this_link(cast, dot):
    join("newcomer", cast.main, Role.OWNER)
    Patient.objects.filter(pk=dot.pk).update(email="newcomer@clinic.test")
    client, answer = press(invite(Patient.objects.get(pk=dot.pk)))

    assert answer.url.startswith(reverse("account_login"))
    assert "_auth_user_id" not in client.session


def test_a_closed_account_is_not_opened(dot):
    switch_off(make_account(email=EMAIL, name="Dot", by=BY), by=BY)
    answer = press(invite(dot))[1]

    assert (answer.status_code, b"Nothing was changed" in answer.content) == (409, True)
    assert user_of(dot) is None


# ------------------------------------------------------------------- acting for another


@pytest.mark.parametrize("scope", ["all", "book"])
def test_who_is_invited_to_act_needs_no_account_and_acts_from_yes_until_the_last_day(
    as_, cast, dot, scope
):
    last = today() + timedelta(days=30)
    sent = {"name": "Gil Quine", "email": "gil@mail.test", "is_theirs": "on", "scope": scope}
    form = sent | {"reason": "Her brother", "ends_on": last.isoformat()}
    assert as_("reception").post(of(dot, "invite_to_act"), form).status_code == 302
    page = as_("reception").get(of(dot, "person")).content.decode()
    assert "Gil Quine" in page
    assert "not answered yet" in page
    assert not Proxy.objects.filter(patient=dot).exists()
    assert not User.objects.filter(email="gil@mail.test").exists()

    client, answer = press(link())

    proxy = Proxy.objects.get(patient=dot)
    assert answer.url == reverse("accounts:secure")
    assert (proxy.user.email, proxy.user.name) == ("gil@mail.test", "Gil Quine")
    assert (proxy.scope, proxy.starts_on, proxy.ends_on) == (scope, today(), last)
    secured(proxy.user)
    assert client.get(own(dot)).status_code == (200 if scope == "all" else 404)
    assert b"Dot" in client.get(reverse("visits:own")).content
    assert b"Nothing is open to you" not in client.get("/").content
    assert user_of(dot) is None
    rows = Entry.objects.filter(patient=dot.pk, act__in=["somebody invited to act", "proxy named"])
    told = rows.order_by("pk").values_list("act", "actor")
    assert list(told) == [
        ("somebody invited to act", f"user:{cast.reception.user_id}"),
        ("proxy named", "link:pages"),
    ]


def test_a_mother_of_two_acts_for_both_with_one_account(cast, dot):
    second = actions.add_patient(NAMES | {"given_name": "Tot"}, site=cast.main, by=BY)
    client, _ = press(act_for(dot, email="mother@mail.test"))
    mother = secured(User.objects.get(email="mother@mail.test"))

    client, answer = press(act_for(second, email="mother@mail.test"))
    assert answer.url.startswith(reverse("account_login"))
    signed_in(client, mother)
    page = client.get(reverse(ACCEPT)).content.decode()
    assert "see and do what they can" in page
    assert not re.search(r"\bTot\b", page)
    client.post(reverse(ACCEPT))

    listed = client.get(reverse("own:list")).content.decode()
    assert "Dot Quine" in listed
    assert "Tot Quine" in listed
    assert Proxy.objects.filter(user=mother).count() == 2


def test_after_the_last_day_the_link_opens_nothing(dot, monkeypatch):
    path = act_for(dot, days=1)
    later = timezone.now() + timedelta(days=3)
    monkeypatch.setattr(timezone, "now", lambda: later)

    assert press(path)[1].status_code == 410
    assert not Proxy.objects.filter(patient=dot).exists()


def test_an_invitation_to_act_is_withdrawn(as_, dot):
    path = act_for(dot)
    row = Invitation.objects.get()
    as_("reception").post(of(dot, "withdraw_to_act", invitation=row.pk))

    assert press(path)[1].status_code == 410
    assert Message.objects.get(letter="pages_invitation").state == "cancelled"


# ------------------------------------------------------------------------ afterwards


def test_access_that_is_ended_ends_at_once_and_can_be_given_again(as_, dot):
    client, _ = press(invite(dot, as_=as_))
    user = secured(user_of(dot))
    assert client.get(own(dot)).status_code == 200
    page = as_("reception").get(of(dot, "person")).content.decode()
    assert "Open to their own account since" in page

    as_("reception").post(of(dot, "end_access"))
    as_("reception").post(of(dot, "end_access"))

    assert client.get(own(dot)).url.startswith("/sign-in/")
    assert client_of(User.objects.get(pk=user.pk)).get(own(dot)).status_code == 404
    assert acts().count("own pages closed") == 1
    assert b"Not invited." in as_("reception").get(of(dot, "person")).content
    again, answer = press(invite(dot, as_=as_))
    assert answer.url.startswith(reverse("account_login"))
    signed_in(again, User.objects.get(pk=user.pk))
    again.post(reverse(ACCEPT))
    assert user_of(dot) == user


def test_who_lost_every_way_of_signing_in_gets_a_new_link(as_, dot):
    client, _ = press(invite(dot))
    user = secured(user_of(dot))
    as_("reception").post(of(dot, "renew_access"))

    assert client.get(own(dot)).url.startswith("/sign-in/")
    assert not Authenticator.objects.filter(user=user).exists()
    letter = Message.objects.get(letter="invitation")
    assert letter.to == EMAIL
    fresh = Client()
    assert fresh.post(letter.values["link"]).url == reverse("accounts:secure")
    assert user_of(dot) == user
    assert "own sign-in renewed" in acts()


def test_reception_renews_no_sign_in_of_a_colleague(as_, cast, dot):
    user = secured(User.objects.get(pk=cast.owner.user_id))
    Patient.objects.filter(pk=dot.pk).update(user=user)
    answer = as_("reception").post(of(dot, "renew_access"), follow=True)

    assert b"cannot be done here" in answer.content
    assert Authenticator.objects.filter(user=user).exists()
    assert not Message.objects.filter(letter="invitation").exists()


def test_an_account_goes_along_when_two_records_are_made_one_and_comes_back(cast, dot):
    kept = actions.add_patient(NAMES, site=cast.main, by=BY)
    client, _ = press(invite(dot))
    user = secured(user_of(dot))

    done = actions.merge(kept, dot, "same card", by=BY)
    assert (user_of(kept), user_of(dot)) == (user, None)
    assert client.get(own(kept)).status_code == 200
    actions.unmerge(done, by=BY)
    assert (user_of(kept), user_of(dot)) == (None, user)
    assert client.get(own(kept)).status_code == 404
    assert client.get(own(dot)).status_code == 200


def test_the_account_of_a_merged_record_can_come_to_the_one_that_was_kept(cast, dot):
    """Once that of the kept one was closed; its own record opens nothing any more."""
    other = actions.add_patient(NAMES | {"email": "second@mail.test"}, site=cast.main, by=BY)
    for patient in (dot, other):
        press(invite(patient))
        patient.refresh_from_db()
    actions.merge(dot, other, "The same person", by=BY)
    inviting.end_own_access(dot, by=BY)
    Patient.objects.filter(pk=dot.pk).update(email="second@mail.test")
    dot.refresh_from_db()
    secured(other.user)
    client, answer = press(invite(dot), client_of(other.user))

    assert client.post(answer.url).status_code == 302
    assert (user_of(dot), user_of(other)) == (other.user, None)
    assert Entry.objects.filter(act="own pages closed", patient=other.pk).count() == 1


def test_of_two_records_with_accounts_each_keeps_its_own(cast, dot):
    Patient.objects.filter(pk=dot.pk).update(user=cast.nobody_user)
    actions.merge(cast.patient, dot, "same card", by=BY)

    assert user_of(cast.patient) == cast.self_user
    assert client_of(cast.nobody_user).get(own(cast.patient)).status_code == 404
    assert client_of(cast.nobody_user).get(own(dot)).status_code == 404


# ------------------------------------------------------------------ letters and crowds


def late(monkeypatch, span):
    sent, then = [], timezone.now() + span
    monkeypatch.setattr("clinic.outbox.actions.send", lambda **letter: sent.append(letter))
    monkeypatch.setattr(timezone, "now", lambda: then)
    send_due()
    return sent


def test_a_letter_that_waited_longer_than_its_link_lives_arrives_with_one_that_opens(
    dot, monkeypatch
):
    path = invite(dot)
    (letter,) = late(monkeypatch, timedelta(days=9))

    assert path in letter["text"]
    assert press(path)[1].status_code == 302
    assert "invitation renewed" in acts()


@pytest.mark.parametrize("meanwhile", ["withdrawn", "accepted", "merged"])
def test_a_letter_whose_link_leads_nowhere_does_not_leave(cast, dot, monkeypatch, meanwhile):
    path = invite(dot)
    if meanwhile == "withdrawn":
        Invitation.objects.update(ended_at=timezone.now())
    elif meanwhile == "accepted":
        press(path)
    else:
        actions.merge(cast.patient, dot, "same card", by=BY)

    assert late(monkeypatch, timedelta(hours=1)) == []
    assert Message.objects.get(letter="pages_invitation").state == "cancelled"


def test_of_many_who_press_one_link_at_once_one_comes_in(committed_practice):
    dot = actions.add_patient(NAMES | {"email": EMAIL}, site=committed_practice.site, by=BY)
    row = inviting.invite(dot, EMAIL, by=BY)
    came, refused, gate = [], [], threading.Barrier(6)

    def one():
        gate.wait()
        try:
            came.append(inviting.come_in(row, by=BY))
        except (inviting.InvitationOver, inviting.NeedsSignIn) as error:
            refused.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(came), len(refused)) == (1, 5)
    assert user_of(dot) == came[0]
    assert User.objects.filter(email=EMAIL).count() == 1
    assert acts().count("own pages given an account") == 1


def test_of_two_records_that_one_account_takes_at_once_it_gets_one(committed_practice):
    site = committed_practice.site
    user = secured(account("both"))
    people = [
        actions.add_patient(NAMES | {"email": user.email}, site=site, by=BY) for _ in range(2)
    ]
    rows = [inviting.invite(patient, user.email, by=BY) for patient in people]
    answers, gate = [], threading.Barrier(2)

    def one(row):
        gate.wait()
        try:
            inviting.accept(row, user, by=BY)
            answers.append("yes")
        except inviting.Elsewhere:
            answers.append("no")
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=[row]) for row in rows]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) == ["no", "yes"]
    assert Patient.objects.filter(user=user).count() == 1


def test_sign_in_that_was_started_over_is_not_lost_to_an_invitation(dot):
    """What `start_over` leaves behind is entered by its own letter, or by this one: one mailbox."""
    press(invite(dot))
    user = secured(user_of(dot))
    start_over(user, by=BY)

    assert press(act_for(dot, email=EMAIL))[1].url == reverse("accounts:secure")
