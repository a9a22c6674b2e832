"""The results that the command printed, as results again: one comparison for the whole suite."""

import pytest

from myotome.validation import Result, published


@pytest.fixture(scope="session")
def results(validated):
    listed, _code = validated
    model = {each["id"]: each["model"] for each in listed}
    assert len(model) == len(listed)
    numbers = {name: float("nan") if value is None else value for name, value in model.items()}
    return tuple(Result(row, numbers[row.id]) for row in published())
