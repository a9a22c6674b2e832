"""From an empty folder to a patient's own drawing in the chart: no account is put there by hand.

A clinic is set up, its owner invites a practitioner, who adds people and invites them. Every link
comes out of a mail that a real server was handed; every account is made by whoever opens it.
"""

import re
import socket
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from types import SimpleNamespace

import pytest
from aiosmtpd.controller import Controller
from authenticator import App
from looking import looked_at
from playwright.sync_api import expect
from processes import free_port, run, running

SMALL = {"width": 320, "height": 700}
PHONE = {"width": 390, "height": 844, "is_mobile": True}
DESK = {"width": 1280, "height": 900}
ARRIVES_WITHIN = 60  # seconds
PASSKEY = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


class Mailbox:
    """A mail server of our own, and what it was handed."""

    def __init__(self):
        self.letters = []

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802 - aiosmtpd's name
        self.letters.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 kept"

    def link_to(self, address, number=1):
        """The link of the n-th letter that carries one to an address, once it has come."""
        until = time.monotonic() + ARRIVES_WITHIN
        while time.monotonic() < until:
            found = [
                link[0]
                for letter in list(self.letters)
                if letter["To"] == address
                and (link := re.search(r"http\S+/(?:link|invitation)/\S+", letter.get_content()))
            ]
            if len(found) >= number:
                return found[number - 1]
            time.sleep(0.1)
        raise AssertionError(f"no letter {number} to {address} among {len(self.letters)}")


@pytest.fixture(scope="module")
def mailbox():
    handler = Mailbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Controller(handler, hostname="127.0.0.1", port=port)
    server.start()
    handler.address = f"smtp://127.0.0.1:{port}"
    yield handler
    server.stop()


@contextmanager
def device(browser, size=DESK, *, scripted=True, **options):
    """A browser of somebody's own, on which a passkey can be made."""
    is_mobile = size.get("is_mobile", False)
    context = browser.new_context(
        viewport={"width": size["width"], "height": size["height"]},
        is_mobile=is_mobile,
        has_touch=is_mobile,
        bypass_csp=True,
        reduced_motion="reduce",
        java_script_enabled=scripted,
        **options,
    )
    tab = context.new_page()
    tab.complaints = []
    tab.on("console", lambda said: tab.complaints.append(said.text))
    tab.on("pageerror", lambda error: tab.complaints.append(str(error)))
    devtools = context.new_cdp_session(tab)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": PASSKEY})
    yield tab
    context.close()


def make_a_passkey(tab):
    tab.get_by_role("link", name="Make a passkey").click()
    tab.get_by_role("button", name="Make a passkey").click()
    expect(tab.get_by_role("heading", name="Recovery codes")).to_be_visible()
    tab.get_by_role("link", name="I have kept them").click()


@pytest.fixture(scope="module")
def clinic(browser, tmp_path_factory, new_database, mailbox):
    """A clinic of its own with an owner and a practitioner, each come by their own link."""
    folder, port = tmp_path_factory.mktemp("portal") / "clinic", free_port()
    here, database = f"http://localhost:{port}", new_database()
    done = run(
        folder,
        *("setup", "--owner", "owner@clinic.test", "--name", "New Clinic"),
        *("--time-zone", "America/Vancouver", "--address", here),
        *(("--database", database) if database else ()),
    )
    with (folder / "clinic.toml").open("a") as settings:
        settings.write(f'mail_server = "{mailbox.address}"\nquiet_from = 0\nquiet_until = 0\n')
    with running(folder, "serve", "--port", f"{port}"):
        with device(browser, base_url=here) as tab:
            tab.goto(re.search(r"http\S+/link/\S+/", done.stdout)[0])
            tab.get_by_role("button", name="Begin").click()
            make_a_passkey(tab)
            tab.get_by_role("link", name="Invite a colleague").click()
            tab.get_by_label("Name").fill("Rowan Example")
            tab.get_by_label("Email").fill("rowan@clinic.test")
            tab.get_by_label("Role").select_option("practitioner")
            tab.get_by_label("Site").select_option(label="Main site")
            tab.get_by_role("button", name="Send the invitation").click()
            expect(tab.get_by_text("is on its way")).to_be_visible()
        with device(browser, base_url=here) as tab:
            tab.goto(mailbox.link_to("rowan@clinic.test"))
            tab.get_by_role("button", name="Begin").click()
            make_a_passkey(tab)
            state = tab.context.storage_state()
        yield SimpleNamespace(address=here, practitioner=state)


@pytest.fixture
def rowan(browser, clinic):
    """The practitioner at the desk."""
    with device(browser, base_url=clinic.address, storage_state=clinic.practitioner) as tab:
        yield tab


