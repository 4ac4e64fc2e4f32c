"""What pairings with foreign programs share: programs with their output in files, network namespaces, pings, iperf3, processor time."""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import time

RAVI = pathlib.Path(os.environ["RAVI_BUILD"]) / "ravi"
CONFIGS = pathlib.Path(os.environ["RAVI_SOURCE"]) / "config"
PATIENCE = 60  # s of this machine, for anything; foreign UEs never run faster than real time


def missing(*tools):
    """Why no pairing with TUN devices in network namespaces can be run here; None: it can."""
    if os.geteuid() != 0:
        return "TUN devices need root"
    if not pathlib.Path("/dev/net/tun").exists():
        return "no /dev/net/tun"
    absent = [tool for tool in ("ip", "ping", "iperf3", *tools) if shutil.which(tool) is None]
    return f"no {', '.join(absent)}" if absent else None


def run(*command, seconds=PATIENCE):
    return subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False)


def cpu_seconds(process):
    fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Program:
    """A process with its output in a file."""

    def __init__(self, command, folder, name, environment=None):
        self.path = pathlib.Path(folder) / name
        with open(self.path, "w") as out:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, cwd=folder,
                                            env=environment)

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

    def end(self):
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def add_namespace(name):
    assert run("ip", "netns", "add", name).returncode == 0, f"no network namespace {name}"
    run("ip", "-n", name, "link", "set", "lo", "up")


def ping(space, address, count, interval=0.02):
    """From a namespace: how many were answered, and the mean round trip in ms."""
    said = run("ip", "netns", "exec", space, "ping", "-c", str(count), "-i", str(interval), "-W", "5", address, seconds=PATIENCE + count).stdout
    answered = re.search(r"(\d+) received", said)
    round_trip = re.search(r"= [\d.]+/([\d.]+)/", said)
    return int(answered[1]) if answered else 0, float(round_trip[1]) if round_trip else float("nan")


def iperf(client_space, server_space, address, seconds, *options):
    """Mbit/s that arrived."""
    server = subprocess.Popen(["ip", "netns", "exec", server_space, "iperf3", "-s", "-1", "-B", address], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
    try:
        time.sleep(0.5)
        said = run("ip", "netns", "exec", client_space, "iperf3", "-c", address, "-t", str(seconds), "-J", *options,
                   seconds=PATIENCE + 2 * seconds).stdout
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
    return ", ".join(f"{name} {value if isinstance(value, str) else format(value, '.2f')}" for name, value in figures.items())
