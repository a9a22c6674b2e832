"""Booking as it is met otherwise: enlarged four times, in forced colours, on paper, with no time.

What these look at was first seen by eye: a bar that covered half a page, hours that only their
colour told from others, a sheet of free times without a time.
"""

import re
from datetime import datetime, timedelta

from looking import shot, violations
from playwright.sync_api import expect

ENLARGED = {"width": 320, "height": 256}  # 1280 by 1024 at 400 %
DESK = {"width": 1280, "height": 900}


def no_time_free(tab):
    """To the page of times beyond all that can be booked."""
    tab.goto("/book/")
    tab.get_by_role("link", name=re.compile("^Choose a time")).first.click()
    far = datetime.now().astimezone() + timedelta(days=400)
    tab.goto(f"{tab.url}&from={far.date().isoformat()}")


def test_a_stranger_waits_for_a_place_without_a_script(tab_of):
    tab = tab_of(None, java_script_enabled=False, viewport=ENLARGED)
    no_time_free(tab)
    expect(tab.get_by_text(re.compile("^Nothing is free in the next"))).to_be_visible()
    tab.get_by_role("link", name="Put me on the wait list").click()
    tab.get_by_label("First name").fill("Una")
    tab.get_by_role("button", name="Send me the link").click()
    expect(tab.get_by_text("Enter an email address.").first).to_be_visible()
    tab.get_by_label("Email address").fill("una@mail.test")
    tab.get_by_role("button", name="Send me the link").click()
    tab.get_by_role("link", name="open it").click()
    tab.get_by_role("button", name="Open it").click()
    tab.get_by_role("button", name="Put me on the wait list").click()
    expect(tab.get_by_role("heading", level=1)).to_have_text("You are on the wait list")
    tab.get_by_role("button", name="Take me off the list").click()
    expect(tab.get_by_role("heading", level=1)).to_have_text("One more step")


def test_the_pages_of_the_wait_list_pass(tab_of):
    tab = tab_of(None, viewport=ENLARGED, bypass_csp=True)
    found = []

    def look(name):
        for scheme in ("light", "dark"):
            tab.emulate_media(color_scheme=scheme)
            shot(tab, f"waiting-{name}-{scheme}")
            found.extend(f"{name}: {one}" for one in violations(tab))
        if tab.evaluate("document.documentElement.scrollWidth") > ENLARGED["width"]:
            found.append(f"{name}: too wide")

    no_time_free(tab)
    look("none")
    tab.get_by_role("link", name="Put me on the wait list").click()
    look("form")
    tab.get_by_label("First name").fill("Ivo")
    tab.get_by_role("button", name="Send me the link").click()
    expect(tab.get_by_role("alert")).to_contain_text("There is a problem")
    look("wrong")
    tab.get_by_label("Email address").fill("ivo@mail.test")
    tab.get_by_role("button", name="Send me the link").click()
    look("sent")
    tab.get_by_role("link", name="open it").click()
    tab.wait_for_url(re.compile(r"/wait/[0-9a-f-]{36}/$"))
    look("asked")
    tab.get_by_role("button", name="Put me on the wait list").click()
    look("waits")

    assert found == []


def test_enlarged_four_times_nothing_stands_over_the_times(tab_of):
    tab = tab_of(None, "/book/", viewport=ENLARGED)
    tab.get_by_role("link", name=re.compile("^Choose a time")).first.click()
    tab.wait_for_url("**/book/time/**")

    place = "getComputedStyle(document.querySelector('.go')).position"
    assert tab.evaluate(place) == "static"
    tab.set_viewport_size({"width": 390, "height": 844})
    assert tab.evaluate(place) == "sticky"


def test_free_times_are_on_the_printed_sheet(tab_of):
    tab = tab_of(None, "/book/", viewport=DESK)
    tab.get_by_role("link", name=re.compile("^Choose a time")).first.click()
    tab.emulate_media(media="print")

    expect(tab.locator(".tile > span").first).to_be_visible()
    expect(tab.get_by_role("button", name="Continue")).to_be_hidden()


def test_hours_that_are_shut_are_told_by_more_than_their_colour(tab_of):
    owner = tab_of("owner", "/schedule/setup/away/new/", viewport=DESK)
    owner.get_by_label("Practitioner").select_option(index=1)
    tab = tab_of("practitioner", "/schedule/", viewport=DESK)
    shown = tab.locator("th[data-day]").first.get_attribute("data-day")
    for label in ("First day", "Last day"):
        owner.get_by_label(label).fill(shown)
    owner.get_by_role("button", name="Save").click()
    expect(owner.get_by_role("heading", name="What can be booked, when")).to_be_visible()
    tab.reload()

    shut = tab.locator("td.shut").first
    shut.focus()
    for arrow in ("ArrowDown", "ArrowUp"):
        tab.keyboard.press(arrow)
    expect(tab.locator("[data-status]")).to_contain_text("outside the hours")
    for media in ({"forced_colors": "active"}, {"forced_colors": "none", "media": "print"}):
        tab.emulate_media(**media)
        assert "gradient" in shut.evaluate("e => getComputedStyle(e).backgroundImage")
    tab.emulate_media(media="screen")
    shut.focus()
    tab.keyboard.press("ArrowDown")
    expect(tab.locator("[data-status]")).to_contain_text("outside the hours")
