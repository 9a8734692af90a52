"""The command line: arguments to driver to report to exit code, and nothing else."""
