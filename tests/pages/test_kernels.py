"""The kernel gallery as a page: which run it shows, and what it says when one cannot be shown."""

from __future__ import annotations

import json
import struct
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import filelock
import numpy as np
import pytest
import safetensors.numpy
from streamlit.testing.v1 import AppTest

from lenet import runs
from lenet.common import files, paths
from lenet.kernels import ablation, read_history, upload
from lenet.runs import Run
from lenet.runs.configuration import CLASSIC
from tests.helpers import pages
from tests.helpers.made import set_status
from tests.helpers.pages import charts, mounted, open_page, scene, typed, words

pytestmark = pytest.mark.usefixtures("router")


def page(**query: str) -> AppTest:
    return open_page("kernels", **query)


def said(at: AppTest) -> list[str]:
    """In blue as well."""
    return [*pages.said(at), *(e.value.replace("\\", "") for e in at.info)]


def own_run(run_id: str = "mine", state: str = "finished", **status: Any) -> Run:
    """A run with three snapshots and one epoch."""
    run = runs.create(CLASSIC, run_id)
    values = np.random.default_rng(0).normal(size=(3, 6, 1, 5, 5)).astype(np.float32)
    files.write_tensors(run.path / "kernels.safetensors", {"steps": np.array([0, 1, 235]), "kernels": values})
    (run.path / "metrics.csv").write_text(files.csv_text(runs.METRICS, [(1, 235, 2.3, 0.1, 0.1, 5000.0)]))
    (run.path / "steps.csv").write_text("step,loss\n1,2.4\n235,2.3\n")
    set_status(run, state=state, epoch=1, step=235, steps_per_epoch=235, **status)
    return run


def test_it_opens_on_the_classic_reference() -> None:
    own_run()
    at = page()
    assert not at.exception and said(at) == []
    assert scene(at)["run"] == "reference-classic"
    assert scene(at)["wall"]["shape"] == [6, 1, 5, 5]
    assert scene(at)["curve"]["test"]
    assert "run" not in at.query_params, "the default stays out of the URL"


def test_every_run_can_be_chosen_and_is_kept_in_the_url() -> None:
    own_run()
    at = page()
    assert at.selectbox(key="run").options[0].startswith("mine")
    at.selectbox(key="run").set_value("mine").run()
    assert scene(at)["run"] == "mine"
    assert "mine" in at.query_params["run"]
    assert scene(page(run="mine"))["wall"]["steps"] == [0, 1, 235]


def test_another_run_opens_at_its_own_end() -> None:
    own_run()
    at = page(step="470", scale="own")
    assert scene(at)["asked"] == {"step": "470", "scale": "own"}
    assert not {"step", "scale"} & set(at.query_params), "the component keeps them in the URL; no old copy is left"
    at.selectbox(key="run").set_value("mine").run()
    assert said(at) == []
    assert scene(at)["asked"] == {"scale": "own"}


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"run": "nope"}, "There is no run called “nope” here."),
        ({"run": "../../etc"}, "There is no run called “../../etc” here."),
        ({"step": "99999999"}, "step must lie between 0 and"),
        ({"step": "two"}, "step must be a number, not two."),
        ({"scale": "log"}, "scale must be one of shared, own; it is log."),
        ({"sort": "size"}, "sort must be one of stored, norm, similarity; it is size."),
        ({"layer": "3"}, "layer must be one of 1, 2; it is 3."),
        ({"ground": "grey"}, "ground must be one of dark, light; it is grey."),
        ({"values": "1"}, "values must be one of on, off; it is 1."),
    ],
)
def test_a_bad_link_is_one_sentence_and_the_default(query: dict[str, str], sentence: str) -> None:
    at = page(**query)
    assert not at.exception
    (message,) = said(at)
    assert message.startswith(sentence)
    assert scene(at)["run"] == "reference-classic" and scene(at)["wall"]


