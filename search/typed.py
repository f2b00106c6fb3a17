"""What people type, as a query. It is text, never syntax: only four things have a meaning.

``"a phrase"`` must stand so; ``-word`` or ``-"a phrase"`` must not occur; ``title:word``, ``author:word`` and
``topic:word`` are looked for in that field and must occur. Of all other words any may match. No string is an error.

In a text of more than ``PROSE`` words, such as a pasted paragraph, all four are what they are in prose: punctuation.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from modelsearch.query import MATCH_ALL, And, Boost, Not, Or, Phrase, PlainText, SearchQuery

from search.analysis import clean, joined, lower, words
from search.engine import Aside, InField, tokens

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
# In French, Italian and Catalan; each would be a word by itself that no text is about.
_ELIDED = re.compile(
    r"\b(?:[ldjmnstc]|qu|jusqu|lorsqu|puisqu|dell|all|nell|sull|dall|quell|un)['’](?=[^\W\d_]{2})", re.IGNORECASE
)
_DOTTED_LETTERS = ("tr", "az")


@dataclass(frozen=True)
class Part:
    """A part of what was typed, between spaces or in quotes."""

    text: str
    start: int
    """Where it begins in ``Typed.text``, after minus, field and quote."""
    field: str = ""
    phrase: bool = False
    minus: bool = False

    @property
    def free(self) -> bool:
        """Any may match, none must."""
        return not (self.field or self.phrase or self.minus)


@dataclass(frozen=True)
class Typed:
    """A typed query: what to look for, and the words that may be shown as found."""

    query: SearchQuery | None
    """None: nothing was typed, so everything is meant."""
    words: tuple[str, ...] = ()
    free: str = ""
    """The part that is not in quotes, in a field or after a minus."""
    joined: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Words that are looked for beside those: each that was typed in parts as one, with its parts."""
    text: str = ""
    """What was read of the typed text."""
    parts: tuple[Part, ...] = ()


def read(text: str, languages: Sequence[str] = ()) -> Typed:
    """Give what a typed text asks for; ``languages`` are the asking person's, best first."""
    text = clean(text[:LONGEST_QUERY])[:LONGEST_QUERY]  # one sign can stand for eighteen
    if not text.strip():
        return Typed(None)
    parts = [part for part in _parts(text) if tokens(part.text)]
    language = languages[0] if languages and languages[0] in _DOTTED_LETTERS else ""
    free: list[str] = []
    required: list[SearchQuery] = []
    excluded: list[SearchQuery] = []
    shown: list[str] = []
    for part in parts:
        said = lower(part.text, language) if language else part.text
        if part.free:
            said = _ELIDED.sub("", said)
        if not part.minus:
            shown.extend(tokens(said))
        if part.free:
            free.append(said)
            continue
        node = _in_one(said) if part.phrase and not part.field else _all_of(said)
        if part.field:
            node = InField(node, part.field)
        (excluded if part.minus else required).append(node)
    plain = " ".join(free)
    in_one: dict[str, tuple[str, ...]] = {}
    for each in reversed(joined(plain, typed=True)):
        pieces = tuple(words(plain[each.start : each.end]))
        if each.is_code:
            # The pieces of a number say nothing by themselves.
            plain = plain[: each.start] + each.word + plain[each.end :]
            shown = [*(word for word in shown if word not in pieces), each.word]
        else:
            in_one[each.word] = pieces
    return Typed(
        query=_tree(plain, in_one, required, excluded),
        words=tuple(dict.fromkeys(shown)),
        joined=tuple(in_one.items()),
        free=plain,
        text=text,
        parts=tuple(parts),
    )


def _parts(text: str) -> list[Part]:
    parts = []
    # Each quotation mark is one character in either form, so what is found stands at the same place in the text.
    for found in _PART.finditer(_without_syntax(text.translate(_QUOTES))):
        phrase = found["phrase"] is not None
        start, end = found.span("phrase" if phrase else "word")
        field = (found["field"] or "").lower()
        parts.append(Part(text[start:end], start, field, phrase, found["minus"] is not None))
    return parts


def _in_one(said: str) -> SearchQuery:
    return _either(Phrase, said)


def _all_of(said: str) -> SearchQuery:
    return _either(lambda text: PlainText(text, operator="and"), said)


def _either(node: Callable[[str], SearchQuery], said: str) -> SearchQuery:
    """Give a node for what was said, or for the same with words in one that were typed in parts."""
    other, at = "", 0
    for each in joined(said, typed=True):
        other += said[at : each.start] + each.word
        at = each.end
    return Or([node(said), node(other + said[at:])]) if at else node(said)


def _without_syntax(text: str) -> str:
    """Give a long text with spaces in the place of what would have a meaning in a short one."""
    if len(tokens(text)) <= PROSE:
        return text
    return _SYNTAX.sub(lambda sign: " " * len(sign.group()), text)


def _tree(
    free: str, in_one: Mapping[str, tuple[str, ...]], required: list[SearchQuery], excluded: list[SearchQuery]
) -> SearchQuery:
    """Give the query of what any of may match, what must occur, and what must not."""
    parts = list(required)
    if free:
        plain: SearchQuery = PlainText(free, operator="or")
        # A word in one counts only where its parts are not found: else what is hyphenated would count twice.
        others = [
            Aside(And([PlainText(word), Not(PlainText(" ".join(pieces), operator="and"))]))
            for word, pieces in in_one.items()
        ]
        if others:
            plain = Or([plain, *others])
        # Beside what must occur, other words only lift what holds them.
        parts.append(Or([plain, Boost(MATCH_ALL, 0.0)]) if required else plain)
    elif not required:
        parts.append(Boost(MATCH_ALL, 0.0) if excluded else PlainText(""))
    parts.extend(Not(each) for each in excluded)
    return parts[0] if len(parts) == 1 else And(parts)
