"""The pooling sandbox as a page: its widgets, its URL, and what it says about bad input."""

from __future__ import annotations

import dataclasses
import gettext
import io
import re
import subprocess
import sys

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from lenet.common import paths
from lenet.common.translation import LANGUAGES
from lenet.data import DataError
from lenet.pooling.examples import EXAMPLES
from lenet.pooling.lessons import LESSONS
from tests.helpers.pages import button, mounted, open_page, said, scene, typed, url, words

pytestmark = pytest.mark.usefixtures("router")


def page(**query: str) -> AppTest:
    return open_page("pooling", **query)


def outputs(at: AppTest) -> list[list[str]]:
    texts: list[list[str]] = scene(at)["output"]["texts"]
    return texts


def refused(at: AppTest) -> bool:
    return not mounted(at)


def open_editor(at: AppTest) -> AppTest:
    """Open “Your own grid”."""
    at.session_state["own"] = True
    return at.run()


def choose(at: AppTest, key: str, value: str) -> AppTest:
    return at.segmented_control(key=key).set_value(value).run()


@pytest.mark.parametrize(
    ("preset", "mode", "expected"),
    [
        ("3x3", "max", [["4", "5", "7", "8"]]),
        ("3x3", "avg", [["2", "3", "5", "6"]]),
        ("4x4", "max", [["5", "7", "13", "15"]]),
        ("channels", "max", [["5", "7", "13", "15"], ["6", "8", "14", "16"]]),
        ("negative", "max", [["−1", "−1", "−3", "−2"]]),
    ],
)
def test_a_link_opens_the_example(preset: str, mode: str, expected: list[list[str]]) -> None:
    at = page(preset=preset, mode=mode)
    assert not at.exception and not at.error and not at.warning
    assert outputs(at) == expected
    assert scene(at)["padding_text"] == ("−∞" if mode == "max" else "0")


def test_choosing_an_example_sets_grid_and_layer() -> None:
    at = page(kernel="3", mode="avg", ceil="true", grid="1,2,3;4,5,6;7,8,9")
    assert outputs(at) == [["5"]]
    choose(at, "preset", "4x4")
    assert outputs(at) == [["5", "7", "13", "15"]]
    assert [at.slider(key=key).value for key in ("kernel", "stride", "padding")] == [3, 2, 1]
    assert url(at) == {"preset": "4x4"}
    choose(at, "preset", "image")
    assert len(outputs(at)[0]) == 196 and scene(at)["image"]


def test_the_url_holds_what_is_on_screen() -> None:
    at = page()
    assert url(at) == {}
    choose(at, "mode", "avg")
    open_editor(at).text_area[0].set_value("1 2\n3 4\n\n5 6\n7 8.5")
    at.button(key="use").click().run()
    assert url(at) == {"mode": "avg", "grid": "1,2;3,4|5,6;7,8.5"}
    assert outputs(at) == [["2.5"], ["6.625"]]


def test_the_text_to_edit_is_the_grid_on_screen() -> None:
    at = open_editor(page(preset="channels"))
    assert at.text_area[0].value.startswith("0, 1, 2, 3\n4, 5") and "\n\n1, 2, 3, 4\n" in at.text_area[0].value
    choose(at, "preset", "3x3")
    assert at.text_area[0].value == "0, 1, 2\n3, 4, 5\n6, 7, 8"


def test_a_large_grid_stays_out_of_the_url_and_on_the_page() -> None:
    at = open_editor(page())
    at.text_area[0].set_value("\n".join(" ".join(["7"] * 28) for _ in range(28)))
    at.button(key="use").click().run()
    assert "grid" not in at.query_params
    at.slider(key="stride").set_value(4).run()
    assert outputs(at) == [["7"] * 49]
    at.button(key="reset").click().run()
    assert outputs(at) == [["4", "5", "7", "8"]]


def paste(at: AppTest, text: str) -> AppTest:
    """Paste a text under “Your own grid” and use it."""
    open_editor(at).text_area[0].set_value(text)
    return at.button(key="use").click().run()


def test_a_pasted_text_is_read_and_the_page_says_how() -> None:
    at = paste(page(preset="4x4"), "tensor([[[0., 1.], [2., 3.]],\n        [[4., 5.], [6., 7.5]]], device='cuda:0')")
    assert not at.error and url(at)["grid"] == "0,1;2,3|4,5;6,7.5"
    assert "Your text was read as 2 channels of 2×2." in words(at)
    at = paste(page(), "1,5;2,5\n3,5;4,5")
    assert not at.error and outputs(at) == [["4.5"]] and "Your text was read as 2×2, decimal commas." in words(at)
    at.slider(key="kernel").set_value(1).run()
    assert "Your text was read as" in words(at), "it stays as long as its grid does"
    choose(at, "preset", "4x4")
    assert "Your text was read as" not in words(at)


