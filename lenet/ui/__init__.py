"""The Streamlit helpers that pages share. Nothing else in lenet/ imports streamlit.

Pages import them from here: `ui.choice(…)`.
"""

from lenet.ui.address import (
    address_of,
    ask_for_address,
    begin_address,
    begin_step,
    check_query,
    keep_in_url,
    leave_to_browser,
    query,
    seed_from_url,
    shared_address,
    stay_in_step,
    tell_empty,
    write_address,
)
from lenet.ui.charts import plotly_config
from lenet.ui.classes import (
    ClassHere,
    came_for,
    class_here,
    class_strip,
    class_work,
    come_for,
    may_take_over,
    take_over,
    teaches,
)
from lenet.ui.components import component
from lenet.ui.frame import ICON, data_download, data_words, document, page, scroll_to, status_line, style
from lenet.ui.glossary import begin_terms, caption, explanations, markdown, terms
from lenet.ui.language import keep_language_in_url, language_switch
from lenet.ui.lesson_ticks import note_lessons, ticks_script
from lenet.ui.lines import lines
from lenet.ui.messages import arrived, attempt, guard, note_arrival, notice, plain, problem
from lenet.ui.number_fields import Refused, refusal
from lenet.ui.parts import follow_restarts, part, wait_for
from lenet.ui.presenting import present_button
from lenet.ui.run_names import run_words, tell_broken_runs
from lenet.ui.server import sessions
from lenet.ui.share import share_button
from lenet.ui.sign_in import operator, operator_sign_in
from lenet.ui.speed import first_import, settle_heap, turn
from lenet.ui.stations import note_station, station_script
from lenet.ui.streamlit_internals import went_back
from lenet.ui.visitor import browser, check_limits, note_look
from lenet.ui.widgets import (
    choice,
    choices,
    folded,
    kept,
    number,
    renew_words,
    setting,
    tabs,
    toggle,
    typed_number,
)

__all__ = [
    "ICON",
    "ClassHere",
    "Refused",
    "address_of",
    "arrived",
    "ask_for_address",
    "attempt",
    "begin_address",
    "begin_step",
    "begin_terms",
    "browser",
    "came_for",
    "caption",
    "check_limits",
    "check_query",
    "choice",
    "choices",
    "class_here",
    "class_strip",
    "class_work",
    "come_for",
    "component",
    "data_download",
    "data_words",
    "document",
    "explanations",
    "first_import",
    "folded",
    "follow_restarts",
    "guard",
    "keep_in_url",
    "keep_language_in_url",
    "kept",
    "language_switch",
    "leave_to_browser",
    "lines",
    "markdown",
    "may_take_over",
    "note_arrival",
    "note_lessons",
    "note_look",
    "note_station",
    "notice",
    "number",
    "operator",
    "operator_sign_in",
    "page",
    "part",
    "plain",
    "plotly_config",
    "present_button",
    "problem",
    "query",
    "refusal",
    "renew_words",
    "run_words",
    "scroll_to",
    "seed_from_url",
    "sessions",
    "setting",
    "settle_heap",
    "share_button",
    "shared_address",
    "station_script",
    "status_line",
    "stay_in_step",
    "style",
    "tabs",
    "take_over",
    "teaches",
    "tell_broken_runs",
    "tell_empty",
    "terms",
    "ticks_script",
    "toggle",
    "turn",
    "typed_number",
    "wait_for",
    "went_back",
    "write_address",
]
