"""The form of a private note."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from guidebooks.reading.notes import LONGEST_NOTE


class NoteText(forms.CharField):
    """Text whose line breaks count as one sign, as they do in the browser's field."""

    def to_python(self, value: Any) -> str:
        """With plain line breaks."""
        return str(super().to_python(value)).replace("\r\n", "\n")


class NoteForm(forms.Form):
    """A note on one place of a chapter. Left empty it is a bookmark."""

    place = forms.CharField(required=False, widget=forms.HiddenInput)
    text = NoteText(
        label=_("Your note"),
        required=False,
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_(
            "Write nothing by which a person can be known. Only you are shown this note. Up to 2,000 characters; "
            "leave it empty to keep a bookmark."
        ),
    )
