#!/usr/bin/env bash
# Sets up if needed, builds, and runs the main job; arguments go to `ravi up`.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh >&2
scripts/build.sh release ravi >&2
exec build/ravi up "$@"
