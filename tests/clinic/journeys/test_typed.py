"""What is typed into a form outlives the page, the tab, the connection and the session."""

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import pytest
from looking import (
    KEPT_ON_THE_DEVICE,
    ON_THE_DEVICE,
    becomes,
    end_session,
    find,
    looked_at,
    shot,
    violations,
)
from playwright.sync_api import Error, expect
from processes import free_port, run, running

NOTE = "[data-kept-note]"
NOT_SAVED = re.compile(r"Kept on this device at \d\d:\d\d, not saved yet\.")
BAND = '[data-row="taut_band.brachioradialis..right"]'
SIGN_IN = re.compile(r"/sign-in/\?next=")
GONE = "This page has no form for it any more"


def begin(tab, who):
    """A visit that begins now; its address."""
    find(tab, who)
    tab.get_by_role("link", name="Open the chart").click()
    tab.get_by_role("link", name="Visits and notes").click()
    tab.get_by_role("button", name="Begin a visit now").click()
    expect(tab.get_by_role("link", name="Examine")).to_be_visible()
    return tab.url


def pick(tab, value):
    tab.locator(f'{BAND} label:has(input[value="{value}"][type=radio])').click()


def examine(tab, visit):
    tab.goto(f"{visit}examination/")
    tab.locator('a.zone[aria-label="Forearm, front, right"]').click()
    tab.locator(".chips a").first.click()
    expect(tab.locator(BAND)).to_be_visible()
    pick(tab, 3)
    expect(tab.locator("[data-saved]")).to_contain_text("Signs recorded: 1")
    expect(tab.locator("[data-headline]")).to_be_visible()


def conclude(tab, visit):
    examine(tab, visit)
    tab.get_by_role("link", name="Conclude").click()


def plan(tab, visit):
    conclude(tab, visit)
    tab.get_by_label("In your words").fill("Extensors short")
    tab.get_by_label("Accept it").check()
    tab.get_by_role("button", name="Keep the assessment").click()
    tab.get_by_role("button", name="Plan the treatment").click()


def history(tab, visit):
    tab.goto(f"{visit}history/")


def lying(tab, number):
    """Wait until as many things lie on the device, also over a page that goes; what lies there."""
    rows = []
    for _ in range(150):
        with suppress(Error):  # the next page comes while it is asked
            rows = tab.evaluate(ON_THE_DEVICE)
            if len(rows) == number:
                return rows
        tab.wait_for_timeout(100)
    raise AssertionError(f"{number} were to lie on the device, got {len(rows)}: {rows}")


def with_a_passkey(context, tab):
    """A device that shows a passkey by itself."""
    devtools = context.new_cdp_session(tab)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


@dataclass(frozen=True)
class Form:
    """One form: the way to it, what folds it, a field, words, its button, what is then said."""

    way: Callable
    folded: str
    field: str
    words: str
    button: str
    saved: str

    def open(self, tab):
        if self.folded:
            tab.locator("summary").filter(has_text=self.folded).first.click()

    def box(self, tab):
        return tab.locator(self.field).first

    def send(self, tab):
        self.box(tab).locator("xpath=ancestor::form").get_by_role(
            "button", name=self.button
        ).click()


FORMS = {
    "history": Form(
        history,
        "",
        "[name=problem]",
        "Elbow, right, since spring",
        "Save the history",
        "Examination",
    ),
    "impression": Form(
        examine,
        "Note your impression",
        "form[data-impression] [name=text]",
        "Brachioradialis alone",
        "Note it",
        "Your impression,",
    ),
    "conclusion": Form(
        conclude,
        "",
        "[name=words]",
        "Extensors short, loading the epicondyle",
        "Keep the assessment",
        "the same to the bit",
    ),
    "plan": Form(
        plan,
        "Leave it out",
        "form[data-typed^=drop] [name=reason]",
        "Has none at home",
        "Leave out",
        "Has none at home",
    ),
}


