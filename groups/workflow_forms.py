"""The forms of a review: approving what was read, and asking for changes."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

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
