"""The suite against itself: a server that gives tenants what is not theirs, or loses what is, must
be found out. Here it is played: a bind is fed octets that no server should send, books are filled
with what no server should cause. One thing is wrong in each; it alone has to be found.
"""
import os
import random
import selectors
import socket
import struct
import tempfile

import octets
import pdu
from crowd import Counts, Orders, Writer
from esme import SERVING, Caller, Quiet, TenantBind
from judge import Books, TenantLedger
from raw import Raw
from tenant import NUMBERS_PER_TENANT, Tenant, draw_secrets

OWN, OTHER, OLD = (Tenant(index, secret, False, version) for (index, secret), version in zip(
    enumerate(draw_secrets(random.Random(1), 3)), (0x34, 0x34, 0x33)))
NUMBER = NUMBERS_PER_TENANT * OWN.index + 7
OTHERS_NUMBER = NUMBERS_PER_TENANT * OTHER.index + 7
ID = b"010060cdb5cce663"


class Crowd:
    """As much of one as a bind needs."""

    def __init__(self, directory):
        self.random = random.Random(1)
        self.orders = Orders(up=SERVING, era=1)
        self.counts = Counts()
        self.selector = selectors.DefaultSelector()
        self.book = []
        self.cancelled = set()
        self.clock = lambda: 0
        self.path = os.path.join(directory, "ledger")
        self.lines = Writer(self.path)

    def writer(self, _):
        return self.lines

    def phase(self):
        return "canary"

    def next_number(self, tenant):
        return NUMBERS_PER_TENANT * tenant.index + 7

    def wrong(self, tenant, who, what):
        self.lines.wrong(f"canary {who} of {tenant.name}: {what}")

    def measured(self, what, seconds):
        pass


class Fed:
    """A bind that is bound, has submitted one message under ID, and is fed by the test."""

    def __init__(self, directory, kind=TenantBind):
        self.crowd = Crowd(directory)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.bind = kind("canary", OWN, "trx", listener.getsockname()[1], self.crowd, 10)
            self.bind.open(0)
            self.peer, _ = listener.accept()
        if self.bind.state == "closed":
            raise RuntimeError("no connection to ourselves")
        self.feed(pdu.BIND_TRANSCEIVER | pdu.RESPONSE, b"x\0", sequence=1)
        if kind is TenantBind:
            self.bind.submit(0)
            self.sequence = next(iter(self.bind.pending))
            self.feed(next(iter(self.bind.commands.values())) | pdu.RESPONSE, ID + b"\0",
                      sequence=self.sequence)

    def feed(self, command, body=b"", status=0, sequence=900):
        self.bind.take(self.bind.rest + pdu.pdu(command, status, sequence, body), 0)

    def ask(self, target, make, command, *arguments):
        self.bind.ask(command, target, ID, make, *arguments)
        return self.bind.sequence - 1

    def wrongs(self):
        self.crowd.lines.flush()
        self.peer.close()
        if self.bind.state != "closed":
            self.bind.leave()
        ledger = TenantLedger(OWN.name, self.crowd.path)
        wrongs = ledger.new_wrongs()
        ledger.close()
        return wrongs


def receipt(tenant, number, stat=b"DELIVRD", message_id=ID, source=None):
    """A deliver_sm as the server makes them."""
    text = (b"id:%s sub:001 dlvrd:001 submit date:2601010000 done date:2601010000 stat:%s err:000 "
            b"text:%s" % (message_id, stat, tenant.quote(number)))
    return deliver(source or (5, tenant.destination(number)), tenant.source(number), 4, text,
                   octets.tlv(pdu.RECEIPTED_MESSAGE_ID, message_id + b"\0"))


def deliver(source, destination, esm_class, text, tlvs=b""):
    return (b"\0" + octets.address(*source) + octets.address(*destination) +
            bytes((esm_class, 0, 0, 0, 0, 0, 0, 0, 0, len(text))) + text + tlvs)


def mo(tenant):
    return deliver((5, tenant.mo_source()), (1, tenant.number.encode()), 0, tenant.mo_text())


def answer_to(fed, target, make, command, *arguments, status=0, body=b""):
    sequence = fed.ask(target, make, command, *arguments)
    fed.feed(command | pdu.RESPONSE, body, status, sequence)


def impatient(fed, later):
    """Time passes, and nothing comes."""
    if fed.bind.room(0) > 0:
        fed.bind.submit(0)
    fed.bind.check_deadlines(later)


