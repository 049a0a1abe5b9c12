"""Every page with images that are not Fashion-MNIST: digits, letters (labels from 1), and a reader's own of 47 classes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from lenet import data, runs
from lenet.architecture.configuration import LeNetConfig
from lenet.common import files
from lenet.common.errors import MESSAGES
from lenet.kernels import ablation
from lenet.runs.configuration import MODERN
from lenet.training.run import train_run
from tests.data import made
from tests.helpers import pages
from tests.helpers.data_sets import NAMES, write_folder
from tests.helpers.pages import charts, mounted, said, scene, typed, words

pytestmark = pytest.mark.usefixtures("router")


@dataclass(frozen=True)
class Case:
    """A folder of made-up images as `stored`, which the app is to take for the data set `key`."""

    key: str
    stored: data.DataSet
    name: str
    classes: tuple[str, ...]
    side: int = 28


def smaller(key: str, train: int, test: int) -> data.DataSet:
    """A data set that the app knows, with fewer images."""
    return replace(data.DATA_SETS[key], sizes={"train": train, "test": test}, md5={})


CASES = {
    "digits": Case("mnist", smaller("mnist", 400, 100), "MNIST", tuple("0123456789")),
    "letters": Case(
        "emnist-letters", smaller("emnist-letters", 520, 130), "EMNIST letters", tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    ),
    "own": Case("own", data.own(47, 470, 141), "own images", tuple(map(str, range(47))), side=20),
}
WALK, SEEN = {"tab": "walk", "run": "mine"}, {"tab": "seen", "run": "mine"}


@contextmanager
def machine(case: Case, folder: Path) -> Iterator[pytest.MonkeyPatch]:
    """A machine with nothing but that folder, on which a known data set has as many images as the folder."""
    with pytest.MonkeyPatch.context() as patch:
        made.use(folder / "images", patch)
        patch.setenv("LENET_RUNS_DIR", str(folder / "runs"))
        if case.key in data.DATA_SETS:
            patch.setitem(data.DATA_SETS, case.key, case.stored)
        yield patch


@pytest.fixture(scope="module", params=CASES)
def trained(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Case, Path]:
    """Such a folder, and beside it a runs directory with a run of a few steps, called `mine`."""
    case, folder = CASES[request.param], tmp_path_factory.mktemp(request.param)
    write_folder(folder / "images", case.stored, side=case.side)
    with machine(case, folder):
        config = replace(MODERN, epochs=2, batch_size=40, device="cpu")
        run = runs.create(config, "mine")
        assert train_run(run).state == "finished"
        files.write_json(run.path / ablation.FILE, ablation.compute(run))
    return case, folder


@pytest.fixture
def case(trained: tuple[Case, Path]) -> Iterator[Case]:
    with machine(*trained):
        yield trained[0]


def page(name: str, **query: str) -> AppTest:
    at = pages.open_page(name, **query)
    assert not at.exception
    gone = query.get("src") == "upload"  # a picture of another browser
    assert said(at) == [MESSAGES["picture_gone"]] * gone
    return at


def everything(at: AppTest) -> str:
    """All that a page says, its options and what it gives to charts and components, without packed numbers."""
    parts = [words(at), *(c.value for c in at.code), *(e.value for e in at.info)]
    parts += [option for box in [*at.selectbox, *at.multiselect, *at.segmented_control] for option in box.options]
    parts += [json.dumps(chart, ensure_ascii=False) for chart in charts(at)]
    parts += [part.proto.json for part in mounted(at)]
    parts += [chart.proto.alt for chart in at.get("plotly_chart")]
    return re.sub(r"[A-Za-z0-9+/=]{40,}", "", "\n".join(parts))


def drawn(at: AppTest, is_it: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The one chart of which that is true."""
    (found,) = [chart for chart in charts(at) if is_it(chart)]
    return found


VIEWS = [
    ("architecture", {}),
    ("architecture", {"tab": "compare"}),
    ("architecture", {"tab": "code"}),
    *(("architecture", WALK | {"deep": deep}) for deep in ("versus", "cover", "channel")),
    ("architecture", {"tab": "walk", "run": "~untrained"}),
    *(("architecture", WALK | {"src": source}) for source in ("mean", "upload", "draw")),
    *(("training", {"run": "mine", "panel": panel}) for panel in ("result", "confusion", "settings", "runs")),
    *(("kernels", {"run": "mine", "tab": tab}) for tab in ("wall", "seen", "paths", "compare", "own")),
    ("pooling", {}),
]


@pytest.mark.parametrize(
    ("name", "query"), VIEWS, ids=lambda part: part if isinstance(part, str) else "-".join(part.values())
)
def test_no_page_names_clothes_and_every_foot_names_the_data(case: Case, name: str, query: dict[str, str]) -> None:
    at = page(name, **query)
    text = everything(at)
    assert not [clothes for clothes in NAMES if re.search(rf"\b{re.escape(clothes)}\b", text)]
    foot = at.caption[-1].value.replace("\\", "")
    assert case.name in foot and ("by its sizes" in foot) == (case.key != "own")


