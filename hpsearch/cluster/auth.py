"""Ray's token authentication, as this process's environment sets it up. Says where a token is; never reads what it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

MODE_VARIABLE = "RAY_AUTH_MODE"
TOKEN_VARIABLE = "RAY_AUTH_TOKEN"
PATH_VARIABLE = "RAY_AUTH_TOKEN_PATH"


@dataclass(frozen=True, slots=True)
class AuthSetup:
    """`mode`: RAY_AUTH_MODE in lower case, empty where unset. `token`: where Ray would find the token, empty where nowhere."""

    mode: str
    token: str
    expected: str  # the place that was looked at last, for messages

    @property
    def is_on(self) -> bool:
        return self.mode == "token"

    def problem(self) -> str | None:
        """What would make every connection fail, whatever the cluster wants; None if nothing."""
        if self.is_on and not self.token:
            return (
                f"{MODE_VARIABLE} is token, but there is no token: neither {TOKEN_VARIABLE} nor {self.expected}; "
                f"copy the cluster's token there (file mode 0600)"
            )
        return None

    def refused(self) -> str:
        """What to do about a cluster that refused this process for its token."""
        if self.is_on:
            return f"its token is another than the one in {self.token or self.expected}; copy the cluster's token there"
        now = f"{MODE_VARIABLE} is {self.mode or 'not set'} here"
        found = f"a token is in {self.token}"
        if not self.token:
            found = f"no token is in {self.expected} either: copy the cluster's token there, file mode 0600"
        return f"{now}, and Ray does not turn it on by itself for an explicit address: set {MODE_VARIABLE}=token ({found})"


def read_auth(env: Mapping[str, str], *, home: Path | None = None) -> AuthSetup:
    """How Ray would authenticate under `env`: the variable, then the file named by a variable, then ~/.ray/auth_token."""
    mode = env.get(MODE_VARIABLE, "").strip().lower()
    if env.get(TOKEN_VARIABLE):
        return AuthSetup(mode, TOKEN_VARIABLE, TOKEN_VARIABLE)
    default = (home or Path(env.get("HOME") or Path.home())) / ".ray" / "auth_token"
    path = Path(env[PATH_VARIABLE]) if env.get(PATH_VARIABLE) else default
    try:
        present = path.stat().st_size > 0
    except OSError:
        present = False
    return AuthSetup(mode, str(path) if present else "", str(path))
