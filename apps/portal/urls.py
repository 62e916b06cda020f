from django.urls import path

from apps.console.site import site
from apps.portal import (
    board_views,
    calendar,
    calendar_import,
    debts,
    decide_views,
    feeds,
    health,
    live_views,
    moving_views,
    plan_views,
    readiness_views,
    step_views,
    views,
)

urlpatterns = [
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("search/", site.admin_view(views.search), name="search"),
    path("impact/<str:kind>/<uuid:pk>/", site.admin_view(views.impact), name="impact"),
    path("my/approvals/", site.admin_view(views.my_approvals), name="my_approvals"),
    path("readiness/", site.admin_view(readiness_views.readiness), name="readiness"),
    path("readiness/remind/", site.admin_view(readiness_views.remind), name="readiness_remind"),
    path("readiness/export/", site.admin_view(readiness_views.export), name="readiness_export"),
    path("my/readiness/", site.admin_view(views.my_readiness), name="my_readiness"),
    path("calendar/", site.admin_view(calendar.calendar), name="calendar"),
    path(
        "calendar/import/", site.admin_view(calendar_import.calendar_import), name="calendar_import"
    ),
    path("calendars/<str:secret>.ics", feeds.calendar_file, name="calendar_feed"),
    path("my/calendars/", site.admin_view(feeds.my_feeds), name="my_feeds"),
    path("debts/", site.admin_view(debts.approval_debts), name="approval_debts"),
    path("my/requests/", site.admin_view(views.my_requests), name="my_requests"),
    path("my/steps/", site.admin_view(step_views.my_steps), name="my_steps"),
    path("my/steps/act/", site.admin_view(step_views.act), name="my_steps_act"),
    path("live/", site.admin_view(live_views.current), name="live_current"),
    path("windows/<uuid:pk>/live/", site.admin_view(live_views.live), name="window_live"),
    path("windows/<uuid:pk>/status/", site.admin_view(live_views.status), name="window_status"),
    path("windows/<uuid:pk>/live/log/", site.admin_view(live_views.write), name="live_log"),
    path(
        "windows/<uuid:pk>/live/alerts/<uuid:alert>/acknowledge/",
        site.admin_view(live_views.acknowledge),
        name="live_acknowledge",
    ),
    path("windows/<uuid:pk>/decide/", site.admin_view(decide_views.decide), name="decide"),
    path("windows/<uuid:pk>/plan/", site.admin_view(plan_views.plan), name="window_plan"),
    path(
        "windows/<uuid:pk>/plan/simulate/",
        site.admin_view(plan_views.simulate),
        name="simulate_window",
    ),
    path(
        "windows/<uuid:pk>/plan/progress/",
        site.admin_view(plan_views.progress),
        name="simulation_progress",
    ),
    path(
        "windows/<uuid:pk>/run-book/",
        site.admin_view(plan_views.print_run_book),
        name="run_book",
    ),
    path("release-board/", site.admin_view(moving_views.release_board), name="release_board"),
    path("release-board/move/", site.admin_view(moving_views.move), name="release_move"),
    path(
        "release-board/slots/<uuid:pk>/",
        site.admin_view(moving_views.slots),
        name="package_slots",
    ),
    path(
        "release-board/window/<uuid:pk>/",
        site.admin_view(moving_views.shift),
        name="window_shift",
    ),
    path("board/", site.admin_view(board_views.current), name="board_current"),
    path("board/<uuid:pk>/", site.admin_view(board_views.live), name="board"),
    path("board/<uuid:pk>/phone/", site.admin_view(board_views.phone), name="board_phone"),
    path("board/<uuid:pk>/act/", site.admin_view(board_views.act), name="board_act"),
    path("board/<uuid:pk>/minutes/", site.admin_view(board_views.minutes), name="board_minutes"),
    path(
        "board/<uuid:pk>/minutes/export/text/",
        site.admin_view(board_views.minutes_text),
        name="board_minutes_text",
    ),
    path(
        "board/<uuid:pk>/minutes/export/csv/",
        site.admin_view(board_views.minutes_rows),
        name="board_minutes_csv",
    ),
]
