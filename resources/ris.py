"""Reads RIS, the format that EndNote, Zotero, Citavi and the databases of journals write.

A line is a tag of two signs, two spaces, a hyphen and a value; a record begins with TY and ends with ER. What stands in
no record, or a record that does not end, is told with its line; the records beside it are read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

TAGS = (
    "A[1-4BDNUV]|BT|C[1-8ANPTY]|D[ABOP]|E[DPRT]|I[DS]|J[12AFO]|KW|L[1-4ABK]|M[1-3]|N[12V]|OP|P[BPY]|R[INP]|S[ENPTV]|"
    "T[1-3AITY]|U[1-5R]|V[LO]|Y[12]"
)
"""The tags of the format, as EndNote, Zotero and databases write them."""
# Some write one space alone. Then it must be a tag of the format: "AI - assisted" may begin a line of an abstract.
LINE = re.compile(rf"(?P<tag>[A-Z][A-Z0-9](?=  )|{TAGS})  ?- ?(?P<value>.*)", re.DOTALL)
MOST_FIELDS = 2000
"""Lines of one record; papers of large experiments have as many authors."""


@dataclass
class Record:
    """One record: the line it begins at, its values by tag in their order, or why it cannot be read."""

    line: int
    fields: dict[str, list[str]] = field(default_factory=dict)
    problem: str = ""

    def first(self, *tags: str) -> str:
        """The first value of the first of these tags that has one."""
        return next((value for tag in tags for value in self.fields.get(tag, ()) if value), "")

    def all(self, *tags: str) -> list[str]:
        """All values of these tags."""
        return [value for tag in tags for value in self.fields.get(tag, ()) if value]


def records(lines: Iterable[str]) -> Iterator[Record]:
    """The records of a file, read line by line."""
    record: Record | None = None
    tag, count, is_lost = "", 0, False
    for number, line in enumerate(lines, start=1):
        text = line.rstrip("\r\n").removeprefix("\ufeff")
        found = LINE.fullmatch(text)
        if found and found["tag"] == "TY":
            if record is not None:
                record.problem = record.problem or f"does not end before line {number}: its last line must be “ER  - ”"
                yield record
            record = Record(number, {"TY": [found["value"].strip()]})
            tag, count, is_lost = "TY", 1, False
        elif found and found["tag"] == "ER":
            if record is not None:
                yield record
            elif not is_lost:
                yield Record(number, problem="“ER  - ” ends a record that did not begin")
            record, tag, is_lost = None, "", False
        elif record is None:
            if text.strip() and not is_lost:
                is_lost = True  # told once for all lines up to the next record
                yield Record(number, problem=f"“{text.strip()[:60]}” belongs to no record: one begins with “TY  - ”")
        elif count >= MOST_FIELDS:
            record.problem = f"has more than {MOST_FIELDS:,} lines"
        elif found:
            tag = found["tag"]
            record.fields.setdefault(tag, []).append(found["value"].strip())
            count += 1
        elif text.strip():
            record.fields[tag][-1] = f"{record.fields[tag][-1]} {text.strip()}".strip()  # a long value goes on
            count += 1
    if record is not None:
        record.problem = record.problem or "does not end: its last line must be “ER  - ”"
        yield record