@pytest.mark.parametrize("name", FORMS)
def test_what_was_typed_comes_back_after_the_session_ended_and_is_saved(tab_of, signed_in, name):
    form = FORMS[name]
    tab = tab_of("practitioner")
    visit = begin(tab, "test")
    form.way(tab, visit)
    tab.wait_for_load_state()
    if name == "conclusion":
        tab.get_by_label("Accept it").check()
    form.open(tab)
    form.box(tab).fill(form.words)
    address = tab.url
    end_session(tab)
    form.send(tab)
    expect(tab).to_have_url(SIGN_IN)
    rows = lying(tab, 1)
    assert form.words.split(",")[0] not in str(rows), "what lies on the device must be sealed"
    back = tab.url.split("next=")[1].replace("%2F", "/")
    assert address.endswith(back)

    becomes(tab, signed_in("student"))
    if name in {"history", "impression"}:  # who concludes and plans is a practitioner
        tab.goto(back)
        expect(tab.get_by_role("heading", level=1)).to_be_visible()
        expect(tab.locator(NOTE)).to_have_count(0)
        assert form.words not in tab.content()
    tab.goto("/")
    expect(tab.get_by_role("heading", level=1)).to_be_visible()
    expect(tab.locator("[data-typed-list]")).to_be_hidden()
    lying(tab, 1)

    becomes(tab, signed_in("practitioner"))
    tab.goto("/")
    expect(tab.locator("[data-typed-list]")).to_be_visible()
    shot(tab, f"typed-{name}-home")
    assert violations(tab) == []
    tab.locator("[data-typed-list] a").click()
    expect(tab.locator(NOTE)).to_contain_text(NOT_SAVED)
    expect(form.box(tab)).to_have_value(form.words)
    expect(form.box(tab)).to_be_visible()
    if name in {"impression", "plan"}:  # it stands where one does not look first
        tab.get_by_role("button", name="Show it").click()
        expect(tab.get_by_role("button", name="Start again without it")).to_be_focused()
        expect(form.box(tab)).to_be_in_viewport()
    expect(tab.get_by_role("button", name="Show it")).to_have_count(0)
    shot(tab, f"typed-{name}")
    assert violations(tab) == []
    form.send(tab)
    expect(tab.get_by_text(form.saved).first).to_be_visible()
    lying(tab, 0)
    tab.goto(address)
    expect(tab.get_by_role("heading", level=1)).to_be_visible()
    expect(tab.locator(NOTE)).to_have_count(0)


def test_a_page_whose_session_ended_goes_when_what_was_typed_is_kept(tab_of, signed_in):
    tab = tab_of("practitioner")
    history(tab, begin(tab, "demo"))
    address = tab.url
    tab.context.clear_cookies(name="session")
    tab.get_by_label("Problem in one line").press_sequentially("Wr")  # a key is a sign of life
    expect(tab).to_have_url(SIGN_IN)
    tab.context.add_cookies(signed_in("practitioner")["cookies"])
    tab.goto(address)
    expect(tab.locator(NOTE)).to_contain_text(NOT_SAVED)
    expect(tab.get_by_label("Problem in one line")).to_have_value(re.compile("^W"))
    tab.get_by_role("button", name="Start again without it").click()
    lying(tab, 0)


def test_a_closed_tab_gives_back_what_was_typed_and_it_can_be_put_away_and_back(tab_of):
    tab = tab_of("practitioner", viewport={"width": 320, "height": 700}, bypass_csp=True)
    history(tab, begin(tab, "demo"))
    address, context = tab.url, tab.context
    tab.get_by_label("Problem in one line").fill("Neck, since the move")
    tab.get_by_label("Most of the day").select_option(index=1)
    tab.wait_for_function(KEPT_ON_THE_DEVICE)
    lying(tab, 1)
    tab.close()

    tab = context.new_page()
    tab.emulate_media(reduced_motion="reduce")
    tab.goto(address)
    expect(tab.locator(NOTE)).to_contain_text(NOT_SAVED)
    problem = tab.get_by_label("Problem in one line")
    expect(problem).to_have_value("Neck, since the move")
    assert tab.get_by_label("Most of the day").evaluate("field => field.selectedIndex") == 1
    assert looked_at(tab, "typed-320") == []

    tab.get_by_role("button", name="Start again without it").click()
    expect(problem).to_have_value("")
    lying(tab, 0)
    assert looked_at(tab, "typed-320-away") == []
    tab.get_by_role("button", name="Put it back").click()
    expect(problem).to_have_value("Neck, since the move")
    lying(tab, 1)
    tab.get_by_role("button", name="Start again without it").click()
    lying(tab, 0)
    tab.reload()
    expect(tab.get_by_role("heading", name="History")).to_be_visible()
    expect(problem).to_have_value("")
    expect(tab.locator(NOTE)).to_have_count(0)


