"""The directory against SMART Scheduling Links: its profiles, its manifest, its headers.

The profiles are written down here as tables: how often an element must be there, at least and at
most, and what it is. A resource is looked through element by element.
"""

import json
import re
from datetime import datetime
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache
from django.test import Client

from clinic.booking.models import Booking
from clinic.practice.models import Site

pytestmark = pytest.mark.django_db
ID = re.compile(r"[A-Za-z0-9.-]{1,64}")
INSTANT = re.compile(
    r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)"
    r"(\.\d+)?(Z|[+-](0\d|1[0-4]):[0-5]\d)"
)
MANY = 1 << 30
# path: least, most, kind; what lies below an element that is absent is not asked for.
PROFILES = {
    "Location": {
        "id": (1, 1, "id"),
        "identifier": (1, MANY, "object"),
        "identifier.system": (1, 1, "url"),
        "identifier.value": (1, 1, "string"),
        "status": (0, 1, "string"),
        "name": (1, 1, "string"),
        "telecom": (1, MANY, "object"),
        "telecom.system": (1, 1, "string"),
        "telecom.value": (1, 1, "string"),
        "address": (1, 1, "object"),
        "address.line": (1, MANY, "string"),
        "address.city": (1, 1, "string"),
        "address.state": (1, 1, "string"),
        "address.postalCode": (1, 1, "string"),
    },
    "HealthcareService": {
        "id": (1, 1, "id"),
        "active": (1, 1, "boolean"),
        "type": (1, 1, "object"),
        "type.coding": (1, MANY, "object"),
        "specialty": (1, 1, "object"),
        "specialty.coding": (1, MANY, "object"),
        "specialty.coding.system": (1, 1, "url"),
        "specialty.coding.code": (1, 1, "string"),
        "location": (1, 1, "object"),
        "location.reference": (1, 1, "reference:Location"),
        "name": (1, 1, "string"),
        "telecom": (0, MANY, "object"),
        "telecom.system": (1, 1, "string"),
        "telecom.value": (1, 1, "string"),
        "appointmentRequired": (0, 1, "boolean"),
    },
    "PractitionerRole": {
        "id": (1, 1, "id"),
        "active": (0, 1, "boolean"),
        "practitioner": (0, 1, "object"),
        "practitioner.display": (1, 1, "string"),
        "code": (0, MANY, "object"),
        "location": (0, MANY, "object"),
        "location.reference": (1, 1, "reference:Location"),
    },
    "Schedule": {
        "id": (1, 1, "id"),
        "serviceType": (1, MANY, "object"),
        "serviceType.coding": (1, MANY, "object"),
        "actor": (1, MANY, "object"),
        "actor.reference": (1, 1, "reference:Location|PractitionerRole|HealthcareService"),
    },
    "Slot": {
        "id": (1, 1, "id"),
        "schedule": (1, 1, "object"),
        "schedule.reference": (1, 1, "reference:Schedule"),
        "status": (1, 1, "string"),
        "start": (1, 1, "instant"),
        "end": (1, 1, "instant"),
        "extension": (0, MANY, "object"),
        "extension.url": (1, 1, "url"),
        "extension.valueUrl": (0, 1, "url"),
    },
}
LISTS = {  # elements that FHIR writes as a list, also when there is one
    *("identifier", "telecom", "line", "type", "specialty", "coding", "location", "code"),
    *("serviceType", "actor", "extension"),
}


@pytest.fixture
def listed(clinic):
    """A clinic that has said all that the profiles ask for."""
    cache.clear()
    Site.objects.filter(pk=clinic.site.pk).update(
        address="Suite 2\n1 Main Street",
        city="Vancouver",
        region="BC",
        postal_code="V0V 0V0",
        phone="604 555 0199",
    )
    return clinic


def is_url(value):
    parts = urlsplit(value)
    return parts.scheme in {"http", "https"} and bool(parts.netloc)


def is_of(kind, value, known):
    kind, _, targets = kind.partition(":")
    if kind == "object":
        return isinstance(value, dict) and bool(value)
    if kind == "boolean":
        return isinstance(value, bool)
    if not isinstance(value, str) or not value.strip():
        return False
    if kind == "reference":
        return value.partition("/")[0] in targets.split("|") and value in known
    checks = {"id": ID.fullmatch, "instant": INSTANT.fullmatch, "url": is_url, "string": bool}
    return bool(checks[kind](value))


def is_list(path):
    return path.rpartition(".")[2] in LISTS and not path.endswith("coding.code")


def found_at(resource, path):
    """For each parent that there is, the values of the element."""
    parents = [resource]
    *above, last = path.split(".")
    for name in above:
        parents = [one for parent in parents for one in _as_list(parent.get(name))]
    return [(parent, _as_list(parent.get(last))) for parent in parents]


def _as_list(value):
    return [] if value is None else value if isinstance(value, list) else [value]


def faults(resource, known):
    """What of a resource is not as its profile wants it."""
    found = []
    for path, (least, most, kind) in PROFILES[resource["resourceType"]].items():
        for parent, values in found_at(resource, path):
            raw = parent.get(path.rpartition(".")[2])
            if not least <= len(values) <= most:
                found.append(f"{path}: {len(values)} times")
            if raw is not None and isinstance(raw, list) != is_list(path):
                found.append(f"{path}: a list or not")
            found += [f"{path}: {one!r}" for one in values if not is_of(kind, one, known)]
    return found


