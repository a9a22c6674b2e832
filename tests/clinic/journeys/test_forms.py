"""Forms in a real browser: small, dark, by keyboard, without script, offline, on the tablet."""

import re

import pytest
from looking import CHROMIUM, find, looked_at, shot
from playwright.sync_api import expect


def open_forms(tab, name):
    find(tab, name)
    tab.get_by_role("link", name="Open the chart").click()
    tab.get_by_role("link", name="Forms").click()


def begin(tab, title="Before your first visit", how="I ask and fill it in"):
    card = tab.locator("section.card", has=tab.get_by_role("heading", name=title))
    card.locator("summary").click()
    card.get_by_label("How").select_option(how)
    card.get_by_role("button", name="Begin").click()


@pytest.mark.parametrize("width", [320, 1280])
def test_staff_fill_in_a_form_and_correct_it(tab_of, width):
    tab = tab_of(
        "practitioner",
        viewport={"width": width, "height": 800},
        bypass_csp=True,
        reduced_motion="reduce",
    )
    open_forms(tab, "test" if width == 320 else "demo")
    found = looked_at(tab, f"forms-{width}")
    begin(tab)
    found += looked_at(tab, f"form-fill-{width}")
    tab.get_by_label(re.compile("^How much do you weigh")).fill("heavy")
    tab.get_by_role("button", name="Check the answers").last.click()
    expect(tab.get_by_role("alert")).to_contain_text("You entered 'heavy'")
    found += looked_at(tab, f"form-wrong-{width}")
    tab.get_by_label(re.compile("^How much do you weigh")).fill("72")
    tab.get_by_role("button", name="Check the answers").last.click()
    expect(tab.get_by_text("Before it can be sent")).to_be_visible()
    tab.get_by_role("link", name=re.compile("What would you like help with")).click()
    tab.get_by_label("What would you like help with?").fill("Neck since winter")
    group = tab.get_by_role("group", name=re.compile("How strong is the pain now"))
    group.get_by_label("7", exact=True).check()
    tab.get_by_role("button", name="Check the answers").last.click()
    expect(tab.get_by_role("heading", name="Check the answers")).to_be_visible()
    found += looked_at(tab, f"form-check-{width}")
    tab.get_by_role("button", name="Sign the answers").click()
    expect(tab.get_by_text("7 out of 10")).to_be_visible()
    tab.get_by_role("button", name="Correct these answers").click()
    tab.get_by_label("What would you like help with?").fill("Shoulder since winter")
    tab.get_by_role("button", name="Check the answers").last.click()
    tab.get_by_label("What was wrong").fill("Misheard")
    tab.get_by_role("button", name="Send the correction").click()
    expect(tab.get_by_text("Misheard")).to_be_visible()
    found += looked_at(tab, f"form-sent-{width}")
    tab.emulate_media(media="print")
    shot(tab, f"form-print-{width}")

    assert found == []


def test_a_patient_answers_on_a_phone_part_by_part_and_it_saves_itself(tab_of):
    tab = tab_of(
        "patient",
        "/mine/",
        viewport={"width": 320, "height": 700},
        bypass_csp=True,
        reduced_motion="reduce",
    )
    tab.get_by_role("link", name="Your forms").click()
    found = looked_at(tab, "own-forms")
    tab.get_by_role("button", name=re.compile("Before your first visit")).click()
    found += looked_at(tab, "own-fill")
    tab.get_by_label("What would you like help with?").fill("My neck")
    expect(tab.get_by_text(re.compile(r"^Saved \d\d:\d\d"))).to_be_visible()
    tab.get_by_role("button", name="Continue").last.click()
    expect(tab.get_by_text("Part 2 of 3")).to_be_visible()
    tab.get_by_role("button", name="Back").click()
    expect(tab.get_by_label("What would you like help with?")).to_have_value("My neck")
    for then in ("Part 2 of 3", "Part 3 of 3", "Nothing is sent yet"):
        tab.get_by_role("button", name=re.compile("Continue|Check the answers")).last.click()
        expect(tab.get_by_text(then)).to_be_visible()
    found += looked_at(tab, "own-check")
    tab.get_by_role("button", name="Send my answers").click()
    expect(tab.get_by_text("The patient, on their own device")).to_be_visible()
    found += looked_at(tab, "own-sent")

    assert found == []


