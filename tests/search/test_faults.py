"""Whatever happens to the files of the index, readers get an answer and nothing but the truth."""

from __future__ import annotations

import contextlib
import gc
import os
import pickle
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from modelsearch.query import MATCH_ALL, Phrase, PlainText

from search import library, outbox
from search.backend import SearchBackend
from search.health import health
from search.rebuilding import rebuild, verify
from search.snapshot import Segment, forget_store, snapshot
from search.store import MANY_SMALL, IndexUnavailable, Locked, Store, merge_all
from tests.search.shelf.models import Note


@pytest.fixture
def shelf(store: Store) -> Store:
    """Two notes and one that is gone, in one segment."""
    Note.objects.create(title="Housing", body="Where people live.\n# Roof\nA roof above the head.", topics=["housing"])
    Note.objects.create(title="Work")
    gone = Note.objects.create(title="Gone", body="A roof no more.")
    outbox.drain_now()
    gone.delete()
    outbox.drain_now()
    return store


def current(store: Store) -> Path:
    folder = store.current()
    assert folder is not None
    return folder


def find() -> library.Answer:
    return library.find("roof housing", keys=None, facets=["topic"])


def files(store: Store) -> list[Path]:
    """Every file by which the index answers: pointer, table of contents, and what is in its one segment."""
    inside = sorted(path for path in current(store).iterdir() if path.stat().st_size)
    (table,) = (path for path in inside if path.suffix == ".toc")
    (name,) = (segment.name for segment in snapshot(store).segments)
    segment = [path for path in inside if path.name.startswith(f"{name}.")]
    assert {table, *segment} == set(inside)
    assert segment
    return [store.path / "current", table, *segment]


def write_junk(path: Path) -> None:
    path.write_bytes(os.urandom(path.stat().st_size))


