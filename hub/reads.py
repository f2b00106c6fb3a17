"""How often pages of working groups are read, and by which searches they were found; never by whom.

A read leaves a line in the spool of this machine (``hub.spool``): the week and the page, and for each word of the
search that led there the week, the page and the word. ``count`` brings the lines into the tables, called by ``manage.py
count_reads``, in the demo every minute. Nothing below ``SEEN_FROM`` is shown, nor is the week that still runs: watching
a number grow would tell when somebody read. Pages on looking after oneself are not counted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import get_language_from_path

from core.access import group_key, viewer_of
from core.listing import LONGEST_QUERY, clean
from core.models import HubPage
from hub import spool
from hub.models import PageReads, PageWord
from hub.unanswered import storable
from members.offices import offices_of
from search.analysis import words

SEEN_FROM = 5
"""How often a page must have been read, or found by a word, in a week before the number or the word is shown."""
KEPT = timedelta(weeks=26)
"""How long numbers are kept."""
LARGEST_SPOOL = 5_000_000
"""Bytes, about 250,000 reads; beyond, reads are not counted until the spool is."""
NOT_COUNTED = ("home", "section", "group")
"""Kinds of pages that are ways to others."""
UNCOUNTED_SECONDS = 60
"""How long a process trusts what it knows of these pages; what slips through is dropped when it is counted."""
SPOOL = spool.Spool("reads", "lines", "Reads")
ROBOT = re.compile(r"bot|crawl|spider|slurp|curl|wget|python|scan|preview|monitor|fetch|archiv|http", re.IGNORECASE)
LINE = re.compile(r"(?P<week>\d{4}-\d\d-\d\d) (?P<page>\d{1,18})(?: (?P<word>\S{1,40}))?")
SEARCHES = ("/search/", "/library/")


class CountReads:
    """Middleware: a page that was opened by a person leaves a line in the spool."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_template_response(self, request: HttpRequest, response: Any) -> Any:
        """Look at what is about to be written out; it goes on unchanged."""
        page = (response.context_data or {}).get("page")
        if isinstance(page, HubPage) and response.status_code == 200 and is_counted(request, page):
            note(page.pk, words_that_led_here(request), timezone.now().date())
        return response


def is_counted(request: HttpRequest, page: HubPage) -> bool:
    """Whether this is a person reading a working group's page, and not somebody who looks after it."""
    if request.method != "GET" or getattr(request, "is_preview", False) or is_robot(request):
        return False
    group = page.working_group_id
    if group is None or page.kind in NOT_COUNTED or is_uncounted(page.path):
        return False
    viewer = viewer_of(request)
    if viewer.sees_all:
        return False
    return group_key(group) not in viewer.keys or group not in offices_of(request.user).groups


def is_robot(request: HttpRequest) -> bool:
    """Whether a program asked rather than a person: it says so, says nothing, or fetches ahead."""
    agent = request.headers.get("User-Agent", "")
    ahead = request.headers.get("Sec-Purpose", "") or request.headers.get("Purpose", "")
    part = request.headers.get("Sec-Fetch-Dest", "document") != "document"
    return not agent or bool(ROBOT.search(agent)) or bool(ahead) or part


def is_uncounted(path: str) -> bool:
    """Whether a page, by its path, is one of those that are not counted."""
    paths: tuple[str, ...] | None = cache.get("uncounted")
    if paths is None:
        paths = uncounted_paths()
        cache.set("uncounted", paths, UNCOUNTED_SECONDS)
    return path.startswith(paths)


def uncounted_paths() -> tuple[str, ...]:
    """The paths of pages on looking after oneself; what stands below them is not counted either.

    How much is read about strain is nobody's to know.
    """
    slugs = settings.WELL_BEING_TOPICS
    topic = Q(topics_of_page__tag__slug__in=slugs) | Q(topics_of_page__tag__parent__slug__in=slugs)
    return tuple(HubPage.objects.filter(topic).distinct().values_list("path", flat=True))


def words_that_led_here(request: HttpRequest) -> list[str]:
    """The words of the search whose results were the page before, single and in alphabetical order."""
    try:
        before = urlsplit(request.headers.get("Referer", "")[:2000])
    except ValueError:
        return []
    if before.netloc != request.get_host():
        return []
    language = get_language_from_path(before.path)
    path = before.path.removeprefix(f"/{language}") if language else before.path
    if path not in SEARCHES:
        return []
    q = clean(" ".join(parse_qs(before.query).get("q", [])), LONGEST_QUERY)
    meant = [part.rpartition(":")[2] for part in q.split() if not part.startswith("-")]
    return storable(q, [word.casefold() for part in meant for word in words(part)])


def week_of(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def note(page: int, found_by: Iterable[str], on: date) -> None:
    """Leave the lines of one read. Never raises."""
    begins = f"{week_of(on)} {page}"
    SPOOL.add([begins, *(f"{begins} {word}" for word in found_by)], LARGEST_SPOOL)


def count(on: date) -> int:
    """Bring the spool of this machine into the tables; returns how many reads were counted. Safe to run at any time.

    As for words that found nothing, a crash loses what was being counted rather than counting it twice.
    """
    counted = 0
    for taken in SPOOL.taken():
        counted += add(taken, on)
    PageReads.objects.filter(week__lt=on - KEPT).delete()
    PageWord.objects.filter(week__lt=on - KEPT).delete()
    return counted


def add(taken: Path, on: date) -> int:
    """Delete one file and add its lines, in short transactions: a full spool holds some 100,000 words."""
    reads: Counter[tuple[int, date]] = Counter()
    found_by: Counter[tuple[int, date, str]] = Counter()
    for line in spool.read(taken):
        parts = LINE.fullmatch(line)
        week = day_in(parts["week"]) if parts else None
        if parts is None or week is None or not on - KEPT <= week <= on:
            continue
        if word := parts["word"]:
            found_by[int(parts["page"]), week, word] += 1
        else:
            reads[int(parts["page"]), week] += 1
    taken.unlink()
    ids = {page for page, _week in reads}
    paths = HubPage.objects.filter(pk__in=ids, working_group__isnull=False).values_list("pk", "path")
    uncounted = uncounted_paths()
    there = {pk for pk, path in paths if not path.startswith(uncounted)}
    reads = Counter({key: times for key, times in reads.items() if key[0] in there})
    for some in spool.in_steps(list(reads.items())):
        with transaction.atomic():
            for (page, week), times in some:
                row, _new = PageReads.objects.select_for_update().get_or_create(page_id=page, week=week)
                row.times += times
                row.save(update_fields=["times"])
    # In the order of the digests: rows that follow each other would tell which words were typed together.
    words_by_digest = sorted((digest(*key), key, times) for key, times in found_by.items() if key[0] in there)
    for some_words in spool.in_steps(words_by_digest):
        with transaction.atomic():
            for code, (page, week, word), times in some_words:
                found, _new = PageWord.objects.select_for_update().get_or_create(
                    digest=code, defaults={"page_id": page, "week": week}
                )
                found.times += times
                found.word = word if found.times >= SEEN_FROM else ""
                found.save(update_fields=["times", "word"])
    return sum(reads.values())


def day_in(text: str) -> date | None:
    """The day a text names; None where it names none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def digest(page: int, week: date, word: str) -> str:
    """What a word is counted under while it is rare: it cannot be read back, nor compared across pages and weeks."""
    return salted_hmac("hub.reads", f"{page} {week} {word}", algorithm="sha256").hexdigest()
