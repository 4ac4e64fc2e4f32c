#!/usr/bin/env python3
"""A GNU Radio flowgraph between a gNB and a UE: what the gNB transmits goes through some blocks to the UE, and the other way round.

    gNB, zmq:tx=A,rx=B   A --> REQ source --> blocks --> REP sink C -->  UE, zmq:tx=D,rx=C
                         B <-- REP sink <-- blocks <-- REQ source D <--

    ravi gnb -c config/gnuradio.yaml
    ravi ue -c config/gnuradio.yaml --traffic ping
    /usr/bin/python3 docs/gnuradio-between.py --attenuation 20 --noise -70 --offset 300

The blocks here attenuate, add noise and shift in frequency; put your own in `path`. Each must give one sample for each that it takes:
the number of samples is the clock of both ends. For the same reason start it anew when gNB or UE has been started anew.
Needs Debian's package gnuradio. Ends with Ctrl-C."""

import argparse
import math
import signal

from gnuradio import analog, blocks, gr, zeromq

SAMPLE = gr.sizeof_gr_complex
TIMEOUT_MS = 100


class Between(gr.top_block):
    def __init__(self, options):
        gr.top_block.__init__(self, "between gNB and UE")
        self.path(options, options.gnb_tx, options.ue_rx, options.offset, seed=1)
        self.path(options, options.ue_tx, options.gnb_rx, -options.offset, seed=2)  # the same oscillator, when the UE transmits

    def path(self, options, source, sink, offset_hz, seed):
        """From a transmit port, which this asks for samples, to a receive port, which asks this."""
        stages = [zeromq.req_source(SAMPLE, 1, source, TIMEOUT_MS, False)]
        if options.attenuation:
            stages.append(blocks.multiply_const_cc(10 ** (-options.attenuation / 20)))
        if options.offset:
            stages.append(blocks.rotator_cc(2 * math.pi * offset_hz / options.rate))
        if options.noise is not None:
            noise = analog.fastnoise_source_c(analog.GR_GAUSSIAN, 10 ** (options.noise / 20), seed, 1 << 20)
            adder = blocks.add_cc()
            self.connect(noise, (adder, 1))
            stages.append(adder)
        stages.append(zeromq.rep_sink(SAMPLE, 1, sink, TIMEOUT_MS, False))
        self.connect(*stages)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gnb-tx", default="tcp://127.0.0.1:2000", help="where the gNB transmits: its zmq:tx")
    parser.add_argument("--gnb-rx", default="tcp://127.0.0.1:2001", help="where the gNB receives from: its zmq:rx")
    parser.add_argument("--ue-tx", default="tcp://127.0.0.1:2101", help="where the UE transmits: its zmq:tx")
    parser.add_argument("--ue-rx", default="tcp://127.0.0.1:2100", help="where the UE receives from: its zmq:rx")
    parser.add_argument("--rate", type=float, default=11.52e6, help="samples a second, which the offset is counted in")
    parser.add_argument("--attenuation", type=float, default=0.0, help="dB, in both directions")
    parser.add_argument("--noise", type=float, help="dB of full scale, over the whole band, in both directions")
    parser.add_argument("--offset", type=float, default=0.0, help="Hz by which the UE's oscillator is too low")
    between = Between(parser.parse_args())
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: between.stop())
    between.start()
    print("samples go between gNB and UE; end with Ctrl-C", flush=True)
    between.wait()


if __name__ == "__main__":
    main()