def test_the_run_says_what_it_was_trained_on(case: Case) -> None:
    run = runs.find("mine")
    assert run.data_set.key == case.key and run.data_set.class_names() == list(case.classes)
    assert run.config.model.num_classes == len(case.classes)
    assert case.name in run.label()
    assert "Fashion" not in runs.find("reference-classic").label()
    at = page("training", run="mine", panel="runs")
    rows = at.dataframe[0].value.to_dict("records")
    assert [row["Data"] for row in rows] == [case.name, "Fashion-MNIST", "Fashion-MNIST"]


def test_confusion_has_a_row_for_each_class(case: Case) -> None:
    at = page("training", run="mine", panel="confusion")
    matrix = drawn(at, lambda chart: "text" in chart["data"][0] and chart["data"][0]["type"] == "heatmap")["data"][0]
    assert matrix["x"] == matrix["y"] == list(case.classes)
    assert sum(map(sum, matrix["text"])) == case.stored.sizes["test"]
    _images, labels = runs.find("mine").images("test")
    assert [sum(row) for row in matrix["text"]] == [int((labels == n).sum()) for n in range(len(case.classes))]


def test_an_image_is_walked_through_under_the_names_of_its_run(case: Case) -> None:
    at = page("architecture", image="5", **WALK)
    assert at.selectbox(key="_class").options[2:] == list(case.classes)
    right = "badge[right]" in words(at)
    found = re.search(r"Predicted: \*\*(.+?)\*\*", words(at))
    assert found and found[1] in case.classes
    _images, labels = runs.find("mine").images("test")
    label = case.classes[labels[5]]
    assert right == (found[1] == label)
    outputs = drawn(at, lambda chart: chart["data"][0]["type"] == "bar")
    assert outputs["layout"]["yaxis"]["ticktext"] == [f"<b>{c}</b>" if c == label else c for c in case.classes]


def test_networks_with_other_classes_are_left_out(case: Case) -> None:
    """Also where they have as many: the ten classes of the runs that came with the app are not ten digits."""
    at = page("architecture", deep="versus", **WALK)
    told = [c.value for c in at.caption if "Not included" in c.value]
    assert len(told) == 2 and all("came with the app" in text for text in told)
    heat = drawn(at, lambda chart: chart["data"][0]["type"] == "heatmap" and len(chart["data"]) == 2)["data"][0]
    assert heat["x"] == list(case.classes) and len(heat["y"]) == 2, "the run and an untrained network"


def test_the_mean_of_each_class_can_be_taken(case: Case) -> None:
    at = page("architecture", src="mean", of=str(len(case.classes) - 1), **WALK)
    assert at.selectbox(key="of").options == list(case.classes)
    assert case.classes[-1] in words(at)


def test_worst_mistakes_are_offered_for_the_run(case: Case) -> None:
    at = page("architecture", **WALK)
    at.selectbox(key="_class").set_value(-1).run()
    assert not at.exception and said(at) == []
    at.selectbox(key="run").set_value("~untrained").run()
    assert -1 not in at.selectbox(key="_class").options and not at.exception


def test_the_first_network_and_the_presets_can_be_trained_on_it(case: Case) -> None:
    n = len(case.classes)
    at = page("architecture")
    assert at.selectbox(key="preset").value == "note"
    assert pages.url(at).get("classes", "10") == str(n), "so that the link opens the same network elsewhere"
    assert pages.layers(at)[-1][3] == str(n)
    assert "cannot be trained" not in words(at)
    at.selectbox(key="preset").set_value("modern").run()
    assert pages.layers(at)[-1][3] == str(n) and at.selectbox(key="preset").value == "modern"
    at.selectbox(key="preset").set_value("mlp").run()
    assert f"MLP 784–256–128–{n}" in at.selectbox(key="preset").options
    assert pages.layers(page("architecture", c1="7"))[-1][3] == "10", "links of before"
    at = page("architecture", tab="compare", nets="~gap,~mlp")
    assert f"MLP 784–256–128–{n}" in json.dumps(scene(at), ensure_ascii=False)


def test_an_untrained_network_with_other_classes_has_numbered_outputs(case: Case) -> None:
    at = page("architecture", tab="walk", run="~untrained", classes="7")
    assert f"This network has 7 outputs, but {case.name} has {len(case.classes)} classes" in words(at)
    assert "badge" not in words(at)
    outputs = drawn(at, lambda chart: chart["data"][0]["type"] == "bar")
    assert outputs["layout"]["yaxis"]["ticktext"] == list("0123456")


