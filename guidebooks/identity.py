"""Which paragraph of a new version is which paragraph of the old one.

Notes, comments, bookmarks and links hang on the ids of blocks. A new version of a file is therefore laid beside
what is there: what is the same keeps its id wherever it has moved to, what is nearly the same keeps it with its new
words, and only what is new gets a new one. All of it works on raw blocks (``{"type", "value", "id"}``), as stored.
"""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from html import unescape
from itertools import pairwise
from typing import Any

import numpy as np
from rapidfuzz import fuzz, process

Block = dict[str, Any]
Pairs = dict[int, int]
"""Place in the new list: place in the old one."""

NEARLY = 60.0
"""Percent of likeness from which two blocks anywhere in a text are the same one, changed."""
IN_PLACE = 30.0
"""The same for two blocks that stand alone between the same neighbours."""
ROWS = 200  # of the table of likenesses at once: a book without headings has thousands of paragraphs
LONGEST = 2000  # characters of a block that are compared; two that begin alike for so long are the same

TAG = re.compile(r"<(/?)(\w+)([^>]*?)\s*/?>")
ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')
KEYED = re.compile(r"<(p|li|h[2-6])(?=[\s>])([^>]*)>")
KEY = re.compile(r'\s*data-block-key="([^"]*)"')
NAMESPACE = uuid.UUID("0a1d3c52-6f0e-5b83-9a77-3f1f6a2f9c40")


# What a block says ------------------------------------------------------------------------------------


def same(one: Any, other: Any) -> bool:
    """Whether two values say the same to a reader; ids, keys and what is empty do not count."""
    return bool(essence(one) == essence(other))


def essence(value: Any) -> Any:
    """A value without what a reader does not see, and without what the editor writes differently.

    >>> essence('<p data-block-key="x1">A &amp; <b>b</b></p>') == essence('<p>A & <b>b</b></p>')
    True
    """
    if isinstance(value, str):
        return " ".join(unescape(TAG.sub(_plain_tag, value)).split()) if "<" in value or "&" in value else value.strip()
    if isinstance(value, dict):
        kept = {name: essence(part) for name, part in value.items() if name != "id"}
        return {name: part for name, part in kept.items() if part not in ("", None, False, [], {})}
    return [essence(part) for part in value] if isinstance(value, (list, tuple)) else value


def _plain_tag(tag: re.Match[str]) -> str:
    attributes = sorted((k, v) for k, v in ATTRIBUTE.findall(tag[3]) if k != "data-block-key")
    return f"<{tag[1]}{tag[2]}{''.join(f' {name}={value!r}' for name, value in attributes)}>"


def print_of(block: Block) -> str:
    """What two blocks have in common exactly if they are the same to a reader."""
    return json.dumps([block["type"], essence(block["value"])], sort_keys=True, default=str)


def words(value: Any) -> str:
    """The words of a value in reading order, without marks; a picture counts as a word."""
    return " ".join(_words(value))


