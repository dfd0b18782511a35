"""How many binds an account may have, and those of dead clients, which give way to new ones."""
import select
import threading
import time

from daemon import Server, account, listener
from esme import ENQUIRE_LINK, OK, PATIENCE_S, RBINDFAIL, RESPONSE, RX, TRX, TX, Client, bind_body, bound
from report import check

PROBE_MS = 1000
LONG_PROBE_MS = 20_000
SOON_S = 15    # for what takes about PROBE_MS, on a machine that has more to do; shorter than LONG_PROBE_MS
MANY = 60
MODES = {"tx": TX, "rx": RX, "trx": TRX}


def ready(clients):
    """Those of them that have something to read."""
    poll = select.poll()
    for one in clients:
        poll.register(one, select.POLLIN)
    descriptors = {one for one, _ in poll.poll(20)}
    return [one for one in clients if one.has_pdu() or one.fileno() in descriptors]


class Alive:
    """Clients that answer whatever they are asked, until it is left."""

    def __init__(self, *clients):
        self.clients = list(clients)
        self.over = False
        self.thread = threading.Thread(target=self.run)

    def run(self):
        while not self.over:
            for one in ready(self.clients):
                if one.read() is None:
                    self.clients.remove(one)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over = True
        self.thread.join()


def at_once(port, name, count, source="127.0.0.1"):
    """Who has got in of so many that bind at the same time, and how long that took. Meanwhile they answer what they are asked."""
    begin = time.monotonic()
    clients = {Client(port, source): None for _ in range(count)}
    for one in clients:
        one.send(TRX, bind_body(name))
    while None in clients.values() and time.monotonic() < begin + PATIENCE_S:
        for one in ready([one for one, status in clients.items() if status in (None, OK)]):
            command, status, *_ = one.read() or (RESPONSE | TRX, RBINDFAIL)
            if command == RESPONSE | TRX:
                clients[one] = status
    return [one for one, status in clients.items() if status == OK], time.monotonic() - begin


def until_bound(port, name, mode=TRX, source="127.0.0.1", seconds=SOON_S):
    """What has been closed may be counted a moment longer."""
    until = time.monotonic() + seconds
    while True:
        client = bound(port, name, mode, source)
        if client or time.monotonic() > until:
            return client
        time.sleep(0.02)


def config(probe_ms):
    return (listener() + f"[limits]\nghost_probe_ms = {probe_ms}\n" +
            "".join(account(f"max{name}", f"max_binds_{name} = 1") for name in MODES) +
            account("address", "max_binds_per_address = 2") + account("all", "max_binds = 3") + account("one", "max_binds = 1") +
            account("other", "max_binds = 1") + account("eight", "max_binds = 8") + account("many", f"max_binds = {MANY}"))


def play():
    with Server(config(PROBE_MS)) as server:
        maxima(server)
        ghosts(server)
    with Server(config(LONG_PROBE_MS)) as server:
        waiting(server)
        ends(server)
    with Server(config(0)) as server:
        ghost = bound(server.port, "one")
        begin = time.monotonic()
        got = Client(server.port).bind("one")
        check("with ghost_probe_ms = 0 nobody is asked", got == RBINDFAIL and time.monotonic() - begin < SOON_S and
              ghost.submit() == OK and ghost.asked == 0)


def maxima(server):
    for name, mode in MODES.items():
        account_name = f"max{name}"
        first = bound(server.port, account_name, mode)
        others = [bound(server.port, account_name, other) for other in MODES.values() if other != mode]
        with Alive(first, *others):
            refused = Client(server.port).bind(account_name, mode)
        check(f"max_binds_{name} is of that mode", all(others) and refused == RBINDFAIL and
              all(bound(server.port, account_name, other) for other in MODES.values() if other != mode))
        first.close()
        check("... and a bind that has ended is none", until_bound(server.port, account_name, mode) is not None)
    clients = [bound(server.port, "address") for _ in range(2)]
    with Alive(*clients):
        refused = Client(server.port).bind("address")
        other = [Client(server.port, "127.0.0.2").bind("address") for _ in range(2)]
    check("max_binds_per_address is of each address", [refused, *other] == [RBINDFAIL, OK, OK], other)
    clients = [bound(server.port, "all", mode, f"127.0.0.{i + 1}") for i, mode in enumerate(MODES.values())]
    with Alive(*clients):
        begin = time.monotonic()
        refused = Client(server.port).bind("all")
    check("max_binds is of all modes and addresses", refused == RBINDFAIL)
    check("... and the log says why", server.said(r'refused system_id=all .*cause="too many binds"'), server.log())


