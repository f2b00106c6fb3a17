"""Print the path of a Chromium or Chrome for the browser tests, getting one where none is there.

In this order: one on the PATH; as root, Debian's package (never sudo); Playwright's own. With
``BROWSER=none`` it prints nothing and says loudly what will be left out.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def there() -> str | None:
    """The path of a browser on this machine."""
    named = os.environ.get("CHROMIUM")
    if named and Path(named).exists():
        return named
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def installed_from_debian() -> str | None:
    """Debian's package, where we may install it."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return None
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "chromium"]):
        if subprocess.run(command, env=quiet, stdout=sys.stderr, check=False).returncode:
            return None
    return there()


def installed_by_playwright() -> str | None:
    """Playwright's own build, where it can be downloaded."""
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    if subprocess.run(command, stdout=sys.stderr, check=False).returncode:
        return None
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        return playwright.chromium.executable_path


def main() -> int:
    """Print the path, or say what would help."""
    if os.environ.get("BROWSER") == "none":
        print("\n*** BROWSER=none: ALL TESTS IN A REAL BROWSER ARE LEFT OUT ***\n", file=sys.stderr)
        return 0
    path = there() or installed_from_debian() or installed_by_playwright()
    if path is None:
        print("No Chromium or Chrome found. Install one, or run: BROWSER=none make test", file=sys.stderr)
        return 1
    print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
