"""A book as it arrived, whatever it was written in: what every reader of files gives to the import.

A folder of Markdown (``guidebooks.folder``), a Word file or a text PDF is read and laid out as a
``Manuscript``; ``guidebooks.importing`` makes pages of it and knows nothing of where it came from.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Protocol

from core.imported import Front
from core.markdown import Converted

if TYPE_CHECKING:
    from guidebooks.targets import Targets

OF_FOLDER = ("index", "readme")
NUMBER = re.compile(r"^(\d+)[-_. ]+(?=\S)")
ACRONYMS = {"ux": "UX", "qasp": "QASP", "api": "API", "apis": "APIs", "ci": "CI", "css": "CSS"}

FindImage = Callable[[str, str], Any]
"""Gives the image for an address in the text and its words, or None where it is missing."""


@dataclass
class Source:
    """One page of a manuscript: a Markdown file, a folder without one, a chapter of a Word file.

    Args:
        path: What it is known by in its manuscript, the same in each version of it. Of a folder: the
            path within it, with slashes; of a folder without a file it ends in one.
        front: Fields of its front matter, with the problems found in them; ``Front({}, path)`` where
            there is none.
        text: Markdown without front matter; other readers keep their text where they like.
        above: Path of the source it stands below.
        title: What it is called; empty: the first read says it.
    """

    path: str
    front: Front
    text: str = ""
    above: str = ""
    title: str = ""
    is_cover: bool = False
    order: tuple[Any, ...] = ()
    remarks: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """What its address is made of: the name without number and extension."""
        path = PurePosixPath(self.path)
        stem = path.stem
        if not self.is_cover and stem.lower() in OF_FOLDER and path.parent.name:
            stem = path.parent.name
        return NUMBER.sub("", str(self.front.fields.get("slug") or stem))

    @property
    def summary(self) -> str:
        """A sentence or two, from ``summary`` or ``description``, at most 500 characters."""
        words = self.front.text("summary", most=500)
        if not words and isinstance(self.front.fields.get("description"), str):
            words = " ".join(self.front.fields["description"].split())
            if len(words) > 500:
                words = words[:499].rsplit(" ", 1)[0] + "…"
        return words


@dataclass(frozen=True)
class Picture:
    """A picture of a manuscript, not yet read.

    Args:
        name: File name with its ending, such as ``image3.png``.
        size: Bytes.
        read: Gives them.
    """

    name: str
    size: int
    read: Callable[[], bytes]


class Manuscript(Protocol):
    """A book as it arrived: read and laid out, nothing written yet.

    Args:
        name: What the guidebook remembers as ``imported_from``: the name of file or folder, without
            its ending.
        sources: The cover first, then the chapters in reading order, each after what it stands below.
        problems: In the user's words. With any problem nothing is imported.
        remarks: What could not be kept as it was, of the book as a whole.
    """

    name: str
    sources: list[Source]
    problems: list[str]
    remarks: list[str]

    @property
    def cover(self) -> Source:
        """Its first source, which becomes the guidebook's own page."""
        ...

    def look(self, source: Source) -> Converted:
        """Read a source for the first time: its title and the places in it that can be linked to.

        ``title`` (where ``source.title`` is empty), ``targets`` and ``names`` of what it gives are used;
        links and pictures are not looked up yet.

        Raises:
            ValueError: it cannot be read; the words are the user's.
        """
        ...

    def convert(self, source: Source, targets: Targets, image: FindImage) -> Converted:
        """Turn a source into blocks. Links go through ``targets.link_from(source)``, pictures through ``image``.

        May be called more than once; the same text gives the same blocks with the same ids.
        """
        ...

    def picture(self, source: Source, src: str) -> Picture | None:
        """The picture a source names ``src``; None where there is none."""
        ...


def words_of(name: str) -> str:
    """A title made of a file's name.

    >>> words_of("03-what-holds"), words_of("ux-guide")
    ('What holds', 'UX guide')
    """
    words = NUMBER.sub("", name).replace("_", " ").replace("-", " ").split()
    words = [ACRONYMS.get(word.lower(), word) for word in words]
    return " ".join([words[0][:1].upper() + words[0][1:], *words[1:]]) if words else name
