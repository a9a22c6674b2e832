"""A visit to examine in."""

import pytest
from conftest import BY

from clinic.records import actions as records


@pytest.fixture
def visit(cast):
    return records.start_visit(cast.patient, staff=cast.caring, site=cast.main, kind="first", by=BY)
