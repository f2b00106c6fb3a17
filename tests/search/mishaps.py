"""What can go wrong while an index is written, done for real to processes of ``hub_process.py``.

Each mishap is a generator of what was wrong afterwards, in words; nothing at all is what a test hopes for. Rounds are
drawn by a seed that is told with whatever was wrong. A round is a process forked for it, which is quick.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import resource
import signal
import stat
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence, Set
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from search import library, outbox, vintage
from search.configuration import default_store
from search.documents import documents_of
from search.health import health
from search.models import Change, ChangeQuerySet
from search.rebuilding import rebuild, verify
from search.snapshot import forget_store, snapshot
from search.store import IndexUnavailable, merge_all
from tests.search.shelf.models import Note

PUBLIC = frozenset({"public"})
OPEN_TO_ALL = "public"
DANGEROUS = frozenset(
    "open write close __exit__ rename replace unlink mkdir rmdir flock execute commit".split()  # noqa: SIM905
)
"""Calls that change a file, a lock or a row: a process is killed just before one of them."""

REBUILDS = 6
"""How often each of those rebuilds who do it all the while."""

Say = Callable[[Any], None]


# Processes


def forked(deed: Callable[[Say], None], kill: Callable[[int, Iterator[Any]], list[Any]] | None = None) -> list[Any]:
    """Give what a deed said in a process of its own before it ended or was killed.

    Args:
        deed: Called with a function that says something to the parent at once.
        kill: Reads what is said and kills the process when it likes; gives what it has read.
    """
    connection.close()  # a connection cannot be shared with a child
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        ended = 1
        try:
            os.close(reading)
            deed(lambda told: os.write(writing, json.dumps(told).encode() + b"\n") and None)
            connection.close()
            ended = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(ended)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        lines = (json.loads(line) for line in pipe if line.endswith("\n"))
        told = kill(child, lines) if kill else []
        told.extend(lines)
    _, status = os.waitpid(child, 0)
    assert status in (0, signal.SIGKILL), f"the process ended with {status}"
    return told


def watched(deed: Callable[[], None], point: int = 0) -> int:
    """Do something and give the number of its dangerous calls; with ``point``, be killed just before that one."""
    count = 0

    def watch(frame: Any, event: str, called: Any) -> None:
        nonlocal count
        if event == "c_call" and called.__name__ in DANGEROUS:
            count += 1
            if count == point:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.setprofile(watch)
    try:
        deed()
    finally:
        sys.setprofile(None)
    return count


# Changes


class Shelf:
    """Notes that are added, changed, closed and deleted, each under a word that stands nowhere else."""

    def __init__(self, seed: str) -> None:
        self.drawn = random.Random(seed)
        self.words: set[str] = set()

    def word(self) -> str:
        word = f"w{self.drawn.randrange(10**9):09d}"
        self.words.add(word)
        return word

    def plan(self) -> tuple[str, int, str]:
        """Draw one deed, to be done in whatever process."""
        return self.drawn.choice(("add", "add", "change", "close", "delete")), self.drawn.randrange(1000), self.word()


def done(deed: str, choice: int, word: str) -> tuple[str, int]:
    """Change one thing as a request does, in one transaction; once this returns it is acknowledged."""
    with transaction.atomic():
        notes = Note.objects.filter(access_key=OPEN_TO_ALL).order_by("pk")
        number = notes.count()
        note = notes[choice % number] if number > 3 and deed != "add" else Note()
        if note.pk and deed == "delete":
            pk = note.pk
            note.delete()
            return "delete", pk
        note.title, note.body = f"note {word}", f"Text of {word}.\n# Part\nMore text."
        if note.pk and deed == "close":
            note.access_key = "nobody"
        note.save()
    return ("close" if note.access_key == "nobody" else "add"), note.pk


def open_titles() -> list[str]:
    return sorted(Note.objects.filter(access_key=OPEN_TO_ALL).values_list("title", flat=True))


def found(query: str) -> list[str]:
    answer = library.find(query, keys=PUBLIC, limit=10_000)
    assert answer.total == len(answer.hits)
    return sorted(hit.title for hit in answer.hits)


def shown_too_much() -> Iterator[str]:
    """Name what a reader is shown that is gone, closed or named otherwise by now."""
    for title in set(found("")) - set(open_titles()):
        yield f"{title} is shown and should not be"


def differences(words: set[str]) -> Iterator[str]:
    """Bring in what waits and name what the index then gives otherwise than the database."""
    outbox.drain_now()
    titles = open_titles()
    if found("") != titles:
        yield f"found are {found('')}, there are {titles}"
    for word in words:
        if found(word) != [title for title in titles if word in title]:
            yield f"{word} finds {found(word)}"
    missing, extra = verify(default_store())
    if missing or extra or Change.objects.exists():
        yield f"missing {missing}, extra {extra}, waiting {Change.objects.count()}"


def lost(told: list[Any]) -> Iterator[str]:
    """Name what was acknowledged and is not in the database: its last state by each note's key."""
    for pk, deed in {pk: deed for deed, pk in told}.items():
        there = Note.objects.filter(pk=pk).values_list("access_key", flat=True).first()
        if {"add": "public", "close": "nobody", "delete": None}[deed] != there:
            yield f"note {pk} was acknowledged as {deed} and is {there}"


