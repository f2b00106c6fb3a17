"""What people type, as a query. It is text, never syntax: only four things have a meaning.

``"a phrase"`` must stand so; ``-word`` or ``-"a phrase"`` must not occur; ``title:word``, ``author:word`` and
``topic:word`` are looked for in that field and must occur. Of all other words any may match. No string is an error.

In a text of more than ``PROSE`` words, such as a pasted paragraph, all four are what they are in prose: punctuation.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from modelsearch.query import MATCH_ALL, And, Boost, Not, Or, Phrase, PlainText, SearchQuery

from search.analysis import clean
from search.engine import InField, tokens

LONGEST_QUERY = 2000
"""Characters of a query that are read; the rest is cut off."""
PROSE = 20
"""Words above which quotes, minus and colons mean nothing: who pastes an abstract does not ask for all it quotes."""
FIELDS = ("title", "author", "topic")

_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»＂", '"'))
_PART = re.compile(
    rf'(?P<minus>(?<!\S)-)?(?:(?P<field>{"|".join(FIELDS)}):)?(?:"(?P<phrase>[^"]*)"|(?P<word>[^\s"]+))',
    re.IGNORECASE,
)
_SYNTAX = re.compile(r'"|(?<!\S)-|(?<=title):|(?<=author):|(?<=topic):', re.IGNORECASE)


@dataclass(frozen=True)
class Typed:
    """A typed query: what to look for, and the words that may be shown as found."""

    query: SearchQuery | None
    """None: nothing was typed, so everything is meant."""
    words: tuple[str, ...] = ()


def read(text: str) -> Typed:
    """Give what a typed text asks for."""
    text = _without_syntax(clean(text[:LONGEST_QUERY]).translate(_QUOTES))
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
    return Typed(_joined(free, required, excluded), tuple(dict.fromkeys(shown)))


def _without_syntax(text: str) -> str:
    """Give a long text with spaces in the place of what would have a meaning in a short one."""
    if len(tokens(text)) <= PROSE:
        return text
    return _SYNTAX.sub(lambda sign: " " * len(sign.group()), text)


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
