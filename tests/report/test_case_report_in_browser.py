"""The case report in a browser: it fits, obeys its own policy, and unfolds for print."""

import os
import shutil

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM and "CI" not in os.environ, reason="no Chromium"),
]


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def opened(browser, tmp_path, report):
    """Opens the report of a case and keeps what the browser asked for and complained of."""

    def open_report(name, **options):
        file = tmp_path / "report.html"
        file.write_text(report(name).html, encoding="utf-8")
        tab = browser.new_context(**options).new_page()
        tab.asked, tab.complaints = [], []
        tab.on("request", lambda request: tab.asked.append(request.url))
        tab.on("console", lambda message: tab.complaints.append(message.text))
        tab.on("pageerror", lambda error: tab.complaints.append(str(error)))
        tab.goto(file.as_uri())
        return tab

    return open_report


@pytest.mark.parametrize("name", ["fessler-c6-left", "forty-findings", "not-asked", "hostile"])
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_nothing_scrolls_sideways(opened, name, width):
    tab = opened(name, viewport={"width": width, "height": 800})

    assert tab.evaluate("document.documentElement.scrollWidth") == width


def test_it_asks_for_nothing_and_breaks_none_of_its_rules(opened):
    tab = opened("hostile")

    assert len(tab.asked) == 1
    assert tab.complaints == []


def test_text_spacing_breaks_nothing(opened):
    tab = opened("fessler-c6-left", viewport={"width": 320, "height": 800}, bypass_csp=True)
    tab.add_style_tag(
        content="* { line-height: 1.5 !important; letter-spacing: 0.12em !important;"
        " word-spacing: 0.16em !important; } p { margin-block-end: 2em !important; }"
    )

    assert tab.evaluate("document.documentElement.scrollWidth") <= 320


def test_what_is_folded_opens_for_print_and_closes_again(opened):
    tab = opened("fessler-c6-left")
    closed = tab.locator("details:not([open])").count()

    tab.evaluate("dispatchEvent(new Event('beforeprint'))")
    in_print = tab.locator("details:not([open])").count()
    tab.evaluate("dispatchEvent(new Event('afterprint'))")

    assert closed > 0
    assert in_print == 0
    assert tab.locator("details:not([open])").count() == closed


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_it_prints(opened, paper):
    tab = opened("fessler-c6-left", color_scheme="dark")

    assert tab.pdf(format=paper).startswith(b"%PDF")


def test_fingers_meet_what_they_press(opened):
    tab = opened("fessler-c6-left", viewport={"width": 390, "height": 800})

    small = tab.evaluate(
        "[...document.querySelectorAll('summary, nav a, .spine a')].filter(e => {"
        " const box = e.getBoundingClientRect(); return box.width && box.height < 24; }).length"
    )

    assert small == 0


def test_it_reads_without_script(opened):
    tab = opened("fessler-c6-left", java_script_enabled=False)

    assert "fits best" in tab.locator("#roots .headline").inner_text()
