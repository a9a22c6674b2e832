"""A first visit from nobody known to a signed plan, its taps and minutes counted; what came in."""

import re
from contextlib import contextmanager

import pytest
from by_hand import ROUND, Hand, examine
from looking import find, looked_at
from playwright.sync_api import expect

BUDGET = 5 * 60  # seconds for the examination
VISIT = 60 * 60  # seconds that a first visit is booked for


class Counted:
    """Taps, keys and seconds of each part of a visit, by the same hand."""

    def __init__(self, tab):
        self.tab, self.parts = tab, {}

    @contextmanager
    def part(self, name):
        hand = Hand(self.tab)
        yield hand
        self.parts[name] = hand

    def __str__(self):
        return "; ".join(
            f"{name} {hand.taps} taps, {hand.keys} keys, {hand.seconds:.0f} s"
            for name, hand in self.parts.items()
        )

    @property
    def seconds(self):
        return sum(hand.seconds for hand in self.parts.values())


def add_somebody(hand):
    tab = hand.tab
    tab.goto("/people/")
    hand.tap(tab.get_by_role("link", name="Add a person"))
    hand.type(tab.get_by_label("Family name"), "Arrival")
    hand.type(tab.get_by_label("Given name"), "Hana")
    hand.type(tab.get_by_label("Date of birth"), "1981-02-03")
    hand.type(tab.get_by_label("Phone"), "604 555 0177")
    hand.tap(tab.get_by_role("button", name="Add the person"))
    hand.tap(tab.locator("summary", has_text=re.compile("care", re.IGNORECASE)).first)
    tab.locator("#care_staff").select_option(label="Rowan Example")
    hand.taps += 2
    tab.locator("#care_reason").select_option("referred")
    hand.taps += 2
    care = tab.locator("form", has=tab.locator("#care_staff"))
    hand.tap(care.get_by_role("button", name="Save"))
    hand.tap(tab.get_by_role("link", name="Open the chart"))
    hand.tap(tab.get_by_role("link", name="Visits and notes"))
    hand.tap(tab.get_by_role("button", name="Begin a visit now"))


def screen(hand):
    """Every question asked; each is answered no but one, which needs its own tap."""
    tab = hand.tab
    hand.tap(tab.get_by_role("button", name="Ask the screening"))
    expect(tab.get_by_role("button", name="Sign the screening")).to_be_visible()
    rest = tab.get_by_role("button", name="All others of this part asked: no")
    for number in range(rest.count()):
        hand.tap(rest.nth(number))
    hand.tap(tab.get_by_role("button", name="Sign the screening"))


def agree(hand):
    tab = hand.tab
    hand.tap(tab.get_by_role("link", name="Ask for consent"))
    for part in ("Back of the neck", "Upper back", "Upper arm", "Forearm"):
        hand.tap(tab.get_by_role("checkbox", name=re.compile(f"^{part}")).first)
    hand.type(tab.get_by_label("Name of who agrees"), "Hana Arrival")
    hand.type(tab.get_by_label("What was asked, and what was answered"), "Asked if it hurts; said.")
    hand.tap(tab.get_by_role("checkbox", name=re.compile("alternatives were said")))
    hand.tap(tab.get_by_role("checkbox", name=re.compile("A copy was given")))
    hand.tap(tab.get_by_role("button", name="Write the consent down"))
    expect(tab.get_by_text("Holds today for:")).to_be_visible()


def tell(hand):
    tab = hand.tab
    hand.tap(tab.get_by_role("link", name="History"))
    hand.type(tab.get_by_label("Problem in one line"), "Elbow and neck, right, since spring")
    hand.type(tab.get_by_label("What they want to be able to do"), "Lift the child")
    hand.tap(tab.get_by_label("Began on"))
    tab.get_by_label("Began on").fill("2026-04-01")
    hand.keys += 8
    hand.type(tab.get_by_label(re.compile("Pain now")), "6")
    hand.tap(tab.get_by_role("button", name="Save the history"))


