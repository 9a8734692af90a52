"""The daemons of the cluster: what each is started with and how it says that it is ready."""

from __future__ import annotations

import os
import pwd
import re
import shutil
from typing import TYPE_CHECKING, Final

from tests.rig import config, settings
from tests.rig.processes import Daemon
from tests.rig.shell import CONTAINED, RigError, remove, run, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_START_LIMIT_S: Final = 60.0
# For `sbatch --export=NONE` a node runs `su - USER`, on four nodes at once. What the login files
# of this machine's root do then is slow or worse (pyenv takes a lock there and, killed with a
# job, leaves it to every later login), so the nodes see an empty file in their place.
_PLAIN_LOGIN: Final = """
for file in .bash_profile .bash_login .profile; do
    if [ -e "$1/$file" ]; then mount --bind "$0" "$1/$file"; fi
done
shift
exec "$@"
"""
# Paths go into configuration files without quotes, and a socket's path ends at 107 bytes.
_FOLDER: Final = re.compile(r"/[A-Za-z0-9/_.-]{1,60}")


def munged() -> Daemon:
    """The authentication daemon, with a key that no other cluster has."""
    state = settings.state_dir()
    argv: list[str | Path] = ["munged", "--foreground", "--force", "--num-threads=4"]
    argv += [f"--key-file={state}/etc/munge.key", f"--socket={state}/run/munge.socket"]
    argv += [f"--pid-file={state}/run/munged.pid", f"--log-file={state}/log/munged.log"]
    argv += [f"--seed-file={state}/spool/munged.seed"]
    return Daemon("munged", settings.CONTROLLER, argv)


def mariadbd() -> Daemon:
    """The database of the accounting."""
    state = settings.state_dir()
    argv: list[str | Path] = ["mariadbd", "--no-defaults", "--user=mysql"]
    argv += [f"--datadir={state}/mysql", f"--socket={state}/run/mysql/socket"]
    argv += [f"--pid-file={state}/run/mysql/pid", f"--init-file={state}/etc/database.sql"]
    argv += ["--bind-address=127.0.0.1", f"--port={settings.MARIADB_PORT}", "--skip-log-bin"]
    # Nothing in it outlives the rig: do not wait for the disk.
    argv += ["--innodb-flush-log-at-trx-commit=0", "--innodb-flush-method=nosync"]
    argv += ["--innodb-buffer-pool-size=64M", "--innodb-lock-wait-timeout=900"]
    return Daemon("mariadbd", settings.CONTROLLER, argv)


def slurmdbd() -> Daemon:
    """The accounting daemon."""
    # It takes its configuration from the folder of slurm.conf.
    conf = settings.state_dir() / "etc" / "slurm.conf"
    argv = ["env", f"SLURM_CONF={conf}", "slurmdbd", "-D"]
    return Daemon("slurmdbd", settings.CONTROLLER, argv)


def slurmctld() -> Daemon:
    """The controller."""
    conf = settings.state_dir() / "etc" / "slurm.conf"
    return Daemon("slurmctld", settings.CONTROLLER, ["slurmctld", "-D", "-f", conf])


def slurmd(node: str) -> Daemon:
    """The daemon of one node."""
    if node not in settings.NODES:
        message = f"no node {node}; there are {', '.join(settings.NODES)}"
        raise RigError(message)
    etc = settings.state_dir() / "etc"
    login: list[str | Path] = ["sh", "-euc", _PLAIN_LOGIN, etc / "login", pwd.getpwnam("root").pw_dir]
    return Daemon(f"slurmd-{node}", node, [*login, "slurmd", "-D", "-N", node, "-f", etc / "slurm.conf"])


def every() -> list[Daemon]:
    """All of them, in the order in which they start."""
    return [munged(), mariadbd(), slurmdbd(), slurmctld(), *map(slurmd, settings.NODES)]


def client_env() -> dict[str, str]:
    """What a client of the cluster needs in its environment."""
    return {"SLURM_CONF": str(settings.state_dir() / "etc" / "slurm.conf")}


def answers(argv: list[str], *, timeout_s: float = 20) -> bool:
    """Whether this client command succeeds now."""
    try:
        return run(argv, timeout_s=timeout_s, env=client_env(), check=False).returncode == 0
    except RigError:
        return False


