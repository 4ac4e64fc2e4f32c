#!/usr/bin/env python3
"""The shell blocks of README and docs/phones.md that need no hardware, run as they stand in a folder of their own: a newcomer's first
minutes.
Only ports are substituted, and what is endless is ended. Blocks that name a USRP are not run, nor those that build."""

import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile

BUILD = pathlib.Path(os.environ["RAVI_BUILD"])
SOURCE = pathlib.Path(os.environ["RAVI_SOURCE"])
HUB_PORT = "22550"  # for 5550, which another test or a user may hold
LIMIT_S = 120


def blocks():
    text = "\n".join((SOURCE / page).read_text(encoding="utf-8") for page in ("README.md", "docs/phones.md"))
    return re.findall(r"^```sh\n(.*?)^```", text, re.M | re.S)


def needs_hardware(block):
    return re.search(r"\b(uhd|soapy):|--i-am-licensed-to-transmit", block) is not None


def builds(block):
    return "scripts/" in block


def make_recording(folder):
    """The blocks play `look`, which the block before records with a USRP: a recording of ours in its place."""
    (folder / "look.sigmf-data").write_bytes(bytes(range(256)) * 9000)
    (folder / "look.sigmf-meta").write_text(
        '{"global": {"core:datatype": "ci16_le", "core:version": "1.0.0", "core:sample_rate": 23040000},'
        ' "captures": [{"core:sample_start": 0, "core:frequency": 3500000000}], "annotations": []}')


def prepare(folder):
    (folder / "build").mkdir()
    (folder / "build" / "ravi").symlink_to(BUILD / "ravi")
    shutil.copytree(SOURCE / "config", folder / "config", ignore=shutil.ignore_patterns("*.cpp", "*.h"))
    for example in (folder / "config").glob("*.yaml"):
        example.write_text(example.read_text(encoding="utf-8").replace("5550", HUB_PORT), encoding="utf-8")
    make_recording(folder)


def run(block, folder):
    """A line that fails ends the block."""
    script = block.replace("5550", HUB_PORT)
    script = re.sub(r"^(build/ravi air)(?= &)", rf"\1 --listen tcp://127.0.0.1:{HUB_PORT}", script, flags=re.M)
    with tempfile.TemporaryFile("w+") as output:  # a pipe would stay open as long as what the block left running
        shell = subprocess.Popen(["/bin/bash", "-e", "-c", script], cwd=folder, stdin=subprocess.DEVNULL, stdout=output,
                                 stderr=output, start_new_session=True)
        try:
            code = shell.wait(LIMIT_S)
        except subprocess.TimeoutExpired:
            code = "no end"
        finally:
            end_session(shell.pid)
        output.seek(0)
        return code, output.read()


def end_session(session):
    """What a block left running (each job of the shell is a process group of its own in one session)."""
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            if os.getsid(int(entry.name)) == session:
                os.kill(int(entry.name), signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass


def main():
    ran = [block for block in blocks() if not needs_hardware(block) and not builds(block)]
    assert ran, "the README has a block for those without hardware"
    with tempfile.TemporaryDirectory(prefix="ravi-readme-") as name:
        folder = pathlib.Path(name)
        prepare(folder)
        for block in ran:
            code, output = run(block, folder)
            assert code == 0, f"a block ended with {code}:\n{block}\n{output}"
            print(f"ok: {block.splitlines()[0]} ... ({len(block.splitlines())} lines)")
    for script in set(re.findall(r"scripts/\w+\.sh", "".join(filter(builds, blocks())))):
        assert os.access(SOURCE / script, os.X_OK), f"the README names {script}, which cannot be run"
    words = subprocess.run([str(BUILD / "ravi"), "--help"], capture_output=True, text=True, timeout=20).stdout
    named = set(re.findall(r"`ravi (\w+)`", (SOURCE / "README.md").read_text(encoding="utf-8")))
    there = set(re.findall(r"^  (\w+) {2,}\w", words, re.M))
    assert named <= there, f"the README names subcommands that are not there: {named - there}"


if __name__ == "__main__":
    sys.exit(main())
