from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from modelsearch.index import get_indexed_models
from tqdm import tqdm

from search import elsewhere, outbox, rebuilding
from search.configuration import default_store
from search.store import IndexUnavailable, Locked, merge_all


class Command(BaseCommand):
    help = (
        "Build the search index anew from the database and swap it in; readers and writers go on meanwhile. "
        "Safe to run at any time, and by two people at once."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--verify",
            action="store_true",
            help="Change nothing: compare the index with the database and name what differs.",
        )
        parser.add_argument(
            "--merge",
            action="store_true",
            help="Build nothing: merge the pieces of the index into one, which makes searches faster.",
        )

    def handle(self, *, verify: bool, merge: bool, verbosity: int, **options: Any) -> None:
        if verify and merge:
            raise CommandError("--verify and --merge: give one of them")
        if elsewhere.is_elsewhere():
            if verify or merge:
                raise CommandError("--verify and --merge are for the hub's own index; SEARCH_URL names another engine")
            self._rebuild(quiet=verbosity == 0)
            return
        try:
            store = default_store()
            if verify:
                self._verify()
            elif merge:
                with store.lock():
                    folder = store.current()
                    if folder is None:
                        raise IndexUnavailable("there is no index yet")
                    store.write(folder, {}, [], merge=merge_all)
            else:
                self._rebuild(quiet=verbosity == 0)
            if not verify:
                outbox.drain_now()  # what others could not bring in while we held the lock
        except (IndexUnavailable, Locked) as error:
            raise CommandError(f"The index cannot be used: {error}") from error

    def _rebuild(self, quiet: bool) -> None:
        total = sum(model.get_indexed_objects().count() for model in get_indexed_models())
        with tqdm(total=total, unit="objects", desc="Search index", disable=quiet or None) as bar:
            count = rebuilding.rebuild(progress=bar.update)
        if not quiet:
            self.stdout.write(f"indexed {count} objects")

    def _verify(self) -> None:
        missing, extra = rebuilding.verify(default_store())
        for name in missing:
            self.stdout.write(f"missing {name}")
        for name in extra:
            self.stdout.write(f"extra {name}")
        if missing or extra:
            raise CommandError(f"{len(missing)} objects are missing, {len(extra)} should not be there")
        self.stdout.write("The index holds what the database holds.")
