"""Files made to hang, fill or fool whoever reads them: each is answered in a second of work, in bounded memory, with its line.

All go through the command line, each in a process of its own, which is a copy of one that has already imported what it needs.
"""

# ruff: noqa: E501 - a case a line

from __future__ import annotations

import json
import subprocess
import sys
from itertools import combinations
from pathlib import Path

import pytest
from harness import told

HEAD = "name: h\ntrial: {function: 'job:run'}\nmetric: {name: loss, mode: min}\n"
TWO = "{a: {int: [1, 9]}, b: {int: [1, 9]}}"
FINE = ""  # what is said of a spec that is large and not wrong

# Runs each file that stands on its command line, and prints what it took.
RUNNER = """
import json, os, sys, time
from hpsearch.cli.main import run_command

def yardstick():
    began = time.process_time()
    sum(len(str(number)) for number in range(100_000))
    return time.process_time() - began

def answer(file):
    command = "import" if file.startswith("import") else "plan"
    child = os.fork()
    if not child:
        os.dup2(os.open(file + ".out", os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 1)
        os.dup2(os.open(file + ".err", os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
        sys.argv = ["hpsearch", command, file]
        code = run_command()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    _, status, used = os.wait4(child, 0)
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, os.waitstatus_to_exitcode(status)

files = sys.argv[1:]
said, sys.stdout = sys.stdout, open(os.devnull, "w")
for file in ("plain.yaml", "plain estimator.yaml"):
    sys.argv = ["hpsearch", "plan", file]
    run_command()  # now all that a plan needs is imported
sys.stdout = said
lengths = [yardstick()]
for file in files:
    found = answer(file)
    lengths.append(yardstick())
    said = open(file + ".err", errors="replace").read(4000)
    print(json.dumps([file, found[0], sum(lengths[-2:]) / 2 / min(lengths), *found[1:], said]), flush=True)
"""


def space(written: str, more: str = "") -> str:
    return f"{HEAD}space: {written}\n{more}"


def choices(count: int, domain: str = "[1, 2]") -> str:
    return f"{{{', '.join(f'p{n}: {domain}' for n in range(count))}}}"


def fixed(written: str, of: str = "{a: [1, 2]}") -> str:
    return space(of).replace("'job:run'", f"'job:run', fixed: {{{written}}}")


def constraints(*texts: str, of: str = TWO) -> str:
    return space(of, "constraints:\n" + "".join(f"  - '{text}'\n" for text in texts))


def drawn(domain: str, constraint: str, method: str = "random") -> str:
    return space(choices(990, domain), f"constraints: ['{constraint}']\nsearch: {{method: {method}, trials: 5}}\n")


def command(written: str) -> str:
    return space("{a: [1, 2]}").replace("function: 'job:run'", f'command: "{written}"')


def pairs(n: int) -> str:
    waiting = [f"c{i}_{j}: {{choice: [1, 2], when: {{p{i}: 1, p{j}: 1}}}}" for i, j in combinations(range(n), 2)]
    return f"{{{', '.join([f'p{i}: [0, 1]' for i in range(n)] + waiting)}}}"


def bomb(first: str, line: str) -> str:
    return "\n".join([first, *(line.format(n=n, before=", ".join([f"*x{n - 1}"] * 10)) for n in range(1, 12))])


