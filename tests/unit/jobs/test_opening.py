"""What is opened is handed over, or closed."""

import json
from contextlib import closing

from models.opening import open_review, request_for
from models.types import Finished
from qtapp.jobs import opening as opening_job
from qtapp.jobs.opening import ReadyToShow, changing, opening
from tests.helpers.sources import images, labels, npz


def test_a_review_that_nobody_took_gives_its_lock_back(tmp_path):
    source = npz(tmp_path / "tiny.npz", images=images(12), labels=labels(12))
    events = opening(request_for(source.paths))
    for event in events:
        if isinstance(event, ReadyToShow):
            events.close()
    open_review(request_for(source.paths)).close()


def test_what_is_changed_of_a_project_is_published_before_it_opens_again(tmp_path, monkeypatch):
    source = npz(tmp_path / "tiny.npz", images=images(12), labels=labels(12))
    review = open_review(request_for(source.paths))
    project = str(review.project.path)
    review.close()
    done = []
    monkeypatch.setattr(
        opening_job, "fold", lambda path: iter([done.append(str(path)) or Finished({})])
    )
    for event in changing(project, [lambda known: done.append("changed")]):
        if isinstance(event, ReadyToShow):
            event.review.close()
            done.append("open")
    assert done == ["changed", project, "open"]


def test_settings_of_another_kind_than_they_are_do_not_keep_a_project_closed(tmp_path):
    source = npz(tmp_path / "tiny.npz", images=images(12), labels=labels(12))
    review = open_review(request_for(source.paths))
    review.close()
    damaged = {"run": "newest", "thumb_px": None, "advance": 1, "layout": 5, "queries": 7}
    file = review.project.path / "settings.json"
    file.write_text(json.dumps(damaged))
    with closing(opening(request_for(source.paths))) as events:
        ready = next(event for event in events if isinstance(event, ReadyToShow))
        ready.review.close()
    assert ready.settings == {}
    assert ready.run.started is None
    kept = {"run": 3, "thumb_px": 64, "advance": False, "layout": "AA==", "queries": ["loss > 1"]}
    file.write_text(json.dumps(kept))
    with closing(opening(request_for(source.paths))) as events:
        ready = next(event for event in events if isinstance(event, ReadyToShow))
        ready.review.close()
    assert ready.settings == kept
