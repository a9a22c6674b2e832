"""The week by room: seen by eye and by keyboard, where nothing is lifted and the page says why."""

import re

from looking import looked_at, shot
from playwright.sync_api import expect

DESK = {"width": 1280, "height": 900}
PHONE = {"width": 320, "height": 900}


def week_of_a_room(tab):
    """To the week of the room in which Bo has a visit."""
    tab.get_by_role("link", name="Week", exact=True).click()
    tab.wait_for_url("**/week/")
    if not tab.locator("table.stacks tr", has_text="TEST, Bo").count():
        tab.get_by_role("link", name="After").click()
        tab.wait_for_url("**/week/?with=**")
    line = tab.locator("table.stacks tr", has_text="TEST, Bo").first
    room = line.locator("td[data-label=Room]").inner_text()
    tab.get_by_role("link", name="By room").click()
    tab.wait_for_url("**/week/?by=room")
    heading = tab.get_by_role("heading", level=1)
    if room not in heading.inner_text():
        tab.get_by_role("link", name=room, exact=True).click()
    expect(heading).to_have_text(re.compile(f"^Week of .+, {room}$"))
    expect(tab.locator("table.stacks")).to_contain_text("TEST, Bo")
    tab.wait_for_load_state()


def test_the_week_of_a_room_is_read_by_keyboard_and_lifts_nothing(tab_of):
    tab = tab_of("practitioner", "/schedule/", viewport=DESK)
    week_of_a_room(tab)
    expect(tab.get_by_text("Beneath rooms nothing is moved")).to_be_visible()
    visit = tab.locator("a.visit").first
    name = visit.get_attribute("data-name")
    visit.evaluate("e => e.closest('td').focus()")
    tab.keyboard.press("ArrowDown")
    tab.keyboard.press("ArrowUp")
    expect(tab.locator("[data-status]")).to_contain_text(name)
    tab.keyboard.press("m")
    expect(tab.locator(".lifted")).to_have_count(0)
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/visits/**")
    assert tab.complaints == []


def test_a_visit_beneath_a_room_cannot_be_dragged(tab_of):
    tab = tab_of("practitioner", "/schedule/", viewport={"width": 1280, "height": 2400})
    week_of_a_room(tab)
    visit = tab.locator("a.visit").first
    visit.drag_to(tab.locator(".grid-of-time tr", has_text="15:40").locator("td").last)
    expect(tab.get_by_role("dialog")).to_be_hidden()


def test_the_week_of_a_room_passes(tab_of):
    found = []
    for size, viewport in (("wide", DESK), ("narrow", PHONE)):
        tab = tab_of("practitioner", "/schedule/", viewport=viewport, bypass_csp=True)
        week_of_a_room(tab)
        found += looked_at(tab, f"schedule-room-week-{size}")
    assert found == []


def test_the_week_of_a_room_is_reached_and_printed_without_a_script(tab_of):
    tab = tab_of("practitioner", "/schedule/", java_script_enabled=False, viewport=DESK)
    week_of_a_room(tab)
    tab.emulate_media(media="print")
    assert tab.locator("table.stacks").is_visible()
    assert not tab.get_by_role("link", name="By practitioner").is_visible()
    shot(tab, "schedule-room-week-print")
