"""The page of a mailed link: looked at, pressed by a script, by hand, and gone back from."""

import re

import pytest
from looking import looked_at
from playwright.sync_api import expect

VISIT = re.compile(r"/visit/[0-9a-f-]{36}/$")
SIZES = {"320": {"width": 320, "height": 700}, "1280": {"width": 1280, "height": 900}}


def ask_for_a_visit(tab, number, mail):
    """From the finder to the page that says to look in the mail."""
    tab.goto("/book/")
    tab.get_by_role("link", name=re.compile("^Choose a time")).first.click()
    tab.locator("fieldset.day").last.locator(".tile").nth(number).click()
    tab.get_by_role("button", name="Continue").click()
    tab.get_by_label("First name").fill("Ada")
    tab.get_by_label("Email address").fill(mail)
    tab.get_by_role("button", name="Send me the link").click()
    expect(tab.get_by_role("heading", level=1)).to_have_text("Look in your mail")


def without_the_press(tab):
    """Keep the script that presses the button away, to look at what it presses."""
    tab.route("**/open*.js", lambda route: route.fulfill(content_type="text/javascript", body=""))


@pytest.mark.parametrize("size", SIZES)
def test_the_pages_around_a_link_pass(tab_of, size):
    tab = tab_of(None, viewport=SIZES[size], bypass_csp=True)
    ask_for_a_visit(tab, 1 if size == "320" else 2, f"link{size}@mail.test")
    without_the_press(tab)
    tab.get_by_role("link", name="open it").click()
    expect(tab.get_by_role("button", name="Open your visit")).to_be_visible()
    found = looked_at(tab, f"link-open-{size}")
    tab.get_by_role("button", name="Open your visit").click()
    tab.wait_for_url(VISIT)
    visit = tab.url
    found += looked_at(tab, f"link-visit-{size}")
    tab.get_by_role("button", name="Close this visit").click()
    expect(tab.get_by_text("The visit is closed here.")).to_be_visible()
    tab.goto(visit)
    expect(tab.get_by_role("heading", level=1)).to_have_text("Open the link in your mail")
    found += looked_at(tab, f"link-closed-{size}")

    assert found == []


def test_with_a_script_a_link_costs_no_tap_and_back_leads_out(tab_of):
    tab = tab_of(None, viewport=SIZES["320"])
    ask_for_a_visit(tab, 3, "ben@mail.test")
    mail = tab.url
    tab.get_by_role("link", name="open it").click()
    tab.wait_for_url(VISIT)
    expect(tab.get_by_role("button", name="Confirm this visit")).to_be_visible()
    kept = tab.evaluate("document.referrer")
    tab.go_back()

    expect(tab).to_have_url(re.compile(re.escape(mail)))
    assert kept == ""
    assert tab.complaints == []
