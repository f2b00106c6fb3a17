"""An index of given entries, written as the life of a site would have written it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence

from search.documents import entry_document
from search.entries import Entry
from search.snapshot import Snapshot, forget_store, snapshot
from search.store import Store, keep_pieces, merge_all
from tests.search.shelf.models import Note


def written(commits: Iterable[Iterable[Sequence[Entry]]], gone: set[int], merged: bool) -> Snapshot:
    """Write objects, each given by its entries, in several commits, delete some of them by number, and merge."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store(folder)
        with store.lock():
            store.fill_locked().publish()
            number = 0
            for commit in commits:
                documents = []
                for entries in commit:
                    own = {"ref": [(f"note:{number}", 1.0, b"")], "object": number}
                    documents += [{**entry_document(Note(pk=number), entry), **own} for entry in entries]
                    number += 1
                store.write(store.current(), {}, documents)
            now = snapshot(store)
            deleted: dict[str, list[int]] = {}
            for each in gone:
                for segment, numbers in now.numbers_of(f"note:{each}").items():
                    deleted.setdefault(segment, []).extend(numbers)
            store.write(store.current(), deleted, [], merge=merge_all if merged else keep_pieces)
        now = snapshot(store)
        forget_store(store)
    return now  # its files stay open, though the folder is gone
