"""The URL map."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from apps.console.site import site

handler400 = "apps.console.http.bad_request"
handler403 = "apps.console.http.forbidden"
handler404 = "apps.console.http.not_found"
handler500 = "apps.console.http.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/", site.urls),
]

if find_spec("apps.portal") and find_spec("apps.portal.urls"):
    urlpatterns += [path("", include("apps.portal.urls"))]
if find_spec("apps.portal") and find_spec("apps.portal.api_urls"):
    urlpatterns += [path("api/v1/", include("apps.portal.api_urls"))]
