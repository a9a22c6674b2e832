"""A stop is passed by no request, whoever sends it, in whichever order, with whatever it carries.

Which stops are open is read here from the rows of the answers alone, by a rule of the test's own:
the clinic's rules are what is tested. Two things may never happen while one lies over a muscle: a
plan is signed that needles it, or needling it may be recorded.
"""

import json
from contextlib import contextmanager
from datetime import timedelta

import pytest
from conftest import BY, client_of
from django.db import transaction
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic.assessment import actions
from clinic.assessment.models import Assessment, Plan, SignedPlan
from clinic.assessment.planning import CannotPlan
from clinic.assessment.queries import case_now, drafted, readings_of, shown_of
from clinic.patients import actions as patients
from clinic.records.allowing import NotAllowed, assure
from clinic.records.consent import actions as consents
from clinic.records.consent.texts import REGION_WORDS, current_text
from clinic.records.models import Consent, Sheet, SheetDraft, Submission, Visit
from clinic.records.screening.rules import NO_CONSENT
from clinic.treatment_rules import areas_of_muscle
from myotome.atlas import Site, atlas
from myotome.treatment import never_needled, place, rulebook
from myotome.treatment.rows import AREAS

ITEMS = rulebook().screening_items
STOPS = [name for name, item in ITEMS.items() if item.effect == "stop"]
NEEDLE = {"all", "needling"}
TO_CLEAR = [name for name, item in ITEMS.items() if item.effect == "clear_first"]
MAY_SIGN = {f"{name}@clinic.test" for name in ("caring", "covering")}  # of those who send here
MUSCLES = (
    "brachioradialis",
    "supinator",
    "multifidus_cervicalis",
    "rhomboideus_major",
    "gluteus_medius",
    "soleus",
    "diaphragma",
)
REGIONS = ("", "neck", "forearm-right", "arm-left", "upper_limb-right", "lower_limb", "chest-left")
# What no page of the clinic has as a field, or only another page has.
FORGED = {
    "override": "1",
    "force": "yes",
    "stop": "cleared",
    "effect": "caution",
    "screening": "{}",
    "state": "signed",
    "is_signed": "1",
    "is_first_visit": "0",
    "cleared": ",".join(STOPS),
    "cleared_by": "R. Example",
    "clearances": json.dumps([[name, "", "agreed", "called"] for name in STOPS]),
    "answers": json.dumps(dict.fromkeys(ITEMS, "no")),
    "signed": "1",
    "allowed": "1",
    "consent": "all",
    "technique": "heat",
    "staff": "1",
    "content": "{}",
    "lines": "[]",
    "plan": "",
    "visit": "",
    "without": "0",
    "form": "screening",
    "way": "asked",
    "version": "1",
    "verdict": "accepted",
}


@contextmanager
def undone():
    """What happens within was never: the next one begins as this one did."""
    around = transaction.atomic()
    around._from_testcase = True  # as a test case's own: an act within may ask to be the outermost
    with around:
        yield
        transaction.set_rollback(True)


# ------------------------------------------------------------- what stands open, by the rows alone


def screenings(patient):
    rows = Sheet.objects.filter(visit__patient=patient, form="screening")
    return list(rows.order_by("visit__starts_at", "opened_at"))


def open_stops(patient):
    """Every stop that stands, and the parts of the body it lies over; "" is everywhere."""
    found = {}
    asked = screenings(patient)
    for sheet in asked:
        last = sheet.submissions.order_by("-number").first()
        for name in STOPS if last else ():
            if last.values.get(name) == "yes":
                found.setdefault(name, set()).update(parts(name, last.values.get(f"{name}.where")))
            elif last.values.get(name) == "no":
                found.pop(name, None)
    draft = SheetDraft.objects.filter(sheet=asked[-1]).first() if asked else None
    for name in STOPS if draft else ():
        if draft.raw.get(name) == ["yes"]:
            rows = zip(
                draft.raw.get(f"{name}.part", []), draft.raw.get(f"{name}.side", []), strict=False
            )
            where = [f"{part}-{side}" if side else part for part, side in rows if part]
            found.setdefault(name, set()).update(parts(name, where))
    return {name: where for name, where in found.items() if NEEDLE & set(ITEMS[name].blocks)}


def parts(name, where):
    return set(where or [""]) if ITEMS[name].scope == "region" else {""}