def test_a_text_with_two_meanings_is_a_question() -> None:
    at = paste(page(), "1,5;2,5")
    (error,) = at.error
    assert "2×2, semicolons between rows (1 5 / 2 5)" in error.value.replace("\\", "")
    assert outputs(at) == [["4", "5", "7", "8"]], "the grid stays until the reader has answered"
    assert at.text_area[0].value == "1,5;2,5"
    labels = [at.button(key=f"reading{n}").label.replace("\\", "") for n in (0, 1)]
    assert labels == [
        "2×2, semicolons between rows: 1 5 / 2 5",
        "1×2, decimal commas, semicolons between numbers: 1.5 2.5",
    ]
    at.slider(key="kernel").set_value(1).run()
    at.button(key="reading1").click().run()
    assert not at.error and outputs(at) == [["1.5", "2.5"]] and url(at)["grid"] == "1.5,2.5"
    assert "Your text was read as 1×2, decimal commas" in words(at)
    assert not [button for button in at.button if button.key == "reading0"]


def test_an_address_means_what_it_always_meant() -> None:
    assert outputs(page(kernel="1", grid="1,5;2,5")) == [["1", "5", "2", "5"]]


def test_a_grid_that_no_link_can_hold_says_so() -> None:
    at = paste(page(), "\n".join(" ".join(["7"] * 28) for _ in range(28)))
    told = words(at)
    assert "grid" not in at.query_params
    assert "A link to this page does not hold this grid: it has 784 numbers, and the address has room for 64." in told
    assert "copy their text from **Your own grid**" in told
    assert "A link to this page" not in words(page(preset="image")), "the example's own grid is in its link"
    assert "A link to this page" not in words(paste(page(), "1 2\n3 4"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1 2\n3 x", ["row 2, column 2", "“x”", "1,000,000"]),
        ("1\t\n2\t3", ["row 1, column 2", "empty"]),
        ("1 nan", ["row 1, column 2", "“nan”"]),
        ("1 2e6", ["row 1, column 2", "2e6", "1,000,000"]),
    ],
)
def test_bad_text_is_one_sentence_and_the_grid_stays(text: str, said: list[str]) -> None:
    at = open_editor(page(preset="4x4"))
    at.text_area[0].set_value(text)
    at.button(key="use").click().run()
    (error,) = at.error
    sentence = error.value.replace("\\", "")
    assert all(part in sentence for part in said), sentence
    assert outputs(at) == [["5", "7", "13", "15"]]
    assert at.text_area[0].value == text, "what was typed is kept, to be put right"


def test_a_bad_grid_in_the_url_is_a_sentence_and_the_example_shows() -> None:
    at = page(grid="1,2;3")
    assert len(at.error) == 1 and "row 2" in at.error[0].value
    assert outputs(at) == [["4", "5", "7", "8"]]


def test_a_grid_in_the_url_without_a_value_is_said_as_of_any_other_setting() -> None:
    at = page(grid="")
    assert said(at) == ["grid in the link has no value, so it is ignored."]
    assert outputs(at) == [["4", "5", "7", "8"]]


def test_what_was_understood_is_not_said_beside_a_refusal_of_a_later_text() -> None:
    at = page()
    for text, is_read in (("1;2;3\n4;5;6", True), ("x", False)):
        open_editor(at).text_area[0].set_value(text)
        button(at, "Use these numbers").click().run()
        assert ("Your text was read as 2×3." in words(at)) == is_read
        assert bool(at.error) != is_read


def test_a_typed_number_of_a_link_that_cannot_be_used_stays_and_no_other_takes_its_place() -> None:
    at = page(kernel_w="-1")
    assert {e.value.replace("\\", "") for e in at.error} == {"kernel_w must lie between 1 and 28; it is -1."}
    assert typed(at, "kernel_w").value == "-1" and not mounted(at)
    typed(at, "kernel_w").set_value("１").run()
    assert not at.error and outputs(at) == [["3", "4", "5", "6", "7", "8"]]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"kernel": "99"}, "99"),
        ({"kernel": "2.5"}, "2.5"),
        ({"stride": "0"}, "0"),
        ({"padding": "x"}, "x"),
        ({"mode": "median"}, "median"),
        ({"preset": "5x5"}, "5x5"),
        ({"ceil": "maybe"}, "maybe"),
    ],
)
def test_a_bad_setting_in_the_url_is_a_sentence(query: dict[str, str], said: str) -> None:
    at = page(**query)
    assert not at.exception
    assert len(at.warning) == 1 and said in at.warning[0].value.replace("\\", "")
    assert outputs(at) == [["4", "5", "7", "8"]]


