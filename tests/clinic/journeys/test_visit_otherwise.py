"""A visit from its beginning to a signed plan without a script on a small phone."""

import re
import time

from by_hand import saved
from looking import shot
from playwright.sync_api import expect

FOUND = [
    ("Neck, back", "Spinous process C6, right", [
        ("tender_paraspinal.multifidus_cervicalis.C6.right", "3"),
        ("taut_band.multifidus_cervicalis.C6.right", "2"),
    ]),
    ("Forearm, front, right", "Radial side of the forearm, right", [
        ("taut_band.brachioradialis..right", "3"),
        ("shortened_muscle.brachioradialis..right", "2"),
        ("weakness.brachioradialis..right", "4"),
    ]),
]  # fmt: skip


class Pages:
    """Each page that a journey comes to is looked at: not wider than the screen, nothing hidden."""

    def __init__(self, tab):
        self.tab, self.number = tab, 0

    def at(self, title):
        expect(self.tab.get_by_role("heading", name=re.compile(title)).first).to_be_visible()
        self.number += 1
        shot(self.tab, f"no-script-{self.number:02}")
        wide = self.tab.evaluate("document.documentElement.scrollWidth")
        assert wide <= 320, f"{title}: {wide} px"


def begin_visit(tab, pages):
    tab.goto("/people/")
    tab.get_by_label("Name").fill("example")
    tab.get_by_role("button", name="Find").click()
    tab.get_by_role("link", name=re.compile("^example,", re.IGNORECASE)).click()
    tab.get_by_role("link", name="Open the chart").click()
    tab.get_by_role("link", name="Visits and notes").click()
    pages.at("Visits")
    tab.get_by_label(re.compile("Kind|What it is for")).first.select_option(label="Reassessment")
    tab.get_by_role("button", name="Begin a visit now").click()
    pages.at("^Reassessment, ")
    return tab.url


def screen(tab, pages):
    tab.get_by_role("button", name="Ask the screening").click()
    pages.at("^Screening$")
    rest = tab.get_by_role("button", name="All others of this part asked: no")
    for number in range(rest.count()):
        rest.nth(number).click()
        tab.wait_for_url("**#s-*")
    tab.get_by_role("button", name="Sign the screening").click()
    tab.wait_for_url("**/visits/**")
    expect(tab.get_by_text(re.compile("^Signed "))).to_be_visible()


def examine(tab, pages, visit):
    tab.get_by_role("link", name="Examine").click()
    pages.at("^Examination$")
    count = 0
    for zone, place, readings in FOUND:
        tab.get_by_text("As a list").click()
        tab.locator("summary", has_text=re.compile(f"^{zone}$")).click()
        tab.locator("details.twin").get_by_role("link", name=place, exact=True).click()
        pages.at(place)
        for key, value in readings:
            row = tab.locator(f'[data-row="{key}"]')
            if not row.is_visible():
                row.locator("xpath=ancestor::details[not(@open)][1]/summary").click()
            row.locator(f'label:has(input[type=radio][value="{value}"])').first.click()
        count += len(readings)
        tab.get_by_role("button", name="Save", exact=True).click()
        tab.goto(f"{visit}examination/")
        saved(tab, count)
    expect(tab.locator("[data-headline]")).to_contain_text("right")


def conclude(tab, pages):
    tab.get_by_role("link", name="Conclude").click()
    pages.at("^Conclude$")
    tab.get_by_role("group", name="Irritated roots").get_by_role("checkbox").first.check()
    tab.get_by_label("In your words").fill("Extensors short.")
    tab.get_by_label("Accept it").check()
    tab.get_by_role("button", name="Keep the assessment").click()
    pages.at("^Assessment, ")


def change_plan(tab, pages):
    tab.get_by_role("button", name="Plan the treatment").click()
    pages.at("^Plan$")
    expect(tab.get_by_role("button", name="Sign the plan")).to_be_visible()  # below the lines
    lines = tab.locator(".plan-line")
    before = lines.count()
    assert before > 1
    lines.last.get_by_text("Change or take out").click()
    lines.last.get_by_label("Reason").fill("Too sore today")
    lines.last.get_by_role("button", name="Take out").click()
    expect(lines).to_have_count(before - 1)
    tab.get_by_text("Add a site").click()
    tab.get_by_label("Muscle", exact=True).fill("Supinator")
    tab.get_by_label("Side").last.select_option("right")
    tab.locator("form[data-typed=add]").get_by_label("Reason").fill("Ropy band felt")
    tab.get_by_role("button", name="Add it").click()
    expect(lines).to_have_count(before)
    pages.at("^Plan$")
    return tab.url


def watch_the_weeks(tab, pages):
    tab.get_by_role("link", name="The weeks (illustration)").click()
    tab.get_by_role("button", name="With rivals and bands").click()
    pages.at("^The weeks of this plan$")
    again = tab.get_by_role("link", name="See how far it is")
    until = time.monotonic() + 300
    while again.count() and time.monotonic() < until:  # by hand, as without a script one does
        again.click()
        tab.wait_for_timeout(500)
        tab.wait_for_load_state()
    expect(tab.get_by_text("64 runs with the uncertain numbers")).to_be_visible()
    pages.at("^The weeks of this plan$")


def test_from_a_new_visit_to_a_signed_plan_without_a_script_at_320_px(tab_of):
    tab = tab_of("practitioner", java_script_enabled=False, viewport={"width": 320, "height": 700})
    pages = Pages(tab)
    visit = begin_visit(tab, pages)
    screen(tab, pages)
    examine(tab, pages, visit)
    conclude(tab, pages)
    plan = change_plan(tab, pages)
    watch_the_weeks(tab, pages)
    tab.goto(plan)
    tab.get_by_role("button", name="Sign the plan").click()
    pages.at("^Plan, signed")
    expect(tab.get_by_text("Supinator").first).to_be_visible()
    assert tab.complaints == []