def leftovers() -> Iterator[str]:
    """Name the files that belong to no commit. Call it after a commit, which tidies up."""
    store = default_store()
    folder = store.current()
    assert folder
    now = snapshot(store)
    known = {f"_INDEX_{now.number}.toc", "INDEX_WRITELOCK", "building", "replay"}
    for file in folder.iterdir():
        if file.name not in known and file.name.split(".")[0] not in {each.name for each in now.segments}:
            yield f"{file.name} is left over"


# Killed


def kill_at_every_point(seed: str, kind: str, rounds: str) -> Iterator[str]:
    """Kill a process before one of the dangerous calls of a save, a rebuild or a merge, over many of them."""
    shelf = Shelf(f"{seed} {kind}")
    for _ in range(6):
        done("add", 0, shelf.word())

    def act(plan: tuple[str, int, str], say: Say) -> None:
        if kind == "save":
            say(done(*plan))
        elif kind == "rebuild":
            # Something changes in the middle, so that there is something to replay.
            first = [plan]
            rebuild(progress=lambda _: first and say(done(*first.pop())))
        else:
            store = default_store()
            with store.lock():
                folder = store.current()
                assert folder
                store.write(folder, {}, [], merge=merge_all)

    number = int(forked(lambda say: say(watched(lambda: act(("add", 0, "w0"), lambda told: None))))[-1])
    points = sorted(shelf.drawn.sample(range(1, number + 1), min(int(rounds), number)))
    for point in points:
        plan = shelf.plan()
        told = forked(lambda say, plan=plan, point=point: watched(lambda: act(plan, say), point) and None)  # type: ignore[misc]
        where = f"seed {seed}, {kind} killed before call {point} of {number}"
        for wrong in (*lost(told), *shown_too_much(), *differences({plan[2]})):
            yield f"{where}: {wrong}"
        if kind == "merge":
            done(*shelf.plan())  # so that there are two pieces again
    done("add", 0, shelf.word())
    for wrong in (*differences(shelf.words), *leftovers()):
        yield f"seed {seed}, {kind}, at the end: {wrong}"
    yield from swept()


