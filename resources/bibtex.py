"""Reads BibTeX, with the letters and signs that LaTeX writes as commands.

No library reads it so that a broken entry is told with its line and the others are kept: the common one (bibtexparser)
passes such an entry over as a comment.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

BEGINNING = re.compile(r"@\s*([A-Za-z]+)\s*([{(])")
NEXT_LINE = re.compile(r"\n[ \t]*(?=@\s*[A-Za-z]+\s*[{(])")
NAME = re.compile(r"[^\s\"#%'(),={}]+")
MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTHS = {name: str(number) for number, name in enumerate(MONTH_NAMES, start=1)}
DEEPEST = 50
"""Braces in braces; texts have two or three."""

ACCENTS = {
    "`": "\u0300",
    "'": "\u0301",
    "^": "\u0302",
    "~": "\u0303",
    '"': "\u0308",
    "=": "\u0304",
    ".": "\u0307",
    "c": "\u0327",
    "v": "\u030c",
    "u": "\u0306",
    "H": "\u030b",
    "k": "\u0328",
    "r": "\u030a",
    "d": "\u0323",
}
LETTERS = {
    "ss": "ß",
    "ae": "æ",
    "AE": "Æ",
    "oe": "œ",
    "OE": "Œ",
    "o": "ø",
    "O": "Ø",
    "aa": "å",
    "AA": "Å",
    "l": "ł",
    "L": "Ł",
    "i": "i",
    "j": "j",
    "dh": "ð",
    "th": "þ",
    "textbackslash": "\\",
    "textbraceleft": "\ue000",
    "textbraceright": "\ue001",
    "textasciitilde": "\ue002",
    "textasciicircum": "^",
    "textendash": "–",
    "textemdash": "—",
    "textquoteright": "’",
    "textquoteleft": "‘",
    "ldots": "…",
    "dots": "…",
    "textsection": "§",
    "S": "§",
    "euro": "€",
    "texteuro": "€",
    "textdegree": "°",
    "copyright": "©",
    "pounds": "£",
}
ACCENT = re.compile(r"\\([`'^~\"=.])\s*(?:\{\s*(\\?[A-Za-z])\s*\}|(\\?[A-Za-z]))")
ACCENT_BY_LETTER = re.compile(r"\\([cvuHkrd])(?:\s*\{\s*(\\?[A-Za-z])\s*\}|\s+(\\?[A-Za-z]))")
COMMAND = re.compile(r"\\([A-Za-z]+)(?:\{\}|\s+|(?=[^A-Za-z])|\Z)")
STYLE = re.compile(r"\\(?:emph|textit|textbf|textsc|textrm|texttt|textsf|mbox|url|enquote)\s*(?=\{)")
SIGN = re.compile(r"\\([&%$#_{}])")
KEPT = {"{": "\ue000", "}": "\ue001", "~": "\ue002"}


@dataclass
class Entry:
    """One entry: the line it begins at, its type, its values by name, raw; or why it cannot be read."""

    line: int
    kind: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    problem: str = ""

    def text(self, *names: str) -> str:
        """The first of these fields that says something, as it is read."""
        return next((words for name in names if (words := plain(self.fields.get(name, "")))), "")


class Broken(ValueError):
    """What is wrong with one entry."""


def entries(text: str) -> Iterator[Entry]:
    """The entries of a file. What stands between entries is a comment, as BibTeX has it."""
    words = dict(MONTHS)
    place = 0
    line, counted = 1, 0
    while found := BEGINNING.search(text, place):
        line += text.count("\n", counted, found.start())
        counted = found.start()
        kind = found[1].lower()
        reading = Reading(text, found.end(), "}" if found[2] == "{" else ")", words)
        try:
            if kind == "comment":
                reading.skip()
            elif kind == "preamble":
                reading.value()
                reading.end()
            elif kind == "string":
                words |= reading.fields()
            else:
                reading.key()
                yield Entry(line, kind, reading.fields())
            place = reading.place
        except Broken as problem:
            yield Entry(line, kind, problem=str(problem))
            onward = NEXT_LINE.search(text, found.end())
            place = onward.end() if onward else len(text)


class Reading:
    """A place in the text of a file, moved on by what is read."""

    def __init__(self, text: str, place: int, closing: str, words: dict[str, str]) -> None:
        self.text, self.place, self.closing, self.words = text, place, closing, words

    def space(self) -> str:
        """Pass over space; the sign that follows, empty at the end of the file."""
        while self.place < len(self.text) and self.text[self.place].isspace():
            self.place += 1
        return self.text[self.place : self.place + 1]

    def name(self) -> str:
        """A name of a field or an abbreviation."""
        self.space()
        found = NAME.match(self.text, self.place)
        if found is None:
            raise Broken(f"a name is expected where “{self.text[self.place : self.place + 20]}” stands")
        self.place = found.end()
        return found[0].lower()

    def key(self) -> None:
        """The key of an entry, which says nothing to us. Publishers write parentheses in it."""
        depth = 0
        while self.place < len(self.text) and (sign := self.text[self.place]) not in ",{}\n":
            if sign == ")" == self.closing and not depth:
                break
            depth += (sign == "(") - (sign == ")")
            self.place += 1
        if self.space() not in (",", self.closing) or not self.text[self.place : self.place + 1]:
            raise Broken("after its key a comma is expected")

    def fields(self) -> dict[str, str]:
        """What follows up to the end of the entry."""
        found: dict[str, str] = {}
        while True:
            sign = self.space()
            if sign == ",":
                self.place += 1
            elif sign == self.closing:
                self.place += 1
                return found
            elif not sign:
                raise Broken(f"does not end: a “{self.closing}” is missing")
            else:
                name = self.name()
                if self.space() != "=":
                    raise Broken(f"“{name[:40]}”: “=” is expected after the name of a field")
                self.place += 1
                found.setdefault(name, self.value())
                if self.space() not in (",", self.closing):
                    raise Broken(f"“{name[:40]}”: after its value a comma or “{self.closing}” is expected")

    def value(self) -> str:
        """A value, of parts with # between."""
        parts = []
        while True:
            sign = self.space()
            if sign == "{":
                parts.append(self.braced("}"))
            elif sign == '"':
                parts.append(self.braced('"'))
            else:
                word = self.name()
                if not word.isdecimal() and word not in self.words:
                    raise Broken(f"“{word[:40]}” is no abbreviation that the file explains")
                parts.append(word if word.isdecimal() else self.words[word])
            if self.space() != "#":
                return "".join(parts)
            self.place += 1

    def braced(self, closing: str) -> str:
        """What stands between braces or quotation marks; braces within count."""
        self.place += 1
        begin, depth = self.place, 0
        while self.place < len(self.text):
            sign = self.text[self.place]
            if sign == closing and not depth:
                self.place += 1
                return self.text[begin : self.place - 1]
            if sign == "{":
                depth += 1
                if depth > DEEPEST:
                    raise Broken(f"braces stand in braces more than {DEEPEST} deep")
            elif sign == "}":
                depth -= 1
                if depth < 0:
                    raise Broken("a “}” has no “{” before it")
            self.place += 2 if sign == "\\" and self.text[self.place + 1 : self.place + 2] == '"' else 1
        raise Broken(
            "does not end: a “}” is missing" if closing == "}" else "does not end: a quotation mark is missing"
        )

    def skip(self) -> None:
        """Pass over what stands up to the end of a comment."""
        if self.closing == "}":
            self.place -= 1
            self.braced("}")
        else:
            self.end()

    def end(self) -> None:
        """The end of an entry."""
        at = self.text.find(self.closing, self.place)
        if at < 0:
            raise Broken(f"does not end: a “{self.closing}” is missing")
        self.place = at + 1


