"""The browser's side of components: what is sent with them, what is served, and that Python and JavaScript agree."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from posixpath import dirname, join, normpath
from typing import Any

import numpy as np
import pytest
import streamlit as st
from starlette.applications import Starlette

from lenet import runs
from lenet.architecture import inference
from lenet.architecture.configuration import LeNetConfig
from lenet.architecture.figures import activations as maps_of_layers
from lenet.architecture.figures import comparison, flow, overview
from lenet.common import paths
from lenet.common.links import Address
from lenet.convolution import Convolution
from lenet.convolution.figures import gradient as convolution_gradient
from lenet.convolution.figures import window as convolution_window
from lenet.kernels import history as kernels
from lenet.kernels.figures import editor, wall
from lenet.pooling import Pooling
from lenet.pooling.figures import stacking, window
from lenet.pooling.stacking import stack
from lenet.ui import components
from pages.parts import kernel_wall
from tests.helpers.asgi import Answer, ask
from tests.helpers.data_sets import SAMPLE
from tests.helpers.pages import mounted, open_page
from tests.helpers.processes import run_apart
from tests.test_borders import ROOMS

PACKAGE = paths.PROJECT / "lenet"
FOLDERS = sorted(path.parent.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("index.js"))
IMPORT = re.compile(r"""(?:\bfrom|\bimport|import\()\s*["']([^"']+)["']""")


# -- what is sent --------------------------------------------------------------------------------------------------


def sent(folder: str, base: str = "") -> str:
    """The script that Streamlit sends for a component."""
    return components._script(folder, components.files().version, base)


@pytest.mark.parametrize("folder", FOLDERS)
def test_what_streamlit_sends_is_short(folder: str) -> None:
    """It comes again with everything that the component is to draw: for a run in progress every second."""
    assert len(sent(folder)) < 4500
    assert "/**" not in sent(folder).replace("/** @type", "")


@pytest.mark.parametrize("folder", FOLDERS)
def test_all_modules_that_a_component_needs_are_named(folder: str) -> None:
    """So a browser asks for all of them at once, and not for one after the other as it finds their imports."""
    named = components.files().modules(f"{folder}/index.js")
    assert named[0] == f"{folder}/index.js"
    assert f"{folder}/style.css" in components.files().contents
    assert all(f'"{path}"' in sent(folder) for path in named)
    for path in named:
        text = re.sub(r"/\*\*.*?\*/", "", (PACKAGE / path).read_text(encoding="utf-8"), flags=re.DOTALL)
        for imported in IMPORT.findall(text):
            assert imported.startswith("."), f"{path} imports {imported}"
            assert normpath(join(dirname(path), imported)) in named, f"{path} imports {imported}"


@pytest.mark.parametrize("path", components.files().contents)
def test_a_module_imports_what_comes_before_it(path: str) -> None:
    """As Python does: from its own folder or the one around it, and from the rooms before its own. And no file is long."""
    text = (PACKAGE / path).read_text(encoding="utf-8")
    assert text.count("\n") <= 300
    here = path.split("/")[0]
    for imported in re.findall(r"""(?:from|import\() ?"(\.[^"]+)""", text):  # for types as well
        found = normpath(join(dirname(path), imported))
        there = found.split("/")[0]
        assert found in components.files().contents, f"{path} imports {imported}"
        around = (dirname(path), dirname(dirname(path)))
        assert dirname(found) in around or ROOMS.index(f"lenet.{there}") < ROOMS.index(f"lenet.{here}")


def test_the_address_begins_with_the_base_path() -> None:
    assert '"base": "/modules/"' in sent("grid/component")
    assert '"base": "/demo/lenet/modules/"' in sent("grid/component", "demo/lenet")


@pytest.mark.usefixtures("router")
def test_a_page_registers_its_components_without_a_server() -> None:
    (figure,) = mounted(open_page("pooling"))
    assert figure.proto.js_content == sent("grid/component")
    assert figure.proto.css_content == ""


# -- what is served ------------------------------------------------------------------------------------------------


def get(path: str, **headers: str) -> Answer:
    return run_apart(ask(Starlette(routes=components.routes()), path, **headers))


@pytest.mark.parametrize("base", ["", "/demo", "/demo/lenet"])
def test_files_are_served_for_good_under_this_servers_version(base: str) -> None:
    files = components.files()
    types = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
    for path, content in files.contents.items():
        answer = get(f"{base}/modules/{files.version}/{path}")
        assert (answer.status, answer.body) == (200, content), path
        assert answer.headers["content-type"] == types[Path(path).suffix]
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_another_version_is_answered_but_not_kept() -> None:
    """While servers are updated one after the other, a page of one may ask another."""
    for version in ("0123456789abcdef", f"{components.files().version}.1"):
        path = f"/modules/{version}/common/components/math.js"
        answer = get(path)
        assert (answer.status, answer.headers["cache-control"]) == (200, "no-cache")
        assert answer.body == (PACKAGE / "common/components/math.js").read_bytes()
        again = get(path, if_none_match=answer.headers["etag"])
        assert (again.status, again.body) == (304, b"")


@pytest.mark.parametrize(
    "path",
    [
        "grid/component/nothing.js",
        "grid/component/",
        "",
        "grid/text.py",
        "package.json",
        "ui/loader.js",
        "../app.py",
        "grid/component/../../data.py",
        "/etc/passwd",
        "..\\app.py",
        "grid/component/view.js\0",
        "%2e%2e/app.py",
    ],
)
def test_nothing_else_is_served(path: str) -> None:
    answer = get(f"/modules/{components.files().version}/{path}")
    assert (answer.status, answer.body) == (404, b"")
    assert answer.headers["cache-control"] == "no-store"


def test_a_change_to_any_file_is_another_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "grid/component/index.js"
    file.parent.mkdir(parents=True)
    file.write_text("1")
    monkeypatch.setattr(components, "PACKAGE", tmp_path)
    monkeypatch.setattr(components, "LOADER", tmp_path / "loader.js")
    components.LOADER.write_text("1")
    versions = [components._read().version]
    for path, content in ((file, "2"), (file.with_name("view.js"), ""), (components.LOADER, "2")):
        path.write_text(content)
        versions.append(components._read().version)
    assert len(set(versions)) == 4
    assert list(components._read().contents) == ["grid/component/index.js", "grid/component/view.js"]


def test_changed_files_are_read_again_while_developing(monkeypatch: pytest.MonkeyPatch) -> None:
    watched = {"server.fileWatcherType": "none"}
    monkeypatch.setattr(st, "get_option", watched.get)
    assert components.files() is components.files()
    watched["server.fileWatcherType"] = "auto"
    assert components.files() is not components.files()


# -- Python and JavaScript -----------------------------------------------------------------------------------------


def documented(path: str, name: str = "Scene") -> tuple[set[str], set[str]]:
    """The properties that a type of a module must have, and those that it may have."""
    text = (PACKAGE / path).read_text(encoding="utf-8")
    block = re.search(rf"@typedef {{object}} {name}\b(.*?)\*/", text, re.DOTALL)
    assert block, f"{path} describes no {name}"
    properties = re.findall(r"@property \{(?:[^{}]|\{[^{}]*\})*\} (\[?)(\w+)", block[1])
    return {p for optional, p in properties if not optional}, {p for optional, p in properties if optional}


def documented_words(path: str) -> set[str]:
    """The words that a module knows: the largest union of names in it."""
    text = (PACKAGE / path).read_text(encoding="utf-8")
    unions = re.findall(r'(?:"\w+"[\s*|]*)+', text)
    return set(re.findall(r'"(\w+)"', max(unions, key=len)))


def agree(sent: Mapping[str, Any], path: str, name: str = "Scene", more: Sequence[tuple[str, str]] = ()) -> None:
    """`more`: the paths and the names of types that say what this kind of scene adds."""
    must, may = documented(path, name)
    for added in more:
        must, may = (here | there for here, there in zip((must, may), documented(*added), strict=True))
    assert must <= set(sent) <= must | may, f"{path}: {name}"


GRID, POOLING = "grid/component/scene.js", "grid/component/pooling.js"
NUMBERS = np.array([[[0.0, -1.0, 2.0], [3.0, 4.0, 5.0], [6.0, 7.0, -8.0]]])


@pytest.mark.parametrize("pool", [Pooling("max", 2, 1, 1), Pooling("avg", 2, 1, 1)], ids=["max", "avg"])
def test_scenes_of_the_grid(pool: Pooling) -> None:
    for scene in (
        window.scene(NUMBERS, pool),
        window.scene(NUMBERS, pool, zero=True),
        window.gradient_scene(NUMBERS, pool),
    ):
        agree(scene, GRID, more=[(POOLING, "PoolingParts")])
        assert set(scene["words"]) == documented_words(GRID) | documented_words(POOLING)
        assert set(scene["colors"]) == {"window", "padding", "wrong"}
        assert {*scene["row_kinds"], *scene["column_kinds"]} <= {0, 1, 2}
        for cells in ("input", "output"):
            agree(scene[cells], GRID, "Cells")


def test_scenes_of_a_convolution() -> None:
    layer = Convolution([[[[1, -1]]], [[[0, 2]]]], [0, 1], padding=1, padding_mode="reflect")
    path = "grid/component/convolution.js"
    scene = convolution_window.scene(NUMBERS, layer, 1, "relu")
    agree(scene, GRID, more=[(path, "ConvolutionParts")])
    assert set(scene["words"]) == documented_words(GRID) | documented_words(path)
    for cells in ("input", "kernel", "output"):
        agree(scene[cells], GRID, "Cells")


def test_scenes_of_the_gradient_of_a_convolution() -> None:
    layer = Convolution([[[[1, -1]]], [[[0, 2]]]], [0, 1], padding=1)
    parts = {"ConvolutionParts": "grid/component/convolution.js", "GradientParts": "grid/component/gradient.js"}
    for activation in ("", "relu"):
        scene = convolution_gradient.scene(NUMBERS, layer, 1, activation)
        agree(scene, GRID, more=[(path, name) for name, path in parts.items()])
        assert set(scene["words"]) == set.union(*map(documented_words, (GRID, *parts.values())))
        for cells in ("input", "kernel", "output", "cells", "weights"):
            agree(scene[cells], GRID, "Cells")


def test_scenes_of_stacked_pools() -> None:
    scene = stacking.scene(stack(NUMBERS, [Pooling("max", 2, 1), Pooling("avg", 2)]))
    agree(scene, "pooling/component/scene.js")
    for level in scene["levels"]:
        agree(level, "pooling/component/scene.js", "Level")
    assert set(scene["words"]) == {"alt", "sees", "hint", "hint_touch", "comma"}


def test_scenes_of_a_network() -> None:
    config = LeNetConfig(batch_norm=True, dropout=0.5)
    net = inference.untrained(config)
    found = inference.of_image(net, np.zeros((1, 28, 28), np.uint8))
    outputs = [layer.values for layer in found.layers]
    scene = maps_of_layers.maps(found.pixels, outputs, config.layers, inference.state_arrays(net))
    path = "architecture/components/activations/scene.js"
    agree(scene, path)
    for layer in scene["layers"]:
        agree(layer, path, "Layer")
    assert set(scene["words"]) == documented_words(path)

    scene, path = flow.network(config.layers), "architecture/components/flow/scene.js"
    agree(scene | {"selected": 0}, path)
    agree(scene["image"], path, "Stage")
    for layer in scene["layers"]:
        assert set(layer) == documented(path, "Stage")[0] | documented(path, "LayerOnly")[0]
    assert set(scene["words"]) == {"label", "save", "save_svg", "save_png"}
    agree(flow.broken_network((1, 1, 8, 8), config.layers[:3], "Conv2d", "5×5 > 4×4"), path)

    scene, path = comparison.comparison([("a", config.layers)], 2), "architecture/components/comparison/scene.js"
    agree(scene, path)
    agree(scene["nets"][0], path, "Net")
    agree(scene["nets"][0]["layers"][0], path, "Layer")
    assert set(scene["words"]) == documented_words(path)

    logits, names = np.zeros(10, np.float32), [str(i) for i in range(10)]
    path = "architecture/components/overview/scene.js"
    scene = overview.overview(np.ones((1, 8, 8), np.float32), [logits], config.layers, names, "0")
    agree(scene, path)
    agree(scene["blocks"][0], path, "Block")
    assert set(scene["words"]) == documented_words(path)


def test_scenes_of_kernels() -> None:
    run = runs.find("reference-classic")
    history, path = kernels.read_history(run), "kernels/components/wall/scene.js"
    address = Address("http://x.org/kernels", local=False, replaced=False)
    second, course = kernels.read_second_layer(run), kernels.read_course(run)
    scene = wall.scene(run.id, "", history, course, second, ("run=a", address))
    agree(scene, path)
    agree(scene["share"], "common/components/share/panel.js", "Share")
    assert set(scene["words"]) == documented_words(path)
    assert set(scene["curve"]) == {"loss", "mean", "train", "test"}
    assert set(scene["wall"]) == {"shape", "unit", "values", "steps"}
    assert set(scene["second"]) == {"shape", "unit", "values", "limit", "orders"}
    assert set(scene["note"]) == {"shape", "unit", "values", "limit"}

    path = "kernels/components/editor/scene.js"
    scene = editor.scene(history.final, SAMPLE)
    agree(scene, path)
    assert set(scene["words"]) == documented_words(path)


def test_the_keys_that_the_wall_keeps_in_the_url() -> None:
    source = (PACKAGE / "kernels/components/wall/query.js").read_text(encoding="utf-8")
    listed = re.findall(r"const (?:WALL|PRESENTATION) = \[(.*)\]", source)
    assert set(re.findall(r'"(\w+)"', " ".join(listed))) == set(kernel_wall.IN_URL)
    assert set(re.findall(r'query\.get\("(\w+)"\)', source)) == set(kernel_wall.IN_URL)
