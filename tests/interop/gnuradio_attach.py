#!/usr/bin/env python3
"""docs/gnuradio-between.py, a GNU Radio flowgraph, lies between `ravi gnb` and `ravi ue`: the UE attaches and pings, through the plain
flowgraph and with attenuation, noise and an oscillator that is off, which the UE's own figures show. Exit status 77: no GNU Radio."""

import subprocess
import sys
import tempfile
import time

import pairing

RATE = 11.52e6
NETWORK_S = 3.0  # from the session on, with a ping each 0.1 s
HARSH = ["--attenuation", "20", "--noise", "-55", "--offset", "1000"]


def attach(folder, name, *blocks):
    """What the UE reports at its end."""
    gnb_tx, gnb_rx, ue_tx, ue_rx = pairing.free_endpoints(4)
    flow = pairing.Program(["/usr/bin/python3", pairing.SOURCE / "docs/gnuradio-between.py", "--gnb-tx", gnb_tx, "--gnb-rx", gnb_rx,
                        "--ue-tx", ue_tx, "--ue-rx", ue_rx, *blocks], folder, f"{name}-flow.txt")
    config = ["-c", pairing.CONFIGS / "gnuradio.yaml", "--set", f"gnb.radio=zmq:tx={gnb_tx},rx={gnb_rx}", "--set", f"ue.radio=zmq:tx={ue_tx},rx={ue_rx}",
              "--json"]
    gnb = pairing.Program([pairing.RAVI, "gnb", *config], folder, f"{name}-gnb.txt")
    ue = pairing.Program([pairing.RAVI, "ue", *config, "--traffic", "ping"], folder, f"{name}-ue.txt")
    programs = [gnb, ue, flow]  # the gNB first: it forgets a UE that deregisters at its end
    try:
        flow.wait_for("samples go")
        ue.wait_for(r"session +\S|10\.45\.0\.")
        clock = pairing.AirClock(ue_tx, RATE)
        end, patience = clock.now() + NETWORK_S, time.monotonic() + pairing.PATIENCE
        while clock.now() < end:
            assert time.monotonic() < patience, f"{clock.now() - end:.1f} s of network time are missing after {pairing.PATIENCE} s"
            time.sleep(0.1)
        for program in programs:
            program.end()
    except BaseException:
        for program in programs:
            program.end()
            print(f"--- {program.name}\n{program.text()[-1500:]}", file=sys.stderr)
        raise
    assert flow.process.returncode == 0, flow.text()
    return ue.report(), gnb.report()


def main():
    if subprocess.run(["/usr/bin/python3", "-c", "from gnuradio import zeromq"], capture_output=True, check=False).returncode != 0:
        print("skipped: no GNU Radio")
        return pairing.SKIPPED
    said = []
    with tempfile.TemporaryDirectory() as folder:
        for name, blocks in (("plain", []), ("harsh", HARSH)):
            ue, gnb = attach(folder, name, *blocks)
            ping = ue["ping"]
            assert ue["attached"] and ue["gaps"] == 0 and gnb["gaps"] == 0, (ue, gnb)
            assert ping["received"] >= 20 and ping["received"] >= ping["sent"] - 3, ping
            snr = ue["snr_db"], gnb["ues"][0]["uplink_snr_db"]
            assert all(value > 40 for value in snr) if name == "plain" else all(15 < value < 30 for value in snr), (name, snr)
            said.append(f"{name}: attached in {ue['attach_ms']} ms of network time, ping {ping['received']}/{ping['sent']}, {ping['rtt_ms_avg']:.1f} ms, "
                        f"SNR {snr[0]:.1f} dB down, {snr[1]:.1f} dB up")
            print(said[-1], flush=True)
    print("ok: " + "; ".join(said))
    return 0


if __name__ == "__main__":
    sys.exit(main())
