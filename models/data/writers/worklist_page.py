"""The page of a work list: one HTML file with its pictures inside, no script, light and dark."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from typing import Any

from models.data.pages import picture, style
from models.processes.reading import Unreadable
from models.types import Pixels

_ACTIONS = (
    ("keep", "the given label is right"),
    ("accept", "the suggestion is right"),
    ("set", "another class is right: write its name under label"),
    ("exclude", "the image does not belong into the dataset"),
    ("second_look", "someone else should decide"),
)


def page_start(name: str, n: int, n_open: int, run: int, project: str) -> str:
    """Everything before the first image."""
    actions = "".join(f"<dt>{word}</dt><dd>{what}</dd>" for word, what in _ACTIONS)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>Work list: {html.escape(name)}</title>
<style>
{style()}</style>
</head>
<body>
<h1>Work list: <bdi>{html.escape(name)}</bdi></h1>
<p class="muted">{n:,} of {n_open:,} images to decide on, the most suspect first, as run {run}
sees them.</p>
<p>Fill in <code>worklist.csv</code>, which has the same images in the same order: an action, and
if you like your name and a note. Leave open what you do not know; empty rows change nothing.</p>
<dl class="actions">{actions}</dl>
<p class="muted">Sent back, it becomes decisions:
<code>winnow label {html.escape(project)} --from worklist.csv</code></p>
<ol class="images">
"""


def page_items(
    rows: Sequence[dict[str, Any]], pictures: Sequence[Pixels | Unreadable], first: int
) -> Iterator[str]:
    """One item an image; numbers are those of the table's rows, the header being row 1."""
    for number, (row, pixels) in enumerate(zip(rows, pictures, strict=True), first):
        told = {key: html.escape(str(value)) for key, value in row.items()}
        suspicion = "" if row["suspicion"] is None else f" · suspicion {row['suspicion']:.3f}"
        lines = [
            f'<div class="muted small-text">row {number} · sample {told["sample_id"]}'
            f"{suspicion}</div>",
            f'<div class="given">■ given <b><bdi>{told["given"] or "no label"}</bdi></b></div>',
        ]
        if row["suggested"] and row["suggested"] != row["given"]:
            lines.append(
                f'<div class="suggested">◆ suggested <b><bdi>{told["suggested"]}</bdi></b></div>'
            )
        lines.append(f"<div>{told['reasons']}</div>" if row["reasons"] else "")
        lines.append(f'<div class="muted small-text"><bdi>{told["path"]}</bdi></div>')
        facts = "".join(lines)
        yield f'<li><div class="picture">{_picture(pixels, told["sample_id"])}</div>'
        yield f'<div class="facts">{facts}</div></li>\n'


def page_end() -> str:
    return "</ol>\n</body>\n</html>\n"


def _picture(pixels: Pixels | Unreadable, sample_id: str) -> str:
    made = picture(pixels)
    if not made.uri:
        return f"<span>{html.escape(made.why)}</span>"
    small = ' class="small"' if made.is_small else ""
    return f'<img{small} src="{made.uri}" alt="sample {sample_id}">'
