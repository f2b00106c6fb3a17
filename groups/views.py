"""Who is in a working group, coming in and leaving, and its authors. All of it is a 404 for those it is not for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from groups import appointing, joining
from groups.circle import Circle, circle_of, inside, led
from groups.front_forms import AnswerForm, AppointForm, AskForm, TermForm
from groups.joining import NotPossible
from groups.notices import tell_leads
from groups.people import people_of
from groups.records import JoinRequest
from members.models import Office, WorkingGroup, today

form_page = require_http_methods(["GET", "HEAD", "POST"])
SOON = timedelta(days=30)
"""A term that ends within this time is marked."""


def shown(request: HttpRequest, circle: Circle, form: forms.BaseForm | None, **words: Any) -> HttpResponse:
    """A page with one form: ``title``, ``lead``, ``button``, and what ``groups/form.html`` may have beside."""
    trail = [*circle.trail, *words.pop("below", [])]
    context = {"circle": circle, "form": form, "trail": trail, "back": circle.home_url, **words}
    return render(request, "groups/form.html", context)


def people_step(circle: Circle) -> dict[str, str]:
    """The page of the group's people as a step of the breadcrumbs."""
    return {"title": _("People"), "url": reverse("group_people", args=[circle.group.slug])}


@require_safe
def people(request: HttpRequest, slug: str) -> HttpResponse:
    """The people of a group, for those in it; for its leads also who asks to join, and until when offices last."""
    circle = inside(request, slug)
    requests = JoinRequest.objects.filter(group=circle.group).select_related("user") if circle.may_lead else []
    context = {
        "circle": circle,
        "trail": circle.trail,
        "people": people_of(circle.group),
        "waiting": [each for each in requests if each.refused_at is None],
        "refused": [each for each in requests if each.refused_at is not None],
        "soon": today() + SOON,
    }
    return render(request, "groups/people.html", context)


# Coming and going -----------------------------------------------------------------------------------


def outside(request: HttpRequest, slug: str) -> Circle:
    """The group as a member stands to it who may open its page; 404 for all others."""
    circle = circle_of(request, slug)
    if not circle.viewer.is_member or circle.home is None:
        raise Http404
    return circle


@form_page
def join(request: HttpRequest, slug: str) -> HttpResponse:
    """Join an open group, or ask the leads of another."""
    circle = outside(request, slug)
    if circle.is_in:
        return redirect(circle.home_url)
    asked = JoinRequest.objects.filter(user=circle.user, group=circle.group).first()
    is_open = circle.group.entry == WorkingGroup.Entry.OPEN
    waiting = asked if asked and asked.refused_at is None else None
    form = None if is_open else AskForm(request.POST or None, instance=waiting)
    if request.method == "POST" and (form is None or form.is_valid()):
        try:
            if form is None:
                joining.join(circle.user, circle.group)
                messages.success(request, _("You are in the group now."))
            else:
                if joining.ask(circle.user, circle.group, form.cleaned_data["words"]):
                    tell_leads(circle.group)
                messages.success(request, _("Your request is with the leads of the group."))
            return redirect(circle.home_url)
        except NotPossible as refusal:
            if form is None:
                messages.error(request, str(refusal))
                return redirect("group_join", slug)
            form.add_error(None, str(refusal))
    if is_open:
        lead = _("Everybody in the group sees your display name. You can leave at any time.")
    else:
        lead = _("The leads read your words and answer you here. Nobody else sees that you asked.")
    return shown(
        request,
        circle,
        form,
        title=_("Join this group") if is_open else _("Ask to join this group"),
        lead=lead,
        button=_("Join") if is_open else _("Send"),
    )


@require_POST
def withdraw(request: HttpRequest, slug: str) -> HttpResponse:
    """Take back one's own request. Taking back what is gone already is no error."""
    circle = outside(request, slug)
    joining.withdraw(circle.user, circle.group)
    messages.success(request, _("You have taken your request back."))
    return redirect(circle.home_url)


