"""Draw the diagrams of the demo guidebooks: ``python demo/pictures/draw.py``.

Needs Pillow with Raqm (for Arabic) and the fonts Noto Sans and Noto Sans Arabic.
Every picture is 1200 px wide and mirrored for Arabic; the words stand in ``words.json``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

HERE = Path(__file__).parent
FONTS = Path("/usr/share/fonts/truetype/noto")
WIDTH = 1200
SCALE = 2  # drawn twice as large and reduced, which smooths circles and slanted lines
PAPER, INK, SOFT = "#fcfbf7", "#1b2327", "#5b666b"
TEAL, TINT, AMBER, SAND = "#0d5c63", "#e0f1f1", "#8a5a00", "#fbeccb"

Point = tuple[float, float]
Words = list[list[str]]


class Sheet:
    """A drawing surface measured from the side where the language begins."""

    def __init__(self, height: int, language: str) -> None:
        self.language = language
        self.image = Image.new("RGB", (WIDTH * SCALE, height * SCALE), PAPER)
        self.pen = ImageDraw.Draw(self.image)

    def at(self, x: float, y: float) -> Point:
        return ((WIDTH - x if self.language == "ar" else x) * SCALE, y * SCALE)

    def box(self, x: float, y: float, w: float, h: float, *, fill: str = TINT, line: str = TEAL) -> None:
        (x1, y1), (x2, y2) = self.at(x, y), self.at(x + w, y + h)
        corners = (min(x1, x2), y1, max(x1, x2), y2)
        self.pen.rounded_rectangle(corners, 14 * SCALE, fill=fill, outline=line, width=3 * SCALE)

    def circle(self, x: float, y: float, r: float, *, fill: str = TINT, line: str = TEAL) -> None:
        cx, cy = self.at(x, y)
        r *= SCALE
        self.pen.ellipse((cx - r, cy - r, cx + r, cy + r), fill=fill, outline=line, width=3 * SCALE)

    def line(self, *points: Point, colour: str = SOFT, width: int = 3) -> None:
        self.pen.line([self.at(*p) for p in points], fill=colour, width=width * SCALE, joint="curve")

    def dashes(self, start: Point, end: Point, *, colour: str = SOFT) -> None:
        steps = int(math.dist(start, end) // 12)
        for i in range(0, steps, 2):
            points = [
                (
                    start[0] + (end[0] - start[0]) * k / steps,
                    start[1] + (end[1] - start[1]) * k / steps,
                )
                for k in (i, i + 1)
            ]
            self.line(*points, colour=colour)

    def arrow(self, *points: Point, colour: str = SOFT) -> None:
        self.line(*points, colour=colour)
        (x1, y1), (x2, y2) = points[-2:]
        turn = math.atan2(y2 - y1, x2 - x1)
        head = [(x2 - 18 * math.cos(turn + d), y2 - 18 * math.sin(turn + d)) for d in (-0.45, 0.45)]
        self.pen.polygon([self.at(x2, y2), *(self.at(*p) for p in head)], fill=colour)

    def text(
        self,
        x: float,
        y: float,
        words: str,
        size: int = 28,
        *,
        room: float,
        bold: bool = False,
        colour: str = INK,
    ) -> None:
        """Write words centred on a point, broken into lines no wider than ``room``."""
        family = "NotoSansArabic" if self.language == "ar" else "NotoSans"
        weight = "Bold" if bold else "Regular"
        font = ImageFont.truetype(FONTS / f"{family}-{weight}.ttf", size * SCALE)
        lines = [""]
        for word in words.split():
            longer = f"{lines[-1]} {word}".strip()
            if lines[-1] and font.getlength(longer) > room * SCALE:
                lines.append(word)
            else:
                lines[-1] = longer
        step = size * 1.3
        top = y - step * (len(lines) - 1) / 2
        for i, line in enumerate(lines):
            direction = "rtl" if self.language == "ar" else "ltr"
            spot = self.at(x, top + i * step)
            self.pen.text(spot, line, font=font, fill=colour, anchor="mm", direction=direction)


def steps(words: Words, language: str) -> Sheet:
    """Six boxes in two rows, each a title and a line below, then one remark."""
    sheet = Sheet(560, language)
    *boxes, remark = words
    for i, (title, below) in enumerate(boxes):
        x, y = 40 + (i % 3) * 390, 40 + (i // 3) * 240
        sheet.box(x, y, 340, 170)
        sheet.text(x + 170, y + 52, title, 30, room=310, bold=True, colour=TEAL)
        sheet.text(x + 170, y + 116, below, 26, room=310)
        if i % 3 < 2:
            sheet.arrow((x + 342, y + 85), (x + 386, y + 85))
    sheet.arrow((990, 212), (990, 245), (210, 245), (210, 277))
    sheet.text(600, 512, remark[0], 26, room=1120, colour=SOFT)
    return sheet


def beads(words: Words, language: str) -> Sheet:
    """Ten numbered circles on a line; a group of words is [first, last, title, line below]."""
    sheet = Sheet(370, language)
    sheet.line((80, 90), (1120, 90), colour=TEAL)
    for first, last, title, below in words:
        left, right = (80 + (int(n) - 1) * 115.5 for n in (first, last))
        for n in range(int(first), int(last) + 1):
            sheet.circle(80 + (n - 1) * 115.5, 90, 42, fill=TEAL if first == last else TINT)
            colour = PAPER if first == last else TEAL
            sheet.text(80 + (n - 1) * 115.5, 89, str(n), 32, room=80, bold=True, colour=colour)
        middle, room = (left + right) / 2, 212 if left < right else 130
        sheet.line((left - 30, 152), (right + 30, 152), colour=SOFT)
        sheet.text(middle, 206, title, 25 if left < right else 22, room=room, bold=True, colour=TEAL)
        sheet.text(middle, 300, below, 24 if left < right else 22, room=room)
    return sheet


def columns(words: Words, language: str) -> Sheet:
    """Three columns under their titles; the last one needs care and is amber."""
    sheet = Sheet(540, language)
    for i, (title, *lines) in enumerate(words):
        x, care = 30 + i * 385, i == len(words) - 1
        sheet.box(x, 30, 370, 480, fill=SAND if care else TINT, line=AMBER if care else TEAL)
        sheet.text(x + 185, 84, title, 32, room=340, bold=True, colour=AMBER if care else TEAL)
        for k, line in enumerate(lines):
            sheet.text(x + 185, 190 + k * 120, line, 27, room=330)
    return sheet


def hub(words: Words, language: str) -> Sheet:
    """One thing in the middle, six around it."""
    sheet = Sheet(720, language)
    (middle,), *around = words
    for i, (title, below) in enumerate(around):
        angle = math.pi * (i * 2 / len(around) - 0.5)
        x, y = 600 + 410 * math.cos(angle), 360 + 265 * math.sin(angle)
        sheet.line((600, 360), (x, y), colour=TEAL)
        sheet.box(x - 175, y - 72, 350, 144)
        sheet.text(x, y - 30, title, 29, room=330, bold=True, colour=TEAL)
        sheet.text(x, y + 28, below, 24, room=330)
    sheet.circle(600, 360, 108, fill=TEAL)
    sheet.text(600, 360, middle, 30, room=190, bold=True, colour=PAPER)
    return sheet


def rings(words: Words, language: str) -> Sheet:
    """Circles around a person, each explained beside its edge."""
    sheet = Sheet(680, language)
    fills = [PAPER, TINT, SAND, TEAL]
    for (radius, fill), (title, below), y in zip(
        zip((310, 230, 150, 70), fills, strict=True), words, (110, 265, 420, 575), strict=True
    ):
        sheet.circle(350, 340, radius, fill=fill)
        sheet.text(940, y - 30, title, 29, room=480, bold=True, colour=TEAL)
        sheet.text(940, y + 28, below, 24, room=480)
    for radius, y in ((310, 110), (230, 265), (150, 420), (70, 575)):
        lift = max(-radius * 0.9, min(radius * 0.9, y - 340))
        edge = (350 + math.sqrt(radius**2 - lift**2), 340 + lift)
        sheet.line(edge, (685, y))
    return sheet


def quarters(words: Words, language: str) -> Sheet:
    """Two scales that make four fields; the first field is the one to aim for."""
    sheet = Sheet(660, language)
    (top, bottom, start, end), *fields = words
    spots = ((680, 70), (190, 70), (680, 360), (190, 360))
    for (title, below), (x, y) in zip(fields, spots, strict=True):
        best = title == fields[0][0]
        sheet.box(x, y, 470, 270, fill=TINT if best else PAPER, line=TEAL if best else SOFT)
        sheet.text(x + 235, y + 80, title, 32, room=430, bold=True, colour=TEAL if best else INK)
        sheet.text(x + 235, y + 175, below, 27, room=420)
    for words_, spot in ((top, (95, 205)), (bottom, (95, 495))):
        sheet.text(*spot, words_, 30, room=170, bold=True, colour=SOFT)
    for words_, spot in ((end, (915, 36)), (start, (425, 36))):
        sheet.text(*spot, words_, 30, room=440, bold=True, colour=SOFT)
    return sheet


def timeline(words: Words, language: str) -> Sheet:
    """Marks on a line, each a time above and what matters below."""
    sheet = Sheet(440, language)
    gap = (WIDTH - 60) / len(words)
    sheet.arrow((40, 150), (1175, 150), colour=TEAL)
    for i, (when, title, below) in enumerate(words):
        x = 30 + gap * (i + 0.5)
        sheet.circle(x, 150, 18, fill=SAND if i == 1 else TEAL, line=AMBER if i == 1 else TEAL)
        sheet.text(x, 80, when, 26, room=gap - 14, bold=True, colour=AMBER if i == 1 else TEAL)
        sheet.text(x, 230, title, 26, room=gap - 14, bold=True)
        sheet.text(x, 345, below, 24, room=gap - 14)
    return sheet


def decisions(words: Words, language: str) -> Sheet:
    """Questions going down; "yes" leads aside to what to do, "no" to the next question."""
    (yes, no, otherwise), *questions = words
    sheet = Sheet(110 + 210 * len(questions), language)
    for i, (question, deed) in enumerate(questions):
        y, care = 30 + i * 210, i == 0
        sheet.box(30, y, 500, 140)
        sheet.text(280, y + 68, question, 29, room=460, bold=True, colour=TEAL)
        sheet.arrow((532, y + 70), (666, y + 70))
        sheet.text(592, y + 44, yes, 26, room=100, bold=True)
        sheet.box(670, y, 500, 140, fill=SAND if care else PAPER, line=AMBER if care else SOFT)
        sheet.text(920, y + 68, deed, 27, room=460)
        sheet.arrow((280, y + 142), (280, y + 206))
        sheet.text(326, y + 172, no, 26, room=100, bold=True)
    sheet.text(400, 60 + 210 * len(questions), otherwise, 29, room=700, bold=True)
    return sheet


def triangle(words: Words, language: str) -> Sheet:
    """Three things that hold each other, and what stands between them."""
    sheet = Sheet(640, language)
    (middle,), *corners = words
    spots = ((600, 110), (250, 530), (950, 530))
    sheet.line(*spots, spots[0], colour=TEAL, width=4)
    sheet.text(600, 390, middle, 32, room=280, bold=True)
    for (title, below), (x, y) in zip(corners, spots, strict=True):
        sheet.box(x - 215, y - 80, 430, 160)
        sheet.text(x, y - 36, title, 32, room=400, bold=True, colour=TEAL)
        sheet.text(x, y + 28, below, 26, room=400)
    return sheet


def family(words: Words, language: str) -> Sheet:
    """An invented family: who stands where, and what runs between them."""
    sheet = Sheet(590, language)
    names, (close, strained, broken) = words
    spots = ((230, 110), (640, 110), (120, 330), (435, 330), (750, 330), (1030, 330))
    sheet.line(spots[0], spots[1], colour=TEAL, width=8)
    sheet.line(spots[0], spots[3], colour=TEAL, width=8)
    sheet.dashes(spots[1], spots[3], colour=AMBER)
    sheet.line(spots[0], spots[2])
    sheet.dashes(spots[2], spots[3], colour=AMBER)
    sheet.line(spots[3], spots[4], colour=TEAL, width=8)
    sheet.line(spots[4], spots[5])
    for name, (x, y) in zip(names, spots, strict=True):
        chosen = (x, y) == spots[3]
        fill, line = (SAND, AMBER) if chosen else (TINT, TEAL)
        sheet.box(x - 110, y - 55, 220, 110, fill=fill, line=line)
        sheet.text(x, y - 2, name, 27, room=200, bold=True)
    sheet.line((990, 112), (1010, 148))
    sheet.line((840, 130), (1160, 130))
    sheet.text(1000, 80, broken, 25, room=340)
    for x, words_ in ((60, close), (610, strained)):
        if words_ == close:
            sheet.line((x, 500), (x + 110, 500), colour=TEAL, width=8)
        else:
            sheet.dashes((x, 500), (x + 110, 500), colour=AMBER)
        sheet.text(x + 350, 500, words_, 25, room=440)
    return sheet


SHAPES: dict[str, Callable[[Words, str], Sheet]] = {
    shape.__name__: shape
    for shape in (
        steps,
        beads,
        columns,
        hub,
        rings,
        quarters,
        timeline,
        decisions,
        triangle,
        family,
    )
}


def draw() -> None:
    """Draw every picture of ``words.json`` in every language it has words for."""
    for name, picture in json.loads((HERE / "words.json").read_text(encoding="utf-8")).items():
        for language, words in picture["words"].items():
            sheet = SHAPES[picture["shape"]](words, language)
            size = (WIDTH, sheet.image.height // SCALE)
            small = sheet.image.resize(size, Image.Resampling.LANCZOS).quantize(96)
            ending = "png" if language == "en" else f"{language}.png"
            small.save(HERE / f"{name}.{ending}", optimize=True)


if __name__ == "__main__":
    draw()
