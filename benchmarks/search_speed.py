"""How fast the search is, beside other engines, in one run.

    python -m benchmarks.search_speed --sizes 1000,10000,50000
    python -m benchmarks.search_speed --sizes 10000 --json
    python -m benchmarks.search_speed --stack --sizes 10000

Times of queries are CPU milliseconds of the whole process (``time.process_time``), so that they hold on a busy machine
too; what somebody waits for (publishing, a fresh process) is given by the clock as well. An answer of the hub is the
whole of it: ten hits with their rows and passages, the exact number of items, all facets of the search page, inside the
access keys of a member. The rivals give ten hits with passages and the number, inside the same keys, without facets.

All is written to a folder that is deleted at the end (``--folder`` keeps it). Three sizes up to 50,000 items take about
15 minutes on two idle cores, most of it to build the indexes. Stock Whoosh is left out above 10,000 items, where its
index alone takes minutes, and Wagtail's default above 2,000, where it takes seconds for a query.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.parts import run
from benchmarks.recombined import SEED, CorporaMissing, read
from benchmarks.rivals import NAMES

CORPORA = Path(__file__).resolve().parents[2] / "shared" / "data" / "corpora"
LARGEST = {"whoosh": 10_000, "wagtail": 2_000}
"""Items up to which the slow ones are measured."""
WAGTAIL_SIZE = 2_000
FRESH = 3
"""Processes started to measure the first answer."""


def measure(size: int, folder: Path, corpora: Path, rivals: list[str]) -> dict[str, Any]:
    """Give all that is measured at one size."""
    folder.mkdir(parents=True, exist_ok=True)
    say(f"{size} items: texts")
    found: dict[str, Any] = {"items": size, **run("make", folder, str(size), str(corpora))}
    if "missing" in found:
        raise SystemExit(f"The items could not be made: {found['missing']}")
    say(f"{size} items: the hub's index")
    found["build"] = run("hub-build", folder)
    say(f"{size} items: queries")
    found["engines"] = {"hub": run("hub", folder)}
    found["fresh"] = median_of([run("fresh", folder) for _ in range(FRESH)])
    for name in rivals:
        if size > LARGEST.get(name, size):
            found["engines"][name] = {"missing": f"not measured above {LARGEST[name]:,} items: too slow"}
            continue
        say(f"{size} items: {NAMES[name]}")
        found["engines"][name] = run("rival", folder, name)
    say(f"{size} items: publishing")
    found["publish"] = run("hub-publish", folder)
    return found


def median_of(results: list[dict[str, Any]]) -> dict[str, Any]:
    """Give the middle of several results, number by number; words as they are."""
    if any("missing" in each for each in results):
        return next(each for each in results if "missing" in each)
    return {name: sorted(each[name] for each in results)[len(results) // 2] for name in results[0]}


def growth(sizes: list[int], times: list[float]) -> float | None:
    """Give the exponent of growth: the slope of time over size, both as logarithms, by least squares."""
    if len(sizes) < 2:
        return None
    x, y = [math.log(each) for each in sizes], [math.log(each) for each in times]
    mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
    spread = sum((each - mean_x) ** 2 for each in x)
    return round(sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True)) / spread, 2)


def exponents(results: list[dict[str, Any]]) -> dict[str, float | None]:
    """Give the growth of each engine's 95th percentile over the sizes at which it was measured."""
    given = {}
    for name in NAMES:
        pairs = [
            (each["items"], each["engines"][name]["warm"]["p95"])
            for each in results
            if "warm" in each["engines"].get(name, {})
        ]
        given[name] = growth([size for size, _ in pairs], [time for _, time in pairs])
    return given


# What is printed


def say(words: str) -> None:
    print(f"… {words}", file=sys.stderr, flush=True)


