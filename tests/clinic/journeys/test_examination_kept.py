"""Readings that the clinic has not taken yet outlive the page, the connection and the session."""

import pytest
from looking import ON_THE_DEVICE, becomes, find, shot, violations
from playwright.sync_api import expect

BAND = '[data-row="taut_band.brachioradialis..right"]'
SHORT = '[data-row="shortened_muscle.brachioradialis..right"]'
WORDS = '[data-row="w:tender_motor_point.brachioradialis..right"]'
PRESSURE = '[data-row="pressure_pain_threshold.brachioradialis..right"]'


def begin(tab, who):
    find(tab, who)
    tab.get_by_role("link", name="Open the chart").click()
    tab.get_by_role("link", name="Visits and notes").click()
    tab.get_by_role("button", name="Begin a visit now").click()
    tab.get_by_role("link", name="Examine").click()
    open_forearm(tab)
    return tab.url.split("#")[0]


def open_forearm(tab):
    tab.locator('a.zone[aria-label="Forearm, front, right"]').click()
    tab.locator(".chips a").first.click()
    expect(tab.locator(BAND)).to_be_visible()


def pick(tab, row, value):
    tab.locator(f'{row} label:has(input[value="{value}"][type=radio])').click()


def kept(tab, number):
    """Wait until as many readings lie on the device; what lies there."""
    for _ in range(100):
        rows = tab.evaluate(ON_THE_DEVICE)
        if len(rows) == number:
            return rows
        tab.wait_for_timeout(100)
    raise AssertionError(f"{number} readings were to lie on the device, got {len(rows)}")


def test_taps_made_offline_come_back_after_the_tab_was_closed_and_somebody_signed_in_again(
    tab_of, signed_in
):
    tab = tab_of("practitioner", bypass_csp=True)
    address = begin(tab, "test")
    tab.locator(f".more:has({PRESSURE}) > summary").click()
    tab.context.set_offline(True)
    pick(tab, BAND, 3)
    pick(tab, SHORT, 2)
    tab.locator(f"{PRESSURE} input:not([type=hidden])").first.fill("180")
    tab.locator(f"{PRESSURE} input:not([type=hidden])").first.blur()
    tab.locator(f".more:has({WORDS}) > summary").click()
    tab.locator(f"{WORDS} textarea").fill("Jumps under the finger")
    rows = kept(tab, 4)
    expect(tab.locator("[data-saved]")).to_contain_text("Kept on this device")
    assert "finger" not in str(rows)
    shot(tab, "kept-offline")
    assert "brachioradialis" not in str(rows), "what lies on the device must be sealed"
    context = tab.context
    tab.close(run_before_unload=False)

    context.set_offline(False)
    context.clear_cookies()  # the session has ended
    nobody = context.new_page()
    nobody.goto("/sign-in/")
    kept(nobody, 4)  # a page for nobody leaves them, and has no key
    becomes(nobody, signed_in("student"))
    other = context.new_page()
    other.goto(address)
    expect(other.locator("[data-saved]")).to_contain_text("Nothing recorded yet")
    other.wait_for_timeout(500)
    assert len(kept(other, 4)) == 4, "they are neither read nor deleted by somebody else"

    becomes(other, signed_in("practitioner"))
    again = context.new_page()
    again.goto(address)
    expect(again.locator("[data-saved]")).to_contain_text(
        "4 entries kept on this device were saved"
    )
    expect(again.locator("[data-saved]")).to_contain_text("Signs recorded: 3")
    expect(again.locator(f"{WORDS} textarea")).to_have_value("Jumps under the finger")
    expect(again.locator(f'{BAND} input[value="3"][type=radio]')).to_be_checked()
    expect(again.locator(f"{PRESSURE} input:not([type=hidden])").first).to_have_value("180")
    expect(again.locator(f"{WORDS} textarea")).to_be_visible()
    kept(again, 0)
    shot(again, "kept-back")
    assert violations(again) == []
    again.goto(f"{address}changes/")
    expect(again.locator("tbody tr")).to_have_count(4)
    expect(again.get_by_role("cell", name="Jumps under the finger")).to_be_visible()


