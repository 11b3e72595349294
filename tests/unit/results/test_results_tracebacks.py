"""A traceback begins where the user's own code does."""

from __future__ import annotations

from hpsearch.results.tracebacks import for_user

OURS = """  File "/opt/venv/lib/python3.11/site-packages/hpsearch/execution/attempt.py", line 61, in run
    evaluation = objective.evaluate(assignment.trial, running)
                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "/home/me/main/hpsearch/trainables/functions.py", line 121, in evaluate
    returned = self._call(self._function, params, handle)
"""
THEIRS = """  File "/home/me/hpsearch/job.py", line 4, in run
    return deeper(params)
           ^^^^^^^^^^^^^^
  [Previous line repeated 3 more times]
"""
HEAD = "Traceback (most recent call last):\n"
END = "ValueError: x = 4 is even\n  and says so on two lines\n"


def test_the_frames_before_the_user_s_are_left_out() -> None:
    """Also where the user's own folder is called hpsearch."""
    assert for_user(HEAD + OURS + THEIRS + END) == HEAD + THEIRS + END


def test_the_frames_after_the_user_s_are_left_out_too() -> None:
    """`trial.report` of something that is no number: the user's line is the one to change."""
    assert for_user(HEAD + OURS + THEIRS + OURS + END) == HEAD + THEIRS + END


def test_each_traceback_of_a_chain_is_cut() -> None:
    joint = "\nThe above exception was the direct cause of the following exception:\n\n"
    whole = HEAD + THEIRS + "KeyError: 'x'\n" + joint + HEAD + OURS + THEIRS + END
    assert for_user(whole) == HEAD + THEIRS + "KeyError: 'x'\n" + joint + HEAD + THEIRS + END


def test_of_an_error_that_hpsearch_raised_the_sentence_is_left() -> None:
    said = "hpsearch.core.errors.ObjectiveError: job:run returned nothing and reported nothing\n"
    assert for_user(HEAD + OURS + said) == "ObjectiveError: job:run returned nothing and reported nothing\n"


def test_a_defect_of_hpsearch_is_shown_whole() -> None:
    for text in (HEAD + OURS + END, "", "no traceback at all\n"):
        assert for_user(text) == text
