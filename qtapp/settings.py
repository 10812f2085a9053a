"""What is remembered from one start to the next, for the person and not for a project."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import platformdirs

SCHEMA_VERSION = 1
RECENT_KEPT = 12


@dataclass(frozen=True)
class Recent:
    """A project that was open; `path` is its folder."""

    name: str
    path: str


@dataclass(frozen=True)
class Settings:
    """Defaults are what a first start shows."""

    theme: str = "system"  # "system", "light", "dark", "contrast"
    font_percent: int = 100  # of the system's font size
    reviewer: str = ""  # recorded with each decision; empty: the login name
    keys: Any = field(default_factory=dict)  # changes alone, as commands.keys.with_changes takes
    train_on_opening: bool = True
    advance: bool = True
    answer_first: bool = False  # the suggestion is shown after the person's own answer
    thumb_px: int = 0  # 0: as suits the window
    window: str = ""  # geometry, base64
    toured: bool = False  # the guided tour was gone through or skipped
    recent: tuple[Recent, ...] = ()

    def with_recent(self, name: str, path: str) -> Settings:
        """This project first, no other twice."""
        others = tuple(entry for entry in self.recent if entry.path != path)
        return replace(self, recent=(Recent(name, path), *others)[:RECENT_KEPT])


def settings_path() -> Path:
    return Path(platformdirs.user_config_dir("winnow", appauthor=False)) / "settings.json"


def load_settings(path: Path) -> Settings:
    """Settings from a file; the defaults where it is missing, damaged or from the future.

    What was changed about keys is handed on as it is: only the registry can judge it.
    """
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        return _from_json(kept)
    except (OSError, ValueError, TypeError, KeyError):
        return Settings()


def save_settings(settings: Settings, path: Path) -> None:
    """Replace the file whole; a full disk costs a preference, never a start."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    text = json.dumps({"schema_version": SCHEMA_VERSION, **asdict(settings)}, indent=1)
    fresh.write_text(text, encoding="utf-8")
    os.replace(fresh, path)


def _from_json(kept: Mapping[str, Any]) -> Settings:
    if kept["schema_version"] != SCHEMA_VERSION:
        raise ValueError("settings of another version")
    defaults = asdict(Settings())
    known = {
        name: kept[name]
        for name, value in defaults.items()
        if name in kept and (name == "keys" or type(kept[name]) is type(value))
    }
    known["recent"] = tuple(_recent_from_json(kept.get("recent")))
    return Settings(**known)


def _recent_from_json(kept: Any) -> Iterator[Recent]:
    for entry in kept if isinstance(kept, list) else ():
        match entry:
            case {"name": str(name), "path": str(path)}:
                yield Recent(name, path)
