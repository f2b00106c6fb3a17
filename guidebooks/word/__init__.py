"""Word files read as books.

``python -m guidebooks.word`` reads a file from standard input in a process of its own with limits
(``search.extraction``: memory, seconds, sizes when unpacked) and knows no Django; ``guidebooks.word.manuscript`` calls
it and makes a ``Manuscript`` of what it says. Nothing here is written to a page, and no library does the reading:
mammoth, the best known one, loses where lists start, equations and what was hidden without a word (docs/word.md).

What cannot be kept is said as a ``Remark``: a code with its values, worded in ``guidebooks.word.said`` in the
language of the person who imports.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

MOST_REMARKS = 100
"""Of one kind in one chapter; the rest is counted."""


class Refused(Exception):
    """The file is not read; the message is a code of ``guidebooks.word.said.REFUSALS``."""


@dataclass(frozen=True)
class Remark:
    """Something that could not be kept as it was.

    Args:
        code: One of ``guidebooks.word.said.REMARKS``.
        place: First words of the paragraph it stands in; empty where it concerns a whole chapter.
        count: How often, where that is counted.
        words: Of the thing itself, such as an equation.
    """

    code: str
    place: str = ""
    count: int = 1
    words: str = ""


@dataclass
class Chapter:
    """A chapter as it was read: HTML that ``core.html_body`` turns into blocks.

    Args:
        path: Made of its heading, the same in each version of the file.
        lost: What is known not to come through, by the names of ``core.markdown.COUNTED``.
        before: What was counted in the file, apart from the reading (``guidebooks.word.counting``).
        words: How often each word stands in the file.
    """

    path: str
    title: str
    html: str = ""
    lost: Counter[str] = field(default_factory=Counter)
    before: Counter[str] = field(default_factory=Counter)
    words: Counter[str] = field(default_factory=Counter)
    remarks: list[Remark] = field(default_factory=list)


@dataclass
class Book:
    """A Word file as it was read: what stands before the first heading, then the chapters."""

    title: str
    summary: str
    chapters: list[Chapter]
    remarks: list[Remark]

    def told(self) -> dict[str, Any]:
        """As JSON can hold it."""

        def chapter(told: Chapter) -> dict[str, Any]:
            return {**vars(told), "remarks": [vars(remark) for remark in told.remarks]}

        remarks = [vars(remark) for remark in self.remarks]
        return {**vars(self), "chapters": [chapter(each) for each in self.chapters], "remarks": remarks}

    @classmethod
    def heard(cls, told: dict[str, Any]) -> Book:
        """What ``told`` gave, with its types looked at: it comes from the process that read a stranger's file.

        Raises:
            ValueError, KeyError, TypeError: it is something else.
        """

        def remarks(given: list[dict[str, Any]]) -> list[Remark]:
            return [Remark(str(r["code"]), str(r["place"]), int(r["count"]), str(r["words"])) for r in given]

        def counted(given: dict[str, Any]) -> Counter[str]:
            return Counter({str(name): int(count) for name, count in given.items()})

        chapters = [
            Chapter(
                str(c["path"]),
                str(c["title"]),
                str(c["html"]),
                counted(c["lost"]),
                counted(c["before"]),
                counted(c["words"]),
                remarks(c["remarks"]),
            )
            for c in told["chapters"]
        ]
        if not chapters:
            raise ValueError("a book without a first page")
        return cls(str(told["title"]), str(told["summary"]), chapters, remarks(told["remarks"]))
