"""Who fits a need: by words that say something, whole, and by the parts that they mean."""

import pytest

from clinic.booking.needs import EMPTY, MEANS, asked, fits

NECK, BACK, HANDS = "Neck and head", "Neck, shoulder, low back, leg", "Hands, elbow"
ALL = (NECK, BACK, HANDS)


@pytest.mark.parametrize(
    ("need", "found"),
    [
        ("pain in my neck", [NECK, BACK]),
        ("a headache", [NECK, BACK]),
        ("Headaches for years", [NECK, BACK]),
        ("sciatica", [BACK]),
        ("SHOULDERS", [BACK]),
        ("my hand hurts", [HANDS]),
        ("tennis-elbow, left side", [HANDS]),
        ("low energy", []),
        ("egg", []),
        ("an", []),
    ],
)
def test_who_fits_lists_a_word_of_the_need_or_what_it_means(need, found):
    assert [treats for treats in ALL if fits(asked(need), treats)] == found


@pytest.mark.parametrize("need", ["", "pain", "in my", "It hurts so much on the left side", "12 3"])
def test_words_that_everybody_writes_say_nothing(need):
    assert asked(need) == set()


def test_what_a_word_means_is_no_empty_word():
    for word, parts in MEANS.items():
        assert not EMPTY & {word, *parts.split()}, word
        assert len(asked(word)) > 1, word