def kill_at_any_moment(seed: str, rounds: str) -> Iterator[str]:
    """Kill a process that saves and rebuilds on and on, at a moment it knows nothing of."""
    shelf = Shelf(seed)
    for number in range(int(rounds)):
        plans = [shelf.plan() for _ in range(60)]
        stop_after, pause = shelf.drawn.randrange(1, 8), shelf.drawn.random() * 0.02

        def act(say: Say, plans: list[Any] = plans, number: int = number) -> None:
            for count, plan in enumerate(plans):
                say(done(*plan))
                if number % 2 and count % 4 == 3:
                    rebuild()

        def kill(child: int, lines: Iterator[Any], stop_after: int = stop_after, pause: float = pause) -> list[Any]:
            told = [next(lines) for _ in range(stop_after)]
            time.sleep(pause)
            os.kill(child, signal.SIGKILL)
            return told

        told = forked(act, kill)
        # One more deed may have been committed and not been acknowledged any more: it may concern any note.
        unsaid = list(lost(told))
        if len(unsaid) > 1:
            yield f"seed {seed}, round {number}: {unsaid}"
        for wrong in (*shown_too_much(), *differences({word for _, _, word in plans})):
            yield f"seed {seed}, round {number}: {wrong}"
    yield from swept()


def swept(besides: Set[str] = frozenset()) -> Iterator[str]:
    """Name what a rebuild leaves lying about: a lock that is still held would stop it."""
    rebuild()
    store = default_store()
    names = sorted(path.name for path in store.path.iterdir() if path.name not in besides)
    if len(names) != 3 or names[0] != "current" or names[2] != "write.lock":
        yield f"a rebuild leaves {names}"
    yield from differences(set())


def die_between_index_and_outbox() -> Iterator[str]:
    """Kill a process after its commit to the index and before its rows are deleted; repeat it twice."""
    for word in ("w1", "w2"):

        def act(say: Say, word: str = word) -> None:
            def dead(rows: ChangeQuerySet, ids: Sequence[int]) -> None:
                os.kill(os.getpid(), signal.SIGKILL)

            ChangeQuerySet.forget = dead
            done("add", 0, word)

        forked(act)
        if library.find(word, keys=None).total != 1 or Change.objects.count() != 1:
            yield "it was killed at another point"
        if found(word):
            yield "what waits was shown before its rows were deleted"
        yield from differences({word})


# Many at once


def crowd(writers: str, each: str) -> Iterator[str]:
    """Several processes save one by one, two rebuild again and again, two read; all at once."""
    pipes: dict[int, Any] = {}

    def begin(deed: Callable[[], Any]) -> int:
        reading, writing = os.pipe()
        connection.close()
        child = os.fork()
        if not child:
            ended = 1
            try:
                os.write(writing, json.dumps(deed()).encode())
                ended = 0
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(ended)
        os.close(writing)
        pipes[child] = reading
        return child

    def end(child: int) -> Any:
        with os.fdopen(pipes.pop(child)) as pipe:
            told = pipe.read()
        _, status = os.waitpid(child, 0)
        return json.loads(told) if status == 0 and told else f"ended with {status}"

    over = default_store().path.parent / "over"

    def write(name: str) -> int:
        for number in range(int(each)):
            with transaction.atomic():
                Note.objects.create(title=f"note {name}{number:03d}")
        return int(each)

    def build_anew() -> int:
        count = 0
        while not over.exists():
            if count < REBUILDS:
                rebuild()
                count += 1
            time.sleep(0.01)
        return count

    def read() -> list[str]:
        wrong, before = [], 0
        while not over.exists():
            time.sleep(0.005)
            try:
                titles = found("note")
            except IndexUnavailable as error:
                wrong.append(f"no answer: {error}")
                continue
            if len(set(titles)) != len(titles):
                wrong.append("something is found twice")
            waits = Change.objects.exists()
            if len(titles) < before and not waits:
                wrong.append(f"{before} were found, then {len(titles)}")
            before = max(before, len(titles)) if not waits else 0
        return wrong

    readers, builders = [begin(read) for _ in range(2)], [begin(build_anew) for _ in range(2)]
    authors = [begin(lambda name=f"a{number}n": write(name)) for number in range(int(writers))]
    for child in authors:
        if (told := end(child)) != int(each):
            yield f"a writer {told}"
    over.touch()
    for child in builders:
        told = end(child)
        if not isinstance(told, int) or not told:
            yield f"a rebuild {told}"
    for child in readers:
        if told := end(child):
            yield f"a reader saw {told}"
    if Note.objects.count() != int(writers) * int(each):
        yield f"the database holds {Note.objects.count()}"
    yield from differences({f"a{number}n{int(each) - 1:03d}" for number in range(int(writers))})
    yield from swept()


