"""Importing what a spec names by dotted path, with errors that say which part is wrong.

`pkg.mod:name` and `pkg.mod.name` are both understood. The spec's folder comes first on sys.path, Python's own modules aside, so
that a user's own need no installing.
"""

from __future__ import annotations

import importlib
import os
import sys
import sysconfig
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from hpsearch.core.names import did_you_mean
from hpsearch.trainables.findings import Finding

_ZIP = f"python{sys.version_info.major}{sys.version_info.minor}.zip"


def put_first(folder: Path | str) -> None:
    """Make `folder` the first place where modules are looked for, after Python's own.

    A user's cmd.py or queue.py must not be taken for Python's by whoever imports that next.
    """
    text = str(folder)
    own = [each for each in sys.path if _is_pythons(each)]
    found = [*own, text, *(each for each in sys.path if each not in own and each != text)]
    if sys.path != found:
        sys.path[:] = found
    importlib.invalidate_caches()


def _is_pythons(place: str) -> bool:
    """Whether a place on sys.path is of Python's own modules."""
    library = (sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"))
    return place in library or os.path.basename(place) in ("lib-dynload", _ZIP)


def split_path(path: str) -> tuple[str, str]:
    """(module, attribute) of "pkg.mod:name" or "pkg.mod.name"; the attribute is empty where there is neither."""
    if ":" in path:
        module, _, name = path.partition(":")
        return module, name
    module, _, name = path.rpartition(".")
    return module, name


def import_path(path: str, at: str, *, example: str) -> object:
    """What stands at the dotted `path`. `at` is where the spec names it, `example` a path that would be right.

    Raises:
        Finding: the path is malformed, its module cannot be imported (with the underlying error), or it has no such name.
    """
    module_name, name = split_path(path)
    if not module_name or not name or not all(part.isidentifier() for part in f"{module_name}.{name}".split(".")):
        raise Finding(at, f" = {path}: not a dotted path; write it out, such as {example}")
    try:
        found: object = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        raise Finding(at, f" = {path}: {_missing_module(error, module_name)}") from error
    except (Exception, SystemExit) as error:  # a user's module may raise anything while it is imported, or be a script that exits
        raise Finding(at, f" = {path}: importing {module_name} failed: {type(error).__name__}: {error}") from error
    walked = module_name
    for part in name.split("."):
        if not hasattr(found, part):
            known = [known for known in dir(found) if not known.startswith("_")]
            own = walked.partition(".")[0] in sys.stdlib_module_names
            near = "; it is a module of Python's own: give your file another name" if own else did_you_mean(part, known)
            raise Finding(at, f" = {path}: {walked} has no {part}{near}")
        found = getattr(found, part)
        walked = f"{walked}.{part}"
    return found


def _missing_module(error: ModuleNotFoundError, module_name: str) -> str:
    missing = error.name or ""
    if not (module_name == missing or module_name.startswith(missing + ".")):
        return f"importing {module_name} failed: there is no module {missing}, which it imports; install it"
    parent, _, last = missing.rpartition(".")
    if not parent:
        return f"there is no module {missing}{_near_module(missing) or '; is it installed here?'}"
    return f"there is no module {missing}{did_you_mean(last, _submodules(parent))}"


def _near_module(name: str) -> str:
    """The end of a message: a module of the user's own before one of somebody else's."""
    return did_you_mean(name, _own_modules(tuple(sys.path))) or did_you_mean(name, _top_modules())


@cache
def _own_modules(path: tuple[str, ...]) -> tuple[str, ...]:
    import pkgutil

    places = [each for each in path if not _is_pythons(each) and "site-packages" not in Path(each).parts]
    return tuple(each.name for each in pkgutil.iter_modules(places))


@cache
def _top_modules() -> tuple[str, ...]:
    from importlib.metadata import packages_distributions  # slow, and needed for the message alone

    return tuple(sorted(set(packages_distributions()) | set(sys.stdlib_module_names)))


def _submodules(package: str) -> list[str]:
    import pkgutil

    spec = find_spec(package)
    places = spec.submodule_search_locations if spec else None
    return [module.name for module in pkgutil.iter_modules(places)] if places else []
