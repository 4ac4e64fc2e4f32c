#!/usr/bin/env python3
"""ravi subscribers: adds, lists and removes; refuses what cannot be; never shows a key."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

RAVI = pathlib.Path(os.environ["RAVI_BUILD"]) / "ravi"
K, OPC = "00112233445566778899aabbccddeeff", "63bfa50ee6523365ff14c1f45f88737d"
OP = "cdc202d5123e20f62b6d676ac72cb318"
shown = ""


def ravi(*args, exit_code=0):
    global shown
    run = subprocess.run([RAVI, "subscribers", *args], capture_output=True, text=True, timeout=30)
    shown += run.stdout + run.stderr
    assert run.returncode == exit_code, f"{args}: exit {run.returncode}: {run.stdout}{run.stderr}"
    return run.stdout


with tempfile.TemporaryDirectory() as folder:
    db = ["--db", str(pathlib.Path(folder) / "subscribers.db")]
    assert json.loads(ravi("list", *db, "--json")) == {"subscribers": []}
    ravi("add", *db, "imsi-001010123456780", "--k", K, "--opc", OPC, "--slice", "1-0000ab", "--sqn", "32")
    added = json.loads(ravi("add", *db, "001010000000001", "--k", K, "--op", OP, "--json"))
    assert added == {"added": "imsi-001010000000001"}, added
    listed = json.loads(ravi("list", *db, "--json"))["subscribers"]
    assert listed == [
        {"supi": "imsi-001010000000001", "dnn": "internet", "slice": "1", "sqn": 0},
        {"supi": "imsi-001010123456780", "dnn": "internet", "slice": "1-0000ab", "sqn": 32},
    ], listed
    assert "imsi-001010123456780" in ravi("list", *db)
    ravi("add", *db, "imsi-001010123456780", "--k", K, "--opc", OPC, exit_code=2)
    for bad in (["imsi-12", "--k", K, "--opc", OPC], ["001010000000002", "--k", K[:-1], "--opc", OPC],
                ["001010000000002", "--k", K], ["001010000000002", "--k", K, "--opc", OPC, "--op", OP],
                ["001010000000002", "--k", K, "--opc", OPC, "--amf", "0000"],
                ["001010000000002", "--k", K, "--opc", OPC, "--slice", "1-ab"]):
        ravi("add", *db, *bad, exit_code=2)
    ravi("remove", *db, "001010000000001")
    ravi("remove", *db, "001010000000001", exit_code=1)
    assert len(json.loads(ravi("list", *db, "--json"))["subscribers"]) == 1
for key in (K, OPC, OP, K[:-1]):
    assert key not in shown.lower(), "a key was shown"
sys.exit(0)
