from django.urls import path

from apps.console.site import site
from apps.portal import health, views

urlpatterns = [
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("search/", site.admin_view(views.search), name="search"),
    path("impact/<str:kind>/<uuid:pk>/", site.admin_view(views.impact), name="impact"),
    path("my/approvals/", site.admin_view(views.my_approvals), name="my_approvals"),
    path("my/readiness/", site.admin_view(views.my_readiness), name="my_readiness"),
    path("my/requests/", site.admin_view(views.my_requests), name="my_requests"),
    path("my/steps/", site.admin_view(views.my_steps), name="my_steps"),
]
