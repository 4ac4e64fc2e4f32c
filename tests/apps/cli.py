#!/usr/bin/env python3
"""The command line as its users meet it: help with an example everywhere, exit codes, errors that say what to do."""

import json
import os
import pathlib
import subprocess
import sys

RAVI = pathlib.Path(os.environ["RAVI_BUILD"]) / "ravi"
COMMANDS = ["up", "gnb", "ue", "core", "air", "cells", "devices", "record", "replay", "spectrum", "subscribers"]
failures = []


def ravi(*args, timeout=30):
    return subprocess.run([RAVI, *args], capture_output=True, text=True, timeout=timeout)


def expect(condition, what, run=None):
    if not condition:
        failures.append(what + (f"\n  exit {run.returncode}\n  out: {run.stdout}\n  err: {run.stderr}" if run else ""))


def refused(args, exit_code, *words):
    run = ravi(*args)
    expect(run.returncode == exit_code, f"{args}: exit {exit_code} expected", run)
    expect(run.stdout == "", f"{args}: an error belongs on standard error", run)
    for word in words:
        expect(word in run.stderr, f"{args}: the error should name '{word}'", run)


help_all = ravi("--help")
expect(help_all.returncode == 0, "--help ends with 0", help_all)
for command in COMMANDS:
    expect(command in help_all.stdout, f"--help lists {command}", help_all)
    run = ravi(command, "--help")
    expect(run.returncode == 0 and "Example" in run.stdout, f"{command} --help shows an example", run)
expect(ravi("--version").returncode == 0, "--version ends with 0")

refused([], 2)
refused(["nonsense"], 2)
refused(["record", "--nonsense"], 2)
refused(["spectrum", "/nowhere/at-all.sigmf-meta"], 2, "/nowhere/at-all")
refused(["spectrum", "uhdd:type=b200"], 2, "uhdd", "did you mean 'uhd'")
refused(["record", "--device", "zmq:rx=tcp://127.0.0.1:1", "--rate", "fast", "out"], 2, "fast")
refused(["up", "--air", "/nowhere.yaml"], 2, "/nowhere.yaml")
refused(["up", "--fronthaul", "pigeon"], 2, "pigeon")
refused(["up", "--duration", "1 ms"], 2, "duration")
refused(["air", "--config", "/nowhere.yaml"], 2, "/nowhere.yaml")
for node in ("gnb", "ue", "core"):
    refused([node, "-c", "/nowhere.yaml"], 2, "/nowhere.yaml")
    refused([node, "--set", "cell.bandwith=5MHz"], 2, "did you mean 'bandwidth'")
refused(["ue"], 2, "no keys")
refused(["core", "--set", "core.n2=203.0.113.7"], 3, "203.0.113.7")

devices = ravi("devices", "--json", "--air", "tcp://127.0.0.1:1", timeout=60)
listed = json.loads(devices.stdout)
names = {entry["driver"] for entry in listed["drivers"]}
expect({"uhd", "soapy", "air", "zmq", "file", "loopback"} <= names, f"devices lists every driver, not {names}", devices)

print("\n".join(failures) if failures else "the command line answers as documented")
sys.exit(1 if failures else 0)