def stored(tab):
    """Everything that the browser's own store holds, as text and as bytes."""
    return tab.evaluate(
        """async () => {
          const names = (await indexedDB.databases()).map(each => each.name);
          const all = [];
          for (const name of names) {
            const opened = await new Promise((resolve, reject) => {
              const request = indexedDB.open(name);
              request.onsuccess = () => resolve(request.result);
              request.onerror = reject;
            });
            for (const store of opened.objectStoreNames) {
              const rows = await new Promise(resolve => {
                const request = opened.transaction(store).objectStore(store).getAll();
                request.onsuccess = () => resolve(request.result);
              });
              for (const row of rows) for (const value of Object.values(row)) {
                const bytes = ['string', 'number'].includes(typeof value) ? String(value)
                  : String.fromCharCode(...new Uint8Array(value.buffer ?? value));
                all.push(bytes);
              }
            }
            opened.close();
          }
          return all;
        }"""
    )


def refuse(route, method):
    """Lose what goes this way by one method, as a network does."""
    if route.request.method == method:
        route.abort()
    else:
        route.fallback()


NOT_SAVED = re.compile("^Not saved yet, kept on this device")
SAVED = re.compile(r"^Saved \d\d:\d\d")


def test_a_form_typed_offline_is_sealed_on_the_device_and_sent_when_the_clinic_answers(tab_of):
    tab = tab_of("practitioner")
    open_forms(tab, "example")
    begin(tab)
    field = tab.get_by_label("What would you like help with?")
    tab.wait_for_load_state("networkidle")
    tab.context.set_offline(True)
    field.fill("Typed in the cellar")
    tab.get_by_role("group", name=re.compile("wake you")).get_by_label("Yes").check()
    expect(tab.get_by_text(NOT_SAVED)).to_be_visible()
    shot(tab, "form-offline")
    tab.get_by_role("button", name="Check the answers").last.click()
    expect(field).to_have_value("Typed in the cellar")  # no page of failure

    rows = stored(tab)
    assert rows
    assert not any("cellar" in each or "Typed" in each or "yes" in each for each in rows)

    saves = re.compile("/fill/")
    tab.route(saves, lambda route: refuse(route, method="POST"))
    tab.context.set_offline(False)
    tab.reload()
    expect(field).to_have_value("Typed in the cellar")
    expect(tab.get_by_text(NOT_SAVED)).to_be_visible()
    tab.unroute(saves)
    tab.evaluate("dispatchEvent(new Event('online'))")
    expect(tab.get_by_text(SAVED)).to_be_visible()
    assert stored(tab) == []
    tab.reload()
    expect(field).to_have_value("Typed in the cellar")
    expect(
        tab.get_by_role("group", name=re.compile("wake you")).get_by_label("Yes")
    ).to_be_checked()


def test_the_disk_under_the_browsers_store_holds_nothing_that_was_typed(
    browser, demonstration, signed_in, tmp_path
):
    state = signed_in("practitioner")
    context = browser.browser_type.launch_persistent_context(
        tmp_path, executable_path=CHROMIUM, args=["--no-sandbox"], base_url=demonstration.address
    )
    context.add_cookies(state["cookies"])
    tab = context.pages[0]
    open_forms(tab, "example")
    begin(tab)
    field = tab.get_by_label("What do you hope for from treatment?")
    tab.wait_for_load_state("networkidle")
    secret = tab.locator("form[data-kept]").get_attribute("data-kept")
    context.set_offline(True)
    field.fill("To lift my grandchild")
    expect(tab.get_by_text(NOT_SAVED)).to_be_visible()
    context.close()

    files = [path for path in tmp_path.rglob("*") if path.is_file() and "IndexedDB" in str(path)]
    content = b"".join(path.read_bytes() for path in files)
    assert b"sealed" in content  # the row is there
    for words in ("grandchild", "hope", secret):
        for form in (words.encode(), words.encode("utf-16-le")):
            assert form not in content


