"""The links above the sections of the sidebar: label, icon, url name, and the letter that goes
there after "g"."""

LINKS: tuple[tuple[str, str, str] | tuple[str, str, str, str], ...] = (
    ("Home", "home", "admin:index"),
    ("Command centre", "live", "live_current"),
    ("Calendar", "cal", "calendar"),
    ("My approvals", "sign", "my_approvals"),
    ("Board", "users", "board_current"),
    ("Release board", "cal", "release_board", "w"),
    ("Readiness", "flag", "readiness", "r"),
    ("My readiness", "check-list", "my_readiness"),
    ("My requests", "draft", "my_requests"),
    ("My steps", "steps", "my_steps"),
    ("Approval debt", "warn", "approval_debts"),
    ("Releases by outcome", "flag", "outcomes"),
    ("Audit", "search", "audit_workbench"),
    ("Other systems", "exchange", "other_systems"),
    ("Health", "check-list", "health"),
)
