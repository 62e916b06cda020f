"""The URL map."""

from django.urls import include, path
from django.views.generic import RedirectView

from apps.console.site import site

handler400 = "apps.console.http.bad_request"
handler403 = "apps.console.http.forbidden"
handler404 = "apps.console.http.not_found"
handler500 = "apps.console.http.server_error"

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/", site.urls),
    path("api/v1/", include("apps.portal.api_urls")),
    path("", include("apps.portal.urls")),
]
