"""Reads a page as strictly as a validator would."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html.parser import HTMLParser

_VOID = frozenset(("meta", "img", "br", "hr", "link", "input"))
_PHRASING_ONLY = frozenset(("p", "h1", "h2", "h3", "span", "strong", "bdi", "code", "a", "i"))
_BLOCKS = frozenset(("p", "div", "ul", "ol", "dl", "table", "section", "article", "figure", "h2"))
_CHILDREN = {
    "ul": {"li"},
    "dl": {"dt", "dd"},
    "table": {"caption", "thead", "tbody"},
    "thead": {"tr"},
    "tbody": {"tr"},
    "tr": {"th", "td"},
}
_REFERRING = ("aria-labelledby", "aria-describedby")


class Page(HTMLParser):
    """What a page holds; AssertionError where it is not well formed, or not in itself."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.ids: list[str] = []
        self.targets: list[str] = []
        self.headings: list[int] = []
        self.images: list[dict[str, str | None]] = []
        self.tags: list[str] = []
        self.texts: list[str] = []
        self._open: list[str] = []
        assert html.lower().startswith("<!doctype html>\n<html lang=")
        html.encode("utf-8")
        self.feed(html)
        self.close()
        assert not self._open, f"never closed: {self._open}"
        self._check(html)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.texts))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _VOID:
            self._open.append(tag)
        self._take(tag, attrs, self._open[:-1] if tag not in _VOID else self._open)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert "svg" in self._open, f"<{tag}/> closes itself in SVG only"
        self._take(tag, attrs, self._open)

    def handle_endtag(self, tag: str) -> None:
        assert self._open, f"</{tag}> closes nothing"
        assert self._open[-1] == tag, f"</{tag}> closes <{self._open[-1]}>"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] in _CHILDREN:
            assert not data.strip(), f"text in <{self._open[-1]}>: {data!r}"
        if "style" not in self._open:
            self.texts.append(data)

    def _take(
        self, tag: str, attrs: Sequence[tuple[str, str | None]], parents: Sequence[str]
    ) -> None:
        names = [name for name, _ in attrs]
        assert len(set(names)) == len(names), f"an attribute twice in <{tag}>: {names}"
        assert tag != "script"
        if parents and parents[-1] in _CHILDREN:
            assert tag in _CHILDREN[parents[-1]], f"<{tag}> in <{parents[-1]}>"
        if tag in _BLOCKS and parents:
            assert parents[-1] not in _PHRASING_ONLY, f"<{tag}> in <{parents[-1]}>"
        self.tags.append(tag)
        found = dict(attrs)
        if "id" in found:
            self.ids.append(found["id"] or "")
        for name in _REFERRING:
            self.targets += (found.get(name) or "").split()
        if tag == "img":
            self.images.append(found)
        if tag == "th":
            assert found.get("scope") in ("row", "col")
        if found.get("role") in ("img", "region") or tag == "nav":
            assert found.get("aria-label") or found.get("aria-labelledby"), f"<{tag}> has no name"
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        for name in ("src", "href", "xlink:href", "srcset", "action", "data", "poster"):
            if name in found:
                address = found[name] or ""
                assert address.startswith(("data:image/", "#")), f"not in the page: {address}"
                if address.startswith("#"):
                    self.targets.append(address[1:])

    def _check(self, html: str) -> None:
        assert len(set(self.ids)) == len(self.ids), "an id twice"
        assert all(re.fullmatch(r"[a-z][a-z0-9-]*", one) for one in self.ids)
        assert set(self.targets) <= set(self.ids), set(self.targets) - set(self.ids)
        assert self.headings[0] == 1
        assert self.headings.count(1) == 1
        steps = zip(self.headings, self.headings[1:], strict=False)
        assert all(after <= before + 1 for before, after in steps), self.headings
        assert all(image.get("alt") for image in self.images)
        assert [self.tags.count(one) for one in ("main", "header", "footer")] == [1, 1, 1]
        assert not re.search(r"url\((?!#)|@import", html)
        assert not re.search("[\0-\x08\x0b\x0c\x0e-\x1f]", html)