def add(tab, given, family, email, born="1984-03-09"):
    """Add a person and begin to care for them."""
    tab.goto("/people/new/")
    tab.get_by_label("Given name").fill(given)
    tab.get_by_label("Family name").fill(family)
    tab.get_by_label("Date of birth").fill(born)
    tab.get_by_label("Email address").fill(email)
    tab.get_by_role("button", name="Add the person").click()
    expect(tab.get_by_role("heading", name="Person", exact=True)).to_be_visible()
    card(tab, "Who cares for them").locator("summary").click()
    tab.get_by_label("Colleague").select_option(label="Rowan Example")
    tab.locator("#care_reason").select_option("referred")
    card(tab, "Who cares for them").get_by_role("button", name="Save").click()
    expect(tab.get_by_role("link", name="Open the chart")).to_be_visible()


def card(tab, heading):
    return tab.locator("section.card", has=tab.get_by_role("heading", name=heading))


def invite(tab):
    own = card(tab, "Their own pages")
    own.locator("summary", has_text=re.compile("Invite to|Send the")).click()
    own.get_by_label(re.compile("I have asked them")).check()
    own.get_by_role("button", name="Send the invitation").click()
    expect(tab.get_by_text("The invitation is on its way.")).to_be_visible()


def invite_to_act(tab, name, email, scope="all"):
    acting = card(tab, "Who acts for them")
    last = (datetime.now(UTC) + timedelta(days=60)).date().isoformat()
    acting.locator("summary").click()
    acting.get_by_label("Their name").fill(name)
    acting.get_by_label("Their email address").fill(email)
    acting.get_by_label("Scope").select_option(scope)
    acting.get_by_label("Reason").fill("Her mother")
    acting.get_by_label("Last day").fill(last)
    acting.get_by_label(re.compile("asked for this")).check()
    acting.get_by_role("button", name="Send the invitation").click()
    expect(tab.get_by_text("The invitation is on its way.")).to_be_visible()


def say_when_born(tab, day="9", month="March", year="1984"):
    tab.get_by_label("Day").fill(day)
    tab.get_by_label("Month").fill(month)
    tab.get_by_label("Year").fill(year)
    tab.get_by_role("button", name="Begin").click()


def draw(tab):
    tab.get_by_role("link", name="Your forms").click()
    tab.get_by_role("button", name=re.compile("Where you feel it")).click()
    tab.get_by_role("button", name="Draw it").click()
    tab.get_by_role("link", name="Right arm, front").click()
    tab.get_by_label("Burning").check()
    tab.get_by_role("group", name="How strong is it?").get_by_label("6", exact=True).check()
    tab.get_by_role("button", name="Thumb side of the forearm, right").click()
    tab.get_by_role("button", name="Add to the drawing").last.click()
    expect(tab.get_by_text("forearm, right: burning, 6 out of 10").first).to_be_visible()
    tab.get_by_role("button", name="Done").click()
    tab.get_by_role("button", name="Check the answers").last.click()
    tab.get_by_role("button", name="Send my answers").click()


def invited(rowan, who):
    """The practitioner adds somebody and invites them; what is wrong with the pages on the way."""
    add(rowan, who, "Quine", f"{who.lower()}@mail.test")
    found = looked_at(rowan, "portal-not-invited")
    own = card(rowan, "Their own pages")
    own.locator("summary").click()
    own.get_by_role("button", name="Send the invitation").click()
    expect(rowan.get_by_role("alert")).to_contain_text("Ask them first")
    found += looked_at(rowan, "portal-not-vouched")
    rowan.go_back()
    invite(rowan)
    expect(own).to_contain_text(f"at {who.lower()}@mail.test")
    return found + looked_at(rowan, "portal-invited")


def come_in(phone, link):
    """Whoever has the mail opens it, mistypes once, makes a passkey; what is wrong on the way."""
    phone.goto(link)
    found = looked_at(phone, "portal-link")
    say_when_born(phone, year="1948")
    expect(phone.get_by_role("alert")).to_contain_text("not the date that the clinic has")
    found += looked_at(phone, "portal-wrong-date")
    say_when_born(phone)
    expect(phone.get_by_text("Before anything opens")).to_be_visible()
    found += looked_at(phone, "portal-secure")
    make_a_passkey(phone)
    expect(phone.get_by_role("heading", name="Your record")).to_be_visible()
    return found + looked_at(phone, "portal-home")


