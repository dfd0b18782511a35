# shellcheck shell=bash
# What the `start` of each peer shares. Each is called as
#
#     start install                       installs below the build directory, prints the version
#     start server PORT                   becomes a server there: any bind, ESME_ROK, a fresh id
#     start client PORT BINDS WINDOW      becomes a client: its count of answers, once a second
#
# and exits 77 with one line that says why where its package cannot be had. `start` sets `name`,
# defines install, server and client, and calls main. Installing is what the interop tests do.
set -euo pipefail

# shellcheck disable=SC2154 # Whoever sources this sets it.
name=peers/$name
# shellcheck source=tests/interop/lib/common.sh
source "$(dirname "$(readlink -f "$0")")/../../../tests/interop/lib/common.sh"

# shellcheck disable=SC2034 # Java reads the asterisk.
class_path="$work/classes:$cache/jars/*"
# One core: parallel collectors would only add threads to it, and java itself chooses this one there.
# The heap is large enough that young collections are rare, and touched before anything is measured.
# shellcheck disable=SC2034
java_options=(-server -XX:+UseSerialGC -Xms512m -Xmx512m -Xmn384m -XX:+AlwaysPreTouch)

# maven_classes: the pom.xml's jars, and the Java files of this folder compiled with them.
maven_classes() {
  maven_dependencies
  javac -cp "$cache/jars/*" -d "$work/classes" "$here"/*.java ||
    skip "javac does not take its adapter"
}

# version_of_jar NAME: prints that of NAME-VERSION.jar.
version_of_jar() {
  local jar
  jar=$(echo "$cache/jars/$1"-[0-9]*.jar)
  jar=${jar##*/"$1"-}
  echo "${jar%.jar}"
}

main() {
  case ${1-} in
    install | server | client) "$@" ;;
    *)
      echo "usage: start install | start server PORT | start client PORT BINDS WINDOW" >&2
      exit 2
      ;;
  esac
}
