"""Every text the app can show is in the catalogue, translated, with the same placeholders."""

from __future__ import annotations

import ast
import io
import re
import string
import threading
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract, extract_from_dir
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po

from lenet.common import errors, translation
from lenet.common.paths import PROJECT
from tests.helpers.pages import open_page, said, url

PO = translation.LOCALE_DIR / "zh_CN" / "LC_MESSAGES" / "lenet.po"
KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2)}


def source_messages() -> dict[str | tuple[str, str], str]:
    """Message id → place, for every call of `_`, `N_` and `ngettext` in the app."""
    found = {}
    for folder in (PROJECT / "lenet", PROJECT / "pages"):
        for file, line, message, _comments, _context in extract_from_dir(
            folder, [("**.py", "python")], keywords=KEYWORDS
        ):
            found[message] = f"{folder.name}/{file}:{line}"
    with (PROJECT / "app.py").open("rb") as f:
        for line, message, _comments, _context in extract("python", f, keywords=KEYWORDS):
            found[message] = f"app.py:{line}"
    return found


def catalogue() -> Catalog:
    with PO.open("rb") as f:
        return read_po(f, locale="zh_CN")


def test_every_message_is_translated() -> None:
    known = catalogue()
    missing = {}
    for message, place in source_messages().items():
        entry = known.get(message if isinstance(message, str) else message[0])
        if (
            entry is None
            or not entry.string
            or entry.fuzzy
            or (isinstance(entry.string, tuple) and not all(entry.string))
        ):
            missing[place] = message
    assert missing == {}


def test_nothing_is_translated_that_is_never_said() -> None:
    said = {m if isinstance(m, str) else m[0] for m in source_messages()}
    unused = [m.id for m in catalogue() if m.id and (m.id if isinstance(m.id, str) else m.id[0]) not in said]
    assert unused == []


def placeholders(text: str) -> set[str]:
    return {name for _literal, name, _spec, _conversion in string.Formatter().parse(text) if name is not None}


def test_placeholders_are_the_same() -> None:
    for m in catalogue():
        if (m.id and "python-brace-format" in m.flags) or (m.id and "{" in str(m.id)):
            ids = m.id if isinstance(m.id, tuple) else (m.id,)
            strings = m.string if isinstance(m.string, tuple) else (m.string,)
            try:
                wanted = set().union(*(placeholders(i) for i in ids))
            except ValueError:  # braces that are not placeholders (LaTeX, code)
                continue
            for s in strings:
                assert placeholders(s) <= wanted, m.id
                assert wanted - placeholders(s) <= {"n"}, m.id


def test_chinese_is_chinese() -> None:
    """A translation that is its own source is one that somebody forgot, unless it holds no words."""
    same = [m.id for m in catalogue() if isinstance(m.id, str) and m.id and m.id == m.string]
    assert [m for m in same if re.search(r"[A-Za-z]{4,} [a-z]{2,}", m)] == []


WRITTEN_ONE_WAY = {
    "您": "你",
    "方案": "配方",
    "学习率计划": "学习率调度",
    "幅图像": "张图像",
    "池化层": "汇聚层",
    "运行“": "训练“",
}
"""What the Chinese texts do not say, with what they say instead."""


def test_chinese_has_one_word_for_each_thing() -> None:
    texts = [s for m in catalogue() if m.id for s in ([m.string] if isinstance(m.string, str) else m.string)]
    others = [(word, s) for word in WRITTEN_ONE_WAY for s in texts if word in s.replace("（即池化层）", "")]
    assert others == []
    han = "[\u4e00-\u9fff]"
    assert [s for s in texts if re.search(rf"{han}[,;:!?]|[,;:!?]{han}|{han} ?\.(?:\s|$)", s)] == [], (
        "half-width punctuation"
    )
    assert [s for s in texts if re.search(r"(?<!…)…(?!…)", s) and re.search(han, s)] == [], "half an ellipsis"


def is_sign(character: str) -> bool:
    return unicodedata.category(character)[0] in "PS"


