"""The page of experiments without a browser: asking, watching, stopping, taking along, and what can go wrong."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from lenet import experiments, runs
from lenet.common import paths
from lenet.experiments import Experiment, Variation, control, store
from lenet.experiments.engines import cluster
from lenet.experiments.engines.cluster import Cluster
from lenet.experiments.questions import QUESTIONS
from lenet.experiments.store import Stored
from lenet.runs.configuration import CLASSIC, MODERN
from pages.parts.experiment_choice import NOT_YET
from tests.helpers.experiments import TINY, asked, finish, written
from tests.helpers.made import known_speed, own_runs, set_status, set_worker
from tests.helpers.pages import button, charts, lines, mounted, open_page, progress, said, scene_of, url, words
from tests.helpers.visitors import ANN, BOB, acting_as

pytestmark = pytest.mark.usefixtures("router")

SMALL = {"seeds": "2", "run_epochs": "1", "run_data": "sample"}


def page(**query: str) -> AppTest:
    return open_page("experiments", **query)


def made(name: str = "mine", owner: str = "", seeds: int = 3, **changes: Any) -> Experiment:
    """An experiment that has finished: relu is two points better in each seed."""
    experiment = asked(id=name, seeds=seeds, created=1.0, **changes)
    ids = {}
    for arm, seed in experiment.runs():
        ids[arm, seed] = f"{name}-{arm}-{seed}"
        written(experiment.config(arm, seed), ids[arm, seed], accuracy=0.5 + 0.02 * arm + 0.001 * seed * (1 + arm))
    store.save(Stored(experiment, ids, owner=owner, by_workers=True))
    return experiment


# -- what is shown -----------------------------------------------------------------------------------------------------


def test_first_view_is_the_answer_that_came_with_the_app() -> None:
    at = page()
    assert not at.exception and said(at) == []
    assert "relu is 4.0 points better than sigmoid, 3.7 to 4.3 (95% interval), in 16 of 16 seeds." in plain(at)
    assert len(at.get("plotly_chart")) == 2, "the strip of seeds, and the curves"
    assert not at.get("progress"), "nothing is to come"
    assert at.selectbox(key="question").value == "activation"
    assert [b.label for b in at.button] == ["Start"], "what came with the app cannot be changed"
    shipped = experiments.find("reference-activation").experiment
    assert (at.slider(key="seeds").value, at.slider(key="run_epochs").value) == (shipped.seeds, shipped.base.epochs)


def plain(at: AppTest) -> str:
    """The running text of the page without the links of its terms."""
    return re.sub(r"\[([^]]*)\]\(#[^)]*\)", r"\1", words(at))


@pytest.mark.parametrize("panel", ["curves", "differences", "kernels", "runs", "files"])
def test_each_tab_of_the_answer_that_came_with_the_app(panel: str) -> None:
    at = page(panel=panel)
    assert not at.exception and said(at) == []
    assert len(at.get("plotly_chart")) == {"runs": 1, "files": 1, "kernels": 3}.get(panel, 2)
    if panel == "runs":
        (table,) = at.dataframe
        assert len(table.value) == 32
        assert "best: 89.5% (seed 1)" in plain(at)
        assert not at.get("page_link"), "its runs are not here"
    if panel == "files":
        report, command = lines(at)
        assert report.startswith("LeNet (classic, optimizer adam" if "optimizer" in report else "LeNet (classic")
        assert "sigmoid, relu" in report and "3.7 to 4.3 (95% interval)" in report and "Student’s t" in report
        assert command.startswith("python -m lenet.experiment --vary activation=sigmoid,relu")
        assert len(at.get("download_button")) == 4


def test_the_first_question_is_the_one_that_the_app_came_with_an_answer_to() -> None:
    at = page(question="activation", experiment=NOT_YET)
    shipped = experiments.find("reference-activation").experiment
    assert at.selectbox(key="experiment").value == shipped.id
    at.slider(key="seeds").set_value(16).run()
    at.slider(key="run_epochs").set_value(shipped.base.epochs).run()
    button(at, "Start").click().run()
    (begun,) = [known for known in experiments.list_experiments() if not known.is_reference]
    same = replace(shipped, base=replace(shipped.base, device="auto", data="auto", dataset="auto"))
    assert begun.experiment.same_question(same)


def test_best_median_and_worst_are_one_click_away() -> None:
    made()
    at = page(experiment="mine", panel="runs")
    assert not at.exception and said(at) == []
    links = [(link.proto.label, link.proto.query_string) for link in at.get("page_link")]
    assert [label for label, _query in links] == ["Curve", "Kernels"] * 6
    assert [query for _label, query in links][::2] == [
        f"run=mine-{arm}-{seed}" for arm in (0, 1) for seed in (2, 1, 0)
    ]


def test_a_run_that_failed_is_named_and_can_be_tried_again() -> None:
    experiment = made()
    set_status(runs.find("mine-1-2"), state="failed", code="diverged", params={"loss": "nan", "epoch": 1})
    (runs.find("mine-1-2").path / "metrics.csv").unlink()
    at = page(experiment=experiment.id, panel="runs")
    assert progress(at) == "5 of 6 runs finished · 1 failed"
    assert "Not counted: seed 2 of relu, which failed." in plain(at)
    assert "The loss became nan in epoch 1" in str(at.dataframe[0].value)
    button(at, "Go on").click().run()
    assert runs.find("mine-1-2").status().state == "queued"


# -- asking ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("question", [key for key in QUESTIONS if key != "activation"])
def test_a_question_that_nobody_has_asked_shows_its_arms(question: str) -> None:
    at = page(question=question)
    assert not at.exception and said(at) == []
    assert at.selectbox(key="experiment").value == NOT_YET
    (chart,) = charts(at)
    arms = [note["text"] for note in chart["layout"]["annotations"]]
    vary = QUESTIONS[question].vary
    assert len(arms) == (len(vary[0].values) if vary else 1)
    assert f"0 of {QUESTIONS[question].seeds} runs" in arms[0]


def test_start_queues_the_runs_and_shows_how_they_answer(no_processes: list[tuple[str, ...]]) -> None:
    at = page(question="pooling", **SMALL)
    assert "2 arms × 2 seeds = 4 runs" in plain(at)
    button(at, "Start").click().run()
    assert not at.exception and said(at) == []
    assert ("lenet.worker",) in no_processes
    (begun,) = [known for known in experiments.list_experiments() if not known.is_reference]
    assert url(at)["experiment"] == begun.experiment.id and begun.experiment.question == "pooling"
    configs = [run.config for run in own_runs()]
    assert sorted((c.model.pooling, c.seed) for c in configs) == [("avg", 0), ("avg", 1), ("max", 0), ("max", 1)]
    assert all((c.recipe, c.epochs, c.data, c.threads) == ("modern", 1, "sample", 1) for c in configs)
    assert progress(at) == "0 of 4 runs finished · the trainer is starting …"
    for run in own_runs():
        if run.config.seed == 0:
            finish(run, 0.7 if run.config.model.pooling == "max" else 0.6)
    at.run()
    assert progress(at).startswith("2 of 4 runs finished") and "about" in progress(at)
    assert "One seed cannot tell pool max from pool avg: 70.0% and 60.0%." in plain(at)
    button(at, "Stop").click().run()
    assert [run.status().state for run in own_runs() if run.config.seed == 1] == ["stopped"] * 2
    assert progress(at) == "2 of 4 runs finished · stopped"
    button(at, "Go on").click().run()
    assert [run.status().state for run in own_runs() if run.config.seed == 1] == ["queued"] * 2


def test_start_on_a_cluster_shows_what_its_process_says(
    no_processes: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process of its own has the runs trained; no worker is started for them."""
    monkeypatch.setenv("RAY_ADDRESS", "10.0.0.1:6379")
    monkeypatch.setattr(cluster, "describe", lambda: Cluster("10.0.0.1:6379", time.time(), nodes=3, cpus=2.0))
    at = page(question="pooling", engine="ray", **SMALL)
    assert "a cluster of 3 nodes with 2 CPUs" in plain(at)
    button(at, "Start").click().run()
    assert not at.exception and said(at) == []
    (begun,) = [known.experiment for known in experiments.list_experiments() if not known.is_reference]
    assert no_processes == [("lenet.experiment", "--id", begun.id, "--engine", "ray")]
    assert "the trainer is starting" in progress(at) and button(at, "Stop")
    log = control.driver(begun.id).folder / "log"
    log.write_text("4 runs wait for a node of the cluster to be free\n")
    with control.driving(begun.id):
        at.run()
        assert "says: 4 runs wait for a node of the cluster to be free" in plain(at) and button(at, "Stop")
    log.write_text("There is no cluster at 10.0.0.1:6379\n")
    at.run()
    assert "says: There is no cluster at 10.0.0.1:6379" in plain(at) and button(at, "Go on")
    assert len(no_processes) == 1