def await_ready(daemon: Daemon, ready: Callable[[], bool], log: Path) -> None:
    """Returns when `ready()`; at once an error when the daemon has died before."""

    def dead_or_ready() -> bool:
        daemon.check()
        return ready()

    what = f"{daemon.name} to answer"
    wait_until(dead_or_ready, what=what, timeout_s=_START_LIMIT_S, log=log)


def prepare() -> None:
    """Writes every folder and file that the daemons need, in a new state folder.

    Emits: RigError where RECIPEC_RIG_STATE names a folder that no rig made.
    """
    state = settings.state_dir()
    if not _FOLDER.fullmatch(str(state)):
        message = f"RECIPEC_RIG_STATE={state} is not an absolute path of at most 60 of A-Za-z0-9/_.-"
        raise RigError(message)
    mark = state / "recipec-rig"
    if state.exists() and any(state.iterdir()) and not mark.exists():
        message = f"RECIPEC_RIG_STATE={state} has files that are not a rig's; they stay"
        raise RigError(message)
    # Away under another name first: half removed and without its mark it would stay for good.
    old = state.with_name(f".{state.name}.old")
    remove(old)
    if state.exists():
        state.rename(old)
        remove(old)
    state.mkdir(parents=True, mode=0o755)
    mark.touch()
    for name in ("etc", "run", "run/mysql", "log", "spool", "pids", "dev", "images"):
        (state / name).mkdir(parents=True)
    for host in settings.HOSTS:
        (state / "spool" / host).mkdir()
    # Like /tmp: every user makes folders of their own, nobody removes another's.
    (state / "shared").mkdir()
    (state / "shared").chmod(0o1777)
    shutil.chown(state / "run" / "mysql", "mysql", "mysql")
    files = {
        "login": "",
        "slurm.conf": config.slurm(state),
        "gres.conf": config.gres(state),
        "cgroup.conf": "CgroupAutomount=no\n",
        "slurmdbd.conf": config.slurmdbd(state),
        "database.sql": config.database(),
    }
    for name, text in files.items():
        (state / "etc" / name).write_text(text, encoding="utf-8")
    (state / "etc" / "slurmdbd.conf").chmod(0o600)
    key = state / "etc" / "munge.key"
    key.touch(mode=0o400)
    key.write_bytes(os.urandom(128))
    for number in range(settings.GPUS_PER_NODE):
        # Character device 1:3 is /dev/null: a file that Slurm takes for a device.
        run(["mknod", state / "dev" / f"fakegpu{number}", "c", "1", "3"], timeout_s=10)


def start_accounting() -> None:
    """Starts munged, MariaDB and slurmdbd, and makes the accounts."""
    state = settings.state_dir()
    first = munged()
    first.start()
    socket = state / "run" / "munge.socket"
    await_ready(first, socket.is_socket, state / "log" / "munged.log")
    install = ["mariadb-install-db", "--no-defaults", "--user=mysql", "--skip-test-db"]
    install += ["--auth-root-authentication-method=normal", f"--datadir={state}/mysql"]
    run([*CONTAINED, *install], timeout_s=_START_LIMIT_S)
    base = mariadbd()
    base.start()
    await_ready(base, (state / "run" / "mysql" / "socket").is_socket, base.log)
    books = slurmdbd()
    books.start()
    listed = ["sacctmgr", "--noheader", "list", "cluster"]
    await_ready(books, lambda: answers(listed), state / "log" / "slurmdbd.log")
    manager = ["sacctmgr", "--immediate", "add"]
    accounts, users = ",".join(settings.ACCOUNTS), f"root,{settings.USER}"
    for words in (
        ["cluster", config.CLUSTER],
        ["account", accounts, f"cluster={config.CLUSTER}"],
        ["user", users, f"account={accounts}", f"defaultaccount={settings.ACCOUNTS[0]}"],
    ):
        run([*manager, *words], timeout_s=30, env=client_env())


def start_controller() -> None:
    """Starts slurmctld on the state that it left; returns once it answers."""
    controller = slurmctld()
    controller.start()
    log = settings.state_dir() / "log" / "slurmctld.log"
    await_ready(controller, lambda: answers(["sinfo", "--noheader"]), log)
