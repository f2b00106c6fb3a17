"""The parts of a measurement, each run in a process of its own so that none warms or burdens another.

``python -m benchmarks.parts PART FOLDER [ARGUMENT]`` prints one JSON object on its last line. The folder holds the
hub's database and index of one size, the queries, and the rivals' files.
"""

from __future__ import annotations

import time

BEGAN = time.process_time()

import importlib.util  # noqa: E402
import json  # noqa: E402
import os  # noqa: E402
import statistics  # noqa: E402
import subprocess  # noqa: E402
import sys  # noqa: E402
import types  # noqa: E402
from collections.abc import Callable, Iterator, Sequence  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402

ROOT = Path(__file__).resolve().parents[1]
PASSES = 3
"""How often each warm query is timed, after one pass that is not."""
SLOW_QUERIES = 24
"""Queries that are asked of Wagtail's default, which takes about a second for each."""
PUBLICATIONS = 20


def configure(folder: Path, backend: str = "search.backend") -> None:
    """Set Django up with the hub's engine, and nothing else of the hub, over the database and index in a folder."""
    settings = types.ModuleType("benchmark_settings")
    vars(settings).update(
        SECRET_KEY="benchmark",
        USE_TZ=True,
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        INSTALLED_APPS=["search", "modelsearch", "benchmarks.shelf", "django.contrib.contenttypes"],
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": str(folder / "hub.sqlite3"),
                "OPTIONS": {
                    "transaction_mode": "IMMEDIATE",
                    "timeout": 20,
                    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
                },
            }
        },
        MODELSEARCH_BACKENDS={"default": {"BACKEND": backend, "PATH": folder / "index"}},
    )
    sys.modules[settings.__name__] = settings
    os.environ["DJANGO_SETTINGS_MODULE"] = settings.__name__
    import django

    django.setup()


def quantiles(seconds: Sequence[float]) -> dict[str, float]:
    """Give median and 95th percentile in milliseconds."""
    ordered = sorted(seconds)
    at = min(int(len(ordered) * 0.95), len(ordered) - 1)
    return {"p50": round(statistics.median(ordered) * 1000, 3), "p95": round(ordered[at] * 1000, 3)}


def timed(ask: Callable[[str], Any], queries: Sequence[str]) -> list[float]:
    """Give the CPU seconds of each query, all threads of the process together."""
    taken = []
    for query in queries:
        begun = time.process_time()
        ask(query)
        taken.append(time.process_time() - begun)
    return taken


def asked(ask: Callable[[str], Any], queries: dict[str, list[str]], passes: int = PASSES) -> dict[str, Any]:
    """Give the times of cold queries, then of warm ones."""
    ask("the first question opens what must be opened")
    cold = timed(ask, queries["cold"])
    timed(ask, queries["warm"])
    warm = [each for _ in range(passes) for each in timed(ask, queries["warm"])]
    return {"warm": quantiles(warm), "cold": quantiles(cold)}


def memory() -> float:
    """Give the resident memory of this process in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 1e6, 1)


def queries_of(folder: Path) -> dict[str, list[str]]:
    return json.loads((folder / "queries.json").read_text())


def rows() -> Iterator[dict[str, Any]]:
    """Give the items as the rivals take them."""
    from benchmarks.shelf.models import Item

    for item in Item.objects.order_by("pk").iterator(500):
        body = f"{item.summary}\n{item.body}"
        yield {"number": item.pk, "title": item.title, "body": body, "key": item.access_key}


def asking(**more: Any) -> Callable[[str], Any]:
    """Give the hub's whole answer for a member: ten hits with passages, exact count, every facet of the search page."""
    from benchmarks.recombined import MEMBER
    from search import library

    def ask(query: str) -> library.Answer:
        return library.find(query, keys=MEMBER, facets=FACETS, languages=("en", "de"), limit=10, **more)

    return ask


FACETS = ("kind", "topic", "setting", "stage", "extremism", "language", "region", "year", "group", "audience")
"""As ``core.facets.FACETS``; test_speed.py compares them."""


# Parts


