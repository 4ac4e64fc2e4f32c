"""What the pairings with foreign programs share: programs with what they say, network namespaces, pings, iperf3, network time, and srsUE.

Network time is counted in samples, from outside, by the octets that a node's transmit port has sent over TCP: the same for our
programs and for strangers. All rates and processor times per second of network time are by that clock."""

import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import time

RAVI = pathlib.Path(os.environ["RAVI_BUILD"]) / "ravi"
SOURCE = pathlib.Path(os.environ["RAVI_SOURCE"])
CONFIGS = SOURCE / "config"
GATEWAY = "10.45.0.1"
SKIPPED = 77
PATIENCE = 120  # s of this machine, for anything: others may be busy on it
SAMPLE_OCTETS = 8


def missing(*tools, is_tun_needed=True):
    """Why nothing can be tried here, or None."""
    if is_tun_needed and os.geteuid() != 0:
        return "TUN devices need root"
    if is_tun_needed and not pathlib.Path("/dev/net/tun").exists():
        return "no /dev/net/tun"
    absent = [tool for tool in tools if shutil.which(tool) is None]
    return f"no {', '.join(absent)}" if absent else None


def run(*command, seconds=PATIENCE):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=seconds, check=False)


def free_endpoints(count):
    """Endpoints on the loopback interface, below the ports that the kernel gives out itself."""
    endpoints, sockets = [], []
    port = 20000 + os.getpid() * 7 % 10000
    while len(endpoints) < count:
        port += 1
        attempt = socket.socket()
        sockets.append(attempt)
        with contextlib.suppress(OSError):
            attempt.bind(("127.0.0.1", port))
            endpoints.append(f"tcp://127.0.0.1:{port}")
    for attempt in sockets:
        attempt.close()
    return endpoints


