"""What pairings with foreign programs share: programs with their output in files, network namespaces, pings, iperf3, network time and
processor time.

Network time is counted in samples, from outside, by the octets that a node's transmit port has sent over TCP: the same for our programs
and for strangers."""

import concurrent.futures
import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import time

RAVI = pathlib.Path(os.environ["RAVI_BUILD"]) / "ravi"
SOURCE = pathlib.Path(os.environ["RAVI_SOURCE"])
CONFIGS = SOURCE / "config"
SKIPPED = 77  # exit status
PATIENCE = 120  # s of this machine, for anything: foreign UEs never run faster than real time, and others may be busy here
SAMPLE_OCTETS = 8
GATEWAY = "10.45.0.1"  # of the core's addresses

signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # `timeout` ends a test with its programs and namespaces


def missing(*tools):
    """Why no pairing with TUN devices in network namespaces can be run here; None: it can."""
    if os.geteuid() != 0:
        return "TUN devices need root"
    if not pathlib.Path("/dev/net/tun").exists():
        return "no /dev/net/tun"
    absent = [tool for tool in ("ip", "ping", "iperf3", *tools) if shutil.which(tool) is None]
    return f"no {', '.join(absent)}" if absent else None


def run(*command, seconds=PATIENCE):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=seconds, check=False)


def free_endpoints(count):
    """At most 16 endpoints on the loopback interface, below the ports that the kernel gives out itself; others than those of programs
    that run beside this one."""
    endpoints, sockets = [], []
    port = 20000 + os.getpid() % 600 * 16
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


def cpu_seconds(process):
    fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Program:
    """A process with its output in a file. Its input is a pipe: OCUDU does not start on /dev/null, which cannot be waited for."""

    def __init__(self, command, folder, name, environment=None):
        self.path = pathlib.Path(folder) / name
        self.name = self.path.stem
        with open(self.path, "w") as out:
            self.process = subprocess.Popen([str(word) for word in command], stdin=subprocess.PIPE, stdout=out, stderr=subprocess.STDOUT,
                                            cwd=folder, env=environment)

    def text(self):
        return self.path.read_text(errors="replace")

    def wait_for(self, pattern, times=1):
        """The last of that many matches."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            found = list(re.finditer(pattern, self.text()))
            if len(found) >= times:
                return found[times - 1]
            assert self.process.poll() is None, f"{self.process.args[0]} ended early:\n{self.text()[-2000:]}"
            time.sleep(0.05)
        raise AssertionError(f"{self.process.args[0]} did not say '{pattern}' {times} times within {PATIENCE} s:\n{self.text()[-2000:]}")

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


def add_namespace(name):
    assert run("ip", "netns", "add", name).returncode == 0, f"no network namespace {name}"
    run("ip", "-n", name, "link", "set", "lo", "up")


@contextlib.contextmanager
def namespaces(*names):
    """Network namespaces that live as long as the block."""
    made = []
    try:
        for name in names:
            add_namespace(name)
            made.append(name)
        yield
    finally:
        for name in made:
            run("ip", "netns", "del", name)


@contextlib.contextmanager
def outputs_if_it_fails(folder):
    """The end of each program's output in `folder`, on standard error, before a failure goes on its way."""
    try:
        yield
    except BaseException:
        for path in sorted(pathlib.Path(folder).glob("*.txt")):
            print(f"--- {path.name}\n{path.read_text(errors='replace')[-1500:]}", file=sys.stderr)
        raise


class AirClock:
    """Seconds of network time, of a node that transmits from `endpoint` at `rate` samples a second. `inside`: its network namespace."""

    def __init__(self, endpoint, rate, inside=None):
        self.port, self.rate = endpoint.rsplit(":", 1)[1], float(rate)
        self.within = ["ip", "netns", "exec", inside] if inside else []

    def now(self):
        said = run(*self.within, "ss", "-tinHO", "state", "established", f"sport = :{self.port}").stdout
        sent = [int(octets) for octets in re.findall(r"bytes_sent:(\d+)", said)]
        assert sent, f"nobody is connected to the port {self.port}"
        return max(sent) / SAMPLE_OCTETS / self.rate


class Stretch:
    """A stretch of time on both clocks, and what programs used of the processor in it."""

    def __init__(self, clock, programs):
        self.clock, self.programs = clock, programs
        self.begin = (time.monotonic(), clock.now(), [cpu_seconds(program.process) for program in programs])

    def end(self):
        """Network seconds a second of this machine, and by program's name: processor seconds a second of network time."""
        wall, air, used = self.begin
        air = self.clock.now() - air
        speed = air / (time.monotonic() - wall)
        return speed, {program.name: (cpu_seconds(program.process) - before) / air for program, before in zip(self.programs, used)}


def ping(space, address, count, interval=0.02):
    """From a namespace: how many were answered, and the mean round trip in ms."""
    said = run("ip", "netns", "exec", space, "ping", "-c", str(count), "-i", str(interval), "-W", "10", address, seconds=PATIENCE + count).stdout
    answered = re.search(r"(\d+) received", said)
    round_trip = re.search(r"= [\d.]+/([\d.]+)/", said)
    return int(answered[1]) if answered else 0, float(round_trip[1]) if round_trip else float("nan")


