"""The training page without a browser: starting, stopping, comparing, and what can go wrong."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import filelock
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from lenet import data, runs
from lenet.architecture.configuration import LeNetConfig
from lenet.common import files, paths
from lenet.runs import looks, removed, visitors
from lenet.runs.configuration import CLASSIC, MODERN, RunConfig
from lenet.training import tensorboard
from lenet.training.run import train_run
from lenet.ui import visitor as ui_visitor
from lenet.ui.messages import PAGE
from tests.helpers.made import SHORT, finished, known_speed, own_runs, set_status, set_worker
from tests.helpers.pages import app, button, lines, open_page, progress, said, turn_to, typed, url
from tests.helpers.visitors import signed_in

pytestmark = pytest.mark.usefixtures("router")


def page(**query: str) -> AppTest:
    return open_page("training", **query)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A runs directory with one trained run, `done`."""
    folder = tmp_path_factory.mktemp("trained")
    with pytest.MonkeyPatch.context() as m:
        m.setenv("LENET_RUNS_DIR", str(folder))
        train_run(runs.create(SHORT, "done"))
    yield folder


def test_first_view_is_a_finished_run_with_its_curve_and_the_notes_lines() -> None:
    at = page()
    assert not at.exception
    assert said(at) == []
    assert progress(at).startswith("finished · epoch 10 of 10")
    assert len(at.get("plotly_chart")) == 1
    run = runs.find("reference-classic")
    log, parameters = lines(at)
    assert log == "\n".join(run.log_lines())
    assert "0.weight: shape=(6, 1, 5, 5)" in parameters


def test_train_queues_a_run_and_shows_it(no_processes: list[tuple[str, ...]]) -> None:
    at = page(recipe="modern", epochs="3", seed="7")
    button(at, "Train").click().run()
    assert not at.exception
    (run,) = own_runs()
    assert run.config == replace(MODERN, epochs=3, seed=7, dataset=data.DEFAULT)
    assert progress(at) == "waiting · epoch 0 of 3 · the trainer is starting …"
    assert url(at)["run"] == run.id
    assert ("lenet.worker",) in no_processes
    button(at, "Stop").click().run()
    assert run.status().state == "stopped"
    assert progress(at).startswith("stopped")
    button(at, "Resume").click().run()
    assert run.status().state == "queued"


def test_forty_who_press_train_get_one_run() -> None:
    for _visitor in range(3):
        at = page(recipe="modern", epochs="3")
        button(at, "Train").click()
        at.run()
        assert not at.exception
    (run,) = own_runs()
    assert any("exists already" in e.value for e in at.info)
    assert url(at)["run"] == run.id
    button(at, "Train it again").click().run()
    assert len(own_runs()) == 2


def test_every_setting_reaches_the_run_and_changed_ones_are_named() -> None:
    query = {
        "recipe": "modern", "act": "tanh", "pool": "avg", "init": "torch_default", "opt": "sgd", "lr": "0.05",
        "mom": "0.8", "wd": "0.001", "sched": "constant", "warm": "0", "batch": "64", "smooth": "0", "aug": "flip", "muon": "0.1",
    }  # fmt: skip
    at = page(**query)
    assert said(at) == []
    assert any("Learning rate 0.01 → 0.05" in c.value.replace("\\", "") for c in at.caption)
    button(at, "Train").click().run()
    (run,) = own_runs()
    c = run.config
    got = (c.model.activation, c.model.pooling, c.init, c.optimizer, c.lr, c.momentum, c.weight_decay, c.schedule)
    assert got == ("tanh", "avg", "torch_default", "sgd", 0.05, 0.8, 0.001, "constant")
    assert (c.warmup, c.batch_size, c.label_smoothing, c.augment, c.muon_lr) == (0.0, 64, 0.0, "flip", 0.1)
    at.segmented_control(key="recipe").set_value("classic").run()  # another recipe brings its own values
    assert (typed(at, "lr").value, at.selectbox(key="act").value) == ("0.9", "sigmoid")


def test_a_network_from_the_architecture_page_is_trained() -> None:
    model = LeNetConfig(channels=(4, 8), activation="relu", batch_norm=True)
    at = turn_to(app(model=model.to_dict()), "training")
    assert said(at) == []
    assert at.segmented_control(key="recipe").value == "modern"
    link = url(at)["net"]
    button(at, "Train").click().run()
    (run,) = own_runs()
    assert run.config == replace(MODERN, model=model, dataset=data.DEFAULT)
    again = page(net=link, recipe="modern")  # the link brings the same
    assert any("parameters" in c.value for c in again.caption)
    button(again, "Back to the network of the recipe").click().run()
    assert "net" not in again.query_params


