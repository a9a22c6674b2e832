"""Screening, consent and drawing in a real browser, at a visit and on a patient's phone."""

import re

import pytest
from looking import find, looked_at, shot, violations
from playwright.sync_api import expect


def begin_visit(tab, name):
    find(tab, name)
    tab.get_by_role("link", name="Open the chart").click()
    tab.get_by_role("link", name="Visits and notes").click()
    tab.get_by_role("button", name="Begin a visit now").click()


def answer(tab, question, choice):
    tab.get_by_role("group", name=re.compile(question)).get_by_label(choice, exact=True).check()


@pytest.mark.parametrize("width", [320, 1280])
def test_a_screening_shows_at_once_what_stops_and_is_signed(tab_of, width):
    tab = tab_of(
        "practitioner",
        viewport={"width": width, "height": 800},
        bypass_csp=True,
        reduced_motion="reduce",
    )
    begin_visit(tab, "demo" if width == 320 else "example")
    found = looked_at(tab, f"visit-fresh-{width}")
    tab.get_by_role("button", name="Ask the screening").click()
    expect(tab.get_by_role("heading", name="Screening", exact=True)).to_be_visible()
    found += looked_at(tab, f"screening-{width}")
    answer(tab, "Is one calf newly swollen", "Yes")
    answer(tab, "blood thinner\\?", "Yes")
    answer(tab, "Is the person pregnant", "Yes")
    answer(tab, "Are there varicose veins", "Yes")
    tab.get_by_role("group", name=re.compile("varicose")).locator("summary").click()
    tab.get_by_label(re.compile("Part of the body 1: Are there varicose")).select_option("calf")
    tab.get_by_label(re.compile("Side of part 1: Are there varicose")).select_option("left")
    tab.get_by_role("button", name="Save for later").click()
    tab.wait_for_url("**/visits/**")
    expect(tab.get_by_text("Nobody can clear this").first).to_be_visible()
    found += looked_at(tab, f"visit-stopped-{width}")
    tab.get_by_role("button", name="Go on asking").click()
    answer(tab, "Is one calf newly swollen", "No")
    for part in ("today", "needles", "cause", "body", "parts", "techniques", "found"):
        tab.locator(f"button[name=rest][value={part}]").click()
        tab.wait_for_url(f"**#s-{part}")
    found += looked_at(tab, f"screening-answered-{width}")
    tab.get_by_role("button", name="Sign the screening").click()
    tab.wait_for_url("**/visits/**")
    expect(tab.get_by_text(re.compile("Clear first"))).to_be_visible()
    tab.locator("summary", has_text="Clear it").click()
    tab.get_by_label("Why it may go on").fill("Twelve weeks, no risk known")
    tab.get_by_label("What was done").fill("Asked the midwife")
    tab.get_by_role("button", name="Clear it").click()
    expect(tab.get_by_text("by Rowan Example")).to_be_visible()
    found += looked_at(tab, f"visit-screened-{width}")

    assert found == []


@pytest.mark.parametrize("width", [320, 1280])
def test_consent_is_read_given_printed_and_withdrawn(tab_of, width):
    tab = tab_of(
        "practitioner",
        viewport={"width": width, "height": 800},
        bypass_csp=True,
        reduced_motion="reduce",
    )
    begin_visit(tab, "sample" if width == 320 else "test")
    tab.get_by_role("link", name="Ask for consent").click()
    found = looked_at(tab, f"consent-{width}")
    tab.get_by_role("button", name="Write the consent down").click()
    expect(tab.get_by_role("alert")).to_contain_text("There is a problem")
    found += looked_at(tab, f"consent-wrong-{width}")
    tab.get_by_role("checkbox", name=re.compile("^Shoulder\\.")).check()
    tab.get_by_label("Name of who agrees").fill("Ada Sample")
    tab.get_by_label("What was asked, and what was answered").fill("Nothing was asked.")
    tab.get_by_role("checkbox", name=re.compile("alternatives were said")).check()
    tab.get_by_role("checkbox", name=re.compile("A copy was given")).check()
    tab.get_by_role("button", name="Write the consent down").click()
    expect(tab.get_by_text("Holds today for: Shoulder")).to_be_visible()
    tab.get_by_role("link", name=re.compile("^Consent of")).first.click()
    tab.locator("summary", has_text="Withdraw consent").click()
    found += looked_at(tab, f"consent-given-{width}")
    tab.emulate_media(media="print")
    expect(tab.get_by_role("button", name="Withdraw it")).to_be_hidden()
    assert tab.pdf(format="A4").startswith(b"%PDF")
    tab.emulate_media(media="screen")
    tab.get_by_role("checkbox", name="Shoulder").check()
    tab.get_by_label("Who said so").fill("The patient")
    tab.get_by_role("button", name="Withdraw it").click()
    expect(tab.get_by_text(re.compile("^Withdrawn "))).to_be_visible()

    assert found == []