@pytest.mark.parametrize(
    ("file", "content", "left"),
    [
        ("kernels.safetensors", None, "curve"),
        ("kernels.safetensors", b"", "curve"),
        ("kernels.safetensors", b"\xff" * 100, "curve"),
        ("metrics.csv", b"hello\n", "wall"),
        ("steps.csv", b"step,loss\n1,x\n", "wall"),
        ("status.json", b"{", "wall"),
    ],
)
def test_a_damaged_file_is_one_sentence_and_the_rest_goes_on(file: str, content: bytes | None, left: str) -> None:
    path = own_run().path / file
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    at = page(run="mine")
    assert not at.exception
    (message,) = said(at)
    assert file in message and "mine" in message
    drawn = scene(at)
    assert {key for key in ("wall", "curve") if drawn[key]} == {left}
    assert drawn["note"]["shape"] == [6, 1, 5, 5]


def test_kernels_of_another_network_are_one_sentence() -> None:
    run = own_run()
    odd = {"steps": np.array([0]), "kernels": np.zeros((1, 3, 1, 7, 7), np.float32)}
    files.write_tensors(run.path / "kernels.safetensors", odd)
    at = page(run="mine")
    assert not at.exception
    assert said(at) == ["The weights of the run “mine” do not fit the network of its configuration."]
    assert not scene(at)["wall"] and scene(at)["curve"]


def test_a_damaged_configuration_is_told_and_the_rest_goes_on() -> None:
    for state in ("finished", "queued"):
        run = own_run(state, state=state)
        (run.path / "config.json").write_text("[]")
        at = page(run=state)
        assert not at.exception and said(at)
        assert scene(at)["note"]


def test_a_waiting_run_says_so() -> None:
    runs.create(CLASSIC, "soon")
    at = page(run="soon")
    assert not at.exception
    assert said(at) == ["This run is waiting. Its kernels appear here as soon as its training starts."]
    assert not scene(at)["wall"] and scene(at)["note"]


def test_a_run_in_progress_is_shown_with_its_progress() -> None:
    run = own_run(state="running")
    with filelock.FileLock(run.path / "lock"):
        at = page(run="mine")
        assert not at.exception and said(at) == []
        assert any("epoch 1 of 10" in caption.value for caption in at.caption)
        assert scene(at)["wall"]["steps"] == [0, 1, 235]


