"""How a call to MLflow can fail, in the three ways that differ in what to do next."""

from __future__ import annotations


class Unavailable(Exception):
    """MLflow cannot be reached, is busy, or is broken: try again later. Whether the call took effect is not known."""


class Refused(Exception):
    """MLflow understood and will never take this content: go on with the next run."""


class Gone(Exception):
    """The run does not exist, or was deleted."""
