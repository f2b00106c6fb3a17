"""A Word file opened: its parts, what they lead to, and why one is refused."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from lxml import etree

from guidebooks.word import Refused
from search.extraction import Unreadable
from search.extraction.office import CAREFUL, Package

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
# How the strict kind of the format names the same things.
STRICT = [
    (b"http://purl.oclc.org/ooxml/wordprocessingml/main", W[1:-1].encode()),
    (b"http://purl.oclc.org/ooxml/officeDocument/relationships", R[1:-1].encode()),
    (b"http://purl.oclc.org/ooxml/officeDocument/math", b"http://schemas.openxmlformats.org/officeDocument/2006/math"),
    (b"http://purl.oclc.org/ooxml/drawingml/main", b"http://schemas.openxmlformats.org/drawingml/2006/main"),
    (b"http://purl.oclc.org/ooxml/drawingml/picture", b"http://schemas.openxmlformats.org/drawingml/2006/picture"),
    (
        b"http://purl.oclc.org/ooxml/drawingml/wordprocessingDrawing",
        b"http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
    ),
]
OLD_CONTAINER = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
MACROS = re.compile(rb"macroEnabled|vbaProject", re.I)
UNREADABLE = {"wrong-type": "not-word"}


@dataclass
class File:
    """A Word file: its parts as trees.

    Raises:
        Refused: it is none that is read.
    """

    data: bytes
    _trees: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.data:
            raise Refused("empty-file")
        if self.data.startswith(OLD_CONTAINER):
            # Word keeps an encrypted file in the container that its old files were in.
            locked = ENCRYPTED in self.data
            raise Refused("encrypted" if locked else "old-word")
        if self.data.lstrip().startswith(b"{\\rtf"):
            raise Refused("old-word")
        try:
            self.package = Package(self.data)
        except Unreadable as error:
            raise Refused(UNREADABLE.get(str(error), str(error))) from error
        if MACROS.search(self.read("[Content_Types].xml")):
            raise Refused("macros")
        if self.main not in self.package.entries:
            raise Refused("not-word")

    def read(self, name: str) -> bytes:
        """The bytes of a part; none where there is no such part."""
        try:
            return self.package.read(name)
        except Unreadable as error:
            raise Refused(UNREADABLE.get(str(error), str(error))) from error

    @cached_property
    def main(self) -> str:
        """The name of the part that holds the text; empty for a file of another program."""
        for kind, name in self.related("").values():
            if kind == "officeDocument":
                return name if name.startswith("word/") or self._is_word(name) else ""
        return "word/document.xml"

    def _is_word(self, name: str) -> bool:
        return W[1:-1].encode() in self.read(name)[:10_000]

    def tree(self, name: str) -> Any:
        """A part as a tree; None where there is none."""
        if name not in self._trees:
            content = self.read(name) if name else b""
            self._trees[name] = parsed(content) if content else None
        return self._trees[name]

    def part(self, kind: str) -> Any:
        """The part of a kind that the text leads to, such as ``styles``; None where there is none."""
        return self.tree(self.part_name(kind))

    def part_name(self, kind: str) -> str:
        """Its name; empty where there is none."""
        return next((name for found, name in self.related(self.main).values() if found == kind), "")

    def related(self, name: str) -> dict[str, tuple[str, str]]:
        """What a part leads to inside the file, by id: the last word of what it is, and its name."""
        try:
            return self.package.related(name)
        except Unreadable as error:
            raise Refused(UNREADABLE.get(str(error), str(error))) from error

    def outside(self, name: str) -> dict[str, str]:
        """The addresses that a part leads to outside the file, by id."""
        folder, _, base = name.rpartition("/")
        relations = self.tree(f"{folder}/_rels/{base}.rels")
        if relations is None:
            return {}
        return {
            relation.get("Id", ""): relation.get("Target", "")
            for relation in relations
            if relation.get("TargetMode") == "External"
        }


def parsed(content: bytes) -> Any:
    """XML from a stranger as a tree: no entities, nothing fetched, at most 256 levels.

    Raises:
        Refused: it is no XML, nested too deeply, or carries a list of entities.
    """
    if b"purl.oclc.org/ooxml" in content:
        for strict, usual in STRICT:
            content = content.replace(strict, usual)
    try:
        tree = etree.fromstring(content, etree.XMLParser(**CAREFUL, remove_comments=True, remove_pis=True))
    except etree.XMLSyntaxError as error:
        deep = "depth" in str(error).lower()
        raise Refused("too-deep" if deep else "damaged") from error
    if tree.getroottree().docinfo.internalDTD is not None:
        raise Refused("damaged")  # no program writes a list of entities here
    return tree
