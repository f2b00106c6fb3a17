"""From a change to the index: in the transaction, after the commit, without loss."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, transaction
from django.utils import timezone

from search import library, outbox
from search.backend import SearchBackend
from search.health import Health, health
from search.models import Change
from search.rebuilding import rebuild
from search.snapshot import snapshot
from search.store import MANY_SMALL, IndexUnavailable, Store
from tests.search.shelf.models import Label, Note, Thing

ALL = None


def found(query: str) -> list[str]:
    hits = library.find(query, keys=ALL, limit=100).hits
    return sorted(hit.title for hit in hits if hit.model == "shelf.Note")


@pytest.fixture
def committed(store: Store, django_capture_on_commit_callbacks: Any) -> Any:
    """Run a block and what it leaves for after the commit."""

    def block() -> Any:
        return django_capture_on_commit_callbacks(execute=True)

    return block


def test_a_saved_object_is_found_after_the_commit_and_not_before(committed: Any) -> None:
    with committed():
        Note.objects.create(title="Housing")
        assert Change.objects.count() == 1
        assert found("housing") == []
    assert found("housing") == ["Housing"]
    assert Change.objects.count() == 0


def test_an_object_that_was_rolled_back_is_never_found(committed: Any) -> None:
    with committed():
        with transaction.atomic():
            Note.objects.create(title="Housing")
            transaction.set_rollback(True)
        Note.objects.create(title="Work")
    assert found("housing work") == ["Work"]
    assert Change.objects.count() == 0


def test_an_update_replaces_and_a_deletion_removes_all_places_of_an_object(committed: Any) -> None:
    with committed():
        note = Note.objects.create(title="Housing", body="Intro.\n# One\nflats\n# Two\nhostels")
    with committed():
        note.title, note.body = "Homes", "Intro.\n# One\nhostels"
        note.save()
    assert found("housing flats") == []
    assert found("hostels") == ["Homes"]
    with committed():
        note.delete()
    assert found("hostels homes") == []
    assert found("") == []


def test_what_stops_giving_entries_leaves_the_site_search_and_stays_in_the_admins(committed: Any) -> None:
    with committed():
        note = Note.objects.create(title="Housing")
    with committed():
        note.live = False
        note.save()
    assert found("housing") == []
    assert list(Note.objects.search("housing")) == [note]


def test_a_change_of_related_objects_is_noticed_from_both_sides(committed: Any) -> None:
    with committed():
        note, label = Note.objects.create(title="Housing"), Label.objects.create(name="roof")
    with committed():
        note.labels.add(label)
    assert list(Note.objects.search("roof")) == [note]
    with committed():
        label.note_set.clear()
    assert list(Note.objects.search("roof")) == []
    with committed():
        label.note_set.set([note])
    assert list(Note.objects.search("roof")) == [note]


def test_what_was_changed_without_a_save_can_be_put(committed: Any) -> None:
    with committed():
        note = Note.objects.create(title="Housing", access_key="members")
    public = frozenset({"public"})
    assert library.find("housing", keys=public).total == 0
    with committed():
        Note.objects.update(access_key="public")
        outbox.put(Note, [note.pk])
    assert library.find("housing", keys=public).total == 1


def test_a_bulk_import_is_brought_in_once_at_its_end(committed: Any, store: Store) -> None:
    before = len(snapshot(store).segments)
    with committed():
        with outbox.suspended():
            for number in range(3):
                Note.objects.create(title=f"Housing {number}")
            outbox.drain()
            assert Change.objects.count() == 3
        assert found("housing") == []
    assert len(found("housing")) == 3
    assert len(snapshot(store).segments) == before + 1


def test_refreshing_brings_in_what_waits_now(store: Store) -> None:
    Note.objects.create(title="Housing")
    SearchBackend({}).refresh_indexes()
    assert found("housing") == ["Housing"]


def test_one_object_that_cannot_be_indexed_holds_up_no_other(committed: Any, caplog: Any) -> None:
    with committed():
        Note.objects.create(title="cannot be indexed")
        Note.objects.create(title="Housing")
    assert found("") == ["Housing"]
    assert Change.objects.count() == 0
    assert "shelf.Note" in caplog.text


def test_a_row_that_cannot_be_read_holds_up_no_other(store: Store, caplog: Any) -> None:
    notes = [Note.objects.create(title=title) for title in ("Housing", "cannot be read", "Homes")]
    outbox.drain_now()
    assert "shelf.Note" in caplog.text
    assert str(notes[1].pk) in caplog.text
    assert (found("housing"), found("homes"), Change.objects.count()) == (["Housing"], ["Homes"], 0)
    rebuild()
    assert (found("housing"), found("homes"), found("read")) == (["Housing"], ["Homes"], [])


def test_what_the_database_could_not_answer_for_waits_and_is_not_taken_out(committed: Any, caplog: Any) -> None:
    with committed():
        note = Note.objects.create(title="Housing")
    with committed():
        note.title = "database is away"
        note.save()
    assert "connection was lost" in caplog.text
    assert Change.objects.count() == 1
    assert found("housing") == ["Housing"]
    with pytest.raises(OperationalError):
        rebuild()
    Note.objects.update(title="Homes")  # the database is back
    outbox.drain_now()
    assert (found("housing"), found("homes"), Change.objects.count()) == ([], ["Homes"], 0)


@pytest.mark.parametrize(
    ("model", "key"),
    [
        ("gone.Model", "1"),
        ("no label", "1"),
        ("", ""),
        ("shelf.Thing", "not a uuid"),
        ("shelf.Note", "not a number"),
        ("shelf.Note", "9" * 60),
        ("shelf.Note", "-" + "9" * 60),
        ("core.HubPage", "9" * 60),
        ("shelf.Label", "1"),
    ],
)
def test_rows_that_name_nothing_are_dropped_and_hold_up_no_other(store: Store, model: str, key: str) -> None:
    Change.objects.create(model=model, object_id=key)
    Note.objects.create(title="Housing")
    assert library.find("housing", keys=frozenset({"public"})).total == 0
    outbox.drain_now()
    assert library.find("housing", keys=frozenset({"public"})).total == 1
    assert Change.objects.count() == 0


def test_a_hundred_thousand_rows_can_wait(store: Store) -> None:
    note = Note.objects.create(title="Housing")
    outbox.drain_now()
    note.title = "Homes"
    note.save()
    outbox.put(Note, range(10**6, 10**6 + 100_000))
    assert library.find("housing", keys=frozenset({"public"})).total == 0
    assert library.find("", keys=None).total == 1
    assert health().waiting == 100_001
    outbox.drain_now()
    assert found("homes") == ["Homes"]
    assert Change.objects.count() == 0


def test_a_clock_that_was_set_back_gives_no_negative_age(store: Store) -> None:
    Note.objects.create(title="Housing")
    Change.objects.update(created_at=timezone.now() + timedelta(hours=1))
    assert health().oldest_seconds == 0
    assert health().state == "behind"
    outbox.drain_now()
    assert health().state == "ok"


def test_what_is_being_brought_in_is_not_behind(store: Store) -> None:
    Note.objects.create(title="Housing")
    assert health().state == "behind"
    with store.lock():
        assert health().state == "ok"
        Change.objects.update(created_at=timezone.now() - timedelta(minutes=2))
        assert health().state == "behind"


def test_what_cannot_be_brought_in_is_logged_and_waits(committed: Any, caplog: Any) -> None:
    Note.objects.create(title="Housing")
    outbox.drain_now()
    store = SearchBackend({}).store
    folder = store.current()
    assert folder is not None
    for file in folder.glob("*.toc"):
        file.write_bytes(b"junk")
    with caplog.at_level(logging.ERROR), committed():
        Note.objects.create(title="Work")
    assert "cannot be used" in caplog.text
    assert Change.objects.count() == 1
    assert health().state == "damaged"
    rebuild()
    assert found("housing work") == ["Housing", "Work"]
    assert Change.objects.count() == 0


def test_a_missing_index_of_a_small_site_is_built_by_the_first_change(committed: Any) -> None:
    Note.objects.create(title="Housing")
    store = SearchBackend({}).store
    (store.path / "current").unlink()
    assert health().state == "missing"
    with pytest.raises(IndexUnavailable):
        library.find("housing", keys=ALL)
    with committed():
        Note.objects.create(title="Work")
    assert found("housing work") == ["Housing", "Work"]


def test_health_tells_state_and_age(store: Store) -> None:
    documents = health().documents
    assert health() == Health("ok", False, documents, 0, 0.0)
    Note.objects.create(title="Housing")
    Change.objects.update(created_at=timezone.now() - timedelta(hours=1))
    now = health()
    assert (now.state, now.waiting) == ("behind", 1)
    assert 3600 <= now.oldest_seconds < 3700


def test_any_number_of_objects_can_be_put_at_once(committed: Any) -> None:
    with committed():
        outbox.put(Note, [])
        outbox.put(Note, range(10**6, 10**6 + 3 * outbox.MANY))
        assert Change.objects.count() == 3 * outbox.MANY
        assert health().oldest_seconds < 60
    assert Change.objects.count() == 0


def test_many_small_pieces_are_merged(store: Store) -> None:
    notes = []
    for number in range(2 * MANY_SMALL + 5):
        notes.append(Note.objects.create(title=f"Housing {number}"))
        outbox.drain_now()
    notes[0].delete()
    notes[20].delete()
    outbox.drain_now()
    now = snapshot(store)
    assert len(now.segments) <= MANY_SMALL + 1
    assert len(found("housing")) == 2 * MANY_SMALL + 3


def test_modelsearchs_own_handlers_are_off() -> None:
    from django.db.models.signals import post_delete, post_save
    from modelsearch import signal_handlers

    for signal, handler in (
        (post_save, signal_handlers.post_save_signal_handler),
        (post_delete, signal_handlers.post_delete_signal_handler),
    ):
        for model in (Note, Thing):
            assert handler not in signal._live_receivers(model)[0]
