#!/usr/bin/env python3
"""Every message of both sides' RRC, decoded and encoded again by the codec in the reference data: the same bytes must come back."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(os.environ.get("RAVI_SOURCE", pathlib.Path(__file__).resolve().parents[3]))
sys.path.insert(0, str(SOURCE / "tests/stack/asn1"))

import differential  # noqa: E402


def main() -> int:
    if shutil.which("erlc") is None or not (differential.REFERENCE / "asn1/modules").is_dir():
        print("skipped: needs Erlang (erlang-base, erlang-asn1) and the reference data")
        return 77
    tool = differential.BUILD / "tests/stack/rrc/rrc_tool"
    messages = [line.split() for line in subprocess.run([tool], check=True, capture_output=True, text=True).stdout.splitlines()]
    with tempfile.TemporaryDirectory() as folder:
        oracle = differential.Oracle(pathlib.Path(folder))
        answers = oracle.ask([("again", "NR-RRC-Definitions", type_, made) for type_, made in messages])
    faults = [f"{type_} {made} became {answer}" for (type_, made), answer in zip(messages, answers) if made != answer]
    print("\n".join(faults[:10]))
    print(f"{len(messages)} messages, {len(faults)} read otherwise")
    return 1 if faults or len(messages) < 100 else 0


if __name__ == "__main__":
    sys.exit(main())
