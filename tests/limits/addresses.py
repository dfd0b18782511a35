"""Whom an account may send as, and to whom; and mistakes in the file."""
from daemon import Server, account, check_config, listener
from esme import (BROADCAST, DATA, HERE, OK, RINVDSTADR, RINVSRCADR, RTHROTTLED, THERE, address, bound, data_sm, tlv)
from report import check

SOURCES = r"""sources = ["ACME", "4477*", "5/0 Bank", "1/* 33*", "*/* 24/7 Taxi", "5/0 /[A-Z]{3,5}[0-9]?/", '/caf\x{e9}/']"""
DESTINATIONS = 'destinations = ["44", "44955*", "+33"]\ndenied_destinations = ["449", "3360"]'
# Source, TON, NPI, whether it may.
SENT_AS = [("ACME", 5, 0, True), ("ACME", 1, 1, True), ("acme", 5, 0, False), ("ACME ", 5, 0, False), (" ACME", 5, 0, False),
           ("ACMES", 5, 0, True), ("ACMES", 1, 0, False), ("AC", 5, 0, False), ("ABCDEF", 5, 0, False), ("ABC7", 5, 0, True),
           ("447700900001", 1, 1, True), ("4477", 0, 0, True), ("447", 1, 1, False), ("+447700900001", 1, 1, False),
           ("Bank", 5, 0, True), ("Bank", 5, 1, False), ("Bank", 1, 0, False), ("33611111111", 1, 9, True),
           ("33611111111", 2, 1, False), ("24/7 Taxi", 5, 0, True), (b"caf\xe9", 5, 0, True), (b"caf\xc3\xa9", 5, 0, False),
           ("", 0, 0, False)]
SENT_TO = [("447700900002", True), ("+447700900002", True), ("44900900002", False), ("+44900900002", False),
           ("44955000002", True), ("33123456789", True), ("33601234567", False), ("49123456789", False), ("4", False),
           ("++447700900002", False), (" 447700900002", False), ("00447700900002", False)]


def config(more=SOURCES + "\n" + DESTINATIONS):
    return listener() + account("a", more) + account("denied", 'denied_destinations = ["449", "+1"]') + \
        account("empty", 'sources = ["/|ACME/"]') + account("free")


def play():
    with Server(config(SOURCES + "\nday_quota = 50")) as server:
        rules(server)
        multis(server)
        reloads(server)
    mistakes()


def rules(server):
    a = bound(server.port, "a")
    taken = 0
    for text, ton, npi, may in SENT_AS:
        source = address(text, ton, npi)
        got = a.submit(source, THERE), a.ask(DATA, data_sm(source, THERE))[0]
        taken += 2 * may
        check(f"from {text!r} {ton}/{npi} " + ("it may send" if may else "it may not"),
              got == ((OK, OK) if may else (RINVSRCADR, RINVSRCADR)), got)
    longer = address("4477" + "0" * 17), address("4477" + "0" * 60)
    check("a longer one in data_sm is no address, whatever rule it fits",
          [a.ask(DATA, data_sm(one, THERE))[0] for one in longer] == [RINVSRCADR] * 2)
    check("what is refused takes nothing from a quota", a.submits(50 - taken + 1) == [OK] * (50 - taken) + [RTHROTTLED])
    server.reload(config())
    for text, may in SENT_TO:
        for ton in (0, 1, 5):
            got = a.submit(HERE, address(text, ton)), a.ask(DATA, data_sm(HERE, address(text, ton)))[0]
            check(f"to {text!r}, {ton}, " + ("it may send" if may else "it may not"),
                  got == ((OK, OK) if may else (RINVDSTADR, RINVDSTADR)), got)
    b = bound(server.port, "denied")
    got = [b.submit(HERE, address(text)) for text in ("447700900002", "44900900002", "+44900900002", "1202555", "33")]
    check("where only something is denied, all else goes", got == [OK, RINVDSTADR, RINVDSTADR, RINVDSTADR, OK], got)
    b = bound(server.port, "empty")
    check("a submit without a source passes where a rule fits that", b.submit(address("", 0, 0), THERE) == OK and
          b.submit(address("ACME"), THERE) == OK and b.submit(HERE, THERE) == RINVSRCADR)


def multis(server):
    a = bound(server.port, "a")
    there, denied, elsewhere = THERE, address("44900900002"), address("49123456789")
    status, failures = a.multi(0, destinations=[there, denied, elsewhere, there])
    check("of a submit_multi that destination alone is refused", status == OK and
          failures == {"44900900002": RINVDSTADR, "49123456789": RINVDSTADR}, (status, failures))
    check("... and all of it where none is good", a.multi(0, destinations=[denied, elsewhere])[0] == RINVDSTADR)
    check("... or its source is not", a.multi(0, address("Nobody"), [there])[0] == RINVSRCADR)
    body = b"\0" + address("Nobody") + bytes(7) + tlv(0x0606, b"\0A") + tlv(0x0601, b"\0\0\x10") + tlv(0x0604, b"\0\1") + \
        tlv(0x0605, b"\x09\0\1")
    check("a broadcast_sm's source is held against them", a.ask(BROADCAST, body)[0] == RINVSRCADR)