def make(folder: Path, size: str, corpora: str) -> dict[str, Any]:
    """Fill the database with items and write the queries down."""
    configure(folder)
    from django.core.management import call_command
    from django.db import transaction

    from benchmarks.recombined import Generator, read
    from benchmarks.shelf.models import Item

    call_command("migrate", run_syncdb=True, verbosity=0)
    generator = Generator(read(Path(corpora)))
    items, words = [], 0
    with transaction.atomic():
        for fields in generator.items(int(size)):
            items.append(Item(**fields))
            words += len(items[-1].body.split())
            if len(items) == 500:
                Item.objects.bulk_create(items)
                items = []
        Item.objects.bulk_create(items)
    warm = generator.warm_queries()
    (folder / "queries.json").write_text(json.dumps({"warm": warm, "cold": generator.cold_queries(warm)}))
    return {"words_per_item": round(words / int(size))}


def hub_build(folder: Path) -> dict[str, Any]:
    """Build the hub's index as ``rebuild_search`` does."""
    configure(folder)
    from benchmarks.rivals import bytes_of
    from search.configuration import default_store
    from search.rebuilding import rebuild
    from search.schema import ENTRY
    from search.snapshot import snapshot

    begun = time.process_time()
    rebuild()
    taken = time.process_time() - begun
    now = snapshot(default_store())
    return {
        "build_seconds": round(taken, 2),
        "entries": int((now.live & (now.numbers("flags") & ENTRY > 0)).sum()),
        "documents": int(now.live.sum()),
        "megabytes": round(bytes_of(folder / "index") / 1e6, 1),
        "pieces": len(now.segments),
    }


def hub(folder: Path) -> dict[str, Any]:
    """Ask, then measure memory."""
    configure(folder)
    ask = asking()
    before = memory()
    begun = time.process_time()
    ask("a question that opens the index")
    opening = time.process_time() - begun
    opened = memory()
    result = asked(ask, queries_of(folder))
    from search.configuration import default_store
    from search.snapshot import snapshot

    now = snapshot(default_store())
    return {
        **result,
        "opening_ms": round(opening * 1000, 1),
        "memory_mb": {"before": before, "opened": opened, "after_all_queries": memory()},
        **bounds(now),
    }


def bounds(now: Any) -> dict[str, Any]:
    """Give what is kept of a snapshot whatever is asked, and what the bounded memories hold and may hold, in MB."""
    from search.kept import memory

    return {
        "kept_mb": {
            "of_documents_and_terms": round((now.nbytes + now.folding.nbytes) / 1e6, 1),
            "postings": round(memory.size / 1e6, 1),
            "postings_bound": round(memory.bound / 1e6, 1),
            "viewers": round(now.sets.size / 1e6, 1),
            "viewers_bound": round(now.sets.bound / 1e6, 1),
        }
    }


def hub_publish(folder: Path) -> dict[str, Any]:
    """Change and publish items one by one; from the beginning of the commit until the item is found."""
    configure(folder)
    from django.db import transaction
    from django.utils import timezone

    from benchmarks.recombined import MEMBER
    from benchmarks.shelf.models import Item
    from search import library

    def found(word: str) -> bool:
        return library.find(word, keys=MEMBER, facets=FACETS, limit=10).total == 1

    found("open the index")
    pattern = Item.objects.order_by("pk").last()
    assert pattern is not None
    pattern.access_key = "members"
    updates, same, other, spent = [], [], [], []
    command = [sys.executable, "-m", "benchmarks.parts", "watch", str(folder)]
    watcher = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert watcher.stdin
    assert watcher.stdout
    assert watcher.stdout.readline() == "ready\n"
    for number in range(PUBLICATIONS):
        word = f"publication{number}zq"
        watcher.stdin.write(word + "\n")
        watcher.stdin.flush()
        assert watcher.stdout.readline() == "watching\n"
        pattern.pk, pattern.title, pattern.published_on = None, f"Published as {word}", timezone.now()
        pattern.translation_key = word
        begun, moment = time.process_time(), time.time()
        with transaction.atomic():
            pattern.save(force_insert=True)
            begun, moment = time.process_time(), time.time()
        updates.append(time.process_time() - begun)
        while not found(word):
            time.sleep(0.001)
        same.append(time.time() - moment)
        spent.append(time.process_time() - begun)
        other.append(float(watcher.stdout.readline()) - moment)
    watcher.stdin.close()
    watcher.wait()
    return {
        "update_cpu": quantiles(updates),
        "found_cpu": quantiles(spent),
        "found_here": quantiles(same),
        "found_elsewhere": quantiles(other),
    }


