"""`python bench/parse.py WHEEL`: reads each Python file of a wheel and parses it with `ast`, nothing more."""

from __future__ import annotations

import ast
import sys
import zipfile

with zipfile.ZipFile(sys.argv[1]) as wheel:
    for name in wheel.namelist():
        if name.endswith(".py"):
            ast.parse(wheel.read(name))