@pytest.mark.parametrize(
    "net", ["{", "[]", '{"channels":[0]}', '{"in_channels":3}', '{"x":1}', "[" * 5000, '{"kernel_size":[99,5]}']
)
def test_a_hostile_network_in_the_url_is_one_sentence(net: str) -> None:
    at = page(net=net)
    assert not at.exception
    assert len(said(at)) == 1
    assert len(at.get("plotly_chart")) == 1


@pytest.mark.parametrize("panel", ["result", "gradients", "confusion", "settings", "speed", "runs"])
def test_panels(panel: str, trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LENET_RUNS_DIR", str(trained))
    at = page(run="done", panel=panel, **{"with": "reference-modern"})
    assert not at.exception
    assert said(at) == []
    charts = {"gradients": 2, "confusion": 3}.get(panel, 1)
    assert len(at.get("plotly_chart")) == charts


def test_a_range_of_epochs_is_in_the_link() -> None:
    at = page(view="range")
    assert "span" not in at.query_params  # all of them
    at.slider(key="span").set_value((2, 5)).run()
    assert url(at)["span"] == "2-5"
    again = page(view="range", span="2-5")
    assert again.slider(key="span").value == (2, 5)
    assert said(again) == []
    again.selectbox(key="view").set_value("all").run()
    assert "span" not in again.query_params
    for wrong in ("5-2", "x", "-", "1-99999"):
        at = page(view="range", span=wrong)
        assert not at.exception
        assert said(at) == [f"span must be one of 0-1 … 0-10; it is {wrong}."]
        assert at.slider(key="span").value == (0, 10)


def shown_labels(at: AppTest) -> list[str]:
    return [e.label for e in [*at.text_input, *at.selectbox]]


def test_changed_settings_are_marked_where_they_are_set_and_useless_ones_are_not_shown() -> None:
    at = page(recipe="modern", lr="0.05", batch="64")
    marked = [label for label in shown_labels(at) if "●" in label]
    assert marked == ["Learning rate :primary[●]", "Batch size :primary[●]"]
    typed(at, "lr").set_value("0.01").run()
    assert "Learning rate" in shown_labels(at)
    assert {"Learning rate of Muon", "Warm-up (share of all steps)"} <= set(shown_labels(at))
    typed(at, "muon").set_value("0.05").run()
    at.selectbox(key="opt").set_value("sgd").run()
    assert "Optimiser :primary[●]" in shown_labels(at)
    assert not any("Muon" in label for label in shown_labels(at))
    assert url(at)["muon"] == "0.05"  # for when it is of use again
    at.selectbox(key="sched").set_value("constant").run()
    assert not any("Warm-up" in label for label in shown_labels(at))
    at.selectbox(key="opt").set_value("muon").run()
    assert typed(at, "muon").value == "0.05"


@pytest.mark.parametrize(("key", "value"), [("lr", 1e-8), ("muon", 1e-8), ("lr", 100.0), ("seed", 2**32 - 1)])
def test_whatever_a_stored_run_may_have_can_be_set_again(key: str, value: float) -> None:
    """The page and the files have the same limits."""
    at = page(recipe="modern", **{key: f"{value:.12g}"})
    assert said(at) == []
    assert float(typed(at, key).value) == value


@pytest.mark.parametrize(
    ("written", "meant"),
    [("0.05", 0.05), ("5e-2", 0.05), ("0,05", 0.05), ("０．０５", 0.05), (" .05 ", 0.05), ("", 0.9)],
)
def test_a_number_is_read_as_it_is_written(written: str, meant: float) -> None:
    at = page(lr="0.5")
    typed(at, "lr").set_value(written).run()
    assert said(at) == []
    assert typed(at, "lr").value == written, "nobody writes over what the reader types"
    assert url(at).get("lr") == (None if meant == 0.9 else f"{meant:g}")
    button(at, "Train").click().run()
    (run,) = own_runs()
    assert run.config == replace(CLASSIC, lr=meant, dataset=data.DEFAULT)


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("5000", "must lie between 1e-08 and 100.0; it is 5000."),
        ("0", "must lie between 1e-08 and 100.0; it is 0."),
        ("abc", "must be a number, not abc."),
        ("nan", "must be a number, not nan."),
        ("0.5" + " " * 100 + "x", "must be a number, not 0.5" + " " * 37 + "."),
        ("1,234", "must be one number, but 1,234 can mean 1.234 or 1234: write one of these."),
    ],
)
def test_what_is_no_number_stays_and_train_refuses_it(written: str, problem: str) -> None:
    at = page(lr="0.5")
    typed(at, "lr").set_value(written).run()
    sentence = f"Learning rate {problem}"
    assert said(at) == [sentence]
    written = written if len(written) < 100 else written[:99] + "…"
    assert typed(at, "lr").value == url(at)["lr"] == written
    assert not any("Changed from the recipe" in c.value for c in at.caption)
    button(at, "Train").click().run()
    assert said(at) == [sentence] * 2, "under its field, and under Train"
    assert own_runs() == []

    again = page(**url(at))  # the link opens the same, and names it as the link does
    assert said(again) == [f"lr {problem}"] and typed(again, "lr").value == written
    button(again, "Train").click().run()
    assert own_runs() == []
    typed(again, "lr").set_value("0.5").run()
    assert said(again) == []
    button(again, "Train").click().run()
    assert own_runs()[0].config == replace(CLASSIC, lr=0.5, dataset=data.DEFAULT)


