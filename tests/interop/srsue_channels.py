#!/usr/bin/env python3
"""srsUE on `ravi gnb` through `ravi air` with noise at several ratios and with fading: attach, pings, traffic, and the block error rates and
MCS that come of it, from the gNB's report.

    srsue_channels.py [NAME ...]       default: all of CHANNELS

Exit status 77: skipped."""

import sys
import tempfile

import pairing
from pairing import traffic
from srsue_network import Network, links_of, missing

CHANNELS = {
    "awgn-30": "snr: 30 dB",
    "awgn-20": "snr: 20 dB",
    "awgn-15": "snr: 15 dB",
    "awgn-10": "snr: 10 dB",
    "tdl-a": "snr: 30 dB, fading: {profile: tdl_a, delay_spread: 30 ns, doppler: 5 Hz}",
    "tdla30": "snr: 20 dB, fading: {profile: tdla30, doppler: 10 Hz}",
}
PINGS = 50
TRAFFIC_S = 5


def try_channel(name):
    figures = {}
    with tempfile.TemporaryDirectory() as folder, Network(folder, is_through_air=True, channel=CHANNELS[name]) as network:
        ue = network.ues[0]
        figures["attach_s"], _ = ue.attach()
        answered, figures["rtt_ms"] = network.ping(ue, PINGS, 0.1)
        figures["pings"] = f"{answered}/{PINGS}"
        figures |= traffic(network, ue, TRAFFIC_S, (36, 30))
        network.end_programs()
        link = links_of(network)[0]
    figures |= {key: link[key] for key in ("uplink_snr_db", "uplink_bler", "uplink_mcs", "downlink_bler", "downlink_mcs")}
    print(f"{name}: {pairing.as_row(figures)}", flush=True)
    assert answered >= PINGS * 0.95, figures
    assert min(figures[way] for way in ("tcp_up", "tcp_down", "udp_up", "udp_down")) > 0.3, figures
    return figures


def main():
    reason = missing()
    if reason:
        print(f"skipped: {reason}")
        return pairing.SKIPPED
    names = sys.argv[1:] or list(CHANNELS)
    for name in names:
        try_channel(name)
    print("ok: " + ", ".join(names))
    return 0


if __name__ == "__main__":
    sys.exit(main())
