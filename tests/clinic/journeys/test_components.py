"""The living page of tokens and components: every state, light, dark, small and printed."""

import pytest
from looking import looked_at, shot
from playwright.sync_api import expect


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
    assert tab.pdf(format="A4").startswith(b"%PDF")
    shot(tab, "components-print")
    assert tab.complaints == []
