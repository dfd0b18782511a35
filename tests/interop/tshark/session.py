"""Aim: Wireshark finds no fault in what the server says. Method: reads what tshark printed of the
captured sessions: the commands it saw, and the frames it complains of.

Usage: session.py STATUS_OF_LOADS DIRECTORY
"""
import collections
import pathlib
import sys

loads, directory = sys.argv[1], pathlib.Path(sys.argv[2])
failed = 0


def check(number, name, good, why):
    global failed
    print(f"{'ok' if good else 'not ok'} {number} - {name}")
    if not good:
        failed = 1
        print("# " + why.rstrip().replace("\n", "\n# "))


check(1, "ringgate-load has every answer and receipt", loads == "0",
      (directory / "load.log").read_text())

commands = collections.Counter(
    int(number, 0) for line in (directory / "commands.txt").read_text().split()
    for number in line.split(","))
# Bits 31: responses. bind_* 1, 2 and 9, submit_sm 4, deliver_sm 5, unbind 6, enquire_link 0x15.
missing = [hex(request | response) for request in (1, 2, 4, 5, 6, 9, 0x15)
           for response in (0, 0x80000000) if commands[request | response] == 0]
check(2, "the capture holds every command, as request and as response",
      not missing and commands[4] > 1200, f"missing {missing}, seen {dict(commands)}")
# A client that hangs up may leave deliver_sm without a response, never submit_sm.
check(3, "every submit_sm has its response", commands[4] == commands[0x80000004],
      f"seen {dict(commands)}")

complaints = (directory / "complaints.txt").read_text()
check(4, "Wireshark finds no fault in captured sessions", not complaints, complaints[:4000])
sys.exit(failed)
