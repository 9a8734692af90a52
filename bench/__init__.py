"""`python -m bench`: recipec against the bare libraries, a plain stack, and Hydra, each doing the same work."""
