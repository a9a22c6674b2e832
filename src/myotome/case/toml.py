"""TOML: writes plain values as a case file that a person can read and mend.

`document_text` writes a file anew. `merged_text` changes only what differs in a file that
exists, so that its comments, order and spelling stay; it needs tomlkit, which loads only then.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping, MutableMapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tomlkit.items import AoT, Array, Table

Document = Mapping[str, Any]


def document_text(document: Document) -> str:
    """The text of a case file with these sections."""
    blocks = []
    for name, section in document.items():
        listed = isinstance(section, list)
        head = f"[[{name}]]" if listed else f"[{name}]"
        for table in section if listed else [section]:
            lines = [f"{key} = {_value(value)}" for key, value in table.items()]
            blocks.append("\n".join([head, *lines]))
    return "\n\n".join(blocks) + "\n"


def _value(value: Any) -> str:  # noqa: ANN401 - any value that TOML can hold
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str):
        # A JSON string is a TOML basic string, but for the one control character it leaves bare.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, Mapping):
        pairs = ", ".join(f"{key} = {_value(item)}" for key, item in value.items())
        return f"{{ {pairs} }}"
    entries = [_value(item) for item in value]
    if any(isinstance(item, Mapping) for item in value):
        return "".join(["[\n", *(f"  {entry},\n" for entry in entries), "]"])
    return f"[{', '.join(entries)}]"


def merged_text(text: str, before: Document, after: Document) -> str:
    """The file `text`, which says `before`, changed so that it says `after`.

    Args:
        text: A case file.
        before: What it says, as `Case.to_document` gives it.
        after: What it shall say.
    """
    import tomlkit  # noqa: PLC0415 - 40 ms, and only a changed case needs it

    # Typed as a mapping: which item tomlkit keeps under a key depends on the file.
    file: MutableMapping[str, Any] = tomlkit.parse(text)
    for name in [name for name in before if name not in after]:
        del file[name]
    for name, section in after.items():
        if before.get(name) == section:
            continue
        if name not in file:
            file[name] = _new_tables(section) if isinstance(section, list) else _new_table(section)
        elif isinstance(section, list):
            _merge_list(file[name], before.get(name, []), section)
        else:
            _merge_table(file[name], before.get(name, {}), section)
    return tomlkit.dumps(file)


def _merge_table(table: MutableMapping[str, Any], before: Document, after: Document) -> None:
    for key in [key for key in before if key not in after]:
        del table[key]
    for key, value in after.items():
        if key not in before or before[key] != value:
            table[key] = _item(value)


def _merge_list(tables: AoT, before: Sequence[Document], after: Sequence[Document]) -> None:
    old = [json.dumps(entry, sort_keys=True) for entry in before]
    new = [json.dumps(entry, sort_keys=True) for entry in after]
    steps = difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    for step, first, last, new_first, new_last in reversed(steps):
        if step == "equal":
            continue
        changed = min(last - first, new_last - new_first)
        for offset in range(changed):
            _merge_table(tables[first + offset], before[first + offset], after[new_first + offset])
        for _ in range(first + changed, last):
            del tables[first + changed]
        for offset, entry in enumerate(after[new_first + changed : new_last]):
            tables.insert(first + changed + offset, _new_table(entry))


def _new_tables(section: Sequence[Document]) -> AoT:
    import tomlkit  # noqa: PLC0415 - as above

    tables = tomlkit.aot()
    for entry in section:
        tables.append(_new_table(entry))
    return tables


def _new_table(section: Document) -> Table:
    import tomlkit  # noqa: PLC0415 - as above

    table = tomlkit.table()
    for key, value in section.items():
        table[key] = _item(value)
    table.add(tomlkit.nl())
    return table


def _item(value: Any) -> Any:  # noqa: ANN401 - any value that TOML can hold
    """Tables inside a list are written inline, as `document_text` does."""
    return _inline(value) if isinstance(value, list) else value


def _inline(value: Sequence[Any]) -> Array:
    import tomlkit  # noqa: PLC0415 - as above

    array = tomlkit.array()
    for entry in value:
        if isinstance(entry, Mapping):
            inline = tomlkit.inline_table()
            inline.update(entry)
            array.append(inline)
        else:
            array.append(entry)
    return array.multiline(any(isinstance(entry, Mapping) for entry in value))
