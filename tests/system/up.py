#!/usr/bin/env python3
"""`ravi up`: both fronthauls give a verdict, the figures are those the air was told, and a seed repeats them to the bit."""

import json
import os
import pathlib
import subprocess
import sys

RAVI = pathlib.Path(os.environ["RAVI_BUILD"]) / "ravi"


def up(*args, expected=0):
    run = subprocess.run([RAVI, "up", "--json", *args], capture_output=True, text=True, timeout=100)
    assert run.returncode == expected, f"{args}: exit {run.returncode}\n{run.stdout}\n{run.stderr}"
    return json.loads(run.stdout)


def measured(report):
    return [link["measured"] for link in report["links"]]


for fronthaul in ("loopback", "zmq"):
    report = up("--fronthaul", fronthaul, "--duration", "500 ms")
    assert report["verdict"] == "ok", report
    assert report["lates"] == 0 and report["gaps"] == 0, report
    assert abs(report["duration_s"] - 0.5) < 0.002, report
    assert len(report["links"]) == 2, report
    for link in report["links"]:
        for key in ("gain_db", "delay_samples", "offset_hz", "snr_db"):
            assert link["expected"][key] is not None, link
        assert abs(link["measured"]["gain_db"] - link["expected"]["gain_db"]) < 0.5, link
        assert abs(link["measured"]["delay_samples"] - link["expected"]["delay_samples"]) < 0.1, link
        assert abs(link["measured"]["snr_db"] - link["expected"]["snr_db"]) < 1.0, link

once, again, other = (measured(up("--duration", "300 ms", "--seed", seed)) for seed in ("7", "7", "8"))
assert once == again, "the same seed gives the same bits"
assert once != other, "another seed gives other noise"

# An air that is not what it says is noticed: a link that nobody told the report about.
broken = pathlib.Path(os.environ.get("TMPDIR", "/tmp")) / f"ravi-up-{os.getpid()}.yaml"
broken.write_text(
    "nodes:\n  - name: a\n  - name: b\nlinks:\n"
    "  - {from: a, to: b, gain: -20 dB, snr: 20 dB}\n  - {from: b, to: a, gain: -150 dB, snr: -40 dB}\n"
)
try:
    report = up("--air", str(broken), "--duration", "300 ms", expected=1)
    assert report["verdict"] == "failed" and report["links"][1]["heard"] is False, report
finally:
    broken.unlink()
print("ravi up: both fronthauls ok, a seed repeats, a dead link is noticed")
sys.exit(0)
