"""Ratios, shares and verdicts are what their words say."""

import pytest
from results import Kernel, ratio, read, share_of_limit, write
from targets import Verdict, verdicts


def test_a_ratio_is_taken_within_each_round(timing):
    ours, theirs = timing([1.0, 2.0, 1.0]), timing([10.0, 20.0, 30.0], "NEURON")

    found = ratio(ours, theirs)

    assert found.median == pytest.approx(10.0)
    assert found.best == pytest.approx(10.0)


def test_one_slow_round_of_the_machine_leaves_the_ratio(timing):
    even = ratio(timing([1.0] * 5), timing([10.0] * 5))
    slowed = ratio(timing([1.0, 1.0, 7.0, 1.0, 1.0]), timing([10.0, 10.0, 70.0, 10.0, 10.0]))

    assert slowed.median == pytest.approx(even.median)


def test_the_ratio_of_the_best_takes_each_programs_best_turn(timing):
    found = ratio(timing([2.0, 1.0]), timing([8.0, 12.0]))

    assert found.best == pytest.approx(8.0)
    assert found.median == pytest.approx((4.0 + 12.0) / 2)


def test_programs_with_unequal_turns_have_no_ratio(timing):
    with pytest.raises(ValueError, match="same number of turns, got 1 and 2"):
        ratio(timing([1.0]), timing([1.0, 2.0]))


def test_speed_counts_cells_and_simulated_seconds(timing):
    middle, best = timing([2.0, 1.0, 4.0]).speeds

    assert middle == pytest.approx(120 * 2.0 / 2.0)
    assert best == pytest.approx(120 * 2.0 / 1.0)


def test_a_kernel_that_issues_all_the_processor_can_has_reached_its_limit(timing):
    # 120 cells for 2 s in steps of 0.05 ms, sixteen at a time, 100 instructions each.
    issued = 120 / 16 * 40_000 * 100

    found = share_of_limit(timing([1.0, 3.0, 2.0]), [issued / 2, issued], Kernel(100, 30))

    assert found.best == pytest.approx(1.0)
    assert found.median == pytest.approx(0.5)


def test_two_threads_are_held_against_two_cores(timing):
    one, two = (share_of_limit(timing([1.0], threads=n), [1e9], Kernel(100, 0)) for n in (1, 2))

    assert two.median == pytest.approx(one.median / 2)


def test_loads_and_stores_raise_no_share(timing):
    few, many = (share_of_limit(timing([1.0]), [1e9], Kernel(100, n)) for n in (0, 500))

    assert few == many


@pytest.mark.parametrize(
    ("measured", "fewer", "word"),
    [
        (80.0, False, "aim met"),
        (50.0, False, "reach met"),
        (49.9, False, "NOT MET"),
        (80.1, True, "NOT MET"),
        (80.0, True, "reach met"),
        (50.0, True, "aim met"),
    ],
)
def test_a_verdict_says_where_the_measurement_stands(measured, fewer, word):
    low, high = (80.0, 50.0) if fewer else (50.0, 80.0)

    assert Verdict("it", measured, measured, low, high, "x", fewer).word == word


def test_every_promise_that_was_measured_has_a_verdict(results):
    found = {verdict.what: verdict.measured for verdict in verdicts(results)}

    assert found["One pool, one thread, float32: times NEURON"] == pytest.approx(100.0)
    assert found["64 pools, two threads, float32: times Brian2"] == pytest.approx(50.0)
    assert found["Reflex loop of one muscle, one core, step 0.05 ms"] == pytest.approx(2 / 0.009)
    assert found["Fresh process to the first simulated second, Myotome"] == pytest.approx(0.3)
    assert len(found) == 12 + 2 + 1 + 2 + 1


def test_a_cohort_in_double_precision_has_a_ratio_and_no_promise(results):
    found = [v for v in verdicts(results) if v.what.startswith("64 pools, two threads, float64")]

    assert [v.measured for v in found] == pytest.approx([100.0, 50.0, 50.0])
    assert {v.word for v in found} == {"nothing promised"}


def test_stored_results_are_read_as_they_were(results, tmp_path):
    write(tmp_path / "results.json", results)

    assert read(tmp_path / "results.json") == results
