"""The only part that touches the machine: files, processes, the scheduler."""
