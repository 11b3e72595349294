"""Golden keys: if one of these changes, every recorded result of every user is orphaned, and runs again."""

from __future__ import annotations

from pathlib import Path

from trainables_builders import spec_of

from hpsearch.core.identity import trial_key
from hpsearch.trainables import Prepared, prepare

DIGITS = """
trial: {estimator: sklearn.svm.SVC}
data: {sklearn: digits}
evaluate: {cv: {folds: 5}}
metric: {name: accuracy, mode: max}
space: {C: [1, 10], gamma: [0.001]}
"""
TOWNS = """
trial:
  pipeline:
    prep: {columns: {numeric: sklearn.preprocessing.StandardScaler, categorical: sklearn.preprocessing.OneHotEncoder}}
    clf: sklearn.linear_model.LogisticRegression
data: {csv: towns.csv, target: y, positive: "no"}
evaluate: {holdout: {fraction: 0.5}}
metric: {name: accuracy, mode: max}
space: {clf__C: [1.0, 2.0]}
"""
FUNCTION = """
trial: {function: "golden:run"}
metric: {name: m, mode: max}
space: {x: [1, 2]}
"""


def prepared(text: str, folder: Path, edits: str = "") -> Prepared:
    (folder / "towns.csv").write_text("a,b,y\n" + "1,u,yes\n2,v,no\n" * 6)
    (folder / "golden.py").write_text("def run(x):\n    return x\n")
    (folder / "edits.py").write_text(f"def load():\n    {edits or 'pass'}\n    return [[1.0], [2.0]]\n")
    return prepare(spec_of(text, folder))


def test_golden_estimator(tmp_path: Path) -> None:
    context = prepared(DIGITS, tmp_path).context
    assert context.digest == "eec26f56bef780698531d7e79d723dbd"
    assert trial_key(context, {"C": 1, "gamma": 0.001}, 0) == "v1:f0edd79b59c8be2b0dca8547931ec1a2"


def test_golden_pipeline(tmp_path: Path) -> None:
    assert prepared(TOWNS, tmp_path).context.digest == "47efc89262e7fa33af633562b84a0204"


def test_golden_function(tmp_path: Path) -> None:
    assert prepared(FUNCTION, tmp_path).context.digest == "32bbb90ecffddbaf8a11af7257d273b5"


def test_what_decides_no_result_is_no_part_of_it(tmp_path: Path) -> None:
    """Names, further metrics, resources, the place of a file, and defaults written out."""
    base = prepared(TOWNS, tmp_path).context.digest
    moved = tmp_path / "sub"
    moved.mkdir()
    (tmp_path / "towns.csv").rename(moved / "other.csv")
    changed = (
        TOWNS.replace("towns.csv", "sub/other.csv")
        .replace("{fraction: 0.5}}", "{fraction: 0.5, stratify: true, seed: 0}, metrics: [accuracy, roc_auc]}")
        .replace("[1.0, 2.0]", "[1.0, 2.0, 3.0]")
    )
    changed += "resources: {cpu: 2}\ndescription: other\n"
    assert prepare(spec_of(changed, tmp_path)).context.digest == base


def test_what_decides_results_is_part_of_it(tmp_path: Path) -> None:
    variants = [
        TOWNS,
        TOWNS.replace("StandardScaler", "MinMaxScaler"),
        TOWNS.replace("prep:", "first:"),
        TOWNS.replace('"no"', '"yes"'),
        TOWNS.replace("target: y,", "target: y, float32: true,"),
        TOWNS.replace("fraction: 0.5", "fraction: 0.4"),
        TOWNS.replace("holdout: {fraction: 0.5}", "cv: {folds: 2}"),
    ]
    assert len({prepared(variant, tmp_path).context.digest for variant in variants}) == len(variants)


def test_a_function_s_code_is_part_of_it(tmp_path: Path) -> None:
    before = prepared(FUNCTION, tmp_path).context.digest
    (tmp_path / "golden.py").write_text("def run(x):\n    return x + 1\n")
    assert prepare(spec_of(FUNCTION, tmp_path)).context.digest != before