# A full disk


@contextlib.contextmanager
def room_for(size: int) -> Iterator[None]:
    """Let no file grow beyond a size, as a disk does that is nearly full; works for every user."""
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))


def largest_file() -> int:
    folder = default_store().current()
    assert folder
    return max(file.stat().st_size for file in folder.iterdir())


def fill_the_disk(seed: str, rounds: str) -> Iterator[str]:
    """Save, rebuild and merge on a disk with room for some more bytes, or for none."""
    shelf = Shelf(seed)
    store = default_store()
    for _ in range(8):
        done("add", 0, shelf.word())
    failed = dict.fromkeys(("save", "rebuild", "merge"), 0)
    for number in range(int(rounds)):
        kind = ("save", "rebuild", "merge")[number % 3]
        size = shelf.drawn.randrange(0, largest_file())
        where = f"seed {seed}, round {number}, {kind} with room for {size}"
        plan = shelf.plan()
        folders = {path for path in store.path.iterdir() if path.is_dir()}
        before = found("")
        if kind == "save":
            limits = size, resource.getrlimit(resource.RLIMIT_FSIZE)[1]
            with transaction.atomic():
                # The disk is full from the moment the change is committed.
                transaction.on_commit(lambda limits=limits: resource.setrlimit(resource.RLIMIT_FSIZE, limits))
                done(*plan)
            with room_for(size):
                failed[kind] += Change.objects.exists()
                if (state := health().state) != ("behind" if Change.objects.exists() else "ok"):
                    yield f"{where}: health says {state}"
                yield from (f"{where}: {wrong}" for wrong in shown_too_much())
                left_out = set(before) - set(found(""))
                if len(left_out) > 1:
                    yield f"{where}: no longer found are {left_out}"
        else:
            with room_for(size):
                try:
                    if kind == "rebuild":
                        rebuild()
                    else:
                        folder = store.current()
                        assert folder
                        with store.lock():
                            store.write(folder, {}, [], merge=merge_all)
                except OSError:
                    failed[kind] += 1
                    if {path for path in store.path.iterdir() if path.is_dir()} != folders:
                        yield f"{where}: a folder is left"
                if found("") != before or health().state != "ok":
                    yield f"{where}: found are {found('')}, health is {health()}"
                yield from (f"{where}: {wrong}" for wrong in leftovers())
        if number % 2:
            done(*shelf.plan())  # the next change mends it
        else:
            rebuild()
        for wrong in differences({plan[2]}):
            yield f"{where}: {wrong}"
    if not all(failed.values()):
        yield f"seed {seed}: the disk was never full for one of {failed}"
    yield from swept()


# A folder that is not ours


@contextlib.contextmanager
def as_somebody_else() -> Iterator[None]:
    """Be an account that may write only what it may: root is asked for no permission, nobody is."""
    if os.geteuid() != 0:
        yield
        return
    os.setresuid(65534, 65534, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)


def give_away_database() -> None:
    """Let the other account use the database, not the index."""
    connection.close()
    folder = default_store().path.parent
    for path in folder.glob("hub.sqlite3*"):
        os.chmod(path, 0o666)
    os.chmod(folder, 0o777)


def close_folder(mode: int) -> None:
    """Take rights on the index away from everybody."""
    store = default_store()
    for path in [*store.path.rglob("*"), store.path]:
        path.chmod(mode | (0o111 if path.is_dir() and mode else 0))


def open_folder() -> None:
    store = default_store()
    store.path.chmod(0o700)
    for path in sorted(store.path.rglob("*")):
        path.chmod(stat.S_IRWXU if path.is_dir() else 0o600)


