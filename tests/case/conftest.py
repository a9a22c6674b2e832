"""A small case as text, and a way to spoil one line of it."""

from collections.abc import Callable

import pytest

from myotome.case import parse_case
from myotome.errors import InputError

CASE = """\
# A made-up case for tests.
[case]
format = 1
id = "made-up"
title = "Made up"
source = "These tests"

[person]
age_years = 45       # at the first visit
height_m = 1.70

[[finding]]
sign = "tender_motor_point"
site = "infraspinatus"
side = "right"
grade = 2
week = 0

[[finding]]
sign = "weakness"
site = "triceps_brachii"
side = "right"
value = 4
unit = "mrc"
week = 0

[[treatment]]
week = 1
kind = "needling"
sites = [{ site = "multifidus_lumborum", level = "L5", side = "right" }]
gauge_mm = 0.3

[[outcome]]
week = 6
measure = "nprs"
value = 2
"""


@pytest.fixture
def text() -> str:
    return CASE


@pytest.fixture
def refused() -> Callable[[str, str], InputError]:
    """The error that the case gives with one piece of its text replaced by another."""

    def spoil(old: str, new: str) -> InputError:
        assert CASE.count(old) == 1, old
        with pytest.raises(InputError) as caught:
            parse_case(CASE.replace(old, new), "made-up.toml")
        return caught.value

    return spoil
