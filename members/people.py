"""How the secretariat manages people in the admin: Wagtail's views, with one display name."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.choosers import BaseFilterForm
from wagtail.admin.ui.tables import BooleanColumn, BulkActionsCheckboxColumn, Column, DateColumn
from wagtail.admin.views.generic.chooser import ChooseResultsView, ChooseView
from wagtail.admin.viewsets.chooser import ChooserViewSet
from wagtail.users.forms import UserForm
from wagtail.users.views.users import CreateView, EditView, IndexView, UserColumn, UserViewSet

from .forms import language_choices, time_zone_choices
from .models import User
from .password_link import ask_for_password_link


class PersonForm(UserForm):
    """A person as the secretariat sees one. Passwords are each person's own affair."""

    first_name = None
    last_name = None
    language = forms.ChoiceField(label=_("Language"), choices=language_choices, initial="en")
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=time_zone_choices, initial="UTC")

    def __init__(self, *args: Any, editor: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Only an administrator makes administrators.
        self.fields["is_superuser"].disabled = not editor.is_superuser

    def clean_email(self) -> str:
        return self.cleaned_data["email"].strip().lower()

    class Meta:
        model = User
        fields = [
            "email",
            "display_name",
            "legal_name",
            "language",
            "time_zone",
            "is_superuser",
            "groups",
        ]
        widgets = {"groups": forms.CheckboxSelectMultiple}


class PersonCreationForm(PersonForm):
    """A new person, who gets a link to set a password."""

    sends_link = forms.BooleanField(
        label=_("Send an e-mail with a link to set a password"), required=False, initial=True
    )

    def save(self, commit: bool = True) -> User:
        self.instance.set_unusable_password()
        user: User = super().save(commit)
        if commit and self.cleaned_data["sends_link"]:
            transaction.on_commit(lambda: ask_for_password_link(user))
        return user


class PersonEditForm(PersonForm):
    """A person who is here."""

    def __init__(self, *args: Any, editing_self: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if editing_self:
            self.fields["is_active"].disabled = True
            self.fields["is_superuser"].disabled = True

    class Meta(PersonForm.Meta):
        fields = [*PersonForm.Meta.fields, "is_active"]


class PersonIndexView(IndexView):
    """People by display name, searched by name and address."""

    search_fields = ["display_name", "email"]
    page_title = _("People")
    add_item_label = _("Add a person")

    @cached_property
    def columns(self) -> list[Column]:
        name_column = self._get_title_column_class(UserColumn)
        return [
            BulkActionsCheckboxColumn("bulk_actions", obj_type="user"),
            name_column(
                "display_name",
                label=_("Display name"),
                sort_key="display_name",
                get_url=self.get_edit_url,
                classname="name",
            ),
            Column("email", label=_("E-mail address"), sort_key="email"),
            BooleanColumn("is_superuser", label=_("Administrator"), sort_key="is_superuser"),
            BooleanColumn("is_active", label=_("May sign in"), sort_key="is_active"),
            DateColumn("last_login", label=_("Last sign-in"), sort_key="last_login"),
        ]


class PersonCreateView(CreateView):
    """Add a person."""

    page_title = _("Add a person")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "editor": self.request.user}


class PersonEditView(EditView):
    """Change a person. Administrators are changed by administrators alone."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.object.is_superuser and not request.user.is_superuser:
            # Who may change an administrator's address could sign in as one.
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "editor": self.request.user}


class PersonViewSet(UserViewSet):
    """The admin's pages for people."""

    ordering = "display_name"
    menu_label = _("People")
    index_view_class = PersonIndexView
    add_view_class = PersonCreateView
    edit_view_class = PersonEditView
    create_template_name = "members/admin/person_create.html"
    edit_template_name = "members/admin/person_edit.html"

    def get_form_class(self, for_update: bool = False) -> type[PersonForm]:
        return PersonEditForm if for_update else PersonCreationForm


class PersonFilterForm(BaseFilterForm):
    """The chooser's search box: display name or address."""

    q = forms.CharField(label=_("Search term"), required=False)

    def filter(self, objects: QuerySet[User]) -> QuerySet[User]:
        words = self.cleaned_data.get("q")
        if not words:
            return objects
        self.is_searching, self.search_query = True, words
        return objects.filter(Q(display_name__icontains=words) | Q(email__icontains=words))


class PersonChooseView(ChooseView):
    """People to choose from, with their addresses: display names may be alike."""

    filter_form_class = PersonFilterForm

    @property
    def columns(self) -> list[Column]:
        return [*super().columns, Column("email", label=_("E-mail address"))]


class PersonChooseResultsView(ChooseResultsView):
    """The same, as one types."""

    filter_form_class = PersonFilterForm

    @property
    def columns(self) -> list[Column]:
        return [*super().columns, Column("email", label=_("E-mail address"))]


class PersonChooserViewSet(ChooserViewSet):
    """Chooses the person of a membership, seat, participation or office."""

    model = User
    icon = "user"
    choose_one_text = _("Choose a person")
    choose_another_text = _("Choose another person")
    choose_view_class = PersonChooseView
    choose_results_view_class = PersonChooseResultsView


person_chooser = PersonChooserViewSet("choose_person")
