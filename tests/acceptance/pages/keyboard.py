"""Somebody without a mouse."""

from __future__ import annotations

from typing import Any, Final

from tests.acceptance.pages.person import Person

_FOCUS: Final = """() => {
  const e = document.activeElement, style = getComputedStyle(e), box = e.getBoundingClientRect();
  return {id: e.id, text: (e.textContent || '').trim(), tag: e.tagName, value: e.value || '', type: e.type || '',
          ring: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
          shown: box.bottom > 0 && box.top < innerHeight}
}"""


class Keyboard:
    """Somebody without a mouse: only keys, and every stop on the way must be seen."""

    def __init__(self, person: Person) -> None:
        self._page, self._keys = person.page, person.page.keyboard
        self.unseen: list[str] = []

    def go_to(self, **wanted: str) -> dict[str, Any]:
        """Press Tab until something is reached."""
        for _ in range(80):
            self._keys.press("Tab")
            here: dict[str, Any] = self._page.evaluate(_FOCUS)
            if here["tag"] != "BODY" and not (here["ring"] and here["shown"]):
                self.unseen.append(f"{self._page.url}: {here}")
            if all(here[name] == value for name, value in wanted.items()):
                return here
        raise AssertionError(f"the keyboard does not reach {wanted} on {self._page.url}")

    def enter(self) -> None:
        """Press Enter, and wait for the next page."""
        with self._page.expect_navigation():
            self._keys.press("Enter")

    def press(self, text: str) -> None:
        """Go to a button or link, and press it."""
        self.go_to(text=text)
        self.enter()

    def type(self, text: str, field: str) -> None:
        """Go to a field and type."""
        self.go_to(id=field)
        self._keys.type(text)

    def choose(self, field: str, *, down: int = 0) -> None:
        """Go to the first of a group and choose it, or one further down by the arrows."""
        self.go_to(id=field)
        self._keys.press("Space")
        for _ in range(down):
            self._keys.press("ArrowDown")
