"""The first-party code that a study runs: which files, their digest, and how they reach a worker.

First-party are the .py files under the spec's folder that the named modules reach by import statements, read without
running anything. What is imported by a computed name, and what is not Python, is not seen.
"""

from __future__ import annotations

import ast
import importlib
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from importlib.util import cache_from_source
from pathlib import Path

from hpsearch.core.values import digest
from hpsearch.trainables.importing import put_first

# Never a study's own code, even where the spec lies in a folder that holds them.
_NOT_FIRST_PARTY = sys.stdlib_module_names | {"hpsearch"}


@dataclass(frozen=True)
class CodeSnapshot:
    """First-party files as they were when the study was prepared.

    Attributes:
        folder: the spec's folder on the machine that made the snapshot.
        files: (path relative to the folder, with slashes; content) of each file, sorted by path.
    """

    folder: str
    files: tuple[tuple[str, bytes], ...]

    @cached_property
    def digest(self) -> str:
        """32 hex digits of the paths and contents; the folder's own place is not part of it."""
        return digest({path: sha256(content).hexdigest() for path, content in self.files})

    def stands_in(self, folder: Path) -> bool:
        """Whether every file of the snapshot is in `folder` with the same content."""
        try:
            return all((folder / path).read_bytes() == content for path, content in self.files)
        except OSError:
            return False

    def activate(self) -> Path:
        """Make the snapshot's modules importable, and return the folder that they come from."""
        folder = self.place()
        put_first(folder)
        self._forget_others(folder)
        return folder

    def place(self) -> Path:
        """Where the files are on this machine.

        The spec's own folder where it has them unchanged (so that files beside the code are found too), else a copy, made once
        for each content and machine.
        """
        folder = Path(self.folder)
        return folder if self.stands_in(folder) else self._unpacked()

    def _unpacked(self) -> Path:
        # Named by user and content, so that later workers find it; a copy that was meddled with is not used.
        place = Path(tempfile.gettempdir()) / f"hpsearch-code-{os.getuid()}" / self.digest
        if not self.stands_in(place):
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if place.parent.stat().st_uid != os.getuid():  # somebody else's folder of that name is not to be trusted
                place = Path(tempfile.mkdtemp(prefix="hpsearch-code-"))
            for path, content in self.files:
                target = place / path
                target.parent.mkdir(parents=True, exist_ok=True)
                # Two workers may unpack at once: each renames a whole file into its place.
                part = target.with_name(f"{target.name}.{os.getpid()}")
                part.write_bytes(content)
                part.replace(target)
        return place

    def _forget_others(self, folder: Path) -> None:
        """Drop modules of these names that were imported from another folder, or from an older state of these files.

        One process may prepare several specs, each with its own train.py; without this the second would run the first's.
        """
        if not all(self._is_current(path, content, folder) for path, content in self.files):
            # All of them: a module that did not change may hold on to one that did.
            names = {_module_name(path) for path, _ in self.files}
            for name in [loaded for loaded in sys.modules if any(loaded == own or loaded.startswith(f"{own}.") for own in names)]:
                del sys.modules[name]
            for path, _ in self.files:
                # Python tells an old compiled file by size and whole seconds: an edit within the second would be missed.
                with suppress(OSError):
                    Path(cache_from_source(str(folder / path))).unlink(missing_ok=True)
        for path, content in self.files:
            _activated[_module_name(path)] = sha256(content).hexdigest()
        importlib.invalidate_caches()

    def _is_current(self, path: str, content: bytes, folder: Path) -> bool:
        """Whether the module is not loaded, or was loaded from this very file and content as far as this process knows."""
        name = _module_name(path)
        if name not in sys.modules:
            return True
        origin = getattr(sys.modules[name], "__file__", None)
        if origin is None or not _same_file(Path(origin), folder / path):
            return False
        return _activated.get(name) in (None, sha256(content).hexdigest())


_DEEPEST = 64  # names in a module's; longer ones are somebody's joke
_activated: dict[str, str] = {}  # module name → digest of the content it was last made importable with, in this process


def take_snapshot(modules: Iterable[str], folder: Path) -> CodeSnapshot | None:
    """The files under `folder` that importing `modules` (dotted names) would run; None where there is none.

    A file that does not parse is part of the snapshot, and so is whatever it was reached from: importing it tells what is wrong.
    """
    found: dict[str, bytes] = {}
    waiting = [name for module in modules for name in _with_parents(module)]
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        path = _file_of(name, folder)
        if path is None:
            continue
        content = path.read_bytes()
        found[path.relative_to(folder).as_posix()] = content
        for imported in imports_of(content, name, folder, is_package=path.name == "__init__.py"):
            waiting.extend(_with_parents(imported))
    return CodeSnapshot(str(folder), tuple(sorted(found.items()))) if found else None


def _with_parents(name: str) -> Iterator[str]:
    """The packages that importing `name` runs, then `name` itself; nothing for what can be no first-party module's name."""
    parts = name.split(".")
    # Anything but an identifier (an empty part, a slash) would name files outside the folder, or the folder itself.
    if parts[0] not in _NOT_FIRST_PARTY and len(parts) <= _DEEPEST and all(part.isidentifier() for part in parts):
        for length in range(1, len(parts) + 1):
            yield ".".join(parts[:length])


def _file_of(name: str, folder: Path) -> Path | None:
    base = folder.joinpath(*name.split("."))
    for path in (base / "__init__.py", base.with_name(base.name + ".py")):
        if path.is_file():
            return path
    return None


def imports_of(content: bytes, name: str, folder: Path, *, is_package: bool) -> Iterator[str]:
    """Dotted names that the module's import statements may reach; names of attributes among them, which have no file."""
    try:
        tree = ast.parse(content)
    except (SyntaxError, ValueError):
        return
    package = name.split(".") if is_package else name.split(".")[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            origin = ".".join([*base, *([node.module] if node.module else [])])
            if origin:
                yield origin
                names = _public_names(origin, folder) if node.names[0].name == "*" else [alias.name for alias in node.names]
                yield from (f"{origin}.{name}" for name in names)
            else:
                yield from (alias.name for alias in node.names if alias.name != "*")


def _public_names(module: str, folder: Path) -> Iterator[str]:
    """The texts that a first-party module writes into its `__all__`: those of a package's modules are imported by a star."""
    path = _file_of(module, folder) if module in _with_parents(module) else None
    if path is None:
        return
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        if _writes_all(node):
            yield from (part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str))


def _writes_all(node: ast.AST) -> bool:
    """`__all__ = [...]`, `__all__ += [...]`, and calls of its methods."""
    if isinstance(node, ast.Assign):
        targets = node.targets
    elif isinstance(node, ast.AnnAssign | ast.AugAssign):
        targets = [node.target]
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        targets = [node.func.value]
    else:
        return False
    return any(isinstance(target, ast.Name) and target.id == "__all__" for target in targets)


def _module_name(path: str) -> str:
    parts = path.removesuffix(".py").split("/")
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


def _same_file(a: Path, b: Path) -> bool:
    try:
        return a.samefile(b)
    except OSError:
        return False
