#!/usr/bin/env bash
# Runs every pairing with a foreign program that is found here, at full length, and says what passed. docs/interop.md has the table.
# Usage: scripts/interop.sh [BUILD_FOLDER]      default: build
# Foreign programs are looked for on the PATH; srsUE also in RAVI_SRSUE. Most pairings need root.
set -uo pipefail
cd "$(dirname "$0")/.."
export RAVI_SOURCE="$PWD" PYTHONPATH="$PWD/tests"
RAVI_BUILD="$(realpath "${1:-build}")" || exit 2
export RAVI_BUILD
[ -x "$RAVI_BUILD/ravi" ] || { echo "no program in $RAVI_BUILD: build it first (scripts/build.sh)" >&2; exit 2; }

pairings=(
  "srsUE on gNB and core, 10 MHz: tests/interop/srsue_attach.py 10 full"
  "srsUE on gNB and core, 20 MHz: tests/interop/srsue_attach.py 20 full"
  "srsUE finds a recorded cell: tests/interop/srsue.py"
  "GNU Radio's ZeroMQ blocks: tests/interop/zmq_gnuradio.py"
  "foreign ZeroMQ program: tests/interop/zmq_foreign.py"
)
passed=0 failed=0 skipped=0
for pairing in "${pairings[@]}"; do
  name="${pairing%%: tests/*}"
  read -ra command <<< "tests/${pairing#*: tests/}"
  said="$(timeout 3600 /usr/bin/python3 "${command[@]}" 2>&1)"
  case $? in
    0) passed=$((passed + 1)); echo "passed   $name: $(tail -n 1 <<< "$said")" ;;
    77) skipped=$((skipped + 1)); echo "skipped  $name: $(tail -n 1 <<< "$said")" ;;
    *) failed=$((failed + 1)); echo "FAILED   $name"; tail -n 20 <<< "$said" ;;
  esac
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
