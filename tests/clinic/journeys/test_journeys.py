"""Journeys in a real browser: passkey, refusal, emergency, keyboard, small, dark, no script."""

import re
import time

import pytest
from looking import find, shot, violations
from playwright.sync_api import expect
from processes import free_port, run, running

SMALL = (
    "[...document.querySelectorAll('a, button, summary, input:not([type=hidden])')]"
    ".filter(e => { const b = e.getBoundingClientRect(); return b.width && b.height"
    " && b.height < 24 && getComputedStyle(e).display !== 'inline'; }).length"
)
PAGES = {
    None: ["/", "/components/", "/sign-in/", "/account/forgotten/", "/link/none/"],
    "practitioner": [
        "/",
        "/people/",
        "/people/new/",
        "/people/co-sign/",
        "/account/secure/",
        "/no/such/page/",
    ],
    "owner": [
        "/practice/",
        "/practice/staff/",
        "/practice/staff/1/",
        "/practice/staff/invite/",
        "/people/import/",
        "/practice/sites/1/",
        "/practice/covers/new/",
    ],
    "privacy lead": ["/people/reviews/", "/people/merge/", "/practice/audit/"],
    "patient": ["/", "/mine/"],
    "learner": ["/"],
}


@pytest.mark.parametrize("role", list(PAGES), ids=str)
def test_every_page_passes_axe_and_fits_a_small_screen_light_and_dark(tab_of, role):
    tab = tab_of(  # colours change at once, so that none is read half way
        role, viewport={"width": 320, "height": 700}, bypass_csp=True, reduced_motion="reduce"
    )
    found = []
    for path in PAGES[role]:
        tab.emulate_media(color_scheme="light")
        tab.goto(path)
        name = path.strip("/").replace("/", "-") or "home"
        shot(tab, f"{role}-light-{name}")
        found += violations(tab)
        width = tab.evaluate("document.documentElement.scrollWidth")
        found += [f"{path}: {width} px wide"] if width > 320 else []
        small = tab.evaluate(SMALL)
        found += [f"{path}: {small} targets under 24 px"] if small else []
        tab.emulate_media(color_scheme="dark")
        shot(tab, f"{role}-dark-{name}")
        found += violations(tab, only=["color-contrast"])

    assert found == []


@pytest.mark.parametrize("width", [320, 1280])
def test_the_pages_of_one_person_pass_axe_in_every_state(tab_of, width):
    tab = tab_of("practitioner", viewport={"width": width, "height": 800}, bypass_csp=True)
    find(tab, "test")
    shot(tab, f"person-{width}")
    found = violations(tab)
    for detail in tab.locator("summary").all():
        detail.click()
    found += violations(tab)
    tab.get_by_role("link", name="Open the chart").click()
    shot(tab, f"chart-{width}")
    found += violations(tab)
    for detail in tab.locator("summary").all():
        detail.click()
    found += violations(tab)
    tab.get_by_role("button", name="Add", exact=True).first.click()
    shot(tab, f"chart-wrong-{width}")
    expect(tab.get_by_role("alert")).to_contain_text("There is a problem")
    found += violations(tab)

    assert found == []
    assert tab.evaluate("document.documentElement.scrollWidth") == width


def test_the_policy_of_the_site_stops_nothing_that_the_site_does(tab_of):
    tab = tab_of("practitioner")
    for path in (
        "/",
        "/people/",
        "/people/new/",
        "/people/co-sign/",
        "/account/secure/",
        "/components/",
    ):
        tab.goto(path)
        tab.wait_for_load_state("networkidle")

    assert tab.complaints == []


def test_the_first_owner_comes_in_with_a_passkey_and_comes_back_with_it(
    browser, tmp_path, own_database
):
    port = free_port()
    here = f"http://localhost:{port}"
    done = run(
        tmp_path / "new",
        "setup",
        "--owner",
        "owner@clinic.test",
        "--name",
        "New Clinic",
        "--time-zone",
        "America/Vancouver",
        "--address",
        here,
        *own_database,
    )
    link = re.search(r"http\S+/link/\S+/", done.stdout)[0]
    with running(tmp_path / "new", "serve", "--port", f"{port}"):
        context = browser.new_context()
        tab = context.new_page()
        complaints = []
        tab.on("console", lambda said: complaints.append(said.text))
        devtools = context.new_cdp_session(tab)
        devtools.send("WebAuthn.enable")
        devtools.send(
            "WebAuthn.addVirtualAuthenticator",
            {
                "options": {
                    "protocol": "ctap2",
                    "transport": "internal",
                    "hasResidentKey": True,
                    "hasUserVerification": True,
                    "isUserVerified": True,
                    "automaticPresenceSimulation": True,
                }
            },
        )
        tab.goto(link)
        tab.get_by_role("button", name="Begin").click()
        expect(tab.get_by_text("Before anything opens")).to_be_visible()
        tab.goto(f"{here}/practice/")
        expect(tab.get_by_role("heading", name="How you sign in")).to_be_visible()
        shot(tab, "enrol")
        tab.get_by_role("link", name="Make a passkey").click()
        tab.get_by_role("button", name="Make a passkey").click()
        expect(tab.get_by_role("heading", name="Recovery codes")).to_be_visible()
        shot(tab, "recovery")
        tab.get_by_role("link", name="I have kept them").click()
        tab.get_by_role("link", name="Practice").click()
        expect(tab.get_by_role("heading", name="Practice")).to_be_visible()

        tab.get_by_role("button", name="Sign out").click()
        tab.goto(f"{here}/practice/staff/")
        tab.get_by_role("button", name="Sign in with a passkey").click()
        expect(tab.get_by_role("link", name="Sign in")).to_have_count(0)
        tab.goto(f"{here}/practice/staff/")
        expect(tab.get_by_role("heading", name="Staff")).to_be_visible()

        tab.get_by_role("button", name="Lock").click()
        expect(tab.get_by_role("heading", name="Show that it is you")).to_be_visible()
        shot(tab, "locked")
        tab.goto(f"{here}/practice/staff/")
        expect(tab.get_by_role("heading", name="Show that it is you")).to_be_visible()
        tab.get_by_role("button", name="Use the passkey").click()
        expect(tab.get_by_role("heading", name="Staff")).to_be_visible()
        context.close()

    assert complaints == []