def unasked(patient, muscle):
    """Stops that nobody asked when they were asked last, as far as this muscle needs them."""
    asked = screenings(patient)
    last = asked[-1].submissions.order_by("-number").first() if asked else None
    values = last.values if last else {}
    earlier = {
        name
        for sheet in asked[:-1]
        for sent in [sheet.submissions.order_by("-number").first()]
        if sent
        for name in STOPS
        if not ITEMS[name].each_visit and sent.values.get(name) == "no"
    }
    needed = {
        name
        for name in STOPS
        if not (areas := set(ITEMS[name].asked_when) & set(AREAS))
        or areas & areas_of_muscle(muscle)
    }
    known = {name for name in STOPS if values.get(name) in {"yes", "no"}} | set(open_stops(patient))
    return needed - known - earlier


def forbidden(patient, muscle, side):
    """Why no needle may go there, by the rows; nothing: none of what is looked at here forbids."""
    over = {
        name
        for name, where in open_stops(patient).items()
        if any(not part or place(part).covers(Site("muscle", muscle, side)) for part in where)
    }
    return over | unasked(patient, muscle) | ({"never"} if never_needled(muscle) else set())


def may_be_recorded(visit, muscle, side):
    try:
        assure(visit, [(muscle, side)])
    except NotAllowed:
        return False
    return True


class Watch:
    """What must hold after each request."""

    def __init__(self, patient):
        self.patient, self.seen = patient, set()

    def look(self, words):
        """Whether it holds now: who answered, what was signed, what may be recorded."""
        answered = Submission.objects.filter(sheet__visit__patient=self.patient)
        for sent in answered.filter(sheet__form="screening").select_related("sent_by"):
            assert sent.sent_by.email in MAY_SIGN, (words, sent.sent_by.email)
        for signed in SignedPlan.objects.filter(plan__assessment__visit__patient=self.patient):
            if signed.pk not in self.seen:
                self.seen.add(signed.pk)
                for line in json.loads(signed.content)["lines"]:
                    # Consent is asked for what is planned: its lack stops the needle alone.
                    why = forbidden(self.patient, line["site"], line["side"]) - {NO_CONSENT}
                    assert not why, (words, line["label"], why)
        visit = Visit.objects.filter(patient=self.patient).order_by("-starts_at").first()
        for muscle in MUSCLES:
            for side in ("left", "right"):
                if forbidden(self.patient, muscle, side):
                    assert not may_be_recorded(visit, muscle, side), (words, muscle, side)


# ------------------------------------------------------------- the clinic, and what is sent to it


@pytest.fixture
def agreed(plan, cast):
    """A plan for somebody who agreed to every region, so that consent is what stops nothing."""
    patients.start_care(cast.patient, cast.student, "supervised", by=BY)
    values = {
        "regions": sorted(REGION_WORDS),
        "given_by": Consent.By.PATIENT,
        "giver": "Ada Sample",
        "how": Consent.How.SCREEN,
        "talked": "Asked whether it hurts.",
        "renew_on": timezone.localdate() + timedelta(weeks=6),
    }
    visit = plan.assessment.visit
    consents.take_consent(visit, current_text(), values, staff=cast.caring, by=BY)
    return plan