def take_rights_away(kind: str) -> Iterator[str]:
    """Save, search and rebuild where the index may only be read, or not even that."""
    done("add", 0, "w1")
    give_away_database()
    close_folder(0o444 if kind == "read only" else 0)
    with as_somebody_else():
        done("add", 0, "w2")
        done("close", 0, "w3")
        if not Change.objects.count() >= 2:
            yield "the changes do not wait"
        state, right = health().state, {"read only": "behind", "closed": "damaged"}[kind]
        if state != right:
            yield f"health says {state}"
        try:
            titles = found("")
        except IndexUnavailable:
            titles = None
        if titles != ({"read only": ["note w1"], "closed": None}[kind]):
            yield f"found are {titles}"
        if not set(library.suggest("w", keys=PUBLIC)) <= {"note w1", "w1"}:
            yield "something else is suggested"
        if [note.title for note in Note.objects.search("w2")] != {"read only": [], "closed": ["note w2"]}[kind]:
            yield f"an ordinary search gives {list(Note.objects.search('w2'))}"
        with contextlib.suppress(OSError, IndexUnavailable):
            rebuild()
            yield "it could be rebuilt"
        connection.close()
    open_folder()
    yield from differences({"w1", "w2", "w3"})
    yield from swept()


def without_threads() -> Iterator[str]:
    """Search and save where the index is gone and the machine gives no thread."""
    done("add", 0, "w1")
    store = default_store()
    give_away_database()
    pointer = store.path / "current"
    kept = pointer.read_text()
    pointer.unlink()
    os.chmod(store.path, 0o755)
    with as_somebody_else():
        resource.setrlimit(resource.RLIMIT_NPROC, (0, resource.getrlimit(resource.RLIMIT_NPROC)[1]))
        try:
            threading.Thread(target=time.time).start()
            yield "a thread could be started"
        except RuntimeError:
            pass
        for _ in range(2):
            with contextlib.suppress(IndexUnavailable):
                found("w1")
                yield "the index answered"
            done("add", 0, "w2")
        if Change.objects.count() != 2:
            yield f"{Change.objects.count()} changes wait"
        connection.close()
    pointer.write_text(kept)
    yield from differences({"w1", "w2"})


# Older code


def older_code() -> Iterator[str]:
    """Read an index that other code wrote: one that can be read, then one that lacks what this code reads."""
    store = default_store()
    done("add", 0, "w1")

    def rebuilt() -> bool:
        """Wait for whoever rebuilds, and say whether somebody did."""
        for thread in threading.enumerate():
            if thread.name == "rebuild-search":
                thread.join()
        # The thread may have ended before anybody looked; that it was started is written down.
        started = outbox._repair["last"] != -outbox.PAUSE
        outbox._repair["last"] = -outbox.PAUSE
        return started

    def age(folder: Path) -> Path:
        other = folder.with_name(folder.name.replace(vintage.vintage(), "01d01d01"))
        folder.rename(other)
        (store.path / "current").write_text(other.name)
        return other

    folder = store.current()
    assert folder
    if found("w1") != ["note w1"] or rebuilt():
        yield "an index of this code was rebuilt"
    older = age(folder)
    vintage.LOADED += 1
    if found("w1") != ["note w1"] or rebuilt():
        yield "a process that is older than the code on the disk rebuilt"
    vintage.LOADED -= 1
    forget_store(store)
    if found("w1") != ["note w1"]:
        yield "an older index that can be read did not answer"
    if not rebuilt() or older.exists() or found("w1") != ["note w1"]:
        yield "it was not built anew"

    filling = store.fill()
    for note in Note.objects.all():
        for document in documents_of(note):
            document["stored"].pop("anchor", None)
            filling.add([document])
    filling.commit()
    with store.lock():
        filling.publish()
    age(filling.folder)
    with contextlib.suppress(IndexUnavailable):
        found("w1")
        yield "an index without what this code reads answered"
    if not rebuilt() or found("w1") != ["note w1"]:
        yield "it was not built anew"
    yield from swept({"repair.lock"})