def test_one_without_a_relationship_is_refused_and_opens_in_an_emergency(tab_of):
    tab = tab_of("colleague", viewport={"width": 390, "height": 800})
    find(tab, "sample")
    expect(tab.get_by_role("link", name="Open the chart")).to_have_count(0)
    refused = tab.request.get(tab.url + "chart/")
    assert refused.status == 404

    tab.get_by_role("link", name="Emergency access").click()
    tab.get_by_label("Why it must be opened now").fill("Fainted in the waiting room, cannot answer")
    shot(tab, "emergency")
    tab.get_by_role("button", name="Open the chart for 60 minutes").click()
    expect(tab.get_by_text("Emergency access to this record")).to_be_visible()
    shot(tab, "in-emergency")
    tab.get_by_role("button", name="End now").click()
    expect(tab.get_by_role("link", name="Open the chart")).to_have_count(0)

    lead = tab_of("privacy lead", "/people/reviews/")
    expect(lead.get_by_text("Fainted in the waiting room")).to_be_visible()
    shot(lead, "reviews")
    patient = tab_of("patient", "/mine/")
    patient.get_by_role("link", name="Who has looked").click()
    expect(patient.get_by_text("in an emergency").first).to_be_visible()
    shot(patient, "who-looked")


def test_the_privacy_lead_has_the_audit_followed_in_the_background(tab_of):
    tab = tab_of("privacy lead", "/practice/audit/")
    tab.get_by_role("button", name="Check it now").click()
    followed = tab.get_by_text(re.compile("^Whole: \\d+ lines followed"))
    until = time.monotonic() + 300  # the worker gives way to all else
    while not followed.count() and time.monotonic() < until:
        tab.wait_for_timeout(250)
        tab.reload()

    expect(tab.get_by_text(re.compile("^Whole: "))).to_be_visible()


def test_a_person_is_found_and_changed_with_the_keyboard_alone(tab_of):
    tab = tab_of("reception", "/people/")
    tab.keyboard.press("Tab")
    expect(tab.get_by_role("link", name="To the content")).to_be_focused()
    tab.keyboard.press("Enter")
    for _ in range(12):
        tab.keyboard.press("Tab")
        if tab.evaluate("document.activeElement.name") == "name":
            break
    tab.keyboard.type("example")
    tab.keyboard.press("Enter")
    link = tab.get_by_role("link", name=re.compile("EXAMPLE"))
    expect(link).to_be_visible()
    tab.wait_for_load_state()
    for _ in range(30):
        tab.keyboard.press("Tab")
        if link.evaluate("one => one === document.activeElement"):
            break
    ring = tab.evaluate("getComputedStyle(document.activeElement).outlineWidth")
    assert ring == "3px"
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("heading", name="Person")).to_be_visible()
    tab.wait_for_load_state()
    for _ in range(40):
        tab.keyboard.press("Tab")
        if tab.evaluate("document.activeElement.textContent") == "Change details":
            break
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("heading", name="Change details")).to_be_visible()
    tab.get_by_label("Phone").focus()
    tab.keyboard.press("Control+a")
    tab.keyboard.type("604 555 0177")
    tab.keyboard.press("Enter")
    expect(tab.get_by_text("604 555 0177")).to_be_visible()