def test_a_form_sent_offline_stays_on_its_page_and_on_the_device(tab_of):
    tab = tab_of("practitioner")
    history(tab, begin(tab, "example"))
    address, context = tab.url, tab.context
    context.set_offline(True)
    tab.get_by_label("Problem in one line").fill("Knee, after the marathon")
    tab.get_by_role("button", name="Save the history").click()
    expect(tab.get_by_text("there is no connection. Send it when there is one.")).to_be_visible()
    shot(tab, "typed-offline")
    expect(tab.get_by_label("Problem in one line")).to_have_value("Knee, after the marathon")
    lying(tab, 1)
    tab.close()

    context.set_offline(False)
    again = context.new_page()
    again.goto(address)
    expect(again.locator(NOTE)).to_contain_text(NOT_SAVED)
    again.get_by_role("button", name="Save the history").click()
    expect(again.get_by_role("heading", name="Examination")).to_be_visible()
    lying(again, 0)


def test_an_answer_that_was_lost_does_not_save_twice(tab_of):
    """The clinic took it and the answer never came: the page asks before it gives anything back."""
    tab = tab_of("practitioner")
    visit = begin(tab, "sample")
    tab.get_by_label("Note").fill("Tender beside C6")
    tab.get_by_role("button", name="Sign the note").click()
    tab.get_by_role("link", name="Add to it").click()
    expect(tab.get_by_role("heading", name="Add to a signed note")).to_be_visible()
    address = tab.url

    def lose_the_answer(route):
        if route.request.method != "POST":
            route.continue_()
            return
        route.fetch(max_redirects=0)
        route.abort()

    tab.route("**/notes/*/add/", lose_the_answer)
    tab.locator("textarea").fill("And beside C7")
    with tab.expect_event("requestfailed"):
        tab.get_by_role("button", name="Sign the addendum").click()
    tab.unroute("**/notes/*/add/")
    tab.wait_for_url(re.compile("^chrome-error:"))  # the browser's own page; it would come late
    tab.goto(address)
    lying(tab, 0)
    expect(tab.locator("textarea")).to_have_value("")
    expect(tab.locator(NOTE)).to_have_count(0)
    tab.goto(visit)
    expect(tab.get_by_text("And beside C7")).to_have_count(1)


def test_what_is_chosen_while_the_clinic_is_asked_what_it_took_is_not_offered_to_its_own_form(
    tab_of,
):
    tab = tab_of("practitioner")
    tab.add_init_script("AbortSignal.timeout = () => new AbortController().signal")  # patient
    history(tab, begin(tab, "sample"))
    tab.wait_for_load_state()
    held = []

    def of_history(asked):
        """That page's, not one that the page before asked late."""
        return asked.url.endswith("/account/taken/") and asked.headers.get("referer", "").endswith(
            "/history/"
        )

    def hold(route):
        held.append(route)

    tab.route("**/account/taken/", hold)
    tab.get_by_label("Problem in one line").fill("Elbow, since spring")
    tab.get_by_role("button", name="Save the history").click()
    expect(tab.get_by_role("heading", name="Examination")).to_be_visible()
    lying(tab, 1)
    with tab.expect_request(of_history):
        tab.get_by_role("link", name="History").click()
    tab.wait_for_load_state()  # its script listens
    tab.get_by_label("What they want to be able to do").fill("Lift the child")
    lying(tab, 2)
    with tab.expect_response(lambda answer: of_history(answer.request)):
        for route in held:
            route.continue_()
    lying(tab, 1)
    tab.wait_for_timeout(1000)
    expect(tab.get_by_label("What they want to be able to do")).to_have_value("Lift the child")
    expect(tab.locator(NOTE)).to_have_count(0)


def test_a_browser_that_is_slow_to_say_who_holds_a_form_is_not_believed_to_hold_it(tab_of):
    tab = tab_of("practitioner")
    history(tab, begin(tab, "demo"))
    address, context = tab.url, tab.context
    tab.get_by_label("Problem in one line").fill("Neck, since the move")
    tab.wait_for_function(KEPT_ON_THE_DEVICE)
    tab.close()

    tab = context.new_page()
    tab.add_init_script("""
        const ask = navigator.locks.request.bind(navigator.locks);
        let asked = 0;
        navigator.locks.request = (name, how, work) => (how.signal && !asked++)
          ? new Promise((_, no) => { how.signal.onabort = () => no(how.signal.reason); })
          : ask(name, how, work);
    """)
    tab.goto(address)
    expect(tab.locator(NOTE)).to_contain_text(NOT_SAVED)
    expect(tab.get_by_label("Problem in one line")).to_have_value("Neck, since the move")
    tab.get_by_role("button", name="Start again without it").click()
    lying(tab, 0)