ALTERNATE = ", ".join(str(2 * n + 1) for n in range(20_000))
BRANCHES = f"{{a: {{choice: {{{', '.join(f'b{n}: {{x: [1, 2]}}' for n in range(990))}}}}}}}"
CASES: dict[str, tuple[str | bytes, str]] = {
    "aliases": (bomb("x0: &x0 [x, x, x, x, x, x, x, x, x, x]", "x{n}: &x{n} [{before}]"), ":5  *x3: aliases expand to more than"),
    "merge keys": (bomb("x0: &x0 {a: 1, b: 2, c: 3}", "x{n}: &x{n} {{<<: [{before}]}}"), "aliases expand to more than"),
    "deep flow": ("a: " + "[" * 500_000, ":1  more than 64 levels of nesting"),
    "deep block": ("\n".join(" " * n + "k:" for n in range(1400)), ":65  more than 64 levels"),
    "brackets": ("[" * (2**20 - 1), ":1  more than 64 levels"),
    "questions": ("? " * 200_000, ":1  more than 64 levels"),
    "too long": ("#" * (2**20 + 1), "  the file has 1048577 bytes"),
    "blanks": ("\n" * 1_000_000, ":1  the file is empty"),
    "tags": ("a: " + "!x " * 100_000, ":1  the tag !x is not allowed"),
    "tag lines": ("".join(f"%TAG !t{n}! tag:x,{n}:\n" for n in range(30_000)) + "---\na: 1\n", ":1  30000 lines that begin with %TAG"),
    "tag of Python": (f"a: !!python/object/apply:os.system ['touch owned']\n{space('{a: [1]}')}", "is not allowed"),
    "documents": ("---\na: 1\n" * 50_000, "a second document starts here"),
    "equal keys": (space("{" + "a: 1, " * 50_000 + "}"), ":4  the key a stands on line 4 already"),
    "long key": (f'? "{"k" * 900_000}"\n: 1\n', ":1  a key of 900000 characters"),
    "long value": (space(f"{{a: {'x' * 900_000}}}"), FINE),
    "parameters": (space(choices(20_000)), ":4  more than 50,000 keys and values"),
    "constants": (space(choices(5000, "1")), ":4  space: more than 1,000 parameters"),
    "values": (space(f"{{a: [{', '.join(map(str, range(50_000)))}]}}"), ":4  more than 50,000 keys and values"),
    "branches": (space(BRANCHES), FINE),
    "a name in 990 branches and out": (space(BRANCHES[:-1] + ", x: [3]}"), ":4  space.x can be active together with"),
    "a constraint on 990 branches": (space(BRANCHES, "constraints: [x > 1]\n"), "x is the name of 990 parameters; write a.b0.x or"),
    "pairs of parents": (space(pairs(24)), "conditions join it with others in more cases than"),
    "pairs of parents, drawn": (space(pairs(24), "search: {method: random, trials: 5}\n"), FINE),
    "a parent of 20000 values": (space(f"{{a: {{int: [1, 99999]}}, b: {{choice: [1], when: {{a: [{ALTERNATE}]}}}}}}"), "more cases than"),
    "circle": (space(f"{{{', '.join(f'p{n}: {{choice: [0], when: {{p{(n + 1) % 999}: 0}}}}' for n in range(999))}}}"), "waits for"),
    "grid of 10^12": (space("{a: {int: [1, 1000000]}, b: {int: [1, 1000000]}}", "constraints: [a * b == 77]\n"), "warning: "),
    "shuffled grid of 10^12 under what none meets": (
        space("{a: {int: [1, 1000000]}, b: {int: [1, 1000000]}}", "constraints: [a + b < 2, b < a]\nsearch: {order: shuffled}\n"),
        "configurations of the shuffled grid they admit none",
    ),
    "shuffled grid, slow to make, under what none meets": (
        space(choices(99, "{float: [0.1, 1], log: true, points: 9}"), "constraints: [p0 + p98 > 3]\nsearch: {order: shuffled}\n"), "warning: ",
    ),
    "grid of 10^400": (space(choices(400, "{int: [1, 10]}"), "constraints: [p0 < p1]\n"), FINE),
    "grid of 10^5400": (space(choices(600, "{int: [0, 999999999]}")), FINE),
    "range of 10^18": (space("{a: {int: [1, 1000000000000000000], log: true, points: 999999999999999999}}"), FINE),
    "tiny step": (space("{a: {float: [-1.0e308, 1.0e308], step: 5.0e-324}}", "constraints: [a < 1]\n"), "lie further apart"),
    "small step": (space("{a: {float: [-1.0e15, 1.0e15], step: 0.5}}", "constraints: [a < 1]\n"), FINE),
    "small step, drawn": (space("{a: {float: [-1.0e15, 1.0e15], step: 0.5}}", "search: {method: random, trials: 5}\n"), FINE),
    "huge ints": (space(f"{{a: [{'9' * 5000}, 0x{'f' * 400_000}]}}"), "is larger than any 64-bit integer"),
    "huge floats": (space(f"{{a: [{'9' * 300_000}.0, 1.0e{'9' * 5000}]}}"), "is larger than any float"),
    "no numbers": (space("{a: [.nan, .inf, -0.0, 0.0], b: {float: [.nan, .inf], points: 3}}"), ":4  space.b.low = .nan: must be a finite"),
    "folders in names": (HEAD.replace("name: h", "name: ../../h") + "space: {../a: [1, 2]}\n", ":1  name = ../../h: a name has"),
    "bidi": (HEAD.replace("name: h", 'name: "a\u202eb"') + "space: {a: [1, 2]}\n", "name = 'a\\u202eb': a name has"),
    "NUL": (HEAD.replace("name: h", 'name: "a\\0b"') + "space: {a: [1, 2]}\n", ":1  the text holds an escaped character"),
    "NUL bytes": (b"\0" * 1_000_000, ":1  the character U+0000 is not allowed"),
    "control": ("a: \x1b[31m\n", ":1  the character U+001B is not allowed"),
    "byte order mark": ("\ufeff" + space("{a: [1, 2]}"), FINE),
    "UTF-16": (space("{a: [1, 2]}").encode("utf-16"), ":1  is not UTF-8 text at byte 0"),
    "surrogate": (b"a: \xed\xa0\x80\n", ":1  is not UTF-8 text at byte 3"),
    "CRLF": (space("{a: [1, 2]}").replace("\n", "\r\n").encode(), FINE),
    "long constraint": (constraints("a < " + "1+" * 50_000 + "1"), "has 100005 characters"),
    "parentheses": (constraints("(" * 5000 + "a" + ")" * 5000), "has 10001 characters"),
    "nested as deep as it goes": (constraints("(" * 495 + "a < 1" + ")" * 495), "cannot be read as a condition"),
    "power": (constraints("a < 9**9**9"), "9 ** 9 ** 9 has no finite value"),
    "powers": (constraints("a*" + "9**400*" * 100 + "1 > 1"), "has no finite value"),
    "chain": (constraints("<".join(["a"] * 480)), "no configuration of the grid meets it"),
    "signs": (constraints("a < " + "-" * 900 + "1"), "is nested too deeply"),
    "many constraints": (constraints(*["a < b"] * 10_000), "there are at most 200 constraints"),
    "long constraints together": (constraints(*["a + b < " + "1+" * 70 + "1"] * 190), "and 10,000 characters of them"),
    "long constraints": (constraints(*[" + ".join(["a"] * 200) + " < 9"] * 300), "there are at most 200 constraints"),
    "constraints on all": (constraints(*(f"p{n} < 2 or p{n + 1} < 2" for n in range(190)), of=choices(191)), FINE),
    "odd names": (constraints(*["a-b-c < 1"] * 190, of="{" + ", ".join(f"a-{n}: [1, 2]" for n in range(900)) + "}"), "no parameter a"),
    "open variables": (space("{a: '" + "${" * 200_000 + "'}"), "space.a = ${: write ${NAME}, ${NAME:-default} or"),
    "nested variables": (space("{a: '" + "${A:-" * 100_000 + "}" * 100_000 + "'}"), FINE),
    "missing variables": (space("{a: '" + "${NO_SUCH_NAME}" * 50_000 + "'}"), "the environment has no NO_SUCH_NAME"),
    "digits that are no number": (space(f"{{a: [{'1_' * 300_000}, {'1' * 100_000}e{'1' * 100_000}x]}}"), FINE),
    "misspelt keys": (space("{a: [1, 2]}", "".join(f"serach{n}: 1\n" for n in range(20_000))), "did you mean search?"),
    "fixed": (fixed(", ".join(f"p{n}: 1" for n in range(20_000))), FINE),
    "fixed and searched": (fixed(", ".join(f"p{n}: 1" for n in range(20_000)), choices(900)), ":4  space.p0: stands in trial.fixed too"),
    "dotted": (fixed(", ".join(f"g{n}.x: 1" for n in range(20_000))), FINE),
    "dotted in one group": (fixed(", ".join(f"g.p{n}: 1" for n in range(20_000))), FINE),
    "groups, and dotted": (fixed(", ".join(f"g{n}: {{x: 1}}, g{n}.y: 2" for n in range(8000))), FINE),
    "groups of one key": (fixed(", ".join(f"g{n}: {{y: 1}}" for n in range(10_000)), f"{{{', '.join(f'g{n}: {{x: [1, 2]}}' for n in range(1000))}}}"), FINE),
    "names in a command": (command(f"echo {' '.join(f'{{p{n}}}' for n in range(900))}"), ":2  trial.command: {p0} is neither"),
    "words in a command": (command("./x " * 20_000), "trial.command: has 20,000 words; a command has at most 1,000"),
    "braces in a command": (command("./x " + "{" * 90_000), "trial.command = ./x: there is no such file"),
    "an open quotation": (command("./x '' '" + "a " * 200_000), "trial.command: has 400,00"),
    "floats under what none meets": (drawn("{float: [0, 1]}", "p0 + p1 > 3"), "they admit none; check what they say"),
    "Sobol under what none meets": (drawn("{float: [0, 1]}", "p0 + p1 > 3", "sobol"), "they admit none; check what they say"),
    "log floats under what none meets": (drawn("{float: [0.1, 1], log: true}", "p0 + p1 > 3"), "warning: "),
    "normals in steps under what none meets": (drawn("{normal: [0, 1], step: 0.001}", "p0 + p1 > 300"), "they admit none"),
    "log points under what none meets": (space(choices(990, "{float: [0.1, 1], log: true, points: 9}"), "constraints: [p0 + p989 > 3]\n"), "warning: "),
    "all of 80 under what few meet": (drawn("{float: [0, 1]}", " or ".join(f"p{n} > 2" for n in range(80))), "warning: "),
    "wide draws": (space(choices(990, "{lognormal: [0, 1]}"), "search: {method: random, trials: 100000}\n"), FINE),
    "long configurations": (space(choices(900), f"search: {{first: [{', '.join(['{p0: 1}'] * 9000)}]}}\n"), "9,000 configurations have up to 8,100,000 values"),
    "configurations of what is not there": (space("{a: [1, 2]}", f"search: {{method: list, configurations: [{', '.join(f'{{aa: {n}}}' for n in range(9000))}]}}\n"), "did you mean a?"),
    "configurations, nearly": (space(f"{{a: [{', '.join(f'v{n}' for n in range(1000))}]}}", f"search: {{method: list, configurations: [{', '.join(f'{{a: w{n}}}' for n in range(9000))}]}}\n"), "did you mean v"),
    "long names": (space(f"{{{', '.join('a.' * 400 + f'p{n}: [1, 2]' for n in range(900))}}}"), "a parameter's has at most 250"),
    "aliases of a long text": (space(f"{{a: {{const: [&x '{'${HOME}' * 60_000}', {', '.join(['*x'] * 40_000)}]}}}}"), "aliases expand to more than"),
    "aliases of equal values": (space(f"{{a: &x [{', '.join(['1'] * 110)}], {', '.join(f'q{n}: *x' for n in range(440))}}}"), "a choice names each value once"),
}  # fmt: skip

