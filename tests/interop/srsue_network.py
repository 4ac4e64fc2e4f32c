"""srsUE (srsRAN 4G), and with core and gNB a network of it: on plain ZeroMQ ports or through the air of config/srsue-air.yaml."""

import os
import pathlib
import re
import shutil
import time

import pairing

MOST_UES = 4

# What srsUE is told. docs/interop.md has the same as a table.
CELLS = {
    "10": {"rf.srate": "11.52e6", "rat.nr.max_nof_prb": "52", "rat.nr.nof_prb": "52"},
    "20": {"rf.srate": "23.04e6", "rat.nr.max_nof_prb": "106", "rat.nr.nof_prb": "106"},
}
SETTINGS = {
    "rf.tx_gain": "0", "rf.rx_gain": "0", "rf.nof_antennas": "1", "rf.device_name": "zmq",
    "rat.eutra.dl_earfcn": "2850", "rat.eutra.nof_carriers": "0",
    "rat.nr.bands": "3", "rat.nr.nof_carriers": "1", "rat.nr.dl_nr_arfcn": "368500", "rat.nr.ssb_nr_arfcn": "368410",
    "usim.mode": "soft", "usim.algo": "milenage", "usim.k": "00112233445566778899aabbccddeeff", "usim.opc": "63BFA50EE6523365FF14C1F45F88737D",
    "rrc.release": "15", "rrc.ue_category": "4", "nas.apn": "internet", "nas.apn_protocol": "ipv4",
    "gw.ip_devname": "tun_srsue", "gw.ip_netmask": "255.255.255.0", "gui.enable": "false",
    "log.all_level": "warning", "log.phy_lib_level": "none", "log.filename": "ue.log", "log.file_max_size": "-1",
}


def rate_of(bandwidth):
    return float(CELLS[bandwidth]["rf.srate"])


def imsi_of(number):
    """Of the number-th srsUE, from 0 on."""
    return f"0010101234567{80 + number}"


def find_srsue():
    """The program, and the environment it needs: in srsUE's build tree the library of its radio lies elsewhere. None: not here."""
    program = os.environ.get("RAVI_SRSUE") or shutil.which("srsue")
    if program is None or not pathlib.Path(program).exists():
        return None
    environment = dict(os.environ)
    for folder in pathlib.Path(program).resolve().parents:
        if (folder / "lib/src/phy/rf").is_dir():
            environment["LD_LIBRARY_PATH"] = f"{folder / 'lib/src/phy/rf'}:{environment.get('LD_LIBRARY_PATH', '')}"
    return program, environment


def missing():
    """Why nothing can be tried with srsUE here, or None."""
    return "no srsue on the PATH or in RAVI_SRSUE" if find_srsue() is None else pairing.missing("ss")


class SrsUe(pairing.Ue):
    """One srsUE that can be started again and again; its TUN device comes to be in `space`, which is there already. `inside`: the
    namespace of the program itself."""

    device = SETTINGS["gw.ip_devname"]

    def __init__(self, bandwidth, transmit, receive, space, folder, number=0, inside=None, **settings):
        self.space, self.number, self.inside = space, number, inside
        self.folder = pathlib.Path(folder) / f"srsue{number}"
        self.folder.mkdir()
        (self.folder / "ue.conf").write_text("")
        self.settings = {**SETTINGS, **CELLS[bandwidth], "gw.netns": space, "usim.imsi": imsi_of(number),
                         "usim.imei": f"3534900698733{19 + number}",
                         "rf.device_args": f"tx_port={transmit},rx_port={receive},base_srate={CELLS[bandwidth]['rf.srate']}", **settings}

    def start(self):
        program, environment = find_srsue()
        within = ["ip", "netns", "exec", self.inside] if self.inside else []
        self.program = pairing.Program([*within, program, "ue.conf", *(f"--{key}={value}" for key, value in self.settings.items())], self.folder,
                               f"srsue{self.number}.txt" if self.number else "srsue.txt", environment)
        return time.monotonic()

    def wait_for_session(self):
        """Its address."""
        address = self.program.wait_for(r"PDU Session Establishment successful. IP: (\S+)")[1]
        self.program.wait_for("RRC NR reconfiguration successful")
        self.add_route()
        return address

    def attach(self):
        """Seconds of this machine from its start to its session, and its address."""
        begin = self.start()
        address = self.wait_for_session()
        return time.monotonic() - begin, address


def air_config(folder, bandwidth, listen, ports, channel):
    """The example's air with free ports; `channel`: of every link, for example "snr: 20 dB"."""
    text = (pairing.CONFIGS / "srsue-air.yaml").read_text()
    text = text.replace("bandwidth: 10 MHz", f"bandwidth: {bandwidth} MHz").replace("11.52 MHz", f"{rate_of(bandwidth) / 1e6:.2f} MHz")
    text = text.replace("tcp://127.0.0.1:5550", listen)
    for number, (transmit, receive) in enumerate(ports):
        text = text.replace(f"tcp://127.0.0.1:2{number + 1}01", transmit).replace(f"tcp://127.0.0.1:2{number + 1}00", receive)
    if channel:
        text = re.sub(r"(gain: -\d+ dB)}", rf"\1, {channel}}}", text)
    path = pathlib.Path(folder) / "network.yaml"
    path.write_text(text)
    return path


class Network(pairing.Network):
    """Core and gNB from the beginning on; the srsUEs are started by whoever uses them."""

    def __init__(self, folder, bandwidth="10", num_ues=1, is_through_air=False, channel=""):
        tag, address = f"srsue{os.getpid()}", f"127.0.{10 + os.getpid() % 200}"
        ue_spaces = [f"{tag}-{number}" for number in range(num_ues)]
        super().__init__(folder, f"{tag}-n6", *ue_spaces)
        listen, *endpoints = pairing.free_endpoints(1 + 2 * MOST_UES)
        ports = list(zip(endpoints[0::2], endpoints[1::2]))  # transmit, receive
        settings = {"core.n2": f"{address}.1", "core.n3": f"{address}.1", "gnb.core.amf": f"{address}.1", "gnb.core.bind": f"{address}.2"}
        if is_through_air:
            config = air_config(folder, bandwidth, listen, ports, channel)
            settings["gnb.radio"] = f"air:gnb@{listen}"
        else:
            config = pairing.CONFIGS / f"srsue-{bandwidth}mhz.yaml"
            settings["gnb.radio"] = f"zmq:tx={ports[0][1]},rx={ports[0][0]}"
        options = ["-c", config, *(f"--set={key}={value}" for key, value in settings.items())]
        try:
            if is_through_air:
                self.air = self.add(pairing.Program([pairing.RAVI, "air", "-c", config, "--json"], folder, "air.txt"))
            self.core = self.add(pairing.Program([pairing.RAVI, "core", *options, "--json", "--tun", "n6", "--netns", self.core_space], folder,
                                                 "core.txt"))
            self.core.wait_for("N2 at")
            self.gnb = self.add(pairing.Program([pairing.RAVI, "gnb", *options, "--json"], folder, "gnb.txt"))
            self.gnb.wait_for("radio:")
        except BaseException:
            self.stack.close()
            raise
        self.ues = [SrsUe(bandwidth, *ports[number], ue_spaces[number], folder, number) for number in range(num_ues)]
        self.clock = pairing.AirClock(ports[0][0], rate_of(bandwidth))


def links_of(network):
    """After the end: what the gNB's report says of each UE that was there."""
    return network.gnb.report()["ues"]
