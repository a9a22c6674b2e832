"""The landscape keeps its laws: rest is rest, no cause no chronic state, a cut circle no gain."""

import json
from dataclasses import replace

import numpy as np
import pytest

from myotome.atlas import Root, atlas
from myotome.errors import InputError, UnknownName
from myotome.report.landscape_page import (
    LABEL,
    LABEL_LINES,
    findings,
    landscape_page,
    print_landscape,
)
from myotome.simulation.advance import advanced
from myotome.simulation.drivers import resting
from myotome.simulation.landscape import (
    LINKS,
    LOOPS,
    Held,
    System,
    between,
    circle_links,
    discharge_of,
    dose_crosses,
    each,
    edges_of_loops,
    falls_to_chronic,
    gain_at_rest,
    horn_levels,
    landscape_of,
    loop_gains,
    started,
    taken,
)
from myotome.simulation.mechanism import Mechanism
from myotome.simulation.onset import beginning
from myotome.simulation.preparation import Preparation
from myotome.simulation.rivals import RIVALS
from myotome.simulation.schedule import Schedule
from myotome.simulation.terrain.system import lasting

pytestmark = pytest.mark.validation  # it looks for every place where a whole person may rest
START = beginning(5.0, 26.0)


@pytest.fixture(scope="module")
def preparation():
    """One root and the paraspinal that squeezes it: the circle and nothing else."""
    return Preparation(
        (Root("C6", "left"),),
        (atlas().site("multifidus_cervicalis", "left", "C6"),),
        np.ones((1, 1)),
        np.ones((1, 1)),
    )


@pytest.fixture(scope="module")
def result(preparation):
    return landscape_of(preparation, Schedule(), START, case_id="toy", title="A toy & more")


@pytest.fixture(scope="module")
def view(preparation):
    return System(lasting(Mechanism()), preparation, RIVALS["segmental_root"])


@pytest.fixture(scope="module")
def inside(result):
    """A cause with two stable states."""
    found = result.loops("all").intervals[0]
    return 0.5 * (found.low_mm + found.high_mm)


@pytest.fixture(scope="module")
def ends(view, inside):
    """Both rests under it."""
    causes = np.array([inside, inside])
    return view.rest(started(view.healthy(causes), np.array([False, True])))


def test_every_stable_state_stays_where_it_is(result):
    assert result.states
    assert all(state.drift < 1e-6 for state in result.states)


def test_what_rests_is_fixed_under_the_laws_of_the_course(view, ends):
    state, _ = ends
    idle = resting(view.preparation, 2)

    later = advanced(
        view.mechanism, view.preparation, view.habit(2), state, view.at(state), idle, 1.0
    )

    each(lambda a, b: np.testing.assert_allclose(b, a, atol=1e-6), state, later)


def test_without_a_cause_there_is_only_the_well_state(view):
    causes = np.zeros(2)

    _, now = view.rest(started(view.healthy(causes), np.array([False, True])))

    assert np.all(now.pain < 0.1)
    assert np.all(discharge_of(view.preparation, now) < 0.05)
    np.testing.assert_allclose(now.force[0], now.force[1], atol=1e-9)


def test_two_states_are_held_by_the_motoneuron_and_widened_by_the_circle(result):
    # Measured at the central numbers, not assumed: see docs/explanation/landscape.md.
    assert result.loops("motoneuron").width_mm == pytest.approx(0.153, abs=0.01)
    assert result.loops("without_circle").width_mm == pytest.approx(0.324, abs=0.01)
    assert result.loops("all").width_mm == pytest.approx(0.514, abs=0.01)
    assert not result.loops("circle").is_bistable
    assert not result.loops("without_motoneuron").is_bistable
    assert not result.loops("horn").is_bistable
    assert result.credit_mm == pytest.approx(0.190, abs=0.015)


def test_a_motoneuron_without_memory_leaves_one_stable_state(view, preparation):
    numb = lasting(Mechanism().with_values({"drive": {"persistent_current": 0.2}}))
    one = System(numb, preparation, view.rival)

    assert edges_of_loops(one, ("all",)) == [()]


def test_a_pool_that_holds_on_without_input_is_said_to_need_no_cause(preparation, view, result):
    # The upper end of the declared range: the threshold lies closer than the hysteresis is wide.
    stubborn = view.mechanism.with_values({"drive": {"persistent_current": 2.0}})
    (found,) = edges_of_loops(System(stubborn, preparation, view.rival), ("all",))
    every = replace(result.loops("all"), intervals=found)

    said = findings(replace(result, alone=(*result.alone[:-1], every)))

    assert found[0].low_mm == 0.0
    assert any("no cause at all" in sentence for sentence in said)


def test_a_single_stable_state_is_reported_as_such(preparation):
    numb = Mechanism().with_values({"drive": {"persistent_current": 0.2}})

    found = landscape_of(preparation, Schedule(), START, mechanism=numb)

    assert not found.is_bistable
    assert not found.is_bistable_here
    assert found.doses == ()
    assert found.separatrix == ()
    assert "one way only" in landscape_page(found)
    assert any("no valley" in sentence for sentence in findings(found))


