"""Text that comes by voice or an input method, not by keys: all is kept, and no key acts on it.

Dictation puts whole phrases in at once; an input method puts a word together first (composition).
Both are what Chromium is told by such programs, through its own protocol.
"""

import re

import pytest
from looking import KEPT_ON_THE_DEVICE, find
from playwright.sync_api import expect

SPOKEN = "Taut band at C6, grade 3 of 3; reflex 1/4. "
PUT_TOGETHER = "Schmerz läßt nach, 2/10"
WRITTEN = SPOKEN + PUT_TOGETHER + " Next visit: 5 / 6."


class Voice:
    """A program that writes for somebody, into whatever has the focus."""

    def __init__(self, tab):
        self.tab, self.wire = tab, tab.context.new_cdp_session(tab)

    def put_together(self, text):
        """Letter by letter, as an input method does, without ending it."""
        for length in range(1, len(text) + 1):
            self.wire.send(
                "Input.imeSetComposition",
                {"text": text[:length], "selectionStart": length, "selectionEnd": length},
            )

    def end(self, text):
        """The word stands."""
        self.wire.send("Input.insertText", {"text": text})

    def write(self, wait=0):
        """All of it: said, put together and said again, with pauses as long as a save takes."""
        self.tab.keyboard.insert_text(SPOKEN)
        self.tab.wait_for_timeout(wait)
        self.put_together(PUT_TOGETHER)
        self.tab.wait_for_timeout(wait)
        self.end(PUT_TOGETHER)
        self.tab.keyboard.insert_text(" Next visit: 5 / 6.")


@pytest.fixture
def visit(tab_of):
    tab = tab_of("practitioner", viewport={"width": 1280, "height": 900})
    find(tab, "demo")
    tab.get_by_role("link", name="Open the chart").click()
    tab.get_by_role("link", name="Visits and notes").click()
    tab.get_by_role("button", name="Begin a visit now").click()
    expect(tab.get_by_role("button", name="Ask the screening")).to_be_visible()
    tab.visit = tab.url
    return tab


def test_a_note_that_is_dictated_is_saved_while_it_is_spoken_and_whole_at_the_end(visit):
    tab, voice = visit, Voice(visit)
    saves = []

    def slowly(route):  # each save is still under way when the next words come
        saves.append(route.request.post_data)
        tab.wait_for_timeout(300)
        route.continue_()

    tab.route("**/note/", slowly)
    note = tab.get_by_label("Note", exact=True)
    note.focus()
    voice.write(wait=1200)
    expect(note).to_have_value(WRITTEN)
    expect(note).to_be_focused()
    for _ in range(150):  # until the last words are on their way
        if saves and "Next+visit" in saves[-1]:
            break
        tab.wait_for_timeout(100)
    assert len(saves) >= 2  # while it was spoken, and after
    expect(tab.locator("[data-said]")).to_have_text(re.compile(r"^Saved \d\d:\d\d"))
    tab.reload()
    expect(tab.get_by_label("Note", exact=True)).to_have_value(WRITTEN)
    tab.get_by_role("button", name="Sign the note").click()
    expect(tab.locator("article .said")).to_contain_text(WRITTEN)
    assert tab.complaints == []


def test_words_beside_a_sign_are_dictated_and_no_digit_reads_a_row(visit):
    tab, voice = visit, Voice(visit)
    tab.goto(f"{tab.visit}examination/")
    tab.locator('a.zone[aria-label="Forearm, front, right"]').click()
    tab.locator(".chips a").first.click()
    thing = tab.locator(".thing", has=tab.get_by_role("heading", name="Brachioradialis")).first
    thing.locator("summary", has_text="In words").click()
    words = thing.locator("textarea")
    words.focus()
    voice.write(wait=1200)
    expect(words).to_have_value(WRITTEN)
    expect(words).to_be_focused()
    expect(tab.locator("[data-saved]")).to_contain_text("Saved")
    tab.wait_for_timeout(1200)
    assert (
        tab.locator("[data-row] input[type=radio][name^='f:']:checked:not([value=''])").count() == 0
    )
    tab.reload()
    expect(tab.locator(".recorded")).to_contain_text(WRITTEN)
    assert tab.complaints == []


def test_a_word_that_is_put_together_chooses_nothing_in_the_field_for_names(visit):
    tab, voice = visit, Voice(visit)
    tab.goto(f"{tab.visit}examination/")
    field = tab.get_by_label("Go to a muscle, sign or movement")
    field.focus()
    voice.put_together("brachiorad r")
    expect(tab.get_by_role("option").first).to_be_visible()
    for key in ("ArrowDown", "Enter"):  # they belong to whoever puts the word together
        tab.keyboard.press(key)
    tab.wait_for_timeout(300)
    expect(tab.locator("[data-place-title]")).to_have_count(0)
    expect(field).to_have_value("brachiorad r")
    voice.end("brachiorad r")
    tab.keyboard.press("Enter")
    expect(tab.locator("[data-place-title]")).to_be_visible()
    assert tab.complaints == []


def test_reasons_are_dictated_and_outlive_a_page_that_is_left(visit):
    tab, voice = visit, Voice(visit)
    tab.get_by_role("button", name="Ask the screening").click()
    expect(tab.get_by_role("button", name="Sign the screening")).to_be_visible()
    for part in tab.locator("button[name=rest]").evaluate_all("all => all.map(one => one.value)"):
        tab.locator(f"button[name=rest][value={part}]").click()
        tab.wait_for_url(f"**#s-{part}")
    tab.get_by_role("button", name="Sign the screening").click()
    tab.wait_for_url("**/visits/**")
    tab.goto(f"{tab.visit}examination/")
    tab.locator('a.zone[aria-label="Forearm, front, right"]').click()
    tab.locator(".chips a").first.click()
    tab.locator('[data-row="taut_band.brachioradialis..right"] input[value="3"]').click()
    expect(tab.locator("[data-saved]")).to_contain_text("Signs recorded: 1.")
    tab.goto(f"{tab.visit}conclude/")
    tab.get_by_label("C6 right").check()
    tab.get_by_label("Edit it").check()
    tab.get_by_label("Why it is edited").focus()
    voice.write()
    assert tab.evaluate(KEPT_ON_THE_DEVICE)
    tab.reload()
    expect(tab.get_by_label("Why it is edited")).to_have_value(WRITTEN)
    tab.get_by_role("button", name="Keep the assessment").click()
    expect(tab.get_by_text(WRITTEN)).to_be_visible()
    tab.get_by_role("button", name="Plan the treatment").click()
    expect(tab.get_by_role("button", name="Sign the plan")).to_be_visible()  # below the lines
    line = tab.locator(".plan-line").last
    line.get_by_text("Change or take out").click()
    line.get_by_label("Reason").focus()
    voice.write()
    line.get_by_role("button", name="Take out").click()
    expect(tab.get_by_text(f": {WRITTEN}")).to_be_visible()
    assert tab.complaints == []