def test_bold_words_are_bold() -> None:
    """Markdown shows ** as it is where a sign stands inside of it and a letter or a Chinese character outside."""
    texts = [s for m in catalogue() if m.id for s in ([m.string] if isinstance(m.string, str) else m.string)]
    shown = []
    for text in texts:
        for match in re.finditer(r"\*\*(.+?)\*\*", text):
            before, after = text[: match.start()][-1:] or " ", text[match.end() :][:1] or " "
            sides = (match[1][0], before), (match[1][-1], after)
            if any(is_sign(inside) and not (outside.isspace() or is_sign(outside)) for inside, outside in sides):
                shown.append(match[0] + after)
    assert shown == []


def test_compiled_catalogue_is_up_to_date() -> None:
    fresh = io.BytesIO()
    write_mo(fresh, catalogue())
    fresh.seek(0)
    with PO.with_suffix(".mo").open("rb") as f:
        compiled = read_mo(f)
    # Without the head, which names the version of Babel that wrote it.
    said, written = ([(m.id, m.string) for m in texts if m.id] for texts in (compiled, read_mo(fresh)))
    assert said == written, "run: pybabel compile -d lenet/locale -D lenet"


def test_no_text_is_shown_past_the_catalogue() -> None:
    """Words given directly to a Streamlit command in a page or in lenet/ui."""
    shown = {"markdown", "caption", "write", "button", "selectbox", "slider", "toggle", "expander", "tabs", "error",
             "warning", "info", "success", "header", "subheader", "title", "number_input", "text_area", "popover",
             "segmented_control", "pills", "radio", "checkbox", "metric", "page_link", "download_button", "progress"}  # fmt: skip
    loose = []
    for path in [PROJECT / "app.py", *(PROJECT / "pages").rglob("*.py"), *(PROJECT / "lenet" / "ui").glob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in shown:
                if isinstance(node.func.value, ast.Name) and node.func.value.id == "log":
                    continue  # for the operator
                for arg in [
                    *node.args[:1],
                    *(k.value for k in node.keywords if k.arg in ("label", "help", "text", "alt", "placeholder")),
                ]:
                    text = arg.value if isinstance(arg, ast.Constant) else None
                    if isinstance(text, str) and re.search(r"[A-Za-z]{3,}", text) and not text.endswith(".py"):
                        loose.append((path.name, node.lineno, text))
    assert loose == []


@pytest.mark.parametrize("language", list(translation.LANGUAGES))
def test_every_code_can_be_said(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(translation, "_ask", lambda: language)
    for code in errors.MESSAGES:
        assert errors.say(code, {})  # parameters that an old file lacks show as ?
    assert "no-such-code" in errors.say("no-such-code", {})
    assert "“x”" in errors.explain(errors.LenetError("no_such_run", id="x"))


def test_two_readers_in_two_languages_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each thread's reader is asked for, and not whoever came last."""
    here = threading.local()
    monkeypatch.setattr(translation, "_ask", lambda: here.language)
    said: dict[str, str] = {}
    both = threading.Barrier(2)

    def read(language: str) -> None:
        here.language = language
        both.wait(60)
        said[language] = errors.say("no_such_run", {"id": "x"})

    threads = [threading.Thread(target=read, args=(code,)) for code in translation.LANGUAGES]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert said == {"en": "There is no run called “x” here.", "zh_CN": said["zh_CN"]}
    assert re.search("[\u4e00-\u9fff]", said["zh_CN"])


@pytest.mark.parametrize(
    ("browser", "expected"),
    [
        ("zh-CN", "zh_CN"),
        ("zh-TW", "zh_CN"),
        ("zh", "zh_CN"),
        ("en-GB", "en"),
        ("fr", "en"),
        (None, "en"),
        ("", "en"),
    ],
)
def test_browser_language(browser: str | None, expected: str) -> None:
    assert translation.match_locale(browser) == expected


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        *(
            (tag, "zh_CN")
            for tag in ("zh", "zh-CN", "zh-Hans", "zh_CN", "zh-TW", "zh-Hant-HK", "ZH-cn", "zh_CN.UTF-8")
        ),
        *((tag, "en") for tag in ("en", "en-US", "en_GB", "EN", "en@latin")),
        *((tag, None) for tag in ("fr", "enm", "zhx", "", "-", "xx")),
    ],
)
def test_any_tag_of_a_language_names_it(tag: str, code: str | None) -> None:
    assert translation.language_of(tag) == code


