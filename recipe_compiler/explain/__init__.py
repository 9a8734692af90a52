"""One page for each diagnostic code. The examples are run by `tests/test_explain.py`."""
