#!/usr/bin/env python3
"""`ravi up`: every profile over either fronthaul attaches, pings and carries traffic; JSON as promised; failures explained. Only
figures of network time are judged: the machine's speed is not."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

RAVI = pathlib.Path(os.environ["RAVI_BUILD"]) / "ravi"
PROFILES = ["fdd-n3-10mhz", "fdd-n3-20mhz", "fdd-n1-20mhz", "tdd-n40-20mhz", "tdd-n78-20mhz", "tdd-n78-40mhz"]
GOODPUT_SHARE = 0.8  # of the computed peak, in clean air
OF_THE_CLOCK = {"real_time_factor", "whole_real_time_factor", "cpu_cores"}


def run(*args):
    return subprocess.run([RAVI, "up", *args], capture_output=True, text=True, timeout=550)


def up(*args, expected=0):
    done = run("--json", *args)
    assert done.returncode == expected, f"{args}: exit {done.returncode}\n{done.stdout}\n{done.stderr}"
    return json.loads(done.stdout)


def check(report, num_ues=1):
    assert report["verdict"] == "ok" and report["failures"] == [], report
    assert report["lates"] == 0 and report["gaps"] == 0, report
    assert report["real_time_factor"] > 0, report
    assert len(report["ues"]) == num_ues, report
    for n, ue in enumerate(report["ues"]):
        assert ue["supi"] == f"imsi-00101012345678{n}" and ue["attached"] is True, ue
        assert 0 < ue["attach_ms"] < 300, ue
        assert ue["ipv4"].startswith("10.45.0."), ue
        assert ue["ping"]["sent"] == ue["ping"]["received"] > 0 and ue["deregistered"] is True, ue
        assert 0 < ue["ping"]["rtt_ms_avg"] <= 20 and ue["ping"]["rtt_ms_max"] < 100, ue
        for way in ("downlink", "uplink"):
            assert ue[way]["goodput_mbps"] > 0 and 0 <= ue[way]["bler"] < 0.2 and 0 < ue[way]["mcs_avg"] <= 28, ue
    for way in ("downlink", "uplink"):
        assert report["share_of_peak"][way] >= GOODPUT_SHARE, f"{report['profile']} {way}: {report['share_of_peak']}"


def every_profile(fronthaul):
    for profile in PROFILES:
        report = up("--profile", profile, "--fronthaul", fronthaul, "--duration", "1500 ms")
        assert report["profile"] == profile and report["fronthaul"] == fronthaul, report
        check(report)
        print(f"{profile} over {fronthaul}: {report['ues'][0]['attach_ms']:.0f} ms, RTT {report['ues'][0]['ping']['rtt_ms_avg']} ms, "
              f"{report['share_of_peak']['downlink']:.0%} down, {report['share_of_peak']['uplink']:.0%} up")


def the_rest():
    report = up("--ues", "2", "--duration", "1500 ms", "--traffic", "ping,uplink")
    assert "downlink" not in report["ues"][0] and len(report["ues"]) == 2, report

    with tempfile.TemporaryDirectory(prefix="ravi-up-") as name:
        folder = pathlib.Path(name)
        air = folder / "air.yaml"
        air.write_text("nodes:\n  - name: gnb\n  - name: ue\nlinks:\n"
                       "  - {from: gnb, to: ue, snr: 22 dB, fading: {profile: tdl_c, delay_spread: 100 ns, doppler: 5 Hz}}\n"
                       "  - {from: ue, to: gnb, snr: 22 dB}\n"
                       "faults:\n  - {kind: drop, from: gnb, probability: 0.002}\n")
        args = ("--air", str(air), "--inline", "--duration", "1 s", "--seed", "7")
        once, again = (json.loads(run("--json", *args).stdout) for _ in range(2))
        assert {k: v for k, v in once.items() if k not in OF_THE_CLOCK} == {k: v for k, v in again.items() if k not in OF_THE_CLOCK}

        air.write_text("nodes:\n  - name: gnb\n  - name: ue\nlinks:\n  - {from: ue, to: gnb}\n")
        report = up("--air", str(air), "--duration", "1 s", expected=1)
        assert report["verdict"] == "failed" and report["failures"][0]["rung"] == "cell found", report
        assert "no link from gnb to ue" in report["failures"][0]["try"], report

    words = run("--duration", "1 s", "--traffic", "ping")
    assert words.returncode == 0 and words.stdout.rstrip().endswith("verdict: ok"), words.stdout
    assert all(rung in words.stdout for rung in ("cell found", "random access", "authenticated", "10.45.0.2")), words.stdout
    unknown = run("--profile", "fdd-n3")
    assert unknown.returncode == 2 and all(profile in unknown.stderr for profile in PROFILES), unknown.stderr
    assert run("--duration", "10 ms").returncode == 2 and run("--traffic", "ftp").returncode == 2


if __name__ == "__main__":
    the_rest() if sys.argv[1] == "rest" else every_profile(sys.argv[1])
