"""What an importer is: a title, how its files are told from others, and the reading of one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hpsearch.spec.foreign.reading import Foreign
from hpsearch.spec.foreign.sheet import Item
from hpsearch.spec.nodes import MapNode


@dataclass(frozen=True)
class System:
    """A tool whose files can be imported.

    Attributes:
        title: "a W&B sweep".
        looks: what its files are recognised by, as a message says it.
        is_one: whether a file's root looks like that.
        read: the spec's keys, in order, from a file; problems and what has no counterpart are noted in the file's own log.
        is_yaml_1_1: whether the tool's reader takes `yes` for true.
    """

    title: str
    looks: str
    is_one: Callable[[MapNode], bool]
    read: Callable[[Foreign], tuple[Item, ...]]
    is_yaml_1_1: bool = False
