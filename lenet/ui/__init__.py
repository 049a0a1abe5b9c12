"""The Streamlit helpers that pages share. Nothing else in lenet/ imports streamlit.

Pages take all of it from here: `ui.choice(…)`.
"""

from lenet.ui.components import component, routes
from lenet.ui.frame import ICON, data_download, data_words, status_line, style
from lenet.ui.messages import arrived, attempt, check_query, guard, note_arrival, notice, plain, problem
from lenet.ui.parts import (
    part,
    pick,
    plotly_config,
    run_words,
    table,
    tell_broken_runs,
    wait_for,
)
from lenet.ui.reader import know_visitor, language_switch, operator, operator_sign_in
from lenet.ui.server import (
    calm_errors,
    first_import,
    inside_app,
    log_server,
    probe_device,
    sessions,
    settle_heap,
    turn,
)
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
    "ICON",
    "arrived",
    "attempt",
    "calm_errors",
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
    "inside_app",
    "keep_in_url",
    "kept",
    "know_visitor",
    "language_switch",
    "leave_to_browser",
    "log_server",
    "note_arrival",
    "notice",
    "number",
    "operator",
    "operator_sign_in",
    "part",
    "pick",
    "plain",
    "plotly_config",
    "probe_device",
    "problem",
    "routes",
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