def write_zeros(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def lengthen(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"more")


def empty(path: Path) -> None:
    os.truncate(path, 0)


def make_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()
    (path / "inside").write_text("in the way")


def flip(path: Path, bit: int) -> None:
    content = bytearray(path.read_bytes())
    content[bit // 8] ^= 1 << bit % 8
    path.write_bytes(content)


DAMAGE = [write_junk, write_zeros, cut, lengthen, empty, Path.unlink, make_folder]


@pytest.mark.parametrize("running", [False, True], ids=["new process", "running process"])
@pytest.mark.parametrize("damage", DAMAGE, ids=lambda each: each.__name__)
def test_damage_of_any_file_gives_the_right_answer_or_none_is_told_and_mended(
    shelf: Store, damage: Callable[[Path], None], running: bool
) -> None:
    right = find()
    assert right.total == 1
    kept = shelf.path.with_name("kept")
    shutil.copytree(shelf.path, kept)
    every = files(shelf)
    for path in every:
        forget_store(shelf)
        if running:
            snapshot(shelf)
        damage(path)
        with contextlib.suppress(IndexUnavailable):
            assert find() == right, path.name
        assert set(library.suggest("hou", keys=None)) <= {"Housing", "housing"}
        assert list(Note.objects.search("housing")) == [Note.objects.get(title="Housing")]
        assert health().state in ("damaged", "missing"), path.name
        if path in (*every[:2], every[-1]):  # the others are in the same folder, which is left behind whole
            rebuild()
            assert [hit.title for hit in find().hits] == ["Housing"]
            assert health().state == "ok"
            assert len(list(shelf.path.glob("v*"))) == 1
        shutil.rmtree(shelf.path)
        shutil.copytree(kept, shelf.path)


@pytest.mark.parametrize("running", [False, True], ids=["new process", "running process"])
def test_no_flipped_bit_becomes_an_answer(shelf: Store, running: bool) -> None:
    seed = 20261126
    drawn = random.Random(seed)
    right = find(), library.find("gone", keys=None), library.find("", keys=None)
    assert right[1].total == 0
    for path in files(shelf):
        content = path.read_bytes()
        for bit in drawn.sample(range(len(content) * 8), min(8, len(content) * 8)):
            forget_store(shelf)
            if running:
                snapshot(shelf)
            flip(path, bit)
            with contextlib.suppress(IndexUnavailable):
                assert (find(), library.find("gone", keys=None), library.find("", keys=None)) == right
            assert health().state in ("damaged", "missing"), f"seed {seed}: bit {bit} of {path.name}"
            path.write_bytes(content)


def test_a_bit_that_is_flipped_before_a_merge_is_not_given_a_good_sum(shelf: Store) -> None:
    snapshot(shelf)
    for path in files(shelf)[2:]:
        flip(path, path.stat().st_size * 4)
    with pytest.raises(IndexUnavailable), shelf.lock():
        shelf.write(current(shelf), {}, [], merge=merge_all)
    rebuild()
    assert find().total == 1


class Deed:
    """Something that a pickle does when it is read."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return Path.touch, (self.path,)


def test_nothing_in_a_file_that_is_not_what_was_written_is_carried_out(shelf: Store, tmp_path: Path) -> None:
    done = tmp_path / "done"
    pickled = pickle.dumps(Deed(done))
    pickle.loads(pickled)
    assert done.exists()
    done.unlink()
    for running in (False, True):
        for path in files(shelf):
            content = path.read_bytes()
            forget_store(shelf)
            if running:
                snapshot(shelf)
            # A pickle is read from wherever it begins: it is put there in the place of each byte that could.
            path.write_bytes(b"".join([content[: len(content) // 4], *[pickled] * 20]))
            with contextlib.suppress(IndexUnavailable):
                find()
            path.write_bytes(content.replace(b"\x80\x02", pickled))
            with contextlib.suppress(IndexUnavailable):
                find()
            path.write_bytes(content)
    assert not done.exists()


@pytest.mark.parametrize("name", ["write.lock", "repair.lock"])
@pytest.mark.parametrize("damage", [write_junk, Path.unlink, make_folder], ids=lambda each: each.__name__)
def test_a_lock_is_only_a_lock(shelf: Store, name: str, damage: Callable[[Path], None]) -> None:
    held = shelf.repairing()
    assert held is not None
    held.close()
    damage(shelf.path / name)
    Note.objects.create(title="New roof")
    outbox.drain_now()
    assert find().total == 2
    held = shelf.repairing()
    assert held is not None
    held.close()
    rebuild()
    assert find().total == 2


def test_a_lock_that_was_deleted_while_it_was_awaited_is_not_taken_for_one(shelf: Store) -> None:
    with shelf.lock():
        (shelf.path / "write.lock").unlink()
        with shelf.lock(seconds=0), pytest.raises(Locked), shelf.lock(seconds=0):
            pass


def test_a_new_process_reads_a_segment_of_which_a_part_is_deleted(shelf: Store) -> None:
    for number in range(3):
        Note.objects.create(title=f"Shelter {number}")
    outbox.drain_now()
    Note.objects.get(title="Shelter 1").delete()
    outbox.drain_now()
    forget_store(shelf)
    assert sorted(hit.title for hit in library.find("shelter", keys=None).hits) == ["Shelter 0", "Shelter 2"]


POINTERS = {
    "bytes": b"\xff\x00../../etc",
    "half a name": b"v3-",
    "another folder": b"v3-x/../NAME",
    "a long name": b"v3-" + b"a" * 5000,
    "two lines": b"NAME\nNAME",
}


@pytest.mark.parametrize("ruin", [*POINTERS, "pointer is a folder", "folder", "everything"])
def test_a_lost_index_is_told_and_the_next_build_mends_it(shelf: Store, ruin: str) -> None:
    if ruin in POINTERS:
        (shelf.path / "current").write_bytes(POINTERS[ruin].replace(b"NAME", current(shelf).name.encode()))
    elif ruin == "pointer is a folder":
        (shelf.path / "current").unlink()
        (shelf.path / "current").mkdir()
    elif ruin == "folder":
        shutil.rmtree(current(shelf))
    else:
        shutil.rmtree(shelf.path)
    with pytest.raises(IndexUnavailable):
        find()
    assert health().state in {"missing", "damaged"}
    assert shelf.is_missing() in (True, False)  # asked in the request that saves, where nothing may be raised
    assert [note.title for note in Note.objects.search("housing")] == ["Housing"]
    rebuild()
    assert find().total == 1
    assert health().state == "ok"


def test_a_path_that_cannot_be_a_folder_is_told(shelf: Store, settings: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    settings.WAGTAILSEARCH_BACKENDS = {
        "default": {"BACKEND": "search.backend", "PATH": tmp_path / "file", "REPAIR": False}
    }
    with pytest.raises(IndexUnavailable):
        find()
    Note.objects.create(title="More housing")
    outbox.drain()
    assert health().state in {"missing", "damaged"}
    assert Note.objects.search("more").count() == 1


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("housing", ["Housing"]),
        (PlainText("housing work", operator="or"), ["Housing", "Work"]),
        (Phrase("Housing"), ["Housing"]),
        (MATCH_ALL, ["Housing", "Work"]),
        ("\x00", []),
        ("\ud800", []),
        ("   ", []),
        ("word " * 10_000, []),
    ],
    ids=lambda each: repr(each)[:30],
)
def test_the_database_answers_for_a_lost_index(shelf: Store, query: Any, titles: list[str]) -> None:
    shutil.rmtree(shelf.path)
    results = SearchBackend({}).search(query, Note.objects.filter(live=True))
    assert sorted(note.title for note in results) == titles
    assert results.count() == len(titles)
    assert len(results[:1]) == min(len(titles), 1)


def test_the_database_completes_and_counts_for_a_lost_index(shelf: Store) -> None:
    shutil.rmtree(shelf.path)
    assert [note.title for note in Note.objects.autocomplete("hous")] == ["Housing"]
    assert SearchBackend({}).search(MATCH_ALL, Note).facet("live") == {True: 2}


def test_an_index_of_an_older_version_is_not_read(shelf: Store) -> None:
    old = shelf.path / "v0-older"
    current(shelf).rename(old)
    (shelf.path / "current").write_text(old.name)
    with pytest.raises(IndexUnavailable):
        find()
    assert health().state == "missing"
    rebuild()
    assert find().total == 1
    assert not old.exists()


def test_what_changes_while_an_index_is_filled_is_in_it(shelf: Store) -> None:
    backend = SearchBackend({})
    rebuilder = backend.rebuilder_class(backend.get_index_for_model(Note))
    index = rebuilder.start()
    index.add_items(Note, list(Note.objects.order_by("pk")))
    note = Note.objects.get(title="Work")
    note.title = "Training"
    note.save()
    Note.objects.get(title="Housing").delete()
    Note.objects.create(title="New")
    outbox.drain_now()
    rebuilder.finish()
    assert [hit.title for hit in library.find("", keys=None).hits] == ["New", "Training"]
    missing, extra = verify(shelf)
    assert not extra
    assert not [name for name in missing if name.startswith("shelf.")]


def test_the_command_builds_merges_and_verifies(shelf: Store, capsys: Any) -> None:
    call_command("rebuild_search", verbosity=0)
    call_command("rebuild_search", verify=True)
    assert "holds what the database holds" in capsys.readouterr().out
    Note.objects.all()[:1].get().delete()
    Note.objects.create(title="New")
    with pytest.raises(CommandError, match="1 objects are missing, 1 should not be there"):
        call_command("rebuild_search", verify=True)
    outbox.drain_now()
    call_command("rebuild_search", merge=True)
    assert len(snapshot(shelf).segments) == 1
    call_command("rebuild_search", verify=True)
    with pytest.raises(CommandError, match="give one"):
        call_command("rebuild_search", verify=True, merge=True)
    shutil.rmtree(current(shelf))
    with pytest.raises(CommandError, match="cannot be used"):
        call_command("rebuild_search", merge=True)


def test_wagtails_update_index_builds_it_too(shelf: Store) -> None:
    shutil.rmtree(shelf.path)
    call_command("update_index", verbosity=0)
    assert find().total == 1


def test_hundreds_of_commits_leave_no_file_open_and_no_segment_in_memory(store: Store) -> None:
    def held() -> tuple[int, int]:
        gc.collect()
        return len(os.listdir("/dev/fd")), sum(type(each) is Segment for each in gc.get_objects())

    most, of_others = 0, held()[1] - len(snapshot(store).segments)
    for number in range(300):
        note = Note.objects.create(title=f"Housing {number}")
        outbox.drain_now()
        if number % 3:
            note.delete()
        assert library.find("housing", keys=frozenset({"public"}), facets=["topic"]).total > 0
        if number % 60 == 59:
            files_open, segments = held()
            assert segments - of_others <= 2 * (MANY_SMALL + 2)
            most = most or files_open + 3 * 2 * MANY_SMALL
            assert files_open <= most
