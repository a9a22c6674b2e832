"""A model's answer is rejected for another root: the plan and the weeks are for that root."""

import re

import pytest
from by_hand import ROUND, examine
from looking import find, looked_at
from playwright.sync_api import expect


def sign_screening(tab):
    tab.get_by_role("button", name="Ask the screening").click()
    expect(tab.get_by_role("button", name="Sign the screening")).to_be_visible()
    rest = tab.get_by_role("button", name="All others of this part asked: no")
    for number in range(rest.count()):
        rest.nth(number).click()
    tab.get_by_role("button", name="Sign the screening").click()


def conclude(tab, root):
    """Reject the model's answer for a root, or for none, with a reason."""
    tab.get_by_role("link", name="Conclude").click()
    if root:
        tab.get_by_label("Other roots").fill(root)
    tab.get_by_label("In your words").fill("Numb little finger; it began with the ulnar hand.")
    tab.get_by_label("Reject it").check()
    tab.get_by_label("Why it is edited").fill("The story and the hand are of C8.")
    tab.get_by_role("button", name="Keep the assessment").click()
    expect(tab.get_by_text("the same to the bit")).to_be_visible()


def begin(tab):
    find(tab, "demo")
    tab.get_by_role("link", name="Open the chart").click()
    tab.get_by_role("link", name="Visits and notes").click()
    tab.get_by_role("button", name="Begin a visit now").click()
    sign_screening(tab)
    tab.get_by_role("link", name="Examine").click()
    examine(tab, (ROUND[1], ROUND[5]))


@pytest.mark.parametrize("width", [320, 1280])
def test_another_root_is_concluded_planned_for_and_shown_over_weeks(tab_of, width):
    options = {"viewport": {"width": width, "height": 900}, "bypass_csp": True}
    tab = tab_of("practitioner", **options)
    begin(tab)
    conclude(tab, "C8 right")
    tab.get_by_role("button", name="Plan the treatment").click()
    lines = tab.locator(".plan-line")
    expect(tab.get_by_role("button", name="Sign the plan")).to_be_visible()  # below the lines
    expect(lines.first).to_contain_text("C8 right")
    for number in range(lines.count()):
        expect(lines.nth(number)).to_contain_text("rests on the practitioner's conclusion")
    expect(tab.get_by_text("It rests on the practitioner's conclusion: C8 right.")).to_be_visible()
    expect(tab.get_by_text("The model's answer to the findings differs: C6")).to_be_visible()
    expect(tab.get_by_role("button", name="Take them out")).to_have_count(0)
    tab.get_by_text(re.compile("that the conclusion leaves unexplained")).click()
    expect(tab.get_by_text(re.compile("Taut band: marked .*Brachioradialis")).first).to_be_visible()
    found = looked_at(tab, f"concluded-plan-{width}")

    tab.get_by_role("link", name="The weeks (illustration)").click()
    expect(tab.get_by_text(re.compile("One case with C8 right"))).to_be_visible()
    expect(tab.get_by_text(re.compile("The practitioner concluded C8 right."))).to_be_visible()
    found += looked_at(tab, f"concluded-weeks-{width}")
    tab.go_back()
    tab.get_by_role("button", name="Sign the plan").click()
    expect(tab.get_by_role("heading", name=re.compile("Plan, signed"))).to_be_visible()
    expect(tab.get_by_text("It rests on the practitioner's conclusion: C8 right.")).to_be_visible()
    found += looked_at(tab, f"concluded-signed-{width}")
    assert found == []
    assert tab.complaints == []


def test_no_root_concluded_plans_no_needle_and_says_so(tab_of):
    tab = tab_of("practitioner", viewport={"width": 320, "height": 900}, bypass_csp=True)
    begin(tab)
    conclude(tab, "")
    tab.get_by_role("button", name="Plan the treatment").click()
    expect(tab.get_by_text(re.compile("The practitioner concluded no root"))).to_be_visible()
    expect(tab.locator(".plan-line")).to_have_count(0)
    found = looked_at(tab, "concluded-none-320")
    tab.get_by_role("link", name="The weeks (illustration)").click()
    expect(tab.get_by_text("nothing to illustrate")).to_be_visible()
    assert found == []
