"""What each figure of a report shows and says, as frozen values: pure functions of a study's tables.

One module a figure: `history`, `cost`, `lines`, `matters`, `pair`, `path`, `parameter`, `failing`; `points` is what they share,
`legend` what their signs mean.
Each figure has its `question`, its `reading` (sentences made from the numbers), the `name` of its files and its data as `rows()`;
`choose` says which of them a study deserves, ten at most.
"""

from hpsearch.report.figures.choose import Figures, choose

__all__ = ["Figures", "choose"]
