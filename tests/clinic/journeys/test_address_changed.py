"""An address changed and then invited: reception does both, a privacy lead looks at it."""

import pytest
from looking import find, looked_at
from playwright.sync_api import expect


@pytest.mark.parametrize(("width", "name"), [(320, "fiction"), (1280, "example")])
def test_a_privacy_lead_finds_what_reception_did(tab_of, width, name):
    view = {"viewport": {"width": width, "height": 800}, "bypass_csp": True}
    desk = tab_of("reception", **view)
    find(desk, name)
    for address in ("former", "other"):
        desk.get_by_role("link", name="Change details").click()
        desk.get_by_label("Email address").fill(f"{address}.{name}@mail.test")
        desk.get_by_role("button", name="Save").click()
        expect(desk.get_by_role("heading", level=1, name="Person")).to_be_visible()
    desk.locator("summary", has_text="Invite somebody who may act").click()
    found = looked_at(desk, f"person-act-{width}")
    expect(desk.get_by_text("Reception reads it too")).to_be_visible()
    desk.locator("summary", has_text="Invite to their own pages").click()
    desk.get_by_label("I have asked them").check()
    desk.get_by_role("button", name="Send the invitation").last.click()
    expect(desk.get_by_text("The link works until")).to_be_visible()

    lead = tab_of("privacy lead", "/people/reviews/", **view)
    waits = lead.get_by_role("article").filter(has_text="invited")
    expect(waits.last).to_contain_text("by Remy Demo")
    found += looked_at(lead, f"reviews-{width}")
    count = waits.count()
    waits.last.get_by_label("Closing note").fill("Called: it is theirs.")
    waits.last.get_by_role("button", name="Close this review").click()
    expect(waits).to_have_count(count - 1)
    assert found == []
