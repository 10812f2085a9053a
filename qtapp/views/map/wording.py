"""What the map panel says, in words."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from models.errors import WinnowError
from models.types import Progress
from qtapp.jobs.map_pictures import LABEL, PREDICTED, SPLIT, STATE
from qtapp.state.mapping import MapShown


def tr(text: str) -> str:
    return QCoreApplication.translate("", text)  # lupdate files it under no class


def gestures() -> str:
    """What can be done on the map."""
    return tr(
        "Drag draws a lasso, with Shift a box; with Ctrl it adds. Enter shows what is selected.\n"
        "The wheel, + and - zoom; arrows, the middle button or Alt and the left one move; 0 shows "
        "all.\nA click goes to an image, two open it."
    )


def colour_name(key: str) -> str:
    """How a choice of colour is called."""
    names = {
        LABEL: tr("By label"),
        PREDICTED: tr("By prediction"),
        SPLIT: tr("By split"),
        STATE: tr("By review state"),
        "suspicion": tr("Suspicion"),
        "learned": tr("Learned"),
        "loss": tr("Loss"),
        "confidence": tr("Confidence"),
        "margin": tr("Margin"),
        "anomaly": tr("Anomaly"),
        "labelling": tr("Worth labelling"),
    }
    return names.get(key, key.replace("_", " ").capitalize())


def state_names() -> tuple[str, ...]:
    """By review.decisions.Status."""
    return (
        tr("Undecided"),
        tr("Kept"),
        tr("Changed"),
        tr("Excluded"),
        tr("Second look"),
    )


def progress_text(progress: Progress | None) -> str:
    names = {
        "preparing": tr("Preparing the map…"),
        "reading": tr("Reading the images…"),
        "looking for neighbours": tr("Looking for images that look alike…"),
        "laying out": tr("Laying out the map…"),
        "placing the others": tr("Placing the other images…"),
    }
    if progress is None:
        return names["preparing"]
    said = names.get(progress.doing, tr("Opening the images…"))
    share = f" {progress.done / progress.total:.0%}" if progress.total else ""
    return said + share


def message(
    is_open: bool,
    is_running: bool,
    progress: Progress | None,
    problem: WinnowError | None,
    *,
    trains: bool,
) -> str:
    """What stands in the place of the map while there is none."""
    if not is_open:
        return tr("The map needs a dataset. Open one: images that look alike will lie together.")
    if is_running:
        return progress_text(progress)
    if problem is not None:
        return str(problem)
    if trains:
        return tr(
            "The map needs the processor, which training is using. Make it now, and training goes "
            "on more slowly; or wait for the run to end, and the map knows what it learned."
        )
    return tr("On the map, images that look alike lie together. All splits are in it.")


def about(
    shown: MapShown | None,
    progress: Progress | None,
    problem: WinnowError | None,
    *,
    is_older: bool,
) -> str:
    """What is seen, in one line."""
    if shown is None:
        return ""
    if progress is not None:
        return progress_text(progress)
    if problem is not None:
        return str(problem)
    parts = [tr("{n:,} images").format(n=len(shown.positions))]
    if shown.n_laid_out < len(shown.positions):
        parts.append(
            tr("{n:,} laid out, the others placed between their nearest of these").format(
                n=shown.n_laid_out
            )
        )
    if shown.run == 0:
        parts.append(tr("by their pixels"))
    else:
        parts.append(
            tr("by run {run}, epoch\u00a0{epoch}").format(run=shown.run, epoch=shown.epoch)
        )
    if is_older:
        parts.append(tr("the model knows more by now"))
    return " · ".join(parts)
