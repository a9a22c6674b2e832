import os
import signal
import subprocess
import sys
import textwrap
import time

import numpy as np
import pytest

from myotome.atlas import atlas
from myotome.errors import CannotWrite, InputError
from myotome.physiology.musculotendon_motion import SHORTEST_TENDON
from myotome.simulation.moment import hold, of_muscle, run, standard
from myotome.simulation.moment.architecture import architecture_of
from myotome.simulation.moment.recording import Recorder

DRIVE = [hold("voluntary", 0.5, 0, 100)]
RECORD = ("tendon_force", "emg")


def test_progress_never_goes_back_and_ends_at_one():
    seen = []

    run(standard(), seconds=2.2, record=(), progress=seen.append)

    assert len(seen) >= 4
    assert seen == sorted(set(seen))
    assert seen[-1] == 1.0


def test_every_muscle_of_the_atlas_can_be_run():
    built = {name: architecture_of(name) for name in atlas().muscles}
    assert {
        name for name, one in built.items() if one.tendon_slack_length < SHORTEST_TENDON
    } == set()
    # Its tendon is a fiftieth of its fibres.
    chest = of_muscle("pectoralis_major_clavicularis", units=12)

    found = run(chest, DRIVE, seconds=0.5, record=("tendon_force",))

    assert found["tendon_force"][-1, 0, 0] > 0.1


def interrupted_at(share):
    def watch(done):
        if done >= share:
            raise KeyboardInterrupt

    return watch


@pytest.mark.parametrize("limit_bytes", [2**30, 0])
def test_an_interrupted_run_keeps_what_was_there(limit_bytes):
    whole = run(standard(), DRIVE, seconds=1, record=RECORD)

    part = run(
        standard(), DRIVE, seconds=1, record=RECORD, limit_bytes=limit_bytes,
        progress=interrupted_at(0.5), keep_stopped=True,
    )  # fmt: skip

    assert part.was_stopped
    assert (part.seconds, part.asked_seconds) == (0.5, 1.0)
    assert part.time[-1] == 0.5
    before = whole.spikes.millisecond < 500
    np.testing.assert_array_equal(part.spikes.unit, whole.spikes.unit[before])
    for name in RECORD:
        np.testing.assert_array_equal(part[name], whole[name][:500])
    assert part.dataset().attrs["was_stopped"] == 1


def test_a_chunk_that_was_half_kept_does_not_count(monkeypatch):
    taken, chunks = Recorder.take, []

    def interrupted(recorder, length, channels, spikes):
        chunks.append(length)
        if len(chunks) == 3:
            recorder._channels["tendon_force"].append(channels["tendon_force"])
            raise KeyboardInterrupt
        taken(recorder, length, channels, spikes)

    monkeypatch.setattr(Recorder, "take", interrupted)

    part = run(standard(), DRIVE, seconds=1.4, record=RECORD, keep_stopped=True)

    assert part.seconds == sum(chunks[:2]) / 1000
    assert {len(part[name]) for name in RECORD} == {sum(chunks[:2])}
    assert part.spikes.millisecond.max() < sum(chunks[:2])


def test_an_interruption_before_anything_was_kept_goes_on(monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(Recorder, "take", interrupted)

    with pytest.raises(KeyboardInterrupt):
        run(standard(), seconds=1, keep_stopped=True)


def test_nothing_is_read_from_half_a_run_that_nobody_wished_for(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    with pytest.raises(KeyboardInterrupt):
        run(standard(), seconds=1, limit_bytes=0, progress=interrupted_at(0.5))

    assert not list(tmp_path.iterdir())


def test_ctrl_c_ends_a_run_of_an_hour_with_what_there_is(tmp_path):
    program = """
        import signal
        from myotome.simulation.moment import hold, run, standard
        signal.signal(signal.SIGINT, signal.default_int_handler)  # which a shell's "&" takes away
        print("begun", flush=True)
        found = run(standard(people=20), [hold("voluntary", 0.5, 0, 3600)], seconds=3600,
                    record=("tendon_force",), progress=lambda share: print(share, flush=True),
                    keep_stopped=True)
        assert found.recorder.on_disk
        assert len(found["tendon_force"]) == round(1000 * found.seconds) > 0
        print("stopped" if found.was_stopped else "whole", flush=True)
    """
    place = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program)], stdout=subprocess.PIPE, text=True,
        env=place,
    ) as process:  # fmt: skip
        assert process.stdout.readline() == "begun\n"
        assert 0 < float(process.stdout.readline()) < 0.1
        assert list(tmp_path.glob("myotome-*/tendon_force.raw"))

        sent = time.monotonic()
        process.send_signal(signal.SIGINT)
        lines = process.stdout.read().splitlines()

    assert lines[-1] == "stopped"
    assert process.returncode == 0
    assert time.monotonic() - sent < 20  # the run would last an hour
    assert not list(tmp_path.iterdir())


