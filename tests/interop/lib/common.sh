# shellcheck shell=bash
# What the interop tests share: skipping, Debian packages without installing them, the server.
# Sourced by a `run`, which has set `name` to the name of its folder. Sets `here`, `root`, `build`
# `cache`, the directory of what was downloaded, and `work`, that of everything else of the test.
# With RINGGATE_INTEROP_TLS in the environment client and server speak TLS; `tls` is then not empty.

# shellcheck disable=SC2154 # Whoever sources this sets it.
test_name=$name
here=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
root=$(cd "$here/../../.." && pwd)
build=${RINGGATE_BUILD_ROOT:-$root/build}
tls=${RINGGATE_INTEROP_TLS:+.tls}
cache=$build/interop/$test_name
work=$cache$tls
certificates=${RINGGATE_TEST_CERTIFICATES:-$build/tests/certificates}
listen_tls=
[[ -z $tls ]] || listen_tls="tls = { cert = \"$certificates/server.pem\", key = \"$certificates/server.key\" }"
mkdir -p "$cache" "$work"

skip() {
  echo "SKIP interop.$test_name: $*"
  exit 77
}

# Processes this test has started; they end with it, however it ends.
started=()
stop_started() {
  local pid
  for pid in "${started[@]}"; do
    kill -KILL "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  started=()
}
trap stop_started EXIT
trap 'exit 1' INT TERM

# free_ports N: prints N free ports of the loopback interface, one per line.
free_ports() {
  python3 - "$1" <<'END'
import socket, sys
sockets = [socket.socket() for _ in range(int(sys.argv[1]))]
for one in sockets:
    one.bind(("127.0.0.1", 0))
for one in sockets:
    print(one.getsockname()[1])
END
}

# wait_for_port PORT: false when nobody listens there within ten seconds.
wait_for_port() {
  for _ in $(seq 100); do
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null && return 0
    sleep 0.1
  done
  return 1
}

# start_server PORT: the server with two shards and the simulator; what is read from standard input
# (accounts, limits) is added to its configuration. Sets `server`.
start_server() {
  local port=$1
  {
    cat <<END
[cores]
shards = 2

[[listen]]
address = "127.0.0.1"
port = $port
$listen_tls

[store]
mode = "none"

[backend]
kind = "sim"

[backend.sim]
delay_ms = 200

END
    cat
  } >"$work/server.toml"
  "$build/ringgate" serve --config "$work/server.toml" >"$work/server.log" 2>&1 </dev/null &
  server=$!
  started+=("$server")
  wait_for_port "$port" || {
    echo "not ok 1 - the server listens"
    sed 's/^/# /' "$work/server.log"
    exit 1
  }
}

# finish STATUS_OF_CLIENT: ends the server, which is a test as well, and the run.
finish() {
  local status=$1 server_status=0
  kill -TERM "$server" 2>/dev/null || true
  # The server gets ten seconds; then it counts as hung.
  for _ in $(seq 100); do
    kill -0 "$server" 2>/dev/null || break
    sleep 0.1
  done
  kill -KILL "$server" 2>/dev/null || true
  wait "$server" || server_status=$?
  if [[ $server_status -eq 0 ]]; then
    echo "ok 99 - SIGTERM ends the server with status 0"
  else
    echo "not ok 99 - SIGTERM ends the server with status 0 (it was $server_status)"
    status=1
  fi
  if [[ $status -ne 0 ]]; then
    echo "# the server's last words (status of the client: $status)"
    tail -n 20 "$work/server.log" | sed 's/^/# /'
    exit 1
  fi
  exit 0
}

# debian_tree PACKAGE...: unpacks the packages, and what they need that this machine lacks, into a
# directory of their own, and lets this script find them there. Unlike an installation that needs no
# root, runs no script of theirs (Debian would start Kannel at once), and leaves nothing behind.
debian_tree() {
  alone debian_tree_find "$@"
}

