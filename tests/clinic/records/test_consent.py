"""Consent: in words that never change, by region, by whom, how, for a time, and taken back."""

import hashlib
import threading
from datetime import date, timedelta
from pathlib import Path

import pytest
from conftest import BY, join
from django.db import DatabaseError, IntegrityError, connection, connections, transaction
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from clinic.audit.models import Entry
from clinic.patients import actions as patients
from clinic.practice import actions as practice
from clinic.practice.queries import today
from clinic.records import actions as visits
from clinic.records import allowing
from clinic.records.consent import actions, texts
from clinic.records.consent.queries import covered_today
from clinic.records.consent.rules import Given, against, covered
from clinic.records.consent.texts import REGION_WORDS, current_text, read_text, text_of
from clinic.records.models import Consent, ConsentWithdrawal, SheetDraft
from clinic.records.screening import actions as screening
from clinic.records.sheets import actions as sheets
from clinic.treatment_rules import muscle_regions
from myotome.errors import InputError
from myotome.treatment import rulebook

PUBLISHED = Path(texts.__file__).parent / "published"
GOOD = {
    "regions": ["shoulder", "thorax"],
    "given_by": "patient",
    "giver": "Ada Sample",
    "how": "screen",
    "talked": "Asked about the lung; answered with the rates above.",
    "renew_on": "",
    "said": "on",
    "offered": "on",
    "read": current_text().digest,
}


def good(**more):
    return GOOD | {"renew_on": (today() + timedelta(days=84)).isoformat()} | more


# ------------------------------------------------------------- the text


def test_a_published_text_never_changes():
    lines = (PUBLISHED / "shipped.sha256").read_text().splitlines()
    listed = dict(reversed(line.split()) for line in lines)
    found = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in PUBLISHED.glob("*.toml")}

    assert found == listed


def test_the_text_says_rates_as_ranges_with_sources_alternatives_and_every_region():
    text = current_text()

    assert {region.key for region in text.regions} == set(muscle_regions())
    any_effect = text.rates[0]
    assert (any_effect.low, any_effect.high, any_effect.per) == (19, 37, 100)
    assert {source.source_id for source in any_effect.sources} == {"brady2014", "boyce2020"}
    assert len({rate.per for rate in text.rates}) == 1  # one denominator on the page
    assert any("without needles" in words for words in text.alternatives)
    whole = " ".join(paragraph.words for paragraph in text.paragraphs)
    for avoided in ("proven to", "cure", "risk-free", "recommended", "guarantee"):
        assert avoided not in whole.lower()


def test_figures_that_may_count_one_session_twice_are_not_added_up():
    """Brady counted pain during (3.01) and after (2.19 of 100): any pain is 3.01 or more."""
    pain = next(rate for rate in current_text().rates if rate.what.startswith("Pain"))

    assert (pain.low, pain.high) == (3.01, 5.9)
    assert "one session can be in both" in pain.words
    assert "counts twice" in current_text().rates[0].words


def test_the_text_speaks_of_pictures_of_minors_of_an_interpreter_and_of_how_long_it_holds():
    said = {paragraph.key: paragraph.words for paragraph in current_text().paragraphs}

    assert "not agreeing to be photographed, filmed or recorded" in said["pictures"]
    assert "nobody is needled who does not want it" in said["minors"]
    assert "interpreter" in said["copy"]
    assert "asked anew when a new plan is signed" in said["time"]
    before = {paragraph.key for paragraph in text_of("needling", 2).paragraphs}
    assert {"pictures", "minors", "copy", "time"}.isdisjoint(before)


def test_who_agreed_to_an_earlier_text_is_shown_that_one(as_, cast, visit):
    given = actions.take_consent(visit, text_of("needling", 1), values(), staff=cast.caring, by=BY)
    assert current_text().version > given.version

    page = reverse("records:consent", kwargs={"key": cast.patient.pk, "consent": given.pk})
    shown = as_("caring").get(page).content.decode()
    assert "5 to 6 of every 100 sessions" in shown
    assert "one session can be in both" not in shown


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (b'"gattie2017"', b'"gattie2107"', "No source 'gattie2107'"),
        (b"high = 37", b"high = 137", "a range within 100"),
        (b'key = "forearm"', b'key = "fourarm"', "No muscle region 'fourarm'"),
        (b'title = "', b'titel = "', "title"),
    ],
)
def test_a_text_with_a_slip_is_refused(old, new, words):
    content = (PUBLISHED / "needling.1.toml").read_bytes()
    assert old in content
    with pytest.raises(InputError, match=words):
        read_text(content.replace(old, new, 1), "needling.1.toml")


