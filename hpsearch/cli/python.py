"""`hpsearch.run` and `hpsearch.load`: the same from a script or a notebook."""

from __future__ import annotations

import os
from pathlib import Path

from hpsearch.cli.progress import make_display
from hpsearch.cluster import resolve
from hpsearch.ledger.folder import studies_dir
from hpsearch.results import StudyResults
from hpsearch.study import Options, load, load_folder, open_spec
from hpsearch.study import run as run_study

__all__ = ["load", "run"]


def run(
    spec: Path | str,
    *,
    directory: Path | str | None = None,
    overrides: tuple[str, ...] = (),
    address: str | None = None,
    cpus: int | None = None,
    wait: bool = True,
    quiet: bool = False,
) -> StudyResults:
    """Runs what is missing of the study that the file `spec` describes, shows progress, and gives the results.

    Args:
        directory: holds one folder per study; default HPSEARCH_DIR, else ./studies.
        overrides: as `--set` on the command line: ("space.max_depth=[3, 5]",).
        address: of a Ray cluster; default RAY_ADDRESS, else a local Ray. A Ray that is started already is used.
        cpus: of the local Ray.
        wait: until MLflow has everything.
        quiet: no progress.

    Raises:
        SpecError, StudyHeldError, InfrastructureError: nothing was run, or it could not go on.
        ObjectiveError: more trials failed than `limits.failures` allows, or none completed.
        Interrupted: never by itself; KeyboardInterrupt passes through.
    """
    loaded = open_spec(Path(spec), overrides=overrides)
    options = Options(studies_dir(directory), resolve(address, os.environ), wait=wait, cpus=cpus)
    with make_display(loaded.name, loaded.space.varying, quiet=quiet) as display:
        summary = run_study(loaded, options, events=display)
    if summary.error is not None:
        raise summary.error
    return load_folder(summary.folder)
