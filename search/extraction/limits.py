"""What a process that reads a stranger's file may do: little, and not for long.

The limits bind the process itself, so they hold when whoever started it is gone.
"""

from __future__ import annotations

import os
import resource
import signal

from search.extraction import MEMORY, MOST_OUTPUT, PATIENCE, SECONDS


def bind() -> None:
    """Limit memory, time and output."""
    os.nice(5)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_OUTPUT, MOST_OUTPUT))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # no copy of what was read stays on the disk
    signal.alarm(PATIENCE)


def close() -> None:
    """Open nothing any more, neither file nor connection; what is open stays so. Import everything before."""
    # Not three, for those that are open: one of them could be closed to open another in its place.
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