def test_code_edited_while_the_data_is_loaded_is_not_what_runs(tmp_path: Path) -> None:
    """Loading may take minutes; the key must be that of the code that was imported and is shipped."""
    before = prepared(FUNCTION + 'data: {function: "edits:load"}\n', tmp_path, edits="").context.digest
    edits = "from pathlib import Path; Path(__file__).with_name('golden.py').write_text('def run(x): return 0\\n')"
    assert prepared(FUNCTION + 'data: {function: "edits:load"}\n', tmp_path, edits=edits).context.digest == before
    assert (tmp_path / "golden.py").read_text() == "def run(x): return 0\n"


OWN_SCORER = TOWNS.replace("{fraction: 0.5}}", '{fraction: 0.5}, metrics: [accuracy, "scores:profit"]}')


def write_scorer(folder: Path, factor: int) -> None:
    (folder / "rates.py").write_text(f"FACTOR = {factor}\n")
    (folder / "scores.py").write_text(
        "import rates\ndef profit(estimator, X, y): return rates.FACTOR * 1.0\ndef loss(estimator, X, y): return 0.0\n"
    )


def test_the_code_of_a_scorer_of_one_s_own_is_part_of_it(tmp_path: Path) -> None:
    """Else an edited scorer runs nothing again, and scores of the old and the new one are ranked together."""
    write_scorer(tmp_path, 1)
    before = prepared(OWN_SCORER, tmp_path).context.digest
    assert before != prepared(TOWNS, tmp_path).context.digest
    write_scorer(tmp_path, 2)
    assert prepared(OWN_SCORER, tmp_path).context.digest != before
    write_scorer(tmp_path, 1)
    assert prepared(OWN_SCORER, tmp_path).context.digest == before


def test_only_the_code_of_scorers_is_part_of_it_not_their_names(tmp_path: Path) -> None:
    """scikit-learn's metrics, and a second scorer of the same files, are missing work of the same trials."""
    write_scorer(tmp_path, 1)
    two = OWN_SCORER.replace('"scores:profit"', 'roc_auc, "scores:profit", "scores:loss"')
    assert prepared(two, tmp_path).context.digest == prepared(OWN_SCORER, tmp_path).context.digest
    with_known = TOWNS.replace("{fraction: 0.5}}", "{fraction: 0.5}, metrics: [accuracy, roc_auc, seconds]}")
    assert prepared(with_known, tmp_path).context.digest == prepared(TOWNS, tmp_path).context.digest


def test_an_installed_package_s_scorer_is_no_code_of_one_s_own(tmp_path: Path) -> None:
    installed = TOWNS.replace("{fraction: 0.5}}", '{fraction: 0.5}, metrics: [accuracy, "trainables_builders:constant_score"]}')
    assert prepared(installed, tmp_path).context.digest == prepared(TOWNS, tmp_path).context.digest


def test_files_that_no_trial_runs_are_no_part_of_a_pipeline(tmp_path: Path) -> None:
    """A folder may lie in a package, or beside a module of its own name: neither is what a step without a path names."""
    folder = tmp_path / "study"
    folder.mkdir()
    towns = TOWNS.replace("numeric: sklearn.preprocessing.StandardScaler", "numeric: passthrough")
    before = prepared(towns, folder)
    assert before.program.code is None
    (folder / "__init__.py").write_text("UNRELATED = 1\n")
    (tmp_path / "study.py").write_text("UNRELATED = 1\n")
    after = prepared(towns, folder)
    assert (after.program.code, after.context.digest) == (None, before.context.digest)


def test_a_row_changed_is_other_data(tmp_path: Path) -> None:
    before = prepared(TOWNS, tmp_path)
    (tmp_path / "towns.csv").write_text((tmp_path / "towns.csv").read_text().replace("1,u", "3,u", 1))
    after = prepare(spec_of(TOWNS, tmp_path))
    assert after.context.digest != before.context.digest
    assert (after.dataset, after.dataset_digest == before.dataset_digest) == ("towns.csv", False)
