"""What the health page and the secretariat need to know of index and outbox."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone

from search.configuration import configured, default_store
from search.models import Change
from search.snapshot import TRIES, forget_store, snapshot
from search.store import IndexUnavailable, Store

LONG = 60.0
"""Seconds after which a change should be in the index, however many came with it."""


@dataclass(frozen=True)
class Health:
    """What the health page and the secretariat need to know."""

    state: str
    """``ok``; ``behind``: sound, but changes wait and nobody is bringing them in, or have waited for over ``LONG``;
    ``missing``; ``damaged``; or ``elsewhere`` when the settings name another backend."""
    building: bool
    documents: int
    waiting: int
    oldest_seconds: float
    """Age of the oldest change that is not in the index yet; 0 when none waits."""


def health() -> Health:
    """Give the state of index and outbox. Reads only; never raises for a bad index."""
    oldest = Change.objects.order_by("pk").values_list("created_at", flat=True).first()
    age = max((timezone.now() - oldest).total_seconds(), 0.0) if oldest else 0.0  # clocks are set back at times
    if configured() is None:
        return Health("elsewhere", False, 0, Change.objects.count(), age)
    store = default_store()
    documents, state = 0, "ok"
    try:
        if store.current() is None:
            state = "missing"
        else:
            documents = _verified(store)
    except (IndexUnavailable, OSError):
        state = "damaged"
        forget_store(store)
    if state == "ok" and oldest and (age > LONG or not store.is_being_written()):
        state = "behind"
    try:
        building = bool(store.being_filled())
    except OSError:
        building = False
    return Health(state, building, documents, Change.objects.count(), age)


def _verified(store: Store) -> int:
    """Give the number of documents in the index after every file was compared with its sum."""
    for _ in range(TRIES):
        now = snapshot(store)
        try:
            now.verify()
        except FileNotFoundError:
            # Gone, or another process has committed since: then there is a newer list of files.
            if snapshot(store) is now:
                raise
        else:
            break
    return int(now.live.sum())
