#!/usr/bin/env bash
# Runs every pairing with a foreign program that is found here, at full length, and says what passed. docs/interop.md has the results.
# Usage: scripts/interop.sh [--list] [--build FOLDER] [WORD ...]     default: build, all; with words: the pairings that have one of them
# Foreign programs are looked for on the PATH; srsUE also in RAVI_SRSUE, Open5GS and UERANSIM in the
# folders RAVI_OPEN5GS and RAVI_UERANSIM. Most pairings need root. Full output: FOLDER/interop/.
set -uo pipefail
cd "$(dirname "$0")/.."

# name: script with arguments
pairings=(
  "GNU Radio's ZeroMQ blocks: zmq_gnuradio.py"
  "GNU Radio between gNB and UE: gnuradio_attach.py"
  "foreign ZeroMQ program: zmq_foreign.py"
  "gNB and UE on Open5GS: open5gs.py full"
  "gNB and srsUE on Open5GS: open5gs.py srsue full"
  "UERANSIM on core: ueransim.py full"
  "srsUE finds a recorded cell: srsue.py"
  "srsUE, 10 MHz: srsue_attach.py 10 full"
  "srsUE, 20 MHz: srsue_attach.py 20 full"
  "srsUE through the air, 10 MHz: srsue_attach.py 10 air full"
  "srsUE through the air, 20 MHz: srsue_attach.py 20 air full"
  "two srsUEs through the air: srsue_many.py 2"
  "four srsUEs through the air: srsue_many.py 4"
  "srsUE in noise and fading: srsue_channels.py"
  "UE on OCUDU's gNB, FDD 5 MHz: ocudu_gnb.py fdd-5 full"
  "UE on OCUDU's gNB, FDD 10 MHz: ocudu_gnb.py fdd-10 full"
  "UE on OCUDU's gNB, FDD 10 MHz, its defaults: ocudu_gnb.py fdd-10 defaults full"
  "UE on OCUDU's gNB, idle and paged: ocudu_gnb.py fdd-10 paged"
  "srsUE on OCUDU's gNB, for comparison: ocudu_gnb.py fdd-10 srsue full"
  "UE on OCUDU's gNB, FDD 20 MHz, its defaults: ocudu_gnb.py fdd-20 defaults full"
  "UE on OCUDU's gNB, TDD 20 MHz, its defaults: ocudu_gnb.py tdd-20 defaults full"
  "UE on OCUDU's gNB, TDD 40 MHz, its defaults: ocudu_gnb.py tdd-40 defaults full"
)

build=build is_list=
while [[ "${1:-}" == --* ]]; do
  case "$1" in
    --list) is_list=yes ;;
    --build) build="${2:?--build needs a folder}"; shift ;;
    *) sed -n '2,5s/^# //p' "$0" >&2; exit 2 ;;
  esac
  shift
done
chosen=()
for pairing in "${pairings[@]}"; do
  [ $# -eq 0 ] && chosen+=("$pairing")
  for word in "$@"; do
    [[ "$pairing" == *"$word"* ]] && { chosen+=("$pairing"); break; }
  done
done
if [ -n "$is_list" ]; then
  printf '%s\n' "${chosen[@]}"
  exit
fi

export RAVI_SOURCE="$PWD" PYTHONPATH="$PWD/tests"
RAVI_BUILD="$(realpath "$build")" || exit 2
export RAVI_BUILD
[ -x "$RAVI_BUILD/ravi" ] || { echo "no program in $RAVI_BUILD: build it first (scripts/build.sh)" >&2; exit 2; }
mkdir -p "$RAVI_BUILD/interop"
passed=0 failed=0 skipped=0 number=0
for pairing in "${chosen[@]}"; do
  name="${pairing%%: *}"
  read -ra command <<< "tests/interop/${pairing#*: }"
  log="$RAVI_BUILD/interop/$(tr -cs 'A-Za-z0-9\n' '-' <<< "$name").txt"
  number=$((number + 1))
  echo "[$number/${#chosen[@]}] $(date +%H:%M:%S) $name"
  begin=$SECONDS
  timeout 3600 /usr/bin/python3 "${command[@]}" > "$log" 2>&1
  status=$?
  case $status in
    0) passed=$((passed + 1)); verdict=passed ;;
    77) skipped=$((skipped + 1)); verdict=skipped ;;
    *) failed=$((failed + 1)); verdict=FAILED ;;
  esac
  echo "  $verdict after $((SECONDS - begin)) s: $(tail -n 1 "$log")"
  [ "$verdict" != FAILED ] || { tail -n 20 "$log"; echo "  all of it: $log"; }
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
