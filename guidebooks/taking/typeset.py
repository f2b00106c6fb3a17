"""Lines of text in two directions: what fpdf2 lacks for paragraphs in several styles.

fpdf2 sets a run of text in one style and reorders inside it; a paragraph with bold words, links and figures in Arabic
needs the whole of it reordered (Unicode's bidirectional algorithm, of which fpdf2 has the rules). So a paragraph is
cut into runs of one style, face and direction here, broken into lines, and each line's runs are put in the order of
the eye.

Lengths are in millimetres, sizes of letters in points.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from fpdf import FPDF
from fpdf.bidi import BidiParagraph
from fpdf.enums import TextDirection
from fpdf.fonts import TTFFont

FONTS = Path(__file__).with_name("fonts")
FILES = {
    ("serif", ""): "DejaVuSerifCondensed.ttf",
    ("serif", "B"): "DejaVuSerifCondensed-Bold.ttf",
    ("serif", "I"): "DejaVuSerifCondensed-Italic.ttf",
    ("serif", "BI"): "DejaVuSerifCondensed-BoldItalic.ttf",
    ("sans", ""): "DejaVuSansCondensed.ttf",
    ("sans", "B"): "DejaVuSansCondensed-Bold.ttf",
    ("mono", ""): "DejaVuSansMono.ttf",
}
MM = 25.4 / 72  # one point
FROM_RIGHT = re.compile("[\u0590-\u08ff\u200f\u202b\u202e\u2067\ufb1d-\ufdff\ufe70-\ufeff]")
PIECES = re.compile(r"\n|[^\S\n]+|[^\s\u00ad/–—-]+[/–—-]*|[/–—-]+")
SIGNS_OF_ORDER = dict.fromkeys(
    map(ord, "\u00ad\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
)

INK, SOFT, ACCENT = (31, 30, 28), (90, 86, 80), (15, 84, 92)
Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Style:
    """How a run of text looks; ``size`` in points, ``link`` an address or the number of a place in the document."""

    size: float = 10.5
    face: str = "serif"
    bold: bool = False
    italic: bool = False
    colour: Colour = INK
    raised: bool = False
    link: str | int = ""


@dataclass(frozen=True)
class Piece:
    """Some words in one style."""

    text: str
    style: Style


@dataclass
class Run:
    """Letters of one style, face and direction; ``level`` is odd where they run from right to left."""

    text: str
    style: Style
    face: str
    level: int
    width: float

    @property
    def emphasis(self) -> str:
        """The style of the font's file."""
        wanted = "B" * self.style.bold + "I" * self.style.italic
        return wanted if (self.face, wanted) in FILES else wanted.replace("I", "") if self.face != "mono" else ""

    @property
    def size(self) -> float:
        """Points, smaller where it is raised."""
        return self.style.size * (0.68 if self.style.raised else 1)