class Program:
    """A process with all it says in a file."""

    def __init__(self, command, folder, name, environment=None):
        self.name = name
        self.path = pathlib.Path(folder) / f"{name}.txt"
        with open(self.path, "w") as out:
            self.process = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
                                            cwd=folder, env=environment)

    def text(self):
        return self.path.read_text(errors="replace")

    def wait_for(self, pattern, seconds=PATIENCE):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found = re.search(pattern, self.text())
            if found:
                return found
            assert self.process.poll() is None, f"{self.name} ended early:\n{self.text()[-2000:]}"
            time.sleep(0.05)
        raise AssertionError(f"{self.name} did not say '{pattern}' within {seconds} s:\n{self.text()[-2000:]}")

    def cpu_seconds(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def report(self):
        """The JSON document that it printed at its end (`--json`)."""
        said = self.text()
        begin = said.find("\n{\n") if not said.startswith("{") else -1
        return json.JSONDecoder().raw_decode(said[begin + 1:])[0]

    def end(self):
        """As Ctrl-C does. May be called again."""
        if self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@contextlib.contextmanager
def namespaces(*names):
    """Network namespaces that live as long as the block."""
    made = []
    try:
        for name in names:
            said = run("ip", "netns", "add", name)
            assert said.returncode == 0, f"no network namespace {name}: {said.stderr}"
            made.append(name)
            run("ip", "-n", name, "link", "set", "lo", "up")
        yield
    finally:
        for name in made:
            run("ip", "netns", "del", name)


class AirClock:
    """Seconds of network time, of a node that transmits from `endpoint` at `rate` samples a second."""

    def __init__(self, endpoint, rate):
        self.port, self.rate = endpoint.rsplit(":", 1)[1], float(rate)

    def now(self):
        said = run("ss", "-tinHO", "state", "established", f"sport = :{self.port}").stdout
        sent = [int(octets) for octets in re.findall(r"bytes_sent:(\d+)", said)]
        assert sent, f"nobody is connected to the port {self.port}"
        return max(sent) / SAMPLE_OCTETS / self.rate


class Stretch:
    """A stretch of time on both clocks, and what programs used of the processor in it."""

    def __init__(self, clock, programs):
        self.clock, self.programs = clock, programs
        self.begin = (time.monotonic(), clock.now(), [program.cpu_seconds() for program in programs])

    def end(self):
        """Network seconds a second of this machine, and by program's name: processor seconds a second of network time."""
        wall, air, used = self.begin
        air = self.clock.now() - air
        speed = air / (time.monotonic() - wall)
        return speed, {program.name: (program.cpu_seconds() - before) / air for program, before in zip(self.programs, used)}


def ping(space, count, interval=0.02, address=GATEWAY):
    """How many were answered, and the mean round trip in ms of this machine's time."""
    said = run("ip", "netns", "exec", space, "ping", "-c", count, "-i", interval, "-W", "10", address, seconds=PATIENCE + count).stdout
    answered = re.search(r"(\d+) received", said)
    round_trip = re.search(r"= [\d.]+/([\d.]+)/", said)
    return int(answered[1]) if answered else 0, float(round_trip[1]) if round_trip else float("nan")


def iperf(client_space, server_space, seconds, *options, address=GATEWAY, port=5201):
    """Mbit/s of payload that arrived, in this machine's time. Options: iperf3's; -R: towards the client."""
    server = subprocess.Popen(["ip", "netns", "exec", server_space, "iperf3", "-s", "-1", "-B", address, "-p", str(port)],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        time.sleep(0.5)
        said = run("ip", "netns", "exec", client_space, "iperf3", "-c", address, "-p", port, "-t", seconds, "-J", *options,
                   seconds=PATIENCE + 3 * seconds)
        result = json.loads(said.stdout)
        assert "error" not in result, result["error"]
        end = result["end"]
        if "sum" in end:  # UDP: of what was sent, the part that was not lost
            return end["sum"]["bits_per_second"] * (1 - end["sum"]["lost_percent"] / 100) / 1e6
        return end["sum_received"]["bits_per_second"] / 1e6
    finally:
        server.kill()
        server.wait()


# -- srsUE ---------------------------------------------------------------------------------------------------------------

# What srsUE is told. docs/interop.md has the same as a table.
SRSUE_CELLS = {
    "10": {"rf.srate": "11.52e6", "rat.nr.max_nof_prb": "52", "rat.nr.nof_prb": "52"},
    "20": {"rf.srate": "23.04e6", "rat.nr.max_nof_prb": "106", "rat.nr.nof_prb": "106"},
}
SRSUE_SETTINGS = {
    "rf.tx_gain": "0", "rf.rx_gain": "0", "rf.nof_antennas": "1", "rf.device_name": "zmq",
    "rat.eutra.dl_earfcn": "2850", "rat.eutra.nof_carriers": "0",
    "rat.nr.bands": "3", "rat.nr.nof_carriers": "1", "rat.nr.dl_nr_arfcn": "368500", "rat.nr.ssb_nr_arfcn": "368410",
    "usim.mode": "soft", "usim.algo": "milenage", "usim.k": "00112233445566778899aabbccddeeff", "usim.opc": "63BFA50EE6523365FF14C1F45F88737D",
    "rrc.release": "15", "rrc.ue_category": "4", "nas.apn": "internet", "nas.apn_protocol": "ipv4",
    "gw.ip_devname": "tun_srsue", "gw.ip_netmask": "255.255.255.0", "gui.enable": "false",
    "log.all_level": "warning", "log.phy_lib_level": "none", "log.filename": "ue.log", "log.file_max_size": "-1",
}


def rate_of(bandwidth):
    return float(SRSUE_CELLS[bandwidth]["rf.srate"])


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


def missing_for_srsue(*tools):
    return "no srsue on the PATH or in RAVI_SRSUE" if find_srsue() is None else missing("ip", "ping", "ss", *tools)


class SrsUe:
    """One srsUE that can be started again and again; its TUN device comes to be in `space`, which is there already."""

    def __init__(self, bandwidth, transmit, receive, space, folder, number=0, **settings):
        self.space, self.number = space, number
        self.folder = pathlib.Path(folder) / f"srsue{number}"
        self.folder.mkdir()
        (self.folder / "ue.conf").write_text("")
        self.settings = {**SRSUE_SETTINGS, **SRSUE_CELLS[bandwidth], "gw.netns": space, "usim.imsi": imsi_of(number),
                         "usim.imei": f"3534900698733{19 + number}",
                         "rf.device_args": f"tx_port={transmit},rx_port={receive},base_srate={SRSUE_CELLS[bandwidth]['rf.srate']}", **settings}
        self.program = None

    def start(self):
        program, environment = find_srsue()
        self.program = Program([program, "ue.conf", *(f"--{key}={value}" for key, value in self.settings.items())], self.folder,
                               f"srsue{self.number}" if self.number else "srsue", environment)
        return time.monotonic()

    def wait_for_session(self):
        """Its address."""
        address = self.program.wait_for(r"PDU Session Establishment successful. IP: (\S+)")[1]
        self.program.wait_for("RRC NR reconfiguration successful")
        run("ip", "-n", self.space, "route", "add", GATEWAY, "dev", "tun_srsue")
        return address

    def attach(self):
        """Seconds of this machine from its start to its session, and its address."""
        begin = self.start()
        address = self.wait_for_session()
        return time.monotonic() - begin, address

    def end(self):
        if self.program is not None:
            self.program.end()


def show(figures):
    """One line."""
    return ", ".join(f"{name} {value if isinstance(value, (str, int)) else format(value, '.2f')}" for name, value in figures.items())
