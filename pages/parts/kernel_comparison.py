"""A tab of the kernel page: kernels matched with those of another network, and the similarity of kernels within each."""

from __future__ import annotations

import streamlit as st

from lenet import ui
from lenet.common.errors import LenetError, explain
from lenet.common.translation import translate as _
from lenet.kernels import explanations, note
from lenet.kernels.figures import comparison as figures
from lenet.kernels.history import History, Kernels
from lenet.kernels.matching import Chance, Pair, align, chance
from pages.parts.kernel_choice import INITIAL, NOTE, read


def show(source: str, labels: dict[str, str]) -> None:
    """The whole tab. `labels` are the names of all sources that can be chosen."""
    history = read(source)
    histories = [(labels[source], history)]
    if others := comparable(source, history, labels):
        part = st.container(key="comparison")
        pick, about = part.columns([2, 3], vertical_alignment="bottom", gap="medium")
        text = about.container(key="about_matching")
        other = ui.choice(pick.selectbox, _("Compare with"), others, key="other", default=next(iter(others)))
        initial = history.initial if other == INITIAL else None
        theirs = read(other) if initial is None else History.of_snapshot(initial)
        try:
            pairs = align(history.final, theirs.final)
        except LenetError as error:  # kernels of another size: no error of the reader
            text.info(ui.plain(explain(error)), icon=":material/info:")
        else:
            by_chance = chance(len(history.final), history.final[0].size, partners=len(theirs.final))
            text.markdown(explanations.matching(pairs, by_chance, with_initial=other == INITIAL))
            names = labels[source], others[other]
            with part:
                show_pairs(history.final, theirs.final, pairs, by_chance, names, f"{source}-{other}")
            if other != INITIAL:  # the first pair of bars shows it already
                histories.append((others[other], theirs))
    if several := [(name, each) for name, each in histories if len(each.final) > 1]:
        show_mean_cosines(several, source)


def comparable(source: str, history: History, labels: dict[str, str]) -> dict[str, str]:
    """The names of the sources to compare with; first the note's and the run's own initial kernels."""
    others = {NOTE: _("The note’s kernels")} if history.final.shape[1:] == note.KERNELS.shape[1:] else {}
    if history.initial is not None:
        others[INITIAL] = _("Its own initial kernels")
    return others | {id: label for id, label in labels.items() if id != source}


def show_pairs(
    above: Kernels, below: Kernels, pairs: list[Pair], by_chance: Chance, names: tuple[str, str], file: str
) -> None:
    """The strongest pairs as pictures; beside them how strong all are, and how strong those of random kernels."""
    pictures, strengths = st.columns([5, 2], gap="medium")
    pictures.plotly_chart(
        figures.pairs(above, below, pairs),
        key="pairs", config=ui.plotly_config(f"kernels-{file}"), alt=figures.pairs_alt(pairs),
    )  # fmt: skip
    strengths.plotly_chart(
        figures.strengths(pairs, by_chance),
        key="strengths", config=ui.plotly_config(f"kernels-{file}-r"), alt=figures.strengths_alt(pairs, by_chance),
    )  # fmt: skip
    caption = _(
        "Above: {a}. Below: {b}; × (−1) marks kernels with all signs changed. {partners} Of all permutations and "
        "signs, the pairs shown have the largest sum of |r|, where r is the correlation of the weights. Random kernels "
        "have independent weights; smooth kernels, as training makes them, agree a little more easily."
    )
    st.container(key="about_pairs").caption(
        ui.plain(caption.format(a=names[0], b=names[1], partners=explanations.partners(pairs)))
    )


def show_mean_cosines(histories: list[tuple[str, History]], source: str) -> None:
    ui.markdown("## " + _("Do the kernels divide the work?"))
    st.plotly_chart(
        figures.mean_cosines(histories),
        key="mean_cosines",
        config=ui.plotly_config(f"kernels-{source}-labour"),
        alt=figures.mean_cosines_alt(histories),
    )
    for sentence in explanations.mean_cosines(histories):
        ui.markdown(ui.plain(sentence))
    ui.caption(
        _(
            "Kernels that did entirely different work would have a cosine of 0 with one another; "
            "|cosine| does not distinguish an edge from its negative."
        )
    )
