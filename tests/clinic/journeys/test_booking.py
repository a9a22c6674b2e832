"""Booking in a real browser: on a phone, by keyboard, without a script; the clinic's day."""

import re
import time
from datetime import datetime, timedelta

import pytest
from looking import shot, violations
from playwright.sync_api import expect

PHONE = {"width": 390, "height": 844}
SMALL = {"width": 320, "height": 700}
DESK = {"width": 1280, "height": 900}
VISIT = re.compile(r"/visit/[0-9a-f-]{36}/$")
NARROW = (
    "[...document.querySelectorAll('a, button, summary, select, input:not([type=hidden])')]"
    ".filter(e => { const b = e.getBoundingClientRect(); return b.width && b.height"
    " && b.height < 24 && getComputedStyle(e).display !== 'inline'; }).length"
)


def looked_at(tab, name):
    """What is wrong with the page as it stands, light and dark."""
    tab.emulate_media(color_scheme="light")
    shot(tab, f"booking-{name}")
    found = [f"{name}: {one}" for one in violations(tab)]
    size = tab.viewport_size["width"]
    wide = tab.evaluate("document.documentElement.scrollWidth")
    found += [f"{name}: {wide} px wide"] if wide > size else []
    small = tab.evaluate(NARROW)
    found += [f"{name}: {small} targets under 24 px"] if small else []
    tab.emulate_media(color_scheme="dark")
    shot(tab, f"booking-{name}-dark")
    found += [f"{name}, dark: {one}" for one in violations(tab, only=["color-contrast"])]
    tab.emulate_media(color_scheme="light")
    return found


def tiles(tab):
    """Times of the last day shown, which is days ahead, so that it can still be moved."""
    tab.wait_for_load_state()  # of half a page it would be another day
    return tab.locator("fieldset.day").last.locator(".tile")


def choose(tab, number=0):
    """From the finder to the form, with the time of one tile."""
    tab.goto("/book/")
    tab.get_by_role("link", name=re.compile("^Choose a time")).first.click()
    tile = tiles(tab).nth(number)
    shown = tile.inner_text().split("\n")[0]
    tile.click()
    tab.get_by_role("button", name="Continue").click()
    expect(tab.get_by_role("heading", level=1)).to_have_text("Who comes?")
    return shown


def say_who(tab, name, mail):
    tab.get_by_label("First name").fill(name)
    tab.get_by_label("Email address").fill(mail)
    tab.get_by_role("button", name="Send me the link").click()
    expect(tab.get_by_role("heading", level=1)).to_have_text("Look in your mail")


def open_mail(tab):
    """Open the link of the mail; a script presses its button."""
    tab.get_by_role("link", name="open it").click()
    tab.wait_for_url(VISIT)


def confirm(tab):
    open_mail(tab)
    tab.get_by_role("button", name="Confirm this visit").click()
    expect(tab.get_by_role("heading", level=1)).to_have_text("Your visit is booked")


@pytest.mark.parametrize("size", [SMALL, DESK], ids=["320", "1280"])
def test_the_public_pages_pass_in_every_state(tab_of, size):
    tab = tab_of(None, "/book/about/", viewport=size, bypass_csp=True, reduced_motion="reduce")
    width = size["width"]
    found = looked_at(tab, f"about-{width}")
    tab.goto("/book/")
    found += looked_at(tab, f"start-{width}")
    tab.get_by_label("What for").fill("nothing-like-it")
    tab.get_by_role("button", name="Show who is free").click()
    expect(tab.get_by_text("Nobody fits.")).to_be_visible()
    assert "nothing-like-it" not in tab.url
    found += looked_at(tab, f"start-nobody-{width}")
    tab.goto("/book/")
    tab.get_by_role("link", name=re.compile("^Choose a time")).first.click()
    found += looked_at(tab, f"choose-{width}")
    tab.get_by_role("button", name="Continue").click()
    expect(tab.get_by_role("alert")).to_contain_text("Choose a time.")
    found += looked_at(tab, f"choose-wrong-{width}")
    choose(tab, 1 if width == 320 else 2)
    found += looked_at(tab, f"details-{width}")
    tab.get_by_role("button", name="Send me the link").click()
    expect(tab.get_by_role("alert")).to_contain_text("There is a problem")
    found += looked_at(tab, f"details-wrong-{width}")
    say_who(tab, "Gil", f"gil{width}@mail.test")
    found += looked_at(tab, f"sent-{width}")
    open_mail(tab)
    found += looked_at(tab, f"visit-pending-{width}")
    tab.get_by_role("button", name="Confirm this visit").click()
    found += looked_at(tab, f"visit-booked-{width}")
    visit = tab.url
    for name in ("move", "earlier", "cancel"):
        tab.goto(f"{visit}{name}/")
        found += looked_at(tab, f"visit-{name}-{width}")
    tab.get_by_role("button", name="Cancel this visit").click()
    found += looked_at(tab, f"visit-cancelled-{width}")

    assert found == []


