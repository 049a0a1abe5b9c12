"""Hostile input at every door (see fuzz.py), and one test for each thing that it has found."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
from PIL import Image
from streamlit import error_util
from streamlit.testing.v1 import AppTest

from lenet import classroom, runs, ui
from lenet.classroom import contest, questions
from lenet.common import files, paths, translation
from lenet.common.errors import LenetError, explain
from lenet.exercises import Exercise
from lenet.kernels import ablation
from lenet.kernels.figures import editor
from lenet.runs import tables
from lenet.training import curves, results
from tests.helpers.made import finished
from tests.helpers.pages import app, mounted, open_page, said, turn_to
from tests.tools import fuzz, fuzz_class, fuzz_routes

pytestmark = pytest.mark.usefixtures("router")


def a_run(name: str = "r", **status: object) -> runs.Run:
    """A finished run of our own, with a word or two of its status changed."""
    run = finished(name)
    values = json.loads((run.path / "status.json").read_bytes())
    (run.path / "status.json").write_text(json.dumps(values | status))
    return run


# -- all doors ----------------------------------------------------------------------------------------------------


DOORS = [
    *(f"{page}, {what}" for page in fuzz.PAGES for what in ("query", "widgets")), "pooling, upload", "architecture, upload",
    "kernels, upload", "parsers", "runs", "runs, on a page", *fuzz_routes.DOORS, *fuzz_class.DOORS,
]  # fmt: skip


def test_every_door_is_tried() -> None:
    assert list(fuzz.doors(fuzz.Findings())) == DOORS


@pytest.mark.slow
@pytest.mark.parametrize("door", DOORS)
def test_nothing_gets_in(door: str) -> None:
    rounds = {
        "query": 30,
        "widgets": 20,
        "upload": 12,
        "parsers": 100,
        "runs": 100,
        "routes": 50,
        "link": 12,
        "teacher": 10,
    }.get(door.partition(", ")[2] or door, 25)
    found = fuzz.fuzz(seed=2026, rounds=rounds, only=door, exactly=True)
    assert sum(found.thrown.values()) >= rounds
    assert found.found == []


def test_the_same_seed_throws_the_same() -> None:
    one, two, three = (fuzz.a_query(fuzz.Dice(seed), "training") for seed in ("5 x", "5 x", "6 x"))
    assert one == two != three


@pytest.mark.parametrize(
    ("page", "names"),
    [
        ("pooling", {"kernel", "stride_w", "preset", "grid", "lesson"}),
        ("architecture", {"c1", "c8", "tab", "image", "src", "net"}),
        ("training", {"recipe", "epochs", "lr", "opt", "panel", "log", "with", "net"}),
        ("kernels", {"tab", "image", "own", "step", "scale"}),
    ],
)
def test_it_knows_what_a_link_can_say(page: str, names: set[str]) -> None:
    """Found in the source of the pages, wherever that lies."""
    assert names <= set(fuzz.parameters(page))


def test_the_watch_notices(tmp_path: Path) -> None:
    """What is thrown would be noticed if it went in."""
    found = fuzz.Findings()
    with fuzz.a_world(found) as outside, fuzz.watching(found):
        home = paths.runs_dir()
        home.mkdir(parents=True)
        (home / "link").symlink_to(outside / "secret.txt")
        found.secret((home / "link").read_bytes())
        pickle.loads(pickle.dumps(fuzz.Bomb()))
        with found.throw("here", "a stone"):
            raise KeyError("x")
    kinds = [what.partition(" ")[0] for what in found.found]
    assert kinds.count("opened") == 1 and kinds.count("KeyError:") == 1
    assert "a file outside the runs directory was read" in found.found[1]
    assert any("code was run" in what for what in found.found)

    def script() -> None:
        import streamlit as st

        st.markdown("<zq7 onload=x>")
        st.caption(r"\<zq7 onload=x\>")
        st.button("[zq7](javascript:x)")

    found = fuzz.Findings()
    found.page(AppTest.from_function(script).run())
    assert len(found.found) == 2


# -- run directories of somebody else's -----------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="links are for administrators there")
def test_a_link_in_a_run_directory_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("step,loss\n1,2\n")
    run = a_run()
    for name in ("steps.csv", "metrics.csv", "model.safetensors", "status.json", "insight.json"):
        (run.path / name).unlink(missing_ok=True)
        (run.path / name).symlink_to(tmp_path / "secret")
    for read in (run.steps, run.metrics, run.weights, run.status, lambda: run.raw("metrics.csv")):
        with pytest.raises(LenetError) as error:
            read()
        assert error.value.code == "run_damaged"
    assert ablation.read(runs.find("reference-classic")) is not None
    with pytest.raises(LenetError):
        ablation.read(run)


@pytest.mark.skipif(sys.platform == "win32", reason="links are for administrators there")
def test_a_linked_run_directory_is_none(tmp_path: Path) -> None:
    run = a_run("real")
    run.path.rename(tmp_path / "elsewhere")
    run.path.symlink_to(tmp_path / "elsewhere")
    assert runs.list_runs() == runs.references()
    with pytest.raises(LenetError) as error:
        runs.find("real")
    assert error.value.code == "no_such_run"


@pytest.mark.skipif(sys.platform == "win32", reason="links are for administrators there")
def test_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "status.json").symlink_to(victim)
    files.write_json(folder / "status.json", {"a": 1})
    (folder / "lock").symlink_to(victim)
    files.is_locked(folder / "lock")
    assert victim.read_text() == "mine"
    assert json.loads((folder / "status.json").read_text()) == {"a": 1} and not (folder / "status.json").is_symlink()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names there")
def test_a_pipe_in_a_run_directory_keeps_nobody_waiting() -> None:
    run = a_run()
    (run.path / "status.json").unlink()
    os.mkfifo(run.path / "status.json")
    with fuzz.alarm(10), pytest.raises(LenetError):
        run.status()
    with fuzz.alarm(10):
        assert runs.list_runs()[0].id == "r"


@pytest.mark.parametrize(
    "status",
    [
        {"step": 10**400}, {"epoch": -1}, {"created": 10**400}, {"examples_per_sec": 1e300}, {"steps_per_epoch": True},
        {"device_name": "x" * 10**4}, {"device_name": "\ud800"}, {"engine": "\u202e"}, {"data": "a\nb"},
    ],
    ids=range(9),
)  # fmt: skip
def test_an_impossible_status_is_a_damaged_file(status: dict[str, object]) -> None:
    run = a_run(**status)
    with pytest.raises(LenetError) as error:
        run.status()
    assert error.value.code == "run_damaged" and next(iter(status)) in str(error.value)
    assert runs.waiting_runs() == []


def test_settings_and_states_are_small_files() -> None:
    run = a_run()
    (run.path / "config.json").write_text(json.dumps({"recipe": "classic"}) + " " * 10**6)
    with pytest.raises(LenetError):
        run.config  # noqa: B018 - reading is the point


def test_an_epoch_without_its_row_is_no_error() -> None:
    run = a_run()
    (run.path / "metrics.csv").unlink()
    assert run.status().epoch > 0
    (row,) = [row for row in tables.run_table()[0] if row["Name in files"] == "r"]
    assert row["Loss"] is None and row["Best test accuracy"] is None


@pytest.mark.parametrize("head", ["", "loss,step", "step,<a href='javascript:x'>", "step,0.weight,0 weight"])
def test_gradients_of_strange_names(head: str) -> None:
    run = a_run()
    (run.path / "gradients.csv").write_text(f"{head}\n1,2\n")
    with pytest.raises(LenetError):
        curves.gradients(run)


@pytest.mark.parametrize(
    "classes", [np.array([-1, 3]), np.array([10, 3]), np.array([0.5, 1.0]), np.array([2**40, 1])]
)
def test_predictions_of_no_class(classes: np.ndarray[Any, Any]) -> None:
    run = a_run()
    tensors = {"classes": classes, "confidence": np.ones(2, np.float32)}
    (run.path / "predictions.safetensors").write_bytes(safetensors.numpy.save(tensors))
    with pytest.raises(LenetError):
        results.judged_images(run)


def test_a_message_of_a_stranger_is_one_that_can_be_shown() -> None:
    for value in ("x" * 10**6, "\ud800", 10**5000):
        text = explain(LenetError("crashed", reason=value))
        text.encode()
        assert len(text) < translation.MAX_PARAM + 200
    run = a_run(state="failed", code="crashed", params={"reason": "<b>\ud800</b> www.example.org"})
    at = open_page("training", run=run.id)
    assert not at.exception
    assert any("\\<b\\>?\\</b\\> www\\.example" in e.value for e in at.error)


def test_text_from_outside_is_one_line_of_plain_markdown() -> None:
    assert ui.plain("a\r# b\u2028c\u202ed") == "a \\# b c d"
    assert ui.plain("www.x.org a@b.c 1.5") == "www\\.x.org a\\@b.c 1.5"


def test_a_worker_state_of_another_version() -> None:
    home = paths.runs_dir() / ".worker"
    home.mkdir(parents=True)
    state = {"state": "asleep", "devices": ["cpu", "tpu", 3, ["x"]], "device_name": 5, "run": "x" * 1000, "pid": "1"}
    (home / "state.json").write_text(json.dumps(state))
    assert runs.read_state() == runs.WorkerState(state="asleep", devices=("cpu",))
    assert not open_page("training").exception


def test_a_run_whose_settings_cannot_be_read_is_one_sentence() -> None:
    run = a_run()
    (run.path / "config.json").write_text('{"weight_decay": "much"}')
    at = open_page("training", run=run.id)
    assert not at.exception
    assert sum("config.json" in s for s in said(at)) >= 1


# -- links --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("page", "query", "sentence"),
    [
        ("home", {"lang": "xx"}, "lang must be one of en, zh_CN; it is xx."),
        ("pooling", {"kernel": "3.0"}, "kernel must be a whole number, not 3.0."),
        ("pooling", {"kernel": "0_2"}, "kernel must be a whole number, not 0_2."),
        ("pooling", {"panel": "zz"}, "panel must be one of"),
        ("training", {"log": "zz"}, "log must be one of true, false; it is zz."),
        ("training", {"panel": "zz"}, "panel must be one of"),
        ("training", {"with": ",".join("abc" * 50)}, "There is no run called “a” here."),
        ("training", {"net": "zz"}, "net must be a table of settings"),
        ("architecture", {"tab": "zz"}, "tab must be one of"),
        ("architecture", {"run": "zz"}, "There is no run called “zz” here."),
        ("architecture", {"run": "zz", "k1": "3"}, "There is no run called “zz” here."),
        ("architecture", {"run": "zz", "tab": "walk"}, "There is no run called “zz” here."),
        (
            "architecture",
            {"tab": "compare", "nets": "~mine,~gap,~mlp,~note"},
            "nets in the link holds more than 3 values",
        ),
        ("kernels", {"tab": "zz"}, "tab must be one of"),
        ("kernels", {"run": "zz"}, "There is no run called “zz” here."),
        ("kernels", {"tab": "own", "own": "zz"}, "own in the link must be 25 numbers between −100 and 100"),
        ("kernels", {"tab": "own", "on": "ten"}, "on must be a number, not ten."),
    ],
)
def test_what_a_link_asks_in_vain_is_one_sentence(page: str, query: dict[str, str], sentence: str) -> None:
    at = open_page(page, **query)
    assert not at.exception
    (told,) = said(at)
    assert told.startswith(sentence)


def test_weights_of_a_link() -> None:
    assert editor.are_weights("1,−2.5,.5,+3", 4)
    for text in ("1,2,3", "1,2,3,x", "1,2,3,1e1", "1,2,3,101", "1,2,3,", ""):
        assert not editor.are_weights(text, 4), text


def test_two_pages_call_their_tabs_by_one_name() -> None:
    at = open_page("architecture", tab="walk")
    at.query_params.clear()
    for page in ("kernels", "architecture", "kernels"):
        at.switch_page(f"{page}.py").run()
        assert not at.exception, page
        at.session_state["tab"] = "own" if page == "kernels" else "code"


# -- a class ------------------------------------------------------------------------------------------------------


def test_a_weight_of_four_hundred_digits_is_none() -> None:
    """What seed 5 threw: it is larger than any float."""
    for weight in (10**400, -(10**400), float("nan"), float("inf"), True, "1"):
        with pytest.raises(LenetError) as caught:
            contest.read([0.5] * 24 + [weight])
        assert caught.value.code == "not_a_kernel"


@pytest.mark.parametrize("kind", ["ask", "contest"])
def test_a_phone_hears_nothing_of_what_others_have_handed_in(kind: str) -> None:
    """While answers are taken, its page is the very same whether they have or not."""
    lesson = fuzz_class.Lesson.begin()
    settings = {"ask": questions.settings("pooling", "pool-max", 7), "contest": {"task": "sole"}}[kind]
    begun = classroom.begin(lesson.code, kind, settings)  # type: ignore[arg-type]
    at = turn_to(app(_ui_visitor_key=lesson.members[1]), "class", join=lesson.code)
    before = [part.proto.json for part in at.get("bidi_component")]
    asked = questions.question(settings) if kind == "ask" else None
    for number in (2, 3):
        value = list(asked.answer) if isinstance(asked, Exercise) else [0.5] * 25
        classroom.answer(lesson.code, begun.id, number, value)
    at.run()
    assert not at.exception and [part.proto.json for part in at.get("bidi_component")] == before
    assert any('"activity"' in text for text in before), "it is the form that was compared"


# -- pictures and widgets -----------------------------------------------------------------------------------------


def test_a_picture_of_one_row(tmp_path: Path) -> None:
    Image.new("L", (5000, 1)).save(tmp_path / "row.png")
    at = open_page("architecture", tab="walk", src="upload")
    before = len(list(at.main))
    at.file_uploader(key="_file").upload("row.png", (tmp_path / "row.png").read_bytes()).run()
    assert not at.exception and said(at) == []
    assert len(list(at.main)) > before + 3  # its steps are shown


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
@pytest.mark.parametrize("mode", ["P", "1", "I;16", "RGBA"])
def test_a_bomb_within_the_limits_takes_little_memory(mode: str, tmp_path: Path) -> None:
    path = tmp_path / "bomb.png"
    Image.new(mode, (8000, 5000)).save(path)  # 40 million pixels in some kB
    code = (
        "import sys; from pathlib import Path; from lenet.common import pictures; raw = Path(sys.argv[1]).read_bytes();"
        "peak = lambda: int(Path('/proc/self/status').read_text().partition('VmHWM:')[2].split()[0]) / 1024;"
        "before = peak(); pictures.prepare(raw, 28); print(peak() - before)"
    )
    out = subprocess.run(
        [sys.executable, "-c", code, path], cwd=paths.PROJECT, capture_output=True, text=True, check=True
    )
    assert float(out.stdout) < 260, "MiB"


def test_a_component_that_says_something_else_than_it_was_asked_for() -> None:
    """A message without the value whose change it announces: what seed 77 threw."""
    for page in ("pooling", "kernels"):
        at = open_page(page)
        for value in ({"edit": 1, "share": 1}, {"value": 1}):
            states = at._tree.get_widget_states()
            (piece,) = mounted(at)
            states.widgets.add(id=piece.proto.id, json_value=json.dumps(value))
            at._run(states)
            assert not at.exception, page


@pytest.mark.parametrize("text", ["9" * 5000, "[" * 3000])
def test_streamlits_reader_still_fails_on_text_that_no_component_sends(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that does not makes `is_of_streamlits_reader` needless."""
    raised: list[BaseException] = []
    monkeypatch.setattr(error_util, "_log_uncaught_app_exception", raised.append)
    at = open_page("pooling")
    states = at._tree.get_widget_states()
    states.widgets.add(id=mounted(at)[0].proto.id, json_value=json.dumps(text))
    at._run(states)
    assert raised and all(map(fuzz.is_of_streamlits_reader, raised))
    assert not open_page("pooling").exception, "another session does not notice"