def iperf(client_space, server_space, address, seconds, *options, port=5201):
    """Mbit/s of payload that arrived, a second of this machine. Options: iperf3's; -R: towards the client."""
    server = subprocess.Popen(["ip", "netns", "exec", server_space, "iperf3", "-s", "-1", "-B", address, "-p", str(port)],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        time.sleep(0.5)
        said = run("ip", "netns", "exec", client_space, "iperf3", "-c", address, "-p", port, "-t", seconds, "-J", *options,
                   seconds=PATIENCE + 3 * seconds).stdout
        result = json.loads(said)
        assert "error" not in result, result.get("error")
        end = result["end"]
        if "sum" in end:  # UDP: of what was sent, the part that was not lost
            return end["sum"]["bits_per_second"] * (1 - end["sum"]["lost_percent"] / 100) / 1e6
        return end["sum_received"]["bits_per_second"] / 1e6
    finally:
        server.kill()
        server.wait()


def as_row(figures):
    return ", ".join(f"{name} {value if isinstance(value, (str, int)) else format(value, '.2f')}" for name, value in figures.items())


class Ue:
    """A UE's program, started by who derives from it, with its TUN device in a network namespace: `device`, `space`, `number`."""

    program = None

    def add_route(self):
        run("ip", "-n", self.space, "route", "add", GATEWAY, "dev", self.device)

    def ping(self, count, interval=0.02):
        """How many were answered, and the mean round trip in ms, both of this machine's time."""
        return ping(self.space, GATEWAY, count, interval)

    def end(self):
        if self.program is not None:
            self.program.end()


class Network:
    """Programs of one network, with the core's packets in the namespace `core_space`. To be used in a `with` block: at its end the programs
    and the namespaces go, and if it fails the end of each program's output is shown. Who derives from it adds programs, `ues` and `clock`."""

    core_device = "n6"

    def __init__(self, folder, core_space, *ue_spaces):
        self.folder, self.core_space, self.programs, self.ues = folder, core_space, [], []
        self.stack = contextlib.ExitStack()
        self.stack.enter_context(namespaces(core_space, *ue_spaces))
        self.stack.callback(self.end_programs)

    def add(self, program):
        self.programs.append(program)
        return program

    def end_programs(self):
        """The gNB first, so that its report has its UEs."""
        for program in reversed(self.programs):
            program.end()
        for ue in self.ues:
            ue.end()

    def stretch(self):
        return Stretch(self.clock, [*self.programs, *(ue.program for ue in self.ues)])

    def speed(self):
        """Network seconds a second of this machine, now."""
        stretch = self.stretch()
        time.sleep(2)
        return stretch.end()[0]

    def ping(self, ue, count, interval=0.02):
        """How many were answered, and the mean round trip in ms of this machine; the interval is in seconds of network time."""
        return ue.ping(count, round(interval / min(1.0, self.speed()), 3))

    def iperf(self, ue, seconds, *options):
        return iperf(ue.space, self.core_space, GATEWAY, seconds, *options, port=5201 + ue.number)

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        self.stack.close()
        if kind is not None:
            for program in [*self.programs, *(ue.program for ue in self.ues if ue.program)]:
                print(f"--- {program.name}\n{program.text()[-1500:]}", file=sys.stderr)


def traffic(network, ue, seconds, offered):
    """Mbit/s of IP packets that come out at the other end a second of network time, amid each of the four ways that iperf3 is used;
    `offered`: UDP up and down, the same way."""
    speed = network.speed()
    figures = {}
    up, down = (network.core_space, network.core_device), (ue.space, ue.device)
    for name, to, offer, options in (("tcp_up", up, None, []), ("tcp_down", down, None, ["-R"]), ("udp_up", up, offered[0], []),
                                     ("udp_down", down, offered[1], ["-R"])):
        options = options if offer is None else [*udp(offer * speed), *options]
        lasts = max(3, round(seconds / speed))
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            run_to_end = pool.submit(network.iperf, ue, lasts, *options)
            time.sleep(1)  # until it has begun
            stretch, air, octets = network.stretch(), network.clock.now(), octets_into(*to)
            time.sleep(lasts - 1)
            octets, air = octets_into(*to) - octets, network.clock.now() - air
            speed, _ = stretch.end()
            figures[name] = octets * 8 / air / 1e6
            run_to_end.result()
    return figures


def measure(network, ue, pings, seconds, offered):
    """Pings and traffic of a UE that is attached: round trips and rates of network time, processor seconds a second of it."""
    figures = {}
    stretch = network.stretch()
    answered, wall_ms = network.ping(ue, pings)
    figures["speed_at_ping"], _ = stretch.end()
    figures |= {"rtt_ms": wall_ms * figures["speed_at_ping"], "pings": f"{answered}/{pings}"}
    assert answered == pings, figures
    print(as_row(figures), flush=True)
    stretch = network.stretch()
    figures |= traffic(network, ue, seconds, offered)
    figures["speed"], used = stretch.end()
    figures |= {f"cpu_{name}": value for name, value in used.items()}
    assert min(figures[name] for name in ("tcp_up", "tcp_down", "udp_up", "udp_down")) > 1.0, figures
    print(as_row(figures), flush=True)
    return figures


def octets_into(space, device):
    """Of IP packets that a program has given to its TUN device, since the device is there."""
    return json.loads(run("ip", "-n", space, "-s", "-j", "link", "show", "dev", device).stdout)[0]["stats64"]["rx"]["bytes"]


def udp(megabits):
    return ["-u", "-b", f"{megabits:.2f}M", "-l", "1372"]