def test_a_note_typed_offline_is_kept_and_sent_too(tab_of):
    tab = tab_of("practitioner")
    find(tab, "sample")
    tab.get_by_role("link", name="Open the chart").click()
    tab.get_by_role("link", name="Visits and notes").click()
    tab.get_by_role("button", name="Begin a visit now").click()
    expect(tab.get_by_label("Note")).to_be_visible()
    tab.wait_for_load_state("networkidle")
    tab.context.set_offline(True)
    tab.get_by_label("Note").fill("Grasp at C6")
    expect(tab.get_by_text(NOT_SAVED)).to_be_visible()
    rows = stored(tab)
    assert rows
    assert not any("Grasp" in each for each in rows)

    tab.context.set_offline(False)
    tab.evaluate("dispatchEvent(new Event('online'))")
    expect(tab.get_by_text(SAVED)).to_be_visible()
    assert stored(tab) == []


def test_what_a_session_kept_is_gone_when_nobody_is_signed_in(tab_of):
    tab = tab_of("reception", "/", bypass_csp=True)
    tab.evaluate(
        """async () => {
          const { placeOf } = await import('/static/clinic/kept.js');
          const place = await placeOf('a secret', 'a tag', '/form/');
          await place.keep({ entries: [['text', 'Grasp at C6']] });
          globalThis.read = async (secret, tag) => {
            const again = await placeOf(secret, tag, '/form/');
            return again.take().catch(() => 'sealed');
          };
        }"""
    )
    assert len(stored(tab)) == 4
    assert tab.evaluate("read('a secret', 'a tag')") == {"entries": [["text", "Grasp at C6"]]}
    assert tab.evaluate("read('another secret', 'a tag')") is None
    assert len(stored(tab)) == 4
    assert tab.evaluate("read('a secret', 'another session')") is None
    assert stored(tab) == []  # another session deletes what it finds


@pytest.mark.parametrize("page", ["/", "/sign-in/"])
def test_a_page_for_nobody_deletes_what_was_kept(tab_of, page):
    tab = tab_of(None, "/components/", bypass_csp=True)
    tab.wait_for_load_state("networkidle")
    tab.evaluate(
        """async () => {
          const { placeOf } = await import('/static/clinic/kept.js');
          await (await placeOf('s', 't', '/form/')).keep({ entries: [] });
        }"""
    )
    assert stored(tab)
    tab.goto(page)
    tab.wait_for_function("async () => (await indexedDB.databases()).length === 0")


def test_without_script_a_form_is_filled_in_and_sent(tab_of):
    tab = tab_of("practitioner", java_script_enabled=False)
    open_forms(tab, "fiction")
    begin(tab, how="I enter it from paper")
    expect(tab.get_by_role("alert")).to_contain_text("Enter the date on the paper")
    tab.get_by_label("Date on the paper").fill("2026-03-09")
    tab.get_by_role("button", name="Begin").click()
    expect(tab.get_by_text("From paper of 09-Mar-2026")).to_be_visible()
    tab.get_by_label("What would you like help with?").fill("Knee")
    tab.get_by_role("button", name="Save for later").click()
    tab.get_by_role("link", name="Go on filling it in").click()
    expect(tab.get_by_label("What would you like help with?")).to_have_value("Knee")
    tab.get_by_role("button", name="Check the answers").last.click()
    tab.get_by_role("button", name="Sign the answers").click()
    expect(tab.get_by_text("on paper of 09-Mar-2026")).to_be_visible()


