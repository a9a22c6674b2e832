"""The records go away while somebody writes: the page says so, keeps the words, and sends again."""

import re

import pytest
from looking import find, shot, violations
from playwright.sync_api import expect
from processes import environment, running

from clinic.place import READ_ONLY

WORDS = "Tight and tender at C6 on the left; <b>better</b> after needling."


@pytest.fixture
def own_demonstration(tmp_path, furnished_file):
    """A demonstration whose records can be moved away and back."""
    folder = tmp_path / "clinic"
    furnished_file(folder)
    with running(tmp_path, "demo", "--port", "8540", "--at", str(folder)) as clinic:
        lines = [clinic.stdout.readline() for _ in range(8)]
        clinic.link = next(re.search(r"http\S+", line)[0] for line in lines if "practit" in line)
        clinic.file = folder / "clinic.sqlite3"
        yield clinic


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_was_typed_when_the_records_went_away_is_sent_again(
    browser, own_demonstration, scheme
):
    context = browser.new_context(
        base_url=own_demonstration.address,
        java_script_enabled=scheme == "light",
        color_scheme=scheme,
        bypass_csp=scheme == "light",  # axe brings a script of its own
        viewport={"width": 320, "height": 700},
    )
    tab = context.new_page()
    tab.goto(own_demonstration.link)
    tab.get_by_role("button", name="Go on").click()
    find(tab, "sample")
    tab.get_by_role("link", name="Open the chart").click()
    tab.get_by_role("link", name="Visits and notes").click()
    tab.get_by_role("button", name="Begin a visit now").click()
    tab.get_by_role("link", name="History").click()
    history = tab.url
    tab.get_by_label("Problem in one line").fill(WORDS)
    away = own_demonstration.file.with_name("away")
    own_demonstration.file.rename(away)
    own_demonstration.file.mkdir()
    tab.get_by_role("button", name="Save the history").press("Enter")

    expect(tab.get_by_role("heading", name="The clinic cannot reach its records")).to_be_visible()
    expect(tab.get_by_label("Problem", exact=True)).to_have_value(WORDS)
    shot(tab, f"away_{scheme}")
    if scheme == "light":
        assert violations(tab) == []
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")

    own_demonstration.file.rmdir()
    away.rename(own_demonstration.file)
    tab.get_by_role("button", name="Send it again").click()
    expect(tab.get_by_role("heading", name="Examination")).to_be_visible()
    tab.goto(history)
    expect(tab.get_by_label("Problem in one line")).to_have_value(WORDS)
    expect(tab.get_by_text("Kept on this device")).to_have_count(0)
    context.close()


def test_where_nothing_may_change_charts_are_read_and_words_come_back(
    browser, tmp_path, monkeypatch
):
    monkeypatch.setattr(
        "processes.environment", lambda folder: environment(folder) | {READ_ONLY: "yes"}
    )
    folder = tmp_path / "clinic"
    with running(tmp_path, "demo", "--port", "8550", "--at", str(folder)) as clinic:
        lines = [clinic.stdout.readline() for _ in range(8)]
        link = next(re.search(r"http\S+", line)[0] for line in lines if "practit" in line)
        context = browser.new_context(
            base_url=clinic.address, bypass_csp=True, viewport={"width": 320, "height": 700}
        )
        tab = context.new_page()
        tab.goto(link)
        tab.get_by_role("button", name="Go on").click()
        expect(tab.get_by_text("For reading only.")).to_be_visible()
        shot(tab, "read-only-home")
        found = violations(tab)
        find(tab, "sample")
        tab.get_by_role("link", name="Change", exact=False).first.click()
        tab.locator("[name=address]").fill("12 Invented Street")
        tab.get_by_role("button", name="Save").first.click()

        expect(tab.get_by_role("heading", name="Nothing can be changed now")).to_be_visible()
        expect(tab.get_by_label("Address", exact=True)).to_have_value("12 Invented Street")
        shot(tab, "read-only")
        assert found + violations(tab) == []
        assert tab.evaluate("document.documentElement.scrollWidth") == 320
        find(tab, "sample")
        tab.get_by_role("link", name="Open the chart").click()
        expect(tab.get_by_text("Allergies").first).to_be_visible()
        context.close()
