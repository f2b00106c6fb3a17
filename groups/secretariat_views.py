"""What the secretariat does with working groups in the admin: a new one, and how each publishes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods
from wagtail.admin import messages
from wagtail.log_actions import log

from groups.founding import NewGroupForm
from groups.provisioning import homes_of, make_workflow
from groups.workflow import BoardDecision
from members.models import WorkingGroup


def only_secretariat(request: HttpRequest) -> None:
    """For everybody else there is no such page."""
    user: Any = request.user
    if not user.is_secretariat:
        raise Http404


@require_http_methods(["GET", "HEAD", "POST"])
def new_group(request: HttpRequest) -> HttpResponse:
    """Make a working group with space, sections, collection, rights and review."""
    only_secretariat(request)
    user: Any = request.user
    form = NewGroupForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        group = form.found(user)
        home = homes_of(group).first()
        messages.success(
            request,
            _("“%(group)s” is there, with its home, files, rights and review.") % {"group": group.name},
            buttons=[messages.button(reverse("wagtailadmin_pages:edit", args=[home.pk]), _("Write its home"))]
            if home
            else None,
        )
        return redirect("wagtailadmin_explore", home.pk) if home else redirect("wagtailadmin_home")
    return render(request, "groups/admin/new_group.html", {"form": form})


class RulesForm(forms.Form):
    """How things are published."""

    board = forms.BooleanField(
        label=gettext_lazy("Standards also wait for the decision of the board"),
        required=False,
        help_text=gettext_lazy("The secretariat writes the board’s decision down as the last step."),
    )
    alone = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Groups in which one lead may publish alone what is not public"),
        queryset=WorkingGroup.objects.all(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("In all others somebody else has to read what a lead has written."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def rules(request: HttpRequest) -> HttpResponse:
    """Change how things are published; every change is kept in the log."""
    only_secretariat(request)
    make_workflow()
    now = {
        "board": BoardDecision.objects.filter(active=True).exists(),
        "alone": WorkingGroup.objects.filter(lead_publishes_alone=True),
    }
    form = RulesForm(request.POST if request.method == "POST" else None, initial=now)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            change_rules(form.cleaned_data["board"], set(form.cleaned_data["alone"]), request.user)
        messages.success(request, _("Kept."))
        return redirect("groups_rules")
    return render(request, "groups/admin/rules.html", {"form": form})


def change_rules(board: bool, alone: set[WorkingGroup], user: Any) -> None:
    """Write what differs, with a line in the log for each."""
    for step in BoardDecision.objects.exclude(active=board):
        step.active = board
        step.save()
        log(instance=step, action="groups.rules", user=user, data={"board": board})
    for group in WorkingGroup.objects.all():
        if group.lead_publishes_alone != (group in alone):
            group.lead_publishes_alone = group in alone
            group.save()
            log(instance=group, action="groups.rules", user=user, data={"alone": group.lead_publishes_alone})
