#!/usr/bin/env python3
"""Checks what compilers do not: who includes whom, headers standing alone, pure folders, layout.

Prints one line per check in the form of GoogleTest, which tools/lib/count_tests.py counts. A
finding names the file, the line and what to do instead.
"""

import argparse
import concurrent.futures
import fnmatch
import os
import re
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# Bytes and `now` come in; bytes, events and deadlines go out.
PURE_FOLDERS = ("base", "io", "text", "wire", "message", "smpp", "session", "policy", "routing",
                "journal", "backend", "shard", "core", "esme")

# Header (a pattern) -> what pure code uses instead.
IMPURE_HEADERS = {
    "thread": "work that a shard's turn calls; threads live in runtime/",
    "mutex": "state that one shard owns, or base/spsc.h between shards",
    "shared_mutex": "state that one shard owns, or base/spsc.h between shards",
    "condition_variable": "a mailbox with a doorbell (runtime/)",
    "future": "a ticket answered in a later turn",
    "fstream": "an interface of io/",
    "iostream": "a returned string; daemon/ prints",
    "filesystem": "an interface of io/",
    "random": "base/prng.h with the seed that the caller owns",
    "chrono": "Now and Nanos of <ringgate/types.h>, and text/smpp_time.h for dates",
    "ctime": "Now::wall_s and text/smpp_time.h",
    "time.h": "Now::wall_s and text/smpp_time.h",
    "sys/*": "an interface of io/; sockets and files live in uring/",
    "unistd.h": "an interface of io/",
    "fcntl.h": "an interface of io/",
    "netinet/*": "an interface of io/; addresses are parsed in uring/",
    "arpa/*": "base/bytes.h for byte order; addresses are parsed in uring/",
    "netdb.h": "an interface of io/",
    "poll.h": "deadlines; waiting is the runtime's",
    "liburing*": "an interface of io/; the ring lives in uring/",
}

ROOMS_TABLE = "docs/ARCHITECTURE.md"

# Folders that know messages, but no PDU.
NEUTRAL_FOLDERS = ("message", "policy", "routing", "journal", "shard", "core")

# Call (a regular expression) -> what pure code uses instead.
IMPURE_CALLS = {
    r"std::chrono\b": "Now and Nanos of <ringgate/types.h>, and text/smpp_time.h for dates",
    r"\b(?:system|steady|high_resolution|utc|tai|gps|file)_clock\b": "the Now that came with the call",
    r"(?<![\w.>:])(?:std::|::)?time\s*\(": "the Now that came with the call",
    r"(?<![\w.>])s?rand\s*\(": "base/prng.h with the seed that the caller owns",
    r"(?<![\w.>])(?:secure_)?getenv\s*\(": "an option handed in by config/",
    r"(?<![\w.>])(?:clock_gettime|gettimeofday)\s*\(": "the Now that came with the call",
}

# The one that knows the calendar, and no clock.
CALENDAR_HOME = "src/text/smpp_time.cc"

# <atomic> elsewhere means state that two threads share without an owner.
ATOMIC_HOMES = (
    "src/base/spsc.h",
    "src/base/counter.h",
    "src/policy/rate_limit.h",
    "src/policy/quota.h",
    "src/policy/directory.h",
    "src/policy/hold.h",
    "src/runtime/*",
    "src/client/*",
)

# Text that must not be in the repository -> what to write instead. Bracketed, or this file would
# find itself.
BANNED_TEXT = {
    r"\bTO[D]O\b|\bFIX[M]E\b": "do it, or write down in docs/ what is missing and why",
    r"\bnpm[j]s\.(?:org|com)|\bpy[p]i\.org|files\.python[h]osted|\bcrates\.[i]o\b"
    r"|proxy\.[g]olang\.org|\bmaven\.(?:org|apache\.[o]rg)|\brepo\d*\.[m]aven"
    r"|\b(?:deb|security)\.[d]ebian\.org":
        "the package's name; the client of the package manager knows its registry",
}

