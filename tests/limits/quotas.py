"""What has been used of a quota stays used: over reloads, orderly ends and crashes. Day quotas, since a minute ends too soon."""
import os
import random
import re
import time

from daemon import Server, account, listener
from esme import OK, RTHROTTLED, bound
from report import check

LINE = re.compile(r"\d+ \d+ \d+ (\d+) (.+)")
MIDNIGHT_NEAR_S = 60    # longer than this part takes


def config(quota, more="", others=""):
    return listener() + account("a", (f"day_quota = {quota}\n" if quota else "") + more) + account("b", "day_quota = 7") + others


def used(server):
    """By account, as the file has it; None where it is torn."""
    with open(os.path.join(server.data, "quotas"), errors="replace") as file:
        text = file.read()
    lines = text.splitlines()
    if not text.endswith("\n") or lines[0] != "ringgate quotas 1":
        return None
    found = [LINE.fullmatch(line) for line in lines[1:]]
    return {one[2]: int(one[1]) for one in found} if all(found) else None


def play():
    until_midnight = 86400 - time.time() % 86400
    if until_midnight < MIDNIGHT_NEAR_S:
        time.sleep(until_midnight + 1)
    with Server(config(10), stores=True) as server:
        reloads(server)
        ends(server)
        crashes(server)
        files(server)
    with Server(config(5)) as server:
        bound(server.port, "a").submits(3)
        time.sleep(1.5)
        check("without a journal there is no file of quotas", not os.path.exists(server.data))


def reloads(server):
    a = bound(server.port, "a")
    check("four of a day's ten", a.submits(4) == [OK] * 4)
    server.reload(config(5))
    check("a quota that is smaller counts what was used", a.submits(2) == [OK, RTHROTTLED])
    server.reload(config(2))
    check("... also where that is more than it", a.submit() == RTHROTTLED)
    server.reload(config(8))
    check("one that is larger has the difference", a.submits(4) == [OK] * 3 + [RTHROTTLED])
    server.reload(config(0))
    check("none refuses nothing", a.submits(20) == [OK] * 20)
    server.reload(listener() + account("c"))
    server.reload(config(9))
    check("an account that comes back has used what it had", bound(server.port, "a").submits(2) == [OK, RTHROTTLED])


def ends(server):
    bound(server.port, "b").submits(3)
    check("an orderly end", server.stop()[0] == 0, server.log())
    check("... has written all", used(server) == {"a": 9, "b": 3}, used(server))
    check("... for nobody else to read", os.stat(os.path.join(server.data, "quotas")).st_mode & 0o777 == 0o600)
    server.start()
    check("... and is remembered", bound(server.port, "b").submits(5) == [OK] * 4 + [RTHROTTLED] and
          bound(server.port, "a").submit() == RTHROTTLED)


def crashes(server):
    server.reload(config(30))
    a = bound(server.port, "a")
    got = a.submits(15)
    time.sleep(2.5)
    server.kill()
    check("what was used before the last second survives a crash", got == [OK] * 15 and used(server)["a"] == 24, used(server))
    server.start()
    check("... in the next server", bound(server.port, "a").submits(7) == [OK] * 6 + [RTHROTTLED])
    server.reload(config(1000000))
    dice = random.Random(1)
    least, most, is_whole, lies_between = 24, 30, True, True
    for _ in range(4):
        a = bound(server.port, "a")
        until = time.monotonic() + dice.uniform(0, 1.2)
        sent = 0
        while time.monotonic() < until:
            sent += a.flood(20).count(OK)
        server.kill()
        now = used(server)
        is_whole = is_whole and now is not None
        lies_between = lies_between and is_whole and least <= now["a"] <= most + sent
        least = most = now["a"] if now else least
        server.start()
    check("a crash at any time leaves a file that is whole", is_whole)
    check("... and has no more than was submitted, and no less than before", lies_between)


def files(server):
    path = os.path.join(server.data, "quotas")
    server.stop()
    day = int(time.time()) // 86400
    good = f"ringgate quotas 1\n0 0 {day} 7 b\n"
    for name, text, is_told in [("garbage", b"\x00\xff\x12garbage\n" * 100, True),
                                ("another version", b"ringgate quotas 2\n", True),
                                ("a line that is torn", (good + "0 0 1").encode(), True),
                                ("a line without a name", (good + "0 0 1 1\n").encode(), True),
                                ("numbers that are too large", (good + "0 0 1 99999999999999 a\n").encode(), True),
                                ("a name that nobody has", (good + "0 0 1 1 nobody\n").encode(), False)]:
        with open(path, "wb") as file:
            file.write(text)
        server.write(config(3))
        server.start()
        told = server.said("warning quotas are counted anew", 0.2) is not None
        check(f"{name} in the file: it starts, " + ("and warns" if is_told else "and says nothing"), told == is_told, server.log())
        if text.startswith(good.encode()):
            check("... and knows what stands before that", bound(server.port, "b").submit() == RTHROTTLED)
        check("... and counts anew", bound(server.port, "a").submits(4) == [OK] * 3 + [RTHROTTLED])
        server.stop()
        check("... and writes it anew", (used(server) or {}).get("a") == 3, used(server))
