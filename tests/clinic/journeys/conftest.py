"""What the journeys share: one Chromium, one demonstration, and a tab for each role."""

import os
import re

import pytest
from looking import CHROMIUM
from playwright.sync_api import expect, sync_playwright
from processes import running

expect.set_options(timeout=15_000)  # a busy machine is slow, not wrong
# The ways that everybody goes: in the default suite. The others have a target of their own, and so
# has looking at each page in every state.
FEW = {"test_journeys.py", "test_booking.py", "test_forms.py", "test_examination.py"}
LOOKS = re.compile(r"_pass(es)?(_|\[|$)")


def pytest_collection_modifyitems(items):
    """Without Chromium the journeys are skipped; in CI that is a failure instead."""
    for item in items:
        if "journeys" in item.path.parts:
            item.add_marker(pytest.mark.browser)
            if item.path.name not in FEW or LOOKS.search(item.name):
                item.add_marker(pytest.mark.more_journeys)
            if not CHROMIUM and "CI" not in os.environ:
                item.add_marker(pytest.mark.skip(reason="no Chromium"))


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory, furnished):
    """A demonstration that runs, and a fresh link for each role, used up as tests go."""
    folder = tmp_path_factory.mktemp("demonstration")
    furnished(folder / "clinic")
    with running(folder, "demo", "--port", "8500", "--at", str(folder / "clinic")) as process:
        links = [process.stdout.readline() for _ in range(8)]
        process.links = {
            line.split("http")[0].strip(): re.search(r"http\S+", line)[0] for line in links
        }
        yield process


@pytest.fixture(scope="module")
def signed_in(browser, demonstration):
    """The stored sign-in of each role, made once by its link."""
    kept = {}

    def state(role):
        if role not in kept:
            context = browser.new_context()
            tab = context.new_page()
            tab.goto(demonstration.links[role])
            tab.get_by_role("button", name="Go on").click()
            kept[role] = context.storage_state()
            context.close()
        return kept[role]

    return state


@pytest.fixture
def tab_of(browser, demonstration, signed_in):
    """A tab of somebody, with what the browser complained of."""
    contexts = []

    def open_tab(role=None, path="/", **options):
        state = signed_in(role) if role else None
        # what moves is looked at when it has arrived
        options = {"reduced_motion": "reduce"} | options
        context = browser.new_context(
            storage_state=state, base_url=demonstration.address, **options
        )
        contexts.append(context)
        tab = context.new_page()
        tab.complaints = []
        tab.on("console", lambda said: tab.complaints.append(said.text))
        tab.on("pageerror", lambda error: tab.complaints.append(str(error)))
        tab.goto(path)
        return tab

    yield open_tab
    for context in contexts:
        context.close()
