from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from myotome.atlas import atlas
from myotome.treatment import Practice, is_over_chest
from myotome.treatment.practice import DEFAULT
from myotome.treatment.visits import spread

SITES = [
    atlas().site(name, side)
    for name in ("rhomboideus_major", "infraspinatus", "soleus", "biceps_brachii", "gracilis")
    for side in ("left", "right")
]
practices = st.builds(
    Practice,
    sites_first_visit=st.integers(1, 8),
    sites_later=st.integers(1, 8),
    insertions_first_visit=st.integers(3, 9),
    insertions_session=st.integers(3, 9),
)


def test_the_likelier_roots_sites_come_first() -> None:
    first, second = atlas().site("soleus", "left"), atlas().site("soleus", "right")

    turn = spread([(second, 1), (first, 0)], 1, Practice(sites_first_visit=1), first_visit=True)

    assert turn == {first: 1, second: 2}


def test_the_other_side_of_the_chest_waits() -> None:
    left, right = SITES[0], SITES[1]

    assert spread([(left, 0), (right, 0)], 1, DEFAULT, first_visit=False) == {left: 1, right: 2}


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(SITES), unique=True),
    practices,
    st.integers(1, 3),
    st.booleans(),
)
def test_no_visit_holds_too_much_or_both_sides_of_the_chest(sites, practice, insertions, first):
    turn = spread([(site, 0) for site in sites], insertions, practice, first_visit=first)

    assert set(turn) == set(sites)
    for number in set(turn.values()):
        visit = [site for site in sites if turn[site] == number]
        is_first = first and number == 1
        assert len(visit) <= practice.sites_in(first_visit=is_first)
        assert len(visit) * insertions <= practice.insertions_in(first_visit=is_first)
        assert len({site.side for site in visit if is_over_chest(site)}) < 2
