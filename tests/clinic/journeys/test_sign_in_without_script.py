"""Signing in where no script runs: a password and an authenticator app, made and used."""

import re

from authenticator import App
from playwright.sync_api import expect
from processes import free_port, run, running

WORDS = "seven grey herons over the estuary"


def test_without_script_a_password_and_an_app_are_made_and_open_the_clinic(
    browser, tmp_path, own_database
):
    port = free_port()
    here = f"http://localhost:{port}"
    done = run(
        tmp_path / "new",
        *("setup", "--owner", "owner@clinic.test", "--name", "New Clinic"),
        *("--time-zone", "America/Vancouver", "--address", here, *own_database),
    )
    link = re.search(r"http\S+/link/\S+/", done.stdout)[0]
    with running(tmp_path / "new", "serve", "--port", f"{port}"):
        context = browser.new_context(java_script_enabled=False, base_url=here)
        tab = context.new_page()
        tab.goto(link)
        tab.get_by_role("button", name="Begin").click()
        tab.get_by_role("link", name="Choose a password").click()
        expect(tab.locator("input[type=password]")).to_have_count(2)
        for field in tab.locator("input[type=password]").all():
            field.fill(WORDS)
        tab.get_by_role("button", name="Choose a password").click()
        tab.goto("/account/secure/")
        tab.get_by_role("link", name="Add an authenticator app").click()
        app = App(tab.locator("code").inner_text())
        tab.get_by_label("Authenticator code").fill(app.code())
        tab.get_by_role("button", name="Add the app").click()
        expect(tab.get_by_role("heading", name="Recovery codes")).to_be_visible()
        tab.goto("/practice/staff/")
        expect(tab.get_by_role("heading", name="Staff")).to_be_visible()

        tab.get_by_role("button", name="Sign out").click()
        tab.goto("/practice/staff/")
        expect(tab.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()
        tab.get_by_label("Email").fill("owner@clinic.test")
        tab.get_by_label("Password").fill("another one altogether")
        tab.get_by_role("button", name="Sign in with a password").click()
        expect(tab.get_by_role("alert")).to_contain_text("There is a problem")
        tab.get_by_label("Password").fill(WORDS)
        tab.get_by_role("button", name="Sign in with a password").click()
        expect(tab.get_by_role("heading", name="Second step")).to_be_visible()
        tab.goto("/practice/staff/")  # the password alone opens nothing
        expect(tab.get_by_role("heading", name="Second step")).to_be_visible()
        tab.get_by_label("Code").fill("000000")
        tab.get_by_role("button", name="Go on").click()
        expect(tab.get_by_role("alert")).to_contain_text("There is a problem")
        tab.get_by_label("Code").fill(app.code())
        tab.get_by_role("button", name="Go on").click()
        expect(tab.get_by_role("heading", name="Staff")).to_be_visible()
        context.close()