def test_a_form_that_is_refused_keeps_what_was_typed_until_it_is_mended(tab_of):
    tab = tab_of("practitioner")
    find(tab, "fiction")
    tab.get_by_role("link", name="Open the chart").click()
    chart = tab.url
    tab.wait_for_load_state()
    tab.get_by_text("Add: medicines").click()
    form = tab.locator("form:has([name=dose])")
    form.get_by_label("How it is taken").fill("400 mg")
    form.get_by_role("button", name="Add").click()
    expect(tab.get_by_role("alert")).to_contain_text("There is a problem")
    lying(tab, 1)
    context = tab.context
    tab.close()

    tab = context.new_page()
    tab.goto(chart)
    expect(tab.locator(NOTE)).to_contain_text(NOT_SAVED)
    form = tab.locator("form:has([name=dose])")
    expect(form.get_by_label("How it is taken")).to_have_value("400 mg")
    expect(form.get_by_label("How it is taken")).to_be_visible()
    form.get_by_label("Medicine").fill("Ibuprofen")
    form.get_by_role("button", name="Add").click()
    expect(tab.get_by_text("Ibuprofen, 400 mg")).to_be_visible()
    lying(tab, 0)


def test_what_the_lock_held_is_let_go_of_when_it_is_sent_from_behind_it(tab_of):
    tab = tab_of("practitioner")
    find(tab, "sample")
    tab.wait_for_load_state()  # its script locks
    tab.get_by_text("Add somebody to call").click()
    tab.locator("[id=contact_name]").fill("Bo Helper")
    tab.locator("[id=contact_phone]").fill("604 555 0166")
    lying(tab, 1)
    tab.get_by_role("button", name="Lock").click()
    tab.get_by_role("button", name="Go on").click()
    expect(tab.get_by_role("heading", name="Kept while the screen was locked")).to_be_visible()
    expect(tab.get_by_label("phone", exact=True)).to_have_value("604 555 0166")
    expect(tab.locator(NOTE)).to_have_count(0)
    lying(tab, 1)
    tab.get_by_label("phone", exact=True).fill("604 555 0167")
    tab.get_by_role("button", name="Send it now").click()
    expect(tab.get_by_text("Bo Helper: 604 555 0167")).to_be_visible()
    lying(tab, 0)


def test_the_lock_knows_what_was_typed_before_its_script_came(tab_of):
    tab = tab_of("practitioner")
    find(tab, "sample")
    tab.wait_for_load_state()  # this page has it too
    held = []
    tab.route("**/shell.js", lambda route: held.append(route))  # noqa: PLW0108 - a builtin bears no mark
    with tab.expect_request("**/shell.js"):
        tab.goto(tab.url, wait_until="commit")
    tab.get_by_text("Add somebody to call").click()
    tab.locator("[id=contact_name]").fill("Bo Helper")
    held[0].continue_()
    tab.wait_for_load_state()
    tab.get_by_role("button", name="Lock").click()
    tab.get_by_role("button", name="Go on").click()
    expect(tab.get_by_role("heading", name="Kept while the screen was locked")).to_be_visible()
    expect(tab.get_by_label("name", exact=True)).to_have_value("Bo Helper")


def test_two_tabs_of_one_form_lose_nothing_and_neither_writes_over_the_other(tab_of):
    one = tab_of("practitioner", bypass_csp=True)
    history(one, begin(one, "test"))
    address, context = one.url, one.context
    two = context.new_page()
    two.goto(address)
    one.get_by_label("Problem in one line").fill("As told first")
    two.get_by_label("Problem in one line").fill("As told second")
    lying(one, 2)
    one.get_by_role("button", name="Save the history").click()
    expect(one.get_by_role("heading", name="Examination")).to_be_visible()
    lying(one, 1)
    two.close()

    one.goto(address)
    expect(one.get_by_label("Problem in one line")).to_have_value("As told first")
    expect(one.locator(NOTE)).to_contain_text("The form has changed since")
    expect(one.locator(NOTE)).to_contain_text("As told second")
    assert looked_at(one, "typed-beside") == []
    one.get_by_role("button", name="Put it into the form").click()
    expect(one.get_by_label("Problem in one line")).to_have_value("As told second")
    lying(one, 1)
    one.get_by_role("button", name="Save the history").click()
    expect(one.get_by_role("heading", name="Examination")).to_be_visible()
    lying(one, 0)