def conclude(hand):
    tab = hand.tab
    hand.tap(tab.get_by_role("link", name="Conclude"))
    hand.tap(tab.get_by_label("C6 right"))
    hand.type(tab.get_by_label("In your words"), "Extensors short, loading the epicondyle.")
    hand.tap(tab.get_by_label("Accept it"))
    hand.tap(tab.get_by_role("button", name="Keep the assessment"))
    expect(tab.get_by_text("the same to the bit")).to_be_visible()


def plan(hand):
    tab = hand.tab
    hand.tap(tab.get_by_role("button", name="Plan the treatment"))
    lines = tab.locator(".plan-line")
    expect(tab.get_by_role("button", name="Sign the plan")).to_be_visible()  # below the lines
    if tab.get_by_role("button", name="Take them out").count():
        hand.tap(tab.get_by_role("button", name="Take them out"))
        expect(tab.get_by_role("button", name="Take them out")).to_have_count(0)
        expect(tab.get_by_role("button", name="Sign the plan")).to_be_visible()
    before = lines.count()
    hand.tap(lines.last.get_by_text("Change or take out"))
    hand.type(lines.last.get_by_label("Reason"), "Too sore today")
    hand.tap(lines.last.get_by_role("button", name="Take out"))
    expect(lines).to_have_count(before - 1)
    hand.tap(tab.get_by_role("button", name="Sign the plan"))
    expect(tab.get_by_role("heading", name=re.compile("Plan, signed"))).to_be_visible()


def write(hand, visit):
    """The note begun from what the record holds, one sentence added, signed."""
    tab = hand.tab
    hand.tap(tab.get_by_role("link", name="Course of treatment"))
    hand.tap(tab.locator(".story").get_by_role("link").first)
    assert tab.url == visit
    hand.tap(tab.get_by_role("link", name="Begin the note"))
    tab.get_by_label("Kind of note").select_option(label="First visit")
    hand.taps += 2
    hand.tap(tab.get_by_role("button", name="Put it into my note"))
    note = tab.get_by_label("Note", exact=True)
    note.press("Control+End")
    note.press_sequentially(" What it is and is not was explained.")
    hand.keys += 38
    hand.tap(tab.get_by_role("button", name="Sign the note"))
    # of the note: the screening above it was signed before
    expect(tab.get_by_role("article").get_by_text(re.compile("^Signed "))).to_be_visible()


def test_a_first_visit_from_nobody_known_to_a_signed_note_is_counted(
    tab_of, record_testsuite_property
):
    """The examination in under five minutes; all that is tapped and typed in half of the visit."""
    tab = tab_of("practitioner", viewport={"width": 1280, "height": 900})
    counted = Counted(tab)
    with counted.part("person") as hand:
        add_somebody(hand)
    visit = tab.url
    with counted.part("screening") as hand:
        screen(hand)
    with counted.part("consent") as hand:
        agree(hand)
    with counted.part("history") as hand:
        tell(hand)
    counted.parts["examination"] = examine(tab, ROUND)
    assert counted.parts["examination"].findings == 40
    with counted.part("conclusion") as hand:
        conclude(hand)
    with counted.part("plan") as hand:
        plan(hand)
    with counted.part("note") as hand:
        write(hand, visit)

    record_testsuite_property("first visit", f"{counted}; {counted.seconds / 60:.1f} min")
    assert counted.parts["examination"].seconds <= BUDGET, str(counted)
    assert counted.seconds <= VISIT / 2, str(counted)
    tab.get_by_role("link", name="Course of treatment").click()
    expect(tab.get_by_text("0 visits since it was signed; 8 were planned.")).to_be_visible()
    expect(tab.get_by_text("1 note signed")).to_be_visible()
    assert tab.complaints == []