@pytest.mark.parametrize("size", [SMALL, DESK], ids=["320", "1280"])
def test_the_clinics_pages_pass_in_every_state(tab_of, size):
    tab = tab_of("practitioner", viewport=size, bypass_csp=True, reduced_motion="reduce")
    width = size["width"]
    found = []
    tab.goto("/schedule/")
    found += looked_at(tab, f"day-{width}")
    for name in ("Week", "Day", "By room"):
        tab.get_by_role("link", name=name, exact=True).click()
        found += looked_at(tab, f"{name.lower().replace(' ', '-')}-{width}")
    tab.get_by_role("link", name="Keep time free").click()
    tab.get_by_role("button", name="Keep it free").click()
    found += looked_at(tab, f"block-wrong-{width}")
    tab.goto("/schedule/")
    tab.locator("table.stacks a").first.click()
    found += looked_at(tab, f"staff-visit-{width}")
    tab.get_by_role("link", name="Move").click()
    found += looked_at(tab, f"staff-move-{width}")
    tab.goto("/people/")
    tab.get_by_label("Name").fill("test")
    tab.get_by_role("button", name="Find").click()
    tab.get_by_role("link", name=re.compile("^TEST,")).click()
    person = tab.url
    tab.get_by_role("link", name="Wait list").click()
    found += looked_at(tab, f"wait-{width}")
    tab.get_by_role("button", name="Save").click()
    expect(tab.get_by_role("alert")).to_contain_text("There is a problem")
    tab.get_by_label("Kind of visit").select_option("Follow-up")
    tab.get_by_role("button", name="Save").click()
    tab.wait_for_url(person)
    tab.goto("/schedule/")
    found += looked_at(tab, f"day-waiting-{width}")
    tab.goto("/schedule/newcomers/")
    found += looked_at(tab, f"newcomers-{width}")
    tab.goto("/schedule/feed/")
    found += looked_at(tab, f"feed-{width}")

    assert found == []


@pytest.mark.parametrize("size", [SMALL, DESK], ids=["320", "1280"])
def test_the_owners_pages_pass(tab_of, size):
    tab = tab_of("owner", viewport=size, bypass_csp=True, reduced_motion="reduce")
    found = []
    for path in ("setup/", "setup/service/1/", "setup/hours/new/", "setup/away/new/", "import/"):
        tab.goto(f"/schedule/{path}")
        found += looked_at(tab, f"{path.strip('/').replace('/', '-')}-{size['width']}")

    assert found == []


def test_a_visit_is_booked_in_under_a_minute_on_a_phone_without_an_account(tab_of):
    tab = tab_of(None, "/", viewport=PHONE, has_touch=True, is_mobile=True)
    began = time.monotonic()
    tab.get_by_role("link", name="Book a visit").click()
    shown = choose(tab, 3)
    say_who(tab, "Pia", "pia@mail.test")
    confirm(tab)
    took = time.monotonic() - began

    assert shown in tab.inner_text(".chosen")
    assert took < 60  # of a script; the pages are five, the fields two
    tab.get_by_role("link", name="Choose another time").click()
    tiles(tab).nth(1).click()
    tab.get_by_role("button", name="Move my visit").click()
    expect(tab.get_by_text("Your visit has a new time.")).to_be_visible()
    tab.get_by_role("link", name="Cancel this visit").click()
    tab.get_by_role("button", name="Cancel this visit").click()
    expect(tab.get_by_role("heading", level=1)).to_have_text("This visit is cancelled")
    assert tab.complaints == []


def test_everything_a_patient_does_works_without_a_script(tab_of):
    tab = tab_of(None, "/book/", java_script_enabled=False, viewport=PHONE)
    choose(tab, 5)
    say_who(tab, "Ole", "ole@mail.test")
    tab.get_by_role("link", name="open it").click()
    tab.get_by_role("button", name="Open your visit").click()
    tab.get_by_role("button", name="Confirm this visit").click()
    expect(tab.get_by_role("heading", level=1)).to_have_text("Your visit is booked")
    tab.get_by_role("link", name="Choose another time").click()
    tiles(tab).nth(2).click()
    tab.get_by_role("button", name="Move my visit").click()
    expect(tab.get_by_text("Your visit has a new time.")).to_be_visible()
    tab.get_by_role("link", name="Cancel this visit").click()
    tab.get_by_role("button", name="Cancel this visit").click()
    expect(tab.get_by_role("heading", level=1)).to_have_text("This visit is cancelled")


