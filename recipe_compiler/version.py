"""The version of recipec. It is part of every bundle, so a release changes every digest."""

VERSION = "0.1.0"
