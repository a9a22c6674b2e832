"""A session that ends in the middle of an examination takes nothing with it."""

import re

from looking import find, shot
from playwright.sync_api import expect


def test_what_one_tapped_is_never_saved_in_the_name_of_who_signed_in_after(tab_of, signed_in):
    tab = tab_of("practitioner")
    find(tab, "test")
    tab.get_by_role("link", name="Open the chart").click()
    tab.get_by_role("link", name="Visits and notes").click()
    tab.get_by_role("button", name="Begin a visit now").click()
    tab.get_by_role("link", name="Examine").click()
    tab.locator('a.zone[aria-label="Forearm, front, right"]').click()
    tab.locator(".chips a").first.click()
    row = tab.locator('[data-row="taut_band.brachioradialis..right"]')
    expect(row).to_be_visible()

    tab.context.add_cookies(signed_in("student")["cookies"])  # in another tab of this browser
    row.locator('input[type=radio][value="3"]').click()

    expect(tab.locator("[data-saved]")).to_contain_text("Somebody else is signed in here now")
    expect(row).to_have_class(re.compile("is-unsaved"))
    shot(tab, "somebody-else")
    tab.context.add_cookies(signed_in("practitioner")["cookies"])
    row.locator('input[type=radio][value="2"]').click()
    expect(tab.locator("[data-saved]")).to_contain_text("Signs recorded: 1")
    changes = tab.context.new_page()
    changes.goto(tab.url.split("#")[0] + "changes/")
    expect(changes.get_by_role("row")).to_have_count(2)  # the heading and the one reading
    expect(changes.get_by_text("Rowan Example").first).to_be_visible()


def test_what_is_tapped_after_the_session_ended_stays_on_the_page(tab_of):
    tab = tab_of("practitioner")
    find(tab, "sample")
    tab.get_by_role("link", name="Open the chart").click()
    tab.get_by_role("link", name="Visits and notes").click()
    tab.get_by_role("button", name="Begin a visit now").click()
    tab.get_by_role("link", name="Examine").click()
    tab.locator('a.zone[aria-label="Forearm, front, right"]').click()
    tab.locator(".chips a").first.click()
    row = tab.locator('[data-row="taut_band.brachioradialis..right"]')
    expect(row).to_be_visible()

    other = tab.context.new_page()
    other.goto("/")
    other.get_by_role("button", name="Sign out").click()
    expect(other.get_by_role("link", name="Sign in").first).to_be_visible()
    row.locator('input[type=radio][value="3"]').click()

    expect(tab.locator("[data-saved]")).to_contain_text("You were signed out")
    expect(tab.locator("[data-saved]")).to_contain_text("kept on this device")
    expect(tab.get_by_role("link", name=re.compile("sign in in another tab"))).to_have_attribute(
        "target", "_blank"
    )
    expect(row.locator('input[type=radio][value="3"]')).to_be_checked()
    expect(row).to_have_class(re.compile("is-unsaved"))
    shot(tab, "signed-out")
