"""What somebody without an account does in a browser: book a first visit, open its mailed link."""

import re

from playwright.sync_api import expect

VISIT = re.compile(r"/visit/[0-9a-f-]{36}/(#forms)?$")


def book(tab, day, name, mail, *, has_script=True):
    """From the finder to a confirmed first visit, as a guest; the address of the mail's link."""
    tab.goto("/book/")
    tab.get_by_role("link", name=re.compile("^Choose a time")).first.click()
    tab.locator("fieldset.day").nth(day).locator(".tile").first.click()
    tab.get_by_role("button", name="Continue").click()
    tab.get_by_label("First name").fill(name)
    tab.get_by_label("Email address").fill(mail)
    tab.get_by_role("button", name="Send me the link").click()
    link = tab.get_by_role("link", name="open it").get_attribute("href")
    open_link(tab, link, has_script=has_script)
    tab.get_by_role("button", name="Confirm this visit").click()
    expect(tab.get_by_role("heading", level=1)).to_have_text("Your visit is booked")
    return link


def open_link(tab, link, *, has_script=True):
    """Press the button behind the link; a script presses it where there is one."""
    tab.goto(link)
    if not has_script:
        tab.get_by_role("button", name="Open your visit").click()
    tab.wait_for_url(VISIT)
