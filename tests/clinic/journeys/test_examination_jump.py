"""Going to a muscle, a sign or a movement by typing its name."""

import pytest
from looking import find, shot, violations
from playwright.sync_api import expect

BAND = '[data-row="taut_band.brachioradialis..right"]'
TENDER = '[data-row="tender_motor_point.brachioradialis..right"]'


@pytest.fixture
def examination(tab_of):
    def begin(**options):
        tab = tab_of("practitioner", bypass_csp=True, **options)
        find(tab, "demo")
        tab.get_by_role("link", name="Open the chart").click()
        tab.get_by_role("link", name="Visits and notes").click()
        tab.get_by_role("button", name="Begin a visit now").click()
        tab.get_by_role("link", name="Examine").click()
        tab.field = tab.get_by_role("combobox", name="Go to a muscle, sign or movement")
        expect(tab.field).to_be_visible()
        return tab

    return begin


def options(tab):
    expect(tab.get_by_role("listbox")).to_be_visible()
    return tab.get_by_role("option")


def test_who_types_names_examines_without_touching_the_picture(examination):
    tab = examination(viewport={"width": 1280, "height": 900})
    tab.locator("a.zone").first.focus()
    tab.keyboard.press("/")
    expect(tab.field).to_be_focused()
    tab.keyboard.type("brachiorad r")
    expect(options(tab).first).to_contain_text("Brachioradialis, right")
    assert tab.field.get_attribute("aria-activedescendant") is None  # nothing is chosen unasked
    tab.keyboard.press("Enter")
    expect(tab.locator(f"{TENDER} input:checked")).to_be_focused()
    tab.keyboard.press("3")
    expect(tab.locator("[data-saved]")).to_contain_text("Signs recorded: 1")

    tab.field.focus()
    tab.keyboard.type("taut brachior")
    expect(options(tab).first).to_contain_text("Taut band: Brachioradialis, right")  # it is open
    tab.keyboard.press("ArrowDown")
    first = options(tab).first
    expect(first).to_have_attribute("aria-selected", "true")
    expect(tab.field).to_have_attribute("aria-activedescendant", first.get_attribute("id"))
    tab.keyboard.press("Enter")
    expect(tab.locator(f"{BAND} input:checked")).to_be_focused()
    tab.keyboard.press("2")
    expect(tab.locator("[data-saved]")).to_contain_text("Signs recorded: 2")
    group = tab.get_by_role("group", name="Brachioradialis", exact=True)
    expect(group.get_by_role("group", name="Taut band")).to_be_visible()  # it is told of what

    for typed, row in (
        ("multif c6 l", "tender_paraspinal.multifidus_cervicalis.C6.left"),
        ("M. biceps brachii l", "tender_motor_point.biceps_brachii..left"),
        ("biceps reflex", "reflex.biceps_reflex..left"),  # of the place that is open
        ("biceps reflex r", "reflex.biceps_reflex..right"),
        ("elbow flex left", "range.elbow_flexion..left"),
        ("spurling l", "spurling...left"),
        ("pressure infraspin l", "pressure_pain_threshold.infraspinatus..left"),
    ):
        tab.field.focus()
        tab.keyboard.type(typed)
        expect(options(tab).first).to_be_visible()
        tab.keyboard.press("Enter")
        expect(tab.locator(f'[data-row="{row}"] input:focus')).to_have_count(1)
    assert tab.complaints == []


def test_the_list_opens_moves_closes_and_says_what_it_found(examination):
    tab = examination()
    tab.field.focus()
    expect(tab.field).to_have_attribute("aria-expanded", "false")
    tab.keyboard.type("delt")
    expect(tab.field).to_have_attribute("aria-expanded", "true")
    expect(tab.locator("[data-status]")).to_contain_text("found, first Deltoid")
    count = options(tab).count()
    tab.keyboard.press("ArrowUp")
    expect(options(tab).nth(count - 1)).to_have_attribute("aria-selected", "true")
    tab.keyboard.press("ArrowDown")
    expect(options(tab).first).to_have_attribute("aria-selected", "true")
    tab.keyboard.press("Escape")
    expect(tab.get_by_role("listbox")).to_be_hidden()
    expect(tab.field).to_have_value("delt")
    tab.keyboard.press("ArrowDown")
    expect(tab.get_by_role("listbox")).to_be_visible()
    tab.keyboard.press("Escape")
    tab.keyboard.press("Escape")
    expect(tab.field).to_have_value("")
    tab.keyboard.type("xylophone")
    expect(tab.get_by_text("Nothing is called so.")).to_be_visible()
    expect(tab.field).to_have_attribute("aria-expanded", "false")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_going_by_name_passes_axe_at_320_px(examination, scheme):
    tab = examination(viewport={"width": 320, "height": 700}, color_scheme=scheme)
    tab.field.fill("taut")
    expect(options(tab)).to_have_count(10)
    expect(tab.get_by_text("more: type on.")).to_be_visible()
    tab.keyboard.press("ArrowDown")
    shot(tab, f"jump-320-{scheme}")
    assert violations(tab) == []
    assert tab.evaluate("document.documentElement.scrollWidth") == 320
    heights = tab.evaluate(
        "[...document.querySelectorAll('[role=option]')].map(e => e.getBoundingClientRect().height)"
    )
    assert min(heights) >= 24
    options(tab).nth(1).click()
    expect(tab.locator("[data-row] input:focus")).to_have_count(1)
    shot(tab, f"jumped-320-{scheme}")
    assert violations(tab) == []


def test_without_a_script_there_is_the_list_and_no_field_that_does_nothing(tab_of):
    tab = tab_of("practitioner", java_script_enabled=False)
    tab.goto("/people/")
    tab.get_by_label("Name").fill("demo")
    tab.get_by_role("button", name="Find").click()
    tab.locator('main a[href*="/people/"]', has_text="DEMO").first.click()
    tab.get_by_role("link", name="Open the chart").click()
    tab.get_by_role("link", name="Visits and notes").click()
    tab.get_by_role("button", name="Begin a visit now").click()
    tab.get_by_role("link", name="Examine").click()
    expect(tab.get_by_role("combobox")).to_have_count(0)
    tab.get_by_text("As a list").click()
    tab.locator("summary", has_text="Forearm, front, right").click()
    expect(tab.get_by_role("link", name="Radial side of the forearm, right")).to_be_visible()