# ------------------------------------------------------------- what it covers

DAYS = st.dates(date(2027, 1, 1), date(2027, 12, 31))
REGIONS = st.frozensets(st.sampled_from(sorted(REGION_WORDS)), max_size=5)
GIVEN = st.builds(
    Given,
    regions=REGIONS,
    given_on=DAYS,
    renew_on=DAYS,
    withdrawn=REGIONS,
    course_over_on=st.none() | DAYS,
)


@given(st.lists(GIVEN, max_size=5), st.sampled_from(sorted(REGION_WORDS)), DAYS)
def test_a_region_is_covered_exactly_by_a_consent_that_holds(consents, region, day):
    holds = any(
        region in each.regions
        and region not in each.withdrawn
        and each.given_on <= day < each.renew_on
        and not (each.course_over_on and each.course_over_on <= day)
        for each in consents
    )

    assert (region in covered(consents, day)) == holds
    assert (against(consents, region, day) is None) == holds


@given(st.lists(GIVEN, max_size=4), st.sampled_from(sorted(REGION_WORDS)), DAYS)
def test_withdrawing_everything_leaves_nothing(consents, region, day):
    none = [Given(g.regions, g.given_on, g.renew_on, g.regions) for g in consents]

    assert covered(none, day) == frozenset()
    assert against(none, region, day).kind == "consent"


def test_why_it_is_asked_anew_is_said():
    first = date(2027, 1, 4)
    held = Given(frozenset({"arm"}), first, first + timedelta(weeks=12))
    over = Given(*(held.regions, held.given_on, held.renew_on), course_over_on=date(2027, 2, 1))

    assert against([held], "arm", date(2027, 2, 1)) is None
    assert against([over], "arm", date(2027, 1, 31)) is None
    assert against([over], "arm", date(2027, 2, 1)).words == (
        "Consent is to be renewed for: upper arm. A new plan was signed since it was given."
    )
    late = against([held], "arm", held.renew_on).words
    assert late == "Consent is to be renewed for: upper arm."
    assert against([over, held], "arm", date(2027, 2, 1)) is None


# ------------------------------------------------------------- in the clinic


@pytest.fixture
def visit(cast):
    return visits.start_visit(cast.patient, staff=cast.caring, site=cast.main, kind="first", by=BY)


def take(client, visit, **more):
    url = reverse("records:take_consent", kwargs={"key": visit.patient_id, "visit": visit.pk})
    return client.post(url, good(**more))


def test_consent_is_written_down_whole_and_shown_in_the_words_it_was_given(as_, visit, cast):
    practice.add_credential(
        cast.caring,
        {"kind": "needling", "issuer": "The college", "number": "77", "valid_from": today()},
        by=BY,
    )
    client = as_("caring")
    shown = client.get(
        reverse("records:take_consent", kwargs={"key": visit.patient_id, "visit": visit.pk})
    ).content.decode()
    assert "19 to 37 of every 100 sessions" in shown
    assert "The college, number 77, not seen by the clinic" in shown

    assert take(client, visit).url.endswith("#consent")

    consent = Consent.objects.get()
    text = current_text()
    assert (consent.version, consent.digest) == (text.version, text.digest)
    assert consent.regions == ["shoulder", "thorax"]
    assert consent.training[0]["issuer"] == "The college"
    assert not consent.training[0]["is_valid"]  # nobody checked it
    assert covered_today(cast.patient) == {"shoulder", "thorax"}
    page = client.get(
        reverse("records:consent", kwargs={"key": visit.patient_id, "consent": consent.pk})
    ).content.decode()
    assert "Asked about the lung" in page
    assert "Ada Sample, the patient" in page
    assert "How it differs from acupuncture" in page
    assert (
        "Holds today for: Shoulder, Chest"
        in client.get(
            reverse("records:visit", kwargs={"key": visit.patient_id, "visit": visit.pk})
        ).content.decode()
    )
    row = Entry.objects.get(act="consent given")
    assert row.detail["regions"] == ["shoulder", "thorax"]
    assert "lung" not in str(row.detail)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"regions": []}, "Choose the parts of the body"),
        ({"giver": ""}, "Enter the name of who agrees"),
        ({"talked": ""}, "Say what was asked"),
        ({"said": ""}, "Say them first"),
        ({"given_by": "proxy"}, "Say what lets them decide"),
        ({"how": "spoken"}, "needs the name of a witness"),
        ({"renew_on": "2020-01-01"}, "must be after today. You entered 2020-01-01"),
        ({"regions": ["tail"]}, "tail"),
    ],
)
def test_a_consent_that_says_too_little_is_not_one(as_, visit, more, words):
    refused = take(as_("caring"), visit, **more)

    assert refused.status_code == 422
    assert words in refused.content.decode()
    assert Consent.objects.count() == 0