def watch(folder: Path) -> dict[str, Any]:
    """For each word read, look for it until it is found, as a server does that is asked again and again."""
    configure(folder)
    from benchmarks.recombined import MEMBER
    from search import library

    def found(word: str) -> bool:
        return library.find(word, keys=MEMBER, facets=FACETS, limit=10).total == 1

    found("open the index")
    print("ready", flush=True)
    for line in sys.stdin:
        print("watching", flush=True)
        while not found(line.strip()):
            time.sleep(0.005)
        print(time.time(), flush=True)
    return {}


def fresh(folder: Path) -> dict[str, Any]:
    """Answer the first question of a process; CPU seconds of each step, and the clock's of the last."""
    started = time.process_time()
    configure(folder)
    ready = time.process_time()
    ask = asking()
    imported, clock = time.process_time(), time.perf_counter()
    ask("how to work with a family")
    done = time.process_time()
    return {
        "python_ms": round(BEGAN * 1000, 1),
        "setup_ms": round((ready - started) * 1000, 1),
        "import_ms": round((imported - ready) * 1000, 1),
        "first_answer_ms": round((done - imported) * 1000, 1),
        "first_answer_clock_ms": round((time.perf_counter() - clock) * 1000, 1),
    }


def rival(folder: Path, name: str) -> dict[str, Any]:
    """Build and ask one of the rivals."""
    needs = {"tantivy": "tantivy", "whoosh": "whoosh"}.get(name)
    if needs and importlib.util.find_spec(needs) is None:
        return {"missing": f"not measured: the package {needs} is not installed (requirements-dev.txt)"}
    configure(folder, "modelsearch.backends.database" if name == "wagtail" else "search.backend")
    from benchmarks.rivals import RIVALS

    engine = RIVALS[name](folder)
    items = list(rows())
    before = memory()
    begun = time.process_time()
    engine.build(items)
    build = time.process_time() - begun
    items.clear()
    queries = queries_of(folder)
    if name == "wagtail":
        queries = {kind: each[:: max(len(each) // SLOW_QUERIES, 1)][:SLOW_QUERIES] for kind, each in queries.items()}
    hits = sum(engine.ask(query)[0] for query in queries["warm"][:20])
    return {
        **asked(engine.ask, queries, passes=1 if name == "wagtail" else PASSES),
        "build_seconds": round(build, 2),
        "megabytes": round(engine.size() / 1e6, 1),
        "hits_of_20_queries": hits,
        "memory_mb": {"before": before, "after_all_queries": memory()},
    }


def stack(folder: Path, size: str, corpora: str) -> dict[str, Any]:
    """Measure the search page over real pages."""
    from benchmarks import stack as whole

    return whole.stack(folder, size, corpora)


PARTS: dict[str, Callable[..., dict[str, Any]]] = {
    "make": make,
    "hub-build": hub_build,
    "hub": hub,
    "hub-publish": hub_publish,
    "watch": watch,
    "fresh": fresh,
    "rival": rival,
    "stack": stack,
}


def run(part: str, folder: Path, *arguments: str) -> dict[str, Any]:
    """Run one part in a process of its own and give its result; of a failure, words in ``missing``."""
    command = [sys.executable, "-m", "benchmarks.parts", part, str(folder), *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip() or "no words").splitlines()[-1]
        return {"missing": f"not measured: {last[:200]}"}
    return json.loads(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    print(json.dumps(PARTS[sys.argv[1]](Path(sys.argv[2]), *sys.argv[3:])))
