"""Every page of the site: each address that answers GET is looked at by somebody who may open it.

The addresses are those of the site's own list. A session of each role follows the links of its
pages and tries the rest with what it met on the way; each page that was found is opened in light at
320 px and asked by axe. A route that answers no GET, or with no page, shows that by itself. What
needs more than a link to come to is named below with the journey that looks at it. A route that is
none of these fails: link it, or name it.
"""

import contextlib
import html
import re
import uuid
from pathlib import Path
from urllib.parse import urlsplit

from authenticator import App
from django.urls import NoReverseMatch, Resolver404, get_resolver, resolve, reverse
from looking import shot, violations
from playwright.sync_api import expect
from processes import free_port, run, running

ROLES = ("practitioner", "owner", "privacy lead", "patient", None)  # they open all that opens
# The journey, and the name under which it looks at the page.
LOOKED_AT = {
    "assessment:plan": ("test_examination.py", "plan"),
    "assessment:weeks": ("test_examination.py", "weeks-done"),
    "book:details": ("test_booking.py", "details-"),
    "book:wait": ("test_booking.py", "wait-"),
    "records:fill": ("test_forms.py", "form-fill-"),
    "records:check": ("test_forms.py", "form-check-"),
    "records:draw": ("test_forms_visit.py", "drawing-form"),
    "records:consent": ("test_forms_visit.py", "consent-given-"),
    "records:template": ("test_chart_pages.py", "template-"),
    "own:accept": ("test_portal.py", "portal-accept"),
    "own:invitation": ("test_portal.py", "portal-link"),
    "own_sheets:fill": ("test_forms.py", "own-fill"),
    "own_sheets:check": ("test_forms.py", "own-check"),
    "own_sheets:consent": ("test_forms_visit.py", "own-consents"),
    "tablet:fill": ("test_forms.py", "tablet"),
    "tablet:draw": ("test_forms.py", "tablet-drawing"),
    "tablet:check": ("test_forms.py", "tablet"),
    "visits:check": ("test_first_visit.py", "first-check-"),
    "visits:fill": ("test_first_visit.py", "first-fill-"),
    "visits:open": ("test_booking_links.py", "link-open-"),
    # Whose next visit is over today has no such pages: OF_A_VISIT_TO_COME.
    "visits:visit": ("test_booking.py", "visit-booked-"),
    "visits:cancel": ("test_booking.py", "visit-{name}-"),
    "visits:earlier": ("test_booking.py", "visit-{name}-"),
    "visits:move": ("test_booking.py", "visit-{name}-"),
}
OF_A_VISIT_TO_COME = {f"visits:{name}" for name in ("visit", "cancel", "earlier", "move")}
NO_PAGE_OF_ITS_OWN = {
    "assessment:weeks_progress": "a part of `assessment:weeks`, for a script",
    "directory:file": "a file of lines, for programs",
    "practitioner_feed": "a calendar, for programs",
    "records:attachment": "a file",
    "visits:calendar": "a file, for programs",
    "schedule:start": "leads on to `schedule:day`",
    "accounts:new_password": "the form of a password, behind a mailed link",
    "book:old_wait_link": "leads on to the form of a link",
    "book:open_wait": "the button of `visits:open`",
    "book:waits": "the page of `book:wait`, behind a mailed link",
    "mfa_login_webauthn": "answers a script, within the page to sign in",
    "mfa_reauthenticate_webauthn": "with a passkey: the page of `unlock`",
    "mfa_remove_webauthn": "a question with a button, of who has a passkey",
    "own_sheets:draw": "the page of `records:draw`",
    "own_sheets:withdraw": "the form of `own_sheets:consent`",
    "records:withdraw": "the form of `records:consent`",
    "visits:draw": "the page of `records:draw`",
    "visits:old_link": "leads on to the form of a link",
}
LINK = re.compile(r'href="(/[^"#]*)')
LOTS = {  # of each kind of part, where nothing was met
    "UUIDConverter": uuid.UUID(int=7, version=4),
    "IntConverter": 1,
    "SlugConverter": "cancel",
    "StringConverter": "none",
    "DayInAddress": "2027-03-09",
}
SMALL = {"width": 320, "height": 700}
WORDS = "seven grey herons over the estuary"


def routes(found=None, space=""):
    for pattern in get_resolver().url_patterns if found is None else found:
        if hasattr(pattern, "url_patterns"):
            inner = f"{pattern.namespace}:" if pattern.namespace else space
            yield from routes(pattern.url_patterns, inner)
        else:
            yield f"{space}{pattern.name}", pattern.pattern.converters