QUERY_RESP = ID + b"\0\0\2\0"
RIGHT = (
    lambda fed: fed.feed(pdu.DELIVER_SM, receipt(OWN, NUMBER)),
    lambda fed: fed.feed(pdu.DELIVER_SM, mo(OWN)),
    lambda fed: answer_to(fed, "own", octets.query_sm, octets.QUERY_SM, (0, b""), body=QUERY_RESP),
    lambda fed: answer_to(fed, "foreign", octets.query_sm, octets.QUERY_SM, (0, b""),
                          status=octets.ESME_RINVMSGID),
)
# What is fed, and what has to be found in each line of the findings.
WRONG = (
    (lambda fed: fed.feed(pdu.DELIVER_SM, receipt(OTHER, OTHERS_NUMBER)),
     ("octets of another", "receipt for another's message")),
    (lambda fed: fed.feed(pdu.DELIVER_SM, receipt(OWN, NUMBER, source=(5, b"QZGGGG"))),
     ("octets of another", "others' addresses")),
    (lambda fed: fed.feed(pdu.DELIVER_SM, receipt(OWN, OTHERS_NUMBER)),
     ("receipt for another's message",)),
    (lambda fed: fed.feed(pdu.DELIVER_SM, receipt(OWN, NUMBER, stat=b"DELETED")),
     ("nobody of this account has ended",)),
    (lambda fed: fed.feed(pdu.DELIVER_SM, mo(OTHER)),
     ("octets of another", "message for another's number")),
    (lambda fed: fed.feed(pdu.DELIVER_SM, deliver((1, b"1"), (1, b"2"), 0, b"who?")),
     ("message for another's number",)),
    (lambda fed: fed.feed(pdu.ENQUIRE_LINK, OTHER.secret), ("octets of another",)),
    (lambda fed: fed.feed(pdu.SUBMIT_SM | pdu.RESPONSE, ID + b"\0"), ("did not ask for it",)),
    (lambda fed: fed.feed(octets.QUERY_SM | pdu.RESPONSE, QUERY_RESP), ("did not ask for it",)),
    (lambda fed: fed.feed(octets.GENERIC_NACK, status=3), ("command_id 0x80000000",)),
    (lambda fed: answer_to(fed, "own", octets.query_sm, octets.QUERY_SM, (0, b""),
                           body=b"ff" + QUERY_RESP), ("asked for",)),
    (lambda fed: answer_to(fed, "foreign", octets.query_sm, octets.QUERY_SM, (0, b""),
                           body=QUERY_RESP), ("query_sm on foreign id",)),
    (lambda fed: answer_to(fed, "foreign", octets.replace_sm, octets.REPLACE_SM, (0, b""), b""),
     ("replace_sm on foreign id",)),
    (lambda fed: answer_to(fed, "no", octets.cancel_sm, octets.CANCEL_SM, (0, b""), (0, b"")),
     ("cancel_sm on no id",)),
    (lambda fed: fed.bind.close(), ("session ended without an unbind",)),
)
WRONG_QUIET = (
    (lambda fed: impatient(fed, 2.1), ("a submit was not answered",)),
    (lambda fed: (fed.bind.submit(0), fed.feed(pdu.SUBMIT_SM | pdu.RESPONSE, b"", 0x14, 2)),
     ("a submit was refused",)),
    (lambda fed: fed.bind.close(), ("session ended without an unbind",)),
)


def fed_findings(play, kind=TenantBind):
    with tempfile.TemporaryDirectory(prefix="ringgate-tenants-") as directory:
        fed = Fed(directory, kind)
        try:
            play(fed)
        except pdu.Wrong as wrong:
            # read() would have written it down.
            fed.bind.wrong(repr(wrong))
        return fed.wrongs()


def refused_at_the_door(status):
    """A bind of a caller, answered so."""
    def play(fed):
        fed.bind.leave()
        fed.bind.state = "binding"
        fed.bind.leave = lambda: None
        fed.bind.on_bind_resp(status)
        fed.bind.state = "closed"
    return play


