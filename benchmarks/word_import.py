"""How long it takes to make a guidebook of a Word file, and in how much memory.

    python -m benchmarks.word_import --pages 60,120,200
    python -m benchmarks.word_import --files ../shared/data/documents/python-docx

Makes long Word files (``tests.guidebooks.word_files``), imports each into a database of its own (SQLite, thrown away
afterwards), and prints one JSON line for each: seconds by the clock and of CPU, the most memory of this process and of
the one that reads, and ``ratio``: how many times as long as only taking the file's words for search, in the same run.
With ``--files``, the counts of each .docx of a folder before and after, without writing.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

MB = 1024  # ru_maxrss counts kilobytes


def measured(path: Path, section: Any) -> dict[str, Any]:
    """Import one file and say what it took."""
    from guidebooks.importing import import_manuscript
    from guidebooks.opening import open_manuscript
    from search.extracting import extract

    begun = time.perf_counter()
    with path.open("rb") as file:
        extract(file, "docx")
    words_only = time.perf_counter() - begun
    begun, cpu = time.perf_counter(), _cpu()
    with open_manuscript(path, "en") as manuscript:
        read = time.perf_counter() - begun
        report = import_manuscript(manuscript, section, publish=False)
    whole = time.perf_counter() - begun
    return {
        "file": path.name,
        "chapters": report.created - 1,
        "agrees": report.agrees,
        "counts": {name: count for name, count in report.total("after").items() if count},
        "seconds": round(whole, 1),
        "of them reading": round(read, 1),
        "CPU seconds": round(_cpu() - cpu, 1),
        "MB here": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // MB,
        "MB of the largest process it started": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // MB,
        "words for search alone, seconds": round(words_only, 2),
        "ratio": round(whole / words_only, 1),
    }


def counted(path: Path) -> dict[str, Any]:
    """Read one file, and say what was in it and what is in the blocks."""
    from guidebooks.opening import open_manuscript

    with open_manuscript(path, "en") as manuscript:
        if manuscript.problems:
            return {"file": path.name, "refused": manuscript.problems}
        first = [manuscript.look(source) for source in manuscript.sources]
    kinds = {name for one in first for name in one.counts.before}
    before = {name: sum(one.counts.before.get(name, 0) for one in first) for name in sorted(kinds)}
    after = {name: sum(one.counts.after.get(name, 0) for one in first) for name in before}
    lost = {name: sum(one.counts.lost.get(name, 0) for one in first) for name in before}
    return {
        "file": path.name,
        "before": {name: count for name, count in before.items() if count},
        "after": {name: count for name, count in after.items() if count},
        "lost": {name: count for name, count in lost.items() if count},
        "agrees": all(one.counts.agree for one in first),
    }


def _cpu() -> float:
    """Seconds of CPU of this process and of those it started and that are over."""
    return sum(
        used.ru_utime + used.ru_stime
        for used in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


class NoMigrations(dict[str, None]):
    """Tables are made of the models as they are."""

    def __contains__(self, _app: object) -> bool:
        return True

    def __missing__(self, _app: str) -> None:
        return None


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", default="60,120,200")
    parser.add_argument("--files", type=Path)
    options = parser.parse_args(arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hub.settings.test")
    import django

    django.setup()
    if options.files:
        for path in sorted(options.files.glob("*.docx")):
            print(json.dumps(counted(path), ensure_ascii=False), flush=True)
        return
    from django.conf import settings
    from django.db import connection

    from guidebooks.models import GuidebookIndexPage
    from tests.guidebooks.word_files import long_book

    settings.MIGRATION_MODULES = NoMigrations()
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    section = GuidebookIndexPage.objects.get(locale__language_code="en")
    with tempfile.TemporaryDirectory() as folder:
        for pages in map(int, options.pages.split(",")):
            path = Path(folder) / f"guide-of-{pages}-pages.docx"
            path.write_bytes(long_book(pages)[0])
            print(json.dumps(measured(path, section), ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