@pytest.mark.usefixtures("router")
@pytest.mark.parametrize(
    ("tag", "home", "kept"), [("zh", "首页", "zh_CN"), ("zh-Hant", "首页", "zh_CN"), ("en-US", "Home", None)]
)
def test_a_link_may_name_a_language_by_any_of_its_tags(tag: str, home: str, kept: str | None) -> None:
    at = open_page("home", lang=tag)
    assert not at.exception and said(at) == []
    assert translation.match_locale(None) == "en" and url(at).get("lang") == kept
    assert at.segmented_control(key="lang").value == (kept or "en")
    assert (home == "首页") == any("数据" in c.value for c in at.caption)


def test_messages_inside_f_strings_are_in_the_catalogue() -> None:
    """The catalogue's extraction does not look there: such a message stays English unless it stands elsewhere too."""
    known = catalogue()
    lost = set()
    for path in [*(PROJECT / "pages").rglob("*.py"), *(PROJECT / "lenet").rglob("*.py"), PROJECT / "app.py"]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in ("_", "N_", "ngettext")
            ):
                for message in node.args[:1]:
                    if isinstance(message, ast.Constant) and message.value and known.get(message.value) is None:
                        lost.add((path.name, message.lineno, message.value))
    assert lost == set()


def test_another_language_is_one_line_and_its_catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Shown with one made here: who asks for a language learns of it from the table."""
    for code in translation.LANGUAGES:
        if code != translation.DEFAULT:
            (tmp_path / code).symlink_to(translation.LOCALE_DIR / code)
    folder = tmp_path / "ja" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with PO.open("rb") as f:
        texts = read_po(f, locale="ja")
    texts.get("Home").string = "ホーム"
    with (folder / "lenet.mo").open("wb") as f:
        write_mo(f, texts)
    monkeypatch.setattr(translation, "LOCALE_DIR", tmp_path)
    monkeypatch.setitem(translation.LANGUAGES, "ja", translation.Language("日本語", "言語", "ja", "ja", space=""))
    assert translation.match_locale("ja-JP") == "ja"
    monkeypatch.setattr(translation, "_ask", lambda: "ja")
    assert translation.translate("Home") == "ホーム"
    assert translation.paragraph("一。", "二。") == "一。二。"

    at = open_page("home", lang="ja")
    assert not at.exception and at.query_params["lang"] in ("ja", ["ja"])
    (switch,) = [b for b in at.get("button_group") if "言語" in b.label]
    assert "日本語" in [option.content for option in switch.proto.options]
    translation._catalogue.cache_clear()


# -- what is remembered for each language --------------------------------------------------------------------------


def test_a_remembered_result_is_of_its_language_and_of_the_content_of_its_arguments(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    language = "en"
    monkeypatch.setattr(translation, "_ask", lambda: language)
    calls = []

    @translation.cached(maxsize=8)
    def sentence(names: list[str], values: np.ndarray, *, more: object = None) -> str:
        calls.append(language)
        return f"{translation.translate('Home')} {names} {values.sum()} {more}"

    english = sentence(["a"], np.array([1, 2]))
    assert sentence(["a"], np.array([1, 2])) is english and calls == ["en"], "equal content, other objects"
    assert sentence(["a"], np.array([1.0, 2.0])) != english, "another dtype is another array"
    assert sentence(["b"], np.array([1, 2])) != english
    assert sentence(["a"], np.array([1, 2]), more={"x": [1]}) != english
    language = "zh_CN"
    chinese = sentence(["a"], np.array([1, 2]))
    assert chinese != english and "首页" in chinese
    language = "en"
    assert sentence(["a"], np.array([1, 2])) is english