def table(results: list[dict[str, Any]]) -> str:
    """Give the results as Markdown tables."""
    lines = [
        "| items | engine | warm p50 | warm p95 | cold p50 | cold p95 | × the hub, warm p95 | index | build |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for each in results:
        hub = each["engines"]["hub"]
        for name, found in each["engines"].items():
            label = f"| {each['items']:,} | {NAMES[name]} |"
            if "missing" in found:
                lines.append(f"{label} {found['missing']} |||||||")
                continue
            warm, cold = found["warm"], found["cold"]
            ratio = f"{warm['p95'] / hub['warm']['p95']:.1f}" if "warm" in hub else "–"
            size = each["build"] if name == "hub" else found
            lines.append(
                f"{label} {warm['p50']:.1f} ms | {warm['p95']:.1f} ms | {cold['p50']:.1f} ms | {cold['p95']:.1f} ms "
                f"| {ratio} | {size.get('megabytes', '–')} MB | {size.get('build_seconds', '–')} s |"
            )
    slopes = [f"{NAMES[name]} {slope:.2f}" for name, slope in exponents(results).items() if slope is not None]
    if slopes:
        lines += [
            "",
            "Growth of warm p95 with the number of items (1 = as fast as the items): " + ", ".join(slopes) + ".",
        ]
    lines += ["", "| the hub, at | " + " | ".join(f"{each['items']:,} items" for each in results) + " |"]
    lines.append("|---" * (len(results) + 1) + "|")
    for label, give in ROWS:
        lines.append(f"| {label} | " + " | ".join(_cell(give, each) for each in results) + " |")
    return "\n".join(lines)


def _cell(give: Any, result: dict[str, Any]) -> str:
    try:
        return str(give(result))
    except KeyError:
        return next((part["missing"] for part in result.values() if isinstance(part, dict) and "missing" in part), "–")


ROWS = [
    ("words an item has", lambda each: each["words_per_item"]),
    ("entries, and all documents", lambda each: f"{each['build']['entries']:,}, {each['build']['documents']:,}"),
    ("building the index, CPU", lambda each: f"{each['build']['build_seconds']} s"),
    ("changing one item, CPU of the commit, p50 / p95", lambda each: _pair(each["publish"]["update_cpu"])),
    ("from commit until found, CPU of both, p50 / p95", lambda each: _pair(each["publish"]["found_cpu"])),
    ("from commit until found, same process, p50 / p95", lambda each: _pair(each["publish"]["found_here"])),
    ("from commit until found, another process", lambda each: _pair(each["publish"]["found_elsewhere"])),
    ("fresh process: Python, then django.setup, CPU", lambda each: _steps(each["fresh"])),
    (
        "fresh process: its first answer, CPU and by the clock",
        lambda each: f"{each['fresh']['first_answer_ms']} ms, {each['fresh']['first_answer_clock_ms']} ms",
    ),
    (
        "resident memory before, opened, after all queries",
        lambda each: ", ".join(f"{part} MB" for part in each["engines"]["hub"]["memory_mb"].values()),
    ),
    (
        "kept of documents and terms; postings and viewers, each of at most",
        lambda each: (
            "{of_documents_and_terms} MB; {postings} of {postings_bound} MB, {viewers} of {viewers_bound} MB".format(
                **each["engines"]["hub"]["kept_mb"]
            )
        ),
    ),
]


def _pair(times: dict[str, float]) -> str:
    return f"{times['p50']:.0f} / {times['p95']:.0f} ms"


def _steps(fresh: dict[str, float]) -> str:
    return f"{fresh['python_ms']:.0f} ms, {fresh['setup_ms'] + fresh['import_ms']:.0f} ms"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.search_speed", description="Measure the search.")
    parser.add_argument("--sizes", default="1000,10000,50000", help="numbers of items, with commas between")
    parser.add_argument("--json", action="store_true", help="print one line of JSON in place of the tables")
    parser.add_argument("--stack", action="store_true", help="measure the search page over real pages instead")
    parser.add_argument("--corpora", type=Path, default=CORPORA, help="folder of the guides (default: %(default)s)")
    parser.add_argument("--folder", type=Path, help="work here and leave it, instead of in a temporary folder")
    parser.add_argument(
        "--rivals", default="fts5,tantivy,wagtail,whoosh", help="engines to compare with (default: %(default)s)"
    )
    return parser.parse_args()


def main() -> None:
    given = arguments()
    try:
        sizes = [int(size) for size in given.sizes.split(",")]
        if not all(10 <= size <= 1_000_000 for size in sizes):
            raise ValueError
    except ValueError:
        raise SystemExit(f"--sizes {given.sizes}: give whole numbers from 10 to 1,000,000 with commas") from None
    rivals = [name for name in given.rivals.split(",") if name]
    if unknown := set(rivals) - set(NAMES):
        raise SystemExit(f"--rivals: {', '.join(sorted(unknown))} is not known; there are {', '.join(NAMES)}")
    try:
        read(given.corpora)
    except CorporaMissing as error:
        raise SystemExit(str(error)) from None
    with tempfile.TemporaryDirectory(prefix="search-speed-") as temporary:
        folder = given.folder or Path(temporary)
        if given.stack:
            folder.mkdir(parents=True, exist_ok=True)
            results: list[dict[str, Any]] = []
            for size in sizes:
                say(f"{size} pages: making, indexing and asking for them takes some minutes")
                results.append(run("stack", folder / f"stack-{size}", str(size), str(given.corpora)))
            print(json.dumps({"stack": results}) if given.json else "\n".join(map(stack_lines, results)))
            return
        if "wagtail" in rivals and not any(size <= LARGEST["wagtail"] for size in sizes if size >= WAGTAIL_SIZE):
            # It has a number of items of its own, at which everything else is measured too.
            sizes = sorted({*sizes, WAGTAIL_SIZE})
        results = [measure(size, folder / str(size), given.corpora, rivals) for size in sizes]
    if given.json:
        print(json.dumps({"seed": SEED, "growth": exponents(results), "sizes": results}))
    else:
        print(table(results))


def stack_lines(result: dict[str, Any]) -> str:
    """Give what the search page takes, in lines."""
    if "missing" in result:
        return result["missing"]
    lines = [f"{result['pages']:,} pages, {result['entries']:,} entries, indexed in {result['build_seconds']} s of CPU"]
    for who in ("anonymous", "member"):
        page = result[who]
        lines.append(
            f"{who}: p50 {page['p50']:.1f} ms, p95 {page['p95']:.1f} ms of CPU for a search page "
            f"({result['queries'][who]} queries to the database, {result['bytes'][who]:,} bytes)"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
