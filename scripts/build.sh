#!/usr/bin/env bash
# Builds a preset (default: release) and everything in it. Used by the other scripts; prints only what matters.
# Usage: scripts/build.sh [PRESET [TARGET ...]]
set -euo pipefail
cd "$(dirname "$0")/.."
preset=${1:-release}
shift || true
# Objects are found again by a clone in another folder.
export CCACHE_BASEDIR="$PWD" CCACHE_NOHASHDIR=1 CCACHE_SLOPPINESS=pch_defines,time_macros
echo "build: preset $preset"
cmake --preset "$preset" >/dev/null
cmake --build --preset "$preset" ${1:+--target "$@"}