def test_a_refused_layer_is_a_sentence_and_the_controls_stay() -> None:
    at = page()
    at.slider(key="kernel").set_value(7).run()
    assert refused(at) and not at.exception
    assert "(3, 3)" in at.error[0].value.replace("\\", "")
    at.slider(key="kernel").set_value(2).run()
    at.slider(key="padding").set_value(2).run()
    assert refused(at) and "at most 1" in at.error[0].value
    at.slider(key="padding").set_value(1).run()
    assert not at.error and scene(at)["out_size"] == [4, 4]


def test_settings_of_the_other_mode_are_kept_but_not_used() -> None:
    at = page(preset="4x4", include_pad="false", divisor="3")
    assert not at.error and at.toggle(key="include_pad").disabled
    choose(at, "mode", "avg")
    assert typed(at, "dilation").disabled and not at.toggle(key="include_pad").disabled
    assert scene(at)["divisors"] == ["3"] * 4
    typed(at, "divisor").set_value("").run()
    assert scene(at)["divisors"] == ["4", "6", "6", "9"]


def test_a_number_behind_more_that_is_none_is_told_and_nothing_is_pooled_with_another() -> None:
    at = page(preset="4x4", mode="avg")
    at.toggle(key="more_settings").set_value(True).run()
    for written, problem in (
        ("0", "Divide by (divisor_override) must lie between 1 and 1000; it is 0."),
        ("2,5", "Divide by (divisor_override) must be a whole number, not 2,5."),
    ):
        typed(at, "divisor").set_value(written).run()
        assert {e.value.replace("\\", "") for e in at.error} == {problem}
        assert not mounted(at) and url(at)["divisor"] == written
    choose(at, "mode", "max")  # which does not divide
    assert not at.error and mounted(at)
    choose(at, "mode", "avg")
    assert at.error
    typed(at, "divisor").set_value("2").run()
    assert not at.error and scene(at)["divisors"] == ["2"] * 4


def test_height_and_width_apart() -> None:
    at = page(preset="4x4", kernel="2", kernel_w="1", stride="1", stride_w="2", padding="0", padding_w="0")
    assert scene(at)["out_size"] == [3, 2]
    assert len(scene(at)["formula"]) == 2


def test_a_damaged_sample_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def damaged() -> None:
        raise DataError("data_truncated", path="t10k", found=1, expected=2)

    monkeypatch.setitem(EXAMPLES, "image", dataclasses.replace(EXAMPLES["image"], numbers=damaged))
    at = page(preset="image")
    assert not at.exception
    assert "damaged" in at.error[0].value and outputs(at) == [["4", "5", "7", "8"]]


