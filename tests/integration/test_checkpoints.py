"""A trial whose process dies goes on from its last checkpoint, wherever it is tried again."""

from __future__ import annotations

from harness import Shell

JOB = """
import os, pathlib, signal

HERE = pathlib.Path(__file__).parent

def run(params, trial):
    start = 0
    if trial.checkpoint is not None:
        start = int((trial.checkpoint / "epoch.txt").read_text())
    for epoch in range(start, 6):
        with open(HERE / "epochs.txt", "a") as file:
            file.write(f"{params['x']}:{epoch}\\n")
        state = trial.dir / "state"
        state.mkdir(exist_ok=True)
        (state / "epoch.txt").write_text(str(epoch + 1))
        trial.report({"loss": 10.0 * params["x"] - epoch}, step=epoch, checkpoint=state)
        if epoch == 3 and start == 0 and params["x"] == 1:
            os.kill(os.getpid(), signal.SIGKILL)
    return {"loss": 10.0 * params["x"] - 5}
"""
SPEC = """
name: epochs
trial: {function: "job:run"}
metric: {name: loss, mode: min}
space: {x: [1, 2, 3]}
"""


def test_a_killed_trial_goes_on_from_its_checkpoint(cluster_shell: Shell) -> None:
    cluster_shell.write("job.py", JOB)
    cluster_shell.write("spec.yaml", SPEC)
    done = cluster_shell("run", "spec.yaml")
    assert done.code == 0, done.err
    epochs = (cluster_shell.folder / "epochs.txt").read_text().split()
    assert sorted(epochs) == [f"{x}:{epoch}" for x in (1, 2, 3) for epoch in range(6)]
    shown = cluster_shell("show", "epochs", str(_config(cluster_shell, 1)), "--json").json()
    assert isinstance(shown, dict)
    (trial,) = shown["trials"]
    assert [(one["attempt"], one["status"]) for one in trial["attempts"]] == [(1, "FAILED"), (2, "COMPLETED")]
    assert not list((cluster_shell.folder / "studies" / "epochs" / "checkpoints").iterdir())


def _config(shell: Shell, x: int) -> object:
    ranking = shell("results", "epochs", "--format", "json").json()
    assert isinstance(ranking, list)
    return next(row["config_id"] for row in ranking if row["params"]["x"] == x)