@form_page
def leave(request: HttpRequest, slug: str) -> HttpResponse:
    """Leave a group; its pages close, and offices end, at once."""
    circle = inside(request, slug)
    if not circle.is_in:
        raise Http404
    if request.method == "POST":
        try:
            joining.leave(circle.user, circle.group)
        except NotPossible as refusal:
            messages.error(request, str(refusal))
            return redirect("group_leave", slug)
        messages.success(request, _("You have left the group."))
        return redirect("/")
    return shown(
        request,
        circle,
        None,
        title=_("Leave this group"),
        lead=_("What is for the group alone closes to you at once, and if you hold an office in it, that ends too."),
        button=_("Leave the group"),
        dangerous=True,
        below=[people_step(circle)],
    )


@form_page
def answer_request(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Take somebody in who asks to join, or say politely that it is not possible now."""
    circle = led(request, slug)
    asked = JoinRequest.objects.select_related("user", "group").filter(group=circle.group, pk=pk).first()
    if asked is None or asked.user_id == circle.user.pk:
        if request.method == "POST" and asked is None:
            messages.info(request, _("This request does not wait any more."))
            return redirect("group_people", slug)
        raise Http404
    form = AnswerForm(request.POST or None, initial={"reply": asked.reply, "reason": asked.reason})
    if request.method == "POST" and form.is_valid():
        name = asked.user.display_name
        if form.cleaned_data["answer"] == "accept":
            joining.accept(asked)
            messages.success(request, _("%(name)s is in the group now.") % {"name": name})
        elif joining.refuse(asked, form.cleaned_data["reply"], form.cleaned_data["reason"]):
            messages.success(request, _("Your answer is with %(name)s.") % {"name": name})
        else:
            messages.info(request, _("This request does not wait any more."))
        return redirect("group_people", slug)
    return shown(
        request,
        circle,
        form,
        title=_("%(name)s asks to join") % {"name": asked.user.display_name},
        quote=asked.words,
        button=_("Send the answer"),
        below=[people_step(circle)],
    )


# Authors --------------------------------------------------------------------------------------------


@form_page
def appoint(request: HttpRequest, slug: str) -> HttpResponse:
    """Make somebody of the group an author, until a last day. Leads are appointed by the secretariat."""
    circle = led(request, slug)
    form = AppointForm(request.POST or None, people=people_of(circle.group))
    if request.method == "POST" and form.is_valid():
        try:
            office = appointing.appoint(circle.group, form.cleaned_data["person"], form.cleaned_data["until"])
        except NotPossible as refusal:
            form.add_error("until", str(refusal))
        else:
            messages.success(request, _("%(name)s is an author now.") % {"name": office.user.display_name})
            return redirect("group_people", slug)
    return shown(
        request,
        circle,
        form,
        title=_("Appoint an author"),
        lead=_("Authors write in the group’s section. What they write goes live when a lead agrees."),
        button=_("Appoint"),
        below=[people_step(circle)],
    )


@form_page
def term(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Change the last day of an author's term, or end it at once. Leads are the secretariat's."""
    circle = led(request, slug)
    offices = joining.still_running(Office.objects.filter(group=circle.group, role=Office.Role.AUTHOR), today())
    office = offices.select_related("user").filter(pk=pk).first()
    if office is None:
        if request.method == "POST":
            messages.info(request, _("This office has ended."))
            return redirect("group_people", slug)
        raise Http404
    if request.method == "POST" and "end" in request.POST:
        appointing.end_now(office)
        messages.success(request, _("%(name)s is not an author any more.") % {"name": office.user.display_name})
        return redirect("group_people", slug)
    form = TermForm(request.POST or None, initial={"until": office.ends_on})
    if request.method == "POST" and form.is_valid():
        try:
            appointing.change_last_day(office, form.cleaned_data["until"])
        except NotPossible as refusal:
            form.add_error("until", str(refusal))
        else:
            messages.success(request, _("The last day is changed."))
            return redirect("group_people", slug)
    return shown(
        request,
        circle,
        form,
        title=_("%(name)s as author") % {"name": office.user.display_name},
        button=_("Save"),
        second=("end", _("End the office now")),
        below=[people_step(circle)],
    )
