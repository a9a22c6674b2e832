"""Which side is which, beside each picture of the body: large enough, and on its own side."""

import re

import pytest
from looking import find, looked_at, violations
from playwright.sync_api import expect

LEAST = 12  # px: no letter or number in a picture of the body is smaller on the screen
# What each picture of the body says of its sides, and the letters within it that are too small.
PICTURES = """least => [...document.querySelectorAll('svg.body')].map(svg => {
  const said = svg.previousElementSibling;
  const words = said?.matches('.sides') ? [...said.children] : [];
  const seen = svg.getBoundingClientRect();
  const across = word => { const box = word.getBoundingClientRect();
    return (box.left + box.right) / 2 - (seen.left + seen.right) / 2; };
  return {
    name: svg.getAttribute('aria-label'),
    words: words.map(word => word.textContent),
    sizes: words.map(word => parseFloat(getComputedStyle(word).fontSize)),
    places: words.map(word => word.textContent ? Math.sign(across(word)) : 0),
    small: [...svg.querySelectorAll('text')].flatMap(text => {
      const size = parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a;
      return size < least ? [`${text.textContent.trim()} at ${size.toFixed(1)} px`] : []; }),
  };
})"""
# Words of two pictures that run into each other.
TOO_CLOSE = """() => {
  const words = [...document.querySelectorAll('.sides > *')].filter(word => word.textContent);
  const boxes = words.map(word => { const range = document.createRange();
    range.selectNodeContents(word); return range.getBoundingClientRect(); });
  return boxes.flatMap((one, at) => boxes.slice(at + 1).filter(other =>
    one.top < other.bottom && other.top < one.bottom
    && one.left - 8 < other.right && other.left - 8 < one.right).map(() => words[at].textContent));
}"""
BEHIND = re.compile("back|behind|sole|calf|loin|buttock|nape", re.IGNORECASE)


def unread(tab, whose="Patient\u2019s"):
    """What is wrong with the pictures of this page; there must be one."""
    tab.wait_for_load_state()
    found = tab.evaluate(PICTURES, LEAST)
    assert found, tab.url
    wrong = []
    for one in found:
        both = [f"{whose} left", f"{whose} right"]
        if not BEHIND.search(one["name"]):
            both.reverse()
        shown = [word for word in one["words"] if word]
        sided = re.search(r"\b(right|left)\b", one["name"], re.IGNORECASE)
        wanted = [f"{whose} {sided[1].lower()}"] if sided else both
        places = [place for place, word in zip(one["places"], one["words"], strict=True) if word]
        right = [-1 if word == both[0] else 1 for word in shown]
        if shown != wanted or places != right or min(one["sizes"]) < 16 or one["small"]:
            wrong.append(one)
    return wrong + tab.evaluate(TOO_CLOSE)


def begin_visit(tab, name):
    find(tab, name)
    tab.get_by_role("link", name="Open the chart").click()
    tab.get_by_role("link", name="Visits and notes").click()
    tab.get_by_role("button", name="Begin a visit now").click()
    expect(tab.get_by_role("button", name="Ask the screening")).to_be_visible()
    return tab.url.split("#")[0]


@pytest.mark.parametrize("width", [320, 1280, 1920])
def test_the_examination_and_each_zone_say_which_side_is_which(tab_of, width):
    tab = tab_of("practitioner", viewport={"width": width, "height": 900}, bypass_csp=True)
    tab.goto(f"{begin_visit(tab, 'sample')}examination/")
    assert unread(tab) == []
    found = looked_at(tab, f"sides-examination-{width}")
    zones = tab.locator("a.zone").evaluate_all("all => all.map(one => one.getAttribute('href'))")
    assert len(zones) > 30
    for zone in zones if width == 320 else zones[::7]:
        tab.goto(zone)
        assert unread(tab) == [], zone
    found += looked_at(tab, f"sides-zone-{width}")
    assert found == []
    assert tab.complaints == []


@pytest.mark.parametrize("width", [320, 1280])
def test_a_drawing_and_its_parts_say_which_side_is_which_also_with_numbers_on_it(tab_of, width):
    tab = tab_of("patient", "/mine/", viewport={"width": width, "height": 900}, bypass_csp=True)
    tab.get_by_role("link", name="Your forms").click()
    tab.get_by_role("button", name=re.compile("Where you feel it")).click()
    tab.get_by_role("button", name="Draw it").click()
    parts = ("Right arm, front", "Head and neck, back", "Left hand, palm")
    for number, part in enumerate(parts, start=1):
        tab.get_by_text("I would rather use a list").click()
        tab.get_by_role("link", name=part, exact=True).last.click()
        expect(tab.get_by_role("heading", name=part)).to_be_visible()
        assert unread(tab, "Your") == [], part
        tab.get_by_label("Tingling").check()
        tab.get_by_role("group", name="How strong is it?").get_by_label("10", exact=True).check()
        tab.locator(".places input[type=checkbox]").first.check()
        tab.get_by_role("button", name="Add to the drawing").click()
        expect(tab.get_by_role("button", name=re.compile("^Remove"))).to_have_count(number)
        assert unread(tab, "Your") == [], part
        tab.get_by_role("link", name="The whole body").click()
        expect(tab.get_by_text("I would rather use a list")).to_be_visible()
        assert unread(tab, "Your") == []
    found = looked_at(tab, f"sides-drawing-{width}")
    tab.get_by_role("button", name="Done").click()
    tab.get_by_role("button", name="Check the answers").last.click()
    tab.get_by_role("button", name="Send my answers").click()
    expect(tab.get_by_text("The patient, on their own device")).to_be_visible()
    tab.goto(tab.url.split("forms/")[0] + "drawings/")
    assert unread(tab, "Your") == []
    found += violations(tab)

    staff = tab_of("practitioner", viewport={"width": width, "height": 900}, bypass_csp=True)
    number = re.search(r"[0-9a-f-]{36}", tab.url)[0]
    staff.goto(f"/people/{number}/drawings/")
    assert unread(staff) == []
    found += looked_at(staff, f"sides-drawings-{width}")
    assert found == []
