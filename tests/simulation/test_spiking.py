"""Spiking drivers are the rate drivers with the tone of a table; nothing else differs."""

import numpy as np
import pytest

from myotome.case import read_case
from myotome.errors import UnknownName
from myotome.simulation import simulate, spiking, tone_table
from myotome.simulation.tone_table import ACTIVITIES, ToneTable


def _table(rest, contracted=None):
    """A table whose rates depend on the projection rate alone."""
    shape = (len(ACTIVITIES), tone_table.PROJECTION.size, tone_table.THRESHOLD.size, 3)
    rates = np.zeros(shape) + np.asarray(rest)[None, :, None, None]
    if contracted is not None:
        rates[ACTIVITIES.index("after_contraction")] = np.asarray(contracted)[:, None, None]
    none = np.zeros(len(ACTIVITIES))
    return ToneTable(rates, 0.01 * rates, none, none)


@pytest.fixture
def case():
    return read_case("examples/fessler-c6-left.toml")


def _run(case, monkeypatch, table):
    monkeypatch.setattr(tone_table, "tone_table", lambda *_, **__: table)
    monkeypatch.setattr(spiking.SpikingDrivers, "__init__", _with(table))
    return simulate(case, weeks=2.0, fidelity="spiking")


def _with(table):
    before = spiking.SpikingDrivers.__init__

    def made(self, *args, **kwargs):
        kwargs.setdefault("table", table)
        before(self, *args, **kwargs)

    return made


def test_a_silent_table_leaves_every_muscle_without_tone(case, monkeypatch):
    course = _run(case, monkeypatch, _table(np.zeros(tone_table.PROJECTION.size)))

    assert course.fidelity == "spiking"
    assert course.values["tone"].max() == 0.0


def test_tone_is_what_the_table_says(case, monkeypatch):
    course = _run(case, monkeypatch, _table(np.full(tone_table.PROJECTION.size, 5.0)))

    assert course.values["tone"][0, :, 0].max() == pytest.approx(5.0, rel=0.2)


def test_what_only_a_contraction_sets_off_is_not_set_off_by_walking(case, monkeypatch):
    size = tone_table.PROJECTION.size
    course = _run(case, monkeypatch, _table(np.zeros(size), np.full(size, 5.0)))

    assert course.values["tone"].max() == 0.0


def test_the_course_says_that_it_was_read_and_how_far_off(case, monkeypatch):
    course = _run(case, monkeypatch, _table(np.zeros(tone_table.PROJECTION.size)))

    assert any("spiking pools" in sentence for sentence in course.taken_instead)


def test_an_unknown_fidelity_is_refused(case):
    with pytest.raises(UnknownName, match="No fidelity 'spikey'"):
        simulate(case, fidelity="spikey")