def to(tab, name, most=80):
    """Tab on until something of that name has the focus, which must be seen."""
    for _ in range(most):
        tab.keyboard.press("Tab")
        label = tab.evaluate(
            "(document.activeElement.labels?.[0] ?? document.activeElement).textContent.trim()"
        )
        if label.startswith(name):
            box = tab.evaluate(
                "(() => { const e = document.activeElement.closest('.tile') ??"
                " document.activeElement; const b = e.getBoundingClientRect();"
                " return b.top >= 0 && b.bottom <= innerHeight; })()"
            )
            assert box, f"'{name}' has the focus and is out of sight"
            return
    raise AssertionError(f"'{name}' is not reached by Tab")


def test_a_visit_is_booked_by_keyboard_alone(tab_of):
    tab = tab_of(None, "/book/", viewport=DESK)
    to(tab, "Choose a time")
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/book/time/**")
    to(tab, tab.locator(".tile").first.text_content().strip())  # what is free first, at any hour
    tab.keyboard.press("ArrowDown")
    tab.keyboard.press("ArrowDown")
    to(tab, "Continue")
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/book/details/")
    to(tab, "First name")
    tab.keyboard.type("Kim")
    to(tab, "Email address")
    tab.keyboard.type("kim@mail.test")
    to(tab, "Send me the link")
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/book/sent/")
    to(tab, "open it")
    tab.keyboard.press("Enter")
    tab.wait_for_url(VISIT)
    to(tab, "Confirm this visit")
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("heading", level=1)).to_have_text("Your visit is booked")


def test_a_time_taken_meanwhile_is_said_and_the_next_are_offered(tab_of):
    first, second = (tab_of(None, "/book/", viewport=DESK) for _ in range(2))
    for tab in (first, second):
        tab.get_by_role("link", name=re.compile("^Choose a time")).first.click()
        tiles(tab).nth(6).click()
    first.get_by_role("button", name="Continue").click()
    second.get_by_role("button", name="Continue").click()

    alert = second.get_by_role("alert")
    expect(alert).to_contain_text("That time was taken while you were choosing. Free next:")
    shot(second, "booking-taken")
    second.locator(".tile").first.click()
    second.get_by_role("button", name="Continue").click()
    expect(second.get_by_role("heading", level=1)).to_have_text("Who comes?")


def test_a_device_set_elsewhere_is_told_and_the_times_stay(tab_of):
    shown = []
    for zone in ("America/Vancouver", "Asia/Tokyo"):
        tab = tab_of(None, "/book/", timezone_id=zone)
        tab.get_by_role("link", name=re.compile("^Choose a time")).first.click()
        shown.append(tiles(tab).first.inner_text())
    expect(tab.locator(".zone")).to_contain_text(
        "Your device is set to Tokyo. These times are still Vancouver time."
    )
    assert shown[0] == shown[1]


def test_a_double_click_books_once(tab_of):
    tab = tab_of(None, "/book/", viewport=DESK)
    choose(tab, 7)
    tab.get_by_label("First name").fill("Uwe")
    tab.get_by_label("Email address").fill("uwe@mail.test")
    tab.get_by_role("button", name="Send me the link").dblclick()
    expect(tab.get_by_role("heading", level=1)).to_have_text("Look in your mail")
    staff = tab_of("practitioner", "/schedule/")
    staff.get_by_role("link", name="Week", exact=True).click()
    staff.wait_for_url("**/week/**")
    seen = staff.locator("table.stacks a", has_text="Uwe").count()
    this_week = staff.url
    staff.get_by_role("link", name="After").click()
    staff.wait_for_url(lambda url: url != this_week)
    seen += staff.locator("table.stacks a", has_text="Uwe").count()
    assert seen == 1


# ------------------------------------------------------------------- the clinic


def of_bo(tab):
    """To the week in which Bo has a visit."""
    tab.goto("/schedule/")
    tab.get_by_role("link", name="Week", exact=True).click()
    tab.wait_for_url("**/week/**")
    if not tab.locator("a.visit", has_text="TEST, Bo").count():
        tab.get_by_role("link", name="After").click()
        tab.wait_for_url("**/week/?with=**")
    tab.wait_for_load_state()
    return tab.locator("a.visit", has_text="TEST, Bo").first


def of_bo_note(tab):
    """The line that says what was changed and takes it back."""
    return tab.locator("form.note", has_text="TEST, Bo")


STEPS_TO_FREE = """e => {
  const cell = e.closest('td');
  const column = [...cell.parentElement.children].indexOf(cell);
  const rows = [...cell.closest('tbody').rows].map(row => row.cells[column]);
  const here = rows.indexOf(cell);
  const isFree = at => [0, 1, 2].every(n => rows[at + n] && rows[at + n].className.trim() === '');
  for (let at = here + 2; at < rows.length; at++) if (isFree(at)) return at - here;
  for (let at = here - 4; at >= 0; at--) if (isFree(at)) return at - here;
}"""


