"""Sensation compared visit by visit, and words beside a field, on a phone and at a desk."""

import pytest
from looking import find, shot, violations
from playwright.sync_api import expect


@pytest.mark.parametrize(("width", "scheme"), [(320, "dark"), (1280, "light")])
def test_sensation_then_and_now_and_words_beside_a_field_pass_axe(tab_of, width, scheme):
    tab = tab_of(
        "practitioner",
        bypass_csp=True,
        color_scheme=scheme,
        viewport={"width": width, "height": 800},
    )
    find(tab, "sample")
    tab.get_by_role("link", name="Open the chart").click()
    tab.get_by_role("link", name="Course of treatment").click()
    table = tab.get_by_role("table", name="Graded 0 absent")
    expect(table).to_be_visible()
    expect(table.get_by_text("was too sensitive, is not now").first).to_be_visible()
    shot(tab, f"sensation-{width}-{scheme}")
    found = violations(tab)

    tab.get_by_role("link", name="Begin a visit").click()
    tab.get_by_role("button", name="Begin a visit now").click()
    tab.get_by_role("link", name="Examine").click()
    tab.locator('a.zone[aria-label="Forearm, front, right"]').click()
    tab.locator(".chips a").first.click()
    tab.get_by_text("In words: Brachioradialis", exact=True).click()
    words = tab.get_by_label("Brachioradialis, in words")
    words.fill("Jumps under the finger")
    words.blur()
    expect(tab.locator("[data-saved]")).to_contain_text("Saved")
    shot(tab, f"words-{width}-{scheme}")
    found += violations(tab)
    tab.reload()
    tab.locator("summary", has_text="Recorded today").click()
    expect(tab.get_by_text("Brachioradialis, right, in words: Jumps under")).to_be_visible()
    assert tab.evaluate("document.documentElement.scrollWidth") == width
    assert found == []
