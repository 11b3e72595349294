"""cluster.yaml is what Ray accepts, what its comments promise, and nothing that costs or leaks unasked.

No cloud is asked: Ray's validator reads the schema that its wheel brings.
"""

from __future__ import annotations

import copy
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[3]
FILE = ROOT / "cluster.yaml"
COMMANDS = (
    "initialization_commands",
    "setup_commands",
    "head_setup_commands",
    "worker_setup_commands",
    "head_start_ray_commands",
    "worker_start_ray_commands",
)


@pytest.fixture(scope="module")
def text() -> str:
    return FILE.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def config(text: str) -> Any:
    return yaml.safe_load(text)


@pytest.fixture(scope="module")
def prepared(config: Any) -> Any:
    """As `ray up` sees it: defaults filled in, checked against the schema."""
    from ray.autoscaler._private.util import prepare_config, validate_config

    full = prepare_config(copy.deepcopy(config))
    validate_config(full)
    return full


def test_ray_accepts_it(prepared: Any) -> None:
    assert prepared["provider"]["type"] == "aws"
    # None of Ray's own default commands is left to run: they install another Ray, and start it without a token.
    for key in COMMANDS:
        assert not any("anaconda" in command or "ray-wheels" in command for command in prepared[key]), key


def test_rays_validator_would_refuse_a_mistake(config: Any) -> None:
    from ray.autoscaler._private.util import prepare_config, validate_config

    broken = copy.deepcopy(config)
    broken["idle_timeout"] = 5
    with pytest.raises(Exception, match="idle_timeout"):
        validate_config(prepare_config(broken))


def test_the_head_runs_no_trials(config: Any) -> None:
    head = config["available_node_types"][config["head_node_type"]]
    assert head["resources"] == {"CPU": 0, "GPU": 0}
    assert "--num-cpus=0" in start(config, "head")
    assert "--num-gpus=0" in start(config, "head")


def test_workers_are_bounded_and_none_is_paid_for_unasked(config: Any) -> None:
    types = config["available_node_types"]
    workers = {name: node for name, node in types.items() if name != config["head_node_type"]}
    assert set(workers) == {"cpu_worker", "gpu_worker"}
    for node in workers.values():
        assert node["min_workers"] == 0
        assert 0 < node["max_workers"] <= config["max_workers"]
    assert 0 < config["idle_timeout_minutes"] <= 30
    assert config["provider"]["cache_stopped_nodes"] is False


def test_gpu_workers_alone_are_on_spot(config: Any) -> None:
    spot = {
        name
        for name, node in config["available_node_types"].items()
        if node["node_config"].get("InstanceMarketOptions") == {"MarketType": "spot"}
    }
    assert spot == {"gpu_worker"}


def test_both_start_commands_authenticate(config: Any) -> None:
    for side in ("head", "worker"):
        assert re.search(r"\bRAY_AUTH_MODE=token \S+/ray start ", start(config, side)), side


def test_the_token_is_a_file_that_only_its_owner_reads(config: Any, text: str) -> None:
    assert config["file_mounts"]["~/.ray/auth_token"] == "~/.ray/auth_token"
    assert config["setup_commands"][0] == "chmod 600 ~/.ray/auth_token"
    assert "chmod 600 ~/.ray/auth_token" in text.split("cluster_name:")[0]  # and on the user's side


def test_nothing_listens_beyond_the_cluster_by_our_doing(config: Any) -> None:
    everything = " ".join(config["head_start_ray_commands"] + config["worker_start_ray_commands"])
    assert "0.0.0.0" not in everything
    assert "--dashboard-host=127.0.0.1" in everything
    assert "SecurityGroupIds" in config["available_node_types"]["head"]["node_config"]


def test_mlflow_wants_a_password_and_answers_to_two_names_only(config: Any) -> None:
    (server,) = (command for command in config["head_start_ray_commands"] if "mlflow server" in command)
    assert "--app-name basic-auth" in server
    assert "--host 127.0.0.1" in server
    assert "--allowed-hosts 127.0.0.1:5000,localhost:5000 " in server
    assert "MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false" in server
    (admin,) = (command for command in config["head_setup_commands"] if "auth.ini" in command)
    assert admin.startswith("umask 077;")
    assert "default_permission = NO_PERMISSIONS" in admin


def test_the_install_is_pinned_by_the_lock_and_names_no_index(config: Any, text: str) -> None:
    installs = [command for key in COMMANDS for command in config[key] if "pip install" in command]
    assert len(installs) == 2
    assert all("--constraint ~/hpsearch/requirements.lock" in command for command in installs)
    assert not re.search(r"index-url|extra-index|find-links|https://(?!docs)", text)


def test_what_is_mounted_is_in_the_repository(config: Any) -> None:
    for source in config["file_mounts"].values():
        if not source.startswith("~"):
            assert (ROOT / source).exists() or source == "README.md", source


def test_the_lock_pins_the_ray_that_the_first_lines_name(text: str) -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    named = re.search(r'"ray\[default\]==([\d.]+)"', text)
    assert named is not None
    assert f"\nray=={named[1]}\n" in lock


def test_every_line_that_a_user_must_change_is_marked(text: str) -> None:
    needs = re.compile(r"ami-0{17}|sg-0{17}|^\s*(region|availability_zone|max_workers): (?!0$)|InstanceType: (?!m6i)")
    unmarked = [line for line in text.splitlines() if needs.search(line.split("#")[0].rstrip()) and "# CHANGE: " not in line]
    assert unmarked == []
    # Nobody's account may be in it: an image or a group that exists would be somebody's.
    assert not re.search(r"(ami|sg|subnet|vpc)-(?!0{17}\b)[0-9a-f]{8,17}\b", text)


def test_each_command_is_shell(config: Any) -> None:
    for command in (command for key in COMMANDS for command in config[key]):
        done = subprocess.run(["bash", "-n", "-c", command], capture_output=True, text=True, timeout=10, check=False)
        assert done.returncode == 0, f"{command}\n{done.stderr}"


def test_the_password_is_made_once_and_kept_private(config: Any, tmp_path: Path) -> None:
    (admin,) = (command for command in config["head_setup_commands"] if "auth.ini" in command)

    def run() -> str:
        subprocess.run(["bash", "-c", admin], env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}, timeout=20, check=True)
        return (tmp_path / "mlflow" / "auth.ini").read_text()

    first = run()
    assert run() == first  # a second `ray up` must not change the password of the server that runs
    assert f"database_uri = sqlite:///{tmp_path}/mlflow/auth.db\n" in first
    password = re.search(r"admin_password = ([0-9a-f]{48})\n", first)
    assert password is not None
    credentials = tmp_path / ".mlflow" / "credentials"
    assert f"mlflow_tracking_password = {password[1]}\n" in credentials.read_text()
    for path in (credentials, tmp_path / "mlflow" / "auth.ini", tmp_path / "mlflow" / "secret_key"):
        assert path.stat().st_mode & 0o077 == 0, path


def start(config: Any, side: str) -> str:
    """The command that starts Ray on the head or on a worker."""
    (command,) = (command for command in config[f"{side}_start_ray_commands"] if "ray start" in command)
    return str(command)
