"""A process of a small hub with a database and an index of its own, for tests with several processes.

The database is SQLite in FOLDER, or one of its own on the PostgreSQL that DATABASE_URL names.

hub_process.py FOLDER make                  tables and an empty index
hub_process.py FOLDER write NAME COUNT      save COUNT notes one by one, printing each when it is committed
hub_process.py FOLDER rebuild               build the index anew
hub_process.py FOLDER drain                 bring in what waits
hub_process.py FOLDER verify                what the index lacks, what it should not have, what waits
hub_process.py FOLDER answer                for each line read, print the titles found
hub_process.py FOLDER mishap NAME ...       make, let one of tests/search/mishaps.py happen, print what is wrong, unmake
hub_process.py FOLDER unmake                drop the database
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import sys
import types
from pathlib import Path

import environ

folder = Path(sys.argv[1])
database = environ.Env.db_url_config(os.environ.get("DATABASE_URL") or f"sqlite:///{folder / 'hub.sqlite3'}")
server = {**database}
if database["ENGINE"].endswith("sqlite3"):
    database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL;",
    }
else:
    database["NAME"] = "hub_process_" + hashlib.blake2b(bytes(folder), digest_size=8).hexdigest()
settings = types.ModuleType("hub_process_settings")
vars(settings).update(
    SECRET_KEY="process",
    USE_TZ=True,
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    INSTALLED_APPS=["search", "modelsearch", "tests.search.shelf", "django.contrib.contenttypes"],
    DATABASES={"default": database, "server": server},
    MODELSEARCH_BACKENDS={
        "default": {"BACKEND": "search.backend", "PATH": folder / "index", "REPAIR": "REPAIR" in os.environ}
    },
)
sys.modules[settings.__name__] = settings
os.environ["DJANGO_SETTINGS_MODULE"] = settings.__name__

import django  # noqa: E402

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connections, transaction  # noqa: E402

from search import library, outbox  # noqa: E402
from search.configuration import default_store  # noqa: E402
from search.models import Change  # noqa: E402
from search.rebuilding import rebuild, verify  # noqa: E402
from tests.search.shelf.models import Note  # noqa: E402


def main(deed: str, *more: str) -> None:
    if deed == "make":
        if not database["ENGINE"].endswith("sqlite3"):
            with connections["server"].cursor() as cursor:
                cursor.execute(f"CREATE DATABASE {database['NAME']}")
        call_command("migrate", run_syncdb=True, verbosity=0)
        rebuild()
    elif deed == "write":
        for number in range(int(more[1])):
            with transaction.atomic():  # as every request of the hub is
                note = Note.objects.create(title=f"note {more[0]} {number}")
            print(note.pk, flush=True)
    elif deed == "many":
        logging.basicConfig(level=logging.INFO, format="%(threadName)s: %(message)s", stream=sys.stdout)
        with transaction.atomic():
            for number in range(int(more[1])):
                Note.objects.create(title=f"note {more[0]} {number}")
    elif deed == "rebuild":
        print(rebuild())
    elif deed == "drain":
        outbox.drain_now()
    elif deed == "verify":
        missing, extra = verify(default_store())
        print(json.dumps({"missing": missing, "extra": extra, "waiting": Change.objects.count()}))
    elif deed == "answer":
        for line in sys.stdin:
            try:
                found = sorted(hit.title for hit in library.find(line.strip(), keys=None).hits)
            except library.IndexUnavailable:
                found = None
            print(json.dumps(found), flush=True)
    elif deed == "unmake":
        if not database["ENGINE"].endswith("sqlite3"):
            with connections["server"].cursor() as cursor:
                cursor.execute(f"DROP DATABASE IF EXISTS {database['NAME']} WITH (FORCE)")
    elif deed == "mishap":
        from tests.search import mishaps

        main("make")
        try:
            for wrong in getattr(mishaps, more[0])(*more[1:]):
                print(json.dumps(wrong), flush=True)
        finally:
            connections.close_all()
            main("unmake")


if __name__ == "__main__":
    main(*sys.argv[2:])