def test_cutting_the_circle_gives_no_loop_gain(preparation, view, ends):
    open_ = System(view.mechanism, preparation, RIVALS["no_circle"])
    weak = view.mechanism.with_values({"segment": {"paraspinal_maximum_force": 1e-9}})
    powerless = System(weak, preparation, view.rival)

    for cut in (open_, powerless):
        state, now = cut.rest(ends[0], cycles=2)
        assert all(
            gain.product == pytest.approx(0.0, abs=1e-9) for gain in loop_gains(cut, state, now)
        )
    # A pull that does not reach the foramen still wears the disc; only one without force does not.
    assert gain_at_rest(powerless, state) == pytest.approx((0.0, 0.0), abs=1e-9)


def test_the_links_multiply_to_the_answer_of_one_whole_turn(view, ends):
    # Over hours, with conduction and touch cut, the seven links are the only way round.
    plain = view.mechanism.with_values(
        {"root": {"largest_block": 1e-12, "ectopic_touch_share": 1e-12}}
    )
    same = System(plain, view.preparation, view.rival)
    state, now = same.rest(ends[0])
    gain = np.prod(np.stack(list(circle_links(same, state, now).values())), axis=0)
    push = 1e-3

    def turned(by):
        moved = replace(state, fast=replace(state.fast, force=state.fast.force + by))
        return same.at(moved).force[:, 0]

    whole = (turned(push) - turned(-push)) / (2.0 * push)
    # Guarding answers the discharge too, and pulls the other way: a side path of the joint.
    np.testing.assert_allclose(whole, gain, atol=4e-3)
    assert tuple(circle_links(same, state, now)) == LINKS


def test_the_separatrix_separates(view, result):
    found = next(item for item in result.separatrix if item.sustained is not None)
    causes = np.full(2, found.cause_mm)
    both, _ = view.rest(started(view.healthy(causes), np.array([False, True])))
    well, chronic = taken(both, np.array([0])), taken(both, np.array([1]))
    nudged = np.array([[found.sustained - 0.01, found.sustained + 0.01]])

    below, above = falls_to_chronic(view, well, chronic, nudged, sustained=True)[0]

    assert below < 0.1
    assert above > 0.4


def test_between_two_states_lie_their_ends(ends):
    state, _ = ends
    well, chronic = taken(state, np.array([0])), taken(state, np.array([1]))

    np.testing.assert_allclose(
        between(well, chronic, np.ones((1, 1))).sarcomeres, chronic.sarcomeres
    )
    np.testing.assert_allclose(between(well, chronic, np.zeros((1, 1))).sarcomeres, well.sarcomeres)


def test_more_needling_never_crosses_less_inside_the_range(view, inside):
    crossed = dose_crosses(view, np.array([True]), np.array([inside]), (1, 4, 16), (1, 4))[0]

    assert (np.diff(crossed.astype(int), axis=0) >= 0).all()
    assert (np.diff(crossed.astype(int), axis=1) >= 0).all()
    assert crossed.any()


def test_above_the_range_every_start_ends_in_spasm(view, result):
    above = np.full(2, result.loops("all").intervals[0].high_mm + 0.2)

    _, now = view.rest(started(view.healthy(above), np.array([False, True])))

    assert np.ptp(discharge_of(view.preparation, now)) < 1e-6
    assert discharge_of(view.preparation, now).min() > 0.4


def test_pain_at_rest_grows_with_the_cause(result):
    for branch in result.branches:
        assert np.all(np.diff(branch.pain) > -1e-3)


def test_the_chronic_start_never_ends_better_than_the_well_one(result):
    well, chronic = result.branches

    assert np.all(np.array(chronic.pain) >= np.array(well.pain) - 1e-3)


def test_a_pull_that_is_held_does_not_answer(view, ends):
    state, _ = ends
    pull = state.fast.force + 0.01

    moved, _ = view.rest(state, Held(pull=pull), cycles=1)

    assert np.all(np.isfinite(moved.sarcomeres))
    assert np.all(view.at(moved, Held(pull=pull)).root.foramen < view.at(state).root.foramen)


def test_the_horn_alone_has_one_level_of_sensitisation(view):
    assert [len(horn_levels(view.mechanism, cause)) for cause in (0.0, 4.0, 5.0, 8.0)] == [1] * 4


def test_the_same_question_has_the_same_answer(view, result):
    again = edges_of_loops(view, ("all",))[0]

    assert again == result.loops("all").intervals
    assert json.loads(json.dumps(result.to_dict()))["credit_mm"] == result.credit_mm


def test_it_needs_pain(preparation):
    with pytest.raises(InputError, match="pain must be above 0"):
        landscape_of(preparation, Schedule(), beginning(0.0, 4.0))


def test_it_names_the_parameters_that_can_be_varied(preparation):
    with pytest.raises(UnknownName, match="persistent_currant"):
        landscape_of(preparation, Schedule(), START, second=("drive", "persistent_currant"))


def test_every_choice_of_loops_is_reported(result):
    assert tuple(item.name for item in result.alone) == tuple(LOOPS)


def test_the_page_stands_alone_and_says_what_it_is(result):
    page = landscape_page(result, version="9", command="myotome landscape toy.toml")

    pictures = page.count('class="scape"')
    assert pictures >= 4
    assert all(page.count(f">{line}</text>") == pictures for line in LABEL_LINES)
    assert page.count("<title id=") == page.count("<desc id=") == pictures
    assert "style=" not in page
    assert "A toy &amp; more" in page
    assert 'src="http' not in page


def test_the_terminal_says_the_same_first_sentence(result, capsys):
    print_landscape(result)

    said = " ".join(capsys.readouterr().out.split())
    assert "can rest in two ways" in said
    assert LABEL in said
