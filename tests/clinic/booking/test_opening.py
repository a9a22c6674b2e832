"""Free times are exactly those that trying each second would find."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from clinic.booking.opening import (
    Length,
    free_starts,
    hindered,
    hindered_by_all,
    joined,
    shared,
    without,
)

spans = st.lists(
    st.tuples(st.integers(0, 60), st.integers(1, 20)).map(lambda pair: (pair[0], sum(pair))),
    max_size=5,
)
lengths = st.builds(Length, st.integers(1, 12), st.integers(0, 4), st.integers(0, 4))


def seconds(rows):
    return {second for begins, ends in rows for second in range(begins, ends)}


@given(spans, spans)
def test_what_is_left_are_the_seconds_of_one_and_not_of_the_other(windows, away):
    assert seconds(without(windows, away)) == seconds(windows) - seconds(away)


@given(spans, spans)
def test_what_is_shared_are_the_seconds_of_both(one, other):
    assert seconds(shared(joined(one), joined(other))) == seconds(one) & seconds(other)


@given(spans)
def test_joined_spans_are_the_same_seconds_apart_and_in_order(rows):
    found = joined(rows)

    assert seconds(found) == seconds(rows)
    assert all(one[1] < other[0] for one, other in itertools.pairwise(found))


def is_free(taken, begins, ends):
    return not any(first < ends and begins < last for first, last in taken)


@given(
    st.tuples(st.integers(0, 30), st.integers(1, 50)).map(lambda pair: (pair[0], sum(pair))),
    lengths,
    st.integers(1, 9),
    st.integers(0, 40),
    spans,
    st.lists(spans, max_size=3),
)
def test_starts_are_those_that_trying_each_finds(window, length, step, earliest, own, rooms):
    expected = [
        start
        for start in range(window[0], window[1] - length.visit + 1, step)
        if start >= earliest
        and is_free(own, start - length.before, start + length.visit + length.after)
        and any(
            is_free(room, start - length.before, start + length.visit + length.after)
            for room in rooms
        )
    ]
    hindrances = joined(hindered(own, length) + hindered_by_all(rooms, length))

    assert expected == free_starts(
        [window], length, step=step, not_before=earliest, hindrances=hindrances
    )
