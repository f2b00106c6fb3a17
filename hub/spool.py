"""Lines that requests leave on this machine without writing to the database, until a command counts them.

A request that only reads must not write to the database. It adds lines to a file (the spool); a command takes the
file away and counts what is in it.
"""

from __future__ import annotations

import fcntl
import logging
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from django.conf import settings

logger = logging.getLogger(__name__)

AT_ONCE = 500
"""Rows that one transaction writes when a spool is counted; while it does, nobody else can write."""
Row = TypeVar("Row")


@dataclass(frozen=True)
class Spool:
    """A file in a folder of its own under VAR_DIR. Only the hub's own user may read it.

    Args:
        folder, name: Where it stands.
        what: What is in it, for the log.
    """

    folder: str
    name: str
    what: str

    @property
    def path(self) -> Path:
        """The file of this machine that requests add to."""
        return Path(settings.VAR_DIR) / self.folder / self.name

    def add(self, lines: Iterable[str], largest: int) -> None:
        """Add lines, unless the file is larger than ``largest`` bytes. Never raises; a full disk loses them."""
        text = "".join(f"{line}\n" for line in lines).encode()
        if not text:
            return
        path = self.path
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            while True:
                file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
                try:
                    fcntl.flock(file, fcntl.LOCK_SH)
                    opened = os.fstat(file)
                    if not is_at(path, opened):
                        continue  # it was taken away to be counted between opening and locking
                    if opened.st_size < largest:
                        os.write(file, text)
                    return
                finally:
                    os.close(file)
        except OSError as error:
            logger.warning("%s are not kept: %s", self.what, error.strerror)

    def taken(self) -> list[Path]:
        """The spool under a name that nobody adds to, with what an ended run left."""
        path = self.path
        left = sorted(path.parent.glob("taken-*"))
        if path.exists():
            taken = path.with_name(f"taken-{os.getpid()}-{path.stat().st_ino}")
            path.rename(taken)
            left.append(taken)
        return left


def read(taken: Path) -> list[str]:
    """The lines of a file that was taken away, once the last request that adds to it has let go."""
    with taken.open(encoding="utf-8", errors="ignore") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        return [line.strip() for line in file]


def in_steps(rows: list[Row]) -> Iterator[list[Row]]:
    """Rows in as many at once as one transaction may write."""
    for start in range(0, len(rows), AT_ONCE):
        yield rows[start : start + AT_ONCE]


def is_at(path: Path, opened: os.stat_result) -> bool:
    """Whether a file that was opened still stands at its path."""
    try:
        return os.path.samestat(path.stat(), opened)
    except FileNotFoundError:
        return False