LINES_MAX = 800
COMPILE_JOBS = 2
SOURCE_FOLDERS = ("src", "include", "bench", "tests", "tools")
TEXT_SUFFIXES = (".h", ".cc", ".py", ".js", ".sh", ".md", ".toml", ".json", ".build", ".txt",
                 ".yml", ".html", ".css")

INCLUDE_LINE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:"([^"]+)"|<([^>]+)>)', re.MULTILINE)


def ignored_patterns():
    with open(os.path.join(ROOT, ".gitignore"), encoding="utf-8") as lines:
        patterns = [line.strip().rstrip("/") for line in lines]
    return [pattern for pattern in patterns if pattern and not pattern.startswith("#")]


def repository_files():
    """Every file of the repository, relative to its root; works without git as well."""
    ignored = ignored_patterns() + [".git"]

    def kept(name):
        return not any(fnmatch.fnmatch(name, pattern) for pattern in ignored)

    for folder, folders, names in os.walk(ROOT):
        if "meson-private" in folders:
            # A build directory of whatever name.
            folders[:] = []
            continue
        folders[:] = sorted(filter(kept, folders))
        for name in sorted(filter(kept, names)):
            yield os.path.relpath(os.path.join(folder, name), ROOT)


class Tree:
    """The files of the repository, each read once."""

    def __init__(self):
        self.paths = list(repository_files())
        self.texts = {}

    def text(self, path):
        if path not in self.texts:
            with open(os.path.join(ROOT, path), encoding="utf-8", errors="replace") as file:
                self.texts[path] = file.read()
        return self.texts[path]

    def under(self, folders, suffixes):
        folders = tuple(folder + "/" for folder in folders)
        return [path for path in self.paths if path.startswith(folders) and path.endswith(suffixes)]


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def without_comments(text, keep_strings):
    """Blanks comments (and strings), keeping every line where it was."""
    token = re.compile(
        r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'',
        re.DOTALL)

    def blank(match):
        if keep_strings and match.group(0)[0] in "\"'R":
            return match.group(0)
        return re.sub(r"[^\n]", " ", match.group(0))

    # A digit separator looks like the start of a character.
    return token.sub(blank, re.sub(r"(?<=[0-9a-fA-F])'(?=[0-9a-fA-F])", "0", text))


def includes_of(text):
    """(line, path, quoted) of every include."""
    for match in INCLUDE_LINE.finditer(without_comments(text, keep_strings=True)):
        quoted, angled = match.groups()
        yield line_of(text, match.start()), quoted or angled, quoted is not None


def folder_table(text):
    """The `folders` list of src/meson.build: name -> folders it may include, itself among them."""
    table = {}
    for name, uses in re.findall(r"\{\s*'name':\s*'(\w+)',\s*'uses':\s*\[([^\]]*)\]", text):
        table[name] = {name}
        for used in re.findall(r"'(\w+)'", uses):
            table[name] |= table[used]
    return table


def check_include_table(tree):
    table = folder_table(tree.text("src/meson.build"))
    if not table:
        yield "src/meson.build: no `folders` list found, which is the table to check against"
    for path in tree.under(["src"], (".h", ".cc")):
        folder = path.split("/")[1]
        if folder not in table:
            yield f"{path}: folder {folder} is not in the `folders` list of src/meson.build; add it"
            continue
        for line, included, _ in includes_of(tree.text(path)):
            target = included.split("/")[0]
            if target in table and "/" in included and target not in table[folder]:
                yield (f"{path}:{line}: {folder} may not include {included}; hand the value in, or "
                       f"add '{target}' to the `uses` of '{folder}' in src/meson.build")
            elif "/.." in included or included.startswith("."):
                yield f'{path}:{line}: {included} is relative; write it from src/: "base/slab.h"'
    for path in tree.under(["include"], (".h",)):
        for line, included, quoted in includes_of(tree.text(path)):
            if quoted or included.split("/")[0] in table:
                yield (f"{path}:{line}: include/ may not include {included} of src/; "
                       "use <ringgate/...> or the standard library")


