#!/usr/bin/env bash
# Sets up if needed, builds, runs every test. The last line is "N passed, N failed". Exit status 1 if any failed.
# Usage: scripts/test.sh [PRESET [CTEST OPTION ...]]     e.g. scripts/test.sh release -R spectrum
# Presets other than release (debug, asan-ubsan, tsan) build and run the unit tests only.
set -euo pipefail
cd "$(dirname "$0")/.."
preset=${1:-release}
shift || true
scripts/setup.sh
if [ "$preset" = release ]; then
  folder=build
  scripts/build.sh release
else
  folder=build-$preset
  scripts/build.sh "$preset" unit_tests
  set -- -R '^test_' "$@"
  export RAVI_RUNS="${RAVI_RUNS:-4}"  # of test_random_runs, which take long here
fi

results=$(mktemp)
trap 'rm -f "$results"' EXIT
status=0
ctest --test-dir "$folder" --output-on-failure --progress --output-junit "$results" -j "$(nproc)" "$@" || status=$?

/usr/bin/python3 - "$results" "$status" <<'PYTHON'
import sys
import xml.etree.ElementTree

suite = xml.etree.ElementTree.parse(sys.argv[1]).getroot()
total, failed = int(suite.get("tests", 0)), int(suite.get("failures", 0))
skipped = [case.get("name") for case in suite.iter("testcase") if case.find("skipped") is not None]
for name in skipped:
    print(f"skipped: {name}")
passed = total - failed - len(skipped)
print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed or int(sys.argv[2]) or passed == 0 else 0)
PYTHON
