"""One study as one self-contained HTML page: summary, ranking, what matters, a plot for each parameter, failures, spec.

Comes in: `hpsearch.results.StudyResults`. Goes out: a file that opens from disk with no network and no script, in light and
dark, on a phone and on paper. What a figure shows is computed by pure functions (`figure_data`, `axis`), drawn by `draw`, and
put on the page by `page`; the words of a page come from `wording` and `matters`. `files` writes the figures by themselves.

May import: results and below, numpy, pandas, jinja2; matplotlib here and nowhere else.
"""

from hpsearch.report.figure_data import ParameterFigure, parameter_figures
from hpsearch.report.files import write_figures
from hpsearch.report.page import render, write_report

__all__ = ["ParameterFigure", "parameter_figures", "render", "write_figures", "write_report"]
