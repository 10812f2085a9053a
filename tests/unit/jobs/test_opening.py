"""What is opened is handed over, or closed."""

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
    for event in changing(project, lambda known: done.append("changed")):
        if isinstance(event, ReadyToShow):
            event.review.close()
            done.append("open")
    assert done == ["changed", project, "open"]
