"""Which modules trials will need, as far as that is known before anything is loaded."""

from __future__ import annotations

from hpsearch.spec.model import StudySpec
from hpsearch.trainables.choices import chosen_paths
from hpsearch.trainables.importing import split_path

# Importing these does nothing else. A user's own module may do anything: it is imported where it is used.
_LIBRARIES = ("sklearn", "xgboost", "lightgbm")


def libraries(spec: StudySpec) -> tuple[str, ...]:
    """Modules of libraries' classes of which the spec's trials are made: for a process that waits for its work."""
    if spec.trial.scores_itself:
        return ()
    named = [spec.trial.path, *chosen_paths(spec)]
    for step in spec.trial.steps:
        named += [step.path, *(path for group in step.columns for path in group.transformers)]
    modules = {split_path(path)[0] for path in named}
    return ("sklearn.metrics", *sorted(module for module in modules if module.partition(".")[0] in _LIBRARIES))