def _words(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield from re.sub(r"\s+", " ", unescape(TAG.sub(" ", value))).split(" ") if "<" in value else value.split()
    elif isinstance(value, dict):
        if value.get("image"):
            yield f"[{value['image']}]"
        for name, part in value.items():
            if name not in ("id", "type", "anchor", "level", "kind", "image", "decorative", "row_names", "ordered"):
                yield from _words(part)
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from _words(part)


# Which is which ---------------------------------------------------------------------------------------


def pair(old: Sequence[Block], new: Sequence[Block]) -> Pairs:
    """Say for each block of a new version which block of the old one it is, if any.

    First what is the same and in the same order; then what is the same and has moved; then what is nearly the
    same, the most alike first; last what stands alone between the same neighbours. A block keeps its kind.
    """
    before, after = [print_of(block) for block in old], [print_of(block) for block in new]
    found: Pairs = {}
    for start, begin, size in SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks():
        found.update({begin + step: start + step for step in range(size)})
    _moved(before, after, found)
    _nearly(old, new, found)
    _alone(old, new, found)
    return found


def _rest(old: Sequence[Any], new: Sequence[Any], found: Pairs) -> tuple[list[int], list[int]]:
    taken = set(found.values())
    return [n for n in range(len(old)) if n not in taken], [n for n in range(len(new)) if n not in found]


def _moved(before: list[str], after: list[str], found: Pairs) -> None:
    places = defaultdict(list)
    rest_old, rest_new = _rest(before, after, found)
    for place in rest_old:
        places[before[place]].append(place)
    for place in rest_new:
        if places.get(after[place]):
            found[place] = places[after[place]].pop(0)


def _nearly(old: Sequence[Block], new: Sequence[Block], found: Pairs) -> None:
    rest_old, rest_new = _rest(old, new, found)
    for kind in {new[place]["type"] for place in rest_new}:
        ours = [place for place in rest_old if old[place]["type"] == kind]
        theirs = [place for place in rest_new if new[place]["type"] == kind]
        if not ours or not theirs:
            continue
        if kind == "footnotes":
            found[theirs[0]] = ours[0]  # there is one to a text, whatever it holds
            continue
        mine = [words(old[place]["value"])[:LONGEST] for place in ours]
        texts = [words(new[place]["value"])[:LONGEST] for place in theirs]
        candidates: list[tuple[float, int, int, int]] = []
        for start in range(0, len(texts), ROWS):
            likeness = process.cdist(texts[start : start + ROWS], mine, scorer=fuzz.ratio, score_cutoff=NEARLY)
            for row, column in zip(*np.nonzero(likeness), strict=True):
                there, here = theirs[start + int(row)], ours[int(column)]
                candidates.append((-float(likeness[row, column]), abs(there - here), there, here))
        taken: set[int] = set()
        for _score, _distance, there, here in sorted(candidates):
            if there not in found and here not in taken:
                found[there] = here
                taken.add(here)


def _alone(old: Sequence[Block], new: Sequence[Block], found: Pairs) -> None:
    """One block left in a gap on either side is the same one, unless it says something else altogether."""
    anchors = [(-1, -1), *sorted(found.items()), (len(new), len(old))]
    taken = set(found.values())
    for (there, here), (next_there, next_here) in pairwise(anchors):
        theirs = range(there + 1, next_there)
        ours = [place for place in range(here + 1, next_here) if place not in taken]
        if len(theirs) == len(ours) == 1 and new[theirs[0]]["type"] == old[ours[0]]["type"]:
            likeness = fuzz.ratio(words(new[theirs[0]]["value"])[:LONGEST], words(old[ours[0]]["value"])[:LONGEST])
            if likeness >= IN_PLACE:
                found[theirs[0]] = ours[0]


# The ids that follow ----------------------------------------------------------------------------------


def identified(new: Sequence[Block], old: Sequence[Block] = ()) -> list[Block]:
    """The blocks of a new version with the ids of the old one where they are the same, down to list items.

    Each id stands once. Paragraphs inside rich text have keys of their own, kept in the same way, so that a
    comment on one of them stays where it was made.
    """
    found = pair(old, new)
    taken = {str(block.get("id")) for block in old}
    given = []
    for place, block in enumerate(new):
        if place in found:
            former = old[found[place]]
            value = _adopted(block["value"], former["value"])
            given.append({**block, "value": value, "id": former.get("id") or block.get("id")})
            continue
        number = str(block.get("id") or uuid.uuid4())
        while number in taken:
            # The same words as something that says other words by now.
            number = str(uuid.uuid5(NAMESPACE, number))
        taken.add(number)
        given.append({**block, "value": _adopted(block["value"], None), "id": number})
    return given


def _adopted(value: Any, former: Any) -> Any:
    if isinstance(value, list):
        if value and all(isinstance(part, dict) and {"type", "value"} <= set(part) for part in value):
            blocks = isinstance(former, list) and all(isinstance(part, dict) and "type" in part for part in former)
            return identified(value, former if blocks else ())
        same_length = isinstance(former, list) and len(former) == len(value)
        return [_adopted(part, former[n] if same_length else None) for n, part in enumerate(value)]
    if isinstance(value, dict):
        given = former if isinstance(former, dict) else {}
        adopted = {name: _adopted(part, given.get(name)) for name, part in value.items()}
        if "anchor" in adopted and given.get("anchor"):
            adopted["anchor"] = given["anchor"]  # links lead here already
        return adopted
    if isinstance(value, str) and value.startswith(("<p", "<ul", "<ol")):
        return keyed(value, former if isinstance(former, str) else "")
    return value


def keyed(html: str, former: str = "") -> str:
    """Rich text whose paragraphs and items have keys: those of ``former`` where they say the same, in order.

    >>> keyed("<p>One</p><p>Two</p>", '<p data-block-key="aaaaa">Two</p>').count("aaaaa")
    1
    """
    ours = _pieces(former)
    theirs = [text for _key, text in _pieces(html)]
    given: dict[int, str] = {}
    for start, begin, size in SequenceMatcher(
        None, [text for _key, text in ours], theirs, autojunk=False
    ).get_matching_blocks():
        given.update({begin + step: ours[start + step][0] for step in range(size)})
    left = [key for place, (key, _text) in enumerate(ours) if key and key not in given.values()]
    if len(ours) == len(theirs):
        for place in range(len(theirs)):
            if place not in given and ours[place][0] in left:
                given[place] = ours[place][0]
    taken = {key for key in given.values() if key}
    numbers = iter(range(len(theirs)))

    def key(tag: re.Match[str]) -> str:
        place = next(numbers)
        name = given.get(place) or _new_key(theirs[place], taken)
        taken.add(name)
        return f'<{tag[1]} data-block-key="{name}"{KEY.sub("", tag[2])}>'

    return KEYED.sub(key, html)


def _pieces(html: str) -> list[tuple[str, str]]:
    """The key and the words of each paragraph or item of rich text."""
    starts = list(KEYED.finditer(html))
    ends = [*(start.start() for start in starts[1:]), len(html)]
    pieces = []
    for start, end in zip(starts, ends, strict=False):
        known = KEY.search(start[2])
        pieces.append((known[1] if known else "", essence(html[start.end() : end])))
    return pieces


def _new_key(text: str, taken: set[str]) -> str:
    """Five letters and digits, as the editor makes them; the same words get the same again."""
    number = 0
    while True:
        name = hashlib.sha256(f"{number}:{text}".encode()).hexdigest()[:5]
        if name not in taken:
            return name
        number += 1


# Links to places whose names were kept ----------------------------------------------------------------


def renamed(former: Sequence[Block], given: Sequence[Block]) -> dict[str, str]:
    """The places in a text that are called otherwise once it has kept its ids: name in the file, name kept.

    Args:
        former: Blocks as they came.
        given: The same blocks, as ``identified`` gave them back.
    """
    names: dict[str, str] = {}
    for came, kept in zip(former, given, strict=True):
        names |= _place_names(came, kept)
    return names


def _place_names(came: Any, kept: Any) -> dict[str, str]:
    names: dict[str, str] = {}
    if isinstance(came, dict) and isinstance(kept, dict):
        if came.get("id") and kept.get("id") and came["id"] != kept["id"]:
            names[f"b-{came['id'][:8]}"] = f"b-{kept['id'][:8]}"
        if came.get("anchor") and kept.get("anchor") and came["anchor"] != kept["anchor"]:
            names[came["anchor"]] = kept["anchor"]
        for name in came:
            names |= _place_names(came[name], kept.get(name))
    elif isinstance(came, list) and isinstance(kept, list):
        for one, other in zip(came, kept, strict=False):
            names |= _place_names(one, other)
    return names


def relinked(value: Any, names: dict[int, dict[str, str]], here: int) -> Any:
    """Blocks whose links lead to the places as they are called now.

    Args:
        names: For each page what ``renamed`` says.
        here: The page the blocks stand on.
    """
    if isinstance(value, list):
        return [relinked(part, names, here) for part in value]
    if isinstance(value, dict):
        if value.get("type") in ("code", "heading"):
            return value
        return {name: relinked(part, names, here) for name, part in value.items()}
    if not isinstance(value, str) or "<a " not in value:
        return value

    def elsewhere(link: re.Match[str]) -> str:
        return f"{link[1]}{names.get(int(link[2]), {}).get(link[3], link[3])}{link[4]}"

    value = re.sub(r'(<a linktype="page" id="(\d+)" anchor=")([^"]*)(")', elsewhere, value)
    own = names.get(here, {})
    return re.sub(r'(<a href="#)([^"]*)(")', lambda link: f"{link[1]}{own.get(link[2], link[2])}{link[3]}", value)
