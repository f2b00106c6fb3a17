"""The forms of a review: approving what was read, and asking for changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.models import HubPage
from groups.submissions import Submission

COMMENT = 2_000


class ApproveForm(forms.Form):
    """Approve the version that was read."""

    read = forms.CharField(widget=forms.HiddenInput, max_length=64)
    comment = forms.CharField(
        label=_("Words to the writer"),
        required=False,
        max_length=COMMENT,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("If you like. Up to 2,000 characters."),
    )


class ChangesForm(forms.Form):
    """Ask for changes, with words on what to change."""

    comment = forms.CharField(
        label=_("What should be changed"),
        max_length=COMMENT,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Up to 2,000 characters. Whoever wrote the page reads them."),
    )


class SendForm(forms.Form):
    """The ticks before a page is sent to review. Which pages are chosen is read as ``page`` from the form's data."""

    audience = forms.BooleanField(
        label=_("I have read who will be able to read this, and it is meant for them."),
        error_messages={"required": _("Read who will be able to read this, and tick the box.")},
    )
    names = forms.ChoiceField(
        label=_("People who are named, quoted, or could be recognised"),
        choices=Submission.Names.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Say whether somebody is named or could be recognised, and has agreed.")},
        help_text=_("Your answer is kept with this version."),
    )
    note = forms.CharField(
        label=_("Words to whoever reads it"),
        required=False,
        max_length=COMMENT,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("If you like. Up to 2,000 characters."),
    )

    def __init__(self, data: Any = None, *, pages: Sequence[HubPage]) -> None:
        super().__init__(data)
        self.known = {str(page.pk) for page in pages}
        self.chosen = set(data.getlist("page")) if data is not None else self.known

    def clean(self) -> dict[str, Any]:
        """Refuse a choice of nothing, or of something else."""
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.chosen:
            self.add_error(None, _("Choose at least one page."))
        elif self.chosen - self.known:
            self.add_error(
                None,
                _("What can be sent has changed meanwhile. Look at the list again. Nothing was sent."),
            )
        return cleaned