def add(tab, feeling, strength, place):
    """One part more, and done."""
    tab.get_by_label(feeling).check()
    tab.get_by_role("group", name="How strong is it?").get_by_label(strength, exact=True).check()
    tab.get_by_role("checkbox", name=place).check()
    tab.get_by_role("button", name="Add to the drawing").last.click()
    expect(tab.get_by_role("button", name=re.compile(f"^Remove.*{place}"))).to_be_visible()
    tab.get_by_role("button", name="Done").click()


def test_a_patient_draws_on_a_phone_by_touch_and_by_keyboard(tab_of):
    tab = tab_of(
        "patient",
        "/mine/",
        viewport={"width": 320, "height": 700},
        bypass_csp=True,
        reduced_motion="reduce",
    )
    tab.get_by_role("link", name="Your forms").click()
    tab.get_by_role("button", name=re.compile("Where you feel it")).click()
    found = looked_at(tab, "drawing-form")
    tab.get_by_role("button", name="Draw it").click()
    found += looked_at(tab, "drawing-whole")
    tab.get_by_role("link", name="Right arm, front").click()
    found += looked_at(tab, "drawing-arm")
    tab.get_by_label("Burning").check()
    tab.get_by_role("group", name="How strong is it?").get_by_label("6", exact=True).check()
    region = tab.get_by_role("button", name="Thumb side of the forearm, right")
    region.click()
    expect(tab.get_by_role("checkbox", name="Thumb side of the forearm, right")).to_be_checked()
    region.focus()
    tab.keyboard.press("Enter")
    expect(region).to_have_attribute("aria-pressed", "false")
    tab.keyboard.press("Space")
    expect(region).to_have_attribute("aria-pressed", "true")
    small = tab.locator(".body .region").evaluate_all(
        "shapes => shapes.filter(s => s.closest('a')).map(s => s.getBoundingClientRect())"
        ".filter(b => b.width < 24 || b.height < 24).length"
    )
    assert small == 0
    found += looked_at(tab, "drawing-chosen")
    tab.get_by_role("button", name="Add to the drawing").last.click()
    expect(tab.get_by_text("forearm, right: burning, 6 out of 10").first).to_be_visible()
    found += looked_at(tab, "drawing-added")
    tab.get_by_role("link", name="The whole body").click()
    tab.get_by_text("I would rather use a list").click()
    tab.get_by_role("link", name="Left hand, palm").last.click()
    add(tab, "Tingling", "3", "Little finger, left")
    found += looked_at(tab, "drawing-back")
    tab.get_by_role("button", name="Check the answers").last.click()
    tab.get_by_role("button", name="Send my answers").click()
    expect(tab.get_by_text("burning, 6 out of 10").first).to_be_visible()

    tab.get_by_role("link", name="All forms").click()
    tab.get_by_role("button", name=re.compile("Where you feel it")).click()
    tab.get_by_role("button", name="Draw it").click()
    tab.get_by_role("link", name="Right arm, front").click()
    add(tab, "Burning", "2", "Thumb side of the forearm, right")
    tab.get_by_role("button", name="Check the answers").last.click()
    tab.get_by_role("button", name="Send my answers").click()
    tab.get_by_role("link", name="All forms").click()
    tab.get_by_role("link", name="Drawings, then and now").click()
    expect(tab.get_by_text("Little finger, left: tingling, was 3 out of 10")).to_be_visible()
    expect(tab.get_by_text("burning, 6 to 2 out of 10")).to_be_visible()
    found += looked_at(tab, "drawings-then-and-now")
    tab.set_viewport_size({"width": 800, "height": 1100})
    tab.emulate_media(media="print")
    shot(tab, "drawings-print")

    assert found == []


