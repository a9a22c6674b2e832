"""List a form's file as published: its digest goes into the list, and the file never changes again.

    python tools/publish_form.py first_visit.1.toml

A name that is listed already with another digest is refused: publish a new version instead.
"""

import hashlib
import sys
from pathlib import Path

from clinic.records.sheets.versions import read_version

FOLDER = Path(__file__).parents[1] / "src" / "clinic" / "records" / "sheets" / "published"


def publish(name: str) -> int:
    """Add one file to the list; 0 done, 1 it is listed with another digest."""
    content = (FOLDER / name).read_bytes()
    version = read_version(content, name)
    listed = FOLDER / "shipped.sha256"
    lines = listed.read_text(encoding="ascii").splitlines() if listed.exists() else []
    digest = hashlib.sha256(content).hexdigest()
    known = {line.split()[1]: line.split()[0] for line in lines}
    if known.get(name, digest) != digest:
        print(f"{name} was published otherwise. Write {version.form}.{version.version + 1}.toml.")
        return 1
    known[name] = digest
    text = "".join(f"{known[key]}  {key}\n" for key in sorted(known))
    listed.write_text(text, encoding="ascii")
    print(f"{name}: {len(version.items)} questions, {digest}")
    return 0


if __name__ == "__main__":
    sys.exit(max(publish(name) for name in sys.argv[1:]))
