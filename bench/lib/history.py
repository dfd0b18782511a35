"""The files of docs/benchmarks/: one for each run of the suite.

    {"format": 1, "time": "2026-11-23T15:00:12Z", "took_s": 312, "kind": "full", "cut": null, "ringgate": {...}, "against": null,
     "machine": {...}, "options": {...}, "notices": [...], "cases": [{"name": "8x64", ..., "rounds": [...]}]}

`kind` is full, part (--only), quick or against. A round has `noise`: why it is worth nothing; empty where it is sound.
"""
import datetime
import json
import os
import re
import subprocess

FORMAT = 1
NAME = re.compile(r"^\d{4}-\d\d-\d\dT\d{4,6}Z-[a-z0-9-]+\.json$")
TIME_FORMAT = "%Y-%m-%dT%H:%M:%SZ"


def now():
    return datetime.datetime.now(datetime.timezone.utc)


def file_name(time, machine):
    """2026-11-23T1500Z-xeon-2cpu.json"""
    return f"{time.strftime('%Y-%m-%dT%H%MZ')}-{machine}.json"


def free_name(directory, time, machine):
    """Two runs of one minute get seconds as well; they never replace each other."""
    name = file_name(time, machine)
    if os.path.exists(os.path.join(directory, name)):
        name = f"{time.strftime('%Y-%m-%dT%H%M%SZ')}-{machine}.json"
    return name


def write(path, text):
    """Whoever looks meanwhile sees the old file or the new one."""
    with open(path + ".new", "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(path + ".new", path)


def run_text(run):
    """JSON with a line for each round: small, and a difference of two files shows what has changed."""
    head = {name: value for name, value in run.items() if name != "cases"}
    text = json.dumps(head, indent=1, ensure_ascii=False)[:-2] + ',\n "cases": ['
    for number, case in enumerate(run["cases"]):
        facts = json.dumps({name: value for name, value in case.items() if name != "rounds"}, ensure_ascii=False)
        rounds = ",\n   ".join(json.dumps(one, ensure_ascii=False) for one in case["rounds"])
        text += ("," if number else "") + "\n  " + facts[:-1] + ', "rounds": [' + (f"\n   {rounds}" if rounds else "") + "]}"
    return text + "\n ]\n}\n"


def save(directory, run):
    os.makedirs(directory, exist_ok=True)
    time = datetime.datetime.strptime(run["time"], TIME_FORMAT)
    path = os.path.join(directory, free_name(directory, time, run["machine"]["id"]))
    write(path, run_text(run))
    return path


def load_all(directory):
    """Oldest first, and what could not be read, as sentences."""
    runs, troubles = [], []
    for name in sorted(os.listdir(directory)) if os.path.isdir(directory) else []:
        if not NAME.match(name):
            continue
        try:
            with open(os.path.join(directory, name), encoding="utf-8") as file:
                run = json.load(file)
            if run["format"] != FORMAT:
                raise ValueError(f"format {run['format']}, not {FORMAT}")
            runs.append({**run, "file": name})
        except (OSError, ValueError, KeyError, TypeError) as error:
            troubles.append(f"{name}: {error}")
    return sorted(runs, key=lambda run: run["time"]), troubles


def newest(runs, is_so):
    return next((run for run in reversed(runs) if is_so(run)), None)


def shown(runs):
    """The run to tell in detail: the newest that is whole, or else the newest there is."""
    return newest(runs, lambda run: run["kind"] == "full" and not run["cut"]) or newest(runs, lambda run: run["kind"] != "against")


def case_of(run, name):
    return next((case for case in run["cases"] if case["name"] == name and case["rounds"]), None)


def git(source, *arguments):
    try:
        done = subprocess.run(["git", "-C", source, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def build_facts(build, version_lines):
    """What the programs of a build directory are. Their source may have gone on since they were built, which is said then."""
    found = {"version": version_lines[0].rpartition(" ")[2] if version_lines else "unknown", "build": version_lines[1:]}
    try:
        with open(os.path.join(build, "meson-info", "meson-info.json"), encoding="utf-8") as file:
            source = json.load(file)["directories"]["source"]
    except (OSError, ValueError, KeyError):
        return found
    commit = git(source, "rev-parse", "--short", "HEAD")
    if commit:
        found["commit"] = commit
        found["changed"] = bool(git(source, "status", "--porcelain", "--untracked-files=no", "--", "src", "include", "bench/floor"))
        built = os.path.getmtime(os.path.join(build, "ringgate"))
        found["older"] = built < float(git(source, "log", "-1", "--format=%ct", "--", "src", "include") or 0)
    return found
