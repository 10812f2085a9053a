"""The audit dock: before, while and after an audit, a finding in full, and its remedy."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QObject, QPoint, Qt
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from models.errors import DatasetError
from models.review.remedies import Outcome, Settled
from models.splitting import bring_split_back
from models.types import Progress
from qtapp.commands.edits import Edits
from qtapp.commands.remedies import Remedies
from qtapp.jobs.remedying import RemedyWorker
from qtapp.jobs.thumbnails import Thumbnails
from qtapp.jobs.undoing_pictures import UndoingPictures
from qtapp.state.audit_findings import CHANGED_SINCE, AuditFindingsState, Recheck
from qtapp.state.remedying import RemedyState
from qtapp.views.audit.panel import AuditPanel
from qtapp.views.parts import breakable
from tests.helpers.findings import leak, message, report, swap
from tests.helpers.images import FakeReader
from tests.qt.states import Review

SPLITS = {"train": 18, "test": 6}
LONG = "n" * 120
PLOT = {"title": "Share of each class", "labels": ["cat", "dog"], "series": {"train": [0.5, 0.5]}}


class Shown(QObject):
    """A panel over 24 images, six of them to test with."""

    def __init__(self, qtbot: QtBot, review: Review) -> None:
        super().__init__()
        self.review, self.state, one = review, AuditFindingsState(self), review
        self.edits = Edits(one.session, one.labels, one.scores, one.selection, parent=self)
        self.remedying = RemedyState(self)
        self.worker = RemedyWorker(one.session, one.labels, self.remedying, self)
        self.remedies = Remedies(
            *(one.session, one.labels, one.audit, one.order, one.view, self.state),
            *(self.remedying, self.edits, self.worker),
            parent=self,
        )
        self.thumbnails = Thumbnails(self)
        self.reader = FakeReader()
        self.thumbnails.attach(self.reader)
        self.pictures = UndoingPictures(one.session, self.thumbnails, self)
        self.panel = AuditPanel(
            *(one.labels, one.scores, one.selection, one.training, self.state, self.remedies),
            *(self.thumbnails, self.pictures, one.registry, one.theme),
        )
        qtbot.addWidget(self.panel)
        self.panel.resize(760, 260)
        self.panel.show()

    def find(self, messages: Sequence[dict[str, Any]], **about: Any) -> None:
        self.state.recall(report(self.review.labels.labels, messages, **about))

    def lines(self) -> list[str]:
        model = self.panel.list.item_model
        return [str(model.index(row, 0).data()).strip() for row in range(model.rowCount())]


Show = Callable[..., Shown]


@pytest.fixture
def show(qtbot: QtBot) -> Iterator[Show]:
    made: list[Shown] = []

    def make(names: tuple[str, ...] = ("cat", "dog", "bird")) -> Shown:
        made.append(Shown(qtbot, Review(names, SPLITS)))
        return made[-1]

    yield make
    for one in made:
        one.pictures.stop()
        one.thumbnails.close()


@pytest.fixture
def shown(show: Show) -> Shown:
    return show()


def test_before_the_first_audit_it_says_what_an_audit_does_and_needs(shown: Shown) -> None:
    panel = shown.panel
    assert "No model was trained yet" in panel.message.text()
    assert panel.train.isVisible()
    assert not panel.list.isVisible()
    panel.audit.click()
    panel.quick.click()
    assert shown.review.pressed == ["run.audit", "run.quick_audit"]
    shown.review.score()
    assert "No model" not in panel.message.text()
    assert not panel.train.isVisible()


def test_it_says_what_it_does_now_and_can_be_stopped(shown: Shown) -> None:
    empty = report(shown.review.given, [], is_partial=True)
    number = shown.state.begin_audit(empty)
    shown.state.accept(number, Progress(2, 4, "checking labels"))
    panel = shown.panel
    assert panel.said.toolTip() == "Checking labels… · Nothing found yet"
    assert panel.bar.value() == 500
    shown.state.accept(number, Progress(3, 4, "checking labels", 74.4))
    assert panel.said.toolTip() == "Checking labels… about 74 s left · Nothing found yet"
    assert not panel.audit.isVisible()
    panel.stop.click()
    assert shown.review.pressed == ["run.stop_audit"]
    found = report(shown.review.given, [message("blur:test")], is_partial=True)
    shown.state.accept(number, found)
    shown.state.end(number, None)
    assert "stopped: only a part was checked" in panel.said.toolTip()
    assert panel.audit.isVisible()


def test_what_went_wrong_is_said(shown: Shown) -> None:
    shown.state.end(
        shown.state.begin_audit(report(shown.review.given, [])), DatasetError("is gone")
    )
    assert "is gone" in shown.panel.said.toolTip()


def test_findings_are_listed_with_words_and_symptoms_under_their_cause(shown: Shown) -> None:
    shown.find(
        [
            message("gap_unexplained:test", explained_by="leak_exact:train+test"),
            message("imbalance:train", "note"),
            leak([3, 19]),
        ],
        not_checked=(("labels", "There is no model."),),
    )
    assert shown.lines() == [
        "Leak, exact copies: train, test",
        "↳ Unexplained gap: test",
        "Imbalance: train",
        "Not checked  Labels",
    ]
    ModelTester(None).check(shown.panel.list.item_model)
    assert shown.panel.said.toolTip() == "1 error, 1 note"
    spoken = shown.panel.list.item_model.index(1, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert str(spoken).startswith("Warning. Unexplained gap: test. Follows from another finding.")


def test_a_finding_says_what_how_much_when_and_what_to_do(shown: Shown) -> None:
    shown.find([message("imbalance:train", plot=PLOT)])
    detail = shown.panel.detail
    assert detail.title.text() == "Warning  Imbalance: train"
    assert detail.sentence.text() == "This is what imbalance means."
    assert detail.measured.text() == "5.0% of something · sure to 90%"
    assert detail.real_world.text() == "As when: It happened to others."
    assert detail.to_do.text() == "To do: Do something."
    assert detail.plot.isVisible()
    assert detail.plot.accessibleDescription() == "cat: train 0.5; dog: train 0.5"
    assert not detail.apply.isVisible()
    assert not detail.tiles.isVisible()


def test_arrows_move_in_the_list_and_what_was_not_checked_says_why(
    qtbot: QtBot, shown: Shown
) -> None:
    shown.find(
        [message("blur:test"), message("noise:test", "note")],
        not_checked=(("gaps", "Too few images."),),
    )
    panel = shown.panel
    for _ in range(2):
        qtbot.keyClick(panel.list, Qt.Key.Key_Down)
    assert panel.missing.isVisible()
    assert "Too few images." in panel.missing.text()
    qtbot.keyClick(panel.list, Qt.Key.Key_Return)
    assert shown.review.pressed == []  # it has no images
    qtbot.keyClick(panel.list, Qt.Key.Key_Up)
    assert shown.state.chosen_id == "noise:test"
    assert panel.detail.isVisible()
    qtbot.keyClick(panel.list, Qt.Key.Key_Return)
    assert shown.review.pressed == ["look.finding"]


def test_an_audit_that_begins_while_one_reads_what_was_not_checked_does_no_harm(
    shown: Shown,
) -> None:
    shown.find([message("blur:test")], not_checked=(("labels", "No model was trained yet."),))
    panel = shown.panel
    panel.list.setCurrentIndex(panel.list.item_model.index(1, 0))
    assert panel.missing.isVisible()
    shown.state.begin_audit(report(shown.review.labels.labels, []))
    assert not panel.missing.isVisible()
    assert panel.message.isVisible()


def test_a_symptom_leads_to_its_cause(shown: Shown) -> None:
    symptom = message("gap_unexplained:test", explained_by="leak_exact:train+test")
    shown.find([symptom, leak([3, 19])])
    shown.state.choose("gap_unexplained:test")
    because = shown.panel.detail.because
    assert because.text() == "Follows from: Leak, exact copies"
    because.click()
    assert shown.state.chosen_id == "leak_exact:train+test"


def test_tooltips_show_names_as_they_are_written(shown: Shown) -> None:
    said = "Images of <b> are dark."
    cause = message("dark:test", sentence=said)
    shown.find(
        [message("gap:test", explained_by="dark:test"), cause],
        not_checked=(("labels", "No <i> was trained."),),
    )
    shown.state.choose("gap:test")
    model = shown.panel.list.item_model
    tips = [model.index(row, 0).data(Qt.ItemDataRole.ToolTipRole) for row in (0, 2)]
    assert tips == [
        "<qt>Images of &lt;b&gt; are dark.</qt>",
        "<qt>No &lt;i&gt; was trained.</qt>",
    ]
    assert shown.panel.detail.because.toolTip() == tips[0]


def test_its_images_are_shown_and_a_click_goes_to_one(qtbot: QtBot, shown: Shown) -> None:
    shown.find([{**leak([3, 2, 5]), "n_samples": 30}])
    detail = shown.panel.detail
    assert detail.show_images.text() == "Show 3 of 30 in the grid"
    assert detail.tiles.sample_ids.tolist() == [3, 2, 5]
    qtbot.mouseClick(detail.tiles, Qt.MouseButton.LeftButton, pos=QPoint(70, 20))
    assert shown.review.selection.current == 2


def test_one_image_to_leave_out_is_one_image(shown: Shown) -> None:
    shown.find([leak([3])])
    assert shown.panel.detail.foreseen.text().startswith("1 image will be left out")


def test_a_remedy_says_before_what_it_does_and_after_that_it_is_done(shown: Shown) -> None:
    shown.find([leak([3, 5])])
    detail = shown.panel.detail
    assert detail.apply.text() == "Exclude them"
    key = shown.review.registry.key_text("decide.undo")
    assert detail.foreseen.text() == f"2 images will be left out; {key} undoes."
    shown.remedies.apply()
    assert detail.came_of.text() == "Being saved…"
    labels = shown.review.labels
    labels.acknowledge(labels.next_step - 1)
    assert detail.came_of.text() == "Applied. A new audit says whether it is gone."
    assert not detail.foreseen.isVisible()
    assert not detail.apply.isVisible()
    assert "have changed since" in shown.panel.said.toolTip()
    shown.edits.undo()
    assert detail.apply.isVisible()
    assert "changed since" not in shown.panel.said.toolTip()


def test_a_locked_split_offers_to_unlock(shown: Shown) -> None:
    shown.review.labels.lock.load(SPLITS, "")
    shown.find([swap("test", {"cat": "dog", "dog": "cat"})])
    detail = shown.panel.detail
    assert not detail.apply.isVisible()
    assert detail.unlock.isVisible()
    assert "4 labels of test will change, once the split is unlocked" in detail.foreseen.text()
    shown.review.labels.lock.unlock()
    assert detail.apply.text() == "Exchange the labels"
    assert not detail.unlock.isVisible()


def test_nothing_found_is_said_plainly(shown: Shown) -> None:
    shown.find([])
    assert shown.panel.message.text() == "Nothing found that costs accuracy or trust."


def test_long_class_names_and_a_thousand_classes_leave_it_its_size(show: Show) -> None:
    shown = show((LONG, LONG + "2", LONG + "3"))
    labels = [f"{LONG}{i}" for i in range(1_000)]
    share = np.random.default_rng(0).random(1_000).tolist()
    plot = {"title": LONG, "labels": labels, "series": {"train": share, "test": share[::-1]}}
    shown.find(
        [message("label_shift:test", classes=labels, sentence=f"{LONG} is rare.", plot=plot)]
    )
    assert shown.panel.minimumSizeHint().width() < 700
    bars = shown.panel.detail.plot
    assert 0 < len(bars.shown()) < 100
    assert not shown.panel.grab().isNull()


def test_whether_a_remedy_has_helped_is_said_in_the_dock_and_in_the_list(shown: Shown) -> None:
    found = leak([3, 5])
    shown.find([found, message("blur:test")])
    shown.remedies.apply()
    labels, panel = shown.review.labels, shown.panel
    labels.acknowledge(labels.next_step - 1)
    shown.state.begin_recheck(found["id"])
    assert panel.detail.came_of.text() == "Applied. Looking whether it is gone…"
    assert panel.said.toolTip() == "Looking whether it is gone: Leak, exact copies…"
    assert panel.stop.isVisible()
    assert not panel.audit.isVisible()
    shown.state.end_recheck(Recheck(found["id"], Outcome.GONE))
    assert panel.detail.came_of.text().startswith("Applied, and it is gone")
    assert panel.detail.came_of.property("role") == "success"
    assert [line.startswith("Gone  ") for line in shown.lines()] == [True, False]
    assert panel.said.toolTip().startswith("1 warning, 1 gone · ")
    assert panel.audit.isVisible()
    shown.edits.undo()
    assert shown.lines()[0].startswith("Leak, ")
    assert panel.detail.apply.isVisible()


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (Outcome.THERE, "Applied, but it is still there. Five are left."),
        (Outcome.LESSER, "Applied; what is left costs less. Five are left."),
        (Outcome.UNKNOWN, "Applied; whether it is gone cannot be told. Five are left. Train."),
    ],
)
def test_a_remedy_that_did_not_help_says_what_is_left(
    shown: Shown, outcome: Outcome, said: str
) -> None:
    found = leak([3])
    shown.find([found])
    shown.remedies.apply()
    shown.review.labels.acknowledge(shown.review.labels.next_step - 1)
    why = "Train." if outcome is Outcome.UNKNOWN else ""
    shown.state.end_recheck(Recheck(found["id"], outcome, ("Five are left.",), why))
    assert shown.panel.detail.came_of.text() == said
    became = {Outcome.THERE: "Still there  ", Outcome.LESSER: "Less of it left  "}.get(outcome, "")
    assert shown.lines() == [f"{became}Leak, exact copies: train, test"]


def test_class_weights_are_offered_then_taken_back_or_trained_with(shown: Shown) -> None:
    shown.find([message("imbalance:train", action={"name": "class_weights"})])
    detail = shown.panel.detail
    assert detail.apply.text() == "Weigh classes in training"
    assert "From the next training on" in detail.foreseen.text()
    assert not detail.train.isVisible()
    shown.remedying.settle(Settled("balanced"))
    assert not detail.apply.isVisible()
    assert detail.take_back.text() == "Weigh all images alike"
    assert detail.came_of.text() == "Applied: the next training weighs the classes."
    detail.train.click()
    detail.take_back.click()
    assert shown.review.pressed == ["run.start", "decide.take_back"]


def test_what_remedies_of_earlier_audits_set_is_taken_back_from_the_dock(shown: Shown) -> None:
    panel = shown.panel
    assert not panel.in_force.isVisible()
    undone = {"test": ({"name": "turn", "degrees": 90}, {"name": "invert"})}
    shown.remedying.settle(Settled("balanced", "2026-01-01T00:00:00", undone))
    assert panel.in_force.text() == "In force: 3"
    weights, splits, undoing = panel.ends.actions()
    assert undoing.text() == "No longer undo in test: inversion"  # the last thing first
    changes: list[Any] = []
    shown.worker.changing.connect(changes.append)
    undoing.trigger()
    splits.trigger()
    assert changes[0].keywords == {"split": "test", "undo": {"name": "invert"}}
    assert changes[1] is bring_split_back
    assert weights.text() == "Weigh all images alike"
    shown.remedying.settle(Settled())
    assert not panel.in_force.isVisible()


def test_the_menu_of_what_is_in_force_stays_as_it_is_while_an_audit_goes_on(shown: Shown) -> None:
    panel = shown.panel
    undone = {"a&b": ({"name": "invert"},)}
    shown.remedying.settle(Settled("balanced", undone=undone))
    weights, undoing = panel.ends.actions()
    assert undoing.text() == "No longer undo in a&&b: inversion"
    panel.ends.setActiveAction(undoing)
    shown.state.begin_audit(report(shown.review.labels.labels, []))
    assert panel.ends.actions() == [weights, undoing]
    assert panel.ends.activeAction() is undoing


def test_what_opens_the_dataset_anew_says_so(shown: Shown) -> None:
    action = {"name": "undo_processing", "split": "test", "undo": {"name": "invert"}}
    split = message("order:train+test", "error", action={"name": "split"})
    shown.find([split, message("inverted:test", action=action)])
    detail = shown.panel.detail
    assert detail.apply.text() == "Split anew…"
    assert "before it is made" in detail.foreseen.text()
    shown.state.choose("inverted:test")
    assert detail.apply.text() == "Undo it in the images"
    assert "The dataset opens anew." in detail.foreseen.text()


def test_a_mapping_names_the_classes(shown: Shown) -> None:
    becomes = {"dog": "cat"}
    action = {"name": "map_classes", "becomes": becomes}
    shown.find([message("label_set_mismatch:train+test", action=action)])
    assert shown.panel.detail.apply.text() == "Give them one name"
    assert shown.panel.detail.foreseen.text().startswith("8 images: dog → cat;")


def inverted(split: str) -> dict[str, Any]:
    action = {"name": "undo_processing", "split": split, "undo": {"name": "invert"}}
    return message(f"inverted:{split}", "error", action=action)


def test_images_take_a_second_line_where_one_is_too_short_and_no_plot_follows(shown: Shown) -> None:
    samples = list(range(12))
    shown.find(
        [
            message("related:train", samples=samples),
            message("shortcut:train", samples=samples, plot=PLOT),
        ]
    )
    tiles = shown.panel.detail.tiles
    shown.state.choose("related:train")
    assert tiles.columns < 12
    assert tiles.n_shown == 2 * tiles.columns
    shown.state.choose("shortcut:train")
    assert tiles.n_shown == tiles.columns


def test_in_a_narrow_dock_words_stand_over_the_images(qtbot: QtBot, shown: Shown) -> None:
    shown.find([message("related:train", samples=[1, 2, 3])])
    detail = shown.panel.detail
    assert detail.proof.x() > detail.title.x()
    shown.panel.resize(580, 260)
    qtbot.waitUntil(lambda: detail.proof.x() == 0)
    assert detail.proof.y() > detail.to_do.y()


def test_another_finding_is_read_from_its_top(shown: Shown) -> None:
    told = " ".join(["word"] * 300)
    shown.find([message("blur:test", sentence=told), message("noise:test", sentence=told)])
    bar = shown.panel.beside.currentWidget().verticalScrollBar()
    bar.setValue(bar.maximum())
    assert bar.value() > 0
    shown.state.choose("noise:test")
    assert bar.value() == 0


def test_long_names_are_broken_after_their_own_marks() -> None:
    broken = breakable("In eine_sehr_lange-Bezeichnung_einer_Klasse and in short_one.")
    assert broken.split("\u200b") == [
        "In eine_", "sehr_", "lange-", "Bezeichnung_", "einer_", "Klasse and in short_one.",
    ]  # fmt: skip
    unmarked = breakable("x" * 50)
    assert [len(part) for part in unmarked.split("\u200b")] == [24, 24, 2]


def test_what_is_undone_is_shown_before_it_is_applied(qtbot: QtBot, shown: Shown) -> None:
    strip = shown.panel.detail.undoing
    shown.find([inverted("test")])
    assert strip.before.accessibleDescription() == "Being made…"
    qtbot.waitUntil(lambda: shown.pictures.is_idle)
    assert strip.isVisible()
    assert strip.before.accessibleName() == "Some images of test as they are"
    assert strip.after.accessibleName() == "The same with it undone"
    assert strip.after.accessibleDescription() == "Images 18, 19, 20, 21, 22, 23"
    rows = (strip.before, strip.after)
    assert 6 * strip.before.tile_px <= strip.before.width()  # all of them, however little room
    pixels = [row.grab().toImage().pixelColor(12, 12).red() for row in rows]
    assert pixels == [18, 255 - 18]
    shown.remedying.settle(Settled(undone={"test": [{"name": "invert"}]}))
    assert not strip.isVisible()
    assert shown.pictures.pairs == ()


def test_only_what_is_looked_at_is_read_for_it(qtbot: QtBot, shown: Shown) -> None:
    shown.find([message("blur:train", "error"), inverted("test")])
    assert not shown.panel.detail.undoing.isVisible()
    shown.panel.hide()
    shown.state.choose("inverted:test")
    assert shown.pictures.pairs == ()
    with qtbot.waitSignal(shown.pictures.arrived):
        shown.panel.show()
    assert len(shown.pictures.pairs or ()) == 6


def test_images_that_cannot_be_read_are_not_shown_undone(qtbot: QtBot, shown: Shown) -> None:
    shown.reader.broken = frozenset(range(18, 24))
    with qtbot.waitSignal(shown.pictures.arrived):
        shown.find([inverted("test")])
    strip = shown.panel.detail.undoing
    assert strip.now.toolTip() == "No image could be shown with it undone."
    assert not strip.before.isVisible()


def test_an_audit_kept_by_an_old_version_has_no_words_for_its_effect(shown: Shown) -> None:
    old = message("imbalance:train")
    del old["effect_in_words"]
    shown.find([old])
    assert shown.panel.detail.measured.text() == "sure to 90%"


def test_what_was_remedied_before_a_restart_is_said_though_labels_are_others_now(
    shown: Shown,
) -> None:
    found = swap("test", {"cat": "dog", "dog": "cat"})
    then = report(shown.review.given, [found, message("blur:test")])
    then.labels[18:] = CHANGED_SINCE
    shown.state.recall(then, [Recheck(found["id"], Outcome.GONE)])
    assert [line.startswith("Gone  ") for line in shown.lines()] == [True, False]
    assert shown.panel.detail.came_of.text().startswith("Applied, and it is gone")
    assert not shown.panel.detail.foreseen.isVisible()