def reloads(server):
    a = bound(server.port, "a")
    server.reload(config('sources = ["Other"]\ndestinations = ["49"]'))
    check("other rules hold for binds that are there", [a.submit(*one) for one in [
        (HERE, address("49123")), (address("Other"), THERE), (address("Other"), address("49123"))]] ==
          [RINVSRCADR, RINVDSTADR, OK])
    server.reload(config(""))
    check("... as none do", a.submit(address("Nobody"), address("7")) == OK)
    free = bound(server.port, "free")
    server.reload(config("").replace('system_id = "free"', 'system_id = "free"\nsources = ["ACME"]'))
    check("... and the first ones", free.submit() == RINVSRCADR and free.submit(address("ACME"), THERE) == OK)
    check("what is wrong with a rule is told, and changes nothing", "account.sources[1]" in
          server.reload(config('sources = ["A", "/(/"]')) and a.submit() == OK)


# Of a listener, of an account, and what is said of it.
MISTAKES = [
    ("", 'sources = ["A*B"]', "line 8: account.sources[0] has a '*' before its end"),
    ("", 'sources = ["A", "/[/"]', "line 8: account.sources[1] has a pattern that RE2 refuses: missing ]"),
    ("", 'sources = ["/(?=A)/"]', "line 8: account.sources[0] has a pattern that RE2 refuses"),
    ("", 'sources = ["/(a{1000}){10}/"]', "line 8: account.sources[0] has a pattern that"),
    ("", 'sources = ["/a/i"]', "line 8: account.sources[0] has no '/' at its end"),
    ("", 'sources = ["//"]', "line 8: account.sources[0]"),
    ("", 'sources = ["256/0 A"]', "line 8: account.sources[0] has a '/', so it must begin with TON and NPI"),
    ("", 'sources = ["24/7 Taxi", "A/B"]', "line 8: account.sources[1] has a '/', so it must begin with TON and NPI"),
    ("", 'sources = ["5/0 "]', "line 8: account.sources[0] has no address"),
    ("", 'sources = [""]', "line 8: account.sources[0] must have 1-255 characters"),
    ("", r'sources = ["A\u0000"]', "line 8: account.sources[0] must not contain a NUL"),
    ("", 'destinations = ["44", "4x"]', "line 8: account.destinations[1] must be digits"),
    ("", 'denied_destinations = ["++44"]', "line 8: account.denied_destinations[0] must be digits"),
    ("", 'denied_destinations = ["123456789012345678901"]', "line 8: account.denied_destinations[0] must have 1-20 characters"),
    ("", 'source = ["A"]', "line 8: unknown key account.source; did you mean sources?"),
    ("", "bind_burst = 3", "line 8: account.bind_burst means nothing without a bind_rate"),
    ("", "day_quta = 3", "line 8: unknown key account.day_quta; did you mean day_quota?"),
    ("", "minute_quota = -1", "line 8: account.minute_quota must be"),
    ("", "day_quota = 5000000000", "line 8: account.day_quota must be"),
    ("", 'day_quota_status = "ESME_ROK"', "line 8: account.day_quota_status must be the name of an error status"),
    ("", 'bind_rate_status = "THROTTLED"', "line 8: account.bind_rate_status must be the name of an error status"),
    ("", 'over_rate = "wait"', "line 8: account.over_rate must be"),
    ("", "max_binds_tx = 100001", "line 8: account.max_binds_tx must be"),
    ("", "max_bind_tx = 1", "line 8: unknown key account.max_bind_tx; did you mean max_binds_tx?"),
    ('networks = ["10.0.0.1/8"]', "", "line 4: listen.networks[0] must be"),
    ('proxy_from = ["lb.example"]', "", "line 4: listen.proxy_from[0] must be"),
    ('proxy_form = ["10.0.0.1"]', "", "line 4: unknown key listen.proxy_form; did you mean proxy_from?"),
    ("burst = 4", "", "line 4: listen.burst means nothing without a rate"),
    ('rate_status = "x"', "", "line 4: listen.rate_status must be the name of an error status"),
]


def mistakes():
    for of_listener, of_account, told in MISTAKES:
        status, said = check_config(listener(of_listener) + account("a", of_account))
        check(f"check refuses {of_listener or of_account}", status != 0 and told in said, said)
    status, said = check_config(listener() + account("a", "[limits]\nghost_probe_ms = 99"))
    check("check refuses a ghost_probe_ms that is too short", status != 0 and "limits.ghost_probe_ms must be" in said, said)
