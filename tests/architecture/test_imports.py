"""The first rooms open without the heavy libraries."""

import json
import subprocess
import sys

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
