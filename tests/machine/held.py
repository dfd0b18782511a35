"""What a journal on a disk says, as `ringgate journal dump` shows it, against what clients were told."""
import json
import os
import subprocess

from server import Fault

# States as a receipt names them; the backend here draws no others.
STATS = {"DELIVERED": "DELIVRD", "UNDELIVERABLE": "UNDELIV"}
OUTPUT_MAX_S = 60


class NotUnderstood(Exception):
    """The dump says what is not known here. Not a Fault, for where those are looked for this is none:
    the suite itself has to learn it.
    """


class Held:
    """What the journal says of a message."""
    __slots__ = ("open", "stat")

    def __init__(self):
        self.open = True
        self.stat = None


def read_journal(program, data):
    """id -> Held. Fault when the journal is damaged: a cut never damages what had been kept."""
    path = os.path.join(data or "", "journal")
    if not data or not os.path.isdir(path) or not any(name.isdigit() for name in os.listdir(path)):
        # Before the end of the first start.
        return {}
    output(program, "verify", data)
    held = {}
    for text in output(program, "dump", data).splitlines():
        try:
            read_line(held, json.loads(text))
        except (KeyError, TypeError, ValueError) as error:
            raise NotUnderstood(f"{type(error).__name__} {error} in {text}") from None
    return held


def output(program, command, data):
    done = subprocess.run([program, "journal", command, data], capture_output=True, text=True,
                          check=False, timeout=OUTPUT_MAX_S)
    if done.returncode != 0:
        raise Fault(f"journal {command}: {done.stdout[-400:]} {done.stderr}")
    return done.stdout


def read_line(held, line):
    kind = line["type"]
    if kind == "accepted":
        held.setdefault(line["id"], Held())
    elif kind == "outcome":
        stat = STATS[line["message_state"]]
        if line["id"] in held:
            held[line["id"]].stat = stat
    elif kind == "closed" and line["id"] in held:
        held[line["id"]].open = False


def judge(held, heard, position):
    """The faults, and how many messages had to be there."""
    faults, owed = [], 0
    for message_id, promise in heard.items():
        mine = held.get(message_id)
        if promise.told_at is not None and promise.told_at <= position:
            # Told, and perhaps closed since; if it is told again, it must be the same.
            if mine and mine.open and mine.stat != promise.stat:
                faults.append(("told and forgotten", f"{message_id} {promise.stat}, now {mine.stat}"))
        elif promise.acked_at is not None and promise.acked_at <= position:
            owed += 1
            if not (mine and mine.open):
                faults.append(("acked and lost", f"{message_id}, acked at {promise.acked_at}"))
    return faults, owed
