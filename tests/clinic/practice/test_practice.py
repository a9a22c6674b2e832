"""The practice: roles, credentials that another checked, rules of a place, always an owner."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

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
    expires_on: date | None = DAY
    checked_on: date | None = DAY - timedelta(days=99)


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

    assert expiring_credentials(today()).count() == 1
    assert expiring_credentials(today(), within_days=10).count() == 0


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
