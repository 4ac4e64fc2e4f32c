#!/usr/bin/env python3
"""Several srsUEs at once on one `ravi gnb` through `ravi air`, each at its own distance (config/srsue-air.yaml): all attach, ping and carry
traffic at the same time.

    srsue_many.py 1|2|3|4 [together]      together: all are started at once, so that their preambles collide (srsUE always sends 0)

Exit status 77: skipped."""

import concurrent.futures
import sys
import tempfile

import pairing
from pairing import udp
from srsue_network import Network, links_of, missing

PINGS = 50
TRAFFIC_S = 5
OFFERED_UP, OFFERED_DOWN = 36, 28  # Mbit/s of network time, of all together


def together(ues, what):
    """The results of what(ue) for all at once."""
    with concurrent.futures.ThreadPoolExecutor(len(ues)) as pool:
        return list(pool.map(what, ues))


def attach_all(network, is_together):
    if is_together:
        for ue in network.ues:
            ue.start()
        return [ue.wait_for_session() for ue in network.ues]
    return [ue.attach()[1] for ue in network.ues]


def try_all(network, is_together):
    addresses = attach_all(network, is_together)
    print(f"addresses: {' '.join(addresses)}", flush=True)
    assert len(set(addresses)) == len(addresses), addresses
    stretch = network.stretch()
    pings = together(network.ues, lambda ue: network.ping(ue, PINGS))
    print(f"pings: {pings}", flush=True)
    assert all(answered == PINGS for answered, _ in pings), pings
    speed = network.speed()
    rates = {}
    for name, options in (("up", udp(OFFERED_UP * speed / len(network.ues))), ("down", [*udp(OFFERED_DOWN * speed / len(network.ues)), "-R"])):
        begin = network.stretch()
        carried = together(network.ues, lambda ue, options=options: network.iperf(ue, round(TRAFFIC_S / speed), *options))
        speed_then, _ = begin.end()
        rates[name] = [rate / speed_then for rate in carried]
        print(f"UDP {name}: {rates[name]}", flush=True)
    speed, used = stretch.end()
    return pings, rates, speed, used


def main():
    reason = missing()
    if reason:
        print(f"skipped: {reason}")
        return pairing.SKIPPED
    num_ues, is_together = int(sys.argv[1]), "together" in sys.argv[2:]
    with tempfile.TemporaryDirectory() as folder, Network(folder, num_ues=num_ues, is_through_air=True) as network:
        pings, rates, speed, used = try_all(network, is_together)
        network.end_programs()
        links = links_of(network)
        assert len(links) == num_ues, links
        assert all(min(rate) > 1 for rate in rates.values()), rates
    print("ok: round trips " + ", ".join(f"{mean:.0f}" for _, mean in pings) + " ms; Mbit/s up " + ", ".join(f"{rate:.1f}" for rate in rates["up"]) +
          ", down " + ", ".join(f"{rate:.1f}" for rate in rates["down"]) + "; SNR up " + ", ".join(f"{link['uplink_snr_db']:.0f}" for link in links) +
          f" dB; {speed:.2f} x real time; processor a network second: {pairing.as_row(used)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
