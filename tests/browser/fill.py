"""Fills a new hub with a part of the demo, through the demo's own code: ``python -m tests.browser.fill FOLDER``.

FOLDER gets a copy of the part that is loaded: all but some guidebooks and late chapters, which take longest.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import django

# How many chapters of which books; the others are left out.
BOOKS = {
    "the-first-ten-conversations": 7,
    "the-first-ten-conversations.de": 3,
    "parents-partners-siblings": 3,
    "parents-partners-siblings.ar": 3,
    "working-online": 2,
}


def choose(whole: Path, part: Path) -> None:
    """Copy what is loaded from the whole demo into a folder of the same form."""
    shutil.copytree(whole, part, ignore=lambda folder, names: ["guidebooks"] if Path(folder) == whole else [])
    for book, chapters in BOOKS.items():
        (part / "guidebooks" / book).mkdir(parents=True)
        files = sorted((whole / "guidebooks" / book).iterdir())
        for file in [*files[:chapters], whole / "guidebooks" / book / "index.md"]:
            shutil.copy(file, part / "guidebooks" / book)


def main(part: Path) -> None:
    """Load it."""
    django.setup()
    from django.utils import timezone

    from hub import demo
    from tests.browser import doings

    choose(demo.FOLDER, part)
    demo.FOLDER = part
    demo.load(timezone.now().date(), lambda _what: None)
    doings.do_all()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