def test_a_bad_number_behind_a_closed_fold_is_refused_all_the_same() -> None:
    at = page(seed="4294967296")
    assert said(at) == ["seed must lie between 0 and 4294967295; it is 4294967296."]
    at.session_state["where"] = False
    at.run()
    assert said(at) == []
    button(at, "Train").click().run()
    assert said(at) == ["seed must lie between 0 and 4294967295; it is 4294967296."]
    assert own_runs() == []


def test_another_recipe_brings_its_numbers_in_place_of_a_bad_one() -> None:
    at = page(lr="abc")
    at.segmented_control(key="recipe").set_value("modern").run()
    assert said(at) == [] and typed(at, "lr").value == "0.01" and "lr" not in url(at)


@pytest.mark.parametrize("key", ["lr", "epochs", "recipe", "device", "run", "seed", "lang", "log", "span"])
def test_a_link_with_nothing_in_it_says_so(key: str) -> None:
    at = page(**{key: ""} | ({"view": "range"} if key == "span" else {}))
    assert not at.exception
    assert said(at) == [f"{key} in the link has no value, so it is ignored."]
    button(at, "Train").click().run()
    assert own_runs()[0].config == replace(CLASSIC, dataset=data.DEFAULT)


def test_an_interrupted_run_says_what_it_is_and_how_it_goes_on() -> None:
    run = runs.create(SHORT, "r")
    files.write_json(run.path / "status.json", {"state": "running", "epoch": 1})
    (sentence,) = [e.value for e in page(run="r").info]
    assert "Its process ended" in sentence
    assert "Resume continues from the last saved step" in sentence
    home = paths.runs_dir() / ".worker"
    home.mkdir(exist_ok=True)
    files.write_json(home / "state.json", {"state": "training", "run": "r", "tries": 1})
    (sentence,) = [e.value for e in page(run="r").info]
    assert "continues it automatically" in sentence


