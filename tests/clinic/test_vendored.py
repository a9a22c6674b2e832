"""Scripts of others are as they came, say their licence, and run nothing of their own."""

import hashlib
import json
import re
from pathlib import Path

import clinic

STATIC = Path(clinic.__file__).parent / "static"
VENDOR = STATIC / "vendor"


def test_each_vendored_script_is_listed_with_licence_and_digest():
    listed = dict(re.findall(r"\| `([^`]+\.js)` .*`([0-9a-f]{64})` \|", _readme()))
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in VENDOR.glob("*.js")
    }

    assert found == listed
    assert (VENDOR / "htmx-LICENSE").read_text(encoding="utf-8").startswith("Zero-Clause BSD")


def _readme():
    return (VENDOR / "README.md").read_text(encoding="utf-8")


def test_htmx_evaluates_nothing_styles_nothing_and_keeps_no_page():
    template = Path(clinic.__file__).parent / "templates" / "htmx_config.html"
    config = json.loads(re.search(r"content='([^']+)'", template.read_text(encoding="utf-8"))[1])

    for name in ("includeIndicatorStyles", "allowEval", "allowScriptTags", "historyEnabled"):
        assert config[name] is False
    assert config["selfRequestsOnly"] is True
    assert config["historyCacheSize"] == 0
