"""What the whole suite shares: kernels built elsewhere, and what is made once for all workers."""

import fcntl
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings

# A slow machine is no fault of an example; in CI the profile of that name has no deadline either.
settings.register_profile("unhurried", deadline=None)
if "CI" not in os.environ:
    settings.load_profile("unhurried")

# Kernels from a folder of their own, where `make check-native` has built them with sanitizers.

if folder := os.environ.get("MYOTOME_KERNELS_FROM"):
    for name in ("_kernels", "_moment"):
        # No file, no test: a build that failed must not pass as one without kernels.
        (library,) = Path(folder).glob(f"{name}*.so")
        spec = importlib.util.spec_from_file_location(f"myotome.{name}", library)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        sys.modules[f"myotome.{name}"] = module


def pytest_collection_modifyitems(items):
    """Whatever asks for the whole validation is part of it; the default suite leaves it out."""
    for item in items:
        if "validated" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.validation)


@pytest.fixture(scope="session")
def once_a_run(tmp_path_factory):
    """`once_a_run(name, make)` is a folder that `make` filled, once for all workers of this run.

    Whoever comes second while it is made waits; when making it fails, the next one tries again.
    """
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own

    def made(name, make):
        at, unfinished = shared / name, shared / f"{name}.unfinished"
        with (shared / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not at.exists():
                shutil.rmtree(unfinished, ignore_errors=True)
                unfinished.mkdir()
                make(unfinished)
                unfinished.rename(at)
        return at

    return made


@pytest.fixture(scope="session")
def validated(once_a_run):
    """The rows that `myotome validate --json` printed, and its exit code: a minute's work, once."""

    def run(folder):
        command = Path(sys.executable).parent / "myotome"
        done = subprocess.run(
            [command, "validate", "--json"], capture_output=True, text=True, check=False
        )
        (folder / "printed.json").write_text(done.stdout, encoding="utf-8")
        (folder / "code").write_text(str(done.returncode))

    at = once_a_run("validated", run)
    printed = (at / "printed.json").read_text(encoding="utf-8")
    return json.loads(printed), int((at / "code").read_text())
