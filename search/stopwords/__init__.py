"""Words too common to search for, by language: articles, pronouns, prepositions, and forms of to be and to have.

One file a language, named by its code: first a line of remarks, then the words in lower case. Compiled by hand
from the grammar of each language. Contractions stand in pieces, since an apostrophe parts words; in languages without
spaces stand pairs of letters, as ``search.analysis`` gives them.
"""

from __future__ import annotations

from pathlib import Path

SAME = {"nb": "no", "nn": "no", "zh-hans": "zh", "zh-hant": "zh", "bs": "hr", "sh": "hr"}
"""Codes that share the list of another."""
WITH = {"pcm": ("pcm", "en"), "sr": ("sr", "hr"), "hr": ("hr", "sr")}
"""Languages that use the words of several lists."""


def _read(path: Path) -> frozenset[str]:
    _, _, words = path.read_text(encoding="utf-8").partition("\n")
    return frozenset(words.split())


_LISTS = {path.stem: _read(path) for path in sorted(Path(__file__).parent.glob("*.txt"))}

STOP_WORDS = {
    code: frozenset().union(*(_LISTS[each] for each in WITH.get(code, (SAME.get(code, code),))))
    for code in sorted({*_LISTS, *SAME, *WITH})
}
