"""The trainer child and its supervisor."""

from __future__ import annotations



@pytest.fixture
def request_of_a_file(tmp_path: Path) -> TrainRequest:
    images, labels = bars()
    np.savez(tmp_path / "bars.npz", images=np.stack(images), labels=labels)
    project = tmp_path / "bars.winnow"
    (project / "runs").mkdir(parents=True)
    return TrainRequest(
        project=project,
        source=OpenRequest((str(tmp_path / "bars.npz"),)).to_message(),
        labels=labels,
        included=np.ones(len(labels), bool),
        class_names=("0", "1", "2"),
        config={**FAST, "epochs": 100_000},
    )


def test_a_request_crosses_the_pipe(request_of_a_file: TrainRequest) -> None:
    assert TrainRequest.from_message(request_of_a_file.to_message()) == request_of_a_file


def test_pause_resume_and_finish(request_of_a_file: TrainRequest) -> None:
    controls, phases = Controls(), []
    for event in train(request_of_a_file, controls):
        if isinstance(event, EpochEnded) and event.epoch == 1:
            controls.send("pause")
        if isinstance(event, TrainingProgress):
            phases.append(event.phase)
            if phases.count("paused") == 2:
                controls.send("resume")
                controls.send("finish")
    assert isinstance(event, TrainingEnded)
    runs_dir = request_of_a_file.project / "runs"
    assert run_details(runs_dir, 1)["state"] == "stopped"
    assert load_scores(runs_dir, 1) is not None


def test_a_killed_trainer_is_one_sentence_and_can_go_on(request_of_a_file: TrainRequest) -> None:
    with pytest.raises(ChildDied, match="SIGKILL"):
        for event in train(request_of_a_file):
            if isinstance(event, ScoresReady):
                _kill_trainer()
    (summary,) = list_runs(request_of_a_file.project / "runs")
    assert summary.state == "running"
    assert summary.resumable


def test_closing_the_events_ends_the_trainer_and_its_reader(
    request_of_a_file: TrainRequest,
) -> None:
    events = train(request_of_a_file)
    next(event for event in events if isinstance(event, EpochEnded))
    ours = psutil.Process().children(recursive=True)
    assert ours
    events.close()
    _, alive = psutil.wait_procs(ours, timeout=5)
    assert not alive


def test_what_is_wrong_with_a_request_comes_back_in_words(
    request_of_a_file: TrainRequest,
) -> None:
    request_of_a_file.config["preset"] = "overnight"
    with pytest.raises(TrainingError, match="preset = 'overnight'"):
        list(train(request_of_a_file))


def _kill_trainer() -> None:
    for child in psutil.Process().children():
        if "models.processes.trainer" in child.cmdline():
            os.kill(child.pid, signal.SIGKILL)
