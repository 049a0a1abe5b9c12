"""The Streamlit helpers that pages share. Nothing else in lenet/ imports streamlit.

Pages take all of it from here: `ui.choice(…)`.
"""

from lenet.ui.frame import data_download, data_words, status_line, style
from lenet.ui.language import language_switch
from lenet.ui.messages import arrived, attempt, check_query, guard, note_arrival, notice, plain, problem
from lenet.ui.parts import (
    COMPONENTS_DIR,
    component,
    part,
    pick,
    plotly_config,
    run_words,
    table,
    tell_broken_runs,
    wait_for,
)
from lenet.ui.server import sessions
from lenet.ui.sign_in import operator, operator_sign_in
from lenet.ui.speed import first_import, settle_heap, turn
from lenet.ui.visitor import check_limits
from lenet.ui.widgets import (
    choice,
    choices,
    decimal,
    folded,
    keep_in_url,
    kept,
    leave_to_browser,
    number,
    seed_from_url,
    setting,
    shared_address,
    tabs,
    toggle,
)

__all__ = [
    "COMPONENTS_DIR",
    "arrived",
    "attempt",
    "check_limits",
    "check_query",
    "choice",
    "choices",
    "component",
    "data_download",
    "data_words",
    "decimal",
    "first_import",
    "folded",
    "guard",
    "keep_in_url",
    "kept",
    "language_switch",
    "leave_to_browser",
    "note_arrival",
    "notice",
    "number",
    "operator",
    "operator_sign_in",
    "part",
    "pick",
    "plain",
    "plotly_config",
    "problem",
    "run_words",
    "seed_from_url",
    "sessions",
    "setting",
    "settle_heap",
    "shared_address",
    "status_line",
    "style",
    "table",
    "tabs",
    "tell_broken_runs",
    "toggle",
    "turn",
    "wait_for",
]