def plain(value: str) -> str:
    r"""A value as it is read: letters for commands, without braces.

    >>> plain(r'{\"U}ber {M}{\"u}ller \& S{\o}n -- 5\,\%')
    'Über Müller & Søn – 5 %'
    """
    text = STYLE.sub("", value.replace("\\,", " ").replace("\\ ", " ").replace("\\-", ""))
    text = SIGN.sub(lambda sign: KEPT.get(sign[1], sign[1]), text)
    text = ACCENT.sub(_accented, text)
    text = ACCENT_BY_LETTER.sub(_accented, text)
    text = COMMAND.sub(lambda command: LETTERS.get(command[1], command[0]), text)
    text = text.replace("---", "—").replace("--", "–").replace("``", "“").replace("''", "”").replace("~", " ")
    text = text.replace("{", "").replace("}", "")
    for sign, kept in KEPT.items():
        text = text.replace(kept, sign)
    return " ".join(unicodedata.normalize("NFC", text).split())


def names(value: str) -> list[str]:
    """The names of a list of authors, which stand apart by the word "and" outside of braces.

    >>> names("Okoro, Miriam and {Barnes and Sons}")
    ['Okoro, Miriam', 'Barnes and Sons']
    """
    parts, depth, word = [""], 0, ""
    for piece in re.split(r"(\s+|[{}])", value):
        depth += {"{": 1, "}": -1}.get(piece, 0)
        word = piece.strip()
        if word.lower() == "and" and not depth:
            parts.append("")
        else:
            parts[-1] += piece
    return [name for part in parts if (name := plain(part)) and name.lower() != "others"]


def _accented(found: re.Match[str]) -> str:
    letter = (found[2] or found[3]).removeprefix("\\")
    return unicodedata.normalize("NFC", letter + ACCENTS[found[1]])