def test_an_endlessly_deep_insight_is_none() -> None:
    run = a_run()
    folder = paths.runs_dir() / ".insight"
    folder.mkdir()
    for file in (run.path / "insight.json", folder / f"{run.id}.failed", folder / "progress.json"):
        file.write_text("[" * 100_000)
    (folder / f"{run.id}.asked").touch()
    assert ablation.read(run) is None
    assert ablation.failure(run) is None
    with files.locked(folder / "lock"):
        assert ablation.work(run) == ablation.Progress(0.0, None, 0), "at work, nobody knows how far"


# -- what is never written ----------------------------------------------------------------------------------------


def test_no_code_builds_markup_from_text_or_loads_what_could_run() -> None:
    """Components set text and attributes; Python shows no HTML but our own style sheet, and unpickles nothing."""
    scripts = "\n".join(p.read_text(encoding="utf-8") for p in (paths.PROJECT / "lenet").rglob("*.js"))
    for door in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "srcdoc"):
        assert door not in scripts, door
    sources = [paths.PROJECT / "app.py", *(paths.PROJECT / "pages").rglob("*.py")]
    sources += (paths.PROJECT / "lenet").rglob("*.py")
    for source in sources:
        text = source.read_text(encoding="utf-8")
        for door in (
            "unsafe_allow_html",
            "pickle",
            "torch.load(",
            "np.load(",
            'eval("',
            "exec(",
            "shell=True",
            "os.system",
        ):
            assert door not in text, f"{door} in {source.name}"
        # The style sheet and the script of the document; the forms to sign in and out, with nothing in them but our own words.
        ours = {"frame.py": 2, "sign_in.py": 2} if source.parent.name == "ui" else {}
        assert text.count("st.html(") == ours.get(source.name, 0), source.name
        assert text.count("unsafe_allow_javascript") == (1 if source.name == "frame.py" else 0), source.name
