"""What is opened is handed over, or closed."""

from models.opening import open_review, request_for
from qtapp.jobs.opening import ReadyToShow, opening
from tests.helpers.sources import images, labels, npz


def test_a_review_that_nobody_took_gives_its_lock_back(tmp_path):
    source = npz(tmp_path / "tiny.npz", images=images(12), labels=labels(12))
    events = opening(request_for(source.paths))
    for event in events:
        if isinstance(event, ReadyToShow):
            events.close()
    open_review(request_for(source.paths)).close()
