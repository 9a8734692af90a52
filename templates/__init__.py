"""The script templates. Contract 1.

A template gets `plan` (a `JobPlan`), `sums` (sha256 and name of each file beside the script) and
the options of its target. Every value it prints goes through a filter: `|sh`, `|argv`, `|sbatch`,
`|comment` or `|variable`. One shell level a file. Logic lives in Python: `for`, `if`, `include`.
"""

CONTRACT = 1
