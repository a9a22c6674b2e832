"""One comparison for all tests of the room: it takes about ten seconds."""

import pytest

from myotome.validation import validate


@pytest.fixture(scope="session")
def results():
    return validate()
