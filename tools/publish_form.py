"""List the file of a form or of a consent text as published; it never changes again.

    python tools/publish_form.py sheets/published/first_visit.1.toml

A name that is listed already with another digest is refused: publish a new version instead.
"""

import sys
from pathlib import Path

from clinic.records.consent.texts import read_text
from clinic.records.sheets.versions import read_version

RECORDS = Path(__file__).parents[1] / "src" / "clinic" / "records"


def publish(name: str) -> int:
    """Add one file to the list beside it; 0 done, 1 it is listed with another digest."""
    path = RECORDS / name
    read = read_text if path.parent.parent.name == "consent" else read_version
    version = read(path.read_bytes(), path.name)
    listed = path.parent / "shipped.sha256"
    lines = listed.read_text(encoding="ascii").splitlines() if listed.exists() else []
    known = {line.split()[1]: line.split()[0] for line in lines}
    if known.get(path.name, version.digest) != version.digest:
        print(f"{path.name} was published otherwise. Write version {version.version + 1}.")
        return 1
    known[path.name] = version.digest
    text = "".join(f"{known[key]}  {key}\n" for key in sorted(known))
    listed.write_text(text, encoding="ascii")
    print(f"{path.name}: {version.digest}")
    return 0


if __name__ == "__main__":
    sys.exit(max(publish(name) for name in sys.argv[1:]))
