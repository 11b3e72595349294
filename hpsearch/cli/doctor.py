"""`hpsearch doctor`."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import click

from hpsearch import __version__
from hpsearch.cli.common import dir_option, json_option, print_json
from hpsearch.cluster import check_reachable, resolve
from hpsearch.core.errors import HpsearchError, InfrastructureError
from hpsearch.ledger.folder import studies_dir
from hpsearch.spec.model import TrackingSpec
from hpsearch.tracking import check_store, resolve_uri
from hpsearch.tracking.uris import shown

_PACKAGES = ("ray", "mlflow", "scikit-learn", "xgboost", "numpy", "pandas", "sqlalchemy")
_ROOM_BYTES = 1 << 30


@dataclass(frozen=True)
class Finding:
    """One thing looked at. `ok` False: a run would fail or suffer."""

    subject: str
    ok: bool
    detail: str


@click.command()
@dir_option
@json_option
def doctor(directory: Path | None, as_json: bool) -> None:
    """What is installed, what can be reached, and what is wrong. Exit code 4 where something is.

    \b
    Examples:
      hpsearch doctor
      RAY_ADDRESS=head:6379 MLFLOW_TRACKING_URI=http://head:5000 hpsearch doctor
    """
    findings = [
        Finding("python", sys.version_info >= (3, 11), f"{platform.python_version()} on {platform.platform()}"),
        Finding("hpsearch", True, __version__),
        *(_package(name) for name in _PACKAGES),
        _checked("studies", lambda: _folder(studies_dir(directory))),
        _checked("mlflow store", _store),
        _checked("ray cluster", _cluster),
        Finding("machine", True, f"{os.cpu_count()} CPUs; GPUs: {os.environ.get('CUDA_VISIBLE_DEVICES') or _gpus()}"),
    ]
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            click.echo(f"{'ok   ' if finding.ok else 'WRONG'}  {finding.subject:<13} {finding.detail}")
    wrong = [finding.subject for finding in findings if not finding.ok]
    if wrong:
        raise InfrastructureError(f"not as it should be: {', '.join(wrong)}")


def _package(name: str) -> Finding:
    try:
        return Finding(name, True, version(name))
    except PackageNotFoundError:
        return Finding(name, False, f"not installed: pip install {name}")


def _checked(subject: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(subject, True, look())
    except HpsearchError as error:
        return Finding(subject, False, str(error))


def _folder(path: Path) -> str:
    there = path
    while not there.exists():
        there = there.parent
    free = shutil.disk_usage(there).free
    if not os.access(there, os.W_OK):
        raise InfrastructureError(f"{there} cannot be written; use --dir or HPSEARCH_DIR")
    if free < _ROOM_BYTES:
        raise InfrastructureError(f"{path}: only {free / 2**20:.0f} MiB are free")
    return f"{path} ({free / 2**30:.0f} GiB free)"


def _store() -> str:
    uri = resolve_uri(TrackingSpec())
    check_store(uri)
    return shown(uri)


def _cluster() -> str:
    address = resolve(None, os.environ)
    check_reachable(address, os.environ)
    return str(address)


def _gpus() -> str:
    return "nvidia-smi is there" if shutil.which("nvidia-smi") else "none seen"
