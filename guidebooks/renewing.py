"""A new version of a file meets a page that people have worked on: what is taken, what is kept, what must be asked.

Three texts lie beside each other: what the file said last time, what the page says now, what the file says this
time. What only one side changed is taken from that side. Only where both changed the same block, somebody must
choose; until then the page's own words stay.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from rapidfuzz import fuzz

from guidebooks.identity import Block, print_of, same, words

How = Literal["changed", "new", "gone", "conflict", "kept"]
Keep = Literal["mine", "file"]

ALIKE_TITLES = 85.0
ALIKE_TEXTS = 60.0
COMPARED = 4000  # characters of a chapter that are compared to find it again

MISSING: Any = object()
TOGETHER = ("alt", "decorative")  # what a picture shows is one decision, in two fields


@dataclass(frozen=True)
class Change:
    """What becomes of one block of a page.

    Args:
        id: The block's, on the page.
        how: ``changed``, ``new`` or ``gone`` by the file; ``conflict``: here and in the file, so that somebody
            chooses; ``kept``: changed here only.
        kind: Type of the block.
        here: Words it has on the page now; empty where it is not there.
        there: Words it has in the file; empty where it is not there.
        taken: Which side a conflict takes.
    """

    id: str
    how: How
    kind: str
    here: str = ""
    there: str = ""
    taken: Keep = "mine"


@dataclass
class Merged:
    """The blocks a page gets, and what that changes."""

    blocks: list[Block] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    moved: bool = False
    """Whether blocks of the page stand in another order."""

    @property
    def is_news(self) -> bool:
        """Whether the page gets something it does not have."""
        return self.moved or any(
            change.how in ("changed", "new", "gone") or (change.how == "conflict" and change.taken == "file")
            for change in self.changes
        )


def merged(
    base: Sequence[Block] | None,
    here: Sequence[Block],
    there: Sequence[Block],
    keep: Mapping[str, str] | None = None,
) -> Merged:
    """Lay a new version into a page.

    Args:
        base: What the file said last time, with the ids of the page. None: nobody knows, so that every block that
            differs is asked about.
        here: What the page says now.
        there: What the file says now, with the ids of ``base`` (of ``here``, where that is None).
        keep: ``mine`` or ``file`` for each block in conflict, by its id; ``mine`` where nothing is said.
    """
    keep = keep or {}
    result = Merged()
    was = {block["id"]: block for block in base or ()}
    now = {block["id"]: block for block in here}
    coming = {block["id"] for block in there}
    # What was written here and stands in the file by now, word for word, is no second block.
    own = {print_of(block): block for block in here if block["id"] not in was and block["id"] not in coming}
    placed: set[str] = set()
    for block in there:
        number = block["id"]
        taken: Block | None
        if number in now:
            taken = _met(was.get(number), now[number], block, keep.get(number, "mine"), result)
        elif number in was:
            taken = _removed_here(was[number], block, keep.get(number, "mine"), result)
        elif print_of(block) in own:
            taken = own.pop(print_of(block))
        else:
            taken = block
            result.changes.append(Change(number, "new", block["type"], there=words(block["value"])))
        if taken is not None and taken["id"] not in placed:
            placed.add(taken["id"])
            result.blocks.append(taken)
    _left(base, was, here, placed, keep, result)
    if base is not None and _order(base, there) == _order(there, base):
        _in_our_order(here, result)
    result.moved = _order(here, result.blocks) != _order(result.blocks, here)
    return result


def _order(blocks: Sequence[Block], others: Sequence[Block]) -> list[str]:
    """The ids of blocks that are among others too, in their order."""
    known = {block["id"] for block in others}
    return [block["id"] for block in blocks if block["id"] in known]


def _in_our_order(here: Sequence[Block], result: Merged) -> None:
    """The file has moved nothing: what was moved here stays where it is, what is new comes after its neighbour."""
    taken = {block["id"]: block for block in result.blocks}
    given = [taken[number] for number in _order(here, result.blocks)]
    known = {block["id"] for block in given}
    before = ""
    for block in result.blocks:
        if block["id"] not in known:
            place = next((n for n, other in enumerate(given, 1) if other["id"] == before), 0)
            given.insert(place, block)
        before = block["id"]
    result.blocks = given


def _met(was: Block | None, now: Block, block: Block, keep: str, result: Merged) -> Block:
    """A block that is on the page and in the file."""
    value, both = chosen(was["value"] if was else MISSING, now["value"], block["value"], keep)
    taken = {**now, "value": value}
    how: How | None = None
    if both:
        how = "conflict"
    elif not same(now["value"], value):
        how = "changed"
    elif not same(value, block["value"]):
        how = "kept"
    if how is not None:
        side: Keep = "file" if keep == "file" else "mine"
        texts = words(now["value"]), words(block["value"])
        result.changes.append(Change(now["id"], how, now["type"], *texts, taken=side))
    return taken


def _removed_here(was: Block, block: Block, keep: str, result: Merged) -> Block | None:
    """A block that somebody took out of the page, and that is still in the file."""
    if same(was["value"], block["value"]):
        return None
    taken: Keep = "file" if keep == "file" else "mine"
    result.changes.append(Change(block["id"], "conflict", block["type"], there=words(block["value"]), taken=taken))
    return block if taken == "file" else None


def _left(
    base: Sequence[Block] | None,
    was: Mapping[str, Block],
    here: Sequence[Block],
    placed: set[str],
    keep: Mapping[str, str],
    result: Merged,
) -> None:
    """What is on the page and not in the file: written here, or taken out of the file."""
    before = ""
    for block in here:
        number = block["id"]
        if number not in placed:
            came = base is None or number in was
            if came:
                asked = base is None or not same(was[number]["value"], block["value"])
                taken: Keep = "file" if not asked or keep.get(number) == "file" else "mine"
                how: How = "conflict" if asked else "gone"
                result.changes.append(Change(number, how, block["type"], here=words(block["value"]), taken=taken))
                if taken == "file":
                    continue
            place = next((n for n, other in enumerate(result.blocks, 1) if other["id"] == before), 0)
            result.blocks.insert(place, dict(block))
            placed.add(number)
        before = number


def chosen(was: Any, here: Any, there: Any, keep: str = "mine") -> tuple[Any, bool]:
    """One value of three, and whether both sides changed it.

    >>> chosen("a", "a", "b"), chosen("a", "b", "a"), chosen("a", "b", "c"), chosen("a", "b", "c", "file")
    (('b', False), ('b', False), ('b', True), ('c', True))
    """
    if same(here, there):
        return here, False
    if was is not MISSING:
        if same(was, there):
            return here, False
        if same(was, here):
            return there, False
        if isinstance(was, dict) and isinstance(here, dict) and isinstance(there, dict):
            return _by_field(was, here, there, keep)
    return (there if keep == "file" else here), True


def _by_field(was: dict, here: dict, there: dict, keep: str) -> tuple[dict, bool]:
    """A block of several fields: a caption changed in the file and a text for the blind written here go together."""
    value, both = {}, False
    for name in dict.fromkeys([*here, *there]):
        if name in TOGETHER and set(TOGETHER) <= set(here) & set(there):
            continue
        value[name], asked = chosen(was.get(name), here.get(name), there.get(name), keep)
        both |= asked
    if set(TOGETHER) <= set(here) & set(there):
        before, now, coming = (tuple(side.get(name) for name in TOGETHER) for side in (was, here, there))
        pair, asked = chosen(before, now, coming, keep)
        value |= dict(zip(TOGETHER, pair, strict=True))
        both |= asked
    return value, both


# Chapters ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Chapter:
    """A chapter as far as it must be known to find it again.

    Args:
        name: Its path in the file, or whatever names it there.
        title: What it is called.
        text: Its words.
    """

    name: str
    title: str
    text: str


def same_chapters(old: Sequence[Chapter], new: Sequence[Chapter]) -> dict[str, str]:
    """For each chapter of a new version the name of the old one it is: by path, then by likeness of title and text."""
    known = {chapter.name for chapter in old}
    found = {chapter.name: chapter.name for chapter in new if chapter.name in known}
    taken = set(found)
    candidates = []
    for chapter in new:
        for former in old:
            if chapter.name in found or former.name in taken:
                continue
            titles = fuzz.ratio(chapter.title.casefold(), former.title.casefold())
            texts = fuzz.ratio(chapter.text[:COMPARED], former.text[:COMPARED]) if chapter.text and former.text else 0.0
            if titles >= ALIKE_TITLES or texts >= ALIKE_TEXTS:
                candidates.append((-max(titles, texts), chapter.name, former.name))
    for _score, name, former_name in sorted(candidates):
        if name not in found and former_name not in taken:
            found[name] = former_name
            taken.add(former_name)
    return found