def test_what_a_page_has_no_form_for_any_more_is_shown_to_be_copied(tab_of):
    tab = tab_of("practitioner", bypass_csp=True)
    form, visit = FORMS["impression"], begin(tab, "example")
    examine(tab, visit)
    address, context = tab.url.split("#")[0], tab.context
    other = context.new_page()
    other.goto(address)
    form.open(tab)
    form.box(tab).fill("Perhaps C7")
    lying(tab, 1)
    pick(tab, 2)  # what comes anew leaves what is being typed as it is
    expect(tab.locator("[data-saved]")).to_contain_text("Saved")
    tab.wait_for_timeout(1000)
    expect(form.box(tab)).to_have_value("Perhaps C7")
    tab.close()
    form.open(other)
    form.box(other).fill("C6")
    form.send(other)
    expect(other.get_by_text("Your impression,")).to_be_visible()

    other.goto(address)
    expect(other.get_by_text(GONE)).to_be_visible()
    expect(other.locator(NOTE)).to_contain_text("Perhaps C7")
    assert looked_at(other, "typed-left") == []
    other.get_by_role("button", name="Let it go").click()
    expect(other.locator(NOTE)).to_contain_text("Let go of.")
    lying(other, 0)
    other.get_by_role("button", name="Keep it after all").click()
    lying(other, 1)
    other.get_by_role("button", name="Let it go").click()
    lying(other, 0)


def test_a_note_typed_after_the_session_ended_comes_back_and_is_saved(tab_of, signed_in):
    tab = tab_of("practitioner")
    visit = begin(tab, "test")
    tab.get_by_label("Note").fill("Saved before")
    expect(tab.get_by_text(re.compile(r"^Saved \d\d:\d\d"))).to_be_visible()
    end_session(tab)
    tab.get_by_label("Note").fill("Saved before, and typed after")
    expect(tab.get_by_text("You were signed out: sign in and open this page")).to_be_visible()
    lying(tab, 1)

    becomes(tab, signed_in("student"))
    tab.goto(visit)
    expect(tab.get_by_label("Note")).to_have_value("")
    lying(tab, 1)
    becomes(tab, signed_in("practitioner"))
    tab.goto(visit)
    expect(tab.get_by_label("Note")).to_have_value("Saved before, and typed after")
    expect(tab.get_by_text(re.compile(r"^Saved \d\d:\d\d"))).to_be_visible()
    lying(tab, 0)
    tab.reload()
    expect(tab.get_by_label("Note")).to_have_value("Saved before, and typed after")


def test_a_note_kept_and_a_note_typed_before_the_script_came_lie_in_one(tab_of):
    tab = tab_of("practitioner")
    visit, context = begin(tab, "test"), tab.context
    context.route(f"{visit}note/", lambda route: route.fulfill(status=503, body=""))
    tab.get_by_label("Note").fill("Tender beside C6")
    expect(tab.get_by_text("Not saved yet, kept on this device.")).to_be_visible()
    tab.close()
    context.unroute(f"{visit}note/")

    tab = context.new_page()
    held = []
    tab.route("**/draft.js", lambda route: held.append(route))  # noqa: PLW0108 - a builtin bears no mark
    with tab.expect_request("**/draft.js"):
        tab.goto(visit, wait_until="commit")
    tab.get_by_label("Note").fill("And beside C7")
    held[0].continue_()
    expect(tab.get_by_label("Note")).to_have_value("Tender beside C6\nAnd beside C7")
    expect(tab.get_by_text("stands before what you typed now")).to_be_visible()
    lying(tab, 0)
    tab.unroute("**/draft.js")
    tab.reload()
    expect(tab.get_by_label("Note")).to_have_value("Tender beside C6\nAnd beside C7")


