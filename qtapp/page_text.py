"""The data page as aligned text for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_CLASSES_SHOWN = 30
_BROKEN_SHOWN = 10
_IDS_SHOWN = 12
_NAME_WIDTH = 40
_GAP = 2

Page = Mapping[str, Any]  # the JSON of `winnow info`


def page_lines(page: Page) -> Iterator[str]:
    """Everything `info` has to say, most general first."""
    yield page["sentence"]
    yield ""
    yield from _aligned(list(_figures(page)))
    yield from _classes(page)
    yield from _trouble(page)
    if page["warnings"]:
        yield ""
        yield from (f"Note: {warning}" for warning in page["warnings"])


def size_text(n_bytes: int) -> str:
    """1.2 GB, 31.4 MB, 812 kB."""
    for unit, name in ((10**9, "GB"), (10**6, "MB"), (10**3, "kB")):
        if n_bytes >= unit:
            return f"{n_bytes / unit:,.1f} {name}"
    return f"{n_bytes:,} bytes"


def _figures(page: Page) -> Iterator[tuple[str, str]]:
    splits = ", ".join(f"{name} {n:,}" for name, n in page["splits"].items())
    yield "images", f"{page['n']:,}" + (f" ({splits})" if list(page["splits"]) != ["all"] else "")
    yield "labelled", _labelled(page)
    yield "sizes", _sizes(page["shapes"])
    values = page["values"]
    if values:
        low, high = values["range"]
        yield "values", f"{page['dtype']}, {low:g} to {high:g}, mean {values['mean']:.3g}"
    in_memory = size_text(page["bytes_in_memory"])
    yield "bytes", f"{size_text(page['bytes_on_disk'])} on disk, {in_memory} in memory"
    audit = page.get("audit")  # of a project alone
    if audit and audit["audited"]:
        left = f"{audit['low']:,} to {audit['high']:,}"
        yield "errors left", f"{left} (95%, from {audit['audited']:,} random images)"
    looked, of = page["looked_at"]["n"], page["looked_at"]["of"]
    if looked < of:
        yield "looked at", f"{looked:,} of {of:,} images, evenly spread (--full looks at all)"
    else:
        yield "looked at", f"all {of:,} images"


def _labelled(page: Page) -> str:
    missing = f", {page['unlabelled']:,} without a label" if page["unlabelled"] else ""
    return f"{page['labelled']:,}{missing}"


def _sizes(shapes: Page) -> str:
    if not shapes["n"]:
        return "unknown"
    most = shapes["sizes"][0]
    if shapes["n"] == 1:
        return f"all {most['width']} x {most['height']}"
    (left, right), (low, high) = shapes["width"], shapes["height"]
    return (
        f"{shapes['n']:,} different, {left} to {right} wide, {low} to {high} high; "
        f"most often {most['width']} x {most['height']} ({_images(most['n'])})"
    )


def _classes(page: Page) -> Iterator[str]:
    counts, corrected = page["class_counts"], page.get("corrected_counts")
    names = list(next(iter((corrected or counts).values())))  # those that were added here follow
    if not names:
        return
    shown = names[:_CLASSES_SHOWN]
    columns = {**counts}
    if corrected:
        columns |= {f"{split} now": corrected[split] for split in counts}
    single = list(counts) == ["all"]
    titles = [name.replace("all", "images", 1) if single else name for name in columns]
    rows = [["class", *titles]]
    rows += [
        [cut(name), *(f"{column.get(name, 0):,}" for column in columns.values())] for name in shown
    ]
    yield ""
    yield from table(rows)
    if len(names) > len(shown):
        yield f"... and {len(names) - len(shown):,} more classes (--json lists all)"
    balance = page["balance"]
    if balance and balance["ratio"] > 1:
        large, small = balance["largest"], balance["smallest"]
        yield (
            f"The largest class, {cut(large['class'])} ({large['n']:,}), has "
            f"{balance['ratio']:.3g} times as many images as the smallest, "
            f"{cut(small['class'])} ({small['n']:,})."
        )
    if balance and balance["empty"]:
        yield f"Without an image: {_some([cut(name) for name in balance['empty']])}."


def _trouble(page: Page) -> Iterator[str]:
    broken, blank = page["broken"], page["blank"]
    if page["unreadable"]:
        yield ""
        yield f"Cannot be read: {_images(page['unreadable'])}"
        rows = [[f"{i['sample_id']}", i["path"], i["why"]] for i in broken[:_BROKEN_SHOWN]]
        yield from (f"  {line}" for line in table(rows, left=True))
        if page["unreadable"] > len(rows):
            yield f"  ... {page['unreadable'] - len(rows):,} more (--json lists them)"
    if blank["n"]:
        ids = _some([str(sample_id) for sample_id in blank["sample_ids"]])
        yield ""
        yield f"Blank, every pixel alike: {_images(blank['n'])} (sample {ids})"
    for one in page["probably_missing"]:
        yield ""
        yield f"Class “{one['class']}” probably means that there is no label ({_images(one['n'])})."
    if page["spellings"]:
        yield ""
        yield "Probably one class, spelt in several ways:"
    for group in page["spellings"]:
        others = ", ".join(f"{v['class_name']} ({v['n']:,}; {v['why']})" for v in group["variants"])
        yield f"  {group['keep']} ({group['n']:,}): {others}"


def _aligned(pairs: Sequence[tuple[str, str]]) -> Iterator[str]:
    width = max(len(name) for name, _ in pairs) + _GAP
    return (f"{name:<{width}}{text}" for name, text in pairs)


def table(rows: Sequence[Sequence[str]], *, left: bool = False) -> Iterator[str]:
    """Lines of columns, the first to the left and the others to the right, or all left."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [
            f"{cell:<{width}}" if left or not place else f"{cell:>{width}}"
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield (" " * _GAP).join(cells).rstrip()


def _some(items: Sequence[str]) -> str:
    more = f", ... {len(items) - _IDS_SHOWN:,} more" if len(items) > _IDS_SHOWN else ""
    return ", ".join(items[:_IDS_SHOWN]) + more


def cut(name: str) -> str:
    plain = " ".join(name.split()) or "(empty name)"
    return plain if len(plain) <= _NAME_WIDTH else plain[: _NAME_WIDTH - 1] + "…"


def _images(n: int) -> str:
    return f"{n:,} image" if n == 1 else f"{n:,} images"