@pytest.mark.parametrize(
    ("panel", "words"),
    [
        ("gradients", "Only the first two runs are drawn: one, two"),
        ("confusion", "Only one run is shown: one · classic, 1 epoch"),
    ],
)
def test_of_several_runs_a_tab_says_which_it_is_about(
    panel: str, words: str, trained: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("one", "two", "three"):
        shutil.copytree(trained / "done", tmp_path / "three" / name)
        (tmp_path / "three" / name / "name").write_text(name)
    monkeypatch.setenv("LENET_RUNS_DIR", str(tmp_path / "three"))
    at = page(run="one", panel=panel, **{"with": "two,three"})
    assert any(words in c.value.replace("\\", "") for c in at.caption)
    chart = at.get("plotly_chart")[1].proto.spec
    assert panel != "gradients" or (
        "one · epoch" in chart and "two · epoch" in chart and "dense 3 (11.weight)" in chart
    )
    alone = page(run="one", panel=panel)
    assert not any(words[:9] in c.value for c in alone.caption)


@pytest.mark.parametrize("view", ["last", "range"])
def test_views(view: str) -> None:
    at = page(view=view)
    assert not at.exception
    assert said(at) == []


def test_a_finished_run_can_be_extended(trained: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    shutil.copytree(trained, tmp_path / "copy")
    monkeypatch.setenv("LENET_RUNS_DIR", str(tmp_path / "copy"))
    at = page(run="done")
    assert button(at, "Extend").help.startswith("1 more epoch.")
    button(at, "Extend").click().run()
    assert progress(at).startswith("waiting")
    assert train_run(runs.find("done")).state == "finished"
    assert runs.find("done").config.epochs == 2


def test_compare_and_log_axis(trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LENET_RUNS_DIR", str(trained))
    at = page(run="done", **{"with": "reference-classic,reference-modern"}, log="true")
    assert said(at) == []
    chart = at.get("plotly_chart")[0].proto
    for words in ("classic, 1 epoch, seed 0", "modern, 10 epochs, seed 1"):
        assert words in chart.spec
    assert '"type":"log"' in chart.spec.replace(" ", "")


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"run": "never"}, "There is no run called “never” here."),
        ({"run": "../../etc/passwd"}, "There is no run called “../../etc/passwd” here."),
        ({"run": "<script>alert(1)</script>"}, "<script>alert(1)</script>"),
        ({"with": "never"}, "never"),
        ({"recipe": "baroque"}, "recipe must be one of classic, modern, sprint; it is baroque."),
        ({"epochs": "1e9"}, "epochs must lie between 1 and 100; it is 1e9."),
        ({"epochs": "ten"}, "epochs must be a number, not ten."),
        ({"seed": "-1"}, "seed"),
        ({"device": "tpu"}, "device"),
        ({"data": "mnist"}, "data"),
    ],
)
def test_wrong_value_in_the_url_is_one_sentence(query: dict[str, str], words: str) -> None:
    at = page(**query)
    assert not at.exception
    (sentence,) = said(at)
    assert words in sentence
    assert len(at.get("plotly_chart")) == 1  # the rest of the page is there