class Sender:
    """Sends requests of the cast to the site, each as a browser would or as nobody's page would."""

    def __init__(self, cast, forged=()):
        self.cast, self.patient = cast, cast.patient
        self.forged = {name: FORGED[name] for name in forged}
        self.clients = {}
        self.held = None  # a page of the plan that was read and not sent yet

    def client(self, who):
        if who not in self.clients:
            self.clients[who] = client_of(getattr(self.cast, who))
        return self.clients[who]

    def post(self, who, route, fields, **kwargs):
        named = {} if route.startswith("tablet:") else {"key": self.patient.pk}
        url = reverse(route, kwargs=named | kwargs)
        return self.client(who).post(url, self.forged | fields)

    @property
    def visit(self):
        return Visit.objects.filter(patient=self.patient).order_by("-starts_at").first()

    @property
    def plan(self):
        rows = Plan.objects.filter(assessment__visit__patient=self.patient)
        return rows.order_by("-at", "-number").first()

    @property
    def sheet(self):
        return (screenings(self.patient) or [None])[-1]

    def revision(self):
        draft = SheetDraft.objects.filter(sheet=self.sheet).first()
        return draft.revision if draft else 0

    # each kind of request

    def answer(self, who, said, ending):
        """Fill in the screening: no to all but what is said; sign it, or leave it typed."""
        self.post(who, "records:ask_screening", {}, visit=self.visit.pk)
        if self.sheet is None:
            return
        fields = dict.fromkeys(ITEMS, "no")
        for item, word, region in said:
            fields[item] = word
            if region and ITEMS[item].scope == "region":
                part, _, side = region.partition("-")
                fields |= {f"{item}.part": [part], f"{item}.side": [side]}
        fields["revision"] = self.revision()
        fields["sign" if ending == "sign" else "keep"] = "1"
        self.post(who, "records:fill", fields, sheet=self.sheet.pk)
        if ending == "sign" and SheetDraft.objects.filter(sheet=self.sheet).exists():
            self.check(who)

    def check(self, who):
        fields = {"revision": self.revision(), "reason": "asked again"}
        self.post(who, "records:check", fields, sheet=self.sheet.pk)

    def clear(self, who, item, region):
        fields = {"item": item, "region": region, "reason": "agreed", "done": "called"}
        self.post(who, "records:clear_item", fields, visit=self.visit.pk)

    def take_back(self, who, item, region):
        fields = {"item": item, "region": region, "reason": "no longer"}
        self.post(who, "records:take_back", fields, visit=self.visit.pk)

    def needles(self, who, without):
        self.post(who, "records:needles", {"without": without}, visit=self.visit.pk)

    def of_the_sheet(self, who, route, said_no):
        """A page of a sheet, for staff, on the patient's own device or on the clinic's tablet."""
        if self.sheet is None:
            return
        fields = {"revision": self.revision(), "reason": "mine", "sign": "1", "form": "screening"}
        fields |= dict.fromkeys(ITEMS, "no") if said_no else {}
        named = {} if route.endswith("begin_form") else {"sheet": self.sheet.pk}
        self.post(who, route, fields, **named)

    def change(self, who, kind, at, side, to):
        """Change the plan: a line of it by its number, or a muscle that is named."""
        if isinstance(at, int):
            lines = drafted(self.plan)[0].lines
            if not lines:
                return
            site = lines[at % len(lines)].site
            where = {"at": f"{site.name}.{site.level}.{site.side}"}
        else:
            level = "C6" if at == "multifidus_cervicalis" else ""
            where = {"muscle": at, "side": side, "level": level}
        number = self.plan.changes.count()
        fields = {"kind": kind, "number": number, "to": to, "reason": "I want to", **where}
        self.post(who, "assessment:change_plan", fields, pk=self.plan.pk)

    def of_the_plan(self, who, route, behind):
        if self.held is None:
            self.read()
        shown, sites = self.held
        signed = SignedPlan.objects.count()
        fields = {"number": self.plan.changes.count() - behind, "shown": shown}
        self.post(who, f"assessment:{route}", fields, pk=self.plan.pk)
        if SignedPlan.objects.count() > signed:
            lines = json.loads(SignedPlan.objects.latest("at").content)["lines"]
            assert [line["label"] for line in lines] == sites, "signed is what was read"
        self.held = None

    def read(self):
        """Open the page of the plan; it stays open while others go on."""
        lines = drafted(self.plan)[0].lines
        self.held = shown_of(self.plan), [atlas().label(line.site) for line in lines]

    def anew(self, who, what):
        if what == "visit":
            fields = {"kind": "follow_up", "site": self.cast.main.pk}
            self.post(who, "records:start_visit", fields)
        elif what == "conclude":
            visit = self.plan.assessment.visit
            case, _ = case_now(visit, readings_of(visit))
            fields = {"words": "As it was.", "more_roots": "C6 right", "shown": case.hash}
            self.post(who, "assessment:conclude", fields, visit=visit.pk)
        else:
            made = Assessment.objects.filter(visit__patient=self.patient).latest("at")
            self.post(who, "assessment:begin_plan", {}, pk=made.pk)

    def send(self, request):
        name, *how = request
        getattr(self, name)(*how)


