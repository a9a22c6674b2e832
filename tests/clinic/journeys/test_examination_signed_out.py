"""A session that ends in the middle of an examination takes nothing with it."""

import re
from urllib.parse import quote, urlsplit

from looking import ON_THE_DEVICE, find, shot
from playwright.sync_api import expect

BAND = '[data-row="taut_band.brachioradialis..right"]'
ALIVE = "**/account/stay/"  # a page's sign of life, a second after the first movement on it


def examine(tab, who):
    """A new visit of somebody, open at the forearm, and its sign of life answered."""
    find(tab, who)
    tab.get_by_role("link", name="Open the chart").click()
    tab.get_by_role("link", name="Visits and notes").click()
    tab.get_by_role("button", name="Begin a visit now").click()
    tab.get_by_role("link", name="Examine").click()
    with tab.expect_response(ALIVE):
        tab.locator('a.zone[aria-label="Forearm, front, right"]').click()
        tab.locator(".chips a").first.click()
    row = tab.locator(BAND)
    expect(row).to_be_visible()
    return row


def test_what_one_tapped_is_never_saved_in_the_name_of_who_signed_in_after(tab_of, signed_in):
    tab = tab_of("practitioner")
    row = examine(tab, "test")

    tab.context.add_cookies(signed_in("student")["cookies"])  # in another tab of this browser
    row.locator('input[type=radio][value="3"]').click()

    expect(tab.locator("[data-saved]")).to_contain_text("Somebody else is signed in here now")
    expect(row).to_have_class(re.compile("is-unsaved"))
    shot(tab, "somebody-else")
    tab.route("**/examination/taps/", lambda route: route.abort())  # what is tried again, too
    tab.context.add_cookies(signed_in("practitioner")["cookies"])
    row.locator('input[type=radio][value="2"]').click()
    expect(tab.locator("[data-saved]")).to_contain_text("Not saved yet")
    tab.unroute("**/examination/taps/")
    expect(tab.locator("[data-saved]")).to_contain_text("Signs recorded: 1")
    changes = tab.context.new_page()
    changes.goto(tab.url.split("#")[0] + "changes/")
    expect(changes.get_by_role("row")).to_have_count(2)  # the heading and the one reading
    expect(changes.get_by_text("Rowan Example").first).to_be_visible()


def test_a_page_that_finds_its_session_ended_goes_without_asking_and_its_taps_come_back(
    tab_of, signed_in
):
    tab = tab_of("practitioner")
    row = examine(tab, "example")
    examination = tab.url
    asked = []
    tab.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))

    tab.context.clear_cookies(name="session")
    tab.evaluate("const now = Date.now; Date.now = () => now() + 61_000")
    row.locator('input[type=radio][value="3"]').click()  # a sign of life goes with it
    tab.wait_for_url("**/sign-in/?next=**")

    assert not asked, "the browser asked whether to lose what the device has kept"
    tab.context.add_cookies(signed_in("practitioner")["cookies"])
    tab.goto(examination)
    expect(tab.locator("[data-saved]")).to_contain_text("1 entry kept on this device was saved")
    expect(row.locator('input[type=radio][value="3"]')).to_be_checked()


def test_a_part_that_is_asked_for_after_the_session_ended_leads_back_to_the_whole_page(tab_of):
    """And what was typed just before is kept."""
    tab = tab_of("practitioner")
    row = examine(tab, "demo")
    row.locator('input[type=radio][value="3"]').click()
    expect(tab.locator("[data-headline]")).to_be_visible()
    tab.locator("summary", has_text="Note your impression").click()

    tab.context.clear_cookies(name="session")
    tab.locator("form[data-impression] [name=text]").fill("Brachioradialis alone")
    tab.locator(".chips a").nth(1).click()
    back = quote(urlsplit(tab.url).path, safe="")
    expect(tab).to_have_url(re.compile(re.escape(f"/sign-in/?next={back}") + "$"))
    assert len(tab.evaluate(ON_THE_DEVICE)) == 1


def test_what_is_tapped_after_the_session_ended_stays_on_the_page(tab_of):
    tab = tab_of("practitioner")
    row = examine(tab, "sample")

    other = tab.context.new_page()
    other.goto("/")
    other.get_by_role("button", name="Sign out").click()
    expect(other.get_by_role("link", name="Sign in").first).to_be_visible()
    row.locator('input[type=radio][value="3"]').click()  # its next sign of life is a minute away

    expect(tab.locator("[data-saved]")).to_contain_text("You were signed out")
    expect(tab.locator("[data-saved]")).to_contain_text("kept on this device")
    expect(tab.get_by_role("link", name=re.compile("sign in in another tab"))).to_have_attribute(
        "target", "_blank"
    )
    expect(row.locator('input[type=radio][value="3"]')).to_be_checked()
    expect(row).to_have_class(re.compile("is-unsaved"))
    shot(tab, "signed-out")
