"""Lines of ancestors: how a page's access key comes of its own audience and of all above it.

Nothing here decides an audience; it only makes the derived columns say what the chosen ones mean:

``standing_key``   the page's own audience folded with its ancestors' and its alias source's
``access_key``     the same, or ``nobody`` while something above is not published
``teaser_listed``  the page asks for a teaser, and nothing stands in its way
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connection, models
from django.dispatch import Signal

from core.access import FULL, MEMBERS, NOBODY, PUBLIC, fold, own_key
from core.models.generation import Generation
from search import outbox

STEP = 4  # treebeard's path length of one level on wagtailcore_page
LAST_LETTER, LONGEST_PATH = "Z", 255  # of treebeard's paths: 0-9 and A-Z
MOST_IDS = 30_000  # in one UPDATE; SQLite takes up to 32,766 parameters
LOCK = 0x1DE5  # any number: the advisory lock that all changes of the tree share

keys_changed = Signal()
"""Sent with ``ids`` of the pages whose derived columns have just changed, inside the transaction."""

COLUMNS = (
    "pk",
    "path",
    "live",
    "audience",
    "working_group_id",
    "teaser",
    "access_key",
    "standing_key",
    "teaser_listed",
    "alias_of__hubpage__access_key",
    "alias_of__hubpage__standing_key",
)


@dataclass(frozen=True)
class State:
    """What a line of ancestors passes down to the page below it."""

    key: str = PUBLIC
    is_published: bool = True
    may_tease: bool = True

    def below(self, row: Row) -> State:
        """The state that this row in turn passes down."""
        derived = row.derived(self)
        return State(
            key=derived.standing_key,
            is_published=self.is_published and row.live and row.source_access != NOBODY,
            may_tease=self.may_tease and (derived.access_key == PUBLIC or derived.teaser_listed),
        )


@dataclass(frozen=True)
class Derived:
    """The three derived columns of a page."""

    standing_key: str
    access_key: str
    teaser_listed: bool


@dataclass(frozen=True)
class Row:
    """A page as the fold sees it."""

    pk: int | None
    path: str
    live: bool
    audience: str
    working_group_id: int | None
    teaser: bool
    stored: Derived | None = None
    source_access: str = PUBLIC
    source_standing: str = PUBLIC

    @classmethod
    def of(cls, page: Any) -> Row:
        """The row of a page in hand; ``alias_of__hubpage`` should be selected with it."""
        source = page.alias_of.hubpage if page.alias_of_id else None
        return cls(
            page.pk,
            page.path,
            page.live,
            page.audience,
            page.working_group_id,
            page.teaser,
            Derived(page.standing_key, page.access_key, page.teaser_listed),
            source.access_key if source else PUBLIC,
            source.standing_key if source else PUBLIC,
        )

    def derived(self, above: State) -> Derived:
        """The derived columns of this page below a line of ancestors in this state."""
        own = own_key(self.audience, self.working_group_id)
        standing = fold(above.key, own, self.source_standing)
        access = fold(standing, self.source_access) if above.is_published else NOBODY
        teaser = self.teaser and above.may_tease and access in (MEMBERS, FULL)
        return Derived(standing, access, teaser)


def lock() -> None:
    """Take the tree's lock until the transaction ends.

    SQLite has it already (IMMEDIATE). On PostgreSQL it is taken before treebeard locks the parent:
    the other order ends in deadlocks.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def subtree(path: str, *, inclusive: bool = True) -> models.Q:
    """The page at a path and all below it, or only what is below; as a range, which uses the index.

    ``startswith`` scans on SQLite. The upper bound is made of treebeard's own last letter, so that it holds in every
    collation: a sign such as ``~`` sorts after all letters in C and before them in many others.
    """
    last = path + LAST_LETTER * (LONGEST_PATH - len(path))
    return models.Q(path__lte=last) & (models.Q(path__gte=path) if inclusive else models.Q(path__gt=path))


def state_above(path: str) -> State:
    """What the ancestors of the page at this path pass down to it; one query."""
    state = State()
    for row in rows(models.Q(path__in=_ancestor_paths(path))):
        state = state.below(row)
    return state


def recompute(paths: Iterable[str], above: Mapping[str, State] | None = None) -> set[int]:
    """Make the derived columns true in these subtrees; returns the ids of pages that changed.

    Two queries per subtree, one per distinct result, two for its aliases: as many for ten thousand
    descendants as for one. Aliases of what changed follow. Runs inside the caller's transaction.

    Args:
        above: What ``state_above`` says of paths, where the caller has just asked; saves asking again.
    """
    hub_page = apps.get_model("core.HubPage")
    changed: set[int] = set()
    known = dict(above or {})
    waiting = _tops(paths)
    while waiting:
        wrong: dict[Derived, list[int]] = defaultdict(list)
        for path in waiting:
            # Only the first time: what aliases show may have changed since.
            for row, derived in derive(path, known.pop(path, None)):
                if derived != row.stored and row.pk is not None:
                    wrong[derived].append(row.pk)
        ids = [pk for pks in wrong.values() for pk in pks]
        for derived, pks in wrong.items():
            for some in _portions(pks):
                # A plain QuerySet: HubPage's own refuses to write these columns.
                models.QuerySet(hub_page).filter(pk__in=some).update(
                    standing_key=derived.standing_key,
                    access_key=derived.access_key,
                    teaser_listed=derived.teaser_listed,
                )
        changed.update(ids)
        waiting = _tops(
            path
            for some in _portions(ids)
            for path in models.QuerySet(hub_page).filter(alias_of__in=some).values_list("path", flat=True)
        )
    if changed:
        outbox.put(hub_page, sorted(changed))
        Generation.raise_it()
        keys_changed.send(sender=hub_page, ids=sorted(changed))
    return changed


def derive(path: str, above: State | None = None) -> Iterator[tuple[Row, Derived]]:
    """Each page of a subtree, ancestors first, with the derived columns it should have."""
    states = {path[:-STEP]: above or state_above(path)}
    for row in rows(subtree(path)):
        # Directly below the tree's root, which is no HubPage, nothing is demanded.
        state = State() if len(row.path) == 2 * STEP else states.get(row.path[:-STEP])
        if state is None:  # its parent is no HubPage: check_integrity tells; closed until then
            state = State(key=NOBODY)
        yield row, row.derived(state)
        states[row.path] = state.below(row)


def rows(condition: models.Q) -> Iterator[Row]:
    """The pages that meet a condition, in the order of the tree; one query."""
    found = models.QuerySet(apps.get_model("core.HubPage")).filter(condition).order_by("path")
    for (
        pk,
        path,
        live,
        audience,
        group,
        teaser,
        access,
        standing,
        listed,
        *source,
    ) in found.values_list(*COLUMNS).iterator(chunk_size=2000):
        yield Row(
            pk,
            path,
            live,
            audience,
            group,
            teaser,
            Derived(standing, access, listed),
            source[0] or PUBLIC,
            source[1] or PUBLIC,
        )


def _ancestor_paths(path: str) -> list[str]:
    return [path[:length] for length in range(STEP, len(path), STEP)]


def _tops(paths: Iterable[str]) -> list[str]:
    """The paths that are not below another one of them."""
    tops: list[str] = []
    for path in sorted(set(paths)):
        if not tops or not path.startswith(tops[-1]):
            tops.append(path)
    return tops


def _portions(ids: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(ids), MOST_IDS):
        yield ids[start : start + MOST_IDS]