def test_memory_stays_bounded_however_long_a_run_is(tmp_path):
    program = """
        import resource, sys
        from myotome.simulation.moment import CHANNELS, Train, hold, run, standard
        def highest():
            return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        def lived(seconds):
            stimuli = [hold("voluntary", 1.0, 0, seconds), Train("shock", 1.5, 40, 0, seconds)]
            with run(standard(units=20), stimuli, seconds=seconds, step_ms=1.0,
                     scheme="backward_euler", limit_bytes=100_000,
                     record=tuple(CHANNELS)) as found:
                assert seconds == 1 or found.recorder.on_disk
                return found.spikes.unit.size
        lived(1)
        before = highest()
        spikes = lived(float(sys.argv[1]))
        print(spikes, highest() - before)
    """
    place = {**os.environ, "TMPDIR": str(tmp_path)}

    printed = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program), "300"], stdout=subprocess.PIPE,
        text=True, check=True, env=place,
    ).stdout.split()  # fmt: skip

    spikes, grown_mib = int(printed[0]), float(printed[1])
    # Kept in memory, the channels alone would be 41 MiB.
    assert spikes > 20_000
    assert grown_mib < 8.0
    assert not list(tmp_path.iterdir())


def files_in(folder):
    return sorted(path.name for path in folder.glob("myotome-*/*"))


@pytest.fixture
def scratch(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def test_what_lies_on_disk_reads_the_same(scratch, tmp_path_factory):
    in_memory = run(standard(), DRIVE, seconds=0.6, record=RECORD)
    on_disk = run(standard(), DRIVE, seconds=0.6, record=RECORD, limit_bytes=0)

    assert (in_memory.recorder.on_disk, on_disk.recorder.on_disk) == (False, True)
    assert "tendon_force.raw" in files_in(scratch)
    for name in RECORD:
        np.testing.assert_array_equal(in_memory[name], on_disk[name])
    np.testing.assert_array_equal(in_memory.spikes.unit, on_disk.spikes.unit)
    assert in_memory.dataset().equals(on_disk.dataset())
    path = tmp_path_factory.mktemp("kept") / "moment.nc"
    on_disk.write(path)
    assert path.stat().st_size > 1000


def test_spikes_go_to_disk_by_themselves(scratch):
    found = run(standard(), DRIVE, seconds=1, record=(), limit_bytes=1000)

    assert files_in(scratch) == [
        "spike_millisecond.raw", "spike_muscle.raw", "spike_person.raw", "spike_unit.raw",
    ]  # fmt: skip
    whole = run(standard(), DRIVE, seconds=1, record=())
    np.testing.assert_array_equal(found.spikes.millisecond, whole.spikes.millisecond)
    np.testing.assert_array_equal(found.spikes.unit, whole.spikes.unit)


def test_files_go_when_a_run_is_closed(scratch):
    with run(standard(), seconds=0.1, limit_bytes=0) as found:
        force = found["tendon_force"]
        assert files_in(scratch)

    assert not list(scratch.iterdir())
    assert np.isfinite(force).all()
    with pytest.raises(InputError, match="must be read before it is closed"):
        found["tendon_force"]
    found.close()


def test_files_go_when_a_run_is_forgotten(scratch):
    found = run(standard(), seconds=0.1, limit_bytes=0)
    assert files_in(scratch)

    del found

    assert not list(scratch.iterdir())


def test_files_go_when_a_run_fails(scratch):
    def failing(_):
        raise RuntimeError

    with pytest.raises(RuntimeError):
        run(standard(), seconds=0.1, limit_bytes=0, progress=failing)

    assert not list(scratch.iterdir())


def test_a_full_disk_is_named(scratch, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("myotome.simulation.moment.recording.Path.open", full)

    with pytest.raises(
        CannotWrite, match=r"No space left on device\. Free some space, record less"
    ):
        run(standard(), seconds=0.1, limit_bytes=0)

    assert not list(scratch.iterdir())


def test_nothing_heavy_loads_before_it_is_used():
    program = """
        import sys
        import myotome
        assert "numpy" not in sys.modules
        import myotome.simulation
        heavy = {"xarray", "scipy", "h5py", "myotome._moment"} & set(sys.modules)
        assert not heavy, heavy
        assert "myotome.simulation.moment" not in sys.modules
        from myotome.simulation.moment import run, standard
        heavy = {"xarray", "scipy", "h5py", "myotome._moment"} & set(sys.modules)
        assert not heavy, heavy
        run(standard(), seconds=0.01)
        assert "xarray" not in sys.modules
    """

    subprocess.run([sys.executable, "-c", textwrap.dedent(program)], check=True)
