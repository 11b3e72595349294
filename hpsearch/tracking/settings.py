"""What a mirror is started with. Addresses travel in the environment, the rest as arguments: `ps` shows no password."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

URI = "HPSEARCH_MIRROR_URI"
LEDGER = "HPSEARCH_MIRROR_LEDGER"

# MLflow reads these when it is imported, hence in the environment of the process. A retried create_run makes a second run,
# since MLflow cannot tell that it has seen the request before: the mirror looks first, and tries again itself.
_FORCED = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",  # also spares a get_run for each run that ends
    "MLFLOW_CONFIGURE_LOGGING": "false",
}
_DEFAULTS = {"MLFLOW_HTTP_REQUEST_TIMEOUT": "10"}


@dataclass(frozen=True)
class Settings:
    """One mirror's task.

    Attributes:
        ledger: a file or a database's URL.
        state: mirror.db; its folder is the study's, with spec.yaml, report.html, ranking.json, figures/ and artifacts/.
        uri: MLflow's.
        folder: whose lock tells whether the study's driver lives.
    """

    ledger: str
    state: Path
    uri: str
    experiment: str
    folder: Path
    log: Path

    def arguments(self) -> list[str]:
        return [
            *("--state", str(self.state)),
            *("--experiment", self.experiment),
            *("--folder", str(self.folder)),
            *("--log", str(self.log)),
        ]

    def environment(self, base: Mapping[str, str] | None = None) -> dict[str, str]:
        """The process's whole environment."""
        given = dict(os.environ if base is None else base)
        return _DEFAULTS | given | _FORCED | {URI: self.uri, LEDGER: self.ledger}

    @classmethod
    def parse(cls, arguments: Sequence[str], environment: Mapping[str, str]) -> Settings:
        """The inverse of `arguments` and `environment`."""
        pairs = dict(zip(arguments[::2], arguments[1::2], strict=True))
        return cls(
            ledger=environment[LEDGER],
            state=Path(pairs["--state"]),
            uri=environment[URI],
            experiment=pairs["--experiment"],
            folder=Path(pairs["--folder"]),
            log=Path(pairs["--log"]),
        )
