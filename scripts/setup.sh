#!/usr/bin/env bash
# Installs what Ravi is built with and run with on Debian 12. Safe to run again: what is there already is left alone.
set -euo pipefail

packages=(
  # compilers and build tools
  g++ clang libclang-rt-14-dev lld cmake ninja-build ccache pkg-config git python3
  # radios
  libuhd-dev uhd-host libsoapysdr-dev soapysdr-tools uhd-soapysdr python3-soapysdr python3-uhd
  # libraries
  libzmq3-dev cppzmq-dev libfftw3-dev libhwy-dev libboost-dev libboost-system-dev libspdlog-dev libfmt-dev libexpected-dev libyaml-cpp-dev
  libcli11-dev nlohmann-json3-dev libssl-dev libcairo2-dev libsqlite3-dev libusrsctp-dev libsctp-dev fonts-dejavu-core
  # tests: the framework, the benchmark library, and the foreign programs that ours is held against
  doctest-dev libbenchmark-dev python3-zmq python3-numpy python3-scipy erlang-base erlang-asn1 tshark
)

if ! [ -r /etc/os-release ] || ! grep -qE '^(ID|ID_LIKE)="?[^"]*debian' /etc/os-release || ! command -v apt-get >/dev/null; then
  echo "setup: this script knows Debian 12 and its relatives. On another system install the equivalents of:" >&2
  printf '  %s\n' "${packages[@]}" >&2
  exit 1
fi

missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then
  echo "setup: all ${#packages[@]} packages are installed"
  exit 0
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "setup: run me as root (no sudo here), to install: ${missing[*]}" >&2; exit 1; }
  as_root=(sudo)
fi
echo "setup: installing ${#missing[@]} of ${#packages[@]} packages: ${missing[*]}"
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
echo "setup: done"
