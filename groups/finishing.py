"""What Wagtail does when the last step of a review is approved (WAGTAIL_FINISH_WORKFLOW_ACTION).

A module of its own: Wagtail imports it while models are still being loaded.
"""

from __future__ import annotations

from typing import Any


def publish_approved(workflow_state: Any, user: Any = None) -> None:
    """See ``groups.workflow.finish``."""
    from groups.workflow import finish

    finish(workflow_state, user)