def test_kernels_respond_to_the_images_of_the_run(case: Case) -> None:
    at = page("kernels", image="3", **SEEN)
    _images, labels = runs.find("mine").images("test")
    assert f"**{case.classes[labels[3]]}.**" in words(at)
    alts = [chart.proto.alt for chart in at.get("plotly_chart")]
    (patches,) = [alt for alt in alts if "largest sum" in alt]
    named = re.findall(r"class (\w+)", patches)
    assert named and set(named) <= set(case.classes)
    n = case.stored.sizes["test"]
    typed(at, "image").set_value(str(n)).run()
    assert [line for line in said(at) if f"between 0 and {n - 1}; it is {n}" in line]


def test_the_editor_has_one_image_of_each_class(case: Case) -> None:
    at = page("kernels", tab="own", run="mine", on=str(len(case.classes) - 1))
    assert [image["name"] for image in scene(at)["images"]] == list(case.classes)


def test_what_came_with_the_app_stays_what_it_is(case: Case) -> None:
    """Home and the runs that came with the app are about Fashion-MNIST, wherever they are looked at, and say so."""
    at = page("home")
    assert "One test image of Fashion-MNIST" in words(at)
    assert any("(Ankle boot)" in part.proto.json for part in mounted(at))
    at = page("architecture", tab="walk", run="reference-modern")
    assert ":green-badge[right] Predicted: **Ankle boot**" in words(at)
    at = page("training", run="reference-classic", panel="confusion")
    assert "Ankle boot" in everything(at)
    at = page("kernels", tab="seen", run="reference-classic")
    assert "**Ankle boot.**" in words(at)


def test_the_images_of_a_run_that_are_not_here_any_more(trained: tuple[Case, Path]) -> None:
    """Others are shown, which is said; the outputs keep their own names, and nothing is called right or wrong."""
    case, _folder = trained
    with machine(*trained) as patch:
        patch.delenv("LENET_DATA_DIR")
        at = pages.open_page("architecture", **WALK)
        assert not at.exception
        assert len(said(at)) == 1
        assert f"trained on {case.name}" in words(at) and "images are from Fashion-MNIST" in words(at)
        assert "badge" not in words(at)
        found = re.search(r"Predicted: \*\*(.+?)\*\*", words(at))
        assert found and found[1] in case.classes
        assert at.selectbox(key="_class").options[1:] == NAMES, "and no mistakes among them"
        for tab in ("seen", "own"):
            at = pages.open_page("kernels", run="mine", tab=tab)
            assert not at.exception and len(said(at)) == 1
        at = pages.open_page("training", run="mine", panel="confusion")
        assert not at.exception and len(said(at)) == 1


# -- what a new run is trained on ----------------------------------------------------------------------------------


def test_the_data_set_is_chosen_and_its_images_are_shown(case: Case) -> None:
    at = page("training")
    assert [caption for image in at.image for caption in image.captions] == list(case.classes[:10])
    train = case.stored.sizes["train"]
    assert f"A new run is trained on {case.name}: {train} images in {len(case.classes)} classes." in words(at)
    assert ("20×20 are padded" in words(at)) == (case.side == 20)
    at = page("training", dataset=case.key)
    at.session_state["where"] = True
    at.run()
    options = at.selectbox(key="dataset").options
    assert f"what is here: {case.name}" in options and case.name in options
    assert "KMNIST (not downloaded yet)" in options and len(options) == len(set(options))
    (how_many,) = at.selectbox(key="data").options
    assert how_many == f"complete: {train} + {case.stored.sizes['test']} images", "no part of it came with the app"
    pages.button(at, "Train").click().run()
    assert not at.exception and said(at) == []
    run = runs.find(pages.url(at)["run"])
    assert run.config.dataset == case.key and run.config.model.num_classes == len(case.classes)
    run.delete()


def test_one_that_is_not_here_is_refused_in_a_sentence(case: Case) -> None:
    at = page("training", dataset="kmnist")
    assert "KMNIST is not on this machine" in words(at)
    assert pages.button(at, "Download KMNIST (21 MB)")
    pages.button(at, "Train").click().run()
    assert not at.exception
    (sentence,) = said(at)
    assert sentence.startswith("KMNIST is not on this machine")
    assert [run.id for run in runs.list_runs() if not run.is_reference] == ["mine"]


def test_a_network_of_the_architecture_page_is_trained_on_it(case: Case) -> None:
    model = LeNetConfig(channels=(7, 16), num_classes=len(case.classes))
    at = pages.turn_to(pages.app(model=model.to_dict()), "training")
    assert not at.exception and said(at) == []
    pages.button(at, "Train").click().run()
    run = runs.find(pages.url(at)["run"])
    assert run.config.model == model
    run.delete()


def test_fashion_mnist_is_as_before() -> None:
    """No line and no picture more on the page of a machine that has what the app knows best."""
    at = page("training")
    assert not at.image and "is trained on" not in words(at)
    at.session_state["where"] = True  # where the data are chosen
    at.run()
    assert [caption for image in at.image for caption in image.captions] == NAMES
