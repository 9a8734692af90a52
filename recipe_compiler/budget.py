"""What a job may use: one function, so that a diff, a report and a limit give the same number."""

from __future__ import annotations

SECONDS_PER_HOUR = 3600


def gpu_hours(nodes: int, gpus_per_node: int, walltime_s: int, *, points: int = 1, attempts: int = 1) -> float:
    """The GPU-hours asked: every point runs to its time limit, `attempts` times. 0 where no GPU is asked."""
    return nodes * gpus_per_node * walltime_s * points * attempts / SECONDS_PER_HOUR


def hours_text(hours: float) -> str:
    """`1,536`, `0.25`: at most two decimals, so what is under half of the last one is `0`."""
    return f"{hours:,.2f}".rstrip("0").rstrip(".")