def check_headers_alone(tree):
    """Compiles a translation unit that holds nothing but one include, per header."""
    # Where the build has TLS from; without, its headers cannot be compiled.
    wolfssl = os.environ.get("RINGGATE_WOLFSSL")
    command = ["g++", "-std=c++20", "-D_GNU_SOURCE", "-fsyntax-only", "-Wall", "-Wextra",
               "-Werror", "-Iinclude", "-Isrc", *(["-isystem", wolfssl] if wolfssl else []),
               "-x", "c++", "-"]

    def compile_alone(path):
        name = path.split("/", 1)[1]
        unit = f"#include <{name}>\n"
        return path, subprocess.run(command, input=unit, capture_output=True, text=True, cwd=ROOT,
                                    check=False)

    headers = [path for path in tree.under(["src", "include"], (".h",))
               if wolfssl or not path.startswith("src/tls/")]
    with concurrent.futures.ThreadPoolExecutor(COMPILE_JOBS) as pool:
        for path, result in pool.map(compile_alone, headers):
            if result.returncode != 0:
                yield f"{path}: does not compile alone; include what it uses\n{result.stderr}"


def check_pure_folders(tree):
    for path in tree.under([f"src/{folder}" for folder in PURE_FOLDERS], (".h", ".cc")):
        text = tree.text(path)
        for line, included, _ in includes_of(text):
            for pattern, instead in IMPURE_HEADERS.items():
                if fnmatch.fnmatch(included, pattern) and not (pattern == "chrono"
                                                               and path == CALENDAR_HOME):
                    yield f"{path}:{line}: <{included}> in a pure folder; use {instead}"
        code = without_comments(text, keep_strings=False)
        for pattern, instead in IMPURE_CALLS.items():
            for match in re.finditer(pattern, code):
                if path == CALENDAR_HOME and match.group(0) == "std::chrono":
                    continue
                line = line_of(code, match.start())
                yield f"{path}:{line}: {match.group(0)} in a pure folder; use {instead}"


def check_neutral_folders(tree):
    """Where messages have no protocol, so that another protocol is another session and nothing else."""
    for path in tree.under([f"src/{folder}" for folder in NEUTRAL_FOLDERS], (".h", ".cc")):
        for match in re.finditer(r"\b(smpp(::|/)|Smpp|smpp_|wire(::|/))",
                                 without_comments(tree.text(path), keep_strings=True)):
            line = line_of(tree.text(path), match.start())
            yield f"{path}:{line}: {match.group(0)} in a neutral folder; session/ speaks SMPP"


def check_rooms(tree):
    """The table of docs/ARCHITECTURE.md: a room includes only rooms that it says it knows, and these
    know nothing of it.
    """
    table = {}
    rooms = tree.text(ROOMS_TABLE).partition("\n## Rooms of a shard\n")[2].partition("\n## ")[0]
    for row in re.finditer(r"^\| `(\w+)` \|[^|\n]*\|([^|\n]*)\|$", rooms, re.M):
        table[row.group(1)] = (set(re.findall(r"`(\w+)`", row.group(2))), set(table))
    for room, (known, before) in table.items():
        for one in sorted(known - before):
            yield f"{ROOMS_TABLE}: {room} knows {one}, which does not stand above it"
    for path in tree.under(["src/shard"], (".h", ".cc")):
        room = os.path.splitext(os.path.basename(path))[0]
        if room not in table:
            if path.endswith(".h"):
                yield f"{path}: no room of the table in {ROOMS_TABLE}"
            room = "shard"
        for line, included, _ in includes_of(tree.text(path)):
            other = re.fullmatch(r"shard/(\w+)\.h", included)
            if other and other.group(1) not in table[room][0] | {room}:
                yield f"{path}:{line}: {room} does not know {other.group(1)} ({ROOMS_TABLE})"


def check_atomic_homes(tree):
    for path in tree.under(["src"], (".h", ".cc")):
        if any(fnmatch.fnmatch(path, home) for home in ATOMIC_HOMES):
            continue
        for line, included, _ in includes_of(tree.text(path)):
            if included == "atomic":
                yield (f"{path}:{line}: <atomic> outside {', '.join(ATOMIC_HOMES)}; pass a message "
                       "through base/spsc.h")