debian_tree_find() {
  local tree=$cache/debian/$1
  if [[ $(cat "$tree.packages" 2>/dev/null) != "$*" ]]; then
    rm -rf "$tree" "$tree.packages" "$cache/apt" "$cache/archives"
    mkdir -p "$tree" "$cache/archives"
    # Lists may be missing, or name versions that the mirror has dropped. Then new ones are read,
    # but into our own directory.
    if ! debian_tree_unpack "$tree" "" "$@" >"$cache/apt.log" 2>&1; then
      debian_tree_unpack "$tree" "$cache/apt" "$@" >>"$cache/apt.log" 2>&1 ||
        skip "Debian mirror out of reach, or no such package: $*"
    fi
    rm -rf "$cache/apt" "$cache/archives"
    echo "$*" >"$tree.packages"
  fi
  PATH=$tree/usr/bin:$tree/usr/sbin:$PATH
  tree_libraries=$(printf '%s:' "$tree"/usr/lib/*-linux-gnu "$tree"/lib/*-linux-gnu)
  tree_libraries+=${LD_LIBRARY_PATH:-}
}

debian_tree_unpack() {
  local tree=$1 state=$2 apt=() wanted archive
  shift 2
  apt=(timeout 100 apt-get -q -o Acquire::Retries=1 -o Acquire::http::Timeout=20
    -o Acquire::https::Timeout=20 -o APT::Sandbox::User=)
  if [[ -n $state ]]; then
    mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
    apt+=(-o "Dir::State::Lists=$state/lists" -o "Dir::Cache=$state/cache")
    "${apt[@]}" update || return 1
  fi
  wanted=$("${apt[@]}" --simulate --no-install-recommends install "$@") || return 1
  wanted=$(sed -n 's/^Inst \([^ ]*\) .*/\1/p' <<<"$wanted")
  # Nothing to unpack: the machine has it all.
  [[ -n $wanted ]] || return 0
  # shellcheck disable=SC2086 # One word per package.
  (cd "$cache/archives" && "${apt[@]}" download $wanted) || return 1
  for archive in "$cache/archives"/*.deb; do
    dpkg-deb --extract "$archive" "$tree" || return 1
  done
}

# alone FUNCTION...: not while another test does the same to what they share.
alone() {
  local lock
  exec {lock}>"$build/interop/lock"
  flock "$lock"
  "$@"
  exec {lock}>&-
}

# maven_dependencies: what the pom.xml of this folder names, and all it needs, as jars in
# $cache/jars. The repository is shared by the tests that call this.
maven_dependencies() {
  alone maven_dependencies_install
}

maven_dependencies_install() {
  local tool log=$work/maven.log
  local -a as_root=()
  [[ $EUID -eq 0 ]] || as_root=(sudo -n)
  for tool in mvn javac; do
    command -v "$tool" >/dev/null && continue
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive timeout 150 apt-get -qq -y \
      -o DPkg::Lock::Timeout=60 --no-install-recommends install maven default-jdk-headless \
      >"$log" 2>&1 </dev/null || skip "$tool is not installed, and apt-get could not install it"
  done
  cmp -s "$here/pom.xml" "$cache/installed.xml" && return 0
  rm -rf "$cache/jars"
  timeout 120 mvn -q -B -f "$here/pom.xml" -Dmaven.repo.local="$build/interop/maven" \
    -DoutputDirectory="$cache/jars" dependency:copy-dependencies >"$log" 2>&1 </dev/null ||
    skip "Maven Central out of reach"
  cp "$here/pom.xml" "$cache/installed.xml"
}

# python_site REQUIREMENTS: installs these packages of PyPI into a directory of their own, whose
# name is in `site` afterwards. It is shared by the tests that call this.
python_site() {
  site=$build/interop/python_site
  alone python_site_install "$1"
}

python_site_install() {
  # Installed again only when a pinned version changes, so that later runs need no network.
  cmp -s "$1" "$site.installed" && return 0
  # Debian's python comes without pip.
  python3 -m pip --version >/dev/null 2>&1 || {
    debian_tree_find python3-pip
    PYTHONPATH=$cache/debian/python3-pip/usr/lib/python3/dist-packages
    export PYTHONPATH
  }
  rm -rf "$site"
  timeout 90 python3 -m pip install --quiet --no-compile --disable-pip-version-check --retries 1 \
    --timeout 20 --target "$site" -r "$1" >"$work/pip.log" 2>&1 </dev/null ||
    skip "PyPI out of reach"
  cp "$1" "$site.installed"
}
