"""What a reason rests on and how a sign was tested: on a phone, at a desk, and without a script."""

import re

import pytest
from looking import TOO_SMALL, find, shot, violations
from playwright.sync_api import expect


def begin(tab):
    find(tab, "sample")
    tab.get_by_role("link", name="Open the chart").click()
    tab.get_by_role("link", name="Course of treatment").click()
    tab.get_by_role("link", name="Begin a visit").click()
    tab.get_by_role("button", name="Begin a visit now").click()
    tab.get_by_role("link", name="Examine").click()


@pytest.mark.parametrize(("width", "scheme"), [(320, "dark"), (1280, "light")])
def test_how_it_was_tested_and_what_a_reason_rests_on_pass_axe(tab_of, width, scheme):
    tab = tab_of(
        "practitioner",
        bypass_csp=True,
        color_scheme=scheme,
        viewport={"width": width, "height": 800},
    )
    begin(tab)
    tab.locator('a.zone[aria-label="Forearm, front, right"]').click()
    tab.locator(".chips a").first.click()
    row = tab.locator('[data-row="weakness.brachioradialis..right"]')
    row.locator("label.grade", has_text="4").click()
    row.locator("label.way", has_text="dynamometer").click()
    expect(row.get_by_role("radio", name="dynamometer")).to_be_checked()
    tab.locator('[data-row="taut_band.brachioradialis..right"] label.grade', has_text="3").click()
    expect(tab.locator("[data-saved]")).to_contain_text("recorded: 2")
    shot(tab, f"tested-{width}-{scheme}")
    found = violations(tab)

    expect(tab.locator(".answer.is-old")).to_have_count(0)
    card = tab.locator("details.root").first
    expect(card).to_contain_text("kappa -0.05 to 0.46")
    card.locator("summary").first.click()
    card.locator(".why summary").first.click()
    expect(card.locator(".why").first).to_contain_text("of brachioradialis (atlas, innervation")
    shot(tab, f"grounds-{width}-{scheme}")
    found += violations(tab)
    card.get_by_role("link", name=re.compile("Source")).first.click()
    source = tab.locator("li:target")
    expect(source).to_be_visible()
    shot(tab, f"sources-{width}-{scheme}")
    found += violations(tab)
    found += [f"small: {one}" for one in tab.evaluate(TOO_SMALL)]
    assert tab.evaluate("document.documentElement.scrollWidth") == width
    assert found == []


def test_without_a_script_it_is_kept_and_the_stored_assessment_cites(tab_of):
    tab = tab_of("practitioner", java_script_enabled=False, viewport={"width": 320, "height": 800})
    begin(tab)
    tab.locator('a.zone[aria-label="Forearm, front, right"]').click()
    tab.locator(".chips a").first.click()
    row = tab.locator('[data-row="weakness.brachioradialis..right"]')
    row.get_by_role("radio", name="3", exact=True).check(force=True)
    row.get_by_role("radio", name="by hand").check(force=True)
    tab.get_by_role("button", name="Save", exact=True).last.click()
    expect(row.get_by_role("radio", name="by hand")).to_be_checked()
    tab.goto(re.sub(r"examination/.*", "examination/answer/", tab.url))
    tab.locator("details.root > summary").first.click()
    tab.locator(".why > summary").first.click()
    expect(tab.locator(".why").first).to_contain_text("innervation")
    tab.goto(re.sub(r"examination/.*", "conclude/", tab.url))
    tab.get_by_label("In your words").fill("Weak forearm")
    tab.get_by_label("Accept it").check()
    tab.locator("main form button").last.click()
    expect(tab.get_by_role("heading", name=re.compile("^Assessment,"))).to_be_visible()
    tab.locator("details.root > summary").first.click()
    tab.locator(".why > summary").first.click()
    tab.get_by_text("How each sign is weighed").click()
    tab.get_by_text("Sources of these reasons").click()
    tab.get_by_text("What it rested on").click()
    expect(tab.get_by_text("3 of MRC 5 (by hand)").first).to_be_visible()
    shot(tab, "grounds-stored-320")