# One book per tenant: lines of OWN's, of OTHER's, of OLD's.
BOOKS_RIGHT = ((f"S {NUMBER} own c 1", f"A {NUMBER} 010060cdb5cce663",
                f"R {NUMBER} own c 010060cdb5cce663 DELIVRD", "C 010060cdb5cce663"),
               (f"S {OTHERS_NUMBER} other c 1", f"A {OTHERS_NUMBER} 010060cdb5cce665",
                f"R {OTHERS_NUMBER} other c 010060cdb5cce665 DELIVRD"),
               ("S 5 old c 0", "A 5 01cce667"))
BOOKS_WRONG = (
    (((), ("S 8 other c 1", "A 8 ee"), ()), "acked and lost"),
    (((f"R {OTHERS_NUMBER} own c 010060cdb5cce665 DELIVRD",), (), ()),
     "a receipt for what was never submitted"),
    (((), (f"R {OTHERS_NUMBER} other c 010060cdb5cce665 UNDELIV",), ()), "duplicates that differ"),
    (((), ("S 8 other c 0", "A 8 010060cdb5cce663"), ()), "an id given to two tenants"),
    (((), ("S 8 other c 0", "A 8 010060cdb5cce665"), ()), "an id given twice"),
    (((), ("C 010060cdb5cce663",), ()), "another's message was shown"),
    (((), (), ("C 01cce663",)), "another's message was shown"),
    (((), ("S 8 other c 0", "N 8 8 0"), ()), "refused without a reason"),
    (((), ("S 8 other d 0", "U d"), ()), "not answered before an orderly end"),
    (((), ("F canary x: y",), ()), "not to be seen by any client"),
)


def book_findings(added):
    with tempfile.TemporaryDirectory(prefix="ringgate-tenants-") as directory:
        ledgers = []
        for index, name in enumerate(("own", "other", "old")):
            path = os.path.join(directory, name)
            with open(path, "w", encoding="ascii") as file:
                file.write("".join(line + "\n" for line in BOOKS_RIGHT[index] + added[index]))
            ledgers.append(TenantLedger(name, path))
        books = Books(ledgers)
        books.read()
        found = {what for what, _ in books.judge().faults}
        books.close()
        return found


def raw_findings(octets_sent, own):
    """Of a connection that nobody takes apart, fed in small pieces."""
    found = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        one = Raw(listener.getsockname()[1], "127.0.0.1", own, found.append)
        peer, _ = listener.accept()
        with peer:
            for at in range(0, len(octets_sent), 3):
                peer.sendall(octets_sent[at:at + 3])
                one.receive(0.001)
        one.drain()
        one.close()
    return found


def cut_findings():
    """Of a connection that the server cut: a connection at its end, and no fault of this suite."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        one = Raw(listener.getsockname()[1], "127.0.0.1")
        peer, _ = listener.accept()
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        peer.close()
    one.push(b"x")
    if not one.over:
        return ("the cut was not seen",)
    if one.receive(0) is not None:
        return ("something came after the end",)
    try:
        one.send(b"x")
    except OSError:
        return ()
    return ("something was sent after the end",)


def run():
    """What was not found, or was where nothing is, and a summary line."""
    missed = []

    def compare(name, found, expected):
        unfound = [what for what in expected if not any(what in one for one in found)]
        if unfound or len(found) != len(expected):
            missed.append(f"{name}: found {found}, not {expected}")

    for index, play in enumerate(RIGHT):
        compare(f"right {index}", fed_findings(play), ())
    for index, (play, expected) in enumerate(WRONG):
        compare(f"wrong {index}", fed_findings(play), expected)
    for index, (play, expected) in enumerate(WRONG_QUIET):
        compare(f"quiet {index}", fed_findings(play, Quiet), expected)
    compare("door", fed_findings(refused_at_the_door(pdu.ESME_RBINDFAIL), Caller),
            ("its bind was refused",))
    if book_findings(((), (), ())):
        missed.append(f"nothing is wrong, and yet: {book_findings(((), (), ()))}")
    for added, expected in BOOKS_WRONG:
        if book_findings(added) != {expected}:
            missed.append(f"{added}: {book_findings(added)} instead of {expected}")
    stream = b"x" * 100 + OTHER.secret + b"x" * 100
    if not raw_findings(stream, OWN.secret) or raw_findings(stream, OTHER.secret):
        missed.append("a secret in a stream")
    compare("cut", cut_findings(), ())
    return missed, (f"{len(WRONG) + len(WRONG_QUIET) + 1} faults fed, {len(BOOKS_WRONG)} wrong "
                    "books, a stream")