def test_the_page_imports_no_torch() -> None:
    code = (
        "import sys\nfrom streamlit.testing.v1 import AppTest\n"
        "at = AppTest.from_file('pages/router.py', default_timeout=60)\n"
        "at.switch_page('pooling.py').run()\n"
        "assert not at.exception, at.exception\nassert at.get('bidi_component')\n"
        "sys.exit('torch' in sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=paths.PROJECT, check=False).returncode == 0


# -- views and lessons -------------------------------------------------------------------------------------------


def test_what_if_padding_were_zero() -> None:
    at = page(preset="negative")
    assert outputs(at) == [["−1", "−1", "−3", "−2"]]
    at.toggle(key="zero").set_value(True).run()
    assert outputs(at) == [["0", "0", "0", "−2"]] and scene(at)["wrong"] == [[0, 1, 2]]
    assert url(at) == {"preset": "negative", "zero": "true"}
    assert outputs(page(**url(at))) == outputs(at)
    choose(at, "mode", "avg")
    assert "zero" not in [toggle.key for toggle in at.toggle], "an average pads with 0 anyway"
    at = page(zero="true")
    assert not at.exception and outputs(at) == [["4", "5", "7", "8"]]


def test_the_gradient_view() -> None:
    at = page(preset="4x4", panel="gradient", arriving="count")
    drawn = scene(at)
    assert drawn["back"] and drawn["output"]["texts"] == [["1", "2", "3", "4"]]
    assert [drawn["input"]["texts"][0][i] for i in (5, 7, 13, 15)] == ["1", "2", "3", "4"]
    choose(at, "arriving", "ones")
    assert scene(at)["output"]["texts"] == [["1"] * 4]


@pytest.mark.parametrize("change", ["shift", "noise"])
def test_the_robustness_view(change: str) -> None:
    at = page(preset="image", panel="robustness", change=change)
    assert not at.exception and len(at.get("plotly_chart")) == 2
    assert "784 numbers into 196 (25.0%)" in words(at) and "changed least" in words(at)
    at.slider(key=change).set_value(0).run()
    assert "The input did not change" in words(at)
    assert url(at)[change] == "0"


def test_the_stack_view() -> None:
    at = page(preset="image", panel="stack", pools="3", stride2="1")
    levels = scene(at)["levels"]
    assert [level["size"] for level in levels] == [[28, 28], [14, 14], [13, 13], [6, 6]]
    assert "Receptive field" in words(at) and "**6**" in words(at)
    at.slider(key="kernel3").set_value(7).run()
    at.slider(key="kernel2").set_value(7).run()
    assert scene(at)["levels"][-1]["size"] == [1, 1]
    at = page(panel="stack", pools="3")
    assert len(at.error) == 1 and not at.exception and refused(at)
    assert [n.key for n in at.slider if n.key == "pools"], "the way back stays"


@pytest.mark.parametrize("code", ["pytorch", "loop", "numpy"])
def test_the_code_view(code: str) -> None:
    at = page(panel="code", code=code)
    [block] = at.code
    assert "[0.0, 1.0, 2.0]" in block.value


def test_pytorchs_own_words() -> None:
    at = page(kernel="7")
    assert "RuntimeError: Given input size: (1x3x3). Calculated output size: (1x-3x-3)." in words(at)


def opened(name: str, **query: str) -> AppTest:
    """A lesson whose question the reader would rather not answer."""
    at = page(lesson=name, **query)
    return at.button(key="lesson_show").click().run()


@pytest.mark.parametrize("name", list(LESSONS))
def test_a_lesson_by_click_and_by_link(name: str) -> None:
    lesson = LESSONS[name]
    at = page(preset="channels", mode="avg", dilation="2", grid="1,2;3,4")
    at.pills(key="chosen").set_value(name).run()
    assert not at.exception and not at.warning and not at.error
    assert lesson.title in words(at) and url(at).get("panel", "window") == lesson.beginning["panel"]
    drawn = [figure.proto.json for figure in mounted(at)]

    linked = page(lesson=name)
    assert not linked.exception and not linked.warning
    assert [figure.proto.json for figure in mounted(linked)] == drawn
    assert url(linked) == url(at) and url(linked)["lesson"] == name

    at.button(key="lesson_show").click().run()
    assert not at.exception and not at.warning
    assert len(at.error) == (name == "refused")
    settings = {**lesson.beginning, **lesson.opened}
    assert url(at).get("panel", "window") == settings["panel"]
    assert {key: at.session_state[key] for key in settings if key != "grid"} == {
        key: value for key, value in settings.items() if key != "grid"
    }


def test_a_lesson_goes_on_while_the_reader_follows_it() -> None:
    at = opened("stride")
    assert scene(at)["out_size"] == [3, 3]
    at.slider(key="stride").set_value(3).run()
    assert LESSONS["stride"].text in words(at) and scene(at)["out_size"] == [1, 1]
    again = page(**url(at))
    assert scene(again)["out_size"] == [1, 1] and LESSONS["stride"].text in words(again)
    choose(at, "preset", "channels")
    assert LESSONS["stride"].text not in words(at)


@pytest.mark.parametrize("name", list(LESSONS))
@pytest.mark.parametrize("lang", LANGUAGES)
def test_lessons_name_controls_by_their_labels(name: str, lang: str) -> None:
    at = opened(name, lang=lang)
    kinds = ("slider", "toggle", "text_input", "segmented_control")
    labels = [widget.label for kind in kinds for widget in at.get(kind)]
    labels += [option for control in at.segmented_control for option in control.options]
    folder = paths.PROJECT / "lenet" / "locale"
    text = gettext.translation("lenet", folder, [lang], fallback=True).gettext(LESSONS[name].text)
    assert text in words(at)
    for label in re.findall(r"\*\*(.+?)\*\*", text):
        assert any(known.startswith(label) for known in labels), (label, labels)


@pytest.mark.parametrize("name", list(LESSONS))
@pytest.mark.parametrize("mode", ["max", "avg"])
def test_no_lesson_speaks_of_padding_where_there_is_none(name: str, mode: str) -> None:
    """The running text of the page, in each panel that a lesson opens, but for what the control and the refusal say."""
    at = opened(name)
    if name != "refused":
        choose(at, "mode", mode)
        at.slider(key="padding").set_value(0).run()
    verdict = LESSONS[name].question.solution.say()
    told = words(at).replace(LESSONS[name].text, "").replace(verdict, "").replace("What PyTorch refuses", "")
    told = re.sub(
        r"There is no padding now[^.]*\.|An average does pad with 0",
        "",
        told,
    )
    titles = [lesson.title for lesson in LESSONS.values()]
    for title in titles:
        told = told.replace(title, "")
    assert not at.exception and "padding" not in told.lower().replace("**padding**", ""), told


def test_a_shift_by_the_stride_moves_the_maps() -> None:
    at = opened("shift")
    assert "1 is no multiple of the stride of 2" in words(at) and "invariance" in words(at)
    at.slider(key="shift").set_value(2).run()
    assert (
        "2 cells are 1 × the stride of 2: both pooled maps hold the same numbers as before, moved by exactly 1 cell."
        in words(at)
    )
    assert "The input changed by 49.7%; the output that changed least is that of average pooling: 40.8%." in words(at)
    at.slider(key="shift").set_value(0).run()
    assert "equivariant" not in words(at) and "invariance" not in words(at)


def test_noise_is_compared_on_the_grid_and_in_random_order() -> None:
    told = words(opened("noise"))
    assert "| this grid | 0.87 |" in told and "| its numbers in random order | " in told
    assert "picture of the examples" not in told, "the grid is that picture"
    assert "| the picture of the examples | 0.87 |" in words(page(panel="robustness", change="noise"))


def test_a_lesson_that_is_none() -> None:
    at = page(lesson="<b>")
    assert len(at.warning) == 1 and outputs(at) == [["4", "5", "7", "8"]]


# -- a grid of one's own -----------------------------------------------------------------------------------------


def test_another_size_and_back() -> None:
    at = open_editor(page(preset="image"))
    at.slider(key="rows").set_value(3).run()
    at.slider(key="columns").set_value(8).run()
    assert scene(at)["size"] == [3, 8] and scene(at)["image"]
    at.slider(key="rows").set_value(28).run()
    at.slider(key="columns").set_value(28).run()
    assert "An ankle boot" in words(at), "nothing was lost on the way"
    at.slider(key="channels").set_value(4).run()
    assert scene(at)["channels"] == 4


def test_numbers_at_one_click() -> None:
    at = open_editor(page())
    at.slider(key="columns").set_value(5).run()
    at.button(key="count").click().run()
    assert url(at)["grid"] == "0,1,2,3,4;5,6,7,8,9;10,11,12,13,14"
    at.button(key="random").click().run()
    first = url(at)["grid"]
    at.button(key="random").click().run()
    assert url(at)["grid"] != first


def picture(size: tuple[int, int] = (60, 30), form: str = "PNG") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, (255, 0, 0)).save(file, form)
    return file.getvalue()


