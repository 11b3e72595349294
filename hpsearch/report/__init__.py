"""One study as one self-contained HTML page: summary, ranking, what matters, how each parameter acts, cost, failures, spec.

Comes in: `hpsearch.results.StudyResults`. Goes out: a file that opens from disk with no network, in light and dark, on a phone
and on paper; with no script too, which only sorts the ranking and selects among its lines. What a figure shows and says is
computed by pure functions (`figures`, `axis`, `wording`), drawn by `drawing`, and put on the page by `cards`, `table` and `page`.
`files` writes the same figures by themselves.

May import: results and below, numpy, pandas, jinja2; matplotlib here and nowhere else.
"""

from hpsearch.report.files import write_figures
from hpsearch.report.page import render, write_report

__all__ = ["render", "write_figures", "write_report"]
