"""Whatever happens to the files of the index, readers get an answer and nothing but the truth."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from modelsearch.query import MATCH_ALL, Phrase, PlainText

from search import library, outbox
from search.backend import SearchBackend
from search.snapshot import forget_store, snapshot
from search.store import IndexUnavailable, Store
from tests.search.shelf.models import Note


@pytest.fixture
def shelf(store: Store) -> Store:
    """Three notes in two segments, one document deleted."""
    Note.objects.create(title="Housing", body="Where people live.\n# Roof\nA roof above the head.", topics=["housing"])
    Note.objects.create(title="Work")
    outbox.drain_now()
    gone = Note.objects.create(title="Gone")
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


def files(store: Store) -> list[str]:
    return sorted(path.name for path in current(store).iterdir() if path.stat().st_size)


@pytest.mark.parametrize("opened", [False, True], ids=["before it is opened", "after it was opened"])
@pytest.mark.parametrize("damage", ["junk", "one byte", "cut", "empty", "gone"])
def test_damage_in_any_file_gives_the_right_answer_or_none(shelf: Store, damage: str, opened: bool) -> None:
    right = find()
    assert right.total == 1
    kept = shelf.path / "kept"
    shutil.copytree(current(shelf), kept)
    noticed = 0
    for name in files(shelf):
        forget_store(shelf)
        if opened:
            snapshot(shelf)
        path = current(shelf) / name
        content = path.read_bytes()
        if damage == "junk":
            path.write_bytes(os.urandom(len(content)))
        elif damage == "one byte":
            middle = len(content) // 2
            path.write_bytes(content[:middle] + bytes([content[middle] ^ 255]) + content[middle + 1 :])
        elif damage == "cut":
            path.write_bytes(content[: len(content) // 2])
        elif damage == "empty":
            path.write_bytes(b"")
        else:
            path.unlink()
        try:
            assert find() == right, name
        except IndexUnavailable:
            noticed += 1
        assert library.suggest("hou", keys=None) in ([], ["Housing", "housing"])
        assert list(Note.objects.search("housing")) == [Note.objects.get(title="Housing")]
        for file in current(shelf).iterdir():
            file.unlink()
        for file in kept.iterdir():
            shutil.copy(file, current(shelf) / file.name)
    assert noticed > 0 or opened


def test_a_new_process_reads_a_segment_of_which_a_part_is_deleted(shelf: Store) -> None:
    for number in range(3):
        Note.objects.create(title=f"Shelter {number}")
    outbox.drain_now()
    Note.objects.get(title="Shelter 1").delete()
    outbox.drain_now()
    forget_store(shelf)
    assert sorted(hit.title for hit in library.find("shelter", keys=None).hits) == ["Shelter 0", "Shelter 2"]


def test_the_fallback_answers_and_is_marked(shelf: Store) -> None:
    shutil.rmtree(current(shelf))
    answer = library.find("housing", keys=None, fallback=lambda: library.Answer(total=7))
    assert (answer.total, answer.source) == (7, "database")


@pytest.mark.parametrize("ruin", ["pointer", "pointer is a folder", "folder", "everything"])
def test_a_lost_index_is_told_and_the_next_build_mends_it(shelf: Store, ruin: str) -> None:
    if ruin == "pointer":
        (shelf.path / "current").write_bytes(b"\xff\x00../../etc")
    elif ruin == "pointer is a folder":
        (shelf.path / "current").unlink()
        (shelf.path / "current").mkdir()
    elif ruin == "folder":
        shutil.rmtree(current(shelf))
    else:
        shutil.rmtree(shelf.path)
    with pytest.raises(IndexUnavailable):
        find()
    assert outbox.health().state in {"missing", "damaged"}
    assert [note.title for note in Note.objects.search("housing")] == ["Housing"]
    if ruin == "pointer is a folder":
        (shelf.path / "current").rmdir()
    outbox.rebuild()
    assert find().total == 1
    assert outbox.health().state == "ok"


def test_a_path_that_cannot_be_a_folder_is_told(shelf: Store, settings: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    settings.WAGTAILSEARCH_BACKENDS = {
        "default": {"BACKEND": "search.backend", "PATH": tmp_path / "file", "REPAIR": False}
    }
    with pytest.raises(IndexUnavailable):
        find()
    Note.objects.create(title="More housing")
    outbox.drain()
    assert outbox.health().state in {"missing", "damaged"}
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


def test_an_index_of_older_code_is_not_read(shelf: Store) -> None:
    old = shelf.path / "v0-older"
    current(shelf).rename(old)
    (shelf.path / "current").write_text(old.name)
    with pytest.raises(IndexUnavailable):
        find()


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
    missing, extra = outbox.verify(shelf)
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
