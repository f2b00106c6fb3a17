"""Looks whether the links of live pages still lead somewhere, as a job: ``manage.py check_links``, once a week.

Only the address itself goes out, and only to hosts of the public internet: a link to a machine of the association's own
network is not tried, so that an author cannot have the hub knock on its doors.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from html import unescape
from urllib.parse import urljoin, urlsplit

import requests
from django.db import transaction
from django.utils import timezone
from urllib3.util import parse_url

from core.models import HubPage
from core.models.broken_links import BrokenLink

SECONDS = 10
"""How long one site may take to begin an answer."""
MOST_HOPS = 5
"""Redirects that are followed."""
BETWEEN = 1.0
"""Seconds between two questions to one host."""
LONGEST = 2000
"""Characters of an address; longer ones are not tried."""
HREF = re.compile(r'href="(https?://[^"]+)"', re.I)
GONE = {404, 410}
# These sites answer people and not machines, or ask to come back later: no sign that the link is broken.
NOT_TOLD = {401, 402, 403, 405, 406, 407, 408, 425, 429, 451, 999}
AGENT = "INDEX hub link check"

Outcome = str | None
"""A ``BrokenLink.Reason``, or None where the link works or nothing can be said."""
Fetch = Callable[[str], Outcome]


class Refused(Exception):
    """The address leads to no host of the public internet."""


def links_of(page: HubPage) -> set[str]:
    """The addresses outside the hub that a page links to in its text, without what stands behind ``#``."""
    body = getattr(page, "body", None)
    if body is None:
        return set()
    html = "\n".join(_strings(body.stream_block.get_prep_value(body)))
    # Not by urldefrag, which refuses some of what people write as an address.
    found = {unescape(url).partition("#")[0] for url in HREF.findall(html)}
    return {url for url in found if len(url) <= LONGEST}


def check(
    pages: Iterable[HubPage] | None = None,
    *,
    fetch: Fetch | None = None,
    now: datetime | None = None,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> int:
    """Try each link of these pages once and note what is broken; returns how many addresses are.

    Args:
        pages: All live pages if None; what was noted of other pages is then forgotten.
        fetch: Asks for one address; ``ask`` if None.
        progress: Is told how many addresses are done, of how many.
    """
    now = now or timezone.now()
    fetch = fetch or Polite()
    is_whole = pages is None
    if pages is None:
        pages = HubPage.objects.live().filter(alias_of=None).specific().iterator(chunk_size=200)
    users: dict[str, set[int]] = defaultdict(set)
    looked_at: set[int] = set()
    for page in pages:
        looked_at.add(page.pk)
        for url in links_of(page):
            users[url].add(page.pk)
    broken = 0
    for number, (url, ids) in enumerate(sorted(users.items()), start=1):
        outcome = fetch(url)
        broken += bool(outcome)
        with transaction.atomic():
            _note(url, ids, outcome, now)
        progress(number, len(users))
    # What the pages no longer link to is nobody's concern, nor what stands on a page that is not live any more.
    over = [
        pk
        for pk, page_id, url in BrokenLink.objects.values_list("pk", "page_id", "url")
        if (is_whole or page_id in looked_at) and page_id not in users.get(url, ())
    ]
    BrokenLink.objects.filter(pk__in=over).delete()
    return broken


def _note(url: str, pages: set[int], outcome: Outcome, now: datetime) -> None:
    rows = {row.page_id: row for row in BrokenLink.objects.filter(url=url, page__in=pages)}
    if outcome is None:
        BrokenLink.objects.filter(pk__in=[row.pk for row in rows.values()]).delete()
        return
    # Trying all links takes hours: a page may be gone since it was read. It is held until this is written.
    there = HubPage.objects.filter(pk__in=pages).order_by("pk").select_for_update(no_key=True)
    for page in list(there.values_list("pk", flat=True)):
        row = rows.get(page) or BrokenLink(page_id=page, url=url, times=0, first_seen=now)
        row.reason, row.last_seen, row.times = outcome, now, row.times + 1
        row.save()


class Polite:
    """Asks one host at most once a second."""

    def __init__(self, wait: Callable[[float], None] = time.sleep) -> None:
        self.wait = wait
        self.asked: dict[str, float] = {}

    def __call__(self, url: str) -> Outcome:
        try:
            host = urlsplit(url).hostname or ""
        except ValueError:
            return BrokenLink.Reason.NO_SITE
        rest = self.asked.get(host, 0) + BETWEEN - time.monotonic()
        if rest > 0:
            self.wait(rest)
        self.asked[host] = time.monotonic()
        return ask(url)


def ask(url: str, *, is_allowed: Callable[[str], bool] | None = None) -> Outcome:
    """Whether an address still answers, by the head of its answer; the body is not loaded.

    Args:
        is_allowed: Whether a host may be asked; only those of the public internet if None.
    """
    is_allowed = is_allowed or is_public
    try:
        status = _status(url, is_allowed)
    except Refused:
        return None
    except (requests.RequestException, UnicodeError, ValueError):
        return BrokenLink.Reason.NO_SITE
    if status in GONE:
        return BrokenLink.Reason.GONE
    if status < 400 or status in NOT_TOLD:
        return None
    return BrokenLink.Reason.ERROR


def _status(url: str, is_allowed: Callable[[str], bool]) -> int:
    """The status at the end of a chain of redirects; each hop is asked whether it may be tried."""
    for _hop in range(MOST_HOPS + 1):
        if urlsplit(url).scheme not in ("http", "https") or not is_allowed(host_of(url)):
            raise Refused
        with requests.get(
            url, stream=True, allow_redirects=False, timeout=SECONDS, headers={"User-Agent": AGENT}
        ) as answer:
            if not answer.is_redirect:
                return answer.status_code
            url = urljoin(url, answer.headers["Location"])
    return 310  # too many redirects: the browser of a reader may still manage


def host_of(url: str) -> str:
    """The host that is asked for an address; ``urlsplit`` reads one with a backslash differently from ``requests``."""
    return (parse_url(requests.Request("GET", url).prepare().url or "").host or "").strip("[]")


def is_public(host: str) -> bool:
    """Whether a host is one of the public internet. A name that nobody knows is: the question itself will fail."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return True
    return all(ipaddress.ip_address(str(address[4][0]).split("%")[0]).is_global for address in found)


def _strings(value: object) -> Iterator[str]:
    """The texts in the blocks of a body. Code is left out: an address in it is an example and leads nowhere."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        if value.get("type") == "code" and "value" in value:
            return
        for part in value.values():
            yield from _strings(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _strings(part)
