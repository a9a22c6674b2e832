"""Days as people write them: one reader for a birthday and for the answers of a form."""

import re
from datetime import date

import pytest

from clinic.written_days import read_day


def test_a_date_may_be_written_as_people_do():
    for month in ("3", "03", "mar", "Mar.", "mär", "March", "MARCH"):
        assert read_day(" 9 ", month, "1984", example="9 March 1984") == date(1984, 3, 9)
    for wrong in ("ma", "13", "x", "junio"):
        with pytest.raises(ValueError, match="real date"):
            read_day("9", wrong, "1984", example="9 March 1984")


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        (("", "3", "1984"), "It must include a day, such as 9 March 1984."),
        (("9", " ", "1984"), "It must include a month, such as 9 March 1984."),
        (("9", "3", "84"), "The year must have four digits. You entered '84'."),
        (("31", "2", "1984"), "such as 9 March 1984. You entered '31 2 1984'."),
        (("1_0", "3", "1984"), "You entered '1_0 3 1984'."),
        (("9", "9" * 11, "1984"), f"You entered '9 {'9' * 11} 1984'."),
    ],
)
def test_what_is_wrong_with_a_date_is_said_with_what_was_entered(parts, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        read_day(*parts, example="9 March 1984")