@pytest.mark.parametrize("width", [320, 1280])
def test_what_a_patient_sent_waits_is_opened_and_waits_no_more(tab_of, width):
    """The list of work, and the page that it leads to, in both states."""
    options = {"viewport": {"width": width, "height": 800}, "bypass_csp": True}
    patient = tab_of("patient", "/mine/", **options)
    patient.get_by_role("link", name="Your forms").click()
    patient.get_by_role("button", name=re.compile("Where you feel it")).click()
    patient.get_by_role("button", name="Draw it").click()
    patient.get_by_role("button", name="Nothing to draw today").click()
    patient.get_by_role("button", name="Check the answers").last.click()
    patient.get_by_role("button", name="Send my answers").click()
    expect(patient.get_by_text("Nobody at the clinic who looks after you has")).to_be_visible()
    found = looked_at(patient, f"sent-{width}")

    tab = tab_of("practitioner", **options)
    expect(tab.get_by_text(re.compile(r"repl(y|ies) to look at"))).to_be_visible()
    tab.get_by_role("link", name="See what waits").click()
    came = tab.locator("section", has=tab.get_by_role("heading", name=re.compile("Came in from")))
    found += looked_at(tab, f"work-{width}")
    before = came.get_by_role("listitem").count()
    came.get_by_role("link").last.click()
    expect(tab.get_by_text("First opened by Rowan Example")).to_be_visible()
    found += looked_at(tab, f"opened-{width}")
    tab.goto("/people/work/")
    expect(came.get_by_role("listitem")).to_have_count(before - 1)
    patient.reload()
    expect(patient.get_by_text("First opened by Rowan Example")).to_be_visible()
    assert found == []


@pytest.mark.parametrize("width", [320, 1280])
def test_what_is_taught_of_a_condition_leads_to_its_muscles(tab_of, width):
    tab = tab_of("practitioner", viewport={"width": width, "height": 800}, bypass_csp=True)
    find(tab, "sample")
    tab.get_by_role("link", name="Open the chart").click()
    tab.get_by_role("link", name="Visits and notes").click()
    tab.get_by_role("button", name="Begin a visit now").click()
    tab.get_by_role("link", name="Examine").click()
    tab.get_by_role("link", name="Conditions, as taught").click()
    expect(tab.get_by_text("Gunn's teaching, unproven").first).to_be_visible()
    found = looked_at(tab, f"teaching-{width}")
    card = tab.locator("details.taught", has_text="tennis elbow")
    card.locator("summary").click()
    expect(card.get_by_text("Muscles said to be short")).to_be_visible()
    found += looked_at(tab, f"teaching-elbow-{width}")
    card.get_by_role("link", name=re.compile("^Brachioradialis: *examine right")).click()
    expect(
        tab.get_by_role("heading", name=re.compile("Radial side of the forearm"))
    ).to_be_visible()
    assert found == []


def test_by_keyboard_alone_a_reply_is_opened_from_the_list_of_work(tab_of):
    patient = tab_of("patient", "/mine/")
    patient.get_by_role("link", name="Your forms").click()
    patient.get_by_role("button", name=re.compile("Where you feel it")).click()
    patient.get_by_role("button", name="Draw it").click()
    patient.get_by_role("button", name="Nothing to draw today").click()
    patient.get_by_role("button", name="Check the answers").last.click()
    patient.get_by_role("button", name="Send my answers").click()

    tab = tab_of("practitioner", java_script_enabled=False)
    for name in ("See what waits", r"^Patient \d+, Where you feel it"):
        for _ in range(80):
            tab.keyboard.press("Tab")
            focused = tab.locator("a:focus")
            if focused.count() and re.search(name, focused.inner_text()):
                break
        else:
            raise AssertionError(f"{name} was not reached")
        focused.press("Enter")
        tab.wait_for_load_state()
    expect(tab.get_by_text("First opened by Rowan Example")).to_be_visible()