def test_live_points_come_to_the_chart_that_is_there_already() -> None:
    at = page(question="pooling", **SMALL)
    button(at, "Start").click().run()
    (live,) = [scene for scene in map(scene_of, mounted(at)) if "chart" in scene]
    assert live["chart"] == "answer" and live["traces"] is not None and live["annotations"]


def test_who_asks_the_same_again_is_shown_the_answer() -> None:
    experiment = made(base=replace(TINY, device="auto", data="auto"), seeds=2)
    at = page(experiment=experiment.id)
    assert at.selectbox(key="question").value == "own"
    assert [at.session_state[key] for key in ("vary", "values", "vary2", "seeds")] == [
        "model.activation", "sigmoid, relu", "none", 2,
    ]  # fmt: skip


def test_seeds_are_added_and_what_that_does_is_said() -> None:
    made()
    at = page(experiment="mine")
    at.session_state["add_seeds"] = True  # its popover is opened
    at.run()
    assert not at.exception
    assert "With 8 more seeds the interval would be about" in plain(at)
    at.slider(key="more_seeds").set_value(2).run()
    button(at, "Train 4 more runs").click().run()
    assert experiments.find("mine").experiment.seeds == 5
    assert progress(at).startswith("6 of 10 runs finished")
    assert at.slider(key="seeds").value == 5 and at.query_params["seeds"] == "5", "the controls ask for as many"