ESTIMATOR = "name: h\ntrial: {estimator: sklearn.svm.SVC}\ndata: {sklearn: iris}\nmetric: {name: accuracy, mode: max}\n"


def estimator(written: str, more: str = "") -> str:
    return f"{ESTIMATOR}space: {written}\n{more}"


def steps(count: int, of: str = "sklearn.preprocessing.StandardScaler") -> str:
    pipeline = ", ".join(f"s{n}: {of}" for n in range(count))
    return ESTIMATOR.replace("estimator: sklearn.svm.SVC", f"pipeline: {{{pipeline}}}") + "space: {s0__with_mean: [true]}\n"


def chosen(*classes: str) -> str:
    return ESTIMATOR.replace("trial: {estimator: sklearn.svm.SVC}\n", "") + f"space: {{estimator: [{', '.join(classes)}]}}\n"


LEARNING: dict[str, tuple[str, str]] = {
    "metrics": (estimator("{C: [1, 2]}", f"evaluate: {{metrics: [{', '.join(f'acuracy{n}' for n in range(20_000))}]}}\n"), "has 20,000 metrics; a study has at most 100"),
    "unknown metrics": (estimator("{C: [1, 2]}", f"evaluate: {{metrics: [accuracy, {', '.join(f'recal_{n}' for n in range(99))}]}}\n"), "scikit-learn has no scorer of that name"),
    "unknown parameters": (estimator(choices(900)), ".p0: SVC takes no such parameter"),
    "unknown fixed parameters": (estimator("{C: [1, 2]}").replace("SVC}", f"SVC, fixed: {{{', '.join(f'p{n}: 1' for n in range(20_000))}}}}}"), ".p0: SVC takes no such parameter"),
    "values that it refuses": (estimator(f"{{kernel: [{', '.join(f'k{n}' for n in range(20_000))}]}}"), "space.kernel = 'k0': The 'kernel' parameter"),
    "steps": (steps(900), ":2  trial.pipeline"),
    "steps that are not there": (steps(900, "sklearn.svm.SVX"), "trial.pipeline"),
    "classes": (chosen(*(f"no{n}.such.Class" for n in range(5000))), "no0.such.Class"),
    "classes, nearly": (chosen(*(f"sklearn.svm.SVC{n}" for n in range(5000))), "did you mean SVC?"),
    "folds": (estimator("{C: [1, 2]}", "evaluate: {cv: {folds: 1000000000}}\n"), "evaluate.cv.folds = 1000000000: must be"),
    "repeats": (estimator("{C: [1, 2]}", "evaluate: {cv: {folds: 2, repeats: 1000000000}}\n"), "evaluate.cv.repeats = 1000000000: must be"),
    "a pattern of 2000 folders": (ESTIMATOR.replace("sklearn: iris", f"parquet: '{'**/' * 2000}*.parquet', target: y") + "space: {C: [1, 2]}\n", "has 2,000 folders; a pattern has at most 100"),
    "a path of 100000 names": (chosen("a" + ".b" * 100_000), "must be the dotted path of a class"),
}  # fmt: skip
KATIB = "apiVersion: kubeflow.org/v1beta1\nkind: Experiment\nspec:\n  objective: {{type: maximize, objectiveMetricName: a}}\n  parameters: [{}]\n  trialTemplate: {{trialParameters: [{{name: x, reference: a}}], trialSpec: {{spec: {{template: {{spec: {{containers: [{{name: c, command: [./run, '--a=${{trialParameters.x}}']}}]}}}}}}}}}}\n"
FOREIGN: dict[str, tuple[str, str]] = {
    "import of a bomb": (CASES["aliases"][0], "aliases expand to more than"),  # type: ignore[dict-item]  # a text
    "import of depth": ("parameters: " + "[" * 500_000, "more than 64 levels of nesting"),
    "import of comments": ("# a\n" * 200_000 + "method: grid\nparameters: {a: {values: [1, 2]}}\n", "more than 50,000 lines have comments"),
    "import of parameters": (f"method: grid\nparameters: {{{', '.join(f'p{n}: {{values: [1, 2]}}' for n in range(10_000))}}}\n", "more than 50,000 keys and values"),
    "import of a range": ("method: grid\nparameters: {a: {distribution: q_uniform, min: 0.0, max: 1.0e9, q: 1.0e-6}}\n", FINE),
    "import of a list": (KATIB.format("{name: a, parameterType: double, feasibleSpace: {min: '0', max: '1e9', step: '1e-6'}}"), FINE),
    "import of digits": (KATIB.format(f"{{name: a, parameterType: int, feasibleSpace: {{min: '1', max: '{'9' * 100_000}'}}}}"), "a"),
    "import of comments below": ("method: grid\nparameters: {a: {values: [1, 2]}}\n" + "# x\n" * 200_000, "more than 50,000 lines have comments"),
    "import of words": (f"method: grid\ncommand: [{', '.join(['x'] * 40_000)}]\nparameters: {{a: {{values: [1, 2]}}}}\n", "a command has at most"),
    "import of nothing": ("", "the file is empty"),
}  # fmt: skip
ALL = {**CASES, **LEARNING, **FOREIGN}