class Walk:
    """What sessions find by following links, and what they may then try."""

    def __init__(self):
        self.pages, self.silent, self.met = {}, set(), []

    def go(self, context, role):
        """Follow the links of one session from its first page; then try what no link led to."""
        fresh, waiting = set(), ["/"]
        tried = False
        while waiting or not tried:
            if not waiting:
                waiting, tried = list(self._guesses()), True
                continue
            path = waiting.pop(0)
            with contextlib.suppress(Resolver404):
                at = resolve(urlsplit(path).path)
                is_new = at.view_name not in self.pages or not (at.kwargs or tried)
                if at.view_name not in fresh and is_new:
                    waiting += self._ask(context, role, path, at, fresh)

    def _ask(self, context, role, path, at, fresh):
        """Ask for one address; the links that it holds."""
        answer = context.request.get(path, max_redirects=0)
        is_page = "text/html" in answer.headers.get("content-type", "")
        if answer.status == 405 or (answer.status == 200 and not is_page):
            self.silent.add(at.view_name)
        if answer.status in {302, 303}:
            return [urlsplit(answer.headers["location"])._replace(scheme="", netloc="").geturl()]
        if answer.status != 200 or not is_page:
            return []
        fresh.add(at.view_name)
        self.met.append(at.kwargs)
        text = answer.text()
        if "<main" in text:
            self.pages.setdefault(at.view_name, (role, path))
        else:  # a part of a page, for a script
            self.silent.add(at.view_name)
        return [html.unescape(link) for link in LINK.findall(text)]

    def _guesses(self):
        """Addresses of the other routes, with what was met together on the way."""
        for name, parts in routes():
            if name in self.pages or name in self.silent or name in LOOKED_AT:
                continue
            if parts and {type(kind).__name__ for kind in parts.values()} == {"IntConverter"}:
                yield from (reverse(name, args=[number] * len(parts)) for number in range(1, 4))
                continue
            lot = {part: LOTS[type(kind).__name__] for part, kind in parts.items()}
            for met in sorted([*self.met, {}], key=lambda met: -len(met.keys() & parts.keys())):
                known = lot | {"kind": "alert"} | met
                with contextlib.suppress(NoReverseMatch):
                    yield reverse(name, kwargs={part: known[part] for part in parts})
                    break


def test_every_page_of_the_site_passes_axe_on_a_small_screen(browser, demonstration, signed_in):
    walk, found, looked = Walk(), [], set()
    for role in ROLES:
        context = browser.new_context(
            storage_state=signed_in(role) if role else None,
            base_url=demonstration.address,
            viewport=SMALL,
            bypass_csp=True,
            reduced_motion="reduce",
        )
        walk.go(context, role)
        tab = context.new_page()
        for name in sorted(walk.pages.keys() - looked):
            tab.goto(walk.pages[name][1])
            found += [f"{name}: {one}" for one in violations(tab)]
            width = tab.evaluate("document.documentElement.scrollWidth")
            found += [f"{name}: {width} px wide"] if width > SMALL["width"] else []
            looked.add(name)
        context.close()

    told = walk.silent | LOOKED_AT.keys() | NO_PAGE_OF_ITS_OWN.keys() | OF_AN_ACCOUNT
    assert found == []
    assert len(looked) > 70
    assert sorted(set(dict(routes())) - looked - told) == []
    assert not looked & (LOOKED_AT.keys() - OF_A_VISIT_TO_COME | NO_PAGE_OF_ITS_OWN.keys())


def test_a_journey_that_is_named_looks_at_what_it_is_named_for():
    for name, (file, where) in LOOKED_AT.items():
        text = (Path(__file__).parent / file).read_text(encoding="utf-8")
        assert re.search(rf'looked_at\(\w+, f?"{re.escape(where)}', text), name


OF_AN_ACCOUNT = {
    *("account_set_password", "account_change_password", "account_reauthenticate", "link"),
    *("mfa_activate_totp", "mfa_deactivate_totp", "mfa_authenticate", "mfa_reauthenticate"),
    *("mfa_add_webauthn", "mfa_view_recovery_codes", "mfa_download_recovery_codes"),
}


def test_the_pages_of_an_account_pass_axe_from_its_first_link_to_the_second_step(
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
    found, seen = [], set()
    with running(tmp_path / "new", "serve", "--port", f"{port}"):
        context = browser.new_context(
            base_url=here, viewport=SMALL, bypass_csp=True, reduced_motion="reduce"
        )
        tab = context.new_page()

        def look(name, path=None):
            if path:
                tab.goto(path)
            assert resolve(urlsplit(tab.url).path).view_name == name
            shot(tab, f"account-{name}")
            found.extend(f"{name}: {one}" for one in violations(tab))
            if tab.evaluate("document.documentElement.scrollWidth") > SMALL["width"]:
                found.append(f"{name}: too wide")
            seen.add(name)

        look("link", link)
        tab.get_by_role("button", name="Begin").click()
        look("account_set_password", reverse("account_set_password"))
        for field in tab.locator("input[type=password]").all():
            field.fill(WORDS)
        tab.get_by_role("button", name="Choose a password").click()
        look("mfa_add_webauthn", reverse("mfa_add_webauthn"))
        look("mfa_activate_totp", reverse("mfa_activate_totp"))
        app = App(tab.locator("code").inner_text())
        tab.get_by_label("Authenticator code").fill(app.code())
        tab.get_by_role("button", name="Add the app").click()
        expect(tab.get_by_role("heading", name="Recovery codes")).to_be_visible()
        look("mfa_view_recovery_codes")
        look("account_change_password", reverse("account_change_password"))
        look("mfa_deactivate_totp", reverse("mfa_deactivate_totp"))
        look("account_reauthenticate", reverse("account_reauthenticate"))
        look("mfa_reauthenticate", reverse("mfa_reauthenticate"))
        tab.goto("/")
        tab.get_by_role("button", name="Sign out").click()
        tab.goto("/sign-in/")
        tab.get_by_label("Email").fill("owner@clinic.test")
        tab.get_by_label("Password").fill(WORDS)
        tab.get_by_role("button", name="Sign in with a password").click()
        expect(tab.get_by_role("heading", name="Second step")).to_be_visible()
        look("mfa_authenticate")
        context.close()

    assert found == []
    assert OF_AN_ACCOUNT - seen == {"mfa_download_recovery_codes"}  # a file
