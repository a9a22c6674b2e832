"""The first rooms open without the heavy libraries, and what loads late is there when asked for."""

import json
import subprocess
import sys
from importlib import import_module

import pytest

HEAVY = {"xarray", "scipy", "matplotlib", "jinja2", "pydantic", "django", "pandas", "dask"}


def _loaded_by(statement: str) -> set[str]:
    """Top-level modules that a fresh process holds after one statement."""
    program = f"{statement}; import json, sys; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True, timeout=60
    )
    return {name.partition(".")[0] for name in json.loads(done.stdout)}


@pytest.mark.parametrize("room", ["myotome", "myotome.atlas", "myotome.examination"])
def test_a_light_room_loads_no_heavy_library(room):
    assert not HEAVY & _loaded_by(f"import {room}")


def test_the_atlas_answers_on_the_standard_library_alone():
    question = "from myotome.atlas import atlas; atlas().muscles_of_root('C6')"
    loaded = _loaded_by(question)
    assert not {"numpy", "typer", "rich", *HEAVY} & loaded


def test_the_package_itself_loads_no_room():
    loaded = subprocess.run(
        [sys.executable, "-c", "import sys, myotome; print(*sys.modules)"],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    ).stdout.split()
    assert [name for name in loaded if name.startswith("myotome.")] == []


def test_reading_a_case_loads_no_plan():
    loaded = subprocess.run(
        [sys.executable, "-c", "import sys, myotome.case; print(*sys.modules)"],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    ).stdout.split()
    assert "myotome.treatment.screening" in loaded
    assert "myotome.treatment.planning" not in loaded


@pytest.mark.parametrize("room", ["myotome", "myotome.simulation", "myotome.treatment"])
def test_every_name_of_a_room_that_loads_late_is_there(room):
    opened = import_module(room)
    assert [name for name in opened.__all__ if not hasattr(opened, name)] == []
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        opened.nothing  # noqa: B018 - asking is the test
