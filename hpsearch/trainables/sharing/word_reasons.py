"""What becomes of words that are counted, and why: for people, and for the planner, which tells how often that is done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hpsearch.spec.model import StudySpec
from hpsearch.trainables.bases import Bases
from hpsearch.trainables.choices import Choice
from hpsearch.trainables.estimators import configure
from hpsearch.trainables.sharing.grouping import Reason, Refused
from hpsearch.trainables.sharing.looking import look
from hpsearch.trainables.sharing.rules import rules_of

_WHY = "words are counted document by document, so once for all folds, and for all settings that only choose among them"


@dataclass(frozen=True)
class WordsIn:
    """What becomes of the rule for words. `free`: as `Sharing.words`. `refused`: as `Sharing.uncounted`."""

    reasons: tuple[Reason, ...]
    free: Mapping[str, frozenset[str]]
    refused: tuple[Refused, ...]


def words_in(spec: StudySpec, bases: Bases, choices: Sequence[Choice]) -> WordsIn:
    """Of data that are no documents, and of a first step that counts no words, nothing: it is no news."""
    reasons: list[Reason] = []
    refused: list[Refused] = []
    free: dict[str, frozenset[str]] = {}
    for choice in choices if spec.data is not None and spec.data.text else ():
        base, own = bases.of(choice.first)
        steps = getattr(base, "steps", [])
        rule = rules_of(steps[0][1]).words if len(steps) > 1 else None
        if rule is None:
            continue
        name, cls = steps[0][0], str(choice.first.get(steps[0][0], ""))
        configured, prefix = configure(base, own, 0, 1.0).steps[0][1], f"{name}__"
        looked = look("words", rule, choice, cls, configured, prefix)
        reasons += looked.reasons
        if looked.is_used:
            reasons.append(Reason("words", True, type(configured).__name__, _WHY))
            names = {each.called: each.name.removeprefix(prefix) for each in choice.settings if each.name.startswith(prefix)}
            free[cls] = free.get(cls, frozenset()).union(called for called, own_name in names.items() if own_name in rule.free)
            refused += looked.refused
    return WordsIn(tuple(dict.fromkeys(reasons)), free, tuple(dict.fromkeys(refused)))