def test_a_note_is_signed_only_when_none_of_it_is_left_on_the_device(tab_of):
    """Signed past what is kept here, the same words would come back as a new note."""
    tab = tab_of("practitioner")
    visit = begin(tab, "test")
    away = []

    def no_answer(route):
        if route.request.method == "POST":
            away.append(route.request.url)
            route.fulfill(status=503, body="")
        else:
            route.continue_()

    tab.route(f"{visit}**", no_answer)
    tab.get_by_label("Note").fill("Tender beside C6")
    expect(tab.get_by_text("Not saved yet, kept on this device.")).to_be_visible()
    tab.get_by_role("button", name="Sign the note").click()
    tab.wait_for_timeout(500)
    assert away
    expect(tab.get_by_label("Note")).to_have_value("Tender beside C6")
    tab.unroute(f"{visit}**")
    tab.get_by_role("button", name="Sign the note").click()
    expect(tab.get_by_text(re.compile("^Signed "))).to_be_visible()
    lying(tab, 0)
    expect(tab.get_by_label("Note")).to_have_value("")


def test_pressed_twice_a_form_goes_once(tab_of):
    tab = tab_of("practitioner")
    visit = begin(tab, "sample")
    tab.goto(f"{visit}history/")
    sent = []
    tab.on("request", lambda one: one.method == "POST" and sent.append(one.url))
    tab.get_by_label("Problem in one line").fill("Elbow, right")
    tab.get_by_role("button", name="Save the history").dblclick()
    expect(tab.get_by_role("heading", name="Examination")).to_be_visible()
    lying(tab, 0)
    assert len([url for url in sent if url.endswith("/history/")]) == 1


def test_a_place_on_a_page_of_its_own_and_a_consent_come_back_too(tab_of):
    tab = tab_of("practitioner")
    visit = begin(tab, "sample")
    tab.goto(f"{visit}examination/60/")
    pick(tab, 2)
    lying(tab, 1)
    words = '[data-row="w:tender_motor_point.brachioradialis..right"]'
    tab.locator(f".more:has({words}) > summary").click()
    tab.locator(f"{words} textarea").fill("Jumps under the finger")
    tab.locator(f"{words} textarea").blur()
    context = tab.context
    tab.wait_for_function(KEPT_ON_THE_DEVICE)
    tab.close()

    tab = context.new_page()
    tab.goto(f"{visit}examination/60/")
    expect(tab.locator(NOTE)).to_contain_text(NOT_SAVED)
    expect(tab.locator(f'{BAND} input[value="2"][type=radio]')).to_be_checked()
    expect(tab.locator(f"{words} textarea")).to_be_visible()
    expect(tab.locator(f"{words} textarea")).to_have_value("Jumps under the finger")
    tab.get_by_role("button", name="Save", exact=True).click()
    lying(tab, 0)
    tab.goto(f"{visit}examination/changes/")
    expect(tab.get_by_role("cell", name="Jumps under the finger")).to_be_visible()

    tab.goto(f"{visit}consent/")
    tab.get_by_label("Name of who agrees").fill("Ada Sample")
    tab.locator("[name=regions]").first.check()
    tab.get_by_label("What was asked").fill("Asked about the lung")
    tab.get_by_label("Given by", exact=True).select_option(index=1)
    end_session(tab)
    tab.get_by_role("button", name="Write the consent down").click()
    expect(tab).to_have_url(SIGN_IN)
    lying(tab, 1)


def test_without_a_script_what_was_sent_after_the_end_stands_there_to_be_copied(tab_of, signed_in):
    tab = tab_of("practitioner", java_script_enabled=False)
    history(tab, begin(tab, "demo"))
    tab.get_by_label("Problem in one line").fill("Shoulder, <b>since</b> June")
    tab.get_by_label("Pain now").fill("7")
    tab.context.clear_cookies(name="session")
    tab.get_by_role("button", name="Save the history").click()
    expect(tab.get_by_role("heading", name="Not saved: you are signed out")).to_be_visible()
    expect(tab.get_by_label("Problem")).to_have_value("Shoulder, <b>since</b> June")
    expect(tab.get_by_role("definition").filter(has_text="7")).to_be_visible()
    shot(tab, "typed-no-script")

    tab.context.add_cookies(signed_in("practitioner")["cookies"])
    with tab.context.expect_page() as opened:
        tab.get_by_role("link", name="Open the page again").click()
    expect(opened.value.get_by_role("heading", name="History")).to_be_visible()
    expect(tab.get_by_label("Problem")).to_have_value("Shoulder, <b>since</b> June")


