"""Fixtures of booking: a furnished clinic, in a database in which commits are real or not."""

import sys
from pathlib import Path

import pytest

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
