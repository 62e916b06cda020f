"""People at their own browsers: forms filled, moves made, as they would."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from playwright.sync_api import Page, expect

#: Sets any input by its name; a searching select gets the record as its one option.
_SET = """
([name, value, text]) => {
  const input = document.querySelector(`form [name="${name}"]`);
  if (!input) throw new Error("no input called " + name);
  if (input.tagName === "SELECT") {
    if (![...input.options].some(o => o.value === value)) input.add(new Option(text, value));
    input.value = value;
  } else if (input.type === "checkbox") {
    input.checked = value === "on";
  } else {
    input.value = value;
  }
  input.dispatchEvent(new Event("change", { bubbles: true }));
}
"""


class Desk:
    """One page per person, opened when they are first needed."""

    def __init__(self, open_page: Callable[..., Page]) -> None:
        self._open, self._pages = open_page, dict[str, Page]()

    def of(self, username: str) -> Page:
        if username not in self._pages:
            self._pages[username] = self._open(username)
        return self._pages[username]

    def enter(
        self, username: str, model: str, values: Mapping[str, Any],
        rows: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
    ) -> str:  # fmt: skip
        """Add a record through its form; the address of its page."""
        page = self.of(username)
        page.goto(f"/admin/{model}/add/")
        for prefix, lines in (rows or {}).items():
            for number, line in enumerate(lines):
                page.locator(f"#{prefix}-group .add-row a").click()
                for name, value in line.items():
                    _fill(page, f"{prefix}-{number}-{name}", value)
        for name, value in values.items():
            _fill(page, name, value)
        page.locator(".submit-row input[type=submit]").first.click()
        page.wait_for_url(re.compile(r"/change/$"))
        expect(page.locator(".messagelist .success")).to_contain_text("was added")
        return page.url

    def move(self, username: str, address: str, label: str, **fields: Any) -> None:
        """Press the button of a move, fill in its form where it has one, and see it done."""
        page = self.of(username)
        page.goto(address)
        exactly = re.compile(rf"^\s*{re.escape(label)}\s*$")
        bare = page.locator(".il-moves > form button", has_text=exactly)
        if bare.count():
            bare.click()
        else:
            move = page.locator(
                ".il-moves > details", has=page.locator("summary", has_text=exactly)
            )
            move.locator("summary").click()
            for name, value in fields.items():
                control = move.locator(f"[name={name}]")
                if value == "all":
                    for box in control.all():
                        box.check()
                elif control.evaluate("e => e.tagName") == "SELECT":
                    control.select_option(str(value))
                elif control.get_attribute("type") == "checkbox":
                    control.set_checked(bool(value))
                else:
                    control.fill(str(value))
            move.get_by_role("button").click()
        expect(page.locator(".messagelist .success")).to_contain_text(f"{label}: done.")

    def state(self, username: str, address: str) -> str:
        page = self.of(username)
        page.goto(address)
        return page.locator(".il-title .il-chip").inner_text()


def _fill(page: Page, name: str, value: Any) -> None:
    """A record is handed over as itself: its key is the value, its name the text."""
    key = str(value.pk) if hasattr(value, "pk") else "on" if value is True else str(value)
    page.evaluate(_SET, [name, key, str(value)])


def key_in(address: str) -> str:
    """The key of the record whose page this is."""
    return re.search(r"/([0-9a-f-]{36})/change/", address).group(1)  # type: ignore[union-attr]