def test_the_page_of_what_was_not_saved_passes_axe_small_and_dark(tab_of, signed_in):
    tab = tab_of("practitioner", viewport={"width": 320, "height": 700}, bypass_csp=True)
    history(tab, begin(tab, "demo"))
    tab.route("**/typed.js", lambda route: route.abort())
    tab.reload()
    tab.get_by_label("Problem in one line").fill("Shoulder, since June")
    tab.context.clear_cookies()  # and with them the token of the form
    tab.get_by_role("button", name="Save the history").click()
    expect(tab.get_by_role("heading", name="Not saved: this form cannot be taken")).to_be_visible()
    expect(tab.get_by_label("Problem")).to_have_value("Shoulder, since June")
    assert looked_at(tab, "typed-not-saved-320") == []


def test_a_lost_cookie_leads_back_to_what_was_typed(tab_of, signed_in):
    tab = tab_of("practitioner")
    history(tab, begin(tab, "sample"))
    tab.get_by_label("Problem in one line").fill("Jaw, left")
    tab.context.clear_cookies()
    tab.get_by_role("button", name="Save the history").click()
    expect(tab.get_by_text("What you typed is kept on this device")).to_be_visible()
    tab.context.add_cookies(signed_in("practitioner")["cookies"])
    tab.get_by_role("link", name="Open the page again").click()
    expect(tab.locator(NOTE)).to_contain_text(NOT_SAVED)
    expect(tab.get_by_label("Problem in one line")).to_have_value("Jaw, left")


def test_who_signs_in_again_is_led_back_to_the_form_with_what_they_typed(
    browser, tmp_path, own_database
):
    """With a real passkey, after signing out in another tab."""
    port = free_port()
    here = f"http://localhost:{port}"
    set_up = ("setup", "--owner", "owner@clinic.test", "--name", "New", "--address", here)
    done = run(tmp_path / "new", *set_up, "--time-zone", "America/Vancouver", *own_database)
    with running(tmp_path / "new", "serve", "--port", f"{port}"):
        context = browser.new_context(base_url=here)
        tab = context.new_page()
        with_a_passkey(context, tab)
        tab.goto(re.search(r"http\S+/link/\S+/", done.stdout)[0])
        tab.get_by_role("button", name="Begin").click()
        tab.get_by_role("link", name="Make a passkey").click()
        tab.get_by_role("button", name="Make a passkey").click()
        expect(tab.get_by_role("heading", name="Recovery codes")).to_be_visible()

        tab.goto("/practice/staff/invite/")
        tab.get_by_label("Name").fill("Sam Student")
        tab.get_by_label("Email").fill("sam@clinic.test")
        tab.get_by_label("Site").select_option(index=1)
        other = context.new_page()
        other.goto("/")
        other.get_by_role("button", name="Sign out").click()
        expect(other.get_by_role("link", name="Sign in").first).to_be_visible()
        other.close()
        tab.get_by_role("button", name="Send the invitation").click()
        tab.get_by_role("button", name="Sign in with a passkey").click()
        tab.wait_for_url("**/practice/staff/invite/")
        expect(tab.locator(NOTE)).to_contain_text(NOT_SAVED)
        expect(tab.get_by_label("Name")).to_have_value("Sam Student")
        tab.get_by_role("button", name="Send the invitation").click()
        expect(tab.get_by_text("The invitation to Sam Student is on its way")).to_be_visible()
        lying(tab, 0)
        context.close()


def test_what_an_earlier_secret_sealed_is_opened_and_sealed_anew_and_no_other_reads_it(tab_of):
    tab = tab_of("practitioner", bypass_csp=True)  # the check imports by itself
    found = tab.evaluate(
        """async () => {
          const { lastingOf } = await import('/static/clinic/kept.js');
          const before = await lastingOf('old', 'a page');
          await before.keep('a form', { words: 'one' });
          const now = await lastingOf('new old', 'a page');
          const told = [(await now.all()).map(one => one.content.words)];
          const other = await lastingOf('other', 'a page');
          told.push((await other.all()).length);
          const mark = await now.keep('a form', { words: 'two' });
          told.push((await now.all()).map(one => one.content.words));
          told.push((await before.all()).length);
          await now.drop('a form', 'another mark');
          told.push((await now.all()).length);
          await now.drop('a form', mark);
          told.push((await now.all()).length);
          return told;
        }"""
    )
    assert found == [["one"], 0, ["two"], 0, 1, 0]
