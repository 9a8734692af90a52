"""The texts of the configuration files. Pure: folders come in, text goes out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.rig import settings

if TYPE_CHECKING:
    from pathlib import Path

CLUSTER = "rig"
DATABASE = "slurm_acct_db"


def slurm(state: Path) -> str:
    """slurm.conf of a cluster that reacts in seconds, its files below `state`."""
    nodes = "\n".join(
        f"NodeName={node} NodeAddr={settings.address(node)} Port={settings.SLURMD_PORT}"
        f" CPUs={settings.CPUS_PER_NODE} Boards=1 SocketsPerBoard=2"
        f" CoresPerSocket={settings.CPUS_PER_NODE // 2} ThreadsPerCore=1"
        f" RealMemory=2000000 Gres=gpu:h200:{settings.GPUS_PER_NODE} State=UNKNOWN"
        for node in settings.NODES
    )
    everyone = ",".join(settings.NODES)
    return f"""\
ClusterName={CLUSTER}
SlurmctldHost={settings.CONTROLLER}({settings.address(settings.CONTROLLER)})
SlurmctldPort={settings.SLURMCTLD_PORT}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
CredType=cred/munge
# A requeued job waits as long as a credential lives; 120 s by default.
AuthInfo=socket={state}/run/munge.socket,cred_expire=10
StateSaveLocation={state}/spool/{settings.CONTROLLER}
SlurmdSpoolDir={state}/spool/%n
SlurmctldPidFile={state}/run/slurmctld.pid
SlurmdPidFile={state}/run/slurmd-%n.pid
SlurmctldLogFile={state}/log/slurmctld.log
SlurmdLogFile={state}/log/slurmd-%n.log
SlurmctldDebug=info
SlurmdDebug=info

# A virtual machine has two CPUs where a node claims eight; nothing is pinned.
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=5
MpiDefault=none
SwitchType=switch/none
ReturnToService=2
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerType=sched/backfill
SchedulerParameters=batch_sched_delay=0,sched_interval=1,bf_interval=1
PriorityType=priority/basic

# Tests wait for what these limit.
MessageTimeout=5
SlurmctldTimeout=10
SlurmdTimeout=15
BatchStartTimeout=20
KillWait=5
UnkillableStepTimeout=30
JobRequeue=1
EnforcePartLimits=ALL

AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost={settings.address(settings.CONTROLLER)}
AccountingStoragePort={settings.SLURMDBD_PORT}
AccountingStoragePass={state}/run/munge.socket
AccountingStorageTRES=gres/gpu
AccountingStorageEnforce=associations,limits
AccountingStoreFlags=job_comment

GresTypes=gpu
{nodes}
PartitionName=gpu Nodes={everyone} Default=YES MaxTime=2-00:00:00 DefaultTime=01:00:00 State=UP
PartitionName=debug Nodes={everyone} Default=NO MaxTime=00:30:00 DefaultTime=00:10:00 State=UP
"""


def gres(state: Path) -> str:
    """gres.conf: every node has the same device files."""
    last = settings.GPUS_PER_NODE - 1
    return f"Name=gpu Type=h200 File={state}/dev/fakegpu[0-{last}]\n"


def slurmdbd(state: Path) -> str:
    """slurmdbd.conf; it holds a password and must be readable by its owner alone."""
    return f"""\
AuthType=auth/munge
AuthInfo=socket={state}/run/munge.socket
DbdHost={settings.CONTROLLER}
DbdAddr={settings.address(settings.CONTROLLER)}
DbdPort={settings.SLURMDBD_PORT}
SlurmUser=root
LogFile={state}/log/slurmdbd.log
PidFile={state}/run/slurmdbd.pid
DebugLevel=info
MessageTimeout=5
StorageType=accounting_storage/mysql
StorageHost=127.0.0.1
StoragePort={settings.MARIADB_PORT}
StorageUser=slurm
StoragePass=slurm
StorageLoc={DATABASE}
"""


def database() -> str:
    """The SQL that a new MariaDB runs at its first start. Its port is inside the rig only."""
    return f"""\
CREATE DATABASE {DATABASE};
CREATE USER slurm@'127.0.0.1' IDENTIFIED BY 'slurm';
GRANT ALL ON {DATABASE}.* TO slurm@'127.0.0.1';
"""
