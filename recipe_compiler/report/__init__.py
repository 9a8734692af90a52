"""Diagnostics to text, one format a file. Nothing else in the project formats a message."""
