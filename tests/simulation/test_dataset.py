"""The dataset: labelled, with units, honest about itself, and read back equal."""

import subprocess
import sys

import numpy as np
import pytest

from myotome.case import Case
from myotome.errors import CannotWrite
from myotome.examination import finding
from myotome.simulation import ARMS, QUANTITIES, Event, Programme, Schedule, simulate
from myotome.simulation.dataset import (
    ILLUSTRATION,
    dataset_of,
    parameters_digest,
    schedule_words,
    write_netcdf,
)

xarray = pytest.importorskip("xarray")


@pytest.fixture(scope="module")
def course():
    elbow = finding("tender_motor_point", "brachioradialis", side="right", grade=2)
    return simulate(Case("a", findings=(elbow,)), weeks=2.0, draws=3)


def test_it_reads_back_equal(course, tmp_path):
    path = tmp_path / "course.nc"

    write_netcdf(course, path)

    with xarray.open_dataset(path, engine="h5netcdf") as read:
        xarray.testing.assert_identical(read.load(), dataset_of(course))


def test_every_quantity_has_its_unit_its_meaning_and_its_dimensions(course):
    dataset = dataset_of(course)

    for quantity in QUANTITIES:
        variable = dataset[quantity.name]
        assert variable.dims == ("draw", "arm", "time", quantity.of)
        assert variable.attrs["units"] == quantity.unit
        assert variable.attrs["long_name"] == quantity.meaning
        np.testing.assert_array_equal(variable.values, course.values[quantity.name])


def test_names_lead_to_the_numbers(course):
    dataset = dataset_of(course)
    muscle = course.preparation.labels[0]

    found = dataset["length"].sel(draw=0, arm="sham", muscle=muscle).isel(time=-1)

    assert float(found) == course.arm("sham", "length")[0, -1, 0]
    assert float(dataset["time"][-1]) == pytest.approx(2.0)
    assert tuple(dataset["arm"].values) == ARMS


def test_it_says_what_it_is_and_what_it_was_made_from(course):
    said = dataset_of(course).attrs

    assert said["comment"] == ILLUSTRATION
    assert said["seed"] == 1
    assert said["rival"] == "segmental_root"
    assert said["parameters_digest"] == parameters_digest()
    assert "5 of 10 was taken" in said["taken_instead"]
    assert said["atlas_version"]
    assert said["model_version"]


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(course, tmp_path, monkeypatch):
    path = tmp_path / "course.nc"
    path.write_bytes(b"old")

    def full(*_args, **_kwargs):
        raise OSError("no space left")

    monkeypatch.setattr(xarray.Dataset, "to_netcdf", full)

    with pytest.raises(CannotWrite, match="no space"):
        write_netcdf(course, path)
    assert path.read_bytes() == b"old"
    assert [item.name for item in tmp_path.iterdir()] == ["course.nc"]


def test_xarray_loads_only_when_a_dataset_is_asked_for():
    code = "import sys, myotome.simulation.dataset; print('xarray' in sys.modules)"

    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert said.stdout.strip() == "False"


def test_a_schedule_is_said_in_words_with_its_places_once(course):
    site = course.preparation.muscles[0]
    events = tuple(Event(7.0 * week, "needling", (site,)) for week in range(3))
    stretch = Programme(0.0, 14.0, "stretch", (site,), minutes_per_day=10.0)

    first, second = schedule_words(Schedule(events, (stretch,)))

    assert first.startswith("Needling weekly, weeks 0 to 2, at: ")
    assert first.endswith(", 2 insertions at each.")
    assert second == "Stretch from week 0 to 2 at the same place, 10 minutes a day."


def test_weeks_that_are_not_each_week_are_listed(course):
    site = course.preparation.muscles[0]
    events = tuple(Event(7.0 * week, "sham", (site,)) for week in (0, 2, 5))

    (said,) = schedule_words(Schedule(events))

    assert said.startswith("Sham in weeks 0, 2 and 5 at: ")


def test_nothing_done_is_nothing_said():
    assert schedule_words(Schedule()) == ()