WHO = st.sampled_from(["caring", "caring", "caring", "student", "covering", "self_user", "owner"])
SAID = st.tuples(
    st.sampled_from([*STOPS, *STOPS, *TO_CLEAR]),
    st.sampled_from(["yes", "yes", "no", "not_asked", ""]),
    st.sampled_from(REGIONS),
)
SHEET_ROUTES = [
    "records:fill",
    "records:check",
    "records:correct",
    "records:drop",
    "records:hand_over",
    "records:begin_form",
    "own_sheets:fill",
    "own_sheets:check",
    "own_sheets:correct",
    "own_sheets:drop",
    "own_sheets:begin_form",
    "tablet:fill",
    "tablet:check",
]
ITEM = st.sampled_from([*STOPS, *TO_CLEAR])
REQUEST = st.one_of(
    st.tuples(
        st.just("answer"),
        WHO,
        st.lists(SAID, max_size=3),
        st.sampled_from(["sign", "sign", "keep"]),
    ),
    st.tuples(st.just("clear"), WHO, ITEM, st.sampled_from(REGIONS)),
    st.tuples(st.just("take_back"), WHO, ITEM, st.sampled_from(REGIONS)),
    st.tuples(st.just("needles"), WHO, st.sampled_from("01")),
    st.tuples(st.just("of_the_sheet"), WHO, st.sampled_from(SHEET_ROUTES), st.booleans()),
    st.tuples(
        st.just("change"),
        WHO,
        st.sampled_from(["add", "add", "remove", "up", "visit", "insertions", "sessions"]),
        st.one_of(st.integers(0, 8), st.sampled_from(MUSCLES)),
        st.sampled_from(["left", "right"]),
        st.integers(0, 3),
    ),
    st.tuples(
        st.just("of_the_plan"),
        WHO,
        st.sampled_from(["sign_plan", "sign_plan", "take_out", "ask_weeks"]),
        st.integers(0, 1),
    ),
    st.tuples(st.just("read")),
    st.tuples(st.just("anew"), WHO, st.sampled_from(["visit", "conclude", "plan"])),
)
ALL_NO = ("answer", "caring", [], "sign")
SIGN = ("of_the_plan", "caring", "sign_plan", 0)


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    requests=st.lists(REQUEST, max_size=8),
    forged=st.lists(st.sampled_from(sorted(FORGED)), max_size=6, unique=True),
)
def test_no_order_of_requests_and_no_forged_field_passes_a_stop(agreed, cast, requests, forged):
    with undone():
        sender, watch = Sender(cast, forged), Watch(cast.patient)
        for request in (ALL_NO, *requests, ("anew", "caring", "plan"), SIGN):
            sender.send(request)
            watch.look(request)


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    said=st.tuples(
        st.just("answer"),
        st.just("caring"),
        st.lists(
            st.tuples(st.sampled_from(STOPS), st.just("yes"), st.sampled_from(REGIONS)),
            min_size=1,
            max_size=2,
        ),
        st.sampled_from(["sign", "keep"]),
    ),
    is_later=st.booleans(),
    requests=st.lists(REQUEST, min_size=1, max_size=5),
)
def test_nothing_that_is_sent_after_a_stop_was_said_passes_it(
    agreed, cast, said, is_later, requests
):
    """As above, with stops in every example, also typed alone or said a visit later."""
    with undone():
        sender, watch = Sender(cast, FORGED), Watch(cast.patient)
        later = [("anew", "caring", "visit")] if is_later else []
        for request in (ALL_NO, *later, said, *requests, ("anew", "caring", "plan"), SIGN):
            sender.send(request)
            watch.look(request)


def test_without_a_stop_the_same_requests_sign_and_record(agreed, cast):
    """The tests of this file look at something that happens."""
    sender = Sender(cast, FORGED)
    visit = agreed.assessment.visit
    assert not may_be_recorded(visit, "brachioradialis", "right")
    sender.send(ALL_NO)
    assert open_stops(cast.patient) == {}
    assert may_be_recorded(visit, "brachioradialis", "right")
    assert not forbidden(cast.patient, "brachioradialis", "right")
    sender.send(SIGN)
    lines = json.loads(SignedPlan.objects.get().content)["lines"]
    assert "brachioradialis" in {line["site"] for line in lines}


@pytest.mark.parametrize("ending", ["sign", "keep"])
@pytest.mark.parametrize("stop", STOPS)
def test_each_stop_holds_against_everything_that_is_sent(agreed, cast, stop, ending):
    """Every clearance, correction, page and plan that can be asked for, by everybody, forged."""
    sender, watch = Sender(cast, FORGED), Watch(cast.patient)
    sender.send(ALL_NO)
    sender.send(("answer", "caring", [(stop, "yes", "")], ending))
    blocks_needles = bool(NEEDLE & set(ITEMS[stop].blocks))
    assert (stop in open_stops(cast.patient)) is blocks_needles

    for who in ("caring", "student", "self_user"):
        sender.clear(who, stop, "")
        sender.needles(who, "0")
        # A practitioner may take the answer back, and a student type another before it is signed.
        may = {"caring": SHEET_ROUTES[:4]}
        may |= {"student": ["records:fill"]} if ending == "keep" else {}
        for route in SHEET_ROUTES:
            if route not in may.get(who, ()):
                sender.of_the_sheet(who, route, said_no=True)
        for kind, at in (("add", "brachioradialis"), ("add", "soleus"), ("visit", 0)):
            sender.change(who, kind, at, "right", 1)
        sender.of_the_plan(who, "take_out", 0)
        sender.of_the_plan(who, "sign_plan", 0)
        watch.look((stop, who))
    if blocks_needles:
        assert stop in open_stops(cast.patient)
        assert SignedPlan.objects.exists() is (stop == NO_CONSENT)


