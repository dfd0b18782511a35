"""Rates and quotas of an account, its binds and a listener."""
import time

from daemon import Server, account, listener
from esme import (DATA, HERE, OK, RMSGQFUL, RSYSERR, RTHROTTLED, RX_P_APPN, RX_R_APPN, RX_T_APPN, SAR_REFERENCE, SAR_SEQUENCE,
                  SAR_TOTAL, THERE, UDH, bound, data_sm, part, tlv)
from report import check

# So slow that nothing comes back within a test.
NEVER = "0.001"

LISTENERS = listener() + listener(f'rate = {NEVER}\nburst = 4\nrate_status = "ESME_RX_T_APPN"')
ACCOUNTS = {
    "rate": f"rate = {NEVER}\nburst = 3",
    "refill": "rate = 0.4\nburst = 2",
    "status": f'rate = {NEVER}\nburst = 1\nrate_status = "ESME_RSYSERR"',
    "bind": f'bind_rate = {NEVER}\nbind_burst = 2\nbind_rate_status = "ESME_RMSGQFUL"',
    "day": 'day_quota = 3\nday_quota_status = "ESME_RMSGQFUL"',
    "pace": 'rate = 10\nburst = 1\nover_rate = "pace"',
    "bindpace": 'bind_rate = 10\nbind_burst = 1\nover_rate = "pace"',
    "all": f'rate = {NEVER}\nburst = 5\nbind_rate = {NEVER}\nbind_burst = 3\nbind_rate_status = "ESME_RX_P_APPN"\n'
           'day_quota = 4\nday_quota_status = "ESME_RX_R_APPN"',
    "parts": f"rate = {NEVER}\nburst = 5",
    "sar": f"rate = {NEVER}\nburst = 5",
    "partday": 'day_quota = 4\nday_quota_status = "ESME_RMSGQFUL"',
    "multi": "rate = 1\nburst = 1",
    "multiday": "day_quota = 5",
    "one": "",
    "two": "",
}
MINUTES = [f"minute{i}" for i in range(3)]
ACCOUNTS |= {name: 'minute_quota = 3\nminute_quota_status = "ESME_RMSGQFUL"' for name in MINUTES}


def config(**changed):
    return LISTENERS + "".join(account(name, more) for name, more in (ACCOUNTS | changed).items())


def play():
    with Server(config()) as server:
        rates(server)
        quotas(server)
        together(server)
        parts(server)
        multis(server)
        reloads(server)
        pace(server)
        totals(server)


def rates(server):
    a, b = bound(server.port, "rate"), bound(server.port, "rate")
    check("an account's burst is that of all its binds", [a.submit(), b.submit(), a.submit(), b.submit(), a.submit()] ==
          [OK] * 3 + [RTHROTTLED] * 2)
    check("... whatever the command", b.ask(DATA, data_sm(HERE, THERE))[0] == RTHROTTLED and
          b.multi(1)[0] == RTHROTTLED)
    a.close()
    check("... and another bind gets no other", bound(server.port, "rate").submit() == RTHROTTLED)

    a = bound(server.port, "refill")
    begin = time.monotonic()
    first = a.submits(4)
    if time.monotonic() - begin < 2:
        check("a rate refuses above its burst", first == [OK, OK, RTHROTTLED, RTHROTTLED], first)
    time.sleep(2.6)
    check("... and admits again in time", a.submit() == OK)
    check("rate_status is what the client is told", bound(server.port, "status").submits(2) == [OK, RSYSERR])

    a, b = bound(server.port, "bind"), bound(server.port, "bind")
    check("bind_rate is of each bind, with its status", a.submits(3) == b.submits(3) == [OK, OK, RMSGQFUL])

    a, b = bound(server.ports[1], "one"), bound(server.ports[1], "two")
    check("a listener's rate is of all who came by it", [a.submit(), b.submit(), a.submit(), b.submit(), a.submit(), b.submit()] ==
          [OK] * 4 + [RX_T_APPN] * 2)
    check("... and of nobody else", bound(server.port, "one").submits(9) == [OK] * 9)


def quotas(server):
    for name in MINUTES:
        minute = time.time() // 60
        a, b = bound(server.port, name), bound(server.port, name)
        got = [a.submit(), b.submit(), a.submit(), b.submit()]
        # Otherwise the minute has ended meanwhile.
        if minute == time.time() // 60:
            check("a minute's quota is of all binds", got == [OK] * 3 + [RMSGQFUL], got)
            break
    a, b = bound(server.port, "day"), bound(server.port, "day")
    check("a day's quota is of all binds", [a.submit(), b.submit(), a.submit(), b.submit()] == [OK] * 3 + [RMSGQFUL])


