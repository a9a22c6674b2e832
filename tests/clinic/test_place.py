"""The place: keys that are named must be there, and a clinic is never set up over another."""

import json
import stat

import pytest
from processes import environment, run

from clinic.place import DEFAULT_KEY, Keys, make_place, read_place
from myotome.errors import InputError

SETUP = ("--owner", "owner@clinic.test", "--name", "Test", "--time-zone", "Europe/London")


def test_a_key_file_that_is_named_and_missing_is_an_error(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_place(tmp_path, tmp_path / "elsewhere.json")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"site": "x", "audit": {}, "backup": {}}'])
def test_a_key_file_that_holds_no_keys_is_an_error(tmp_path, text):
    (tmp_path / "keys.json").write_text(text)

    with pytest.raises(InputError, match="must hold the keys"):
        read_place(tmp_path)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("quiet_until = 24", "a whole number from 0 to 23, got 24"),
        ("quiet_from = true", "a whole number from 0 to 23, got true"),
        ("quiet_from = -1", "got -1"),
        ('trusted_proxies = "1"', 'a whole number from 0 to 9, got "1"'),
        ('disk_is_encrypted = "yes"', "true or false"),
        ('mail_server = "mail.example"', "smtps://"),
        ('mail_server = "smtp://mail.example:port"', "smtps://"),
        ('mail_from = "the clinic"', "an email address"),
        ('database = "mysql://u@h/n"', "postgresql://"),
        ('database = "postgresql://u@h"', "postgresql://"),
        ('address = "clinic.example"', "https://clinic.example"),
        ('address = "https://clinic.example/"', "without a path"),
        ('audit_head = "head.json"', "whole path"),
        ("name = 1999-01-01", "text in quotes"),
    ],
)
def test_a_setting_of_another_kind_or_range_is_said_with_its_file_and_mend(
    tmp_path, line, expected
):
    (tmp_path / "clinic.toml").write_text(line)

    with pytest.raises(InputError) as error:
        read_place(tmp_path)
    said = str(error.value)
    assert said.startswith(f"{tmp_path / 'clinic.toml'}: {line.split()[0]}: must be ")
    assert expected in said
    assert "Correct the line" in said


@pytest.mark.parametrize(
    "line",
    [
        'database = "mysql://ada:se@cret@host/name"',
        'database = "host=db user=ada password=secret"',
        'mail_server = "ada:secret@host:465"',
    ],
)
def test_the_password_in_a_wrong_setting_is_not_repeated(tmp_path, line):
    (tmp_path / "clinic.toml").write_text(line)

    with pytest.raises(InputError) as error:
        read_place(tmp_path)
    assert "cret" not in str(error.value)
    assert "got something else" in str(error.value)


def test_every_setting_can_be_what_the_guide_says(tmp_path):
    lines = {
        "name": "Harbour",
        "address": "https://clinic.example",
        "database": "postgresql://u:p@%2Fvar%2Frun/clinic?sslmode=verify-full",
        "mail_server": "smtp+starttls://u:p@mail.example",
        "mail_from": "Harbour <clinic@clinic.example>",
        "quiet_from": 0,
        "quiet_until": 23,
        "audit_head": "/mnt/other/head.json",
        "trusted_proxies": 1,
        "disk_is_encrypted": True,
    }
    written = "".join(f"{name} = {json.dumps(value)}\n" for name, value in lines.items())
    (tmp_path / "clinic.toml").write_text(written)

    read = read_place(tmp_path)
    assert {name: getattr(read, name) for name in lines} == lines
    for name in ("database", "mail_server", "audit_head"):  # empty is left out
        (tmp_path / "clinic.toml").write_text(f'{name} = ""')
        assert getattr(read_place(tmp_path), name) == ""


def test_default_keys_are_refused_and_own_keys_are_not():
    with pytest.raises(InputError, match="default keys"):
        Keys(site="x", audit={"1": "y"}, backup={"1": DEFAULT_KEY}).refuse_default()
    Keys(site="x", audit={"1": "y"}, backup={"1": "z"}).refuse_default()


@pytest.mark.parametrize("name", ["clinic.toml", "clinic.sqlite3", "audit-head.json", "keys.json"])
def test_a_clinic_is_never_set_up_over_another(tmp_path, name):
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / name).write_text("of a clinic that is there")
    keys = folder / name if name == "keys.json" else tmp_path / "safe" / "keys.json"

    with pytest.raises(InputError, match="already"):
        make_place(folder, {"name": "Second"}, keys)
    assert [path.name for path in folder.iterdir()] == [name]
    assert not (tmp_path / "safe").exists()


def test_nobody_else_on_the_machine_can_read_a_clinic(tmp_path):
    folder = tmp_path / "own"
    folder.mkdir(mode=0o755)
    make_place(folder, {"name": "Test", "trusted_proxies": 1})

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert read_place(folder).trusted_proxies == 1


def test_without_its_keys_a_clinic_can_be_checked_and_nothing_else(tmp_path, own_database):
    folder = tmp_path / "own"
    assert run(folder, "setup", *SETUP, *own_database).returncode == 0
    (folder / "keys.json").rename(tmp_path / "kept.json")

    for words in (("backup",), ("serve",), ("verify-audit",), ("invite", "owner@clinic.test")):
        refused = run(folder, *words)
        assert refused.returncode == 2, words
        assert "default keys" in refused.stderr
    checked = run(folder, "check")
    assert checked.returncode == 1
    assert "default" in checked.stdout
    assert not list(folder.glob("backups/*"))


def test_keys_can_lie_elsewhere_from_the_first_moment(tmp_path, monkeypatch, own_database):
    folder, keys = tmp_path / "own", tmp_path / "safe" / "keys.json"
    named = {"MYOTOME_CLINIC_KEYS": str(keys)}
    monkeypatch.setattr("processes.environment", lambda at: environment(at) | named)

    assert run(folder, "setup", *SETUP, *own_database).returncode == 0
    assert set(json.loads(keys.read_text())) == {"site", "audit", "backup"}
    assert not (folder / "keys.json").exists()
    assert json.loads((folder / "audit-head.json").read_text())["number"] > 0
    backed_up = run(folder, "backup")
    assert backed_up.returncode == 0
    assert [path.suffix for path in (folder / "backups").iterdir()] == [".sealed"]
    if not own_database:
        assert stat.S_IMODE((folder / "clinic.sqlite3").stat().st_mode) == 0o600
    keys.unlink()
    missing = run(folder, "check")
    assert missing.returncode == 2
    assert "no such file" in missing.stderr