def ghosts(server):
    ghost, other = bound(server.port, "one"), bound(server.port, "other")
    begin = time.monotonic()
    client = bound(server.port, "one")
    seconds = time.monotonic() - begin
    check("a dead client's bind gives way", client and PROBE_MS / 1000 * 0.8 < seconds < SOON_S and ghost.ended(), seconds)
    check("... and the log says of what it died",
          server.said(rf"closed system_id=one peer=127.0.0.1:{ghost.port} .*cause=enquire_link"))
    check("another account's is not asked", other.submit() == OK and other.asked == 0)
    with Alive(client):
        refused = [Client(server.port).bind("one") for _ in range(2)]
    check("a living one's does not", refused == [RBINDFAIL] * 2 and client.submit() == OK and client.asked >= 2, client.asked)
    server_asked = client.asked
    begin = time.monotonic()
    refused = Client(server.port, "127.0.0.2").bind("one")
    check("nor for another address, which waits for nothing", refused == RBINDFAIL and client.submit() == OK and
          client.asked == server_asked and time.monotonic() - begin < SOON_S)

    ghost_of = [bound(server.port, "eight") for _ in range(8)]
    shards = {server.said(rf"bound system_id=eight peer=127.0.0.1:{one.port} shard=(\d)")[1] for one in ghost_of}
    living = ghost_of[::3]
    with Alive(*living):
        clients, seconds = at_once(server.port, "eight", 8)
    check("of eight on two shards the five that are dead give way", shards == {"0", "1"} and len(clients) == 5 and
          all(one.submit() == OK for one in living), (shards, len(clients)))

    ghosts_of = [bound(server.port, "many") for _ in range(MANY)]
    clients, seconds = at_once(server.port, "many", MANY)
    check(f"{MANY} that come back at once all get in", len(clients) == MANY and seconds < SOON_S, (len(clients), seconds))
    check("... and stay", [one.submit() for one in clients] == [OK] * MANY)
    check("... and those that were there are gone", all(one.ended() for one in ghosts_of))


def waiting(server):
    ghost = bound(server.port, "one")
    begin = time.monotonic()
    refused = Client(server.port, "127.0.0.2").bind("one")
    check("from another address it is refused at once", refused == RBINDFAIL and time.monotonic() - begin < SOON_S)

    leaver = Client(server.port)
    leaver.send(TRX, bind_body("one"))
    check("who waits may leave", not leaver.ended(0.5))
    leaver.close()
    stayer = Client(server.port)
    sequence = stayer.send(TRX, bind_body("one"))
    stayer.send(ENQUIRE_LINK)
    check("... and who stays waits", not stayer.ended(0.5) and not stayer.rest)
    stayer.answers = True
    ghost.close()
    begin = time.monotonic()
    check("... until there is a place", stayer.answer(sequence)[0] == OK and time.monotonic() - begin < SOON_S)

    # Accounts change meanwhile.
    ghost = bound(server.port, "other")
    client = Client(server.port)
    sequence = client.send(TRX, bind_body("other"))
    time.sleep(0.3)
    of_other = '"other"\npassword = "secret"\nmax_binds = 1'
    server.reload(config(LONG_PROBE_MS).replace(of_other, of_other.replace("1", "2")))
    check("a place that a reload gives is taken", client.answer(sequence)[0] == OK)
    clients = [Client(server.port) for _ in range(2)]
    sequences = [client.send(TRX, bind_body("other")) for client in clients]
    time.sleep(0.3)
    server.reload(config(LONG_PROBE_MS).replace(of_other, of_other.replace("secret", "changed")))
    check("another password refuses those that wait", [client.answer(sequence)[0] for client, sequence in
          zip(clients, sequences)] == [RBINDFAIL] * 2 and server.said('cause="the account has changed"'), server.log())


def ends(server):
    ghosts_left = [bound(server.port, "eight") for _ in range(8)]
    client = Client(server.port)
    sequence = client.send(TRX, bind_body("eight"))
    time.sleep(0.3)
    status, seconds = server.stop()
    check("an end does not wait for those that do", status == 0 and seconds < SOON_S, (status, seconds))
    check("... who hear of it", client.answer(sequence)[0] in (RBINDFAIL, None) and len(ghosts_left) == 8)
