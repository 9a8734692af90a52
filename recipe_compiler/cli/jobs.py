"""What submit, status, logs and cancel share: bundles to jobs, and jobs to their states."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import click

from recipe_compiler.bundle import Bundle, open_bundle
from recipe_compiler.diag import Diagnostic, Diagnostics, did_you_mean, has_errors, visible
from recipe_compiler.host import files, local, slurm, state, urls
from recipe_compiler.ledger import Intent, Record
from recipe_compiler.slurm_queue import State

SCHEDULERS: dict[str, ModuleType] = {"local": local, "slurm": slurm}
Admit = Callable[[Bundle], Diagnostics]
"""What the submitting team's policy says of a bundle."""
_POLL_S = 0.5


@dataclass(frozen=True, slots=True)
class Outcome:
    """A job, and whether it was there before."""

    record: Record
    already: bool


def sort_out(paths: Sequence[str]) -> tuple[list[str], list[str]]:
    """Which arguments are bundles, and which are recipes: a bundle is a folder with a manifest."""
    bundles = [path for path in paths if _is_bundle(path)]
    return bundles, [path for path in paths if path not in bundles]


def _is_bundle(text: str) -> bool:
    if urls.is_url(text):
        return not text.endswith((".yaml", ".yml"))
    path = Path(text)
    return (path / "manifest.json").exists() or (path.is_dir() and not any(files.recipe_files(path)))


def fetched(text: str, *, out: str, cluster: str | None) -> tuple[str | None, Diagnostics]:
    """The local folder of a bundle: the argument itself, or for a URL a verified copy below `out`."""
    if not urls.is_url(text):
        return text, ()
    from recipe_compiler.cli.session import open_workspace

    space, wrong = open_workspace((), cluster)
    if space is None:
        return None, wrong
    where, wrong = urls.split(text, space.profile.cluster.schemes)
    if where is None or isinstance(where, Path):
        return (None if where is None else str(where)), wrong
    members, wrong = urls.read_bundle(where)
    bundle, wrong = (None, wrong) if members is None else open_bundle(where.rstrip("/").rpartition("/")[2], members)
    if bundle is None:
        return None, wrong
    try:
        return str(files.write_bundle(bundle, Path(out))[0]), ()
    except files.CannotWrite as error:
        return None, (_cannot_write(error),)


def compile_recipes(
    recipes: Sequence[str], *, out: str, cluster: str | None, sets: Sequence[str], set_files: Sequence[str]
) -> tuple[list[Diagnostic], list[str]]:
    """The bundles of recipes, written below `out`; none when any recipe has an error."""
    from recipe_compiler.cli.session import compile_all, open_workspace, overrides

    space, wrong = open_workspace(recipes, cluster)
    texts, odd = overrides(sets, set_files)
    found = [*wrong, *odd]
    if space is None or odd:
        return found, []
    done = list(compile_all(recipes, texts, space))
    for item in done:
        found += item.found
    if has_errors(found):
        return found, []
    try:
        return found, [str(files.write_bundle(item.bundle, Path(out))[0]) for item in done if item.bundle]
    except files.CannotWrite as error:
        return [*found, _cannot_write(error)], []


def _cannot_write(error: files.CannotWrite) -> Diagnostic:
    return Diagnostic("RCP913", str(error), help="free space, or set RECIPEC_STATE_DIR; nothing was submitted")


def submit_one(path: str, *, rerun: bool, admit: Admit) -> tuple[Outcome | None, Diagnostics]:
    """The job of one bundle. Nothing is submitted that does not verify, was submitted before, or is not admitted."""
    folder = Path(path).absolute()
    members, wrong = files.read_bundle(folder)
    if members is None:
        return None, wrong
    bundle, wrong = open_bundle(folder.name, members)
    if bundle is None:
        return None, wrong
    home = state.state_dir()
    if home is None:
        return None, (state.no_state_dir(),)
    try:
        return _submit(bundle, folder, home, rerun=rerun, admit=admit)
    except files.CannotWrite as error:
        return None, (_cannot_write(error),)


