#!/usr/bin/env bash
# Runs the tests that need no cluster on each other Python 3.10 to 3.13 found here, and says which were not found.
set -euo pipefail
cd -- "$(dirname -- "$0")"
venv=$1
own=$("$venv/bin/python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
missing=()
for version in 3.10 3.11 3.12 3.13; do
  [[ $version != "$own" ]] || continue
  python=$(command -v "python$version" || true)
  for candidate in "$python" "${PYENV_ROOT:-$HOME/.pyenv}"/versions/"$version".*/bin/python; do
    if [[ -x $candidate ]] && "$candidate" -c 'import venv, ensurepip' 2> /dev/null; then
      python=$candidate
      break
    fi
    python=
  done
  if [[ -z $python ]]; then
    missing+=("$version")
    continue
  fi
  folder=$venv/python$version
  if [[ ! -e $folder/made || pyproject.toml -nt $folder/made ]]; then
    "$python" -m venv "$folder"
    "$folder/bin/pip" install --quiet --editable '.[test]'
    touch "$folder/made"
  fi
  printf '\nPython %s\n' "$version"
  "$folder/bin/python" -m pytest -q -n 2 --dist loadgroup -m 'not needs_rig' --ignore tests/test_runtime.py --ignore tests/test_wheel.py
done
if ((${#missing[@]})); then
  printf '\nnot tested, since it is not on this machine: Python %s\n' "${missing[*]}"
fi
