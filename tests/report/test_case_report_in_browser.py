"""The case report in a browser: it fits, obeys its own policy, and unfolds for print."""

import os
import re
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
    on_paper = tab.locator("details[data-paper]:not([open])").count()
    closed = tab.locator("details:not([open])").count()

    tab.evaluate("dispatchEvent(new Event('beforeprint'))")
    in_print = tab.locator("details[data-paper]:not([open])").count()
    tab.evaluate("dispatchEvent(new Event('afterprint'))")

    assert 0 < on_paper < closed
    assert in_print == 0
    assert tab.locator("details:not([open])").count() == closed


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_it_prints(opened, paper):
    """On 11 or 12 sheets; another browser or font takes one or two more, and never half more."""
    tab = opened("fessler-c6-left", color_scheme="dark")
    printed = tab.pdf(format=paper)

    assert printed.startswith(b"%PDF")
    assert 4 <= len(re.findall(rb"/Type\s*/Page\b", printed)) <= 14


def test_paper_keeps_hazards_evidence_and_questions_and_says_what_it_leaves_out(opened):
    tab = opened("fessler-c6-left")
    tab.emulate_media(media="print")
    tab.evaluate("dispatchEvent(new Event('beforeprint'))")

    for kept in ("#hazard-pneumothorax", ".evidence >> nth=0", ".families", "#short .paper-only"):
        assert tab.locator(kept).is_visible()
    for left_out in (".all-roots", ".root details >> nth=0", "nav.contents"):
        assert tab.locator(left_out).is_hidden()


def test_fingers_meet_what_they_press(opened):
    tab = opened("fessler-c6-left", viewport={"width": 390, "height": 800})

    small = tab.evaluate(
        "[...document.querySelectorAll('summary, nav a, .spine a')].filter(e => {"
        " const box = e.getBoundingClientRect(); return box.width && box.height < 24; }).length"
    )

    assert small == 0


def test_it_reads_without_script(opened):
    tab = opened("fessler-c6-left", java_script_enabled=False)

    assert "fits best" in tab.locator("#short .headline").inner_text()