def test_without_script_people_sign_in_find_and_write(browser, tab_of):
    tab = tab_of("practitioner", "/people/", java_script_enabled=False)
    tab.get_by_label("Name").fill("fiction")
    tab.get_by_role("button", name="Find").click()
    tab.get_by_role("link", name=re.compile("FICTION")).click()
    tab.get_by_role("link", name="Open the chart").click()
    tab.locator("summary").nth(2).click()
    tab.get_by_label("Medicine").fill("Ibuprofen")
    tab.get_by_role("button", name="Add", exact=True).last.click()
    expect(tab.get_by_text("Ibuprofen, since")).to_be_visible()

    out = tab_of(None, "/sign-in/", java_script_enabled=False)
    expect(out.get_by_role("button", name="Sign in with a password")).to_be_visible()
    expect(out.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()


def test_a_note_saves_itself_survives_a_reload_and_is_signed(tab_of):
    tab = tab_of("practitioner", viewport={"width": 320, "height": 800}, bypass_csp=True)
    find(tab, "demo")
    tab.get_by_role("link", name="Open the chart").click()
    tab.get_by_role("link", name="Visits and notes").click()
    found = violations(tab)
    tab.get_by_role("button", name="Begin a visit now").click()
    tab.get_by_label("Note").fill("Tender beside C6, left")
    expect(tab.get_by_text(re.compile("^Saved \\d\\d:\\d\\d"))).to_be_visible()
    shot(tab, "visit-draft")
    found += violations(tab)

    tab.reload()
    expect(tab.get_by_label("Note")).to_have_value("Tender beside C6, left")
    tab.get_by_role("button", name="Sign the note").click()
    expect(tab.get_by_text(re.compile("^Signed "))).to_be_visible()
    expect(tab.get_by_label("Note")).to_have_value("")
    tab.get_by_role("link", name="Entered in error").click()
    tab.get_by_label("Why it was entered in error").fill("Other person")
    tab.get_by_role("button", name="Strike the note").click()
    expect(tab.get_by_text("Entered in error: Other person")).to_be_visible()
    shot(tab, "visit-struck")
    found += violations(tab)

    assert found == []
    assert tab.evaluate("document.documentElement.scrollWidth") == 320


def test_what_is_typed_before_the_page_is_ready_is_saved_too(tab_of):
    tab = tab_of("practitioner")
    find(tab, "demo")
    tab.get_by_role("link", name="Open the chart").click()
    tab.get_by_role("link", name="Visits and notes").click()
    late = []
    tab.route("**/draft.js", lambda route: late.append(route))  # noqa: PLW0108 - a builtin bears no mark
    with tab.expect_request("**/draft.js"):
        tab.get_by_role("button", name="Begin a visit now").click()
    tab.get_by_label("Note").fill("Typed early")
    late[0].continue_()
    expect(tab.get_by_text(re.compile("^Saved \\d\\d:\\d\\d"))).to_be_visible()


def test_a_person_prints_with_name_and_number_and_no_controls(tab_of):
    tab = tab_of("practitioner")
    find(tab, "sample")
    tab.emulate_media(media="print")

    expect(tab.get_by_text("SAMPLE, Ada")).to_be_visible()
    expect(tab.get_by_role("navigation").first).to_be_hidden()
    assert tab.locator("form:visible").count() == 0
    assert tab.pdf(format="A4").startswith(b"%PDF")
    shot(tab, "print")


def test_a_screen_left_alone_warns_keeps_what_was_typed_and_shows_nothing(tab_of):
    tab = tab_of("practitioner", "/")
    tab.clock.install()
    tab.goto("/people/new/")
    tab.get_by_label("Given name").fill("Half typed")
    tab.clock.run_for(13.5 * 60_000)
    expect(tab.get_by_text("This screen locks in less than 2 minutes")).to_be_visible()
    shot(tab, "soon")
    tab.clock.run_for(2 * 60_000)
    tab.wait_for_url("**/unlock/**")
    shot(tab, "left-alone")

    assert "Half typed" not in tab.content()
    expect(tab.get_by_role("heading", name="Show that it is you")).to_be_visible()
    tab.get_by_role("button", name="Go on").click()
    expect(tab.get_by_label("Given name")).to_have_value("Half typed")


def leave_alone(tab):
    tab.clock.run_for(15.5 * 60_000)
    tab.wait_for_url("**/unlock/**")
    tab.get_by_role("button", name="Go on").click()


def test_what_was_typed_into_a_form_within_a_page_is_kept_too(tab_of):
    tab = tab_of("practitioner", "/")
    tab.clock.install()
    find(tab, "sample")
    tab.wait_for_load_state()  # its script counts the minutes
    tab.get_by_text("Add somebody to call").click()
    tab.locator("[id=contact_name]").fill("Half typed")
    leave_alone(tab)

    expect(tab.get_by_role("heading", name="Kept while the screen was locked")).to_be_visible()
    expect(tab.get_by_label("name", exact=True)).to_have_value("Half typed")


def test_a_password_half_typed_is_not_kept_when_the_screen_locks(tab_of):
    tab = tab_of("practitioner", "/")
    tab.clock.install()
    tab.goto("/people/new/")
    sent = []
    tab.on("request", lambda request: sent.append(request.post_data or ""))
    tab.get_by_label("Given name").fill("Half typed")
    tab.get_by_label("Given name").evaluate(
        "field => field.after(Object.assign(document.createElement('input'),"
        " {type: 'password', name: 'pin', value: '4711'}))"
    )
    leave_alone(tab)

    assert any("Half typed" in body for body in sent)
    assert not any("4711" in body for body in sent)