def test_a_person_is_invited_draws_on_a_phone_and_the_practitioner_sees_it_in_the_chart(
    browser, clinic, mailbox, rowan
):
    found = invited(rowan, "Dot")
    with device(browser, PHONE, base_url=clinic.address) as phone:
        found += come_in(phone, mailbox.link_to("dot@mail.test"))
        phone.get_by_role("link", name=re.compile("Open record")).click()
        found += looked_at(phone, "portal-own")
        draw(phone)
        expect(phone.get_by_text("burning, 6 out of 10").first).to_be_visible()
        found += looked_at(phone, "portal-drawn")

        rowan.goto("/people/work/")
        heading = rowan.get_by_role("heading", name=re.compile("Came in from"))
        rowan.locator("section", has=heading).get_by_role("link").last.click()
        expect(rowan.get_by_text("burning, 6 out of 10").first).to_be_visible()
        expect(rowan.get_by_text("First opened by Rowan Example")).to_be_visible()
        found += looked_at(rowan, "portal-in-the-chart")

        phone.get_by_role("button", name="Sign out").click()
        phone.goto("/mine/")
        phone.get_by_role("button", name="Sign in with a passkey").click()
        expect(phone.get_by_role("link", name="Sign in")).to_have_count(0)
        phone.goto("/mine/")
        phone.get_by_role("link", name="Who has looked").click()
        expect(phone.get_by_text("invited to own pages")).to_be_visible()
        said = [each for each in phone.complaints if "422" not in each]  # the date mistyped

    assert found == []
    assert said == []


def test_access_that_is_ended_closes_the_pages_and_its_link_opens_no_second_time(
    browser, clinic, mailbox, rowan
):
    add(rowan, "Eve", "Quine", "eve@mail.test")
    invite(rowan)
    person, own = rowan.url, card(rowan, "Their own pages")
    with device(browser, PHONE, base_url=clinic.address) as phone:
        phone.goto(mailbox.link_to("eve@mail.test"))
        say_when_born(phone)
        make_a_passkey(phone)
        phone.goto("/mine/")
        expect(phone.get_by_role("heading", name="Your record")).to_be_visible()
        rowan.goto(person)
        expect(own).to_contain_text("Open to their own account since")
        for folded in own.locator("summary").all():
            folded.click()
        found = looked_at(rowan, "portal-has-an-account")
        own.get_by_role("button", name="End their access").click()
        expect(own).to_contain_text("Not invited.")

        phone.goto("/mine/")
        expect(phone.get_by_role("button", name="Sign in with a passkey")).to_be_visible()
        phone.goto(mailbox.link_to("eve@mail.test"))
        expect(phone.get_by_role("heading", name="This link no longer works")).to_be_visible()
        found += looked_at(phone, "portal-spent")

    assert found == []


def test_a_mother_of_two_acts_for_both_by_one_account(browser, clinic, mailbox, rowan):
    found = []
    with device(browser, SMALL, base_url=clinic.address) as phone:
        for number, child in enumerate(("Tot", "Tim"), start=1):
            add(rowan, child, "Quine", "", born="2019-05-04")
            invite_to_act(rowan, "Mia Quine", "mia@mail.test")
            found += looked_at(rowan, f"portal-acting-{number}")
            phone.goto(mailbox.link_to("mia@mail.test", number))
            found += looked_at(phone, f"portal-acting-link-{number}")
            say_when_born(phone, "4", "5", "2019")
            if number == 1:
                make_a_passkey(phone)
                expect(phone.get_by_role("heading", name="The record of Tot")).to_be_visible()
                phone.get_by_role("button", name="Sign out").click()
                expect(phone.get_by_role("link", name="Sign in").first).to_be_visible()
            else:
                phone.get_by_role("button", name="Sign in with a passkey").click()
                expect(phone.get_by_text("see and do what they can")).to_be_visible()
                found += looked_at(phone, "portal-accept")
                phone.get_by_role("button", name="Yes, I act for them").click()
        expect(phone.get_by_role("link", name=re.compile("Tot Quine"))).to_be_visible()
        phone.get_by_role("link", name=re.compile("Tim Quine")).click()
        expect(phone.get_by_role("heading", name="The record of Tim")).to_be_visible()
        found += looked_at(phone, "portal-own-of-another")

    assert found == []


def test_without_script_somebody_comes_in_with_a_password_and_codes(
    browser, clinic, mailbox, rowan
):
    add(rowan, "Una", "Quine", "una@mail.test")
    invite(rowan)
    with device(browser, SMALL, base_url=clinic.address, scripted=False) as phone:
        phone.goto(mailbox.link_to("una@mail.test"))
        say_when_born(phone)
        phone.get_by_role("link", name="Choose a password").click()
        expect(phone.get_by_role("heading", name="Choose a password")).to_be_visible()
        expect(phone.locator("input[type=password]")).to_have_count(2)
        for box in phone.locator("input[type=password]").all():
            box.fill("a long pass phrase of Una")
        phone.get_by_role("button", name="Choose a password").click()
        expect(phone.get_by_role("heading", name="How you sign in")).to_be_visible()
        phone.get_by_role("link", name="Add an authenticator app").click()
        secret = phone.get_by_role("listitem").locator("code").inner_text()
        code = App(secret).code()
        phone.get_by_label(re.compile("code", re.IGNORECASE)).fill(code)
        phone.get_by_role("button", name="Add the app").click()
        expect(phone.get_by_role("heading", name="Recovery codes")).to_be_visible()
        phone.goto("/mine/")
        expect(phone.get_by_role("heading", name="Your record")).to_be_visible()
