"""The living page of tokens and components: every state, light, dark, small and printed."""

import pytest
from looking import looked_at, shot
from playwright.sync_api import expect

INK = "one => [getComputedStyle(one).color, getComputedStyle(one).backgroundColor]"


def complaints(tab):
    """What the browser said against the page; its advice on passwords is none of that."""
    return [said for said in tab.complaints if not said.startswith("[DOM]")]


@pytest.mark.parametrize("width", [320, 1280])
def test_the_living_page_passes_axe_light_and_dark_and_fits(tab_of, width):
    tab = tab_of(None, "/components/", viewport={"width": width, "height": 900}, bypass_csp=True)
    found = looked_at(tab, f"components-{width}")
    for detail in tab.locator("main summary:visible").all():
        detail.click()
    found += looked_at(tab, f"components-open-{width}")

    assert found == []


def test_the_living_page_shows_the_colours_in_force_breaks_no_policy_and_prints(tab_of):
    tab = tab_of(None, "/components/")
    patch = tab.locator('rect[fill="var(--critical)"]')
    filled = "patch => getComputedStyle(patch).fill"

    assert patch.evaluate(filled) == "rgb(158, 27, 32)"
    tab.emulate_media(color_scheme="dark")
    assert patch.evaluate(filled) == "rgb(255, 162, 155)"
    tab.emulate_media(color_scheme="light", media="print")
    expect(tab.get_by_text("C6 right fits best", exact=False).first).to_be_visible()
    expect(tab.get_by_role("navigation").first).to_be_hidden()
    expect(tab.get_by_role("button", name="Move it")).to_be_visible()
    expect(tab.get_by_label("Name", exact=True).first).to_be_visible()
    expect(tab.get_by_text("Pain difference 0.32", exact=False).first).to_be_visible()
    expect(tab.get_by_text("Change or take out").first).to_be_hidden()
    expect(tab.locator("#jump")).to_be_hidden()
    hazard = tab.get_by_text("Critical: Vertebral artery.").first
    assert hazard.evaluate(INK) == ["rgb(0, 0, 0)", "rgba(0, 0, 0, 0)"]  # black is enough
    assert tab.pdf(format="A4").startswith(b"%PDF")
    shot(tab, "components-print")
    assert complaints(tab) == []


def test_the_body_answers_the_keyboard_with_one_stop_for_the_tab_key(tab_of):
    tab = tab_of(None, "/components/")
    for chart in tab.locator(".body-state [data-views]").all():
        expect(chart.locator('a.zone[tabindex="0"]')).to_have_count(1)
    chart = tab.locator(".body-state [data-views]").first
    zones = chart.locator("a.zone")
    zones.first.focus()
    here = [zones.first.get_attribute("aria-label")]
    for key, there in (
        ("ArrowDown", "Neck, front"),
        ("ArrowUp", "Head, front"),
        ("End", "Foot, sole, left"),
        ("Home", here[0]),
    ):
        tab.keyboard.press(key)
        expect(chart.locator("a.zone:focus")).to_have_attribute("aria-label", there)
        expect(chart.locator('a.zone[tabindex="0"]')).to_have_count(1)
    tab.keyboard.press("/")
    expect(tab.locator("#jump")).to_be_focused()
    hand = tab.locator(".zone-state .zone-picture").first
    hand.locator("a.place").first.focus()
    tab.keyboard.press("End")
    expect(hand.locator("a.place").last).to_be_focused()
    shot(tab, "components-focus")
    tab.keyboard.press("Enter")
    assert tab.url.endswith("/components/")  # it opens nothing here
    assert complaints(tab) == []


def test_names_are_gone_to_by_who_is_signed_in_and_are_said_to_lack_without(tab_of):
    tab = tab_of("practitioner", "/components/")
    expect(tab.locator("#jump-some-list [role=option]").first).to_contain_text("Brachioradialis")
    expect(tab.get_by_text("Nothing is called so.", exact=False)).to_be_visible()
    field = tab.locator("#jump")
    field.focus()
    tab.keyboard.type("multif c6 l")
    expect(tab.locator("#jump-list [role=option]").first).to_contain_text("C6")
    tab.keyboard.press("ArrowDown")
    active = field.get_attribute("aria-activedescendant")
    expect(tab.locator(f"#{active}")).to_have_attribute("aria-selected", "true")
    tab.keyboard.press("Enter")
    expect(tab.locator("[data-gone-to]")).to_contain_text("multifidus_cervicalis.C6.left")
    assert tab.url.endswith("/components/")
    assert complaints(tab) == []

    guest = tab_of(None, "/components/")
    guest.locator("#jump").fill("delt")
    expect(guest.get_by_text("The names did not come.", exact=False).first).to_be_visible()


def test_what_the_living_page_would_send_or_open_is_not(tab_of):
    tab = tab_of(None, "/components/")
    tab.get_by_role("button", name="Go on").first.click()
    tab.get_by_role("button", name="Use the passkey").click()
    expect(tab.get_by_text("No passkey was given.", exact=False)).to_be_visible()
    tab.get_by_text("Change or take out").first.click()
    tab.get_by_role("button", name="Take out").first.click()
    tab.locator(".body-state a.zone").first.dispatch_event("click")

    assert tab.url.endswith("/components/")
    assert complaints(tab) == []


def test_without_a_script_every_part_is_read(tab_of):
    tab = tab_of(None, "/components/", java_script_enabled=False)
    expect(tab.get_by_role("combobox", name="Go to")).to_have_count(0)
    twin = tab.locator("details.twin").first
    twin.locator("summary").first.click()
    twin.get_by_text("Forearm, back, right").click()
    expect(twin.get_by_role("link", name="Radial side of the forearm, right")).to_be_visible()
    claim = tab.locator("#claim-sham")
    claim.locator("summary").click()
    expect(claim.get_by_text("No difference").first).to_be_visible()
    expect(tab.get_by_role("button", name="Use the passkey")).to_have_count(0)
