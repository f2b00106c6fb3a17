"""The index on disk: folders, the pointer to the one in use, the lock of writers, and the writing itself.

::

    PATH/current          name of the folder in use; swapped whole with os.replace
    PATH/write.lock       held by whoever writes
    PATH/v4-<random>/     one index; its file ``building`` is held by the process that still fills it

An index can always be made again from the database, so nothing here is backed up. Whoosh unpickles what it reads: the
folder is for the hub's own account only.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import logging
import os
import secrets
import shutil
import time
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from whoosh import writing
from whoosh.codec.whoosh3 import W3Segment
from whoosh.filedb.filestore import FileStorage
from whoosh.filedb.structfile import BufferFile
from whoosh.index import TOC, FileIndex

from search.arrays import SUFFIX, IndexUnavailable, Piece, PieceWriter
from search.schema import INDEX_NAME, VERSION, schema

logger = logging.getLogger(__name__)

LOCK_SECONDS = 30.0
SMALL = 200
"""Documents of a segment that is merged as soon as there are many such."""
MANY_SMALL = 16
"""Small segments that may stand side by side."""
PIECE = 20_000
"""Documents of one piece of a new index; more would need much memory while it is written."""

Document = Mapping[str, Any]


class Locked(Exception):
    """Another process has been writing for longer than ``LOCK_SECONDS``."""


def _lock_file(path: Path) -> IO[bytes] | None:
    """Take a file's lock if it is free, and give the open file that holds it."""
    handle = open(path, "ab")  # noqa: SIM115 - the lock lives as long as the handle
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        handle.close()
        return None
    return handle


class Files(FileStorage):
    """The files of one index folder. A table of contents carries its checksum: Whoosh unpickles what it reads."""

    def rename_file(self, oldname: str, newname: str, safe: bool = False) -> None:
        # This is how a table of contents, written under another name, gets into its place.
        if newname.endswith(".toc"):
            path = Path(self._fpath(oldname))
            with open(path, "ab") as file:
                file.write(zlib.crc32(path.read_bytes()).to_bytes(4, "big"))
        super().rename_file(oldname, newname, safe)

    def open_file(self, name: str, **kwargs: Any) -> Any:
        if not name.endswith(".toc"):
            return super().open_file(name, **kwargs)
        content = Path(self._fpath(name)).read_bytes()
        if zlib.crc32(content[:-4]) != int.from_bytes(content[-4:], "big") or len(content) < 5:
            raise IndexUnavailable(f"{name} is not what was written")
        return BufferFile(memoryview(content[:-4]), name=name, **kwargs)


class Codec:
    """What Whoosh asks for where it would write documents and terms in its own way: nothing, see ``Writer``."""

    is_closed = True

    def new_segment(self, storage: Any, indexname: str) -> W3Segment:
        return W3Segment(self, indexname)

    def per_document_writer(self, storage: Any, segment: Any) -> Codec:
        return self

    def field_writer(self, storage: Any, segment: Any) -> Codec:
        return self


class Writer(writing.SegmentWriter):
    """Whoosh's writer, which keeps the list of segments; what is in a new segment goes into one file of ours."""

    def __init__(self, index: FileIndex) -> None:
        super().__init__(index, codec=Codec(), compound=False)
        self.piece = PieceWriter()

    def add_document(self, **fields: Any) -> None:
        self._check_state()
        self.piece.add(fields)
        self.docnum += 1
        self._added = True

    def take_over(self, segments: Sequence[Any]) -> None:
        """Take the documents of other segments over into the new one. Raises ``IndexUnavailable``."""
        for segment in segments:
            piece = Piece(Path(self.storage.folder), segment.segment_id())
            self.piece.merge(piece, segment.deleted_docs())
            piece.close()
            self.docnum += segment.doc_count_all() - segment.deleted_count()
            self._added = True

    def _flush_segment(self) -> None:
        self.piece.write(Path(self.storage.folder) / f"{self.newsegment.segment_id()}{SUFFIX}")


def keep_pieces(writer: Any, segments: list[Any]) -> list[Any]:
    """Merge nothing; only drop what is all deleted."""
    return [part for part in segments if part.deleted_count() < part.doc_count_all()]


def merge_small(writer: Any, segments: list[Any]) -> list[Any]:
    """Merge the small segments; writers wait meanwhile, so never large ones."""
    full = keep_pieces(writer, segments)
    small = [part for part in full if part.doc_count_all() <= SMALL]
    writer.take_over(small)
    return [part for part in full if part not in small]


def merge_all(writer: Any, segments: list[Any]) -> list[Any]:
    """Merge everything into one segment."""
    writer.take_over(segments)
    return []


