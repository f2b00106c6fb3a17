"""From text to terms: words with their places, folded and stemmed, in each text's own language.

A *word* is letters, digits and the marks on them, in lower case; hyphens and apostrophes part words, a full stop
between digits does not, so that ``S1.3`` stays whole. The *fold* of a word is the word without marks. Its *term* is its
stem in a language, folded.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

import Stemmer

from search.stopwords import STOP_WORDS

DEFAULT_LANGUAGE = "en"
LONGEST_WORD = 64
"""Characters of a word that count; longer strings are codes or noise."""

_MARKS = "".join(chr(code) for code in range(0x300, 0x10000) if unicodedata.category(chr(code)) in {"Mn", "Mc"})
_WORD = re.compile(rf"[^\W_][\w{_MARKS}]*(?:\.\d[\w{_MARKS}]*)*")
_ALGORITHMS = {
    "ar": "arabic",
    "ca": "catalan",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "cs": "czech",
    "eo": "esperanto",
    "st": "sesotho",
    "en": "english",
    "es": "spanish",
    "et": "estonian",
    "eu": "basque",
    "fi": "finnish",
    "fa": "persian",
    "fr": "french",
    "ga": "irish",
    "hi": "hindi",
    "hu": "hungarian",
    "hy": "armenian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "ne": "nepali",
    "nl": "dutch",
    "no": "norwegian",
    "nb": "norwegian",
    "pl": "polish",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sr": "serbian",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
    "yi": "yiddish",
}
_KNOWN = frozenset(Stemmer.algorithms())
_REMEMBERED = 200_000


def clean(text: str) -> str:
    """Give the text in one Unicode form, with nothing in it that cannot be stored."""
    text = text.encode("utf-8", "replace").decode("utf-8").replace("\x00", " ")
    return unicodedata.normalize("NFC", text)


def spans(text: str) -> Iterator[tuple[str, int, int]]:
    """Give the words of a clean text in their order, each in lower case with where it begins and ends."""
    for found in _WORD.finditer(text):
        yield found.group()[:LONGEST_WORD].lower(), found.start(), found.end()


def words(text: str) -> list[str]:
    """Give the words of a clean text in their order, without where they stand."""
    return [word[:LONGEST_WORD] for word in _WORD.findall(text.lower())]


@lru_cache(maxsize=_REMEMBERED)
def fold(word: str) -> str:
    """Give the word without accents and other marks, in the plainest form of its letters."""
    if word.isascii():
        return word.lower()
    plain = unicodedata.normalize("NFKD", word.replace("ـ", "")).casefold()
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return unicodedata.normalize("NFC", plain) or word


def base(language: str) -> str:
    """Give the language without its region: ``pt`` for ``pt-BR``."""
    return re.split("[-_]", language.lower(), maxsplit=1)[0][:7] or DEFAULT_LANGUAGE


@lru_cache(maxsize=64)
def _stemmer(language: str) -> Stemmer.Stemmer | None:
    algorithm = _ALGORITHMS.get(language)
    # The library remembers stems itself, but its own cache is scanned in full to be emptied.
    return Stemmer.Stemmer(algorithm, 0) if algorithm in _KNOWN else None


@lru_cache(maxsize=_REMEMBERED)
def term(word: str, language: str) -> str:
    """Give the folded stem of a word; of a language without a stemmer, the folded word."""
    stemmer = _stemmer(language)
    return fold(stemmer.stemWord(word)) if stemmer else fold(word)


@lru_cache(maxsize=_REMEMBERED)
def forms(word: str, language: str) -> tuple[str, str]:
    """Give the fold and the term of a word; of a stop word, no term."""
    return fold(word), "" if is_stop_word(word, language) else term(word, language)


@lru_cache(maxsize=64)
def _stop_words(language: str) -> frozenset[str]:
    listed = STOP_WORDS.get(language, frozenset())
    return listed | {fold(word) for word in listed}


def is_stop_word(word: str, language: str) -> bool:
    """Say whether the word is too common in the language to search for."""
    return word in _stop_words(language)
