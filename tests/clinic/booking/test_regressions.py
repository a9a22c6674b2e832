"""Each bug that other booking systems had, by its number, has a test of ours that says so.

The numbers are those of a list of threads read before this was built: 1 to 12 double bookings, 13
to 21 clocks. Numbers that are left out were no bug of booking.
"""

import pytest
import test_calendar
import test_known_bugs
import test_retz

OF = {
    1: "two customers click at once",
    2: '"any provider" picks the same one',
    3: "two pending requests are both confirmed",
    4: "a recurring series skips the check",
    5: "a race makes two sessions of one",
    6: "a hold is ignored when booking",
    8: "a duplicate on a double click or a second sending",
    9: "the same person with two practitioners at one time",
    11: "two tabs pass the most that one may have",
    12: "an edit by staff overlaps silently",
    13: "a booking after the switch lands an hour off",
    14: "a visible time cannot be booked after the switch",
    15: "the offset of now is used for a future date",
    17: "a recurring series drifts after the switch",
    18: "changing the displayed zone and back shifts the times",
    20: "floating times are read as UTC",
    21: "the rules of a zone change under stored future bookings",
}


def _tests_that_name(number):
    return [
        name
        for module in (test_known_bugs, test_calendar, test_retz)
        for name, found in vars(module).items()
        if name.startswith("test_") and (found.__doc__ or "").startswith(f"No. {number}: ")
    ]


@pytest.mark.parametrize("number", OF, ids=lambda number: f"{number}: {OF[number]}")
def test_each_known_bug_has_a_test_of_its_own(number):
    (name,) = _tests_that_name(number)
    module = next(one for one in (test_known_bugs, test_calendar, test_retz) if name in vars(one))
    assert OF[number] in vars(module)[name].__doc__