def test_what_is_trained_already_is_not_counted_again() -> None:
    known_speed()
    set_worker(device="cpu", device_name="CPU × 1")
    at = page(question="lr", **SMALL)
    assert re.search(r"4 arms × 2 seeds = 8 runs · about .* on this machine, \d at a time", plain(at))
    config = replace(CLASSIC, lr=0.3, epochs=1, data="sample", threads=1)
    finish(runs.create(config, "there"), 0.5)
    at.run()
    assert "8 runs · 1 of them trained already" in plain(at)


# -- a question of the reader's own ------------------------------------------------------------------------------------


def test_a_link_holds_the_readers_own_question() -> None:
    query = {
        "question": "own", "vary": "lr", "values": "0,1; 0.3", "vary2": "model.channels", "values2": "3-16, 6-16",
        "run_recipe": "modern", **SMALL,
    }  # fmt: skip
    at = page(**query)
    assert not at.exception and said(at) == []
    assert "4 arms × 2 seeds = 8 runs" in plain(at)
    button(at, "Start").click().run()
    (begun,) = [known for known in experiments.list_experiments() if not known.is_reference]
    assert begun.experiment.vary == (
        Variation("lr", (0.1, 0.3)),
        Variation("model.channels", ((3, 16), (6, 16))),
    )
    assert begun.experiment.base == replace(MODERN, epochs=1, data="sample", threads=1)
    assert {k: v for k, v in url(at).items() if k in query} | {"vary": "lr"} == query, "which is what it begins with"


def test_another_setting_comes_with_values_of_its_own() -> None:
    at = page(question="own")
    assert at.text_input(key="values of lr").value == "0.3, 0.9"
    at.selectbox(key="vary").set_value("optimizer").run()
    assert at.multiselect(key="values of optimizer").value == ["sgd", "adam"]
    at.multiselect(key="values of optimizer").set_value(["adam", "muon"]).run()
    assert url(at)["values"] == "adam, muon" and not at.exception
    at.selectbox(key="vary").set_value("none").run()
    assert "values" not in url(at) and "4 runs" in plain(at)


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"experiment": "../x"}, "“../x” cannot be the name of an experiment"),
        ({"experiment": "gone"}, "There is no experiment called “gone” here."),
        ({"question": "zz"}, "question must be one of activation, "),
        ({"vary": "zz"}, "vary must be one of none, "),
        ({"seeds": "0"}, "seeds must lie between 1 and 32; it is 0."),
        ({"seeds": "1e99"}, "seeds must lie between 1 and 32"),
        ({"run_epochs": "many"}, "run_epochs must be a number, not many."),
        ({"run_recipe": "mine"}, "run_recipe must be one of classic, modern, sprint; it is mine."),
        ({"run_data": "all"}, "run_data must be one of "),
        ({"panel": "zz"}, "panel must be one of curves, "),
        ({"question": "own", "values": "0.1, fast"}, "Learning rate must be a number, not fast."),
        ({"question": "own", "values": "0.3"}, ""),
        ({"question": "own", "values": "0.3, 0.30"}, ""),
        ({"question": "own", "values": ""}, "values in the link has no value"),
        ({"question": "own", "values": "1,2,3,4,5,6,7,8,9," * 30}, ""),
        ({"question": "own", "vary": "model.channels", "values": "6-x"}, "Channels of the convolutions must be a "),
        ({"question": "own", "vary": "model.kernel_size", "values": "15-15"}, "cannot be built"),
        ({"question": "own", "vary": "model.hidden", "values": "4096-4096"}, "This network is too large for the app"),
        ({"question": "own", "vary": "warmup", "values": "0, 0.1"}, "train the same network in the same way"),
        ({"question": "own", "vary": "lr", "vary2": "lr"}, "vary2 must be one of none, "),
        ({"question": "own", "vary": "model.activation", "values": "relu, swish"}, "Activation must be one of"),
    ],
)
def test_a_link_that_cannot_be_used_is_answered_with_a_sentence(query: dict[str, str], sentence: str) -> None:
    at = page(**query)
    assert not at.exception
    assert any(sentence in told for told in said(at)) if sentence else True, said(at)
    button(at, "Start").click().run()
    assert not at.exception


