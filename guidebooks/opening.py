"""The reader for a file or folder, chosen by what it is and not only by what it is called."""

from __future__ import annotations

import stat
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from django.utils.translation import gettext as _

from core.imported import ImportProblem
from guidebooks.folder import MOST_FILES, Folder
from guidebooks.manuscript import Manuscript
from guidebooks.pdf import read_pdf
from guidebooks.word.manuscript import read_word
from guidebooks.word.package import OLD_CONTAINER

LARGEST_UPLOAD = 100 * 1024 * 1024
"""Bytes of a file that is opened."""
LARGEST_UNPACKED = 400 * 1024 * 1024
"""Bytes of all that is in a .zip."""


@contextmanager
def open_manuscript(path: Path, language: str, title: str = "", *, name: str = "") -> Iterator[Manuscript]:
    """A book as it arrived, read and laid out; what was unpacked for it is gone after the ``with``.

    Args:
        path: A folder of Markdown files, or a .zip of one; a Word file; a PDF with text.
        language: Code of the language it is written in.
        title: In place of the one in the file.
        name: What the file was called by its person, where it is stored under another name.

    Raises:
        ImportProblem: it is no kind of file that is read, or too large; the words are the user's.
    """
    name = name or path.name
    if path.is_dir():
        yield Folder.read(path, language, title=title)
        return
    if path.stat().st_size > LARGEST_UPLOAD:
        raise ImportProblem(name, [_("is larger than 100 MB. Make its pictures smaller, or split it.")])
    if path.stat().st_size == 0:
        raise ImportProblem(name, [_("is empty.")])
    kind = _kind(path, name)
    if kind == "word":
        yield read_word(path, language, title, name=name)
        return
    if kind == "pdf":
        yield read_pdf(path, language, title, name=name)
        return
    if not zipfile.is_zipfile(path):
        raise ImportProblem(name, [_("is no kind of file that can be read here.")])
    with tempfile.TemporaryDirectory(prefix="manuscript-") as place:
        folder = _unpacked(path, Path(place), name)
        yield Folder.read(folder, language, title=title)


def _kind(path: Path, name: str) -> str:
    """``word``, ``pdf`` or ``zip``, by how the file begins; by its name where that says nothing."""
    with path.open("rb") as file:
        start = file.read(1024)
    if b"%PDF-" in start:
        return "pdf"
    if start.startswith((OLD_CONTAINER, b"{\\rtf")):
        return "word"
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as package:
            is_office = "[Content_Types].xml" in package.namelist()
        return "word" if is_office else "zip"
    ending = PurePosixPath(name).suffix.lower()
    return {".doc": "word", ".docx": "word", ".docm": "word", ".rtf": "word", ".pdf": "pdf"}.get(ending, "zip")


def _unpacked(path: Path, place: Path, name: str) -> Path:
    """The folder of Markdown files in a .zip, unpacked into ``place`` under the name of the file."""
    root = place / (PurePosixPath(name.replace("\\", "/")).stem[:100].strip(". ") or "guidebook")
    root.mkdir()
    with zipfile.ZipFile(path) as packed:
        files = [info for info in packed.infolist() if not info.is_dir() and not _is_hidden(info.filename)]
        if len(files) > 2 * MOST_FILES:
            raise ImportProblem(name, [_("holds too many files: at most %(most)d.") % {"most": 2 * MOST_FILES}])
        left = LARGEST_UNPACKED
        for info in files:
            inside = PurePosixPath(info.filename.replace("\\", "/"))
            if inside.is_absolute() or ".." in inside.parts or stat.S_ISLNK(info.external_attr >> 16):
                raise ImportProblem(name, [_("holds a file that leads out of it.")])
            if info.flag_bits & 0x1:
                raise ImportProblem(name, [_("is protected by a password. Make one without.")])
            to = root / inside
            try:
                to.parent.mkdir(parents=True, exist_ok=True)
                with packed.open(info) as source, to.open("wb") as target:
                    # What it says of its sizes is not believed.
                    while piece := source.read(1 << 20):
                        left -= len(piece)
                        if left < 0:
                            raise ImportProblem(name, [_("is too large when it is unpacked: at most 400 MB.")])
                        target.write(piece)
            except (zipfile.BadZipFile, EOFError, NotImplementedError, OSError, ValueError) as error:
                raise ImportProblem(name, [_("is damaged and cannot be unpacked.")]) from error
    if not any(root.rglob("*.md")):
        raise ImportProblem(name, [_("holds no Markdown files (.md).")])
    inside_it = list(root.iterdir())
    if len(inside_it) == 1 and inside_it[0].is_dir():
        return inside_it[0]  # the folder itself was packed, and its name is the book's
    return root


def _is_hidden(name: str) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in PurePosixPath(name).parts if part not in ("..",))
