"""A hub with content, a server of its own, a real browser, and people who are signed in.

The server is the one of the demo: gunicorn, collected static files, the strict policy for scripts and styles. It is a
process of its own, so that nothing here touches the database of the other tests. The content is made once for all
workers of a run and never changed by a test.
"""

from __future__ import annotations

import fcntl
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect

from members.demo import DEMO_DOMAIN, DEMO_PASSWORD
from tests import chromium

# Playwright keeps an event loop running in this process; the tests after these use the database as ever.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# What htmx says when it gives up a question for a newer one, as it is told to.
GIVEN_UP = ("htmx:afterRequest", "htmx:sendAbort")
LEFT_OUT = "BROWSER=none: no test in a real browser was run"
PATIENCE = 60.0  # seconds a busy machine may take to start the server, or to answer it
WIDE = {"width": 1280, "height": 900}
PHONE = {"width": 360, "height": 740}

expect.set_options(timeout=PATIENCE * 1000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder; leave them out, and say so, where no browser is wanted."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if os.environ.get("BROWSER") == "none":
                item.add_marker(pytest.mark.skip(reason=LEFT_OUT))


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """The browser of this machine, without calls to its maker."""
    path = os.environ.get("CHROMIUM") or chromium.there()
    if not path:
        pytest.fail("No Chromium or Chrome: `make test` gets one; `BROWSER=none make test` leaves these tests out.")
    return {"executable_path": path, "args": FLAGS}


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the server's processes are told: its own settings, and a data folder with content in it."""
    base = tmp_path_factory.getbasetemp()
    # All workers of one run share what stands above their own folders.
    folder = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "browser-hub"
    folder.mkdir(exist_ok=True)
    told = {
        **{name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "CACHE_URL", "EMAIL_URL")},
        "DJANGO_SETTINGS_MODULE": "tests.browser.settings",
        "HUB_VAR": str(folder / "var"),
        "PYTHONPATH": str(ROOT),
    }
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "ready").exists():
            for words in (
                ["manage.py", "migrate", "-v0"],
                ["-m", "tests.browser.fill", str(folder / "demo")],
                ["manage.py", "collectstatic", "-v0", "--noinput"],
            ):
                done = subprocess.run(
                    [sys.executable, *words], cwd=ROOT, env=told, capture_output=True, text=True, check=False
                )
                if done.returncode:
                    pytest.fail(f"{' '.join(words)} ended with {done.returncode}:\n{done.stderr[-4000:]}")
            (folder / "ready").touch()
    return told


@pytest.fixture(scope="session")
def base_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server of this worker, or of a demo named by ``--base-url``; paths in tests follow it."""
    if running := request.config.getoption("base_url"):
        yield running.rstrip("/")
        return
    environment = request.getfixturevalue("environment")
    with server_of(environment, tmp_path_factory.mktemp("server") / "log") as address:
        yield address


@contextmanager
def server_of(environment: dict[str, str], log: Path) -> Iterator[str]:
    """A server of the hub whose data is where the environment says; gives its address."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(64)
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        with log.open("w") as said:
            command = [sys.executable, "-m", "gunicorn", "hub.wsgi:application", "--workers", "2", "--timeout", "120"]
            command += ["--no-control-socket", "--log-level", "warning", "--bind", f"fd://{listening.fileno()}"]
            server = subprocess.Popen(
                command, cwd=ROOT, env=environment, pass_fds=[listening.fileno()], stdout=said, stderr=said
            )
            try:
                wait_for(f"{address}/healthz/", server, log)
                yield address
            finally:
                server.terminate()
                server.wait(PATIENCE)


def wait_for(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    """Return when the address answers; fail with what the server said when it ends or does not answer in time."""
    last = time.monotonic() + PATIENCE
    while server.poll() is None and time.monotonic() < last:
        try:
            with urlopen(address, timeout=PATIENCE):
                return
        except (URLError, OSError):
            time.sleep(0.1)
    pytest.fail(f"The server did not start:\n{log.read_text()[-4000:]}")


@dataclass
class Watch:
    """What a browser said and asked for while it showed pages of the hub.

    Args:
        home: Scheme, host and port of the hub.
        wrong: Errors, warnings, refusals by the policy and requests to other hosts, in words.
    """

    home: str
    wrong: list[str] = field(default_factory=list)

    def follow(self, page: Page) -> None:
        """Listen to a page from now on."""
        page.on("console", self.heard)
        page.on("pageerror", lambda error: self.wrong.append(f"{page.url}: {error}"))
        page.on("request", self.asked)

    def heard(self, message: ConsoleMessage) -> None:
        """Keep errors and warnings; that a page itself is refused or not there is an answer, not an error."""
        answer = message.text.startswith("Failed to load resource: the server responded with a status of 40")
        page = message.page
        if message.type not in ("error", "warning") or (answer and page and message.location["url"] == page.url):
            return
        if message.text.startswith(GIVEN_UP):
            return
        self.wrong.append(f"{page.url if page else '?'}: {message.type}: {message.text}")

    def asked(self, request: Request) -> None:
        """Keep requests that leave the hub."""
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https") and f"{parts.scheme}://{parts.netloc}" != self.home:
            self.wrong.append(f"{request.frame.url}: asks another host: {request.url}")


Opened = Callable[..., Page]


@pytest.fixture(scope="session")
def signed_in(browser: Browser, base_url: str) -> Callable[[str], dict[str, Any]]:
    """The cookies of a person of the demo ("lead"), who signed in through the form once."""
    kept: dict[str, dict[str, Any]] = {}

    def cookies(person: str) -> dict[str, Any]:
        if person not in kept:
            context = browser.new_context(base_url=base_url)
            page = context.new_page()
            sign_in(page, person)
            kept[person] = dict(context.storage_state())
            context.close()
        return kept[person]

    return cookies


def sign_in(page: Page, person: str) -> None:
    """Sign a person of the demo in through the form."""
    page.goto("/accounts/login/")
    page.get_by_label("E-mail").fill(f"{person}@{DEMO_DOMAIN}")
    page.get_by_label("Password", exact=True).fill(DEMO_PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("/")


@pytest.fixture
def opened(browser: Browser, base_url: str, signed_in: Callable[[str], dict[str, Any]]) -> Iterator[Opened]:
    """Open a browser window: ``opened("lead", viewport=PHONE)``; nobody in particular without a name.

    Whatever a test does in it: the console stays empty and nothing is asked of another host.
    """
    contexts: list[BrowserContext] = []
    watch = Watch(base_url)

    def window(person: str = "", **options: Any) -> Page:
        if person:
            options["storage_state"] = signed_in(person)
        context = browser.new_context(base_url=base_url, **{"viewport": WIDE, "reduced_motion": "reduce", **options})
        context.set_default_timeout(PATIENCE * 1000)
        contexts.append(context)
        page = context.new_page()
        watch.follow(page)
        return page

    yield window
    for context in contexts:
        context.close()
    assert watch.wrong == []
