"""What was written for one reader is kept for those who may read exactly the same, until anything is published.

The files lie in a private folder under ``HUB_VAR`` and have no address: only ``views`` hands them out, after the rule.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from fcntl import LOCK_EX, flock
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from core.access import Viewer
from core.models import Generation, HubPage

MOST_BYTES = 500_000_000  # of all files together; the oldest go first


class Keeping:
    """The kept files of one guidebook for one viewer, as the hub is now; finding them costs one query."""

    def __init__(self, page: HubPage, viewer: Viewer) -> None:
        # The number is read before the pages: what is kept under it may be newer than it says, never older.
        self.generation = Generation.current()
        keys = "all" if viewer.sees_all else ",".join(sorted(viewer.keys))
        # A day's copy says that day; what the hub's own code writes may change with the next release.
        told = f"{keys} {timezone.localdate()} {settings.WAGTAILADMIN_BASE_URL}"
        self.name = f"{self.generation}-{sha256(told.encode()).hexdigest()[:32]}"
        self.folder = settings.VAR_DIR / "taken" / str(page.pk)

    def size(self, kind: str) -> int | None:
        """Bytes of the file, where it is made already."""
        try:
            return self._path(kind).stat().st_size
        except FileNotFoundError:
            return None

    def get(self, kind: str, make: Callable[[], bytes]) -> bytes:
        """The file; made now where it is not there. Who asks while another makes it waits for the same one."""
        path = self._path(kind)
        try:
            return path.read_bytes()
        except FileNotFoundError:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self.folder / "lock").open("w") as lock:
            flock(lock, LOCK_EX)
            try:
                return path.read_bytes()
            except FileNotFoundError:
                data = make()
                self._put(path, data)
                return data

    def _path(self, kind: str) -> Path:
        return Path(self.folder / f"{self.name}.{kind}")

    def _put(self, path: Path, data: bytes) -> None:
        for old in self.folder.iterdir():
            if old.name != "lock" and not old.name.startswith(f"{self.generation}-"):
                old.unlink(missing_ok=True)
        handle, name = tempfile.mkstemp(prefix=f"{self.generation}-", dir=self.folder)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.replace(name, path)
        make_room(self.folder.parent, MOST_BYTES)


def make_room(folder: Path, most: int) -> None:
    """Remove the oldest files below a folder until all together have at most so many bytes."""
    found = []
    for path in folder.glob("*/*"):
        try:
            told = path.stat()
        except FileNotFoundError:
            continue  # another process was faster
        found.append((told.st_mtime, told.st_size, path))
    total = sum(size for _time, size, _path in found)
    for _time, size, path in sorted(found):
        if total <= most:
            return
        path.unlink(missing_ok=True)
        total -= size


def ways(page: HubPage, viewer: Viewer) -> list[dict[str, object]]:
    """The files a reader can take, each with its size where it is made already; one query."""
    keeping = Keeping(page, viewer)
    words = {
        "pdf": _("PDF, for paper"),
        "epub": _("EPUB, for phones and readers"),
        "html": _("One web page, for any browser"),
    }
    return [
        {
            "title": title,
            "url": reverse("take_guidebook", args=[page.pk, f"{page.slug}.{kind}"]),
            "type": kind.upper(),
            "size": keeping.size(kind),
        }
        for kind, title in words.items()
    ]
