"""The architecture page without a browser: what it says for what is set, and how it takes bad input."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lenet import runs, settings
from lenet.recipes import CLASSIC

Open = Callable[..., AppTest]
GAP = "\N{NARROW NO-BREAK SPACE}"


@pytest.fixture
def page(router: None) -> Open:
    def open_page(language: str = "en", **query: str) -> AppTest:
        at = AppTest.from_file(str(settings.PROJECT / "app.py"), default_timeout=60)
        at.session_state["lang"] = language
        at.run()
        at.switch_page("pages/architecture.py")
        for key, value in query.items():
            at.query_params[key] = value
        return checked(at.run())

    return open_page


def checked(at: AppTest) -> AppTest:
    assert not at.exception
    return at


def words(at: AppTest) -> str:
    return "\n".join(e.value for e in [*at.markdown, *at.caption])


def problems(at: AppTest) -> list[str]:
    return [e.value.replace("\\", "") for e in [*at.error, *at.warning]]


def layers(at: AppTest) -> list[int]:
    """The last column of the table: parameters."""
    return list(at.dataframe[0].value.iloc[:, -1])


# ---- the network ----


def test_the_first_view_is_the_notes_network(page: Open) -> None:
    at = page()
    assert problems(at) == []
    assert layers(at) == [156, 0, 0, 2416, 0, 0, 0, 48120, 0, 10164, 0, 850]
    assert f"**61{GAP}706** parameters, 95.8% of them in the dense layers: 73.8% fewer" in words(at)
    assert "⌊(28 + 2·2 − 5)/1⌋ + 1 = 28" in words(at)
    assert "6×1×5×5 + 6 = 156" in words(at)


@pytest.mark.parametrize(
    ("key", "value", "total"),
    [
        ("c1", 8, f"62{GAP}558"),
        ("c2", 32, f"112{GAP}122"),
        ("k1", 3, f"61{GAP}610"),
        ("k2", 3, f"81{GAP}290"),
        ("h1", 64, f"34{GAP}546"),
        ("h2", 100, f"63{GAP}802"),
        ("size", 32, f"82{GAP}826"),
    ],
)
def test_the_total_follows_every_number(page: Open, key: str, value: int, total: str) -> None:
    at = page()
    checked(at.number_input(key=key).set_value(value).run())
    assert f"**{total}** parameters" in words(at)
    assert at.query_params[key] == str(value)


def test_activation_and_pooling_change_layers_but_not_parameters(page: Open) -> None:
    at = page()
    at.selectbox(key="act").set_value("relu")
    checked(at.selectbox(key="pool").set_value("max").run())
    types = list(at.dataframe[0].value.iloc[:, 1])
    assert types.count("ReLU") == 4 and types.count("MaxPool2d") == 2
    assert f"**61{GAP}706**" in words(at)
    assert (at.query_params["act"], at.query_params["pool"]) == ("relu", "max")


def test_a_link_opens_the_same_network_in_either_language(page: Open) -> None:
    for language in ("en", "zh_CN"):
        at = page(language, c1="10", k2="3", act="gelu", pool="max", size="32", layer="8")
        assert problems(at) == []
        assert at.dataframe[0].value.iloc[7, 4] == "120×784 + 120"
        assert "##### 8 · Linear" in words(at)


def test_reset_brings_the_note_back(page: Open) -> None:
    at = page(c1="10", act="relu", h1="16")
    checked(at.button(key="reset").click().run())
    assert layers(at)[0] == 156
    assert f"**61{GAP}706**" in words(at)
    assert not {"c1", "act", "h1"} & set(at.query_params)


def test_every_layer_can_be_opened(page: Open) -> None:
    at = page()
    for layer in range(1, 13):
        checked(at.get("pills")[0].set_value(str(layer)).run())
        assert f"##### {layer} · " in words(at)
    assert "logits" in words(at) and "not probabilities" in words(at)


# ---- what cannot be built ----


def test_maps_that_shrink_to_nothing_are_one_sentence_and_the_page_goes_on(page: Open) -> None:
    at = page(c1="10")
    checked(at.number_input(key="size").set_value(8).run())
    assert problems(at) == [
        "Layer 4 (Conv2d) cannot be built: its 5×5 kernel is larger than its input of 4×4 with padding 0."
    ]
    assert layers(at)[0] == 260, "the last network that could be built is still there"
    assert at.number_input(key="size").value == 8, "and nothing that was set is lost"
    checked(at.number_input(key="k2").set_value(3).run())
    assert problems(at) == []
    assert at.dataframe[0].value.iloc[-1, 3] == "10"


def test_a_link_to_a_network_that_cannot_be_built(page: Open) -> None:
    at = page(size="4", k1="8")
    assert problems(at) == ["Layer 3 (AvgPool2d) cannot be built: its 2×2 window is larger than its input of 1×1."]
    assert layers(at)[0] == 156
    at = page(size="4", tab="walk")
    assert problems(at) == [], "a trained network is walked through whatever is set elsewhere"
    at = page(size="4", tab="walk", run="untrained")
    assert len(problems(at)) == 1 and "Layer 4" in problems(at)[0]


def test_a_network_too_large_is_refused(page: Open) -> None:
    at = page(size="128", c2="64", h1="1024")
    assert "too large" in problems(at)[0]
    assert len(layers(at)) == 12


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("c1", "0", "c1 must lie between 1 and 64; it is 0."),
        ("c1", "x", "c1 must be a number, not x."),
        ("k2", "99", "k2 must lie between 1 and 11; it is 99."),
        ("act", "swish", "act must be one of sigmoid, tanh, relu, leaky_relu, gelu; it is swish."),
        ("layer", "13", "layer must be one of 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12; it is 13."),
        ("tab", "<b>", "tab must be one of network, walk, mlp, code; it is <b>."),
    ],
)
def test_a_bad_value_in_the_url_is_one_sentence(page: Open, key: str, value: str, sentence: str) -> None:
    at = page(**{key: value})
    assert problems(at) == [sentence]
    assert f"**61{GAP}706**" in words(at)


# ---- an image walked through ----


def test_a_trained_network_recognises_the_first_boot(page: Open) -> None:
    at = page(tab="walk")
    assert problems(at) == []
    assert at.selectbox(key="run").value == "reference-classic"
    assert ":green-badge[right] Predicted: **Ankle boot**" in words(at)


def test_every_network_on_offer_can_be_walked_through(page: Open) -> None:
    at = page(tab="walk")
    for run in ("reference-modern", "untrained"):
        checked(at.selectbox(key="run").set_value(run).run())
        assert problems(at) == []
        assert at.query_params["run"] == run
        assert "Predicted: **" in words(at)


def test_another_image_of_a_class(page: Open) -> None:
    at = page(tab="walk")
    checked(at.selectbox(key="_class").set_value(8).run())  # bags
    first = at.number_input(key="image").value
    assert "Bag" in words(at)
    another = next(b for b in at.button if b.label == "Another")
    checked(another.click().run())
    assert at.number_input(key="image").value > first
    checked(at.number_input(key="image").set_value(0).run())
    assert at.selectbox(key="_class").value is None, "image 0 is a boot: the class no longer holds"
    assert "Ankle boot" in words(at)


def test_the_untrained_network_is_the_one_that_was_set(page: Open) -> None:
    at = page(tab="walk", run="untrained", size="32", c1="3")
    assert "The image of 28×28 is scaled to 32×32 for this network." in words(at)


def test_a_run_that_is_not_there(page: Open) -> None:
    at = page(tab="walk", run="nope")
    assert problems(at) == ["There is no run called “nope” here."]
    assert "Predicted: **" in words(at)


def test_damaged_weights_are_one_sentence(page: Open) -> None:
    run = runs.create(CLASSIC, "broken")
    (run.path / "model.safetensors").write_bytes(b"not a file of weights")
    at = page(tab="walk", run="broken")
    assert len(problems(at)) == 1
    assert "model.safetensors of the run “broken” cannot be read" in problems(at)[0]
    checked(at.selectbox(key="run").set_value("reference-classic").run())
    assert problems(at) == [] and "Predicted: **" in words(at)


def test_weights_of_another_network_are_one_sentence(page: Open) -> None:
    other = runs.find("reference-classic")
    from dataclasses import replace

    from lenet.architecture import LeNetConfig

    run = runs.create(replace(CLASSIC, model=LeNetConfig(channels=(3, 16))), "other")
    shutil.copy(other.path / "model.safetensors", run.path)
    at = page(tab="walk", run="other")
    assert problems(at) == ["The weights of the run “other” do not fit the network of its configuration."]


def test_a_queued_run_has_no_weights_and_is_not_offered(page: Open) -> None:
    runs.create(CLASSIC, "waiting")
    at = page(tab="walk")
    assert "waiting" not in str(at.selectbox(key="run").options)


def test_a_damaged_data_folder_is_one_sentence_and_the_sample_is_used(
    page: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "data"
    shutil.copytree(settings.SAMPLE_DIR, folder)
    images = next(folder.glob("t10k-images*"))
    images.write_bytes(images.read_bytes()[:5000])
    monkeypatch.setenv("LENET_DATA_DIR", str(folder))
    at = page(tab="walk")
    assert len(problems(at)) == 1 and images.name in problems(at)[0]
    assert "sample that comes with the app" in words(at)
    assert "Predicted: **Ankle boot**" in words(at)


# ---- the other tabs ----


def test_the_code_is_that_of_the_network_set(page: Open) -> None:
    at = page(tab="code", c1="9", act="tanh")
    assert "nn.Conv2d(1, 9, kernel_size=5, padding=2), nn.Tanh()," in at.code[0].value
    compile(at.code[0].value, "copied", "exec")


def test_the_comparison_follows_the_network(page: Open) -> None:
    at = page(tab="mlp", h1="1024")
    assert "% more parameters than the multilayer perceptron" in words(at)
