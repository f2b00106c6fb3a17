"""How the room is laid: one Whoosh, and only where it belongs."""

from __future__ import annotations

import re
from importlib.metadata import packages_distributions
from pathlib import Path

import search
from search.vintage import WRITERS


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


def test_every_module_that_decides_what_stands_in_the_index_is_in_its_vintage() -> None:
    room, writing = Path(search.__file__).parent, {"documents", "arrays"}
    while True:
        code = "".join((room / f"{name}.py").read_text() for name in writing if name != "stopwords")
        found = writing | set(re.findall(r"^from search(?: import |\.)(\w+)", code, re.MULTILINE))
        if found == writing:
            break
        writing = found
    assert {name.partition("/")[0].removesuffix(".py") for name in WRITERS} == writing