def together(server):
    a, b = bound(server.port, "all"), bound(server.port, "all")
    check("of several limits each has its status", a.submits(4) == [OK] * 3 + [RX_P_APPN] and
          b.submits(2) == [OK, RX_R_APPN])
    check("... and what one refuses no other has lost", "changed=1" in
          server.reload(config(all=ACCOUNTS["all"].replace("day_quota = 4", "day_quota = 400"))) and
          b.submits(2) == [OK, RTHROTTLED], server.log())


def parts(server):
    a, b = bound(server.port, "parts"), bound(server.port, "parts")

    def send(client, reference, number):
        return client.submit(HERE, THERE, text=part(reference, 3, number) + b"part", esm_class=UDH)

    check("a long message is admitted as a whole", send(a, 1, 2) == OK)
    check("... so there is no room for another", send(a, 2, 1) == RTHROTTLED)
    check("... for short ones there is", a.submits(3) == [OK, OK, RTHROTTLED])
    check("... and its other parts come by any bind", send(b, 1, 1) == send(a, 1, 3) == OK)
    check("... but no more than it has", send(b, 1, 1) == RTHROTTLED)

    a = bound(server.port, "sar")
    got = [a.submit(HERE, THERE, tlvs=tlv(SAR_REFERENCE, b"\1\2") + tlv(SAR_TOTAL, b"\3") + tlv(SAR_SEQUENCE, bytes([i])))
           for i in (1, 2, 3)]
    check("... also where TLVs say so", got == [OK] * 3 and a.submits(3) == [OK, OK, RTHROTTLED], got)

    a = bound(server.port, "partday")
    check("a quota has room for all of it, or none", [send(a, 1, 1), send(a, 2, 1), a.submit(), a.submit(), send(a, 1, 2),
          send(a, 1, 3)] == [OK, RMSGQFUL, OK, RMSGQFUL, OK, OK])


def multis(server):
    a = bound(server.port, "multi")
    check("a submit_multi is admitted where one of it is", a.multi(100) == (OK, {}))
    time.sleep(1.3)
    check("... and owes the others", a.submit() == RTHROTTLED)
    a = bound(server.port, "multiday")
    check("of a quota there is no more than there is", [a.multi(3)[0], a.multi(3)[0], a.multi(2)[0], a.submit()] ==
          [OK, RTHROTTLED, OK, RTHROTTLED])


def reloads(server):
    a, b = bound(server.port, "bind"), bound(server.port, "bind")
    check("bind_rate, before a reload", a.submits(3) == b.submits(3) == [OK, OK, RMSGQFUL])
    other = config(bind="bind_rate = 1000\nbind_burst = 1000")
    server.reload(other)
    check("another one holds for binds that are there", a.submits(200) == [OK] * 200)
    server.reload(config())
    b = bound(server.port, "bind")
    check("... and the first one again for new ones", b.submits(3) == [OK, OK, RMSGQFUL])
    server.reload(config(bind=""))
    check("none refuses nothing", b.flood(3000) == [OK] * 3000)
    server.reload(other)
    check("... and what was used before is forgotten", b.submits(200) == [OK] * 200)
    a = bound(server.port, "day")
    server.reload(config(day='day_quota = 5\nday_quota_status = "ESME_RSYSERR"'))
    check("a quota that is changed is used as before", a.submits(3) == [OK, OK, RSYSERR])
    server.reload(config().replace("burst = 4", "burst = 400"))
    check("a listener's rate stays, and the log says so", server.said(r"\[\[listen\]\] is as it was") and
          bound(server.ports[1], "two").submit() == RX_T_APPN, server.log())


def pace(server):
    for name in ("pace", "bindpace"):
        a = bound(server.port, name)
        begin = time.monotonic()
        got = a.flood(20)
        seconds = time.monotonic() - begin
        check(f"{name} refuses nothing, and takes its time", got == [OK] * 20 and seconds > 1.7, (got, seconds))
    server.reload(config(pace='rate = 10\nburst = 1\nover_rate = "pace"\nday_quota = 23'))
    a = bound(server.port, "pace")
    got = a.flood(30)
    check("... but a quota refuses beside it", got == [OK] * 23 + [RTHROTTLED] * 7, got)


def totals(server):
    a, b = bound(server.port, "one"), bound(server.port, "rate")
    a.submits(10)
    b.submits(7)
    server.stop()
    total = server.totals()
    check("what was refused is counted", total["submits"] == total["submits_ok"] + total["submits_throttled"] +
          total["submits_refused"] and total["submits_throttled"] >= 12 and total["submits_refused"] >= 10, total)