def _submit(
    bundle: Bundle, folder: Path, home: Path, *, rerun: bool, admit: Admit
) -> tuple[Outcome | None, Diagnostics]:
    scheduler = SCHEDULERS[str(bundle.manifest["cluster"]["target"])]
    last = state.attempts(home, bundle.folder)
    if last and not rerun and not state.was_refused(home, bundle.folder, last):
        known = state.record(home, bundle.folder, last)
        if known is not None:
            return Outcome(known, already=True), ()
        intent = Intent(bundle.folder, bundle.digest, last, state.now(), state.user(), state.host())
        job_id, finding = scheduler.adopt(bundle, intent)
        return _recorded(scheduler, bundle, folder, intent, job_id, home, finding)
    verdicts = admit(bundle)
    if has_errors(verdicts):
        return None, verdicts
    intent = Intent(bundle.folder, bundle.digest, last + 1, state.now(), state.user(), state.host())
    if not state.begin(home, intent):
        message = f"another process is submitting {bundle.folder} now"
        return None, (Diagnostic("RCP903", message, help="repeat the command: it prints the job"),)
    job_id, finding = scheduler.submit(bundle, folder, intent, home)
    if job_id is None and finding is not None and finding.code != "RCP903":
        state.refuse(home, intent)
    outcome, found = _recorded(scheduler, bundle, folder, intent, job_id, home, finding)
    return outcome, (*verdicts, *found)


def _recorded(
    scheduler: ModuleType,
    bundle: Bundle,
    folder: Path,
    intent: Intent,
    job_id: str | None,
    home: Path,
    finding: Diagnostic | None,
) -> tuple[Outcome | None, Diagnostics]:
    if job_id is None:
        return None, (finding,) if finding else ()
    run_dir, log = scheduler.paths(bundle, job_id, home)
    record = Record(
        job_id=job_id,
        bundle=bundle.folder,
        digest=bundle.digest,
        attempt=intent.attempt,
        name=bundle.name,
        cluster=str(bundle.manifest["cluster"]["name"]),
        target=str(bundle.manifest["cluster"]["target"]),
        at=intent.at,
        user=intent.user,
        host=intent.host,
        bundle_dir=str(folder),
        run_dir=str(run_dir),
        log=str(log),
    )
    state.settle(home, record)
    return Outcome(record, already=False), ()


def find(names: Sequence[str]) -> tuple[list[Record], list[Diagnostic]]:
    """The records that job ids, bundle names or folders mean; all when none is named. Emits: RCP905, RCP912, RCP914."""
    home = state.state_dir()
    if home is None:
        return [], [state.no_state_dir()]
    records, wrong = state.records(home)
    found = list(wrong)
    if not names:
        return records, found
    chosen: list[Record] = []
    for name in names:
        wanted = Path(name).name
        hits = [item for item in records if wanted in {item.job_id, item.bundle, item.name, item.digest[:12]}]
        job_id, _, task = wanted.rpartition("_")
        if not hits and task.isdigit():
            hits = [_task(item, task) for item in records if item.job_id == job_id]
        if not hits:
            near = did_you_mean(wanted, {item.job_id for item in records} | {item.name for item in records})
            help_ = f"did you mean `{near}`?" if near else "`recipec status` lists every job"
            found.append(Diagnostic("RCP905", f"no submission is recorded for `{visible(name, 80)}`", help=help_))
        chosen += [item for item in hits if item not in chosen]
    return chosen, found


def _task(record: Record, task: str) -> Record:
    """One task of an array: its own folder and log."""
    whole, one = f"{record.job_id}_{slurm.FIRST_POINT}", f"{record.job_id}_{task}"
    run_dir, log = record.run_dir.replace(whole, one), record.log.replace(whole, one)
    return replace(record, job_id=one, run_dir=run_dir, log=log)


def states(records: Sequence[Record]) -> tuple[dict[str, State], list[Diagnostic]]:
    """The state of each job, by asking each scheduler once."""
    known: dict[str, State] = {}
    found: list[Diagnostic] = []
    for target, scheduler in SCHEDULERS.items():
        mine = [item for item in records if item.target == target]
        if mine:
            answer, trouble = scheduler.states(mine)
            known.update(answer)
            found += [trouble] if trouble else []
    return known, found


def wait_for(job_ids: Sequence[str], *, quiet: bool) -> bool:
    """Whether a job did not complete, once all are over."""
    while True:
        records, _ = find(job_ids)
        known, _ = states(records)
        if all(job_id in known and known[job_id].ended for job_id in job_ids):
            break
        time.sleep(_POLL_S)
    for job_id in job_ids:
        if not quiet:
            click.echo(f"{job_id}  {known[job_id].state} {known[job_id].exit_code}".rstrip())
    return any(known[job_id].state != "COMPLETED" for job_id in job_ids)


def row(record: Record, known: dict[str, State]) -> dict[str, Any]:
    """A job as `status` shows it."""
    now = known.get(record.job_id, State("UNKNOWN"))
    return {
        "job_id": record.job_id,
        "name": record.name,
        "state": now.state,
        "exit_code": now.exit_code,
        "reason": now.reason,
        "nodes": now.nodes,
        "cluster": record.cluster,
        "bundle": record.bundle,
        "attempt": record.attempt,
        "submitted_at": record.at,
        "bundle_dir": record.bundle_dir,
        "run_dir": record.run_dir,
        "log": record.log,
    }
