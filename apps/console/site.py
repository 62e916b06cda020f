"""The console's own admin site: sections in the order of the work, and who may come in."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import NoReverseMatch, URLPattern, URLResolver, path, reverse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_post_parameters

from apps.console.hooks import actor_of, hook
from apps.console.step_up import StepUpForm

#: Sections of the sidebar in order, with the contexts whose models they show.
SECTIONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Changes", ("changes", "approvals")),
    ("Releases", ("releases", "gates")),
    ("Windows", ("windows",)),
    ("Inventory", ("inventory",)),
    ("People", ("accounts",)),
    ("Evidence", ("evidence", "audit")),
    ("Integrations", ("integrations",)),
    ("Messages", ("notifications",)),
)

#: Pages above the sections, where no context names others: label, icon, url name.
NAVIGATION: tuple[tuple[str, str, str], ...] = (("Home", "home", "admin:index"),)


class ConsoleSite(AdminSite):
    site_header = "Interlock"
    site_title = "Interlock"
    index_title = "Home"
    site_url = None
    final_catch_all_view = True
    index_template = "admin/index.html"
    enable_nav_sidebar = True

    def get_urls(self) -> list[URLPattern | URLResolver]:
        return [
            path("step-up/", self.admin_view(self.step_up), name="step_up"),
            *super().get_urls(),
        ]

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        context = super().each_context(request)
        if self.has_permission(request):
            context["portal_links"] = portal_links()
            roles = {held.role.replace("_", " ") for held in actor_of(request).roles}
            context["actor_roles"] = ", ".join(sorted(roles))
        return context

    def get_app_list(
        self, request: HttpRequest, app_label: str | None = None
    ) -> list[dict[str, Any]]:
        """Models by section instead of by package; a model without a section stays out."""
        if not self.has_permission(request):
            return []
        if app_label is not None:
            return super().get_app_list(request, app_label)
        found = self._build_app_dict(request)
        sections = []
        for title, labels in SECTIONS:
            models = [m for label in labels if label in found for m in found[label]["models"]]
            if models:
                models.sort(key=lambda m: self._registry[m["model"]].order)
                sections.append(
                    {
                        "name": title,
                        "app_label": labels[0],
                        "app_url": "",
                        "has_module_perms": True,
                        "models": models,
                    }
                )
        return sections

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        home = hook("INTERLOCK_HOME")
        if home is None:
            return super().index(request, extra_context)
        response: HttpResponse = home(request)
        return response

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        logins = hook("INTERLOCK_DEMO_LOGINS") if settings.INTERLOCK_DEMO else None
        demo = {
            "demo_logins": logins() if logins else (),
            "demo_password": getattr(settings, "INTERLOCK_DEMO_PASSWORD", ""),
        }
        return super().login(request, {**(extra_context or {}), **demo})

    @method_decorator(sensitive_post_parameters("password"))
    def step_up(self, request: HttpRequest) -> HttpResponse:
        """Ask for the password and go on to `next`."""
        target = safe_next(request) or reverse("admin:index")
        form = StepUpForm(request, request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            form.renew()
            return HttpResponseRedirect(target)
        return self.step_up_page(request, form, {"next": target})

    def step_up_page(
        self, request: HttpRequest, form: StepUpForm, context: dict[str, Any]
    ) -> HttpResponse:
        return render(
            request,
            "console/step_up.html",
            {
                **self.each_context(request),
                "title": "Confirm that it is you",
                "form": form,
                **context,
            },
            status=403 if form.errors else 200,
        )


def safe_next(request: HttpRequest) -> str:
    """Where to go on to: a path of this site, or ""."""
    target: str = request.POST.get("next") or request.GET.get("next") or ""
    good = target.startswith("/") and url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if good else ""


def portal_links() -> list[dict[str, str]]:
    """The pages that cross contexts, as far as they are there."""
    links = []
    for label, icon, url_name, *key in hook("INTERLOCK_NAVIGATION") or NAVIGATION:
        try:
            url = reverse(url_name)
        except NoReverseMatch:
            continue
        links.append({"label": label, "icon": icon, "url": url, "go": "".join(key)})
    return links


site = ConsoleSite(name="admin")
