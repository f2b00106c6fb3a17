"""modelsearch's own BackendTests over our backend; run as a program, since they need settings and models of their own.

The suite is in the installed wheel, its objects are not: they are the tables below. Prints how many pass; anything that
the backend logs counts as a failure, since the database would otherwise answer in silence for a broken index.
"""

from __future__ import annotations

import logging
import os
import sys
import tempfile
import types
import unittest
from typing import Any

settings = types.ModuleType("backend_suite_settings")
vars(settings).update(
    SECRET_KEY="suite",
    USE_TZ=False,
    ROOT_URLCONF="modelsearch.test.urls",
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    INSTALLED_APPS=[
        "modelsearch.test.testapp",
        "modelsearch",
        "search",
        "taggit",
        "django.contrib.auth",
        "django.contrib.contenttypes",
    ],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    MODELSEARCH_BACKENDS={"default": {"BACKEND": "search.backend", "PATH": tempfile.mkdtemp(), "REPAIR": False}},
)
sys.modules[settings.__name__] = settings
os.environ["DJANGO_SETTINGS_MODULE"] = settings.__name__

import django  # noqa: E402

django.setup()

from django.conf import settings as configured  # noqa: E402
from django.test import TestCase  # noqa: E402
from django.test.utils import get_runner  # noqa: E402
from modelsearch.test.testapp import models  # noqa: E402
from modelsearch.tests.test_backends import BackendTests  # noqa: E402

# key, name, born
AUTHORS = [
    (1, "George R.R. Martin", "1948-09-20"),
    (2, "J. R. R. Tolkien", "1892-01-03"),
    (4, "Isaac Asimov", "1920-01-02"),
    (5, "David Ascher", None),
    (6, "Mark Lutz", None),
    (7, "Daniel Roy Greenfeld", None),
    (8, "Audrey Roy Greenfeld", None),
    (9, "Douglas Crockford", None),
    (10, "David Flanagan", None),
    (11, "Steve Klabnik", None),
    (12, "Carol Nichols", None),
    (13, "Jim Blandy", None),
    (14, "Jason Orendorff", None),
]
# key, title, authors, published, pages, and what sort of book: a novel's setting, a guide's language, or neither
BOOKS = [
    (1, "A Game of Thrones", [1], "1996-08-01", 694, {"setting": "Westeros"}),
    (2, "A Clash of Kings", [1], "1998-01-01", 768, {"setting": "Westeros"}),
    (3, "A Storm of Swords", [1], "2000-01-01", 973, {"setting": "Westeros"}),
    (4, "The Fellowship of the Ring", [2], "1954-07-29", 423, {"setting": "Middle Earth"}),
    (5, "The Two Towers", [2], "1954-11-11", 352, {"setting": "Middle Earth"}),
    (6, "The Return of the King", [2], "1955-10-20", 440, {"setting": "Middle Earth"}),
    (7, "The Hobbit", [2], "1937-09-21", 320, {"setting": "Middle Earth"}),
    (10, "Foundation", [4], "1951-01-01", 255, {"setting": "Galactic Empire"}),
    (11, "Learning Python", [5, 6], "1999-01-01", 1160, {"programming_language": "py"}),
    (12, "Two Scoops of Django 1.11", [7, 8], "2017-04-26", 556, {"programming_language": "py"}),
    (13, "JavaScript: The good parts", [9], "2008-05-18", 172, {"programming_language": "js"}),
    (14, "JavaScript: The Definitive Guide", [10], "1998-06-11", 792, {"programming_language": "js"}),
    (15, "The Rust Programming Language", [11, 12], "2018-05-22", 440, {"programming_language": "rs"}),
    (16, "Programming Rust", [13, 14], "2017-12-01", 622, {}),
]
UNINDEXED = [
    (1, "A Game of Thrones U", "1996-08-01", 694),
    (2, "A Clash of Kings U", "1998-01-01", 768),
    (3, "A Storm of Swords U", "2000-01-01", 973),
    (4, "The Fellowship of the Ring U", "1954-07-29", 423),
]
# key, name, novel
CHARACTERS = [
    (1, "Daenerys Targaryen", 1),
    (2, "Jon Snow", 1),
    (3, "Eddard Stark", 1),
    (4, "Daenerys Targaryen", 2),
    (5, "Jon Snow", 2),
    (6, "Daenerys Targaryen", 3),
    (7, "Jon Snow", 3),
    (8, "Frodo Baggins", 4),
    (9, "Bilbo Baggins", 4),
    (10, "Gandalf", 4),
    (11, "Frodo Baggins", 5),
    (12, "Bilbo Baggins", 5),
    (13, "Gandalf", 5),
    (14, "Frodo Baggins", 6),
    (15, "Bilbo Baggins", 6),
    (16, "Gandalf", 6),
    (17, "Bilbo Baggins", 7),
    (18, "Thorin Oakenshield", 7),
    (19, "Hari Seldon", 10),
    (20, "Salvor Hardin", 10),
]
PROTAGONISTS = {4: 8, 5: 11, 6: 14, 7: 17}
MEETINGS = [(1, "Breakfast yoga", "08:00"), (2, "Stand-up meeting", "10:00"), (3, "Evening yoga", "19:30")]


