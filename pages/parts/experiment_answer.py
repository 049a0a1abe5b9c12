"""The answer of an experiment as far as its runs go: how far they are, what follows from them, and the figure of it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from lenet import experiments, ui
from lenet.common.errors import LenetError, explain
from lenet.common.translation import ngettext
from lenet.common.translation import translate as _
from lenet.experiments import Results, conclusions, estimate, more_seeds
from lenet.experiments.samples import chance, samples
from lenet.experiments.store import Stored
from lenet.runs.visitors import visitor
from lenet.training import figures as training_figures

EVERY = 1.5  # seconds between two looks at the runs of an experiment that goes on