Answer = tuple[float, float, float, int, str]
"""Seconds of CPU, how many times as long any work took then as at best, MB of memory, exit code, and what was said."""


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Answer]:
    """By case."""
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "job.py").write_text("def run(params):\n    return {'loss': 0}\n")
    names = {"plain": (space("{a: [1, 2]}"), FINE), "plain estimator": (estimator("{C: [1, 2]}"), FINE), **ALL}
    for name, (text, _) in names.items():
        (folder / f"{name}.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
    command = [sys.executable, "-c", RUNNER, *(f"{name}.yaml" for name in names)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=280, check=True)
    found = {Path(file).stem: tuple(rest) for file, *rest in map(json.loads, done.stdout.splitlines())}
    found["created"] = (0.0, 1.0, 0.0, 0, " ".join(name for name in ("owned", "studies") if (folder / name).exists()))
    return found  # type: ignore[return-value]


@pytest.mark.parametrize("case", list(ALL))
def test_a_hostile_file_is_answered_at_once(answers: dict[str, Answer], case: str) -> None:
    cpu_s, slowness, peak_mb, code, said = answers[case]
    wanted = ALL[case][1]
    assert "Traceback" not in said
    assert code == (0 if wanted in (FINE, "warning: ") else 2), said
    assert wanted in "\n".join(map(told, said.splitlines()))
    assert code == 0 or said.startswith((f"{case}.yaml:", f"{case}.yaml  "))
    # A second on a core of its own: where others share its caches the same work takes longer, and so does the yardstick.
    assert cpu_s - answers["plain"][0] < slowness
    assert peak_mb < 200
    assert len(said.splitlines()) < 110


def test_nothing_was_run_or_created(answers: dict[str, Answer]) -> None:
    assert answers["created"][4] == ""