def check_format(tree):
    paths = tree.under(SOURCE_FOLDERS, (".h", ".cc"))
    half = [paths[0::2], paths[1::2]]

    def dry_run(part):
        return subprocess.run(["clang-format-14", "--dry-run", "--Werror", *part],
                              capture_output=True, text=True, cwd=ROOT, check=False)

    with concurrent.futures.ThreadPoolExecutor(COMPILE_JOBS) as pool:
        for result in pool.map(dry_run, filter(None, half)):
            if result.returncode == 0:
                continue
            first = {}
            for path, line in re.findall(r"^(\S+?):(\d+):\d+: error", result.stderr, re.MULTILINE):
                first.setdefault(path, line)
            for path, line in first.items():
                yield f"{path}:{line}: not laid out by clang-format; run clang-format-14 -i {path}"
            if not first:
                yield result.stderr.strip()


def check_shape(tree):
    for path in tree.under(["src", "include"], (".h", ".cc")):
        text = tree.text(path)
        lines = text.count("\n")
        if lines > LINES_MAX:
            yield f"{path}: {lines} lines, at most {LINES_MAX}; split it by noun"
    for path in tree.under(SOURCE_FOLDERS, (".h",)):
        if not re.search(r"^#pragma once$", tree.text(path), re.MULTILINE):
            yield f"{path}: no #pragma once"


def check_white_space(tree):
    for path in tree.paths:
        if not path.endswith(TEXT_SUFFIXES) and not tree.text(path).startswith("#!"):
            continue
        text = tree.text(path)
        for match in re.finditer(r"[ \t]+$", text, re.MULTILINE):
            yield f"{path}:{line_of(text, match.start())}: white space at the end of the line"
        for match in re.finditer(r"\t", text):
            yield f"{path}:{line_of(text, match.start())}: tab; use spaces, or \\t in a string"
        if text and not text.endswith("\n"):
            yield f"{path}: no line end at the end of the file"


def check_banned_text(tree):
    for path in tree.paths:
        text = tree.text(path)
        for pattern, instead in BANNED_TEXT.items():
            for match in re.finditer(pattern, text):
                yield f"{path}:{line_of(text, match.start())}: {match.group(0)}; instead: {instead}"


def check_sources_listed(tree):
    """Meson does not glob: a source that no list names is never compiled, and nobody notices."""
    listed = {}
    for path in tree.paths:
        if os.path.basename(path) == "meson.build":
            listed[os.path.dirname(path)] = tree.text(path)
    for path in tree.under(SOURCE_FOLDERS, (".cc",)):
        name = os.path.basename(path)
        stem = name[: -len(".cc")]
        folder = os.path.dirname(path)
        while folder and folder not in listed:
            folder = os.path.dirname(folder)
        if not re.search(rf"(?<![\w]){re.escape(stem)}(?![\w])", listed.get(folder, "")):
            yield f"{path}: not named in {folder}/meson.build; add it to its list"


CHECKS = {
    "include_table": check_include_table,
    "pure_folders": check_pure_folders,
    "neutral_folders": check_neutral_folders,
    "rooms": check_rooms,
    "atomic_homes": check_atomic_homes,
    "shape": check_shape,
    "white_space": check_white_space,
    "banned_text": check_banned_text,
    "sources_listed": check_sources_listed,
    "format": check_format,
    "headers_alone": check_headers_alone,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checks", nargs="*", help=f"of: {', '.join(CHECKS)} (default: all)")
    options = parser.parse_args()
    unknown = set(options.checks) - set(CHECKS)
    if unknown:
        parser.error(f"no such check: {', '.join(sorted(unknown))}")

    tree = Tree()
    failed = False
    for name in options.checks or CHECKS:
        started = time.monotonic()
        print(f"[ RUN      ] tidy.{name}", flush=True)
        findings = list(CHECKS[name](tree))
        for finding in findings:
            print(finding)
        failed = failed or bool(findings)
        verdict = "[  FAILED  ]" if findings else "[       OK ]"
        spent_ms = (time.monotonic() - started) * 1000
        print(f"{verdict} tidy.{name} ({spent_ms:.0f} ms)", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
