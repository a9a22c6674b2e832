"""The practice: roles, credentials that another checked, rules of a place, always an owner."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import pytest
from conftest import BY, client_of
from django.db import IntegrityError, transaction
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from clinic.audit.models import Entry
from clinic.doors import Permission
from clinic.outbox.models import Job, Message
from clinic.practice import actions
from clinic.practice.models import Credential, Posting, Practice, Role
from clinic.practice.queries import duties_of, expiring_credentials, today
from clinic.practice.rules import (
    GRANTS,
    is_valid_on,
    jurisdictions,
    keep_until,
    missing_for_needling,
)

DAY = date(2027, 3, 9)


@dataclass(frozen=True)
class Paper:
    kind: str = "licence"
    valid_from: date = DAY - timedelta(days=100)
    last_day: date | None = DAY
    checked_on: date | None = DAY - timedelta(days=99)
    struck_at: datetime | None = None


def test_a_credential_holds_on_its_last_day_and_not_after():
    assert is_valid_on(Paper(), DAY)
    assert not is_valid_on(Paper(), DAY + timedelta(days=1))
    assert not is_valid_on(Paper(), DAY - timedelta(days=101))


def test_a_credential_that_nobody_checked_counts_for_nothing():
    assert not is_valid_on(replace(Paper(), checked_on=None), DAY)


def test_needling_needs_every_credential_that_the_place_asks_for():
    needed = jurisdictions()["ca-bc"].needling_needs
    papers = [Paper(kind) for kind in needed]

    assert missing_for_needling(papers, DAY, needed) == []
    assert missing_for_needling(papers[1:], DAY, needed) == [needed[0]]
    assert missing_for_needling(papers, DAY + timedelta(days=1), needed) == list(needed)


def test_every_place_says_where_its_retention_comes_from_and_what_it_did_not_read():
    for rules in jurisdictions().values():
        assert rules.retention_source
        assert rules.needling_authority
        assert rules.retention_years >= 10


@given(st.dates(date(1930, 1, 1), date(2027, 1, 1)), st.dates(date(2000, 1, 1), date(2030, 1, 1)))
def test_a_record_is_kept_at_least_its_years_and_past_majority(born, last):
    rules = jurisdictions()["ca-bc"]
    kept = keep_until(last, born, rules)

    assert kept.year - last.year >= rules.retention_years
    assert kept.year - born.year >= rules.age_of_majority + rules.retention_years


def test_reception_owner_and_privacy_lead_hold_no_permission_on_charts():
    for role in (Role.RECEPTION, Role.OWNER, Role.PRIVACY_LEAD, Role.LEARNER):
        assert not GRANTS[role] & {Permission.READ_CHART, Permission.WRITE_CHART}


def test_there_is_one_practice(founded):
    with pytest.raises(IntegrityError), transaction.atomic():
        Practice.objects.create(only=False, jurisdiction="ca-on")


def test_the_last_owner_stays_an_owner(cast):
    posting = cast.owner.postings.get()
    with pytest.raises(actions.LastOwner):
        actions.end_role(posting, by=BY)
    with pytest.raises(actions.LastOwner):
        actions.let_go(cast.owner, by=BY)
    assert duties_of(cast.owner.user).roles == {Role.OWNER}

    actions.give_role(cast.lead, cast.main, Role.OWNER, by=BY)
    actions.end_role(posting, by=BY)

    assert duties_of(cast.owner.user).roles == set()
    assert Posting.objects.filter(staff=cast.owner).count() == 1


def test_who_leaves_can_no_longer_sign_in_and_stays_in_the_record(cast):
    client = client_of(cast.caring)
    actions.let_go(cast.caring, by=BY)

    assert client.get(reverse("own:list")).url.startswith("/sign-in/")
    assert cast.patient.care.filter(staff=cast.caring).exists()
    assert Entry.objects.filter(act="staff left").count() == 1


def test_an_owner_invites_a_colleague_whose_invitation_goes_by_mail(as_, cast):
    answer = as_("owner").post(
        reverse("practice:invite"),
        {
            "name": "New One",
            "email": "New@Clinic.Test",
            "profession": "Physiotherapist",
            "site": cast.main.pk,
            "role": "practitioner",
        },
    )

    assert answer.status_code == 302
    assert Message.objects.get(letter="invitation").to == "new@clinic.test"
    twice = as_("owner").post(
        reverse("practice:invite"),
        {
            "name": "New One",
            "email": "new@clinic.test",
            "site": cast.main.pk,
            "role": "practitioner",
        },
    )
    assert twice.status_code == 422


def test_nobody_checks_their_own_credential(as_, cast):
    values = {
        "kind": Credential.Kind.LICENCE,
        "issuer": "A college",
        "number": "7",
        "valid_from": today(),
    }
    own = actions.add_credential(cast.owner, values, by=BY)
    theirs = actions.add_credential(cast.caring, values, by=BY)
    client = as_("owner")

    for credential in (own, theirs):
        client.post(reverse("practice:check_credential", kwargs={"pk": credential.pk}))

    own.refresh_from_db()
    theirs.refresh_from_db()
    assert own.checked_on is None
    assert theirs.checked_by == cast.owner
    with pytest.raises(IntegrityError), transaction.atomic():
        Credential.objects.filter(pk=own.pk).update(checked_by=cast.owner)


def test_credentials_that_run_out_are_shown_in_time(cast):
    values = {
        "kind": Credential.Kind.NEEDLING,
        "issuer": "A college",
        "number": "8",
        "valid_from": today(),
        "expires_on": today() + timedelta(days=30),
    }
    actions.add_credential(cast.caring, values, by=BY)

    assert len(expiring_credentials(today())) == 1
    assert expiring_credentials(today(), within_days=10) == []


def test_a_changed_site_says_in_the_audit_what_changed_and_not_to_what(as_, cast):
    as_("owner").post(
        reverse("practice:change_site", kwargs={"pk": cast.main.pk}),
        {
            "name": "Main Street",
            "time_zone": "America/Vancouver",
            "phone": "604 555 0199",
            "charts_open_to": "care_team",
        },
    )

    entry = Entry.objects.get(act="site changed")
    assert entry.detail == {"fields": ["phone"]}


def test_asking_for_a_check_of_the_audit_and_stopping_it_are_audited(as_):
    client = as_("lead")
    client.post(reverse("practice:audit_checks"))
    job = Job.objects.get()
    client.post(reverse("practice:cancel_audit_check", kwargs={"pk": job.pk}))

    job.refresh_from_db()
    assert job.state == Job.State.CANCELLED
    rows = Entry.objects.filter(subject=f"job:{job.pk}").order_by("id")
    assert [(row.act, row.actor) for row in rows] == [
        ("audit check asked for", f"user:{client.user.pk}"),
        ("audit check cancelled", f"user:{client.user.pk}"),
    ]


def test_a_role_that_does_not_exist_is_answered_with_what_is_wrong(as_, cast):
    url = reverse("practice:give_role", kwargs={"pk": cast.learner.pk})
    answer = as_("owner").post(url, {"site": cast.main.pk, "role": "king"})

    assert answer.status_code == 422
    assert b"king is not one of the available choices" in answer.content


def licence(begins, ends, number="7"):
    return {
        "kind": "licence",
        "issuer": "A college",
        "number": number,
        "valid_from": (today() + timedelta(days=begins)).isoformat(),
        "expires_on": (today() + timedelta(days=ends)).isoformat(),
    }


def test_a_licence_is_renewed_under_its_own_number(as_, cast):
    client = as_("owner")
    url = reverse("practice:add_credential", kwargs={"pk": cast.caring.pk})
    answers = [client.post(url, licence(-300, 60)), client.post(url, licence(61, 400))]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert cast.caring.credentials.count() == 2


def test_the_same_from_the_same_day_is_entered_once_and_the_page_says_what_to_do(as_, cast):
    client = as_("owner")
    url = reverse("practice:add_credential", kwargs={"pk": cast.caring.pk})
    client.post(url, licence(-300, 60))
    answer = client.post(url, licence(-300, 90))

    assert answer.status_code == 422
    assert "This one stands here already from that day." in answer.content.decode()
    assert 'aria-invalid="true"' in answer.content.decode()
    backwards = client.post(url, licence(0, -1))
    assert backwards.status_code == 422
    assert b"The last valid day must not be before the first." in backwards.content
    assert cast.caring.credentials.count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Credential.objects.create(
            staff=cast.caring, **Credential.objects.values(*licence(0, 0)).get()
        )


def test_a_correction_strikes_the_old_entry_keeps_it_and_must_be_checked_again(as_, cast):
    client = as_("owner")
    page = reverse("practice:staff_page", kwargs={"pk": cast.caring.pk})
    client.post(reverse("practice:add_credential", args=[cast.caring.pk]), licence(-300, 4000))
    wrong = cast.caring.credentials.get()
    client.post(reverse("practice:check_credential", args=[wrong.pk]))
    url = reverse("practice:correct_credential", kwargs={"pk": wrong.pk})
    assert 'value="7"' in client.get(url).content.decode()
    assert client.post(url, licence(-300, 60)).status_code == 422  # nobody said what was wrong

    answer = client.post(url, licence(-300, 60) | {"why": "The year was mistyped"})

    assert answer.url == page
    wrong.refresh_from_db()
    right = wrong.replaced_by
    assert (right.checked_on, right.valid_from) == (None, wrong.valid_from)
    assert not is_valid_on(wrong, today())
    assert missing_for_needling(cast.caring.credentials.all(), today(), ["licence"]) == ["licence"]
    client.post(reverse("practice:check_credential", args=[right.pk]))
    assert missing_for_needling(cast.caring.credentials.all(), today(), ["licence"]) == []
    assert "The year was mistyped" in client.get(page).content.decode()
    rows = Entry.objects.filter(subject=f"staff:{cast.caring.pk}").order_by("id")
    assert [row.act for row in rows][-4:] == [
        "credential checked",
        "credential struck",
        "credential corrected",
        "credential checked",
    ]
    assert client.get(url).status_code == 404  # what is struck is corrected no more
    assert client.post(reverse("practice:check_credential", args=[wrong.pk])).status_code == 404


def test_a_credential_that_ended_counts_to_its_day_and_one_that_never_was_on_none(as_, cast):
    client = as_("owner")
    add = reverse("practice:add_credential", kwargs={"pk": cast.caring.pk})
    for number in ("7", "8"):
        client.post(add, licence(-300, 60, number))
    for row in cast.caring.credentials.all():
        client.post(reverse("practice:check_credential", args=[row.pk]))
    ended, mistaken = cast.caring.credentials.order_by("number")
    for row, last in ((ended, today()), (mistaken, "")):
        url = reverse("practice:end_credential", kwargs={"pk": row.pk})
        assert client.post(url, {"ended_on": last}).status_code == 422  # not without a reason
        assert client.post(url, {"ended_on": last, "why": "Said the issuer"}).status_code == 302
        row.refresh_from_db()

    assert is_valid_on(ended, today())
    assert not is_valid_on(ended, today() + timedelta(days=1))
    assert not is_valid_on(mistaken, today())
    assert ended.expires_on == today() + timedelta(days=60)  # what it was given for stays
    acts = Entry.objects.filter(subject=f"staff:{cast.caring.pk}").values_list("act", flat=True)
    assert {"credential ended", "credential struck"} <= set(acts)


@pytest.mark.parametrize("name", ["end_credential", "correct_credential"])
def test_what_somebody_else_struck_meanwhile_is_said_to_be_struck(as_, cast, monkeypatch, name):
    row = actions.add_credential(cast.caring, licence(-300, 60), by=BY)
    actions.strike_credential(row, why="Of somebody else", by=BY)
    monkeypatch.setattr("clinic.practice.views.get_object_or_404", lambda *_of, **_by: row)
    url = reverse(f"practice:{name}", kwargs={"pk": row.pk})
    answer = as_("owner").post(url, licence(-300, 60) | {"ended_on": "", "why": "Never held"})

    assert answer.status_code == 422
    assert "struck this entry meanwhile" in answer.content.decode()
    row.refresh_from_db()
    assert row.why == "Of somebody else"


def test_an_end_is_never_moved_later_nor_before_the_first_day(as_, cast):
    row = actions.add_credential(cast.owner, licence(-300, 60), by=BY)
    actions.check_credential(row, cast.lead, by=BY)
    row.refresh_from_db()
    actions.end_credential(row, today() - timedelta(days=2), why="Suspended", by=BY)
    client, url = as_("owner"), reverse("practice:end_credential", kwargs={"pk": row.pk})

    later = client.post(url, {"ended_on": today() + timedelta(days=9), "why": "It holds again"})
    before = client.post(url, {"ended_on": today() - timedelta(days=301), "why": "It never held"})

    assert (later.status_code, before.status_code) == (422, 422)
    assert "somebody checks it anew" in later.content.decode()
    assert "This is before its first day." in before.content.decode()
    row.refresh_from_db()
    assert (row.why, is_valid_on(row, today())) == ("Suspended", False)
    ended = Entry.objects.get(act="credential ended")
    assert ended.detail["last_day"] == (today() - timedelta(days=2)).isoformat()
    earlier = client.post(url, {"ended_on": today() - timedelta(days=4), "why": "Said the issuer"})
    assert earlier.status_code == 302


def test_what_was_renewed_in_time_runs_out_no_more(cast):
    old = licence(-300, -1)
    actions.add_credential(cast.caring, old, by=BY)
    assert [one.number for one in expiring_credentials(today())] == ["7"]

    renewed = actions.add_credential(cast.caring, licence(0, 400), by=BY)
    actions.check_credential(renewed, cast.owner, by=BY)

    assert expiring_credentials(today()) == []
