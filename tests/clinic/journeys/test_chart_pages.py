"""Note templates, words beside a history, drawings in the course, forms missing: looked at."""

import re

import pytest
from looking import find, looked_at
from playwright.sync_api import expect


def begin_visit(tab, name):
    find(tab, name)
    tab.get_by_role("link", name="Open the chart").click()
    tab.get_by_role("link", name="Visits and notes").click()
    tab.get_by_role("button", name="Begin a visit now").click()
    expect(tab.get_by_role("button", name="Ask the screening")).to_be_visible()
    return tab.url


@pytest.mark.parametrize("width", [320, 1280])
def test_a_template_is_made_changed_used_and_put_away(tab_of, width):
    options = {"viewport": {"width": width, "height": 800}, "bypass_csp": True}
    tab = tab_of("owner", "/practice/", **options)
    tab.get_by_role("link", name="Note templates").click()
    found = looked_at(tab, f"templates-{width}")
    tab.get_by_role("link", name=re.compile("from it.*First visit")).click()
    expect(tab.get_by_label("Headings and text")).to_have_value(re.compile("^Subjective"))
    tab.get_by_label("Name").fill(f"Shoulder {width}")
    tab.get_by_label("Headings and text").fill("Found\n{sings}")
    tab.get_by_role("button", name="Save the template").click()
    expect(tab.get_by_role("alert")).to_contain_text("Line 2: '{sings}' is not known")
    found += looked_at(tab, f"template-wrong-{width}")
    tab.get_by_label("Headings and text").fill("Found today\n{signs}\n\nDrink water.")
    tab.get_by_role("button", name="Save the template").click()
    tab.get_by_role("link", name=f"Shoulder {width}").click()
    tab.get_by_label("Headings and text").fill("Found today\n{problem}\n\nDrink water.")
    tab.get_by_role("button", name="Save version 2").click()
    tab.get_by_role("link", name=f"Shoulder {width}").click()
    tab.get_by_text("Version 1,").click()
    found += looked_at(tab, f"template-{width}")
    url = tab.url

    staff = tab_of("practitioner", **options)
    visit = begin_visit(staff, "sample")
    staff.get_by_role("link", name="History").click()
    staff.get_by_label("Problem in one line").fill("Elbow, left")
    staff.wait_for_load_state()  # all that is folded has come
    while (closed := staff.locator("main form details:not([open]) > summary")).count():
        closed.first.click()
    staff.get_by_label("In words: pain").fill("8 at night")
    found += looked_at(staff, f"history-words-{width}")
    staff.get_by_role("button", name="Save the history").click()
    expect(staff.get_by_role("heading", name="Examination")).to_be_visible()
    staff.goto(f"{visit}begin-note/")
    staff.get_by_label("Kind of note").select_option(label=f"Shoulder {width}")
    found += looked_at(staff, f"begin-note-own-{width}")
    staff.get_by_role("button", name="Put it into my note").click()
    note = staff.get_by_label("Note", exact=True)
    expect(note).to_have_value(re.compile(r"Found today\nElbow, left[\s\S]*Pain: 8 at night"))
    expect(note).to_have_value(re.compile(r"Drink water\.$"))

    tab.goto(url)
    tab.get_by_role("button", name="Put it away").click()
    expect(tab.get_by_role("heading", name="Put away")).to_be_visible()
    assert found == []
    assert [said for said in tab.complaints + staff.complaints if "422" not in said] == []


@pytest.mark.parametrize("width", [320, 1280])
def test_drawings_in_the_course_and_forms_that_are_missing_are_seen(tab_of, width):
    tab = tab_of("practitioner", viewport={"width": width, "height": 800}, bypass_csp=True)
    find(tab, "sample")
    tab.get_by_role("link", name="Open the chart").click()
    tab.get_by_role("link", name="Course of treatment").click()
    card = tab.locator("section", has=tab.get_by_role("heading", name="Drawings"))
    expect(card).to_contain_text("of the joint area is the same place")
    found = looked_at(tab, f"course-drawings-{width}")
    card.get_by_role("link", name="Drawings, then and now").click()
    expect(tab.get_by_role("heading", name="Was, and is no more")).to_be_visible()
    tab.goto("/people/work/")
    expect(
        tab.get_by_role("heading", name=re.compile("^Visits of the coming days"))
    ).to_be_visible()
    found += looked_at(tab, f"work-forms-{width}")
    tab.goto("/")
    found += looked_at(tab, f"home-forms-{width}")
    tab.goto("/schedule/")
    tab.get_by_role("link", name="After").click()  # today's may be over
    expect(tab.get_by_role("cell", name=re.compile("forms missing")).first).to_be_attached()
    found += looked_at(tab, f"day-forms-{width}")
    assert found == []
    assert tab.complaints == []
