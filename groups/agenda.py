"""Tasks and decisions of a working group, for those who are in it."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from groups.circle import Circle, inside, led
from groups.front_forms import DecisionForm, TaskForm
from groups.people import people_of
from groups.records import Decision, GroupTask
from groups.views import form_page, shown
from members.models import today

SHOWN_AFTERWARDS = timedelta(days=90)
"""How long a task stays on the list after it was done."""
MOST_SHOWN = 200
"""Tasks or decisions on one page."""


def step(circle: Circle, title: str, name: str) -> dict[str, str]:
    """A list of the group's as a step of the breadcrumbs."""
    return {"title": title, "url": reverse(name, args=[circle.group.slug])}


# Tasks ----------------------------------------------------------------------------------------------


@require_safe
def tasks(request: HttpRequest, slug: str) -> HttpResponse:
    """What is to be done, the next first, and what was done lately."""
    circle = inside(request, slug)
    every = GroupTask.objects.filter(group=circle.group)
    names = {one.pk: one.name for one in people_of(circle.group)}
    lately = every.filter(done_on__gte=today() - SHOWN_AFTERWARDS).order_by("-done_on", "-pk")
    context = {
        "circle": circle,
        "trail": circle.trail,
        "open": with_names(every.filter(done_on=None)[:MOST_SHOWN], names),
        "done": with_names(lately[:MOST_SHOWN], names),
    }
    return render(request, "groups/tasks.html", context)


def with_names(rows: object, names: dict[int, str]) -> list[GroupTask]:
    """Tasks with the display name of whoever has them, as long as he or she is in the group."""
    found: list[GroupTask] = list(rows)  # type: ignore[call-overload]
    for task in found:
        task.name = names.get(task.who_id or 0, "")  # type: ignore[attr-defined]
    return found


@form_page
def add_task(request: HttpRequest, slug: str) -> HttpResponse:
    """A new task. Everybody in the group may write one down; sent twice, it is one."""
    circle = inside(request, slug)
    form = TaskForm(request.POST or None, people=people_of(circle.group))
    if request.method == "POST" and form.is_valid():
        new = form.instance
        GroupTask.objects.get_or_create(
            key=form.cleaned_data["key"],
            defaults={"group": circle.group, "text": new.text, "who_id": new.who_id, "due_on": new.due_on},
        )
        messages.success(request, _("The task is on the list."))
        return redirect("group_tasks", slug)
    below = [step(circle, _("Tasks"), "group_tasks")]
    return shown(request, circle, form, title=_("New task"), button=_("Save"), below=below)


@form_page
def edit_task(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Change a task or tick it off; leads may also delete it."""
    circle = inside(request, slug)
    task = one_task(circle, pk)
    may_delete = circle.may_lead
    if request.method == "POST" and "delete" in request.POST and may_delete:
        task.delete()
        messages.success(request, _("The task is deleted."))
        return redirect("group_tasks", slug)
    form = TaskForm(request.POST or None, instance=task, people=people_of(circle.group))
    if request.method == "POST" and form.is_valid():
        task.save()
        messages.success(request, _("Your changes are saved."))
        return redirect("group_tasks", slug)
    return shown(
        request,
        circle,
        form,
        title=_("Change a task"),
        button=_("Save"),
        second=("delete", _("Delete the task")) if may_delete else None,
        below=[step(circle, _("Tasks"), "group_tasks")],
    )


@require_POST
def finish_task(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Tick a task off from a list. Done twice, it is done once."""
    circle = inside(request, slug)
    task = one_task(circle, pk)
    if task.done_on is None:
        task.done_on = today()
        task.save(update_fields=["done_on"])
    messages.success(request, _("Done. You find it among the tasks that were done lately."))
    return redirect(circle.home_url if "home" in request.POST else reverse("group_tasks", args=[slug]))


def one_task(circle: Circle, pk: int) -> GroupTask:
    """A task of the group's; 404 for others' as for what is not there."""
    task = GroupTask.objects.filter(group=circle.group, pk=pk).first()
    if task is None:
        raise Http404
    return task


# Decisions ------------------------------------------------------------------------------------------


@require_safe
def decisions(request: HttpRequest, slug: str) -> HttpResponse:
    """What the group has decided, the newest first."""
    circle = inside(request, slug)
    found = Decision.objects.filter(group=circle.group)[:MOST_SHOWN]
    context = {"circle": circle, "trail": circle.trail, "decisions": found}
    return render(request, "groups/decisions.html", context)


@form_page
def add_decision(request: HttpRequest, slug: str) -> HttpResponse:
    """Write a decision down, as a lead; sent twice, it is one."""
    circle = led(request, slug)
    form = DecisionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        new = form.instance
        Decision.objects.get_or_create(
            key=form.cleaned_data["key"],
            defaults={"group": circle.group, "text": new.text, "decided_on": new.decided_on},
        )
        messages.success(request, _("The decision is kept."))
        return redirect("group_decisions", slug)
    below = [step(circle, _("Decisions"), "group_decisions")]
    return shown(request, circle, form, title=_("New decision"), button=_("Save"), below=below)


@form_page
def edit_decision(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Mend the words or the day of a decision, as a lead. Decisions are not deleted."""
    circle = led(request, slug)
    decision = Decision.objects.filter(group=circle.group, pk=pk).first()
    if decision is None:
        raise Http404
    form = DecisionForm(request.POST or None, instance=decision)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Your changes are saved."))
        return redirect("group_decisions", slug)
    below = [step(circle, _("Decisions"), "group_decisions")]
    return shown(request, circle, form, title=_("Change a decision"), button=_("Save"), below=below)
