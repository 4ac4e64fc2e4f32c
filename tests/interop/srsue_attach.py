#!/usr/bin/env python3
"""srsUE (srsRAN 4G) attaches to `ravi gnb` with `ravi core` over plain ZeroMQ ports, directly or through `ravi air`: registration with
5G-AKA, session, address, pings, iperf3 in both directions, and srsUE stopped and started again against the same running gNB and core.

    srsue_attach.py 10|20 [air] [full]    megahertz; `full`: 1000 pings, 60 s of traffic each, 20 restarts; prints figures

Needs root (TUN devices in network namespaces of its own), `ip`, `ping`, `ss`, `iperf3`, and srsUE: on the PATH, or in RAVI_SRSUE. In
srsUE's build tree the library of its radio is found by itself; else the loader must find it. Exit status 77: skipped."""

import sys
import tempfile

import pairing
from srsue_network import Network, missing

OFFERED = {"10": (40, 40), "20": (80, 80)}  # Mbit/s of UDP, more than fits; as in ocudu_gnb.py


def try_all(network, bandwidth, pings, seconds, restarts):
    ue = network.ues[0]
    attach_s, address = ue.attach()
    assert address.startswith("10.45.0."), address
    figures = {"attach_s": attach_s} | pairing.measure(network, ue, pings, seconds, OFFERED[bandwidth])
    attached = 0
    for _ in range(restarts):
        ue.end()
        ue.attach()
        attached += network.ping(ue, 3)[0] == 3
    figures["restarts"] = f"{attached}/{restarts}"
    assert attached == restarts, figures
    return figures


def main():
    reason = missing()
    if reason:
        print(f"skipped: {reason}")
        return pairing.SKIPPED
    bandwidth, options = sys.argv[1], sys.argv[2:]
    pings, seconds, restarts = (1000, 60, 20) if "full" in options else (50, 3, 2)
    with tempfile.TemporaryDirectory() as folder, Network(folder, bandwidth, is_through_air="air" in options) as network:
        figures = try_all(network, bandwidth, pings, seconds, restarts)
        network.end_programs()
        report = network.gnb.report()
        # whoever came last is the only one left: the old contexts were recognized and freed
        assert report["connections"] >= restarts + 1 and len(report["ues"]) == 1, report
        figures["air_s"] = report["network_seconds"]
    print("ok: " + pairing.as_row(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
