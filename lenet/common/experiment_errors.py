"""What can go wrong in an experiment and on a cluster: the codes and sentences that errors.py has beside its own.

They stand here and not in lenet/experiments, because a run's status may name one of them: every page must know its sentence.
"""

from __future__ import annotations

from lenet.common.translation import N_

MESSAGES: dict[str, str] = {
    # an experiment
    "cannot_vary": N_(
        "{name} cannot be chosen in an experiment: its seeds are 0, 1, 2 …, and on a CPU every run takes one thread."
    ),
    "too_many_values": N_("{name} has {value} values: from 1 to {limit} can be compared."),
    "varies_twice": N_("{name} is named twice: write all of its values at once."),
    "no_values": N_("“{value}” does not say what varies: write NAME=V1,V2, for example lr=0.1,0.5."),
    "too_many_experiment_runs": N_(
        "This experiment would have {value} runs: at most {limit} can be trained for one. Choose fewer values or seeds."
    ),
    "too_many_arms": N_(
        "These values make {value} arms: at most {limit} are compared with each other in one experiment. Choose fewer values."
    ),
    "equal_arms": N_(
        "“{a}” and “{b}” train the same network in the same way, so there is nothing to compare: leave one of them out."
    ),
    "bad_experiment_id": N_(
        "“{id}” cannot be the name of an experiment: use 1 to 64 letters, digits, dots, hyphens or underscores, "
        "beginning with a letter or digit."
    ),
    "no_such_experiment": N_("There is no experiment called “{id}” here."),
    "experiment_damaged": N_("The experiment “{id}” cannot be read: {reason}."),
    "experiment_is_reference": N_("“{id}” came with the app and cannot be changed."),
    "not_your_experiment": N_(
        "The experiment “{id}” can only be changed in the browser that started it, or by the operator of this server."
    ),
    "fewer_seeds": N_("The experiment “{id}” has {own} seeds: --seeds must be that number or more, not {value}."),
    "trainer_killed": N_("The process that trained the run “{id}” was killed."),
    "trainer_ends_at_once": N_("The processes that train end before they have begun: see the lines above."),
    "experiment_contradicts": N_(
        "The experiment “{id}” asks something else: {name} is {own} there and {value} here. Leave it out, or choose "
        "another --id."
    ),
    "experiment_varies": N_(
        "The experiment “{id}” asks something else: it compares {own}, not {value}. Leave --vary out, or choose another "
        "--id."
    ),
    "experiment_too_large": N_("An experiment has at most {limit} runs on this server; this one would have {value}."),
    # a cluster
    "ray_missing": N_(
        "Training on a cluster needs Ray, which is not installed here: pip install -r requirements-cluster.txt"
    ),
    "cluster_not_named": N_("Which cluster? Name it with --address HOST:PORT, or set RAY_ADDRESS."),
    "cluster_bad_address": N_(
        "“{address}” is not the address of a Ray cluster: write HOST:PORT, for example 10.0.0.1:6379, or auto for the one "
        "on this machine."
    ),
    "cluster_absent": N_("There is no Ray cluster to join at {address} ({reason})."),
    "cluster_other_version": N_(
        "The cluster at {address} has {name} {theirs}, and this machine {name} {ours}: runs are the same only where both "
        "have the same."
    ),
    "cluster_without_cpus": N_("The cluster at {address} has no CPU for training: start a node with some."),
    "cluster_cannot_import": N_("A node of the cluster at {address} cannot load this program: {reason}."),
    "cluster_lost": N_(
        "The cluster at {address} is gone, or this machine’s part of it. What has reached this machine is kept: start again "
        "to go on."
    ),
    "run_lost": N_("The process that trained this run was lost {times} times in a row ({reason})."),
}
