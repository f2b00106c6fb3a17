"""The index on disk: folders, the pointer to the one in use, the lock of writers, and the writing itself.

::

    PATH/current                  name of the folder in use; swapped whole with os.replace
    PATH/write.lock               held by whoever writes
    PATH/v4-<vintage>-<random>/   one index; its file ``building`` is held by the process that still fills it

An index can always be made again from the database, so nothing here is backed up. What is in a segment is arrays
(``search.arrays``); only Whoosh's list of segments is a pickle. It carries a checksum, which is no signature: the
folder is for the hub's own account only.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import logging
import os
import re
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
from search.vintage import vintage

logger = logging.getLogger(__name__)

FOLDER = re.compile(r"v[0-9]{1,9}-[0-9a-z-]{1,99}")
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
    while True:
        _clear_folder(path)
        handle = open(path, "ab")  # noqa: SIM115 - the lock lives as long as the handle
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            handle.close()
            return None
        with contextlib.suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(handle.fileno()), path.stat()):
                return handle
        handle.close()  # the file was deleted since we opened it: nobody else would meet this lock


def _is_held(path: Path) -> bool:
    """Say whether somebody holds a file's lock. Needs no right to write."""
    try:
        with open(path, "rb") as handle:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _clear_folder(path: Path) -> None:
    """Make way for a file where there is a folder: what PATH holds is ours to mend."""
    if path.is_dir():
        shutil.rmtree(path)


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
        return W3Segment(self, indexname, segid=secrets.token_hex(8))  # Whoosh draws names that a seed repeats

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

    def _commit_toc(self, segments: list[Any]) -> None:
        super()._commit_toc(segments)
        self._remove(Path(self.storage.folder).glob("*.toc.*"))  # never finished, by writers that were killed

    def give_up(self) -> None:
        """Leave the folder as it was before. On a full disk not even closing a file works."""
        with contextlib.suppress(Exception):
            self.cancel()
        if self.writelock.fd is not None:
            self.writelock.release()
        folder = Path(self.storage.folder)
        shutil.rmtree(self._tempstorage.folder, ignore_errors=True)
        if generation(folder) < self.generation:  # else it went wrong after the commit
            self._remove([*folder.glob(f"{self.newsegment.segment_id()}.*"), *folder.glob("*.toc.*")])

    @staticmethod
    def _remove(files: Iterable[Path]) -> None:
        for file in files:
            with contextlib.suppress(OSError):
                file.unlink()


Stamp = tuple[int, int, int]


def stamp(file: int | Path) -> Stamp:
    """Give what of a file, open or by name, differs once somebody has written to it."""
    state = os.stat(file)
    return state.st_ino, state.st_size, state.st_mtime_ns


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
        self.folder = store.path / f"v{VERSION}-{vintage()}-{secrets.token_hex(6)}"
        self._writer: Any = None
        self.folder.mkdir(mode=0o700)
        try:
            while (held := _lock_file(self.folder / "building")) is None:
                pass  # somebody looks just now whether the folder is being filled
            self._held = held
            FileIndex.create(Files(str(self.folder)), schema(), INDEX_NAME)
        except BaseException:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise

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
        pointer, current = self.store.path / f"current.{secrets.token_hex(4)}", self.store.path / "current"
        pointer.write_text(self.folder.name)
        _clear_folder(current)
        os.replace(pointer, current)
        self._held.close()
        (self.folder / "building").unlink()
        self.store.remove_old()

    def abandon(self) -> None:
        """Give up and leave nothing behind."""
        if self._writer is not None:
            self._writer.give_up()
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

    def is_being_written(self) -> bool:
        """Say whether somebody holds the lock now."""
        return _is_held(self.path / "write.lock")

    def repairing(self) -> IO[bytes] | None:
        """Take the lock of whoever repairs the index by itself; None when somebody does already."""
        self.prepare()
        return _lock_file(self.path / "repair.lock")

    def _pointed(self) -> str | None:
        """Give what the pointer says, or None when there is none."""
        try:
            name = (self.path / "current").read_text()
        except FileNotFoundError:
            return None
        except (OSError, UnicodeError) as error:
            raise IndexUnavailable(f"the pointer cannot be read: {error}") from error
        if not FOLDER.fullmatch(name):
            raise IndexUnavailable("the pointer is not what was written")
        return name

    def current(self) -> Path | None:
        """Give the folder in use, or None when there is none that this code can read."""
        name = self._pointed()
        while name is not None:
            try:
                if name.startswith(f"v{VERSION}-") and (self.path / name).is_dir():
                    return self.path / name
            except OSError as error:
                raise IndexUnavailable(f"the folder cannot be read: {error}") from error
            # It may have been swapped, and the folder deleted, since we read the pointer.
            before, name = name, self._pointed()
            if name == before:
                return None
        return None

    def is_missing(self) -> bool:
        """Say whether there is no index to write into; not whether the one there is sound."""
        try:
            return self.current() is None
        except IndexUnavailable:
            return False

    @staticmethod
    def is_older(folder: Path) -> bool:
        """Say whether an index was written by other code than this process's, or before its models were changed."""
        return not folder.name.startswith(f"v{VERSION}-{vintage()}-")

    def fill(self, seconds: float = LOCK_SECONDS) -> Filling:
        """Begin a new index beside the one in use. Raises ``Locked``."""
        with self.lock(seconds):
            return self.fill_locked()

    def fill_locked(self) -> Filling:
        """Begin a new index. Hold the lock: who tidies up might take the new folder for a forgotten one."""
        return Filling(self)

    def being_filled(self) -> list[Path]:
        """Give the folders that other processes or threads are filling now."""
        return [folder for folder in self.path.glob("v*-*") if _is_held(folder / "building")]

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
            with contextlib.suppress(OSError):
                pointer.unlink()

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
            writer.give_up()
            raise


def generation(folder: Path) -> int:
    """Give the number of the newest commit."""
    return int(TOC._latest_generation(Files(str(folder)), INDEX_NAME))
