"""Clusters of a run's embedding, made by the child once and kept beside the run."""

import numpy as np
import pytest

from models.clustering import clustering
from models.data.clusters import kept_clusters
from models.errors import DatasetError
from models.processes.clustering import ClusterRequest, find_clusters
from models.types import Clustered, Progress
from tests.helpers.projects import GIVEN, N_CLASSES, N_SAMPLES, add_scores, small_project

UNSEEN = 7


@pytest.fixture
def request_for(tmp_path):
    project = small_project(tmp_path)
    embedding = np.random.default_rng(0).normal(size=(N_SAMPLES, 6)).astype(np.float32)
    embedding[np.arange(N_SAMPLES), GIVEN] += 20
    embedding[UNSEEN] = np.nan
    add_scores(project, GIVEN, N_CLASSES, embedding=embedding)

    def make(**wanted):
        asked = {"project": project, "n": N_SAMPLES, "run": 1, "epoch": 1, "wanted": 3}
        return ClusterRequest(**{**asked, **wanted})

    return make


def test_images_of_a_class_are_a_cluster_and_an_unseen_one_is_in_none(request_for):
    *steps, made = clustering(request_for())
    assert all(isinstance(step, Progress) for step in steps)
    assert made.numbers[UNSEEN] == 0
    seen = np.arange(N_SAMPLES) != UNSEEN
    pairs = set(zip(GIVEN[seen].tolist(), made.numbers[seen].tolist(), strict=True))
    assert len(pairs) == 3
    assert np.bincount(made.numbers)[1:].tolist() == [4, 4, 3]


def test_they_are_made_once_for_each_epoch_and_number(request_for):
    request = request_for()
    (made,) = [step for step in find_clusters(request) if isinstance(step, Clustered)]
    (kept,) = find_clusters(request)  # no child tells its progress
    assert np.array_equal(kept.numbers, made.numbers)
    for other in (request_for(epoch=2), request_for(wanted=4), request_for(n=5)):
        about = (other.project, other.run, other.epoch, other.wanted, other.n)
        assert kept_clusters(*about) is None


def test_a_run_without_an_embedding_says_so(request_for):
    with pytest.raises(DatasetError, match="no embedding"):
        list(clustering(request_for(n=N_SAMPLES + 1)))
