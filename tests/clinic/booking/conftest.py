"""Fixtures of booking: a furnished clinic, in a database in which commits are real or not."""

import socket
import sys
from dataclasses import replace
from email import message_from_bytes
from pathlib import Path
from types import SimpleNamespace

import pytest
from aiosmtpd.controller import Controller
from django.conf import settings

sys.path.append(str(Path(__file__).parent))  # behind the cast that all tests share

from furnishing import furnished


@pytest.fixture
def clinic(founded):
    """A clinic that can be booked, in the usual test database."""
    return furnished(founded.main)


@pytest.fixture
def real(committed_practice):
    """The same where commits are real, on each engine in turn."""
    made = furnished(committed_practice.site)
    made.engine, made.folder = committed_practice.engine, committed_practice.folder
    made.address = committed_practice.address
    return made


@pytest.fixture
def inbox(monkeypatch):
    """A mail server of our own, and the letters that it was handed."""
    letters = []

    async def handle_data(_server, _session, envelope):
        letters.append(message_from_bytes(envelope.content))
        return "250 OK"

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Controller(SimpleNamespace(handle_DATA=handle_data), hostname="127.0.0.1", port=port)
    server.start()
    here = replace(settings.PLACE, mail_server=f"smtp://127.0.0.1:{port}")
    monkeypatch.setattr(settings, "PLACE", here)
    yield SimpleNamespace(letters=letters)
    server.stop()
