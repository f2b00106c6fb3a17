"""The editor's form of a standard: it gives each new clause a number that none has had before."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from core.forms import HubPageForm


class StandardPageForm(HubPageForm):
    """Numbers of clauses stay for good: they are printed, cited and linked to."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Numbers of the draft that is being changed: these may be sent again.
        self.numbers_here = {clause.number for clause in self.instance.clauses.all() if clause.number}
        formset = self.formsets.get("clauses")
        for form in formset.forms if formset is not None else []:
            if form.instance.pk and form.instance.number:
                form.fields["number"].disabled = True

    def is_valid(self) -> bool:
        """As Wagtail's; then new clauses get their numbers, unless one was asked for that cannot be given."""
        return super().is_valid() and self._number_clauses()

    def _number_clauses(self) -> bool:
        formset = self.formsets.get("clauses")
        if formset is None:
            return True
        kept = [form for form in formset.forms if form not in formset.deleted_forms]
        used: set[int] = set()
        highest = max([self.instance.highest_number(), *self.numbers_here])
        for form in kept:
            number = form.instance.number
            if number is None:
                continue
            if number in used:
                form.add_error("number", _("Another clause has this number already."))
            elif number not in self.numbers_here and number <= highest:
                form.add_error(
                    "number", _("A clause had this number before. Leave it empty: the clause gets the next one.")
                )
            used.add(number)
        if any(form.errors for form in kept):
            return False
        highest = max([highest, *used])
        for form in kept:
            if form.instance.number is None:
                highest += 1
                form.instance.number = highest
        self.instance.last_number = highest
        return True

    def save(self, commit: bool = True) -> Any:
        """As Wagtail's. The highest number is kept at once, for a draft too, so that none is given twice."""
        page = super().save(commit=commit)
        page.keep_highest_number()
        return page