def test_the_tablet_is_handed_over_for_one_form_and_handed_back(tab_of):
    tab = tab_of(
        "practitioner",
        viewport={"width": 820, "height": 1100},
        bypass_csp=True,
        reduced_motion="reduce",
    )
    open_forms(tab, "demo")
    begin(tab, "Where you feel it", how="The patient fills it in on this tablet")
    expect(tab.get_by_text("Nothing else is open")).to_be_visible()
    found = looked_at(tab, "tablet")
    assert "DEMO" not in tab.content()
    tab.get_by_role("button", name="Draw it").click()
    tab.get_by_role("link", name="Head and neck, back").first.click()
    found += looked_at(tab, "tablet-drawing")
    tab.get_by_label("Pain").check()
    tab.get_by_role("group", name="How strong is it?").get_by_label("5", exact=True).check()
    tab.get_by_role("checkbox", name="Back of the neck").check()
    tab.get_by_role("button", name="Add to the drawing").last.click()
    tab.get_by_role("button", name="Done").click()
    tab.get_by_role("button", name="Check the answers").last.click()
    tab.get_by_role("button", name="Send my answers").click()
    expect(tab.get_by_role("heading", name="Thank you")).to_be_visible()
    found += looked_at(tab, "tablet-done")
    tab.goto("/people/")
    expect(tab.get_by_role("heading", name="Show that it is you")).to_be_visible()
    tab.get_by_role("button", name="Go on").click()
    expect(tab.get_by_role("heading", name="Find a person")).to_be_visible()

    assert found == []


def test_locking_by_hand_keeps_what_was_typed(tab_of):
    tab = tab_of("reception", "/people/new/")
    tab.get_by_label("Given name").fill("Half typed")
    tab.get_by_role("button", name="Lock").click()
    expect(tab.get_by_role("heading", name="Show that it is you")).to_be_visible()
    assert "Half typed" not in tab.content()
    tab.get_by_role("button", name="Go on").click()

    expect(tab.get_by_label("Given name")).to_have_value("Half typed")


def test_locking_offline_clears_the_screen_and_waits(tab_of):
    tab = tab_of("reception", "/people/new/")
    tab.wait_for_load_state("networkidle")
    tab.get_by_label("Given name").fill("Half typed")
    tab.context.set_offline(True)
    tab.get_by_role("button", name="Lock").click()
    expect(tab.get_by_text("what you typed waits here")).to_be_visible()
    assert "Half typed" not in tab.content()
    assert tab.locator("input:visible").count() == 0
    tab.context.set_offline(False)
    tab.wait_for_url("**/unlock/**")
    tab.get_by_role("button", name="Go on").click()

    expect(tab.get_by_label("Given name")).to_have_value("Half typed")


def test_a_form_is_filled_in_and_sent_with_the_keyboard_alone(tab_of):
    tab = tab_of("patient", "/mine/")
    reach(tab, "Your forms")
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("heading", name="Your forms")).to_be_visible()
    reach(tab, "Before your first visit", within=True)
    tab.keyboard.press("Enter")
    expect(tab.get_by_text("Part 1 of 3")).to_be_visible()
    reach(tab, "What would you like help with?", by="labels")
    tab.keyboard.type("My neck")
    for _ in range(30):
        tab.keyboard.press("Tab")
        if tab.evaluate("document.activeElement.name") == "pain_now":
            break
    for _ in range(3):
        tab.keyboard.press("ArrowRight")
    ring = "getComputedStyle(document.activeElement.parentElement).outlineWidth"
    assert tab.evaluate(ring) == "3px"  # the tile shows the focus of the radio within it
    for then in ("Part 2 of 3", "Part 3 of 3", "Nothing is sent yet"):
        reach(tab, "Continue", "Check the answers")
        tab.keyboard.press("Enter")
        expect(tab.get_by_text(then)).to_be_visible()
    reach(tab, "Send my answers", "Send the correction")
    tab.keyboard.press("Enter")
    expect(tab.get_by_text("My neck").first).to_be_visible()


def reach(tab, *wanted, within=False, by="textContent"):
    """Press Tab until the focus is on one of these; the body, which says all words, is none."""
    tab.wait_for_load_state()
    asked = "e.labels?.[0]?.textContent ?? ''" if by == "labels" else "e.textContent"
    asked = f"e => e === document.body ? '' : {asked}"
    for _ in range(60):
        tab.keyboard.press("Tab")
        said = tab.evaluate(f"({asked})(document.activeElement)").strip()
        if said in wanted or (within and any(each in said for each in wanted)):
            return
    raise AssertionError(f"{wanted} is not reached by the keyboard")