def test_without_any_run_the_note_is_left(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(paths, "REFERENCE_DIR", tmp_path / "none")
    at = page()
    assert not at.exception
    assert said(at) == ["There is no run here yet. Train one, and its kernels appear here."]
    assert scene(at)["note"] and not scene(at)["wall"]


def test_where_the_notes_kernels_come_from_is_said() -> None:
    (about,) = page().expander
    text = about.markdown[0].value
    for part in ("LXG", "31 March 2026", "loss 0.470, train acc 0.824, test acc 0.805", "−0.6876", "0.4587"):
        assert part in text


# -- the other tabs -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("run", ["reference-classic", "reference-modern"])
@pytest.mark.parametrize("tab", ["seen", "paths", "compare", "own"])
def test_the_reference_runs_fill_every_tab(run: str, tab: str) -> None:
    at = page(run=run, tab=tab)
    assert not at.exception and said(at) == []
    if tab == "own":
        drawn = scene(at)
        assert drawn["size"] == 5 and len(drawn["images"]) == 10
        learned = drawn["presets"][-6]["values"]
        assert learned == pytest.approx(read_history(runs.find(run)).final[0].ravel().tolist(), abs=5.1e-4)
    else:
        assert not mounted(at), "only the open tab is computed"
        assert len(charts(at)) == {"seen": 3, "paths": 1, "compare": 3}[tab]
        assert all(chart.proto.alt for chart in at.get("plotly_chart"))


def test_another_image_is_another_response() -> None:
    at = page(tab="seen")
    before = charts(at)[0]["data"]
    typed(at, "image").set_value("-1").run()
    assert "Test image must lie between 0 and" in said(at)[0]
    typed(at, "image").set_value("7").run()
    assert said(at) == []
    after = charts(at)[0]["data"]
    assert "7" in at.query_params["image"]
    changed = [a != b for a, b in zip(before, after, strict=True)]
    assert changed == [True, *[kind == 1 for _kernel in range(6) for kind in range(4)]], "image and responses"


def test_insight_is_computed_when_asked_for(no_processes: list[tuple[str, ...]]) -> None:
    run = own_run()
    source = runs.find("reference-classic")
    at = page(run="mine", tab="seen")
    assert said(at) == ["This run has no weights yet."]
    (run.path / "model.safetensors").write_bytes(source.raw("model.safetensors"))
    at.run()
    at.button(key="insight").click().run()
    assert ("lenet.kernels.ablation", "mine") in no_processes
    (run.path / "insight.json").write_bytes((source.path / "insight.json").read_bytes())
    at.run()
    assert not at.exception and len(charts(at)) == 3
    (run.path / "insight.json").unlink()
    failed = {"code": "weights_do_not_fit", "params": {"id": "mine"}, "version": ablation._digest(run)}
    folder = paths.runs_dir() / ".insight"
    files.write_json(folder / "mine.failed", failed)
    at.run()
    assert said(at) == ["The weights of the run “mine” do not fit the network of its configuration."]
    with filelock.FileLock(folder / "lock"):
        files.write_json(folder / "progress.json", {"task": "other", "share": 0.5, "left": 7.0})
        at.run()
        assert not at.exception and not at.error
        assert at.get("progress")[0].proto.text == "1 other run comes first …"
        files.write_json(folder / "progress.json", {"task": "mine", "share": 0.25, "left": 62.0})
        at.run()
        assert at.get("progress")[0].proto.text.endswith(" 1:02 left")
        at.button(key="insight_stop").click().run()
        assert not at.get("progress") and not at.exception
        assert not (folder / "mine.asked").exists() and at.button(key="insight")


def test_kernels_of_another_size_cannot_be_compared() -> None:
    model = replace(CLASSIC.model, kernel_size=(3, 5), padding=(1, 0))
    run = runs.create(replace(CLASSIC, model=model), "small")
    odd = {"steps": np.array([0]), "kernels": np.zeros((1, 6, 1, 3, 3), np.float32)}
    files.write_tensors(run.path / "kernels.safetensors", odd)
    at = page(run="small", tab="compare")
    assert not at.exception and not at.error
    assert said(at) == ["Kernels of 1×3×3 weights cannot be matched with kernels of 1×5×5 weights."]
    assert len(charts(at)) == 1, "how its kernels divide the work needs no other run"
    both = {
        "steps": np.array([0, 9]),
        "kernels": np.random.default_rng(0).normal(size=(2, 6, 1, 3, 3)).astype(np.float32),
    }
    files.write_tensors(run.path / "kernels.safetensors", both)
    at = page(run="small", tab="compare")
    assert said(at) == [] and at.selectbox(key="other").value == "~start" and len(charts(at)) == 3
    assert any("still look like one of the initial kernels" in words.value for words in at.markdown)
    assert len(charts(at)[2]["data"][0]["x"]) == 1, "its start is a bar of its own already"
    for tab in ("seen", "paths", "own"):
        assert not page(run="small", tab=tab).exception


def test_a_wall_of_many_kernels_has_pages() -> None:
    model = replace(CLASSIC.model, channels=(20, 16))
    run = runs.create(replace(CLASSIC, model=model), "many")
    values = np.random.default_rng(0).normal(size=(2, 20, 1, 5, 5)).astype(np.float32)
    files.write_tensors(run.path / "kernels.safetensors", {"steps": np.array([0, 9]), "kernels": values})
    at = page(run="many", tab="seen")
    assert at.segmented_control(key="from").options == ["1 – 6", "7 – 12", "13 – 18", "19 – 20"]
    at.segmented_control(key="from").set_value("19").run()
    assert not at.exception and len(charts(at)[0]["data"]) == 1 + 2 * 4
    at = page(run="many", tab="paths", **{"from": "7"})
    names = [line["name"] for line in charts(at)[0]["data"] if line.get("showlegend") is not False]
    assert names[:6] == [f"Kernel {n}" for n in range(7, 13)], "as many as fit, and the rest on further pages"
    for tab in ("paths", "compare", "own"):
        assert not page(run="many", tab=tab).exception


@pytest.mark.parametrize("tab", ["seen", "paths", "compare", "own"])
def test_a_diverged_run_and_a_single_kernel(tab: str) -> None:
    run = own_run("diverged")
    values = np.full((2, 6, 1, 5, 5), np.nan, np.float32)
    files.write_tensors(run.path / "kernels.safetensors", {"steps": np.array([0, 1]), "kernels": values})
    one = runs.create(replace(CLASSIC, model=replace(CLASSIC.model, channels=(1, 16))), "one")
    values = np.ones((2, 1, 1, 5, 5), np.float32)
    files.write_tensors(one.path / "kernels.safetensors", {"steps": np.array([0, 1]), "kernels": values})
    for name in ("diverged", "one"):
        at = page(run=name, tab=tab)
        assert not at.exception and not at.error, [e.value for e in at.error]
        for chart in charts(at):
            json.dumps(chart, allow_nan=False)


def test_a_presentation_is_of_the_wall() -> None:
    at = page(present="1", tab="seen")
    assert scene(at)["wall"] and "tab" not in at.query_params


def files_offered(at: AppTest) -> list[str]:
    return [button.label for button in at.get("download_button")]


def test_files_are_of_the_step_on_the_wall() -> None:
    own_run()
    assert files_offered(page(run="mine"))[0] == "Kernels at step 235 (CSV)"
    at = page(run="mine", step="1")
    assert files_offered(at)[0] == "Kernels at step 1 (CSV)"
    for moment, label in (
        ({"run": "mine", "step": 0, "layer": 1}, "Kernels at step 0 (CSV)"),
        ({"run": "mine", "step": None, "layer": 1}, "Kernels at step 235 (CSV)"),
        ({"run": "another", "step": 1, "layer": 1}, "Kernels at step 235 (CSV)"),
        ({"run": "mine", "step": [1], "layer": "x"}, "Kernels at step 235 (CSV)"),
        ("nonsense", "Kernels at step 1 (CSV)"),
    ):
        at.session_state["wall_moment"] = moment
        at.run()
        assert not at.exception and files_offered(at)[0] == label, moment
    at.session_state["wall_moment"] = {"run": "mine", "step": 0, "layer": 1}
    at.session_state["tab"] = "paths"
    at.run()
    assert files_offered(at)[0] == "Kernels at step 235 (CSV)", "the other tabs show the end of training"
    at = page(layer="2")
    assert files_offered(at)[0] == "Kernels of the second layer (CSV)"


def test_somebodys_kernels_go_on_the_wall() -> None:
    theirs = np.random.default_rng(0).normal(size=(8, 3, 3, 3)).astype(np.float32)
    at = page()
    at.file_uploader(key="file-0").upload("net.safetensors", safetensors.numpy.save({"conv1.weight": theirs})).run()
    assert not at.exception and said(at) == []
    assert scene(at)["run"] == "~upload" and scene(at)["wall"]["shape"] == [8, 3, 3, 3]
    assert scene(at)["still"], "a file has no steps"
    assert "net.safetensors" in scene(at)["label"] and "conv1.weight" in scene(at)["label"]
    at.file_uploader(key="file-0").upload("net.safetensors", b"not at all").run()
    assert not at.exception and at.file_uploader(key="file-1").value is None, "what cannot be used is not listed"
    (sentence,) = said(at)
    assert sentence.startswith("The file is not in the safetensors format")
    assert scene(at)["run"] == "~upload", "what was there stays"
    for tab in ("seen", "paths", "compare", "own"):
        at.query_params["tab"] = tab
        at.session_state["tab"] = tab
        at.run()
        assert not at.exception, tab


def test_another_convolution_of_the_file_can_be_chosen() -> None:
    rng = np.random.default_rng(0)
    tensors = {
        "conv1.weight": rng.normal(size=(8, 3, 7, 7)),
        "conv2.weight": rng.normal(size=(4, 8, 3, 3)),
        "conv3.weight": rng.normal(size=(4, 64, 3, 3)),
    }
    at = page()
    at.file_uploader(key="file-0").upload("net.safetensors", safetensors.numpy.save(tensors)).run()
    menu = at.selectbox(key="upload_tensor")
    assert menu.options[0] == "conv1.weight · 8×3×7×7 · F64" and len(menu.options) == 3
    assert scene(at)["wall"]["shape"] == [8, 3, 7, 7]
    assert any("colour image" in text.value for text in at.markdown)
    menu.set_value(1).run()
    assert not any("colour image" in text.value for text in at.markdown)
    assert scene(at)["wall"]["shape"] == [4, 8, 3, 3] and "conv2.weight" in scene(at)["label"]
    at.selectbox(key="upload_tensor").set_value(2).run()
    assert not at.exception
    assert said(at) == [
        "conv3.weight has the shape 4×64×3×3: 64 input channels are more than the 16 that can be shown."
    ]
    at.selectbox(key="run").set_value("reference-classic").run()
    assert not at.exception and said(at) == [] and scene(at)["run"] == "reference-classic"
    assert not [box for box in at.selectbox if box.key == "upload_tensor"]
    at.selectbox(key="run").set_value("~upload").run()
    at.selectbox(key="upload_tensor").set_value(0).run()
    assert scene(at)["wall"]["shape"] == [8, 3, 7, 7]


def test_a_first_convolution_that_cannot_be_shown_is_not_left_out_in_silence() -> None:
    header = {
        "conv1.weight": {"dtype": "F4", "shape": [4, 3, 3, 4], "data_offsets": [0, 72]},
        "conv2.weight": {"dtype": "I8", "shape": [2, 4, 3, 3], "data_offsets": [72, 144]},
    }
    text = json.dumps(header).encode()
    at = page()
    at.file_uploader(key="file-0").upload("q.safetensors", struct.pack("<Q", len(text)) + text + bytes(144)).run()
    assert not at.exception and scene(at)["wall"]["shape"] == [2, 4, 3, 3]
    told = " ".join(caption.value for caption in at.caption)
    assert "The likely first convolution is left out" in told and "F4" in told
    assert "whole numbers, as a quantised network stores them" in told


def test_what_is_made_of_several_channels_is_said() -> None:
    at = page(tab="seen")
    assert "channels here" not in words(at)
    weights = np.random.default_rng(0).normal(size=(4, 3, 5, 5)).astype(np.float32)
    at.file_uploader(key="file-0").upload("net.safetensors", safetensors.numpy.save({"conv1.weight": weights})).run()
    assert not at.exception and "A kernel has 3 channels here: each gets the same grey image" in words(at)
    at.session_state["tab"] = "own"
    assert "Learned kernel 2, mean of its channels" in str(scene(at.run())["presets"])


def test_how_to_cut_out_a_first_layer_stands_beside_the_upload() -> None:
    at = page()
    assert upload.CUT_OUT in [block.value for block in at.code]
    assert f"A file of more than {upload.MAX_MB} MB is not read." in words(at)


def test_a_link_to_somebodys_kernels_says_that_they_are_not_here() -> None:
    at = page(run="~upload")
    assert said(at) == [
        "This link shows kernels from a file that was opened in one browser only and is not stored here: "
        "open the file again under “Files”."
    ]
    assert scene(at)["run"] == "reference-classic" and "run" not in at.query_params


def test_the_page_loads_no_torch() -> None:
    code = (
        "import sys; from streamlit.testing.v1 import AppTest; "
        "at = AppTest.from_file('pages/router.py', default_timeout=60); at.run(); at.switch_page('kernels.py'); at.run()\n"
        "for tab in ('wall', 'seen', 'paths', 'compare', 'own'):\n"
        "    at.session_state['tab'] = tab; at.run(); assert not at.exception\n"
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=paths.PROJECT, check=False).returncode == 0


def test_a_run_that_is_not_there_is_not_presented() -> None:
    at = open_page("kernels", run="nope", present="1")
    assert any("nope" in sentence for sentence in said(at))
    assert scene(at)["asked"].get("present") is None
    assert scene(open_page("kernels", run="reference-modern", present="1"))["asked"]["present"] == "1"