def test_a_picture_of_ones_own() -> None:
    at = open_editor(page())
    at.file_uploader(key="picture").upload("red.png", picture(), "image/png").run()
    assert not at.exception and not at.error
    drawn = scene(at)
    assert drawn["image"] and drawn["size"] == [14, 28] and set(drawn["input"]["texts"][0]) == {"76"}
    assert at.session_state["preset"] == "image" and url(at) == {"preset": "image"}
    at.toggle(key="color").set_value(True).run()
    assert scene(at)["channels"] == 3 and set(scene(at)["input"]["texts"][0]) == {"255"}
    at.slider(key="side").set_value(8).run()
    assert scene(at)["size"] == [4, 8]
    at.slider(key="kernel").set_value(4).run()
    assert scene(at)["size"] == [4, 8], "a change of the layer leaves the picture alone"
    at.button(key="reset").click().run()
    assert scene(at)["size"] == [28, 28]


def test_a_file_that_is_no_picture() -> None:
    at = open_editor(page(preset="4x4"))
    at.file_uploader(key="picture").upload("x.png", b"not a picture", "image/png").run()
    assert not at.exception
    assert len(at.error) == 1 and "cannot be read as a picture" in at.error[0].value


def test_every_button_has_a_name() -> None:
    """Also those that show an icon alone."""
    at = opened("window")
    assert len(at.button) > 3 and all(button.label for button in at.button)
