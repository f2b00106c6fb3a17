"""Cleans a file when it is uploaded, in a process of its own, and says in words why one is refused."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from core import scrub

PATIENCE = 60  # seconds

WORDS = {
    "wrong-type": _("This is not the kind of file its name says (.%(ending)s). Save it again in its own program."),
    "damaged": _("This file is damaged and cannot be read. Open and save it again in its own program."),
    "encrypted": _("This file is protected by a password. Take the password off, so that it can be cleaned of names."),
    "too-large": _("This file is too large when it is unpacked: at most 50 megapixels, or 300 MB for documents."),
    "macros": _("This file contains macros. Save it without them."),
    "unfinished": _("This file could not be cleaned of names and hidden data in time. Save it in a simpler form."),
    "unknown": _("Files of this kind (.%(ending)s) are not taken. These are: %(kinds)s."),
    "size": _("This file is %(size)s. The most that is taken is %(most)s."),
}


def clean_image(file: Any) -> bytes:
    """The bytes of an uploaded picture, re-encoded and freed of metadata; see ``clean_file``."""
    return clean_file(file, settings.WAGTAILIMAGES_EXTENSIONS, settings.WAGTAILIMAGES_MAX_UPLOAD_SIZE)


def clean_document(file: Any) -> bytes:
    """The bytes of an uploaded document, freed of metadata; see ``clean_file``."""
    return clean_file(file, settings.WAGTAILDOCS_EXTENSIONS, settings.DOCUMENT_MAX_UPLOAD_SIZE)


def clean_file(file: Any, endings: list[str], most: int) -> bytes:
    """The bytes of a file without EXIF, XMP, comments and author fields.

    Args:
        file: An open file with a ``name``.
        endings: The endings that are taken here, without the dot.
        most: Bytes.

    Raises:
        ValidationError: On the field ``file``, in words that say what to do.
    """
    ending = str(file.name).rpartition(".")[2].lower()
    if ending not in endings:
        raise _refusal("unknown", ending=ending, kinds=", ".join(endings))
    if file.size > most:
        raise _refusal("size", size=filesizeformat(file.size), most=filesizeformat(most))
    file.seek(0)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "core.scrub", ending],
            input=file.read(),
            capture_output=True,
            timeout=PATIENCE,
            cwd=settings.BASE_DIR,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise _refusal("unfinished", ending=ending) from error
    if done.returncode:
        reason = done.stderr.decode(errors="replace").strip()
        raise _refusal(reason if reason in scrub.REFUSALS else "unfinished", ending=ending)
    return done.stdout


def _refusal(reason: str, **params: Any) -> ValidationError:
    return ValidationError({"file": ValidationError(WORDS[reason], code=reason, params=params)})