def make_objects() -> None:
    """Put the suite's objects into the database."""
    for pk, name, born in AUTHORS:
        models.Author.objects.create(pk=pk, name=name, date_of_birth=born)
    for pk, title, authors, published, pages, more in BOOKS:
        model: Any = models.Book
        if more:
            model = models.Novel if "setting" in more else models.ProgrammingGuide
        book = model.objects.create(pk=pk, title=title, publication_date=published, number_of_pages=pages, **more)
        book.authors.set(authors)
    for pk, title, published, pages in UNINDEXED:
        models.UnindexedBook.objects.create(pk=pk, title=title, publication_date=published, number_of_pages=pages)
    for pk, name, novel in CHARACTERS:
        models.Character.objects.create(pk=pk, name=name, novel_id=novel)
    for novel, character in PROTAGONISTS.items():
        models.Novel.objects.filter(pk=novel).update(protagonist=character)
    for pk, name, start in MEETINGS:
        models.Meeting.objects.create(pk=pk, name=name, start_time=start)
    item = models.AgendaItem.objects.create(meeting_id=2, topic="Plans")
    models.Speaker.objects.create(agenda_item=item, name="Doyle")
    for tree in (models.MPAnimal, models.NSAnimal):
        animal = tree.add_root(name="Animal")
        mammal = tree.objects.get(pk=animal.pk).add_child(name="Mammal")
        tree.objects.get(pk=animal.pk).add_child(name="Reptile")
        for name in ("Dog", "Cat"):
            tree.objects.get(pk=mammal.pk).add_child(name=name)


class OurBackend(BackendTests, TestCase):
    backend_path = "search.backend"
    fixtures: list[str] = []

    @classmethod
    def setUpTestData(cls) -> None:
        make_objects()


class Heard(logging.Handler):
    """Counts what is logged."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.count = 0

    def emit(self, record: logging.LogRecord) -> None:
        self.count += 1
        print("logged:", record.getMessage())


def main() -> int:
    heard = Heard()
    logging.getLogger("search").addHandler(heard)
    runner = get_runner(configured)(verbosity=0, interactive=False)
    runner.setup_test_environment()
    old = runner.setup_databases()
    tests = unittest.defaultTestLoader.loadTestsFromTestCase(OurBackend)
    result = unittest.TextTestRunner(verbosity=1).run(tests)
    runner.teardown_databases(old)
    bad = len(result.failures) + len(result.errors)
    print(f"{result.testsRun - bad} of {result.testsRun} pass, {len(result.skipped)} skipped, {heard.count} logged")
    return int(bool(bad or result.skipped or heard.count))


if __name__ == "__main__":
    sys.exit(main())
