"""The coverage-guided fuzzer: `python -m tests.fuzz --minutes 10`, or `make fuzz`."""
