#!/usr/bin/env bash
# What `make demo` does: a recipe from text to a result, on this machine. No root, no Slurm, no GPU.
set -euo pipefail
cd -- "$(dirname -- "$0")"
scratch=$(mktemp -d)
trap 'rm -rf -- "$scratch"' EXIT
export RECIPEC_STATE_DIR=$scratch/state

show() {
  printf '\n$ %s\n' "$*"
  "$@"
}

show cat recipes/allreduce_local.yaml
show recipec compile recipes/allreduce_local.yaml --cluster local --out "$scratch/bundles"
show ls "$scratch"/bundles/allreduce-local-*
show recipec submit "$scratch"/bundles/allreduce-local-* --wait
show recipec status
show recipec logs allreduce-local
show cat "$scratch"/state/runs/allreduce-local/1/result.json
