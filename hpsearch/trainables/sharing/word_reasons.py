"""What becomes of words that are counted, and why: for people, and for the planner, which tells how often that is done."""

from __future__ import annotations

from dataclasses import dataclass

from hpsearch.spec.model import StudySpec
from hpsearch.trainables.bases import Bases
from hpsearch.trainables.choices import Choice
from hpsearch.trainables.estimators import configure
from hpsearch.trainables.sharing.grouping import Reason, Refused
from hpsearch.trainables.sharing.looking import look
from hpsearch.trainables.sharing.rules import rules_of


@dataclass(frozen=True)
class WordsIn:
    """What becomes of the rule for words. `free`: as `Sharing.words`. `refused`: as `Sharing.uncounted`."""

    reasons: tuple[Reason, ...] = ()
    free: frozenset[str] | None = None
    refused: tuple[Refused, ...] = ()


def words_in(spec: StudySpec, bases: Bases, choice: Choice) -> WordsIn:
    """Of data that are no documents, and of a first step that counts no words, nothing: it is no news.

    Args:
        choice: any of what predicts: the first step is the same.
    """
    base, own = bases.of(choice.first)
    steps = getattr(base, "steps", [])
    rule = rules_of(steps[0][1]).words if len(steps) > 1 else None
    if rule is None or spec.data is None or not spec.data.text:
        return WordsIn()
    configured = configure(base, own, 0, 1.0).steps[0][1]
    prefix = f"{steps[0][0]}__"
    looked = look("words", rule, choice, "", configured, prefix)
    if not looked.is_used:
        return WordsIn(looked.reasons)
    names = {each.called: each.name.removeprefix(prefix) for each in choice.settings if each.name.startswith(prefix)}
    free = frozenset(called for called, name in names.items() if name in rule.free)
    why = "words are counted document by document, so once for all folds, and for all settings that only choose among them"
    return WordsIn((Reason("words", True, type(configured).__name__, why), *looked.reasons), free, looked.refused)
