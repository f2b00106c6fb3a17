"""Files and pictures that come with an import: found beside it, and stored with the audience of their row."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files import File

from core.imported import ImportProblem
from core.models import HubDocument, HubImage
from resources.fields import Row
from resources.rows import MB

LARGEST_ATTACHMENT = 20 * MB
"""Bytes of a file beside a resource."""


@dataclass
class Storing:
    """What one row puts on the disk, for one audience.

    Args:
        gate: Audience and working group, as arguments of the file's model.
        made: What is new, so that it can be taken off the disk when the row is not kept.
    """

    user: Any
    gate: dict[str, Any]
    made: list[Any] = field(default_factory=list)
    pictures: dict[Path, HubImage] = field(default_factory=dict)

    def picture(self, folder: Path | None, src: str, alt: str) -> HubImage | None:
        """The picture of this name in a folder; None when there is none."""
        path = beside(folder, src)
        if path is None:
            return None
        if path not in self.pictures:
            self.pictures[path] = self._stored(HubImage(title=alt[:255] or name_of(path), **self.gate), path, "body")
        return self.pictures[path]

    def document(self, path: Path) -> HubDocument:
        """The file at a path."""
        document: HubDocument = self._stored(HubDocument(title=name_of(path), **self.gate), path, "files")
        return document

    def ids(self, model: type[Any]) -> list[int]:
        """The ids of what is new of one kind."""
        return [thing.pk for thing in self.made if isinstance(thing, model)]

    def take_back(self) -> None:
        """Take off the disk what was stored; its rows were rolled back."""
        for thing in self.made:
            if thing.file and getattr(thing.file, "_committed", False):
                thing.file.storage.delete(thing.file.name)
        self.made.clear()

    def _stored(self, thing: Any, path: Path, column: str) -> Any:
        """Store a file, or give the one that is here with the same content and audience."""
        thing.uploaded_by_user = self.user
        with path.open("rb") as file:
            thing.file = File(file, name=path.name)
            try:
                thing.full_clean(exclude=["width", "height", "collection"])
            except ValidationError as error:
                raise ImportProblem(path.name, [f"{column}: “{path.name}”: {' '.join(error.messages)}"]) from error
            if isinstance(thing, HubDocument):
                thing._set_document_file_metadata()
            else:
                thing._set_image_file_metadata()
            there = type(thing).objects.filter(file_hash=thing.file_hash, **self.gate).first()
            if thing.file_hash and there is not None:
                return there
            self.made.append(thing)
            thing.save()
        return thing


def attachments(row: Row, folder: Path | None) -> list[Path]:
    """The files a row names; each that is missing, too large or of a wrong kind is a problem of the row."""
    found = []
    for name in row.words("files"):
        path = beside(folder, name)
        suffix = Path(name).suffix.lstrip(".").lower()
        if suffix not in settings.WAGTAILDOCS_EXTENSIONS:
            allowed = ", ".join(settings.WAGTAILDOCS_EXTENSIONS)
            row.problem("files", f"“{name[:80]}” is of a kind that is not taken. Allowed: {allowed}")
        elif path is None:
            row.problem("files", f"“{name[:80]}” is not in the folder of the import")
        elif path.stat().st_size > LARGEST_ATTACHMENT:
            size, most = path.stat().st_size / MB, LARGEST_ATTACHMENT // MB
            row.problem("files", f"“{name[:80]}” has {size:.0f} MB; at most {most} MB are taken")
        else:
            found.append(path)
    return found


def beside(folder: Path | None, name: str) -> Path | None:
    """The file of this name in a folder or below it; None when there is none, or the name leads elsewhere."""
    if folder is None or "\x00" in name:
        return None
    # Texts say ../pictures/x.png from where they stand; pictures lie together in one folder.
    plain = re.sub(r"^(?:\.\./)+(?:pictures/|files/)?", "", unquote(name))
    try:
        path = (folder / plain).resolve()
        return path if path.is_relative_to(folder.resolve()) and path.is_file() else None
    except (OSError, ValueError):
        return None


def name_of(path: Path) -> str:
    """A title for a file.

    >>> name_of(Path("parents-first_call.pdf"))
    'Parents first call'
    """
    words = re.sub(r"[-_\s]+", " ", path.stem).strip()
    return (words[:1].upper() + words[1:])[:255] or path.name[:255]