def test_what_cannot_be_read_begins_nothing() -> None:
    at = page(question="own", values="0.1, fast")
    button(at, "Start").click().run()
    assert said(at).count("Learning rate must be a number, not fast.") == 1, "Start does not say it again"
    assert own_runs() == [] and not (paths.runs_dir() / "experiments").exists()


def test_ten_thousand_runs_are_refused() -> None:
    at = page(question="own", values=", ".join(str(n / 100) for n in range(1, 41)), seeds="250")
    assert any("This experiment would have 10000 runs: at most 2000" in told for told in said(at))


def test_the_question_turns_with_the_experiment_and_back() -> None:
    made(question="activation")
    at = page()
    assert at.selectbox(key="experiment").value == "mine", "the reader's newest"
    at.selectbox(key="question").set_value("pooling").run()
    assert at.selectbox(key="experiment").value == NOT_YET
    at.selectbox(key="question").set_value("activation").run()
    assert at.selectbox(key="experiment").value == "mine"
    at.selectbox(key="experiment").set_value("reference-activation").run()
    assert at.slider(key="seeds").value == 16 and not at.exception


def test_a_damaged_experiment_is_left_out_and_told_to_who_asks_for_it() -> None:
    made()
    store.file_of("mine").write_text("{")
    assert said(page()) == []
    (sentence,) = said(page(experiment="mine"))
    assert sentence.startswith("The experiment “mine” cannot be read")


# -- a public server ---------------------------------------------------------------------------------------------------


@pytest.fixture
def two(hosted: None) -> Iterator[None]:
    """Ann has an experiment on a public server."""
    made("anns", owner=ANN.owner)
    yield


@pytest.mark.usefixtures("two")
def test_visitors_see_each_others_experiments_by_link_and_change_only_their_own() -> None:
    with acting_as(BOB):
        at = page()
        assert at.selectbox(key="experiment").options == [
            "Sigmoid or ReLU? · classic, adam, lr 0.005, momentum 0.9, 16 seeds (came with the app)",
            "not asked yet",
        ]
        at = page(experiment="anns")
        assert not at.exception and said(at) == []
        assert "relu is 2.1 points better than sigmoid" in plain(at)
        assert [b.label for b in at.button] == ["Start"] and not at.get("popover")
    with acting_as(ANN):
        at = page(experiment="anns")
        assert not at.exception and len(at.selectbox(key="experiment").options) == 3


@pytest.mark.usefixtures("two")
def test_a_visitors_runs_are_queued_within_their_limits() -> None:
    with acting_as(BOB):
        at = page(question="lr", **SMALL)
        assert "your runs in the queue: 0 of 3" in plain(at)
        button(at, "Start").click().run()
        assert not at.exception
        assert sum(run.status().state == "queued" for run in own_runs()) == 3
        assert "Not all runs are in the queue yet; the others follow by themselves." in plain(at)
        first = next(run for run in own_runs() if run.status().state == "queued")
        finish(first, 0.5)
        at.run()
        assert sum(run.status().state == "queued" for run in own_runs()) == 3
        at = page(question="lr", seeds="32", run_epochs="1", run_data="sample")
        button(at, "Start").click().run()
        assert "An experiment has at most 64 runs on this server; this one would have 128." in said(at)
