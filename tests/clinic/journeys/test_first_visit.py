"""A first visit from booking to the practitioner: its forms by the link of the mail, on a phone."""

import re

import pytest
from by_guest import VISIT, book, open_link
from looking import looked_at
from playwright.sync_api import expect

PHONE = {"width": 390, "height": 844}
SMALL = {"width": 320, "height": 700}
HELP = "What would you like help with?"


def fill_in_the_history(tab, words):
    tab.get_by_role("button", name=re.compile("Before your first visit")).click()
    tab.get_by_label(HELP).fill(words)
    for then in ("Part 2 of 3", "Part 3 of 3", "Nothing is sent yet"):
        tab.get_by_role("button", name=re.compile("Continue|Check the answers")).last.click()
        expect(tab.get_by_text(then)).to_be_visible()


def draw(tab, feeling="Burning"):
    tab.get_by_role("button", name=re.compile("Where you feel it")).click()
    tab.get_by_role("button", name="Draw it").click()
    parts = tab.locator("summary", has_text="I would rather use a list")
    parts.click()
    tab.locator("details").get_by_role("link", name="Right arm, front").click()
    tab.get_by_label(feeling).check()
    tab.get_by_role("group", name="How strong is it?").get_by_label("6", exact=True).check()
    tab.get_by_role("checkbox", name="Thumb side of the forearm, right").check()
    tab.get_by_role("button", name="Add to the drawing").click()
    expect(tab.get_by_role("button", name=re.compile("^Remove"))).to_be_visible()
    tab.get_by_role("button", name="Done").click()
    tab.get_by_role("button", name="Check the answers").last.click()
    expect(tab.get_by_text("Nothing is sent yet")).to_be_visible()


def send(tab):
    tab.get_by_role("button", name="Send my answers").click()
    expect(tab.get_by_text("Your answers are with the clinic.")).to_be_visible()


def state_of(tab, form):
    card = tab.locator("#forms article", has=tab.get_by_role("heading", name=form))
    return card.locator(".chip").inner_text()


@pytest.mark.parametrize("size", [PHONE, SMALL], ids=["390", "320"])
def test_a_guest_fills_in_the_forms_on_a_phone_and_the_practitioner_reads_them(tab_of, size):
    width = size["width"]
    tab = tab_of(None, viewport=size, has_touch=True, bypass_csp=True)
    words = f"My neck since winter {width}"
    book(tab, 1 if width == 320 else 2, "Nia", f"nia{width}@mail.test")
    found = looked_at(tab, f"first-visit-{width}")
    fill_in_the_history(tab, words)
    found += looked_at(tab, f"first-check-{width}")
    tab.get_by_role("link", name=re.compile("^Change What brings you")).click()
    found += looked_at(tab, f"first-fill-{width}")
    tab.get_by_role("button", name="Save for later").click()
    tab.wait_for_url(VISIT)
    assert state_of(tab, "Before your first visit") == "begun, not sent"
    found += looked_at(tab, f"first-begun-{width}")
    fill_in_the_history(tab, words)
    send(tab)
    draw(tab)
    send(tab)
    found += looked_at(tab, f"first-sent-{width}")
    visit = tab.url.partition("#")[0]
    tab.get_by_role("link", name="Read what is asked and agreed to").click()
    found += looked_at(tab, f"first-beforehand-{width}")
    tab.goto(visit)
    assert words not in tab.content()
    assert tab.complaints == []
    tab.get_by_role("button", name="Close this visit").click()
    tab.goto(visit)  # which is not there for this browser now
    expect(tab.get_by_role("heading", level=1)).to_have_text("Open the link in your mail")

    clinic = tab_of("practitioner", "/", viewport={"width": 1280, "height": 900})
    clinic.get_by_role("link", name="See what waits").click()
    clinic.wait_for_url("**/people/work/")
    clinic.get_by_role("link", name=re.compile("Before your first visit$")).last.click()
    expect(clinic.get_by_text(words)).to_be_visible()
    expect(clinic.get_by_text("Ask whether it is theirs.")).to_be_visible()
    clinic.get_by_role("link", name="All forms").click()
    clinic.get_by_role("link", name="Drawings, then and now").click()
    expect(clinic.get_by_text(re.compile("[Bb]urning")).first).to_be_visible()
    assert found == []


def test_a_second_browser_with_the_same_mail_sees_nothing_of_the_first(tab_of):
    tab = tab_of(None, viewport=PHONE)
    link = book(tab, 3, "Una", "una@mail.test")
    fill_in_the_history(tab, "Told in confidence")
    tab.goto(f"{tab.url.partition('forms/')[0]}")
    other = tab_of(None, viewport=PHONE)
    open_link(other, link)
    expect(other.get_by_text("you would begin anew")).to_be_visible()
    other.get_by_role("button", name=re.compile("^Begin anew")).click()
    expect(other.get_by_label(HELP)).to_have_value("")
    tab.reload()
    tab.get_by_role("button", name=re.compile("^Go on.*Before")).click()

    expect(tab.get_by_label(HELP)).to_have_value("Told in confidence")


def test_all_of_it_works_without_a_script_and_what_came_too_late_comes_back(tab_of):
    tab = tab_of(None, java_script_enabled=False, viewport=PHONE)
    book(tab, 3, "Ode", "ode@mail.test", has_script=False)
    draw(tab)
    send(tab)
    fill_in_the_history(tab, "Without a script")
    send(tab)
    assert {state_of(tab, each) for each in ("Before your first visit", "Where you feel it")} == {
        "sent"
    }
    book(tab, 4, "Ode", "ode2@mail.test", has_script=False)
    tab.get_by_role("button", name=re.compile("Before your first visit")).click()
    tab.get_by_label(HELP).fill("Typed for an hour")
    tab.context.clear_cookies(name="session")
    tab.get_by_role("button", name="Continue").last.click()
    expect(tab.get_by_role("heading", level=1)).to_contain_text("Not saved")
    expect(tab.get_by_label("Problem")).to_have_value("Typed for an hour")
