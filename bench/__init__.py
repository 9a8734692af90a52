"""`python -m bench`: recipec against a plain stack that does the same work without features."""
