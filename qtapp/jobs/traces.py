"""How one image fared epoch by epoch, read from the run that is shown."""

from __future__ import annotations

from pathlib import Path

from models.data.runs import EpochTraces
from models.types import LabelVector, Scores
from qtapp.state.scores import ScoreState
from qtapp.state.session import SessionState


class Traces:
    """Keeps the files of the run mapped: asking for one image costs microseconds an epoch."""

    def __init__(self, session: SessionState, scores: ScoreState) -> None:
        self._session, self._scores = session, scores
        self._traces: EpochTraces | None = None

    def of(self, sample_id: int) -> tuple[Scores, LabelVector]:
        """(epochs,) probability of the trained label, and predicted class."""
        runs_dir = Path(self._session.project_path) / "runs"
        wanted = (runs_dir, self._scores.run)
        if self._traces is None or self._traces.source != wanted:
            self._traces = EpochTraces(*wanted)
        return self._traces.of(sample_id)
