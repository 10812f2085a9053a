"""Above the grid: what is shown, in which order, how large."""

from __future__ import annotations

from itertools import chain

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QActionGroup, QResizeEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QMenu,
    QPushButton,
    QSlider,
    QWidget,
)

from models.review.grouping import CLASS, CLUSTER, COPIES, GROUP_KEYS, PAIR, SPLIT
from models.review.ordering import LABELLING, LEARNED, SIMILAR, SORT_KEYS, Arrangement
from qtapp.commands.registry import Registry
from qtapp.state.clusters import ClusterState
from qtapp.state.labels import LabelState
from qtapp.state.learning import LearningState
from qtapp.state.ordering import OrderState
from qtapp.state.scores import ScoreState
from qtapp.state.selection import SelectionState
from qtapp.state.session import SessionState
from qtapp.state.view import THUMB_SIZES_PX, ViewState
from qtapp.views import theme as look
from qtapp.views.cluster_menu import ClusterMenu, ClusterProgress
from qtapp.views.parts import CommandButton, icon_last
from qtapp.views.theme import Theme

TABS = ("all", "filtered", "selected")


class OrderBar(QWidget):
    """Tabs with counts, the offer of a newer order, the sort menu, the tile size."""

    def __init__(
        self,
        session: SessionState,
        labels: LabelState,
        scores: ScoreState,
        order: OrderState,
        selection: SelectionState,
        view: ViewState,
        learning: LearningState,
        clusters: ClusterState,
        registry: Registry,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._order = session, order
        self._selection, self._view, self._learning = selection, view, learning
        self._theme = theme
        self.setProperty("bar", True)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.tabs = {name: self._tab(name) for name in TABS}
        self.offer = self._make_offer(registry)
        self.back = CommandButton(registry, "look.before_similar", theme, text=self.tr("Back"))
        self.montage = self._make_montage(registry)
        self.clustering = ClusterProgress(clusters)
        self.clusters = ClusterMenu(labels, scores, order, clusters, self)
        self.group_button = QPushButton()
        self.group_button.setMenu(self._make_group_menu())
        self.group_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.sort_button = QPushButton()
        self.sort_button.setMenu(self._make_sort_menu())
        self.sort_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.slider = self._make_slider()
        self._small, self._large = QLabel(), QLabel()
        self._lay_out()
        session.changed.connect(self._redraw)
        order.changed.connect(self._redraw)
        order.wanted_changed.connect(self._redraw)
        order.facets_changed.connect(self._redraw)
        order.newer_changed.connect(self._redraw)
        selection.changed.connect(self._redraw)
        view.changed.connect(self._redraw_size)
        learning.changed.connect(self._redraw_learned)
        clusters.changed.connect(self._give_way)
        theme.changed.connect(self._recolour)
        self._recolour()
        self._redraw_learned()
        self._redraw_size()

    # -- building ------------------------------------------------------------------------
    def _tab(self, name: str) -> QPushButton:
        tab = QPushButton()
        tab.setObjectName(name)
        tab.setCheckable(True)
        tab.setProperty("tab", True)
        tab.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        tab.clicked.connect(lambda: self._order.show_tab(name))
        return tab

    def _make_offer(self, registry: Registry) -> QFrame:
        offer = QFrame()
        row = QHBoxLayout(offer)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(look.space_2)
        self._offered = QLabel(self.tr("New order ready"))
        row.addWidget(self._offered)
        apply = CommandButton(registry, "look.new_order", self._theme, text=self.tr("Apply"))
        apply.setProperty("primary", True)
        row.addWidget(apply)
        return offer

    def _make_montage(self, registry: Registry) -> QFrame:
        montage = QFrame()
        row = QHBoxLayout(montage)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(look.space_1)
        another, back = self.tr("Another batch"), self.tr("Back")
        self._another = CommandButton(registry, "look.new_order", self._theme, text=another)
        self._back_to_all = CommandButton(registry, "look.grid", self._theme, text=back)
        row.addWidget(self._another)
        row.addWidget(self._back_to_all)
        return montage

    def _make_group_menu(self) -> QMenu:
        menu = QMenu(self)
        self._group_actions: dict[str, QAction] = {}
        group = QActionGroup(menu)
        group.setExclusionPolicy(QActionGroup.ExclusionPolicy.ExclusiveOptional)  # see ClusterMenu
        for key in ("", *GROUP_KEYS):
            if key == CLUSTER:
                menu.addMenu(self.clusters)
                continue
            action = QAction(self._group_name(key), menu)
            action.setCheckable(True)
            action.setData(key)
            group.addAction(action)
            self._group_actions[key] = action
            menu.addAction(action)
        group.triggered.connect(self._group)
        return menu

    def _make_sort_menu(self) -> QMenu:
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        self._sort_actions: dict[str, QAction] = {}
        group = QActionGroup(menu)
        for key in (SIMILAR, *SORT_KEYS):
            action = QAction(self._sort_name(key), menu)
            action.setCheckable(True)
            action.setData(key)
            group.addAction(action)
            self._sort_actions[key] = action
            menu.addAction(action)
        group.triggered.connect(self._sort)
        menu.addSeparator()
        self.reverse = menu.addAction(self.tr("Reverse"))
        self.reverse.setCheckable(True)
        self.reverse.triggered.connect(self._turn)
        return menu

    def _make_slider(self) -> QSlider:
        slider = QSlider(Qt.Orientation.Horizontal)
        slider.setRange(0, len(THUMB_SIZES_PX) - 1)
        slider.setPageStep(1)
        slider.setFixedWidth(84)
        slider.setAccessibleName(self.tr("Tile size"))
        slider.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        slider.valueChanged.connect(lambda at: self._view.set_thumb_px(THUMB_SIZES_PX[at]))
        return slider

    def _lay_out(self) -> None:
        group = QButtonGroup(self)
        group.setExclusive(True)
        row = QHBoxLayout(self)
        row.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)  # see _give_way
        row.setContentsMargins(look.space_2, look.space_1 + 2, look.space_3, look.space_1 + 2)
        row.setSpacing(look.space_1)
        for tab in self.tabs.values():
            group.addButton(tab)
            row.addWidget(tab)
        row.addStretch(1)
        row.addWidget(self.offer)
        row.addSpacing(look.space_2)
        row.addWidget(self.back)
        row.addWidget(self.montage)
        row.addWidget(self.clustering)
        row.addWidget(self.group_button)
        row.addWidget(self.sort_button)
        row.addSpacing(look.space_2)
        for widget in (self._small, self.slider, self._large):
            row.addWidget(widget)

    def minimumSizeHint(self) -> QSize:
        """What never gives way."""
        kept = [tab for tab in self.tabs.values() if tab.isEnabled()]
        hints = [part.sizeHint().width() for part in (*kept, self.group_button, self.sort_button)]
        gaps = (len(hints) + 1) * look.space_1 + 3 * look.space_3
        return QSize(sum(hints) + gaps, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._give_way()

    def _give_way(self) -> None:
        """In a narrow bar what a key does as well, or another part says, makes room."""
        unusable = [tab for tab in self.tabs.values() if not tab.isEnabled()]
        spare = (
            (self._offered,),
            unusable,
            (self._small, self.slider, self._large),
            (self._back_to_all,),
        )
        for widget in chain(self.tabs.values(), *spare):
            widget.show()
        for widgets in spare:
            if self.sizeHint().width() > self.width():
                for widget in widgets:
                    widget.hide()

    # -- asking --------------------------------------------------------------------------
    def _sort(self, action: QAction) -> None:
        self._order.sort_by(action.data(), reverse=self._order.wanted.reverse)

    def _group(self, action: QAction) -> None:
        self._order.group_by(action.data() if action.isChecked() else "")
        self._redraw()

    def _turn(self, reverse: bool) -> None:
        self._order.sort_by(self._order.wanted.sort_by, reverse=reverse)

    # -- showing -------------------------------------------------------------------------
    def _redraw(self) -> None:
        wanted = self._order.wanted
        n = self._session.info.n if self._session.info else 0
        filtering = not wanted.filters.is_empty
        n_filtered = self._order.facets.n_filtered if self._order.facets and filtering else n
        n_selected = int(np.count_nonzero(self._selection.of_grid))
        for name, title, count, usable in (
            ("all", self.tr("All {:,}"), n, True),
            ("filtered", self.tr("Filtered {:,}"), n_filtered, filtering),
            ("selected", self.tr("Selected {:,}"), n_selected, n_selected),
        ):
            tab = self.tabs[name]
            shown = name == wanted.tab
            tab.setText(title.format(count))
            tab.setChecked(shown)
            tab.setEnabled(bool(usable) or shown)
        self.offer.setVisible(self._order.has_newer)
        learned = wanted.sort_by == LEARNED
        # Without a learned order the suspicion stands in for it; the tooltip says why.
        as_suspicion = learned and not self._learning.has_order
        name = self._sort_name("suspicion" if as_suspicion else wanted.sort_by)
        self.sort_button.setToolTip(self._learning.reason if learned else "")
        arrow = " ↑" if wanted.reverse else ""
        self.sort_button.setText(self.tr("Sort: {}").format(name) + arrow)
        counted = self._order.facets.histograms if self._order.facets else {}
        offered = LABELLING in counted or wanted.sort_by == LABELLING
        self._sort_actions[LABELLING].setVisible(offered)
        similar = wanted.sort_by == SIMILAR
        self._sort_actions[SIMILAR].setVisible(similar)
        self._sort_actions[SIMILAR].setText(self._sort_name(SIMILAR))
        self.back.setVisible(similar)
        self._sort_actions[wanted.sort_by].setChecked(True)
        self.reverse.setChecked(wanted.reverse)
        self._redraw_groups(wanted)

    def _redraw_groups(self, wanted: Arrangement) -> None:
        """How the rows are grouped, and whether they are a random sample or a list."""
        grouped = self.tr("Group: {}").format(self._group_name(wanted.grouping))
        self.group_button.setText(grouped if wanted.grouping else self.tr("Group"))
        self.group_button.setAccessibleName(grouped)
        for key, action in self._group_actions.items():
            action.setChecked(key == wanted.group_by)
        self.montage.setVisible(wanted.sample is not None or bool(wanted.listed))
        self._another.setVisible(wanted.sample is not None)
        if wanted.listed:
            self.offer.hide()
            self.sort_button.setText(self.tr("Finding: {:,}").format(len(wanted.listed)))
        elif wanted.sample is not None:
            self.offer.hide()
            batch = self.tr("Random: batch {}").format(wanted.sample.batch + 1)
            self.sort_button.setText(batch)
        self._give_way()

    def _redraw_learned(self) -> None:
        entry, lessons = self._sort_actions[LEARNED], self._learning.lessons
        entry.setEnabled(self._learning.has_order)
        entry.setToolTip("\n".join([self._learning.reason, *lessons]))
        self._redraw()

    def _redraw_size(self) -> None:
        self.slider.setValue(THUMB_SIZES_PX.index(self._view.thumb_px))
        self.slider.setToolTip(self.tr("Tiles of {} px").format(self._view.thumb_px))

    def _recolour(self) -> None:
        for button in (self.group_button, self.sort_button):
            button.setIcon(self._theme.icon("chevron"))
            icon_last(button)
        ratio = self.devicePixelRatioF()
        self._small.setPixmap(self._theme.pixmap("tiles_small", "text_muted", 16, ratio))
        self._large.setPixmap(self._theme.pixmap("tiles_large", "text_muted", 16, ratio))

    def _group_name(self, key: str) -> str:
        return {
            CLASS: self.tr("Class"),
            PAIR: self.tr("Confusion"),
            COPIES: self.tr("Copies"),
            SPLIT: self.tr("Split"),
            CLUSTER: self.tr("Cluster"),
        }.get(key, self.tr("None"))

    def _sort_name(self, key: str) -> str:
        return {
            SIMILAR: self.tr("Like #{}").format(self._order.wanted.similar_to),
            "suspicion": self.tr("Suspicion"),
            LEARNED: self.tr("Learned"),
            LABELLING: self.tr("Labelling order"),
            "loss": self.tr("Loss"),
            "confidence": self.tr("Confidence"),
            "margin": self.tr("Margin"),
            "anomaly": self.tr("Anomaly"),
        }.get(key, self.tr("Source order"))
