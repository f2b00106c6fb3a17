"""From text to terms: words with their places, folded and stemmed, in each text's own language.

A *word* is letters, digits and the marks on them, in lower case; hyphens and apostrophes part words, a full stop
between digits does not, so that ``S1.3`` stays whole. Scripts that put no spaces between words (Chinese, Japanese,
Korean, Thai and their neighbours) are cut into overlapping *pairs* of letters; a run of one letter is a word by itself.
The *fold* of a word is the word without marks. Its *term* is its stem in a language, folded.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import Stemmer

from search.english import american
from search.stopwords import STOP_WORDS

DEFAULT_LANGUAGE = "en"
LONGEST_WORD = 64
"""Characters of a word that count; longer strings are codes or noise."""
LONGEST_JOINED = 40
"""Characters of a word that is written in parts."""

_ALGORITHMS = {
    "ar": "arabic",
    "bs": "serbian",
    "ca": "catalan",
    "cs": "czech",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "eo": "esperanto",
    "es": "spanish",
    "et": "estonian",
    "eu": "basque",
    "fa": "persian",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hi": "hindi",
    "hr": "serbian",
    "hu": "hungarian",
    "hy": "armenian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "ms": "indonesian",
    "nb": "norwegian",
    "ne": "nepali",
    "nl": "dutch",
    "nn": "norwegian",
    "no": "norwegian",
    "pcm": "english",
    "pl": "polish",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sh": "serbian",
    "sr": "serbian",
    "st": "sesotho",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
    "yi": "yiddish",
}
"""Languages and the Snowball algorithm that finds their stems. Some serve near relatives too."""
_KNOWN = frozenset(Stemmer.algorithms())
_MARKS_MATTER = frozenset({"vi"})
"""Languages in which a word without its marks is another word: their terms keep them."""
DOTLESS = frozenset({"tr", "az"})
"""Languages in which the small letter of I has no dot."""
_REMEMBERED = 200_000

# Words

# Hyphens that are not shown and joiners of letters stand inside words and say nothing.
_SILENT = "\u00ad\u034f\u200d\u2060\ufeff"
_MARKS = "".join(chr(code) for code in range(0x300, 0x10000) if unicodedata.category(chr(code)) in {"Mn", "Mc"})
_INSIDE = rf"(?:[\w{_MARKS}{_SILENT}]|\u200c(?=[\u0900-\u0dff]))"
_WORD = re.compile(rf"[^\W_]{_INSIDE}*(?:\.\d{_INSIDE}*)*")
_ASCII_WORD = re.compile(r"[^\W_]\w*(?:\.\d\w*)*", re.ASCII)

_HAN = "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_HIRAGANA = "\u3041-\u3096\u309d-\u309fー"
_KATAKANA = "\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff"
_HANGUL = "\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3"
_THAI = "\u0e01-\u0e30\u0e32\u0e33\u0e40-\u0e46"
_LAO = "\u0e81-\u0eb0\u0eb2\u0eb3\u0ebd-\u0ec6\u0edc-\u0edf"
_BURMESE = "\u1000-\u102a\u103f\u1050-\u1055\u105a-\u105d\u1061\u1065\u1066\u106e-\u1070\u1075-\u1081\u108e"
_KHMER = "\u1780-\u17b3\u17d7\u17dc"
_UNSPACED = (_HAN, _HIRAGANA, _KATAKANA, _HANGUL, _THAI, _LAO, _BURMESE, _KHMER)
_RUN = re.compile("|".join(f"[{letters}][{letters}{_MARKS}]*" for letters in _UNSPACED))
_UNSPACED_LETTER = re.compile("[" + "".join(_UNSPACED) + "]")
_MARK = re.compile(f"[{_MARKS}]")
_LETTER = re.compile(f"[^{_MARKS}][{_MARKS}]*")

# Letters and digits of other widths, ligatures and shapes of letters, as they come out of PDF files. Not the wide
# punctuation, which is right in Chinese and Japanese.
_SHAPED = re.compile(
    "[\ufb00-\ufb06\ufb13-\ufb4f\ufb50-\ufdfb\ufe70-\ufefc\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\uff66-\uffdc]+"
)


def clean(text: str) -> str:
    """Give the text in one Unicode form, with nothing in it that cannot be stored.

    >>> clean("ＧｉｔＨｕｂ ﬁnds")
    'GitHub finds'
    """
    text = text.replace("\x00", " ")
    if text.isascii():
        return text
    text = text.encode("utf-8", "replace").decode("utf-8").replace("ʼ", "’")
    text = unicodedata.normalize("NFC", text)
    return _SHAPED.sub(lambda shaped: unicodedata.normalize("NFKC", shaped.group()), text)


def lower(text: str, language: str = "") -> str:
    """Give the text in small letters, which in Turkish are others."""
    if language in DOTLESS:
        text = text.replace("İ", "i").replace("I", "ı")
    return text.lower()


def spans(text: str, language: str = "") -> Iterator[tuple[str, int, int]]:
    """Give the words of a clean text in their order, each in lower case with where it begins and ends.

    Pairs of letters overlap: one begins before the last has ended.
    """
    if text.isascii() and language not in DOTLESS:
        for found in _ASCII_WORD.finditer(text):
            yield found.group()[:LONGEST_WORD].lower(), found.start(), found.end()
        return
    at = 0
    for run in _runs(text):
        yield from _spaced(text, at, run.start(), language)
        letters = letters_of(run.group())
        start = run.start()
        if len(letters) == 1:
            yield letters[0], start, run.end()
        for one, other in pairwise(letters):
            yield one + other, start, start + len(one) + len(other)
            start += len(one)
        at = run.end()
    yield from _spaced(text, at, len(text), language)


def _runs(text: str) -> Iterable[re.Match[str]]:
    """Give the parts of a text that have no spaces between words."""
    return _RUN.finditer(text) if _UNSPACED_LETTER.search(text) else ()


def _spaced(text: str, start: int, end: int, language: str) -> Iterator[tuple[str, int, int]]:
    for found in _WORD.finditer(text, start, end):
        word = found.group()
        if word.isascii() and language not in DOTLESS:
            yield word[:LONGEST_WORD].lower(), found.start(), found.end()
        else:
            yield _tidy(lower(word, language)), found.start(), found.end()


def words(text: str, language: str = "") -> list[str]:
    """Give the words of a clean text in their order, without where they stand."""
    small = lower(text, language)
    if small.isascii():
        return [word[:LONGEST_WORD] for word in _ASCII_WORD.findall(small)]
    found, at = [], 0
    for run in _runs(small):
        found += _WORD.findall(small, at, run.start())
        letters = letters_of(run.group())
        found += [one + other for one, other in pairwise(letters)] if len(letters) > 1 else letters
        at = run.end()
    found += _WORD.findall(small, at)
    return [word[:LONGEST_WORD] if word.isascii() else _tidy(word) for word in found]


@lru_cache(maxsize=_REMEMBERED)
def _tidy(word: str) -> str:
    """Give a word without what changes nothing of it: silent signs, Arabic vowels and stretches, forms of digits."""
    if word.isascii():
        return word[:LONGEST_WORD]
    word = word.translate(_TIDY)
    if any(letter.isdecimal() for letter in word):
        word = "".join(str(unicodedata.decimal(letter)) if letter.isdecimal() else letter for letter in word)
    return word[:LONGEST_WORD]


_TIDY = dict.fromkeys(map(ord, _SILENT + "\u200cـ\u0670"), None) | dict.fromkeys(
    # Points of Hebrew and vowel signs of Arabic; and the dot that is left of a capital I with a dot.
    [*range(0x591, 0x5BE), 0x5BF, 0x5C1, 0x5C2, 0x5C4, 0x5C5, 0x5C7, *range(0x64B, 0x653), *range(0x6D6, 0x6DD)],
    None,
)


def is_paired(word: str) -> bool:
    """Say whether a word is letters of a script without spaces, and so not what people would call a word."""
    return not word.isascii() and bool(_RUN.match(word))


def letters_of(word: str) -> list[str]:
    """Give the letters of a word, each with its marks."""
    return _LETTER.findall(word) if _MARK.search(word) else list(word)


# Words that are written in parts

# Signs that may stand between parts, to find these few in a long text; then what the whole may look like.
_BETWEEN = re.compile(
    r"[\-‐‑,.'’\u00a0\u202f ]"
    r"(?:(?<=[\-‐‑])(?=[^\W_])|(?<=[,.'’\u00a0\u202f])(?=\d{3}(?!\d))|(?<= )(?=\d{1,3}\.\d))"
)
_PARTS = re.compile(
    r"(?<![\w\-‐‑])[^\W\d_]\w*(?:[-‐‑][^\W_]\w*){1,2}(?![\-‐‑\w])"  # co-worker
    r"|(?<![\w.,])\d{1,3}(?:[,.'’\u00a0\u202f]\d{3})+(?!\w|[.,]\d)"  # 1,500
    r"|\b[A-Z] \d{1,3}(?:\.\d{1,3})+\b"  # S 1.3
)
_TYPED_PARTS = re.compile(_PARTS.pattern.replace("[A-Z] ", "[A-Za-z] "))
_NOT_WORD = re.compile(r"[\W_]+")


class Joined(NamedTuple):
    """A word that is written in parts, as one word."""

    word: str
    start: int
    end: int

    @property
    def is_code(self) -> bool:
        """Whether it is a number or a clause."""
        return self.word[-1].isdigit() and not self.word[:2].isalpha()


def joined(text: str, language: str = "", *, typed: bool = False) -> list[Joined]:
    """Give the words of a clean text that are written in parts. In what is ``typed``, clauses may be in small letters.

    >>> [each.word for each in joined("A co-worker read 1,500 pages and S 1.3.")]
    ['coworker', '1500', 's1.3']
    """
    pattern = _TYPED_PARTS if typed else _PARTS
    found: list[Joined] = []
    for between in _BETWEEN.finditer(text):
        start = between.start()
        if found and start < found[-1].end:
            continue
        while start and text[start - 1].isalnum() and between.start() - start < LONGEST_JOINED:
            start -= 1
        if not (parts := pattern.match(text, start)):
            continue
        whole = parts.group()
        if len(whole) <= LONGEST_JOINED and not _UNSPACED_LETTER.search(whole):
            word = _tidy(lower(_NOT_WORD.sub("" if " " not in whole else _without_space, whole), language))
            found.append(Joined(word, start, parts.end()))
    return found


def _without_space(sign: re.Match[str]) -> str:
    return sign.group().strip()


def joined_words(text: str, listed: Sequence[str], language: str = "") -> list[tuple[str, int]]:
    """Give the words that are written in parts as one word, each with the place of its last part among the words.

    Args:
        text: A clean text.
        listed: Its words, as ``words`` gives them.
    """
    given, at = [], 0
    for each in joined(text, language):
        parts = words(text[each.start : each.end], language)
        while at < len(listed) and listed[at : at + len(parts)] != parts:
            try:
                at = listed.index(parts[0], at + 1)
            except ValueError:
                return given
        at += len(parts)
        given.append((each.word, at - 1))
    return given


def whole_runs(asked: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """Give words as people would call them, each with the words it is made of: pairs of letters are put together.

    >>> [word for word, _ in whole_runs(["github", "行動", "動規", "規範"])]
    ['github', '行動規範']
    """
    run, parts = "", []
    for word in asked:
        letters = letters_of(word) if is_paired(word) else []
        if parts and len(letters) == 2 and run.endswith(letters[0]):
            run += letters[1]
            parts.append(word)
            continue
        if parts:
            yield run, parts
        run, parts = word, [word]
        if not letters:
            yield run, parts
            run, parts = "", []
    if parts:
        yield run, parts


# Folds and stems

_PLAIN = str.maketrans(
    {
        "ø": "o", "æ": "ae", "œ": "oe", "đ": "d", "ł": "l", "ı": "i", "ð": "d", "þ": "th", "ħ": "h", "ŧ": "t",
        "ŋ": "n", "ə": "e", "ى": "ي", "ی": "ي", "ې": "ي", "ے": "ي", "ة": "ه", "ہ": "ه", "ھ": "ه", "ە": "ه", "ک": "ك",
        "ڪ": "ك", "ٱ": "ا",
    }
)  # fmt: skip


def _is_accent(letter: str) -> bool:
    """Say whether a sign only accents a letter; others, such as vowels of Indian scripts, tones of Thai and the voice
    of kana, make it another."""
    kind = unicodedata.combining(letter)
    return kind in {1, 7} or 10 <= kind <= 36 or 200 <= kind <= 240


@lru_cache(maxsize=_REMEMBERED)
def fold(word: str) -> str:
    """Give the word without accents and other marks, in the plainest form of its letters."""
    if word.isascii():
        return word.lower()
    plain = unicodedata.normalize("NFKD", _tidy(word)).casefold()
    plain = "".join(letter for letter in plain if not _is_accent(letter)).translate(_PLAIN)
    return unicodedata.normalize("NFC", plain) or word


def base(language: str) -> str:
    """Give the language without its region: ``pt`` for ``pt-BR``. Chinese keeps its kind of letters."""
    code, *rest = re.split("[-_]", language.lower())
    if code == "zh" and rest:
        return "zh-hant" if {"hant", "tw", "hk", "mo"} & set(rest) else "zh-hans"
    return code[:7] or DEFAULT_LANGUAGE


@lru_cache(maxsize=64)
def _stemmer(language: str) -> Stemmer.Stemmer | None:
    algorithm = _ALGORITHMS.get(language)
    # The library remembers stems itself, but its own cache is scanned in full to be emptied.
    return Stemmer.Stemmer(algorithm, 0) if algorithm in _KNOWN else None


@lru_cache(maxsize=_REMEMBERED)
def term(word: str, language: str) -> str:
    """Give the folded stem of a word; of a language without a stemmer, the folded word."""
    if language in _MARKS_MATTER:
        return word
    stemmer = _stemmer(language)
    if stemmer is None:
        return fold(word)
    if language in {"en", "pcm"}:
        word = american(word)
    return fold(stemmer.stemWord(word))


@lru_cache(maxsize=_REMEMBERED)
def forms(word: str, language: str) -> tuple[str, str]:
    """Give the fold and the term of a word; of a stop word, no term."""
    return fold(word), "" if is_stop_word(word, language) else term(word, language)


def bare(word: str, language: str) -> str:
    """Give the term of a word that is written without its accents, where that is another term; else nothing."""
    if word.isascii() or language in _MARKS_MATTER:
        return ""
    _, stem = forms(word, language)
    plain = term(fold(word), language)
    return plain if stem and plain != stem else ""


@lru_cache(maxsize=64)
def _stop_words(language: str) -> frozenset[str]:
    listed = STOP_WORDS.get(language, frozenset())
    return listed | {fold(word) for word in listed}


def is_stop_word(word: str, language: str) -> bool:
    """Say whether the word is too common in the language to search for."""
    return word in _stop_words(language)
