"""Dotted paths of classes and functions."""

from __future__ import annotations

import re

from hpsearch.spec.kinds import Own
from hpsearch.spec.places import Place

# Python imports each package on the way to the next: of no end of names it would take no end of memory.
_NAME = r"[A-Za-z_]\w{0,99}"
_CLASS = re.compile(rf"{_NAME}(\.{_NAME}){{1,30}}")
_FUNCTION = re.compile(rf"{_NAME}(\.{_NAME}){{0,30}}:{_NAME}(\.{_NAME}){{0,30}}")


def class_path(place: Place) -> str | None:
    """A dotted path of a class, "pkg.mod.Class"."""
    path = place.text(None)
    if path is None or _CLASS.fullmatch(path):
        return path
    fix = f"write {path.replace(':', '.')}" if _CLASS.fullmatch(path.replace(":", ".")) else "write pkg.module.Class"
    place.refuse(f"must be the dotted path of a class; {fix}")
    return None


def function_path(place: Place) -> str | None:
    """A function's path, "pkg.mod:name"."""
    path = place.text(None)
    if path is None or _FUNCTION.fullmatch(path):
        return path
    module, _, name = path.rpartition(".")
    fix = f"write {module}:{name}" if _FUNCTION.fullmatch(f"{module}:{name}") else "write pkg.module:name"
    place.refuse(f"must be a module and a function in it; {fix}")
    return None


CLASS_SHAPE = {"type": "string", "pattern": f"^{_CLASS.pattern}$"}
CLASS = Own("a class by its dotted path, `pkg.mod.Class`", class_path, CLASS_SHAPE)
FUNCTION = Own("a function, `pkg.mod:name`", function_path, {"type": "string", "pattern": f"^{_FUNCTION.pattern}$"})
