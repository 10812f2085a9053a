"""The rules that keep the code in one shape: who imports whom, and what nobody may write."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).parents[1]
SOURCES = sorted(path for part in ("models", "qtapp") for path in (ROOT / part).rglob("*.py"))
STATE = sorted((ROOT / "qtapp" / "state").glob("*.py"))
BEFORE_QT = [
    ROOT / "qtapp" / name for name in ("__main__.py", "cli.py", "launch.py", "terminal.py")
]


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.slow
def test_the_import_contracts_hold() -> None:
    assert lint_imports(config_filename=str(ROOT / "setup.cfg"), cache_dir=None) == 0


@pytest.mark.parametrize("path", STATE, ids=shown)
def test_state_uses_qtcore_alone(path: Path) -> None:
    used = {name for name in imports(ast.parse(path.read_text())) if name.startswith("PySide6")}
    assert {name.split(".")[1] for name in used} <= {"QtCore"}


@pytest.mark.parametrize("path", BEFORE_QT, ids=shown)
def test_nothing_of_qt_is_imported_before_it_is_known_to_start(path: Path) -> None:
    at_once = set(imports(ast.Module(ast.parse(path.read_text()).body, []), nested=False))
    assert not {name for name in at_once if name.startswith(("PySide6", "pyqtgraph", "qtapp.app"))}


@pytest.mark.slow
def test_the_command_line_starts_without_heavy_libraries() -> None:
    code = "import qtapp.__main__, sys; print(*{*sys.argv[1:]} & {*sys.modules})"
    heavy = ("torch", "sklearn", "h5py", "PySide6")
    done = subprocess.run([sys.executable, "-c", code, *heavy], capture_output=True, check=True)
    assert done.stdout.split() == []


@pytest.mark.slow
def test_a_training_needs_no_scikit_learn() -> None:
    """It would take every trainer more than a second to load."""
    code = "import models.training.run, sys; sys.exit('sklearn' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_nothing_forbidden_is_written() -> None:
    found = {shown(path): list(offences(ast.parse(path.read_text()))) for path in SOURCES}
    assert {path: said for path, said in found.items() if said} == {}


@pytest.mark.parametrize(
    "line",
    [
        "pickle.load(file)",
        "pickle.loads(data)",
        "pickle.Unpickler(file)",
        "import pickle as p; p.load(file)",
        "from pickle import loads",
        "import joblib",
        "from cloudpickle import load",
        "import marshal",
        "pandas.read_pickle(path)",
        "import pandas as pd; pd.read_hdf(path)",
        "torch.load(path)",
        "torch.load(path, weights_only=False)",
        "torch.load(path, weights_only=wanted)",
        "import torch as t; t.load(path)",
        "from torch import load; load(path)",
        "torch.jit.load(path)",
        "np.load(path, allow_pickle=True)",
        "np.load(path, allow_pickle=wanted)",
        "np.lib.format.read_array(file, allow_pickle=True)",
        "yaml.load(text)",
        "eval(text)",
        "exec(text)",
        "compile(text, name, 'exec')",
        "__import__(name)",
        "subprocess.run(line, shell=True)",
        "subprocess.getoutput(line)",
        "os.system(line)",
        "os.popen(line)",
        "from os import system; system(line)",
        "zipfile.ZipFile(path).extractall(folder)",
        "archive.extractall(folder)",
        "archive.extract(member)",
        "shutil.unpack_archive(path)",
        "h5py.File(path, 'w')",
        "from h5py import File; File(path, 'w')",
        "import h5py as h; h.File(path, 'a')",
        "h5py.File(path, mode='a')",
        "h5py.File(path, 'r+')",
        "h5py.File(path, mode)",
        "thread.terminate()",
    ],
)
def test_each_rule_can_be_broken(line: str) -> None:
    assert list(offences(ast.parse(line)))


@pytest.mark.parametrize(
    "line",
    [
        "torch.load(path, weights_only=True)",
        "import pickle; pickle.UnpicklingError",
        "import pickletools; pickletools.opcodes",
        "import torch as t; t.load(path, weights_only=True)",
        "np.load(path, allow_pickle=False)",
        "yaml.safe_load(text)",
        "re.compile(text)",
        "net.eval()",
        "archive.extractfile(member)",
        "h5py.File(path)",
        "h5py.File(path, 'x', rdcc_nbytes=0)",
        "dialog.exec()",
        "ast.literal_eval(text)",
    ],
)
def test_what_is_safe_is_allowed(line: str) -> None:
    assert not list(offences(ast.parse(line)))


def imports(tree: ast.Module, *, nested: bool = True) -> Iterator[str]:
    """Every imported name in full: "PySide6.QtCore.Signal"."""
    for node in ast.walk(tree) if nested else tree.body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def offences(tree: ast.Module) -> Iterator[str]:
    """What this module does that none may do, with the line."""
    unsafe = {"dill", "joblib", "cloudpickle", "marshal", "shelve"}
    for name in imports(tree):
        if name.split(".")[0] in unsafe or name.startswith("pickle."):
            yield f"imports {name}"
    full = _full_names(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and _in_full(node, full).startswith("pickle."):
            if node.attr != "UnpicklingError":  # an error to catch is all of it that is safe
                yield f"line {node.lineno}: {ast.unparse(node)}"
        elif isinstance(node, ast.Call):
            yield from (f"line {node.lineno}: {why}" for why in _offences_of(node, full))


def _full_names(tree: ast.Module) -> dict[str, str]:
    """What imported names stand for: "np" for "numpy", "load" for "torch.load"."""
    full = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            full |= {alias.asname: alias.name for alias in node.names if alias.asname}
        elif isinstance(node, ast.ImportFrom):
            full |= {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
    return full


def _in_full(name: ast.expr, full: dict[str, str]) -> str:
    first, dot, rest = ast.unparse(name).partition(".")
    return full.get(first, first) + dot + rest


_RUN_TEXT = (
    *("eval", "exec", "compile", "__import__", "os.system", "os.popen", "yaml.load"),
    *("subprocess.getoutput", "subprocess.getstatusoutput"),
)
_LOAD_OBJECTS = ("pandas.read_pickle", "pandas.read_hdf", "torch.jit.load")


def _offences_of(call: ast.Call, full: dict[str, str]) -> Iterator[str]:
    called = _in_full(call.func, full)
    given = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
    if called in _RUN_TEXT:
        yield f"{called} runs text"
    if called in _LOAD_OBJECTS:
        yield f"{called} runs what a file says"
    if called == "torch.load" and given.get("weights_only") != "True":
        yield "torch.load without weights_only=True runs what a file says"
    if given.get("allow_pickle", "False") != "False":
        yield "allow_pickle runs what a file says"
    if given.get("shell", "False") != "False":
        yield "a shell runs text"
    if called == "h5py.File" and _mode(call, given) not in ("'r'", "'x'"):
        yield "HDF5 files are read (r) or made new (x), never opened for change"
    if called.endswith((".extractall", ".extract", "shutil.unpack_archive")):
        yield "an archive says where its members go; read them one by one"
    if called.endswith(".terminate"):
        yield "terminate() can hang the process; cancel and wait"


def _mode(call: ast.Call, given: dict[str | None, str]) -> str:
    return ast.unparse(call.args[1]) if len(call.args) > 1 else given.get("mode", "'r'")
