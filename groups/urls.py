"""Addresses of this room. Each answers those it is not for with the 404 of what is not there.

They stand beside the tree of pages, under a first step that no page of the tree has.
"""

from django.urls import include, path

from groups import agenda, notices, suggestions, views

of_group = [
    path("people/", views.people, name="group_people"),
    path("join/", views.join, name="group_join"),
    path("withdraw/", views.withdraw, name="group_withdraw"),
    path("leave/", views.leave, name="group_leave"),
    path("requests/<int:pk>/", views.answer_request, name="group_request"),
    path("authors/", views.appoint, name="group_appoint"),
    path("authors/<int:pk>/", views.term, name="group_term"),
    path("tasks/", agenda.tasks, name="group_tasks"),
    path("tasks/new/", agenda.add_task, name="group_add_task"),
    path("tasks/<int:pk>/", agenda.edit_task, name="group_edit_task"),
    path("tasks/<int:pk>/done/", agenda.finish_task, name="group_finish_task"),
    path("decisions/", agenda.decisions, name="group_decisions"),
    path("decisions/new/", agenda.add_decision, name="group_add_decision"),
    path("decisions/<int:pk>/", agenda.edit_decision, name="group_edit_decision"),
]

urlpatterns = [
    path("working-groups/", notices.my_groups, name="my_groups"),
    path("working-groups/<slug:slug>/", include(of_group)),
    path("contribute/suggestion/<int:pk>/", suggestions.suggest_change, name="suggest_change"),
    path("suggestions/", suggestions.suggestions, name="suggestions"),
    path("suggestions/<int:pk>/", suggestions.suggestion, name="suggestion"),
]