@pytest.mark.parametrize("muscle", ["brachioradialis", "soleus"])
def test_what_was_added_before_a_later_screening_waits_for_its_signature(agreed, cast, muscle):
    """A site that somebody added stays in a plan whatever the proposal holds by then."""
    sender, watch = Sender(cast, FORGED), Watch(cast.patient)
    sender.send(ALL_NO)
    sender.change("caring", "remove", 0, "right", 0)
    sender.change("caring", "add", muscle, "left", 1)
    assert drafted(agreed)[0].lines[-1].site.name == muscle
    sender.send(("anew", "caring", "visit"))
    for said in ([], [("skin_infection", "yes", "arm-left"), ("lymphoedema", "yes", "lower_limb")]):
        sender.send(("answer", "caring", said, "keep"))
        sender.send(SIGN)
        watch.look((muscle, said))
        assert not SignedPlan.objects.exists()
    sender.send(("answer", "caring", [], "sign"))
    sender.send(SIGN)
    assert SignedPlan.objects.exists()


# ------------------------------------------------------------- every address of the site


def routes():
    """Every named address of the site with what stands in it, as Django has it."""

    def within(resolver, prefix=""):
        for name, found in resolver.reverse_dict.lists():
            if isinstance(name, str):
                for possibilities, *_ in found:
                    yield from ((prefix + name, tuple(args)) for _, args in possibilities)
        for space, (_, inner) in resolver.namespace_dict.items():
            yield from within(inner, f"{prefix}{space}:")

    return sorted(set(within(get_resolver())))


ROUTES = routes()
# Signing out and locking end the session; nothing else about them is of interest here.
ENDS = {"account_logout", "lock"}


def fillings(args, plan, sheet):
    """Values for the parts of an address: rows of this patient wherever there are any."""
    assessment = plan.assessment
    rows = {
        "key": [plan.assessment.visit.patient_id],
        "visit": [assessment.visit_id],
        "sheet": [sheet.pk],
        "consent": [assessment.visit.consents.get().pk],
        "pk": [plan.pk, assessment.pk, 1],
        "place": [3],
        "zone": [3],
        "kind": ["alert"],
        "token": ["x"],
        "day": [timezone.localdate()],
    }
    longest = max((len(rows.get(name, [1])) for name in args), default=1)
    for number in range(longest):
        yield {
            name: found[min(number, len(found) - 1)]
            for name in args
            for found in [rows.get(name, [1])]
        }


@pytest.mark.parametrize("who", ["caring", "owner", "self_user"])
def test_no_address_of_the_site_passes_a_stop_or_takes_it_away(agreed, cast, who):
    """Each address there is, with every forged field and every clearing word, asked and sent."""
    sender, visit = Sender(cast), agreed.assessment.visit
    sender.send(ALL_NO)
    stops = [("fast_weakness", "yes", ""), ("skin_infection", "yes", "forearm-right")]
    sender.send(("answer", "caring", stops, "sign"))
    before = open_stops(cast.patient)
    assert set(before) == {"fast_weakness", "skin_infection"}
    user = getattr(cast, who)
    sent = FORGED | {
        "item": "fast_weakness",
        "region": "",
        "reason": "agreed",
        "done": "called",
        "number": agreed.changes.count(),
        "kind": "add",
        "muscle": "brachioradialis",
        "side": "right",
        "to": 1,
        "revision": 1,
        "form": "screening",
        "sign": "1",
        "rest": "all",
    }
    tried = 0
    for name, args in ROUTES:
        if name.rpartition(":")[2] in ENDS:
            continue
        for named in fillings(args, agreed, sender.sheet):
            try:
                url = reverse(name, kwargs=named)
            except NoReverseMatch:
                continue
            with undone():
                client: Client = client_of(user)
                for method in (client.get, client.post):
                    method(url, sent)
                tried += 1
                assert open_stops(cast.patient) == before, url
                assert not SignedPlan.objects.exists(), url
                with pytest.raises(CannotPlan):
                    actions.sign_plan(agreed, shown=shown_of(agreed), staff=cast.caring, by=BY)
                assert not may_be_recorded(visit, "brachioradialis", "right"), url
    assert tried > 100