def test_a_visit_is_moved_by_keyboard_and_taken_back(tab_of):
    tab = tab_of("practitioner", viewport=DESK)
    visit = of_bo(tab)
    was = visit.locator("strong").inner_text()
    steps = visit.evaluate(STEPS_TO_FREE)
    arrow = "ArrowDown" if steps > 0 else "ArrowUp"
    visit.evaluate("e => e.closest('td').focus()")
    tab.keyboard.press("m")
    expect(tab.locator("[data-status]")).to_contain_text("Lifted TEST, Bo")
    for _ in range(abs(steps)):
        tab.keyboard.press(arrow)
    expect(tab.locator("[data-status]")).to_contain_text("To ")
    tab.keyboard.press("Enter")
    dialog = tab.get_by_role("dialog")
    expect(dialog).to_contain_text("Move TEST, Bo from")
    shot(tab, "booking-move-dialog")
    tab.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(tab.locator("[data-status]")).to_have_text("It stays where it was.")
    tab.keyboard.press("m")
    for _ in range(abs(steps)):
        tab.keyboard.press(arrow)
    tab.keyboard.press("Enter")
    dialog.get_by_role("button", name="Move it").press("Enter")
    expect(of_bo_note(tab)).to_contain_text("Moved: TEST, Bo")
    shot(tab, "booking-moved")
    now = tab.locator("a.visit", has_text="TEST, Bo").first.locator("strong").inner_text()
    assert now != was
    of_bo_note(tab).get_by_role("button", name="Undo").click()
    again = tab.locator("a.visit", has_text="TEST, Bo").first.locator("strong")
    expect(again).to_have_text(was)
    assert tab.complaints == []


def test_a_visit_is_moved_by_dragging(tab_of):
    tab = tab_of("practitioner", viewport={"width": 1280, "height": 2400})
    visit = of_bo(tab)
    sunday = tab.locator(".grid-of-time thead th").last.inner_text()
    target = tab.locator(".grid-of-time tr", has_text="15:40").locator("td").last
    visit.drag_to(target)
    expect(tab.get_by_role("dialog")).to_contain_text(f"to {sunday}")
    tab.get_by_role("button", name="Move it").click()
    expect(of_bo_note(tab)).to_contain_text("15:40")
    of_bo_note(tab).get_by_role("button", name="Undo").click()
    expect(of_bo_note(tab)).to_have_count(0)


def test_a_visit_is_moved_by_a_form_where_there_is_no_script(tab_of):
    tab = tab_of("practitioner", java_script_enabled=False, viewport=DESK)
    visit = of_bo(tab)
    was = visit.locator("strong").inner_text()
    visit.click()
    tab.get_by_role("link", name="Move").click()
    day = datetime.fromisoformat(tab.get_by_label("Day").input_value()) + timedelta(days=11)
    tab.get_by_label("Day").fill(day.date().isoformat())
    tab.get_by_label("Time", exact=True).fill("16:00")
    tab.get_by_role("button", name="Move it").click()
    expect(of_bo_note(tab)).to_contain_text("16:00")
    of_bo_note(tab).get_by_role("button", name="Undo").click()
    expect(tab.locator("a.visit", has_text="TEST, Bo").first.locator("strong")).to_have_text(was)


def test_a_visit_is_booked_for_a_person_arrives_and_begins(tab_of):
    tab = tab_of("practitioner", "/people/", viewport=DESK)
    tab.get_by_label("Name").fill("demo")
    tab.get_by_role("button", name="Find").click()
    tab.get_by_role("link", name=re.compile("^DEMO,")).click()
    tab.get_by_role("link", name="Book a visit").click()
    shot(tab, "booking-staff-book")
    tab.get_by_label("Time", exact=True).fill("17:40")
    tab.get_by_role("button", name="Book it").click()
    expect(tab.get_by_role("alert")).to_contain_text("does not work at")
    tab.get_by_label("Outside the hours, knowingly").check()
    tab.get_by_role("button", name="Book it").click()
    expect(tab.get_by_text(re.compile("^Booked:"))).to_be_visible()
    tab.locator("table.stacks tr", has_text="17:40").get_by_role("link").click()
    tab.get_by_role("button", name="Has arrived").click()
    expect(tab.locator(".chip", has_text="arrived")).to_be_visible()
    tab.get_by_role("button", name="Begin the visit").click()
    expect(tab.get_by_role("heading", level=1)).to_contain_text("First visit")


def test_the_day_prints_as_a_list(tab_of):
    tab = tab_of("practitioner", "/schedule/", viewport=DESK)
    tab.emulate_media(media="print")
    assert tab.locator("table.stacks").is_visible()
    assert not tab.get_by_role("link", name="Keep time free").is_visible()
    shot(tab, "booking-print")
