"""How the room is laid: one Whoosh, and only where it belongs."""

from __future__ import annotations

import re
from importlib.metadata import packages_distributions
from pathlib import Path

import search


def test_only_the_maintained_whoosh_is_installed() -> None:
    assert {name.lower() for name in packages_distributions()["whoosh"]} == {"whoosh-reloaded"}


def test_whoosh_is_imported_in_three_modules_only() -> None:
    room = Path(search.__file__).parent
    importing = {
        file.stem
        for file in room.rglob("*.py")
        if re.search(r"^\s*(from|import) whoosh\b", file.read_text(), re.MULTILINE)
    }
    assert importing == {"schema", "store", "snapshot"}
