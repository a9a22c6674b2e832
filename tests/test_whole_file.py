"""A file is written whole or not at all, whatever writes it."""

import pytest

from myotome.errors import CannotWrite
from myotome.whole_file import write_text_whole, write_whole


def test_what_was_there_stays_until_the_new_file_is_whole(tmp_path):
    path = tmp_path / "course.nc"
    path.write_bytes(b"old")

    def half(part):
        part.write_bytes(b"ha")
        assert path.read_bytes() == b"old"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_whole(path, half)

    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_the_file_that_is_filled_has_the_ending_of_the_one_asked_for(tmp_path):
    seen = []

    write_whole(tmp_path / "course.nc", lambda part: seen.append(part.suffix))

    assert seen == [".nc"]


def test_a_folder_in_the_way_is_named_for_what_it_is(tmp_path):
    (tmp_path / "course.nc").mkdir()

    with pytest.raises(CannotWrite, match=r"course\.nc: a result must be a file, got a folder"):
        write_text_whole(tmp_path / "course.nc", "x")


def test_a_long_name_is_written_too(tmp_path):
    path = tmp_path / ("a" * 250)

    write_text_whole(path, "x")

    assert path.read_text(encoding="utf-8") == "x"
