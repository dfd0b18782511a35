# shellcheck shell=bash
# What tools/run and tools/test share: Debian packages, the build directory, the build. Sourced,
# never run.

# shellcheck source=tools/lib/wolfssl.sh
source "$(dirname "${BASH_SOURCE[0]}")/wolfssl.sh"

die() {
  echo "$(basename "$0"): $*" >&2
  exit 1
}

# What it takes to build and run the server.
packages_build=(
  g++ meson ninja-build pkg-config
  liburing-dev libmimalloc-dev libtomlplusplus-dev libcli11-dev nlohmann-json3-dev libspdlog-dev
  robin-map-dev libxxhash-dev libutf8proc-dev libre2-dev libcrypt-dev zlib1g-dev
  autoconf automake libtool make dpkg-dev)

# What the tests want on top; ensure_packages adds node where none is in place.
packages_test=(
  openssl sslscan testssl.sh haproxy valgrind
  libgtest-dev librapidcheck-dev libbenchmark-dev libcpp-httplib-dev
  clang-format-14 clang-14 libclang-rt-14-dev python3 cmake doxygen)

# Prints the packages of its arguments that are not installed, one per line.
packages_missing() {
  local -A installed=()
  local status package
  while read -r status package; do
    [[ $status == ii ]] && installed[$package]=1
  done < <(dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' "$@" 2>/dev/null)
  for package in "$@"; do
    [[ -n ${installed[$package]:-} ]] || echo "$package"
  done
}

# Runs apt-get as root, without questions. Its chatter is kept for the case that it fails.
apt_get() {
  local -a as_root=()
  [[ $EUID -eq 0 ]] || as_root=(sudo)
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get -qq -y -o DPkg::Lock::Timeout=300 "$@" </dev/null
}

# True when apt knows every package of its arguments, so that its lists need no update.
apt_knows() {
  local package
  for package in "$@"; do
    [[ -n $(apt-cache show --no-all-versions "$package" 2>/dev/null) ]] || return 1
  done
}

# ensure_packages build|test: installs what is missing. Silent and quick when nothing is.
ensure_packages() {
  local purpose=$1
  local -a wanted=("${packages_build[@]}")
  if [[ $purpose == test ]]; then
    wanted+=("${packages_test[@]}")
    # Another distribution of node conflicts with Debian's, and serves as well.
    command -v node >/dev/null || wanted+=(nodejs)
    command -v npm >/dev/null || wanted+=(npm)
  fi
  ensure_these "$purpose" "${wanted[@]}"
  ensure_wolfssl
}

# ensure_these PURPOSE PACKAGES...
ensure_these() {
  local purpose=$1 log
  local -a wanted=("${@:2}") missing
  command -v dpkg-query >/dev/null ||
    die "this is not Debian (no dpkg-query); it needs the equivalents of: ${wanted[*]}"
  mapfile -t missing < <(packages_missing "${wanted[@]}")
  [[ ${#missing[@]} -gt 0 ]] || return 0

  echo "Installing Debian packages to $purpose: ${missing[*]}"
  [[ $EUID -eq 0 ]] || command -v sudo >/dev/null ||
    die "cannot install packages: neither root nor sudo; as root: apt-get install ${missing[*]}"
  log=$(mktemp)
  apt_knows "${missing[@]}" || apt_get update >"$log" 2>&1 || true
  # Lists may be there and yet name versions that the mirror has dropped; one update cures that.
  if ! apt_get install --no-install-recommends "${missing[@]}" >>"$log" 2>&1; then
    apt_get update >>"$log" 2>&1 || true
    if ! apt_get install --no-install-recommends "${missing[@]}" >>"$log" 2>&1; then
      tail -n 20 "$log" >&2
      rm -f "$log"
      die "apt-get could not install: ${missing[*]}"
    fi
  fi
  rm -f "$log"
}

# meson_setup DIRECTORY [options]: shows meson's words only when it fails.
meson_setup() {
  local log
  log=$(mktemp)
  if ! meson setup "$@" >"$log" 2>&1; then
    cat "$log" >&2
    rm -f "$log"
    die "meson could not configure $1"
  fi
  rm -f "$log"
}

# configure DIRECTORY [meson options]: sets the build directory up unless that has happened.
configure() {
  if [[ ! -f $1/build.ninja ]]; then
    meson_setup "$@" "${wolfssl_options[@]}"
  elif [[ ${#wolfssl_options[@]} -gt 0 ]] && ! grep -qF "$(wolfssl_prefix)/" "$1/build.ninja"; then
    # Configured before there was TLS, or with another build of it.
    meson_setup "$1" --reconfigure "${wolfssl_options[@]}"
  fi
}

# build DIRECTORY [targets]: says nothing when there is nothing to do.
build() {
  local directory=$1
  shift
  # A dry run that would first regenerate the build files does not say this.
  if [[ $(ninja -C "$directory" -n "$@" 2>/dev/null) == *"ninja: no work to do."* ]]; then
    return 0
  fi
  ninja -C "$directory" "$@"
}
