"""Screening, consent and drawing in a real browser, at a visit and on a patient's phone."""

import re

import pytest
from looking import find, looked_at
from playwright.sync_api import expect


def begin_visit(tab, name):
    find(tab, name)
    tab.get_by_role("link", name="Open the chart").click()
    tab.get_by_role("link", name="Visits and notes").click()
    tab.get_by_role("button", name="Begin a visit now").click()


def answer(tab, question, choice):
    tab.get_by_role("group", name=re.compile(question)).get_by_label(choice, exact=True).check()


@pytest.mark.parametrize("width", [320, 1280])
def test_a_screening_shows_at_once_what_stops_and_is_signed(tab_of, width):
    tab = tab_of(
        "practitioner",
        viewport={"width": width, "height": 800},
        bypass_csp=True,
        reduced_motion="reduce",
    )
    begin_visit(tab, "demo" if width == 320 else "example")
    found = looked_at(tab, f"visit-fresh-{width}")
    tab.get_by_role("button", name="Ask the screening").click()
    found += looked_at(tab, f"screening-{width}")
    answer(tab, "Is one calf newly swollen", "Yes")
    answer(tab, "blood thinner\\?", "Yes")
    answer(tab, "Is the person pregnant", "Yes")
    answer(tab, "Are there varicose veins", "Yes")
    tab.get_by_role("group", name=re.compile("varicose")).locator("summary").click()
    tab.get_by_label(re.compile("Part of the body 1: Are there varicose")).select_option("calf")
    tab.get_by_label(re.compile("Side of part 1: Are there varicose")).select_option("left")
    tab.get_by_role("button", name="Save for later").click()
    expect(tab.get_by_text("Nobody can clear this").first).to_be_visible()
    found += looked_at(tab, f"visit-stopped-{width}")
    tab.get_by_role("button", name="Go on asking").click()
    answer(tab, "Is one calf newly swollen", "No")
    for number in range(7):
        tab.get_by_role("button", name="All others of this part asked: no").nth(number).click()
    found += looked_at(tab, f"screening-answered-{width}")
    tab.get_by_role("button", name="Sign the screening").click()
    expect(tab.get_by_text(re.compile("Clear first"))).to_be_visible()
    tab.locator("summary", has_text="Clear it").click()
    tab.get_by_label("Why it may go on").fill("Twelve weeks, no risk known")
    tab.get_by_label("What was done").fill("Asked the midwife")
    tab.get_by_role("button", name="Clear it").click()
    expect(tab.get_by_text("by Rowan Example")).to_be_visible()
    found += looked_at(tab, f"visit-screened-{width}")

    assert found == []
