"""``manage.py demo``: everything a stranger needs to try the hub, in one command."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from argparse import ArgumentParser
from io import StringIO
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from hub.models import PlainPage
from members.demo import DEMO_PASSWORD, PEOPLE

WORKERS = 2
COUNTED_EVERY = 60.0  # seconds between counts of words that found nothing; a hub in earnest counts at night
PATIENCE = 10.0  # seconds a process has to end by itself


class Command(BaseCommand):
    help = "Set up the demo, load its content once, and serve it with the task worker until Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The port, and whether to stop before serving."""
        parser.add_argument("--port", type=int, default=8000, help="port on 127.0.0.1 (1 to 65535)")
        parser.add_argument("--no-serve", action="store_true", help="set everything up and stop")

    def handle(self, *, port: int, no_serve: bool, **options: Any) -> None:
        """Set up what is missing, then serve."""
        if not 1 <= port <= 65535:
            raise CommandError(f"--port {port}: give 1 to 65535")
        if not settings.DEMO_ACCOUNTS:
            raise CommandError("The demo runs under hub.settings.demo only.")
        settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
        self.stdout.write("Preparing the database ...")
        call_command("migrate", verbosity=0, interactive=False)
        if not PlainPage.objects.exists():
            call_command("load_demo", stdout=self.stdout)
        call_command("collectstatic", verbosity=0, interactive=False)
        if not no_serve:
            self.serve(port)

    def serve(self, port: int) -> None:
        """Run web server and task worker; end both when one ends or Ctrl-C is pressed."""
        # Links in mails lead to BASE_URL, whatever port the demo has.
        environment = {
            "BASE_URL": f"http://127.0.0.1:{port}",
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "hub.settings.demo",
        }
        web = [
            sys.executable, "-m", "gunicorn", "hub.wsgi:application", "--bind", f"127.0.0.1:{port}",
            "--workers", str(WORKERS), "--log-level", "warning", "--no-control-socket",
        ]  # fmt: skip
        tasks = [sys.executable, "manage.py", "db_worker", "--backend", "slow", "--interval", "2"]
        running = [subprocess.Popen(command, env=environment) for command in (web, tasks)]
        for ending in (signal.SIGINT, signal.SIGTERM):
            signal.signal(ending, lambda *_: sys.exit(0))
        self.stdout.write(self.welcome(port))
        self.stdout.flush()
        counted = time.monotonic()
        try:
            while all(process.poll() is None for process in running):
                time.sleep(0.5)
                if time.monotonic() - counted > COUNTED_EVERY:
                    call_command("count_zero_results", stdout=StringIO())
                    call_command("count_reads", stdout=StringIO())
                    counted = time.monotonic()
        except SystemExit:
            self.stdout.write("\nStopping ...")
        finally:
            for process in running:
                if process.poll() is None:
                    process.terminate()
            for process in running:
                try:
                    process.wait(PATIENCE)
                except subprocess.TimeoutExpired:
                    process.kill()
        failed = [process for process in running if process.returncode not in (0, -signal.SIGTERM, -signal.SIGINT)]
        if failed and running[0] in failed:
            raise CommandError(f"The web server ended. Is port {port} taken? Try: make demo PORT=8001")

    def welcome(self, port: int) -> str:
        """Where the demo is, and who one can be in it."""
        lines = [
            "",
            f"  The hub is at  http://127.0.0.1:{port}",
            "",
            f"  Sign in as one of these, each with the password  {DEMO_PASSWORD}",
            *(f"    {person.email:<30} {person.sort}" for person in PEOPLE),
            "",
            "  Ctrl-C ends it; the data stays in var/.",
            "",
        ]
        return "\n".join(lines)