def test_a_drawing_is_made_without_script(tab_of):
    tab = tab_of("practitioner", java_script_enabled=False)
    find(tab, "fiction")
    tab.get_by_role("link", name="Open the chart").click()
    tab.get_by_role("link", name="Forms").click()
    card = tab.locator("section.card", has=tab.get_by_role("heading", name="Where you feel it"))
    card.locator("summary").click()
    card.get_by_role("button", name="Begin").click()
    tab.get_by_role("button", name="Draw it").click()
    tab.get_by_role("link", name="Left calf").first.click()
    tab.get_by_role("link", name="Calf, left").click()  # leads to its place in the list
    tab.get_by_label("Numbness").check()
    tab.get_by_role("group", name="How strong is it?").get_by_label("4", exact=True).check()
    tab.get_by_role("checkbox", name="Calf, left").check()
    tab.get_by_role("button", name="Add to the drawing").last.click()
    expect(tab.get_by_text("Calf, left: numbness, 4 out of 10").first).to_be_visible()
    tab.get_by_role("button", name=re.compile("^Remove")).click()
    expect(tab.get_by_text("Nothing yet")).to_be_visible()
    tab.get_by_role("button", name="Nothing to draw today").click()
    expect(tab.get_by_text("Nothing to draw today").first).to_be_visible()


def test_what_an_answer_stops_is_shown_while_the_next_one_is_asked(tab_of):
    tab = tab_of("practitioner")
    begin_visit(tab, "fiction")
    tab.get_by_role("button", name="Ask the screening").click()
    panel = tab.locator("#panel")
    expect(panel.get_by_text("Nobody can clear this")).to_have_count(0)
    answer(tab, "Is one calf newly swollen", "Yes")
    field = tab.get_by_label(re.compile("In words: Are there varicose"))

    expect(panel.get_by_text("Nobody can clear this")).to_be_visible()
    tab.get_by_role("group", name=re.compile("varicose")).locator("summary").click()
    field.fill("since")
    answer(tab, "Is one calf newly swollen", "No")
    field.focus()
    tab.keyboard.press("End")
    tab.keyboard.type(" the first child")
    expect(panel.get_by_text("Nobody can clear this")).to_have_count(0)
    expect(field).to_have_value("since the first child")  # swapped around, never through
    assert tab.complaints == []


def test_what_is_answered_before_the_script_comes_is_saved_and_stops_too(tab_of):
    tab = tab_of("practitioner")
    begin_visit(tab, "fiction")
    tab.wait_for_load_state()  # this page has such a script too
    held = []
    tab.route("**/clinic/draft*.js", lambda route: held.append(route))  # noqa: PLW0108 - it is to bear a name
    with tab.expect_request("**/clinic/draft*.js"):
        tab.get_by_role("button", name="Ask the screening").click()
    answer(tab, "Is one calf newly swollen", "Yes")
    held[-1].continue_()

    expect(tab.locator("#panel").get_by_text("Nobody can clear this")).to_be_visible()
    assert tab.complaints == []


def test_what_is_typed_is_text_and_never_keeps_a_stop_from_being_shown(tab_of):
    """Words like a handler or an address stand in a field; markup that runs never does."""
    tab = tab_of("practitioner")
    begin_visit(tab, "fiction")
    tab.get_by_role("button", name="Ask the screening").click()
    tab.get_by_role("group", name=re.compile("varicose")).locator("summary").click()
    field = tab.get_by_label(re.compile("In words: Are there varicose"))
    typed = "worse since onset = 2019, took once = 5 mg; javascript: 'no'"
    field.fill(typed)
    answer(tab, "Is one calf newly swollen", "Yes")

    expect(tab.locator("#panel").get_by_text("Nobody can clear this")).to_be_visible()
    tab.reload()
    expect(field).to_have_value(typed)
    assert tab.complaints == []
    for markup in (
        "<p><img src='x'onerror=alert(1)></p>",
        "<svg/onload=alert(1)>",
        "<p title='a>b' onclick='go()'>x</p>",
        "<a href='javascript:go()'>x</a>",
        "<script>go()</script>",
        "<iframe src='/'></iframe>",
    ):
        refused = (
            "text => { try { document.createElement('p').innerHTML = text } catch { return 1 } }"
        )
        assert tab.evaluate(refused, markup) == 1, markup


