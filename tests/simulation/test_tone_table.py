"""The tone table is measured once, read between its nodes, and says how far off it is."""

import numpy as np
import pytest

from myotome.simulation import moment, tone_table
from myotome.simulation.tone_table import ACTIVITIES, measured
from myotome.simulation.tone_table import tone_table as table_of


@pytest.fixture(autouse=True)
def few_nodes(monkeypatch, tmp_path):
    monkeypatch.setattr(tone_table, "PROJECTION", np.array([0.0, 30.0, 100.0]))
    monkeypatch.setattr(tone_table, "THRESHOLD", np.array([0.85, 1.25]))
    monkeypatch.setattr(tone_table, "ANGLE", np.array([-0.3, 0.3]))
    monkeypatch.setattr(tone_table, "_SECONDS", 1.4)
    monkeypatch.setattr(tone_table, "_RELAXING", 0.8)
    monkeypatch.setenv("MYOTOME_CACHE", str(tmp_path))
    tone_table._IN_MEMORY.clear()
    yield
    tone_table._IN_MEMORY.clear()


@pytest.fixture
def table():
    return measured(moment.Structures())


def test_reading_at_a_node_gives_what_was_measured_there(table):
    for activity, rates in zip(ACTIVITIES, table.rates, strict=True):
        read = table.read(activity, np.array(30.0), np.array(1.25), np.array(0.3))

        assert read.rate == pytest.approx(rates[1, 1, 1])


def test_between_two_nodes_lies_what_is_read(table):
    low, middle, high = (
        table.read("rest", np.array(p), np.array(0.85), np.array(0.0)).rate for p in (0, 15, 30)
    )

    assert min(low, high) <= middle <= max(low, high)


def test_beyond_the_ends_the_last_node_is_read(table):
    far = table.read("rest", np.array(500.0), np.array(9.0), np.array(-2.0))

    assert far.rate == table.rates[0, -1, -1, 0]


def test_more_pain_and_a_lower_threshold_bring_more_tone(table):
    rest = table.rates[ACTIVITIES.index("rest")]

    assert (np.diff(rest, axis=0) >= 0.0).all()
    assert (np.diff(rest, axis=1) <= 0.0).all()
    assert rest[-1, 0].min() > 5.0


def test_a_walk_or_a_contraction_is_over_when_its_tone_is_read(table):
    walked, contracted = (table.rates[index, 0, 1].max() for index in (1, 2))

    # While it walks or contracts this pool fires at 10 Hz and more.
    assert max(walked, contracted) < 3.0


def test_a_rested_pool_without_pain_is_silent(table):
    """Where its muscle is not stretched: there spindles hold some tone."""
    assert table.rates[ACTIVITIES.index("rest"), 0, 1, 1] == 0.0


def test_the_error_is_what_reading_misses_at_points_held_out(table):
    assert table.rate_error.shape == (len(ACTIVITIES),)
    assert (table.rate_error > 0.0).all()
    # Three nodes of projection rate are far apart.
    assert table.rate_error.max() < 8.0


def test_a_table_is_kept_and_read_back_to_the_bit(tmp_path):
    first = table_of(threads=1)
    tone_table._IN_MEMORY.clear()
    told = []
    again = table_of(threads=1, progress=told.append)

    assert len(list(tmp_path.glob("tone-*.npz"))) == 1
    assert told == []
    assert np.array_equal(first.rates, again.rates)
    assert np.array_equal(first.rate_error, again.rate_error)


def test_other_parameters_have_a_table_of_their_own(tmp_path):
    table_of(threads=1)
    table_of(moment.Structures().with_values(wiring={"pain_events": 0.3}), threads=1)

    assert len(list(tmp_path.glob("tone-*.npz"))) == 2


def test_a_broken_file_is_measured_anew(tmp_path):
    whole = table_of(threads=1)
    tone_table._IN_MEMORY.clear()
    (path,) = tmp_path.glob("tone-*.npz")
    path.write_bytes(b"broken")

    again = table_of(threads=1)

    assert np.array_equal(whole.rates, again.rates)


def test_a_cache_that_cannot_be_written_costs_only_time(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("MYOTOME_CACHE", str(tmp_path / "file"))

    assert table_of(threads=1).rates.shape == (3, 3, 2, 2)


def test_threads_change_no_bit(table):
    assert np.array_equal(table.rates, measured(moment.Structures(), threads=3).rates)


@pytest.mark.parametrize("share", [0.3, 0.7])
def test_an_interruption_keeps_no_table_of_what_there_was(tmp_path, share):
    def stopped(done):
        if done >= share:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        table_of(threads=1, progress=stopped)

    assert not list(tmp_path.iterdir())
    assert not tone_table._IN_MEMORY
