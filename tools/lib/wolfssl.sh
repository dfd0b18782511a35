# shellcheck shell=bash
# Builds wolfSSL, because Debian 12's has no AES instructions (a thirtieth of the speed) and lacks
# the fix for CVE-2024-0901. Sourced by setup.sh, never run.
#
# The source is Debian's of a later release, fetched and checked by apt with the keys that this
# machine trusts; apt's own lists and sources stay as they are. The result is kept for the next
# build directory, in the user's cache.

# Whoever changes what follows changes this number, and everybody builds anew.
wolfssl_recipe=2
wolfssl_release=trixie
wolfssl_flags=(
  --with-pic --enable-static --disable-shared --enable-sp --enable-tls13 --enable-session-ticket
  --enable-sni --disable-oldtls --enable-secure-renegotiation=no --enable-curve25519
  --enable-ed25519 --disable-examples --disable-crypttests --disable-sys-ca-certs)
# Random numbers need no descriptor, whose certificate was shown can be asked, and a client may offer
# every suite there ever was (scanners do).
wolfssl_defines='-DWOLFSSL_GETRANDOM -DKEEP_PEER_CERT -DWOLFSSL_MAX_SUITE_SZ=1024'

# Where it is kept: in the user's cache, or beside the build where there is none to write to.
wolfssl_prefix() {
  local cache=${RINGGATE_CACHE:-${XDG_CACHE_HOME:-${HOME:-$root/build-cache}/.cache}/ringgate}
  if ! mkdir -p "$cache" 2>/dev/null || [[ ! -w $cache ]]; then
    cache=$root/build-cache
    mkdir -p "$cache"
  fi
  echo "$cache/wolfssl-$wolfssl_recipe-$(uname -m)"
}

# apt, with lists of its own in $1 and nothing but sources of that release.
wolfssl_apt() {
  local directory=$1
  shift
  apt-get -q -o Dir::Etc::SourceList="$directory/sources.list" -o Dir::Etc::SourceParts=/dev/null \
    -o Dir::State::Lists="$directory/lists" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= \
    -o APT::Sandbox::User= "$@"
}

# The mirror that this machine has the archive of that codename from.
wolfssl_mirror() {
  # shellcheck disable=SC2016
  apt-get indextargets --format '$(REPO_URI)' "Codename: $1" 'Created-By: Packages' | sort -u |
    head -n 1
}

wolfssl_build() {
  local directory=$1 prefix=$2 codename archive security
  local -a flags=("${wolfssl_flags[@]}")
  # shellcheck disable=SC1091
  codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
  # Debian 12's containers come without lists, and then it cannot say.
  [[ -n $(wolfssl_mirror "$codename") ]] || apt_get update
  archive=$(wolfssl_mirror "$codename")
  security=$(wolfssl_mirror "$codename-security")
  [[ -n $archive ]] || return 1
  case $(uname -m) in
    x86_64) flags+=(--enable-intelasm --enable-sp-asm) ;;
    aarch64) flags+=(--enable-armasm --enable-sp-asm) ;;
  esac
  mkdir -p "$directory/lists/partial"
  {
    echo "deb-src $archive $wolfssl_release main"
    [[ -z $security ]] || echo "deb-src $security $wolfssl_release-security main"
  } >"$directory/sources.list"
  # As a script of its own: an error of a command ends a function only where nobody asks for it.
  (
    set -e
    wolfssl_apt "$directory" update
    cd "$directory"
    wolfssl_apt "$directory" source --download-only wolfssl
    # apt has checked it.
    dpkg-source --no-check -x wolfssl_*.dsc source
    cd source
    autoreconf -fi
    ./configure --prefix="$prefix" "${flags[@]}" C_EXTRA_FLAGS="$wolfssl_defines"
    make -j"$(nproc)"
    make install DESTDIR="$directory/installed"
  ) || true
  [[ -f $directory/installed$prefix/lib/pkgconfig/wolfssl.pc ]] || return 1
  # Whole or not at all, whoever looks meanwhile.
  rm -rf "$prefix"
  mv "$directory/installed$prefix" "$prefix"
}

# ensure_wolfssl: makes it unless it is there, and has meson find it. Where that cannot be done the
# system's is used, and loudly.
wolfssl_options=()
ensure_wolfssl() {
  local prefix directory
  prefix=$(wolfssl_prefix)
  if [[ ! -f $prefix/lib/pkgconfig/wolfssl.pc ]]; then
    echo "Building wolfSSL for TLS (once, about a minute)"
    directory=$(mktemp -d)
    if wolfssl_build "$directory" "$prefix" >"$directory/log" 2>&1 </dev/null; then
      rm -rf "$directory"
    else
      tail -n 5 "$directory/log" >&2
      echo "WARNING: wolfSSL could not be built (log: $directory/log), so Debian's own is used:" >&2
      echo "  without AES instructions TLS is some thirty times slower, and on Debian 12 it lacks" >&2
      echo "  the fix for CVE-2024-0901, by which a stranger can crash a TLS 1.3 server." >&2
      ensure_these build libwolfssl-dev
      return 0
    fi
  fi
  wolfssl_options=(-Dpkg_config_path="$prefix/lib/pkgconfig")
}