class Filling:
    """An index folder that is being filled. Nobody reads it until it is published."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.folder = store.path / f"v{VERSION}-{secrets.token_hex(6)}"
        self.folder.mkdir(mode=0o700)
        held = _lock_file(self.folder / "building")
        assert held is not None, "a new folder is nobody else's"
        self._held = held
        FileIndex.create(Files(str(self.folder)), schema(), INDEX_NAME)
        self._writer: Any = None

    def add(self, documents: Iterable[Document]) -> None:
        """Add documents of objects that are not in the folder yet."""
        if self._writer is None:
            self._writer = self.store.writer(self.folder)
        for document in documents:
            self._writer.add_document(**document)
        if self._writer.doc_count() >= PIECE:
            self.commit()

    def commit(self) -> None:
        """Make what was added readable."""
        if self._writer is not None:
            writer, self._writer = self._writer, None
            writer.commit(mergetype=keep_pieces)

    def replay(self) -> list[tuple[str, str]]:
        """Give the (label, pk) of what others changed while the folder was being filled."""
        journal = self.folder / "replay"
        if not journal.exists():
            return []
        return sorted({tuple(json.loads(line)) for line in journal.read_text().splitlines()})

    def publish(self) -> None:
        """Put this folder in the place of the one in use. Hold the store's lock."""
        pointer = self.store.path / f"current.{secrets.token_hex(4)}"
        pointer.write_text(self.folder.name)
        os.replace(pointer, self.store.path / "current")
        self._held.close()
        (self.folder / "building").unlink()
        self.store.remove_old()

    def abandon(self) -> None:
        """Give up and leave nothing behind."""
        if self._writer is not None:
            with contextlib.suppress(Exception):
                self._writer.cancel()
        self._held.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class Store:
    """All that belongs to one PATH."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)

    def prepare(self) -> None:
        """Make the folder, closed to other accounts."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)

    @contextlib.contextmanager
    def lock(self, seconds: float = LOCK_SECONDS) -> Iterator[None]:
        """Be the only writer, over all processes and threads. Raises ``Locked``."""
        self.prepare()
        until = time.monotonic() + seconds
        while (held := _lock_file(self.path / "write.lock")) is None:
            if time.monotonic() > until:
                raise Locked(f"the index is being written by another process for {seconds} s")
            time.sleep(0.005)
        try:
            yield
        finally:
            held.close()

    def repairing(self) -> IO[bytes] | None:
        """Take the lock of whoever repairs the index by itself; None when somebody does already."""
        self.prepare()
        return _lock_file(self.path / "repair.lock")

    def current(self) -> Path | None:
        """Give the folder in use, or None when there is none that this code can read."""
        try:
            name = (self.path / "current").read_text()
        except FileNotFoundError:
            return None
        except (OSError, UnicodeError) as error:
            raise IndexUnavailable(f"the pointer cannot be read: {error}") from error
        if not name.startswith(f"v{VERSION}-") or not (self.path / name).is_dir():
            return None
        return self.path / name

    def is_missing(self) -> bool:
        """Say whether there is no index to write into; not whether the one there is sound."""
        try:
            return self.current() is None
        except IndexUnavailable:
            return False

    def fill(self) -> Filling:
        """Begin a new index beside the one in use."""
        with self.lock():
            return self.fill_locked()

    def fill_locked(self) -> Filling:
        """Begin a new index. Hold the lock: who tidies up might take the new folder for a forgotten one."""
        return Filling(self)

    def being_filled(self) -> list[Path]:
        """Give the folders that other processes or threads are filling now."""
        found = []
        for folder in self.path.glob("v*-*"):
            mark = folder / "building"
            if mark.exists():
                held = _lock_file(mark)
                if held is None:
                    found.append(folder)
                else:
                    held.close()
        return found

    def note(self, changed: Iterable[tuple[str, str]]) -> None:
        """Tell those who fill a new folder what changed meanwhile. Hold the lock."""
        lines = "".join(json.dumps(change) + "\n" for change in changed)
        for folder in self.being_filled():
            with open(folder / "replay", "a") as journal:
                journal.write(lines)

    def remove_old(self) -> None:
        """Delete folders that are neither in use nor being filled. Hold the lock."""
        kept = {self.current(), *self.being_filled()}
        for folder in self.path.glob("v*-*"):
            if folder not in kept:
                shutil.rmtree(folder, ignore_errors=True)
        for pointer in self.path.glob("current.*"):
            pointer.unlink(missing_ok=True)

    def writer(self, folder: Path) -> Any:
        """Open Whoosh's writer on a folder."""
        index = FileIndex(Files(str(folder)), schema(), INDEX_NAME)
        return Writer(index)

    def write(
        self,
        folder: Path,
        deleted: Mapping[str, Iterable[int]],
        documents: Iterable[Document],
        merge: Any = keep_pieces,
    ) -> None:
        """Delete document numbers by segment and add documents, in one commit. Hold the lock."""
        writer = self.writer(folder)
        try:
            for segment in writer.segments:
                for number in deleted.get(segment.segment_id(), ()):
                    segment.delete_document(int(number))
            for document in documents:
                writer.add_document(**document)
            writer.commit(mergetype=merge)
        except BaseException:
            with contextlib.suppress(Exception):
                writer.cancel()
            raise


def generation(folder: Path) -> int:
    """Give the number of the newest commit."""
    return int(TOC._latest_generation(Files(str(folder)), INDEX_NAME))