def test_what_somebody_else_recorded_meanwhile_stands_beside_what_comes_back(tab_of):
    one = tab_of("practitioner")
    address = begin(one, "test")
    one.context.set_offline(True)
    pick(one, BAND, 3)
    expect(one.locator("[data-saved]")).to_contain_text("Kept on this device")
    kept(one, 1)
    context = one.context
    one.close(run_before_unload=False)

    two = tab_of("student")
    two.goto(address)
    open_forearm(two)
    pick(two, BAND, 1)
    expect(two.locator("[data-saved]")).to_contain_text("Signs recorded: 1")

    context.set_offline(False)
    back = context.new_page()
    back.goto(address)
    expect(back.get_by_text("Two readings:")).to_be_visible()
    expect(back.locator(BAND)).to_contain_text("1, Stef Test")
    expect(back.locator(BAND)).to_contain_text("3, Rowan Example")
    kept(back, 0)
    shot(back, "kept-two-readings")


def test_a_session_that_ends_in_mid_examination_gives_back_what_was_tapped_after(tab_of, signed_in):
    tab = tab_of("practitioner")
    address = begin(tab, "demo")
    tab.context.clear_cookies()
    pick(tab, BAND, 2)
    expect(tab.locator("[data-saved]")).to_contain_text("You were signed out")
    expect(tab.locator("[data-saved]")).to_contain_text("kept on this device")
    kept(tab, 1)
    context = tab.context
    tab.close(run_before_unload=False)

    context.add_cookies(signed_in("practitioner")["cookies"])
    again = context.new_page()
    again.goto(address)
    expect(again.locator("[data-saved]")).to_contain_text("1 entry kept on this device was saved")
    kept(again, 0)


def test_several_taps_that_wait_go_in_one_request_and_none_is_lost_when_its_answer_is(tab_of):
    tab = tab_of("practitioner")
    begin(tab, "example")
    sent, held = [], []

    def lose_the_first_answer(route):
        sent.append(route.request.post_data)
        if len(sent) == 1:
            route.fetch()  # the clinic took it, and the answer never came
            held.append(route)
        else:
            route.continue_()

    tab.route("**/examination/taps/", lose_the_first_answer)
    pick(tab, BAND, 1)
    pick(tab, SHORT, 2)
    pick(tab, BAND, 3)
    for _ in range(600):
        if held:
            break
        tab.wait_for_timeout(50)
    held[0].abort()
    expect(tab.locator("[data-saved]")).to_contain_text("Signs recorded: 2")

    assert len(sent) == 2
    assert "taut_band" in sent[1]
    assert "shortened_muscle" in sent[1]
    expect(tab.get_by_text("Two readings:")).to_have_count(0)
    expect(tab.locator(f'{BAND} input[value="3"][type=radio]')).to_be_checked()
    kept(tab, 0)


def test_a_number_that_was_saved_before_it_was_kept_leaves_nothing_on_the_device(tab_of):
    """The device is slow: what it was to keep while the number was typed comes after the answer."""
    tab = tab_of("practitioner")
    tab.add_init_script("""
        const seal = crypto.subtle.encrypt.bind(crypto.subtle);
        const gate = new Promise(done => { globalThis.goOn = done; });
        crypto.subtle.encrypt = async (...all) => { await gate; return seal(...all); };
    """)
    begin(tab, "sample")
    tab.locator(f".more:has({PRESSURE}) > summary").click()
    with tab.expect_response("**/examination/taps/"):
        tab.locator(f"{PRESSURE} input:not([type=hidden])").first.fill("180")
    expect(tab.locator("[data-saved]")).to_contain_text("Signs recorded: 1")
    tab.evaluate("goOn()")
    tab.wait_for_timeout(500)
    kept(tab, 0)


@pytest.mark.parametrize("days", [6, 8])
def test_what_lies_on_a_device_for_more_than_a_week_is_deleted(tab_of, days):
    tab = tab_of("practitioner", bypass_csp=True)  # the check imports by itself
    left = tab.evaluate(
        """async days => {
          const { lastingOf } = await import('/static/clinic/kept.js');
          const place = await lastingOf('a secret', '/somewhere/');
          const now = Date.now;
          Date.now = () => now() - days * 86400000;
          await place.keep('a key', { key: 'a key' });
          Date.now = now;
          return (await (await lastingOf('a secret', '/somewhere/')).all()).length;
        }""",
        days,
    )
    assert left == (1 if days == 6 else 0)
