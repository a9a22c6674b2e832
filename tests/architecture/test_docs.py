"""The documentation names what the code has."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"
# Numbers of these pages come out of long sums; their rows are checked, not their last digits.
COMPUTED = ("rivals.md", "published-cases.md")


def test_printed_pages_are_up_to_date():
    checked = subprocess.run(
        [sys.executable, ROOT / "tools" / "write_reference.py", "--check", *COMPUTED],
        capture_output=True,
        text=True,
        check=False,
    )

    assert checked.returncode == 0, checked.stderr


def test_commands_of_the_clinic_stand_on_the_page_of_commands():
    page = (REFERENCE / "command-line.md").read_text(encoding="utf-8")
    for command in ("retz", "serve", "check"):
        assert f"## `myotome clinic {command}`" in page


def test_every_rival_and_every_example_has_its_row():
    from myotome.simulation import RIVALS

    rivals = (REFERENCE / "rivals.md").read_text(encoding="utf-8")
    cases = (REFERENCE / "published-cases.md").read_text(encoding="utf-8")
    assert all(f"`{name}`" in rivals for name in RIVALS)
    assert all(path.stem in cases for path in (ROOT / "examples").glob("*.toml"))


@pytest.mark.parametrize("page", sorted((ROOT / "docs").rglob("*.md")), ids=lambda page: page.name)
def test_every_link_between_pages_leads_somewhere(page):
    import re

    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", text):
        if "://" not in target:
            assert (page.parent / target).exists(), target


def test_the_readme_names_every_make_word():
    words = [
        line.split(":")[0]
        for line in (ROOT / "Makefile").read_text(encoding="utf-8").splitlines()
        if ":" in line and "## " in line and line[0].isalpha()
    ]
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    contributing = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for word in words:
        assert f"make {word}" in readme + contributing or word in {"help", "clean", "test-all"}, (
            word
        )


def test_the_page_on_the_moment_calls_and_shows_every_protocol():
    import ast

    from myotome.simulation.moment import protocols

    page = (ROOT / "docs" / "explanation" / "moment.md").read_text(encoding="utf-8")
    called = set()
    for block in page.split("```python\n")[1:]:
        for node in ast.walk(ast.parse(block.split("```")[0])):
            if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "protocols":
                called.add(node.attr)
    known = {name for name in protocols.__all__ if name.islower()}
    # How a cramp discharges is read from a run that needs no picture of its own.
    assert called == known - {"cramp_discharge"}
    drawn = (ROOT / "docs" / "pictures" / "moment").glob("*.svg")
    assert all(f"moment/{picture.name})" in page for picture in drawn)
