"""Health and needles before a first visit: said by a guest on a phone, asked anew at the visit."""

import re

import pytest
from by_guest import VISIT, book
from looking import looked_at
from playwright.sync_api import expect

PHONE = {"width": 390, "height": 844}
SMALL = {"width": 320, "height": 700}
HEALTH, NEEDLES = "Your health, before any needle", "About needles, to think over"
URGENT = "Is one calf newly swollen"


def begin(tab, form):
    tab.get_by_role("button", name=re.compile(form)).click()
    expect(tab.get_by_role("heading", level=1, name=form)).to_be_visible()


def answer(tab, question, choice):
    tab.get_by_role("group", name=re.compile(question)).get_by_label(choice, exact=True).check()


def go_on(tab, to):
    tab.get_by_role("button", name=re.compile("^(Continue|Check the answers)$")).last.click()
    expect(tab.get_by_text(to).first).to_be_visible()


def send(tab):
    tab.get_by_role("button", name="Send my answers").click()
    tab.wait_for_url(VISIT)
    expect(tab.get_by_text("Your answers are with the clinic.")).to_be_visible()


def say_health(tab, name):
    """All of it, a blood thinner among it; what needs care at once was a slip."""
    begin(tab, HEALTH)
    found = looked_at(tab, f"{name}-health")
    answer(tab, URGENT, "Yes")
    go_on(tab, "Part 2 of 6")
    expect(tab.get_by_text("Get help today.")).to_be_visible()
    found += looked_at(tab, f"{name}-urgent")
    tab.get_by_role("button", name="Back").click()
    answer(tab, URGENT, "No")
    for part in (2, 3, 4):
        go_on(tab, f"Part {part} of 6")
    expect(tab.get_by_text("Get help today.")).to_have_count(0)
    thinner = tab.get_by_role("group", name="Do you take a blood thinner?")
    thinner.get_by_label("Yes", exact=True).check()
    thinner.locator("summary").click()
    thinner.get_by_role("textbox").fill("warfarin")
    go_on(tab, "Part 5 of 6")
    answer(tab, "Do you have varicose veins", "Yes")
    found += looked_at(tab, f"{name}-parts")
    go_on(tab, "Part 6 of 6")
    go_on(tab, "Nothing is sent yet")
    found += looked_at(tab, f"{name}-health-check")
    send(tab)
    return found


def think_of_needles(tab, name):
    begin(tab, NEEDLES)
    expect(tab.get_by_text("This is not your consent")).to_be_visible()
    tab.get_by_role("checkbox", name="Chest", exact=True).check()
    found = looked_at(tab, f"{name}-needles")
    go_on(tab, "Part 2 of 3")
    expect(tab.get_by_text("Breast tissue is never needled.")).to_be_visible()
    tab.get_by_role("checkbox", name=re.compile("That I can say no")).check()
    tab.get_by_label("What would you like to ask?").fill("Will it bruise?")
    found += looked_at(tab, f"{name}-read")
    go_on(tab, "Part 3 of 3")
    tab.get_by_role("radio", name="I am not sure yet").check()
    found += looked_at(tab, f"{name}-thoughts")
    go_on(tab, "Nothing is sent yet")
    send(tab)
    return found


@pytest.mark.parametrize("size", [PHONE, SMALL], ids=["390", "320"])
def test_a_guest_says_it_beforehand_and_the_practitioner_asks_it_anew(tab_of, size):
    width = size["width"]
    name = f"beforehand-{width}"
    tab = tab_of(None, viewport=size, has_touch=True, bypass_csp=True)
    book(tab, 1 if width == 320 else 2, "Pia", f"pia{width}@mail.test")
    found = looked_at(tab, f"{name}-due")
    found += say_health(tab, name)
    found += think_of_needles(tab, name)
    found += looked_at(tab, f"{name}-sent")
    for words in ("warfarin", "Will it bruise?"):
        assert words not in tab.content()
    assert tab.complaints == []

    clinic = tab_of("practitioner", "/", viewport={"width": width * 3, "height": 900})
    clinic.get_by_role("link", name="See what waits").click()
    clinic.wait_for_url("**/people/work/")
    clinic.get_by_role("link", name=re.compile(f"{HEALTH}$")).last.click()
    clinic.get_by_role("link", name="All forms").click()
    clinic.get_by_role("link", name="Back to the chart").click()
    clinic.get_by_role("link", name="Visits and notes").click()
    clinic.get_by_role("button", name="Begin a visit now").click()
    expect(clinic.get_by_text("Yes. warfarin")).to_be_visible()
    found += looked_at(clinic, f"{name}-visit")
    clinic.get_by_role("button", name="Ask the screening").click()
    group = clinic.get_by_role("group", name="Does the person take a blood thinner?")
    expect(group).to_contain_text("Yes. warfarin")
    expect(group.get_by_label("Yes", exact=True)).not_to_be_checked()
    found += looked_at(clinic, f"{name}-screening")
    clinic.locator("button[name=rest][value=body]").click()
    clinic.wait_for_url("**#s-body")
    expect(group.get_by_label("No", exact=True)).not_to_be_checked()
    pregnant = clinic.get_by_role("group", name=re.compile("Is the person pregnant"))
    expect(pregnant.get_by_label("No", exact=True)).to_be_checked()
    clinic.get_by_role("button", name="Save for later").click()
    clinic.get_by_role("link", name="Ask for consent").click()
    expect(clinic.get_by_text("Will it bruise?")).to_be_visible()
    found += looked_at(clinic, f"{name}-consent")
    assert found == []


def test_it_works_without_a_script(tab_of):
    tab = tab_of(None, java_script_enabled=False, viewport=PHONE)
    book(tab, 3, "Quin", "quin@mail.test", has_script=False)
    begin(tab, HEALTH)
    for part in (2, 3, 4, 5, 6):
        go_on(tab, f"Part {part} of 6")
    answer(tab, "Do you have a pacemaker", "No")
    go_on(tab, "Nothing is sent yet")
    send(tab)
    begin(tab, NEEDLES)
    for then in ("Part 2 of 3", "Part 3 of 3", "Nothing is sent yet"):
        go_on(tab, then)
    send(tab)