class Setter:
    """Sets paragraphs on the pages of one document."""

    def __init__(self, pdf: FPDF, language: str, direction: str) -> None:
        self.pdf, self.language, self.from_right = pdf, language, direction == "rtl"
        for (face, emphasis), file in FILES.items():
            pdf.add_font(face, emphasis, FONTS / file)
        self.fonts = {name: font for name, font in pdf.fonts.items() if isinstance(font, TTFFont)}
        self._widths: dict[tuple[str, str, str], float] = {}

    @cached_property
    def _signs(self) -> dict[str, frozenset[int]]:
        """Which letters each face has."""
        return {face: frozenset(self.fonts[face].cmap) for face in ("serif", "sans", "mono")}

    # Breaking ------------------------------------------------------------------------------------

    def lines(self, pieces: Iterable[Piece], width: float) -> list[list[Run]]:
        """Break a paragraph into lines, each with its runs from left to right. A word wider than a line is cut."""
        lines: list[list[Run]] = [[]]
        used = 0.0
        for word in self._words(list(pieces)):
            if word == "\n":
                lines.append([])
                used = 0.0
                continue
            assert not isinstance(word, str)
            length = sum(run.width for run in word)
            is_space = all(run.text.isspace() for run in word)
            if is_space and not lines[-1]:
                continue
            if used + length > width and not is_space:
                if lines[-1]:
                    lines.append([])
                    used = 0.0
                while length > width:
                    head, word = self._cut(word, width)
                    lines[-1].extend(head)
                    lines.append([])
                    length = sum(run.width for run in word)
            lines[-1].extend(word)
            used += length
        return [self._in_order(_without_end(line)) for line in lines]

    def _words(self, pieces: list[Piece]) -> list[list[Run] | str]:
        text = "".join(piece.text for piece in pieces)
        styles = [piece.style for piece in pieces for _letter in piece.text]
        levels = self._levels(text)
        words: list[list[Run] | str] = []
        for match in PIECES.finditer(text):
            if match[0] == "\n":
                words.append("\n")
            else:
                words.append(self._runs(text, styles, levels, match.start(), match.end()))
        return words

    def _levels(self, text: str) -> list[int]:
        base = 1 if self.from_right else 0
        if not self.from_right and not FROM_RIGHT.search(text):
            return [0] * len(text)
        direction = TextDirection.RTL if self.from_right else TextDirection.LTR
        levels: list[int] = []
        for line in text.split("\n"):
            own = [base] * len(line)
            for letter in BidiParagraph(line, direction, preserve_bn_chars=True).characters:
                own[letter.character_index] = letter.embedding_level
            levels += [*own, base]
        return levels

    def _runs(self, text: str, styles: list[Style], levels: list[int], start: int, end: int) -> list[Run]:
        runs: list[Run] = []
        for place in range(start, end):
            letter, style, level = text[place], styles[place], levels[place]
            face = self._face(letter, style, level)
            last = runs[-1] if runs else None
            if last and (last.style, last.face, last.level) == (style, face, level):
                last.text += letter
            else:
                runs.append(Run(letter, style, face, level, 0))
        for run in runs:
            run.text = run.text.translate(SIGNS_OF_ORDER)
            run.width = self.width(run)
        return runs

    def _face(self, letter: str, style: Style, level: int) -> str:
        if level % 2 or (self.from_right and style.face == "serif"):
            return "sans"
        if letter.isspace() or ord(letter) in self._signs[style.face]:
            return style.face
        return "sans"

    def width(self, run: Run) -> float:
        """How wide a run is."""
        key = run.text, run.face, run.emphasis
        if key not in self._widths:
            font = self.fonts[run.face + run.emphasis]
            if run.level % 2:
                self._shape(True)
                _number, wide = font.get_text_width(run.text, 1000, self.pdf.text_shaping)
                self._shape(False)
            else:
                _number, wide = font.get_text_width(run.text, 1000, None)
            self._widths[key] = wide / 1000
        return self._widths[key] * run.size * MM

    def _cut(self, word: list[Run], width: float) -> tuple[list[Run], list[Run]]:
        """Cut a word so that what stands first fits; at least one letter of it."""
        head: list[Run] = []
        rest = list(word)
        room = width
        while rest and rest[0].width <= room:
            room -= rest[0].width
            head.append(rest.pop(0))
        if rest:
            run, fits = rest[0], 0
            while fits < len(run.text) and self.width(replace(run, text=run.text[: fits + 1])) <= room:
                fits += 1
            fits = fits or (0 if head else 1)
            if fits:
                first, second = replace(run, text=run.text[:fits]), replace(run, text=run.text[fits:])
                first.width, second.width = self.width(first), self.width(second)
                head.append(first)
                rest[0:1] = [second] if second.text else []
        return head, rest

    def _in_order(self, runs: list[Run]) -> list[Run]:
        """The runs as the eye meets them from left to right (rule L2), neighbours of one kind joined."""
        joined: list[Run] = []
        for run in runs:
            last = joined[-1] if joined else None
            if last and (last.style, last.face, last.level) == (run.style, run.face, run.level):
                joined[-1] = replace(last, text=last.text + run.text, width=last.width + run.width)
            else:
                joined.append(run)
        for level in range(max((run.level for run in joined), default=0), 0, -1):
            start = 0
            while start < len(joined):
                end = start
                while end < len(joined) and joined[end].level >= level:
                    end += 1
                if end - start > 1:
                    joined[start:end] = joined[start:end][::-1]
                start = max(end, start + 1)
        return joined

    # Drawing -------------------------------------------------------------------------------------

    def draw(self, line: list[Run], x: float, width: float, baseline: float, align: str = "start") -> None:
        """Draw one line in a column that begins at ``x``; ``align`` is start, centre or end."""
        used = sum(run.width for run in line)
        if align == "centre":
            x += (width - used) / 2
        elif (align == "end") != self.from_right:
            x += width - used
        for run in line:
            self._draw_run(run, x, baseline)
            x += run.width

    def _draw_run(self, run: Run, x: float, baseline: float) -> None:
        pdf, height = self.pdf, run.size * MM
        if run.style.raised:
            baseline -= run.style.size * MM * 0.35
        pdf.set_font(run.face, run.emphasis, run.size)
        pdf.set_text_color(*run.style.colour)
        if run.level % 2:
            self._draw_shaped(run, x, baseline)
        else:
            pdf.text(x, baseline, run.text)
        if run.style.link:
            pdf.link(x, baseline - height, run.width, height * 1.25, run.style.link)

    def _draw_shaped(self, run: Run, x: float, baseline: float) -> None:
        """Draw letters that join, each glyph at its place: fpdf2's own cells lose the joins around marks."""
        pdf, font = self.pdf, self.fonts[run.face + run.emphasis]
        pdf.text(x, baseline, "")  # names the font on this page
        self._shape(True)
        glyphs = font.shape_text(run.text, run.size, pdf.text_shaping)
        self._shape(False)
        points = font.scale * run.size / 1000
        across, up = x * pdf.k, (pdf.h - baseline) * pdf.k
        drawn = [f"q {pdf.text_color.serialize().lower() if pdf.text_color else ''} BT"]
        for glyph in glyphs:
            if glyph["mapped_char"] is not None:
                sign = font.escape_text(chr(glyph["mapped_char"]))
                place = f"{across + glyph['x_offset'] * points:.2f} {up + glyph['y_offset'] * points:.2f}"
                drawn.append(f"1 0 0 1 {place} Tm ({sign}) Tj")
            across += glyph["x_advance"] * points
        pdf._out(" ".join([*drawn, "ET Q"]))

    def _shape(self, on: bool) -> None:
        direction, script = ("rtl", "arab") if self.language != "he" else ("rtl", "hebr")
        if on:
            self.pdf.set_text_shaping(True, direction=direction, script=script, language=self.language)
            self.pdf.text_shaping["fragment_direction"] = TextDirection.RTL  # type: ignore[index]
        else:
            self.pdf.set_text_shaping(False)


def _without_end(line: list[Run]) -> list[Run]:
    while line and line[-1].text.isspace():
        line = line[:-1]
    return line