def test_damaged_run_is_one_sentence_and_the_rest_goes_on(trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = runs.create(SHORT, "broken")
    (run.path / "status.json").write_bytes(b"\x80\x04 not json")
    at = page(run="broken")
    assert not at.exception
    assert len(said(at)) == 1
    assert "status.json" in said(at)[0]
    assert button(at, "Train")
    at = page(run="broken", panel="runs")
    assert len(at.dataframe) == 1
    assert any("UnicodeDecodeError" in c.value for c in at.caption)  # the whole of the reason, below the table


def test_failed_run_says_why() -> None:
    run = runs.create(SHORT, "failed")
    files.write_json(run.path / "status.json", {"state": "failed", "code": "disk_full", "params": {"epoch": 3}})
    at = page(run="failed")
    assert "The disk is full: training stopped after epoch 3, which is saved." in said(at)


def test_missing_data_are_said_before_anything_is_queued(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("DEBIAN_DATA_DIR", "DOWNLOAD_DIR"):
        monkeypatch.setattr(paths, name, tmp_path / "nowhere")
    at = page(data="full")
    button(at, "Train").click().run()
    assert not at.exception
    assert any("apt-get install dataset-fashion-mnist" in s for s in said(at))
    assert own_runs() == []


def test_damaged_data_are_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "train-images-idx3-ubyte").write_bytes(bytes((0, 0, 8, 3)) + bytes(12) + b"x" * 5)
    monkeypatch.setenv("LENET_DATA_DIR", str(tmp_path))
    data.load_from.cache_clear()
    run = runs.create(replace(SHORT, data="auto"), "r")
    assert train_run(run).state == "failed"
    at = page(run="r")
    assert not at.exception
    assert any("train-images-idx3-ubyte" in s and "damaged" in s for s in said(at))


def test_runs_folder_that_cannot_be_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("LENET_RUNS_DIR", str(tmp_path / "file"))
    at = page(seed="5")
    button(at, "Train").click().run()
    assert not at.exception
    assert any("cannot be written to" in s for s in said(at))


# -- a public server ---------------------------------------------------------------------------------------------


def visit(browser: str, **query: str) -> AppTest:
    """The page in the browser of `browser`, a hexadecimal digit."""
    return turn_to(app(_ui_visitor_key=browser * 64), "training", **query)


def labels(at: AppTest) -> set[str]:
    return {b.label for b in at.button}


def test_a_stranger_watches_and_cannot_stop(hosted: None) -> None:
    mine = visit("a", recipe="modern")
    button(mine, "Train").click().run()
    (run,) = own_runs()
    assert "Stop" in labels(mine)
    theirs = visit("b", run=run.id)
    assert said(theirs) == []
    assert progress(theirs).startswith("waiting")
    assert not {"Stop", "Pause", "Resume", "Delete"} & labels(theirs)
    assert any("you can watch it" in c.value for c in theirs.caption)
    # What a page drew before does not matter: it is asked again when something is to be changed.
    stop = button(mine, "Stop")
    mine.session_state["_ui_visitor_key"] = "b" * 64
    stop.click().run()
    assert said(mine) == [
        f"The run “{run.id}” can only be changed in the browser that started it, or by the operator of this server."
    ]
    assert run.status().state == "queued"
    with signed_in():
        operator = visit("c", run=run.id)
        button(operator, "Stop").click().run()
    assert run.status().state == "stopped"


def test_the_page_of_a_run_that_made_room_says_so(hosted: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LENET_MAX_RUNS", "1")
    old = finished("old")
    theirs = visit("b", run="old")
    beside = visit("d", run="reference-modern", **{"with": "old,reference-classic"})
    (old.path / "looked-at").unlink()
    beside.run()
    assert looks.looked_at(old), "the page notes that it is being looked at, also beside another one"
    (old.path / "looked-at").unlink()
    theirs.run()
    assert looks.looked_at(old)
    compared = turn_to(app(), "kernels", tab="compare", other="old")
    mine = visit("a")
    button(mine, "Train").click().run()
    assert "old" not in [run.id for run in own_runs()], "it was looked at, but there was no other to go"
    sentence = r"The run “old” was removed to make room for another one, at \d{4}-\d\d-\d\d \d\d:\d\d \(UTC\)\."
    linked = [visit("c", run="old"), turn_to(app(), "kernels", run="old")]
    linked += [turn_to(app(), "kernels", tab="compare", other="old")]
    for at in (theirs.run(), beside.run(), compared.run(), *linked):
        assert not at.exception
        (told,) = said(at)
        assert re.fullmatch(sentence, told)
    assert said(theirs.run()) == [], "once"
    assert said(visit("c", run="never")) == ["There is no run called “never” here."]


def test_an_open_page_notices_by_itself_that_its_run_made_room(hosted: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the part of the page that notes every minute what is looked at."""
    reruns: list[str] = []
    monkeypatch.setattr(st, "rerun", lambda: reruns.append("page"))
    monkeypatch.setattr(ui_visitor, "is_part_alone", lambda: True)
    finished("kept")
    removed.note("gone")
    for looked_at, expected in (("kept", []), ("never", []), ("~upload", []), ("gone", ["page"])):
        monkeypatch.setattr(st, "session_state", {PAGE: "kernels", "run": looked_at})
        ui_visitor._note_look()
        assert reruns == expected, looked_at
    reruns.clear()
    monkeypatch.setattr(st, "session_state", {PAGE: "training", "run": "kept", "with": ["gone"]})
    ui_visitor._note_look()
    assert reruns == ["page"]


def test_a_typed_name_is_for_its_owner_and_the_operator(hosted: None) -> None:
    """Wherever runs are named: list, legend, tables, gallery, the other pages, links and names of downloads."""
    mine = visit("a")
    button(mine, "Train").click().run()
    (run,) = own_runs()
    shutil.copytree(
        paths.REFERENCE_DIR / "classic", run.path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("config.json")
    )
    mine.run()
    mine.text_input(key=f"name {run.id}").input("my-secret").run()
    assert (run.path / "name").read_text() == "my-secret"
    assert "my-secret" not in run.id, "which is in links and in the names of files"

    def drawn(browser: str, page: str, **query: str) -> str:
        at = turn_to(app(_ui_visitor_key=browser * 64), page, **query)
        assert not at.exception and said(at) == []
        return "\n".join(str(element.proto) for element in at._tree if hasattr(element, "proto")) + str(url(at))

    pages = (
        ("training", {"panel": "runs", "with": "reference-classic"}), ("training", {"panel": "gradients"}),
        ("training", {"panel": "settings", "with": "reference-classic"}), ("training", {"panel": "confusion"}),
        ("kernels", {}), ("kernels", {"tab": "compare"}), ("architecture", {"tab": "walk"}), ("architecture", {"tab": "compare"}),
    )  # fmt: skip
    for page, query in pages:
        theirs, own = (drawn(browser, page, run=run.id, **query) for browser in "ba")
        assert "my-secret" not in theirs, (page, query)
        assert "my-secret" in own, (page, query)
    with signed_in():
        assert "my-secret" in drawn("b", "training", run=run.id)
    stranger = visit("b", run=run.id)
    assert stranger.selectbox(key="run").options[0] == f"{run.id[-4:]} · classic, 10 epochs, seed 0"


def test_limits_are_shown_before_and_said_when_hit(hosted: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LENET_MAX_WAITING", "1")
    monkeypatch.setenv("LENET_MAX_EPOCHS", "7")
    at = visit("a")
    assert any("up to 7 epochs per run; your runs in the queue: 0 of 1" in c.value for c in at.caption)
    assert (at.slider(key="epochs").max, at.slider(key="epochs").value) == (7, 7)
    button(at, "Train").click().run()
    at.session_state["where"] = True  # what is folded away is drawn only once it is open
    at.run()
    typed(at, "seed").set_value("5").run()
    button(at, "Train").click().run()
    assert said(at) == ["Your runs in the queue: 1. The limit here is 1: wait for one to begin."]
    assert any("your runs in the queue: 1 of 1" in c.value for c in at.caption)
    assert len(runs.all_facts()) == 1
    (at,) = [visit("b", epochs="100")]
    assert said(at) == ["epochs must lie between 1 and 7; it is 100."]
    button(at, "Train").click().run()  # the same run as the other visitor's
    assert any("exists already" in e.value for e in at.info)
    with signed_in():
        assert not any("On this server" in c.value for c in visit("c").caption)


def test_the_time_that_a_run_takes_is_said_before_and_limited(hosted: None, monkeypatch: pytest.MonkeyPatch) -> None:
    query = {"net": '{"channels":[256,256]}', "recipe": "modern", "data": "sample", "epochs": "30", "batch": "1"}
    at = turn_to(app(_ui_visitor_key="a" * 64), "training", **query)
    assert not any("Takes" in c.value for c in at.caption), "nothing is known of this machine"
    known_speed()
    set_worker(state="idle", device="cpu", device_name="CPU × 1")
    at.run()
    (takes,) = [c.value for c in at.caption if c.value.startswith("Takes about")]
    assert re.fullmatch(r"Takes about \d+–\d+ h on CPU × 1", takes)
    assert any("up to 30 min of training" in c.value for c in at.caption)
    button(at, "Train").click().run()
    (sentence,) = said(at)
    assert re.match(
        r"This run would take about \d+–\d+ hours on CPU × 1, and a run may take 30 minutes on this server: ",
        sentence,
    )
    assert own_runs() == []
    monkeypatch.delenv("LENET_HOSTED")
    at = open_page("training", **query)
    assert any(c.value == takes for c in at.caption)
    button(at, "Train").click().run()
    assert len(own_runs()) == 1, "a laptop may train for days"


def test_one_epoch_is_a_limit_too(hosted: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LENET_MAX_EPOCHS", "1")
    at = visit("a")
    assert not at.exception
    button(at, "Train").click().run()
    assert [runs.find(k.id).config.epochs for k in runs.all_facts()] == [1]


def test_extending_stops_at_the_limit(hosted: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LENET_MAX_EPOCHS", "12")
    at = visit("a")
    button(at, "Train").click().run()
    (kept,) = runs.all_facts()
    run = runs.find(kept.id)
    files.write_json(run.path / "status.json", {"state": "finished", "epoch": 10})
    at = visit("a", run=run.id)
    button(at, "Extend").click().run()
    assert run.take_extension().epochs == 12
    at = visit("a", run=run.id)
    button(at, "Extend").click().run()
    assert said(at) == ["A run has at most 12 epochs on this server; this one would have 13."]


def test_a_limit_that_is_none_is_said_and_nothing_runs(hosted: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LENET_MAX_RUNS", "many")
    at = visit("a")
    assert not at.exception
    assert said(at) == ["LENET_MAX_RUNS must be a whole number between 1 and 100000; it is “many”."]
    assert not at.button


def test_a_browser_without_cookies_owns_its_runs_as_long_as_its_session_lasts(hosted: None) -> None:
    mine = turn_to(app(), "training")
    button(mine, "Train").click().run()
    assert said(mine) == []
    (run,) = own_runs()
    assert run.owner == visitors.owner_of(mine.session_state["_ui_visitor_key"])
    assert "Stop" in labels(mine)
    assert "Stop" not in labels(turn_to(app(), "training", run=run.id)), "another session, another key"


def test_name_pin_and_delete() -> None:
    run = runs.create(SHORT, "r")
    at = page(run="r")
    at.text_input(key="name r").input("first try").run()
    assert at.selectbox(key="run").options[0].startswith("first try · classic")
    at.text_input(key="name r").input("<b>").run()
    assert "A name has at most 40 characters and none of <, > and &" in said(at)[0]
    assert run.name == "first try"
    at.toggle(key="pin r").set_value(True).run()
    assert run.pinned
    assert at.checkbox(key="sure r").disabled
    at.toggle(key="pin r").set_value(False).run()
    assert at.button(key="delete").disabled
    at.checkbox(key="sure r").check().run()
    at.button(key="delete").click().run()
    assert not at.exception
    assert not run.exists
    assert said(at) == []
    assert at.selectbox(key="run").value == "reference-classic"


def test_a_run_that_is_deleted_while_it_is_watched() -> None:
    run = runs.create(SHORT, "r")
    at = page(run="r")
    run.delete()
    at.run()
    assert not at.exception
    assert at.selectbox(key="run").value == "reference-classic"


def test_chinese() -> None:
    at = page(lang="zh_CN")
    assert not at.exception
    assert "训练" in [b.label for b in at.button]


@pytest.mark.parametrize(
    "config",
    [
        replace(MODERN, lr=0.05, batch_size=64, seed=4, epochs=3),
        replace(MODERN, optimizer="sgd", schedule="constant", precision="bfloat16", label_smoothing=0.0),
        replace(CLASSIC, model=LeNetConfig(channels=(4, 8), activation="relu", batch_norm=True), lr=0.1),
        replace(CLASSIC, model=LeNetConfig(activation="tanh", pooling="max"), epochs=300),
    ],
)
def test_the_settings_of_a_run_can_be_used_again(config: RunConfig, no_processes: list[tuple[str, ...]]) -> None:
    runs.create(config, "other")
    at = page(run="other", panel="settings", recipe="sprint", lr="0.7", seed="9", data="sample")
    button(at, "Use these settings").click().run()
    assert said(at) == []
    (button(at, "Train")).click().run()
    assert any("exists already" in e.value for e in at.info), "there is a run with exactly these settings"
    assert len(own_runs()) == 1


def test_what_the_page_cannot_set_is_told(no_processes: list[tuple[str, ...]]) -> None:
    runs.create(replace(MODERN, examples_per_epoch=500), "few")
    at = page(run="few", panel="settings")
    assert any(
        "Cannot be set on this page: Images per epoch (0: all) 500" in c.value.replace("\\", "") for c in at.caption
    )


def test_pause_and_stop_say_how_they_differ(no_processes: list[tuple[str, ...]]) -> None:
    run = runs.create(CLASSIC, "active")
    held = runs.lock(run)
    try:
        set_status(run, state="running", step=1, steps_per_epoch=24)
        at = page(run="active")
    finally:
        held.release()
    pause, stop = button(at, "Pause").help, button(at, "Stop").help
    assert "Train with the same settings leads back to it" in pause
    assert "Train with the same settings begins a new run" in stop
    set_status(run, state="paused")
    assert runs.find_equal(CLASSIC) == run
    set_status(run, state="stopped")
    assert runs.find_equal(CLASSIC) is None


# -- what can be taken along ---------------------------------------------------------------------------------------


def taken(at: AppTest) -> list[str]:
    return [button.label for button in at.get("download_button")]


def test_a_run_can_be_taken_along() -> None:
    """Each file by a button, and what its network takes and gives is said."""
    at = page(run="reference-modern")
    assert taken(at) == [
        "Metrics (CSV)", "Loss of every step (CSV)", "Settings (JSON)", "Weights (safetensors)", "PyTorch script of this run",
        "TensorBoard event file (ZIP)",
    ]  # fmt: skip
    (told,) = (c.value for c in at.caption if "Input: " in c.value)
    assert "float32 images of shape (N, 1, 28, 28)" in told and "divided by 255" in told and "(N, 10)" in told
    runs.create(CLASSIC, "empty")
    assert taken(page(run="empty")) == [
        "Settings (JSON)",
        "PyTorch script of this run",
        "TensorBoard event file (ZIP)",
    ]


def test_an_onnx_file_is_made_when_asked_for(no_processes: list[tuple[str, ...]]) -> None:
    run = finished()
    at = page(run=run.id)
    button(at, "Make the ONNX file").click().run()
    assert ("lenet.runs.onnx_export", run.id) in no_processes
    folder = paths.runs_dir() / ".onnx"
    with filelock.FileLock(folder / "lock"):  # as its process holds it
        at = page(run=run.id)
        assert button(at, "Making the ONNX file …").disabled
    files.write_atomic(run.path / "model.onnx", b"onnx")
    weights = (run.path / "model.safetensors").stat()
    os.utime(run.path / "model.onnx", ns=(weights.st_mtime_ns, weights.st_mtime_ns))
    at.run()
    assert not at.exception and "Network (ONNX)" in taken(at)
    (run.path / "model.onnx").unlink()
    files.write_json(folder / "mine.failed", {"code": "export_killed", "version": str(run.weights_stamp())})
    at.run()
    assert said(at) == ["The process that made the ONNX file was killed before it had finished."]
    set_status(run, state="queued", for_worker=True)  # to be trained further
    assert button(page(run=run.id), "Make the ONNX file").disabled


def test_without_the_packages_of_the_exporter_the_page_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lenet.architecture.onnx_file.is_installed", lambda name: False)
    at = page()
    assert any(c.value.endswith("pip install onnx onnxscript") for c in at.caption)
    assert "Make the ONNX file" not in [b.label for b in at.button]


def test_a_split_schedules_and_early_stopping_reach_the_run_and_are_shown_where_they_matter() -> None:
    at = page(val="0.1", sched="cosine")
    labels = shown_labels(at)
    assert "Lowest learning rate (eta_min)" in labels and not any("(gamma)" in label for label in labels)
    assert typed(at, "val").value == "0.1"
    typed(at, "patience").set_value("3").run()
    typed(at, "etamin").set_value("0.01").run()
    at.selectbox(key="opt").set_value("adamw").run()
    assert said(at) == []
    button(at, "Train").click().run()
    (run,) = own_runs()
    assert run.config == replace(
        CLASSIC, validation=0.1, schedule="cosine", eta_min=0.01, early_stopping=3, optimizer="adamw", dataset=data.DEFAULT
    )  # fmt: skip
    at.selectbox(key="sched").set_value("step").run()
    assert {"Factor of a step down (gamma)"} <= set(shown_labels(at)) and "etamin" in url(at)
    at.segmented_control(key="recipe").set_value("modern").run()
    assert url(at)["val"] == "0.1" and "patience" not in url(at), "recipes are compared on the same split"


def test_early_stopping_without_a_split_is_refused_in_a_sentence() -> None:
    sentence = (
        "early_stopping is 3, but no images are held out to judge by: set validation above 0, for example to 0.1."
    )
    assert not any("Early stopping" in label for label in shown_labels(page(sched="step")))
    at = page(patience="3")
    assert said(at) == [sentence] and typed(at, "patience").value == "3"
    button(at, "Train").click().run()
    assert set(said(at)) == {sentence} and own_runs() == []
    typed(at, "patience").set_value("0").run()
    assert said(at) == [] and not any("Early stopping" in label for label in shown_labels(at))


def test_a_run_with_a_split_offers_its_best_weights_and_says_why_it_ended() -> None:
    config = replace(
        SHORT, epochs=4, examples_per_epoch=300, validation=0.1, early_stopping=1, schedule="step", step_size=1, gamma=0.0
    )  # fmt: skip
    run = runs.create(config, "early")
    assert train_run(run).epoch == 2
    at = page(run="early")
    assert said(at) == []
    assert "epoch 2 of 4 · ended early: no better validation accuracy since epoch 1" in progress(at)
    best = f"Best weights (epoch 1, val acc {run.best()['val_acc']:.1%})"
    assert best in [b.label for b in at.get("download_button")]
    assert any(c.value.replace("\\", "").startswith("Cross-entropy: training images ") for c in at.caption)
    at = page(run="early", panel="runs")
    assert any("looks better than it is on new images" in c.value for c in at.caption)
    assert at.dataframe[0].value["Name in files"].iloc[0] == "early"


def test_the_event_file_is_offered_where_it_can_be_made(monkeypatch: pytest.MonkeyPatch) -> None:
    def offered() -> Any:
        found = page(run="reference-classic").get("download_button")
        return next(b.proto for b in found if b.proto.label == "TensorBoard event file (ZIP)")

    assert not offered().disabled and not offered().help
    monkeypatch.setattr(tensorboard, "is_installed", lambda: False)
    missing = offered()
    assert missing.disabled and missing.help.replace("\\", "").endswith("pip install tensorboard")
