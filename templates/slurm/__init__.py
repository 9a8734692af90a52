"""Templates of one target."""
