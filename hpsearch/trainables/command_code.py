"""Which program a command runs, and which files of the study's own are that program.

Of the files under the spec's folder: the one that is run, the script that a Python is given, whatever they are called; each that
a word names and whose ending says that it is code; and what Python files and modules among them import. No other file that a word
names is one: it cannot be told whether the program reads it or writes it, and a trial that writes a part of its own identity
would be another trial ever after.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from hpsearch.core.names import did_you_mean
from hpsearch.spec.command import literal
from hpsearch.trainables.findings import Finding
from hpsearch.trainables.snapshot import CodeSnapshot, imports_of, take_snapshot

# What is larger is neither read for a digest, nor sent to other machines.
LIMIT_BYTES = 32 * 1024 * 1024

# Of files that are written by hand, and by no trial; in lower case.
_CODE = frozenset({".py", ".sh", ".bash", ".r", ".jl", ".js", ".mjs", ".pl", ".rb", ".lua"})

_PYTHON = re.compile(r"python(3(\.\d+)?)?")


def find_program(word: str, folder: Path, at: str) -> Path:
    """The file that runs: on PATH, in the spec's folder, or, of a Python that is nowhere, the one that runs hpsearch.

    Raises:
        Finding: there is none, or it cannot be run.
    """
    if not word.strip():
        raise Finding(at, ": the program's name is empty")
    local = folder / word
    if os.sep not in word and (found := shutil.which(word)) is not None:
        return Path(found).absolute()
    if local.is_file():
        if os.access(local, os.X_OK):
            return local
        runner = "python " if word.endswith(".py") else "sh " if word.endswith(".sh") else ""
        fix = f"write {runner}{word}" if runner else f"chmod +x {word}"
        raise Finding(at, f" = {word}: {local} is not executable; {fix}")
    if _PYTHON.fullmatch(word):
        return Path(sys.executable)
    if os.sep in word:
        if local.is_dir():
            raise Finding(at, f" = {word}: is a folder; name the program in it")
        if os.path.isabs(word):
            raise Finding(at, f" = {word}: there is no such file on this machine{_near_file(local)}")
        near = _near_file(local)
        raise Finding(at, f" = {word}: there is no such file{near}; the program is looked for from the spec's folder, {folder}")
    fix = "; a variable is set by env: env NAME=VALUE program" if "=" in word else did_you_mean(word, _on_path())
    raise Finding(at, f" = {word}: there is no such program on PATH, nor in {folder}{fix}")


def check_script(words: Sequence[str], folder: Path, places: Sequence[str]) -> None:
    """Raises: Finding, where a Python is to run a file that is not there."""
    index = _script_index(words)
    script = None if index is None else literal(words[index])
    if index is None or script is None or (path := folder / script).exists():
        return
    near = _near_file(path)
    if os.path.isabs(script):
        raise Finding(places[index], f": there is no {script} on this machine{near}")
    raise Finding(places[index], f": there is no {script} in {folder}{near or '; it is looked for from there'}")


def command_snapshot(words: Sequence[str], folder: Path) -> CodeSnapshot:
    """The study's own program files that a command names, and what they import; the folder alone where there are none."""
    found: dict[str, bytes] = {}
    texts = [literal(word) for word in words]
    script = _script_index(words)
    for index, text in enumerate(texts):
        if text is None or (index == 0 and _is_elsewhere(text, folder)):
            continue
        for path in _named(text, folder):
            if index not in (0, script) and path.suffix.lower() not in _CODE:
                continue
            found[path.relative_to(folder).as_posix()] = path.read_bytes()
            if path.suffix == ".py" or index == script:
                found.update(_imported(path, folder))
        if index and texts[index - 1] == "-m":
            module = take_snapshot([text, f"{text}.__main__"], folder)
            found.update(module.files if module is not None else ())
    return CodeSnapshot(str(folder), tuple(sorted(found.items())))


def moved(word: str, code: CodeSnapshot, place: Path) -> str:
    """A word that names one of the study's own files, with the file's path in `place` where that is not the spec's folder."""
    folder = Path(code.folder)
    text = literal(word)
    if text is None or place == folder:
        return word
    files = dict(code.files)
    for lead, name in _names(text):
        inside = os.path.relpath(folder / name, folder)
        if inside in files:
            return f"{lead}{place / inside}".replace("{", "{{").replace("}", "}}")
    return word


def _is_elsewhere(program: str, folder: Path) -> bool:
    """Whether the program is no file of the study's own: one of the machine's, or a Python wherever it lies."""
    if _PYTHON.fullmatch(Path(program).name):
        return True
    return os.sep not in program and shutil.which(program) is not None


def _named(text: str, folder: Path) -> Iterator[Path]:
    """The files of the study's own that a word names: one at most, but for odd names."""
    for _, name in _names(text):
        path = Path(os.path.normpath(folder / name))
        # Of a name longer than a file can have, Path.is_file raises.
        if path.is_relative_to(folder) and os.path.isfile(path) and path.stat().st_size <= LIMIT_BYTES:
            yield path


def _names(text: str) -> Iterator[tuple[str, str]]:
    """(what stands before it, what may be a file's name): a whole word, and what follows the equals sign of an option."""
    yield "", text
    option, equals, value = text.partition("=")
    if value:
        yield option + equals, value


def _imported(script: Path, folder: Path) -> Iterator[tuple[str, bytes]]:
    """What a script imports from its own folder, where Python looks first."""
    modules = imports_of(script.read_bytes(), "__main__", script.parent, is_package=False)
    snapshot = take_snapshot(modules, script.parent)
    for path, content in snapshot.files if snapshot is not None else ():
        yield (script.parent / path).relative_to(folder).as_posix(), content


def _script_index(words: Sequence[str]) -> int | None:
    """Where the file stands that a Python is to run; None where it runs a module or text, or is told something unknown."""
    program = literal(words[0])
    if program is None or not _PYTHON.fullmatch(Path(program).name):
        return None
    index = 1
    while index < len(words) and words[index].startswith("-"):
        if words[index] in ("-m", "-c", "-"):
            return None
        index += 2 if words[index] in ("-W", "-X") else 1
    return index if index < len(words) else None


def _near_file(path: Path) -> str:
    if not path.parent.is_dir():
        return f"; {path.parent} is no folder"
    return did_you_mean(path.name, [other.name for other in path.parent.iterdir()])


def _on_path() -> list[str]:
    folders = [Path(each) for each in os.get_exec_path() if Path(each).is_dir()]
    return [name for folder in folders if os.access(folder, os.R_OK) for name in os.listdir(folder)]