def test_words_beside_the_fields_of_a_consent_are_kept_and_shown_with_it(as_, visit):
    client = as_("caring")
    known = {"key": visit.patient_id, "visit": visit.pk}
    url = reverse("records:take_consent", kwargs=known)
    words = {"regions_words": "Not the front of the shoulder", "how_words": "By a nod, she is deaf"}
    wrong = client.post(url, good(**words, giver=""))
    assert wrong.status_code == 422
    assert "Not the front of the shoulder" in wrong.content.decode()
    assert client.post(url, good(**words)).status_code == 302

    consent = Consent.objects.get()
    assert consent.words == {"regions": words["regions_words"], "how": words["how_words"]}
    page = {"key": visit.patient_id, "consent": consent.pk}
    shown = client.get(reverse("records:consent", kwargs=page)).content.decode()
    assert "Parts of the body, in words" in shown
    assert "Not the front of the shoulder" in shown
    assert "Asked anew from, in words" not in shown


def test_somebody_else_and_a_spoken_consent_are_kept_with_what_lets_them(as_, visit):
    client = as_("caring")
    take(client, visit, given_by="proxy", giver="Eve Sample", scope="Mother of a child")
    take(client, visit, how="spoken", witness="R. Demo")

    rows = Consent.objects.order_by("given_at").values_list("given_by", "scope", "how", "witness")
    assert list(rows) == [
        ("proxy", "Mother of a child", "screen", ""),
        ("patient", "", "spoken", "R. Demo"),
    ]


def values(**more):
    kept = {k: v for k, v in good(**more).items() if k not in {"said", "offered", "read"}}
    return kept | {"renew_on": today() + timedelta(days=84)}