def published():
    """Everything that the manifest leads to, as a client reads it."""
    client = Client(headers={"accept": "application/json"})
    manifest = json.loads(client.get("/directory/$bulk-publish").content)
    rows = []
    for output in manifest["output"]:
        path = urlsplit(output["url"]).path
        text = Client(headers={"accept": "application/fhir+ndjson"}).get(path).content.decode()
        assert text.endswith("\n")
        rows += [(output["type"], json.loads(line), line) for line in text.splitlines()]
    known = {f"{row['resourceType']}/{row['id']}" for _, row, _ in rows}
    return SimpleNamespace(manifest=manifest, rows=rows, known=known)


def test_every_resource_is_as_its_profile_wants_it(listed):
    found = published()

    assert {kind for kind, _, _ in found.rows} == set(PROFILES)
    assert [(row["id"], faults(row, found.known)) for _, row, _ in found.rows] == [
        (row["id"], []) for _, row, _ in found.rows
    ]
    for kind, row, line in found.rows:
        assert row["resourceType"] == kind
        assert line == json.dumps(row, separators=(",", ":"))  # minified, one a line
    assert len(found.known) == len(found.rows)


@pytest.mark.parametrize(
    ("kind", "change", "fault"),
    [
        ("Location", {"telecom": None}, "telecom: 0 times"),
        ("Location", {"address": {"text": "Somewhere"}}, "address.city: 0 times"),
        ("Location", {"identifier": []}, "identifier: 0 times"),
        ("HealthcareService", {"specialty": None}, "specialty: 0 times"),
        ("HealthcareService", {"active": "true"}, "active: 'true'"),
        ("Schedule", {"actor": [{"reference": "Patient/1"}]}, "actor.reference: 'Patient/1'"),
        ("Slot", {"start": "2027-03-09T10:00"}, "start: '2027-03-09T10:00'"),
        ("Slot", {"id": "a slot"}, "id: 'a slot'"),
        ("Slot", {"extension": {"url": "http://a.test/x"}}, "extension: a list or not"),
    ],
)
def test_the_checks_see_what_is_wrong(listed, kind, change, fault):
    found = published()
    row = next(row for name, row, _ in found.rows if name == kind)

    assert fault in faults(row | change, found.known)


def test_the_manifest_is_as_the_guide_wants_it(listed):
    manifest = published().manifest
    assert INSTANT.fullmatch(manifest["transactionTime"])
    assert is_url(manifest["request"])
    assert manifest["request"].endswith("/$bulk-publish")
    assert manifest["error"] == []
    assert len({output["url"] for output in manifest["output"]}) == len(manifest["output"])
    for output in manifest["output"]:
        assert is_url(output["url"])
        assert output["extension"] == {"state": ["BC"]}


def test_where_a_site_has_not_said_its_province_the_manifest_gives_no_hint(clinic):
    cache.clear()
    assert all("extension" not in output for output in published().manifest["output"])


@pytest.mark.parametrize("accept", [None, "application/json", "application/fhir+ndjson", "*/*"])
def test_whatever_a_client_accepts_it_gets_the_same(listed, accept):
    headers = {"accept": accept} if accept else {}
    for path, kind in (
        ("/directory/$bulk-publish", "application/json"),
        ("/directory/slots.ndjson", "application/fhir+ndjson"),
    ):
        answer = Client(headers=headers).get(path)
        assert answer.status_code == 200
        assert answer["Content-Type"] == kind
        assert re.fullmatch(r"public, max-age=\d+", answer["Cache-Control"])
        assert "Set-Cookie" not in answer.headers


def test_a_slot_has_the_offset_of_its_site_and_a_link_that_opens(listed):
    slots = [row for kind, row, _ in published().rows if kind == "Slot"]
    starts = [datetime.fromisoformat(row["start"]) for row in slots]
    ends = [datetime.fromisoformat(row["end"]) for row in slots]
    assert all(start < end for start, end in zip(starts, ends, strict=True))
    assert {row["status"] for row in slots} == {"free"}
    for row in slots[:: len(slots) // 5]:
        (link,) = [one["valueUrl"] for one in row["extension"] if "deep-link" in one["url"]]
        parts = urlsplit(f"{link}&source=lister&booking-referral=1")
        assert Client().get(f"{parts.path}?{parts.query}").status_code == 200
    assert not Booking.objects.exists()


def test_of_an_address_that_is_half_known_no_part_is_made_up(clinic):
    """Such a site is listed and its faults are known: the profile wants what nobody has said."""
    cache.clear()
    Site.objects.filter(pk=clinic.site.pk).update(address="1 Main Street", city="Vancouver")
    found = published()
    (site,) = [row for kind, row, _ in found.rows if kind == "Location"]

    assert site["address"] == {
        "use": "work",
        "text": "1 Main Street, Vancouver",
        "line": ["1 Main Street"],
        "city": "Vancouver",
    }
    assert faults(site, found.known) == ["address.state: 0 times", "address.postalCode: 0 times"]