def test_people_are_found_in_place_and_mistakes_are_said_in_place(tab_of):
    tab = tab_of("practitioner", "/people/")
    tab.evaluate("globalThis.stays = true")
    tab.get_by_label("Date of birth").fill("the 40th")
    tab.get_by_role("button", name="Find").click()
    expect(tab.get_by_role("alert")).to_contain_text("Date of birth")
    tab.get_by_label("Date of birth").fill("")
    tab.get_by_label("Name").fill("sample")
    tab.get_by_role("button", name="Find").click()

    expect(tab.get_by_role("heading", name="1 found")).to_be_focused()
    assert tab.evaluate("globalThis.stays")
    assert tab.evaluate("localStorage.length") == 0
    kept = tab.evaluate("Object.values(sessionStorage)")
    assert kept == ["/people/"]  # the address it is at; no page, nobody's name
    tab.get_by_role("link", name=re.compile("^SAMPLE")).click()
    expect(tab.get_by_role("heading", name="Person")).to_be_visible()
    own = ("status of 422", "Autofocus processing")  # Chromium's own words, no complaint of ours
    assert [each for each in tab.complaints if not any(word in each for word in own)] == []


@pytest.mark.parametrize(
    "text",
    [
        "<p onclick='x()'>a</p>",
        "<iframe src='/'></iframe>",
        "<p><script>x()</script></p>",
        "<a href='javascript:x()'>a</a>",
        "<style>p{}</style>",
    ],
)
def test_markup_that_could_run_is_put_into_no_page(tab_of, text):
    tab = tab_of("practitioner", "/people/")
    tab.wait_for_load_state("networkidle")
    refused = tab.evaluate(
        "text => { try { document.createElement('div').innerHTML = text; return false; }"
        " catch (error) { return error instanceof TypeError; } }",
        text,
    )

    assert refused
    assert (
        tab.evaluate(
            "() => { const div = document.createElement('div'); div.innerHTML = '<p>a</p>';"
            " return div.textContent; }"
        )
        == "a"
    )


def test_without_script_a_visit_is_screened_and_consented_to(tab_of):
    tab = tab_of("practitioner", java_script_enabled=False)
    begin_visit(tab, "fiction")
    tab.get_by_role("button", name="Ask the screening").click()
    answer(tab, "blood thinner\\?", "Yes")
    for part in ("today", "needles", "cause", "body", "parts", "techniques", "found"):
        tab.locator(f"button[name=rest][value={part}]").click()
    tab.get_by_role("button", name="Sign the screening").click()
    expect(tab.get_by_text("Caution.")).to_be_visible()
    tab.get_by_role("button", name="This visit is without needles").click()
    expect(tab.get_by_text("This visit is without needles. It is complete")).to_be_visible()
    tab.get_by_role("button", name="It is with needles after all").click()
    tab.get_by_role("link", name="Ask for consent").click()
    tab.get_by_role("checkbox", name=re.compile("^Low back\\.")).check()
    tab.get_by_label("Name of who agrees").fill("Eli Fiction")
    tab.get_by_label("How", exact=True).select_option("Spoken before a witness")
    tab.get_by_label("What was asked, and what was answered").fill("Whether it hurts: for a day.")
    tab.get_by_role("checkbox", name=re.compile("alternatives were said")).check()
    tab.get_by_role("checkbox", name=re.compile("A copy was given")).check()
    tab.get_by_role("button", name="Write the consent down").click()
    expect(tab.get_by_role("alert")).to_contain_text("needs the name of a witness")
    tab.get_by_label("Witness").fill("R. Demo")
    tab.get_by_role("button", name="Write the consent down").click()
    expect(tab.get_by_text("Holds today for: Low back")).to_be_visible()


@pytest.mark.parametrize("media", ["print", "forced"])
def test_a_visit_and_its_drawings_can_be_read_on_paper_and_in_forced_colours(tab_of, media):
    tab = tab_of("practitioner", viewport={"width": 1000, "height": 900}, bypass_csp=True)
    begin_visit(tab, "test")
    if media == "print":
        tab.emulate_media(media="print")
        expect(tab.locator("form:visible")).to_have_count(0)
    else:
        tab.emulate_media(forced_colors="active")
    shot(tab, f"visit-{media}")
    tab.get_by_role("link", name="Drawings, then and now").evaluate("link => link.click()")
    tab.wait_for_url("**/drawings/")
    shot(tab, f"drawings-{media}")
    assert violations(tab) == []


def test_a_patient_reads_the_text_beforehand_and_what_they_agreed_to(tab_of):
    tab = tab_of(
        "patient",
        "/mine/",
        viewport={"width": 320, "height": 700},
        bypass_csp=True,
        reduced_motion="reduce",
    )
    tab.get_by_role("link", name="What you agreed to").click()
    expect(tab.get_by_role("heading", name="What you agreed to", exact=True)).to_be_visible()
    for details in tab.locator("summary").all():
        details.click()

    assert looked_at(tab, "own-consents") == []
