"""What people type, as a query. It is text, never syntax: only four things have a meaning.

``"a phrase"`` must stand so; ``-word`` or ``-"a phrase"`` must not occur; ``title:word``, ``author:word`` and
``topic:word`` are looked for in that field and must occur. Of all other words any may match. No string is an error.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from modelsearch.query import MATCH_ALL, And, Boost, Not, Or, Phrase, PlainText, SearchQuery

from search.analysis import clean
from search.engine import InField, tokens

LONGEST_QUERY = 500
"""Characters of a query that are read; the rest is cut off."""
FIELDS = ("title", "author", "topic")

_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»＂", '"'))
_PART = re.compile(
    rf'(?P<minus>(?<!\S)-)?(?:(?P<field>{"|".join(FIELDS)}):)?(?:"(?P<phrase>[^"]*)"|(?P<word>[^\s"]+))',
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Typed:
    """A typed query: what to look for, and the words that may be shown as found."""

    query: SearchQuery | None
    """None: nothing was typed, so everything is meant."""
    words: tuple[str, ...] = ()
    free: str = ""
    """The part that is not in quotes, in a field or after a minus."""


def read(text: str) -> Typed:
    """Give what a typed text asks for."""
    text = clean(text[:LONGEST_QUERY]).translate(_QUOTES)
    if not text.strip():
        return Typed(None)
    free: list[str] = []
    required: list[SearchQuery] = []
    excluded: list[SearchQuery] = []
    shown: list[str] = []
    for part in _PART.finditer(text):
        said = part["word"] if part["phrase"] is None else part["phrase"]
        if not (found := tokens(said)):
            continue
        if part["minus"] is None:
            shown.extend(found)
        if part["field"]:
            node: SearchQuery = InField(PlainText(said, operator="and"), part["field"].lower())
        elif part["phrase"] is not None:
            node = Phrase(said)
        elif part["minus"] is None:
            free.append(said)
            continue
        else:
            node = PlainText(said, operator="and")
        (required if part["minus"] is None else excluded).append(node)
    return Typed(_joined(free, required, excluded), tuple(dict.fromkeys(shown)), " ".join(free))


def _joined(free: list[str], required: list[SearchQuery], excluded: list[SearchQuery]) -> SearchQuery:
    parts = list(required)
    if free:
        plain = PlainText(" ".join(free), operator="or")
        # Beside what must occur, other words only lift what holds them.
        parts.append(Or([plain, Boost(MATCH_ALL, 0.0)]) if required else plain)
    elif not required:
        parts.append(Boost(MATCH_ALL, 0.0) if excluded else PlainText(""))
    parts.extend(Not(each) for each in excluded)
    return parts[0] if len(parts) == 1 else And(parts)
