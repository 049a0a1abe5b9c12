"""The Streamlit helpers that pages share. Nothing else in lenet/ imports streamlit.

Pages import them from here: `ui.choice(…)`.
"""

from lenet.ui.address import (
    ask_for_address,
    begin_address,
    begin_step,
    check_query,
    keep_in_url,
    leave_to_browser,
    query,
    seed_from_url,
    shared_address,
    tell_empty,
    write_address,
)
from lenet.ui.charts import plotly_config
from lenet.ui.components import component
from lenet.ui.frame import ICON, data_download, data_words, document, page, scroll_to, status_line, style
from lenet.ui.language import keep_language_in_url, language_switch
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
from lenet.ui.streamlit_internals import went_back
from lenet.ui.visitor import check_limits, note_look
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
    "Refused",
    "arrived",
    "ask_for_address",
    "attempt",
    "begin_address",
    "begin_step",
    "check_limits",
    "check_query",
    "choice",
    "choices",
    "component",
    "data_download",
    "data_words",
    "document",
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
    "note_arrival",
    "note_look",
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
    "status_line",
    "style",
    "tabs",
    "tell_broken_runs",
    "tell_empty",
    "toggle",
    "turn",
    "typed_number",
    "wait_for",
    "went_back",
    "write_address",
]