def test_the_database_itself_asks_for_scope_and_witness(visit, cast):
    for wrong in ({"given_by": "proxy"}, {"how": "spoken"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            actions.take_consent(visit, current_text(), values(**wrong), staff=cast.caring, by=BY)


def test_a_patient_withdraws_on_their_own_a_part_or_all_of_it(as_, visit, cast):
    actions.take_consent(visit, current_text(), values(), staff=cast.caring, by=BY)
    consent = Consent.objects.get()
    client = as_("self_user")
    url = reverse("own_sheets:withdraw", kwargs={"key": cast.patient.pk, "consent": consent.pk})

    assert client.post(url, {}).status_code == 422
    assert client.post(url, {"regions": ["thorax"]}).status_code == 302
    assert covered_today(cast.patient) == {"shoulder"}
    assert client.post(url, {"regions": ["thorax"]}).status_code == 422
    client.post(url, {"regions": ["shoulder"], "reason": "I changed my mind"})

    assert covered_today(cast.patient) == frozenset()
    rows = ConsentWithdrawal.objects.order_by("at").values_list("regions", "said_by", "reason")
    assert list(rows) == [(["thorax"], "Self", ""), (["shoulder"], "Self", "I changed my mind")]
    shown = client.get(
        reverse("own_sheets:consent", kwargs={"key": cast.patient.pk, "consent": consent.pk})
    ).content.decode()
    assert "<s>Chest</s> (withdrawn)" in shown


def test_staff_write_a_withdrawal_down_and_the_visit_shows_it(as_, visit, cast):
    actions.take_consent(visit, current_text(), values(), staff=cast.caring, by=BY)
    consent = Consent.objects.get()
    client = as_("caring")
    keys = {"key": cast.patient.pk, "consent": consent.pk}

    client.post(
        reverse("records:withdraw", kwargs=keys),
        {"regions": ["shoulder", "thorax"], "said_by": "The patient, by phone"},
    )

    shown = client.get(
        reverse("records:visit", kwargs={"key": cast.patient.pk, "visit": visit.pk})
    ).content.decode()
    assert "None holds today" in shown
    assert "withdrawn in part or whole" in shown
    assert Entry.objects.filter(act="consent withdrawn").count() == 1


def test_a_consent_of_one_patient_is_not_reached_through_another(as_, visit, cast):
    actions.take_consent(visit, current_text(), values(), staff=cast.caring, by=BY)
    other = patients.add_patient({"given_name": "Cy"}, site=cast.main, by=BY)
    patients.start_care(other, cast.caring, "booked", by=BY)
    keys = {"key": other.pk, "consent": Consent.objects.get().pk}

    assert as_("caring").get(reverse("records:consent", kwargs=keys)).status_code == 404
    assert as_("self_user").get(reverse("own_sheets:consent", kwargs=keys)).status_code == 404


def screened(visit, staff):
    """The screening of a visit, all asked and answered no."""
    writer = screening.writer_of(staff, BY)
    sheet = screening.ask(visit, writer)
    raw = {name: ["no"] for name in rulebook().screening_items}
    based_on = SheetDraft.objects.get(sheet=sheet).revision
    based_on = sheets.save_sheet(sheet, raw, writer, based_on=based_on)
    sheets.send_sheet(sheet, writer, based_on=based_on)


def test_a_consent_is_to_the_words_that_were_read(as_, visit):
    """A text published between the page and its form is another text: it is read first."""
    url = reverse("records:take_consent", kwargs={"key": visit.patient_id, "visit": visit.pk})
    client = as_("caring")
    assert f'name="read" value="{current_text().digest}"' in client.get(url).content.decode()

    late = client.post(url, good(read="0" * 64))

    assert late.status_code == 422
    assert "The text has changed" in late.content.decode()
    assert not Consent.objects.exists()


def test_an_act_asks_for_screening_and_consent_together(visit, cast):
    places = [("infraspinatus", "left"), ("soleus", "left")]
    with pytest.raises(allowing.NotAllowed, match="not signed"):
        allowing.assure(visit, places)
    screened(visit, cast.caring)
    with pytest.raises(allowing.NotAllowed, match="No consent was given for: shoulder"):
        allowing.assure(visit, places)
    allowing.assure(visit, places, technique="stretch")  # no needle, no consent to one

    actions.take_consent(visit, current_text(), values(), staff=cast.caring, by=BY)

    allowing.assure(visit, places[:1])
    with pytest.raises(allowing.NotAllowed, match="lower leg") as refused:
        allowing.assure(visit, places)
    assert list(refused.value.decisions) == [("soleus", "left")]
    allowing.write_refusal(visit, refused.value, by=BY)
    assert Entry.objects.get(act="technique refused").detail == {"items": ["consent"]}
    consent = Consent.objects.get()
    actions.withdraw(consent, ["shoulder"], said_by="Ada", reason="", user=cast.self_user, by=BY)
    with pytest.raises(allowing.NotAllowed, match="withdrawn"):
        allowing.assure(visit, places[:1])


@pytest.mark.parametrize("act", ["withdraw", "answer", "say without needles"])
def test_what_allowed_an_act_stays_so_until_the_act_is_done(committed_practice, act):
    """A consent withdrawn or an answer given in that moment waits; it is not overlooked."""
    site = committed_practice.site
    staff = join("caring", site, "practitioner")
    patient = patients.add_patient({"given_name": "Ada"}, site=site, by=BY)
    visit = visits.start_visit(patient, staff=staff, site=site, kind="first", by=BY)
    screened(visit, staff)
    consent = actions.take_consent(visit, current_text(), values(), staff=staff, by=BY)
    writer = screening.writer_of(staff, BY)
    sheet = screening.ask(visit, writer)

    def meanwhile():
        try:
            if act == "withdraw":
                user = staff.user
                actions.withdraw(consent, ["shoulder"], said_by="A", reason="", user=user, by=BY)
            elif act == "answer":
                sheets.save_sheet(sheet, {"cauda_equina": ["yes"]}, writer, based_on=1)
            else:
                screening.say_needles(visit, is_without=True, by=BY)
        finally:
            connections.close_all()

    other = threading.Thread(target=meanwhile)
    place = [("infraspinatus", "left")]
    with transaction.atomic():
        allowing.assure(visit, place)
        other.start()
        other.join(0.5)
        assert other.is_alive()
    other.join()
    with pytest.raises(allowing.NotAllowed), transaction.atomic():
        allowing.assure(visit, place)


@pytest.mark.parametrize("table", ["records_consent", "records_consentwithdrawal"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}"])
def test_the_database_refuses_to_change_a_consent(committed_practice, table, statement):
    site = committed_practice.site
    staff = join("caring", site, "practitioner")
    patient = patients.add_patient({"given_name": "Ada"}, site=site, by=BY)
    visit = visits.start_visit(patient, staff=staff, site=site, kind="first", by=BY)
    consent = actions.take_consent(visit, current_text(), values(), staff=staff, by=BY)
    actions.withdraw(consent, ["thorax"], said_by="Ada", reason="", user=staff.user, by=BY)

    with pytest.raises(DatabaseError, match="written once"), connection.cursor() as cursor:
        cursor.execute(statement.format(table))
