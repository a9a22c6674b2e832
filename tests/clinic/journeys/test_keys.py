"""From somebody new to a signed plan with the keyboard alone; the focus seen at each stop."""

import re

import pytest
from by_hand import saved
from by_keys import Keys
from looking import shot
from playwright.sync_api import expect


def heading(tab, words):
    """On the page of that name, and all of it has come."""
    expect(tab.get_by_role("heading", level=1, name=re.compile(words))).to_be_visible()
    tab.wait_for_load_state()


def add_somebody(keys, tab):
    keys.go("a", "^Find a person$")
    heading(tab, "^Find a person|^People")
    keys.go("a", "^Add a person$")
    heading(tab, "^Add a person")
    keys.fill("[name=family_name]", "Keyes")
    keys.fill("[name=given_name]", "Kay")
    keys.fill("[name=born]", "1981-02-03")
    keys.go("button", "^Add the person$")
    heading(tab, "^Person$")


def give_care(keys, tab):
    keys.go("summary", "(?i)care")
    keys.to("#care_staff")
    keys.type("Rowan")
    keys.to("#care_reason")
    keys.type("asked")
    keys.go("button", "^Save")
    tab.wait_for_load_state()
    expect(tab.get_by_role("link", name="Open the chart")).to_be_visible()


def find_somebody(keys, tab, who):
    tab.goto("/people/")
    keys.fill("[name=name]", who)
    keys.press("Enter")
    expect(tab.get_by_role("link", name=re.compile(f"^{who},", re.IGNORECASE))).to_be_visible()
    keys.go("a", f"(?i)^{who},")
    heading(tab, "^Person$")


def begin_visit(keys, tab):
    keys.go("a", "^Open the chart$")
    expect(tab.get_by_role("link", name="Visits and notes")).to_be_visible()
    keys.go("a", "^Visits and notes$")
    heading(tab, "^Visits")
    keys.go("button", "^Begin a visit now$")
    expect(tab.get_by_role("button", name="Ask the screening")).to_be_visible()


def screen(keys, tab):
    keys.go("button", "^Ask the screening$")
    heading(tab, "^Screening$")
    parts = tab.locator("button[name=rest]").evaluate_all("all => all.map(one => one.value)")
    for part in parts:
        keys.go(f"button[name=rest][value={part}]")
        tab.wait_for_url(f"**#s-{part}")
        tab.wait_for_load_state()
    keys.go("button", "^Sign the screening$")
    tab.wait_for_url("**/visits/**")
    expect(tab.get_by_text(re.compile("^Signed "))).to_be_visible()


def examine(keys, tab):
    keys.go("a", "^Examine$")
    heading(tab, "^Examination$")
    keys.to("a.zone")
    for _ in range(40):  # by arrows to the forearm, wherever the first zone is
        name = keys.look()
        if name == "Forearm, front, right":
            break
        keys.press("ArrowDown" if "arm" in name else "ArrowLeft")
        if keys.look() == name:
            keys.press("ArrowDown")
    assert name == "Forearm, front, right"
    keys.press("Enter")
    expect(tab.locator("[data-zone-title]")).to_be_focused()
    keys.go(".chips a", "^Radial side of the forearm")
    expect(tab.locator("[data-place-title]")).to_be_focused()
    for count, (row, grade) in enumerate(
        [("taut_band.brachioradialis..right", "3"), ("weakness.brachioradialis..right", "4")],
        start=1,
    ):
        keys.to(f'[data-row="{row}"] input')
        keys.press(grade)
        saved(tab, count)
        keys.look()
    expect(tab.locator("[data-headline]")).to_contain_text("right")


def conclude(keys, tab):
    keys.go("a", "^Conclude$")
    heading(tab, "^Conclude$")
    keys.go("[name=roots]", "^C6 right", then=" ")
    keys.fill("[name=words]", "Extensors short, 1 and 2.")
    keys.to("[name=verdict]")
    for _ in range(3):
        if re.search("^Accept it", keys.look()):
            break
        keys.press("ArrowDown")
    keys.press(" ")
    keys.go("button", "^Keep the assessment$")
    heading(tab, "^Assessment, ")


def plan(keys, tab):
    keys.go("button", "^Plan the treatment$")
    heading(tab, "^Plan$")
    lines = tab.locator(".plan-line")
    if tab.get_by_role("button", name="Take them out").count():
        keys.go("button", "^Take them out")
        expect(tab.get_by_role("button", name="Take them out")).to_have_count(0)
        expect(tab.get_by_role("button", name="Sign the plan")).to_be_visible()
    before = lines.count()
    keys.go(".plan-line:last-of-type summary", "^Change or take out")
    keys.fill(f"#remove-reason-{before}", "Too sore today")
    keys.go("button", "^Take out")
    expect(lines).to_have_count(before - 1)
    keys.go("button", "^Sign the plan$")
    heading(tab, "^Plan, signed")


@pytest.mark.parametrize("size", [(1280, 900), (320, 700)], ids=["desk", "phone"])
def test_from_somebody_new_to_a_signed_plan_by_keyboard_alone(tab_of, size):
    tab = tab_of("practitioner", viewport={"width": size[0], "height": size[1]})
    keys = Keys(tab)
    if size[0] > 320:
        add_somebody(keys, tab)
        give_care(keys, tab)
    find_somebody(keys, tab, "keyes" if size[0] > 320 else "demo")
    begin_visit(keys, tab)
    screen(keys, tab)
    examine(keys, tab)
    conclude(keys, tab)
    plan(keys, tab)
    shot(tab, f"keys-signed-{size[0]}")
    assert keys.stops > 300
    assert tab.complaints == []


@pytest.mark.parametrize(
    ("style", "problem"),
    [
        ("*:focus-visible { outline: none !important }", "is not marked"),
        ("body::after { content: ''; position: fixed; inset: 0; z-index: 9 }", "lies under"),
        ("main { position: fixed !important; inset-inline-start: 99vw }", "is out of the window"),
    ],
)
def test_a_focus_that_nobody_sees_is_found(tab_of, style, problem):
    tab = tab_of("practitioner", "/people/", bypass_csp=True)
    keys = Keys(tab)
    keys.to("[name=name]")
    tab.add_style_tag(content=style)
    with pytest.raises(AssertionError, match=problem):
        keys.look()
