"""A record's mail address gives way to another: what is told of it, and who looks at it."""

import re

import pytest
from conftest import BY, client_of, join
from django.urls import reverse

from clinic.audit.models import Entry
from clinic.patients import actions
from clinic.patients.forms import ProxyForm
from clinic.patients.models import AddressChange, Invitation, Patient
from clinic.practice.models import Role

pytestmark = pytest.mark.django_db
FORMER, OTHER = "dot@mail.test", "other@mail.test"
HEADING = "Own pages opened to an address that was changed before"


@pytest.fixture
def dot(cast):
    values = {"given_name": "Dot", "family_name": "Quine", "born": "1984-03-09", "email": FORMER}
    return Patient.objects.get(pk=actions.add_patient(values, site=cast.main, by=BY).pk)


def change(client, patient, **more):
    patient.refresh_from_db()
    values = {name: getattr(patient, name) for name in ("given_name", "family_name", "email")}
    values |= {"born": "1984-03-09", "revision": patient.revision} | more
    url = reverse("patients:change", kwargs={"key": patient.pk})
    return client.post(url, values, follow=True).content.decode()


def invite(client, patient):
    patient.refresh_from_db()
    url = reverse("patients:invite", kwargs={"key": patient.pk})
    assert client.post(url, {"email": patient.email, "is_theirs": "on"}).status_code == 302
    assert Invitation.objects.filter(patient=patient, email=patient.email).exists()


def waiting(client):
    page = client.get(reverse("patients:reviews")).content.decode()
    return page.partition(HEADING)[2].partition("<h2>")[0]


def close(client, row, note="Called: it is theirs."):
    url = reverse("patients:review_address", kwargs={"pk": row.pk})
    return client.post(url, {"note": note})


def test_an_address_that_was_changed_and_then_invited_is_looked_at_by_the_privacy_lead(
    as_, cast, dot
):
    reception, lead = as_("reception"), as_("lead")
    change(reception, dot, email=OTHER)
    assert "Nothing waits." in waiting(lead)  # a change alone opens nothing to anybody
    invite(reception, dot)
    told = waiting(lead)
    assert f"Patient {dot.number}, invited" in told
    assert told.count("by Reception") == 2  # who changed it, and who invited
    for words in (FORMER, OTHER, "Dot", "Quine"):
        assert not re.search(rf"\b{re.escape(words)}\b", told)

    row = AddressChange.objects.get()
    assert close(lead, row, note="").status_code == 422
    assert close(lead, row).status_code == 302
    row.refresh_from_db()
    assert (row.reviewed_by, row.closing_note) == (cast.lead, "Called: it is theirs.")
    assert Entry.objects.filter(act="address change reviewed", patient=dot.pk).count() == 1
    invite(reception, dot)  # sent again to an address that was looked at
    assert "Nothing waits." in waiting(lead)
    change(reception, dot, email=FORMER)
    invite(reception, dot)
    assert f"Patient {dot.number}, invited" in waiting(lead)


@pytest.mark.parametrize("how", ["never had one", "same letters", "other field"])
def test_what_is_no_change_to_another_mailbox_is_not_told(as_, dot, how):
    reception = as_("reception")
    if how == "never had one":
        Patient.objects.filter(pk=dot.pk).update(email="")
        change(reception, dot, email=OTHER)
    elif how == "same letters":
        change(reception, dot, email=FORMER.upper())
    else:
        change(reception, dot, phone="604 555 0199")
    assert not AddressChange.objects.exists()


def test_a_way_round_by_an_empty_address_is_told_too(as_, dot):
    reception = as_("reception")
    change(reception, dot, email="")
    change(reception, dot, email=OTHER)
    invite(reception, dot)
    assert f"Patient {dot.number}, invited" in waiting(as_("lead"))


def test_only_a_privacy_lead_who_did_not_do_it_closes_it(as_, cast, dot):
    reception = as_("reception")
    change(reception, dot, email=OTHER)
    invite(reception, dot)
    row = AddressChange.objects.get()
    for name in ("reception", "owner", "caring", "self_user"):
        assert close(as_(name), row).status_code == 404
    AddressChange.objects.update(by=f"user:{cast.lead.user_id}")
    close(as_("lead"), row)
    row.refresh_from_db()
    assert row.reviewed_at is None


def test_whose_record_has_an_account_is_told_to_keep_its_address(as_, cast):
    said = "they still sign in with the address that it was made with"
    Patient.objects.filter(pk=cast.patient.pk).update(email=FORMER)
    assert said not in change(as_("reception"), cast.patient, phone="604 555 0199")
    assert said in change(as_("reception"), cast.patient, email=OTHER)
    cast.self_user.refresh_from_db()
    assert cast.self_user.email == "self@mail.test"


def test_without_an_account_nothing_is_said_of_one(as_, dot):
    assert "sign in with the address" not in change(as_("reception"), dot, email=OTHER)


def test_who_writes_why_somebody_acts_is_told_who_reads_it(as_, cast):
    page = as_("reception").get(reverse("patients:person", args=[cast.patient.pk]))
    assert ProxyForm().fields["reason"].help_text.endswith("say nothing of anybody's health.")
    assert b"Reception reads it too" in page.content


def test_what_the_one_lead_of_a_site_did_with_an_address_waits_for_another(as_, cast, dot):
    reception = as_("reception")
    change(reception, dot, email=OTHER)
    invite(reception, dot)
    far = client_of(join("far", cast.harbour, Role.PRIVACY_LEAD))
    assert "Nothing waits." in waiting(far)
    AddressChange.objects.update(invited_by=f"user:{cast.lead.user_id}")
    assert f"Patient {dot.number}, invited" in waiting(far)
