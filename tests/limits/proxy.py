"""Listeners that say where connections may come from, and the PROXY protocol, by which a load balancer says for whom it comes."""
import os
import re
import socket
import ssl
import struct
import threading
import time

import daemon
from daemon import Server, account, listener
from esme import OK, PATIENCE_S, RBINDFAIL, RESPONSE, RINVCMDLEN, TRX, Client, bind_body, bound, pdu
from report import check, skip

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
HEADER_S = 3       # a header has to be there within
SOON_S = 15        # ... on a machine that has more to do
HALVES = 2000
MEMORY_KIB_MAX = 64 * 1024
PLAIN, NEAR, OWN, TLS = range(4)    # listeners


def version1(source="192.0.2.7", port=1234, family="TCP4", target="203.0.113.1"):
    return f"PROXY {family} {source} {target} {port} 2775\r\n".encode()


def version2(source="192.0.2.7", port=1234, command=1, tlvs=b""):
    kind, family, target = socket.AF_INET, 0x11, "203.0.113.1"
    if ":" in source:
        kind, family, target = socket.AF_INET6, 0x21, "2001:db8::1"
    addresses = socket.inet_pton(kind, source) + socket.inet_pton(kind, target) + struct.pack(">HH", port, 2775) + tlvs
    return SIGNATURE + bytes([0x20 | command, family]) + struct.pack(">H", len(addresses)) + addresses


def tlv2(kind, value):
    return struct.pack(">BH", kind, len(value)) + value


TLVS = tlv2(1, b"h2") + tlv2(2, b"smsc.example") + tlv2(4, bytes(300)) + tlv2(0xEA, b"\1vpce-08d2bf15fac5001c9")
LOCAL = SIGNATURE + b"\x20\0\0\0"
# Headers, and the peer that they announce; None: the connection's own.
GOOD = [
    ("version 1, TCP4", version1(), "192.0.2.7:1234"),
    ("version 1, TCP6", version1("2001:db8::7", 65535, "TCP6", "2001:db8::1"), "[2001:db8::7]:65535"),
    ("version 1, an IPv4 address inside TCP6", version1("::ffff:192.0.2.9", 7, "TCP6", "::1"), "[::ffff:192.0.2.9]:7"),
    ("version 1, UNKNOWN", b"PROXY UNKNOWN\r\n", None),
    ("version 1, UNKNOWN with more behind it", b"PROXY UNKNOWN 192.0.2.7 203.0.113.1 1 2\r\n", None),
    ("version 2, TCP4", version2(), "192.0.2.7:1234"),
    ("version 2, TCP4 with TLVs", version2(tlvs=TLVS), "192.0.2.7:1234"),
    ("version 2, TCP6", version2("2001:db8::7"), "[2001:db8::7]:1234"),
    ("version 2, TCP6 with TLVs", version2("2001:db8::7", tlvs=TLVS), "[2001:db8::7]:1234"),
    ("version 2, LOCAL", LOCAL, None),
    ("version 2, LOCAL with addresses and TLVs", version2(command=0, tlvs=TLVS), None),
    ("version 2, no address", SIGNATURE + b"\x21\0\0\0", None),
]
BIND = pdu(TRX, 1, bind_body("a"))
WRONG = [
    ("a PDU", BIND), ("a line of HTTP", b"GET / HTTP/1.0\r\n\r\n"), ("another family", version1(family="UDP4")),
    ("an address that is none", version1("192.0.2.777")), ("an address with zeros in front", version1("192.0.02.7")),
    ("a name", version1("localhost")), ("IPv6 as TCP4", version1("2001:db8::7")), ("a port that is none", version1(port=65536)),
    ("a port with a sign", version1(port="+1")), ("a space too many", version1(" 192.0.2.7")),
    ("a line without CR", b"PROXY TCP4 192.0.2.7 203.0.113.1 1 2\n" + BIND),
    ("a line without end", b"PROXY UNKNOWN " + b"x" * 200),
    ("lower case", version1().lower()), ("version 2 of another version", SIGNATURE + b"\x11\x11\0\x0c" + bytes(12)),
    ("version 2, UDP", SIGNATURE + b"\x21\x12\0\x0c" + bytes(12)),
    ("version 2, unknown command", SIGNATURE + b"\x2f\x11\0\x0c" + bytes(12)),
    ("version 2, addresses that are too short", SIGNATURE + b"\x21\x11\0\x0b" + bytes(11)),
    ("version 2, longer than anybody needs", SIGNATURE + b"\x21\x11\xff\xff" + bytes(2100)),
    ("a signature with one octet changed", SIGNATURE[:-1] + b"\r\x21\x11\0\x0c" + bytes(12)),
]


def config(certificates):
    tls = f'proxy_from = ["127.0.0.1"]\ntls = {{ cert = "{certificates}/server.pem", key = "{certificates}/server.key" }}'
    return (listener('proxy_from = ["127.0.0.1", "127.0.1.0/24"]') +
            listener('proxy_from = ["127.0.0.1"]\nnetworks = ["192.0.2.0/24", "2001:db8::/32"]') +
            listener('networks = ["127.0.0.2"]') + (listener(tls) if certificates else "") +
            "[limits]\nbind_failures_max = 3\n" + account("a") + account("guessed") +
            account("near", 'networks = ["192.0.2.0/24"]') + account("each", "max_binds_per_address = 1"))


def play():
    certificates = daemon.certificates()
    with Server(config(certificates)) as server:
        unheard = threading.Thread(target=silent, args=(server,), name=threading.current_thread().name)
        unheard.start()
        networks(server)
        headers(server)
        wrong(server)
        rules(server)
        if certificates:
            tls(server, certificates)
        else:
            skip("TLS behind a load balancer", "the build has none")
        unheard.join()
        halves(server)
        ends(server)


def closed(client):
    """Nothing comes but the end, and soon."""
    begin = time.monotonic()
    client.socket.settimeout(SOON_S)
    try:
        return not client.more() and time.monotonic() - begin < SOON_S
    except TimeoutError:
        return False


def networks(server):
    check("who comes from a listener's network binds", bound(server.ports[OWN], "a", source="127.0.0.2") is not None)
    check("who comes from elsewhere is closed", closed(Client(server.ports[OWN])) and server.said(
        r"connection closed peer=127\.0\.0\.1:\d+ .*why=\"not from a network of the listener\""), server.log())


def headers(server):
    for name, header, peer in GOOD:
        behind = len(server.log())
        client = Client(server.port, begin=header)
        shown = peer or f"127.0.0.1:{client.port}"
        check(f"{name}: it is {peer or 'the load balancer'} who binds", client.bind("a") == OK and server.said(
            f"bound system_id=a peer={re.escape(shown)} ", 5, behind), server.log()[behind:])
        check("... and submits", client.submit() == OK)
    for name, header in (("1", version1(port=4001)), ("2", version2("2001:db8::7", 4001, tlvs=TLVS[:40]))):
        client = Client(server.port)
        client.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for octet in header:
            client.socket.sendall(bytes([octet]))
            time.sleep(0.002)
        check(f"version {name}, octet by octet", client.bind("a") == OK and server.said(r"peer=\S+:4001 "))
        client = Client(server.port, begin=header.replace(b"4001", b"4002") + BIND + pdu(0x15, 2))
        check(f"version {name}, and a bind in the same segment", client.answer(1)[0] == OK and client.answer(2)[0] == OK)
        client = Client(server.port, begin=header + header)
        check("... but not another header", client.read()[:2] == (RESPONSE, RINVCMDLEN) and client.ended())
    client = Client(server.port, begin=version1()[:-2])
    client.socket.shutdown(socket.SHUT_WR)
    check("who ends before the header does is closed", closed(client))
    client = Client(server.port, begin=version1())
    client.socket.shutdown(socket.SHUT_WR)
    check("... or right behind it", closed(client))


def wrong(server):
    # The log tells of each address once in a while.
    for i, (name, octets) in enumerate(WRONG):
        source = f"127.0.1.{i + 1}"
        client = Client(server.port, source, begin=octets)
        check(f"{name} is no header", closed(client) and server.said(
            rf"connection of a load balancer closed peer={source}:.* why=\"?\S"), server.log()[-500:])
    for name, header in (("1", version1("198.51.100.77")), ("2", version2("198.51.100.77"))):
        client = Client(server.port, "127.0.0.2", begin=header + BIND)
        check(f"from elsewhere version {name} is no header", client.read()[:2] == (RESPONSE, RINVCMDLEN) and client.ended())
    client = Client(server.port, "127.0.0.2")
    check("... who binds from there counts as what he is", client.bind("a") == OK and
          server.said(rf"bound system_id=a peer=127\.0\.0\.2:{client.port} ") and "198.51.100.77" not in server.log(),
          server.log())


def silent(server):
    for name, octets in (("no header", b""), ("half of version 1", version1()[:20]), ("half of version 2", version2()[:20])):
        client = Client(server.port, begin=octets)
        began = time.monotonic()
        check(f"{name}, and nothing more: closed in time", closed(client) and time.monotonic() - began > HEADER_S * 0.9,
              time.monotonic() - began)


def rules(server):
    def status(name, header, port=PLAIN, **named):
        try:
            return Client(server.ports[port], begin=header).bind(name, **named)
        except ConnectionError:
            return None

    check("an account's networks are about the client", [status("near", version1()), status("near", version1("198.51.100.1")),
          status("near", b"PROXY UNKNOWN\r\n")] == [OK, RBINDFAIL, RBINDFAIL])
    check("... as a listener's are", [status("a", version1(), NEAR), status("a", version2("2001:db8::7"), NEAR),
          status("a", version1("198.51.100.1"), NEAR), status("a", LOCAL, NEAR)] == [OK, OK, None, None])
    clients = [Client(server.port, begin=version1(one)) for one in ("192.0.2.31", "192.0.2.32")]
    check("... as max_binds_per_address is", [one.bind("each") for one in clients] == [OK, OK])

    def is_blocked(seconds):
        return all(server.said(rf"address blocked for this system_id system_id=guessed peer=192\.0\.2\.66:\d+ shard={shard}",
                               seconds) for shard in (0, 1))

    # Of as many at a time, each shard gets some.
    for _ in range(10):
        guessers = [Client(server.port, begin=version1("192.0.2.66")) for _ in range(6)]
        for one in guessers:
            one.bind("guessed", password="wrong")
        if is_blocked(0.1):
            break
    headers_of = version1("192.0.2.66"), version2("192.0.2.66"), version1("192.0.2.67"), LOCAL
    check("blocks are of the client's address", is_blocked(5) and
          [status("guessed", header) for header in headers_of] == [RBINDFAIL, RBINDFAIL, OK, OK], server.log())


def tls(server, certificates):
    context = ssl.create_default_context(cafile=os.path.join(certificates, "ca.pem"))
    for name, header, peer in GOOD[::3]:
        behind = len(server.log())
        client = Client(server.ports[TLS], begin=header, tls=context)
        shown = peer or f"127.0.0.1:{client.port}"
        check(f"TLS behind {name}", client.bind("a") == OK and client.submit() == OK and server.said(
            f"bound system_id=a peer={re.escape(shown)} ", 5, behind), server.log()[behind:])
    client = Client(server.ports[TLS], begin=version2(port=4003, tlvs=TLVS), tls=context, corked=True)
    check("... in one segment with a ClientHello", client.bind("a") == OK)
    try:
        Client(server.ports[TLS], tls=context)
        check("... but not without a header", False)
    except OSError:
        check("... but not without a header", True)


def resident_kib(server):
    with open(f"/proc/{server.process.pid}/status") as file:
        return int(re.search(r"VmRSS:\s+(\d+)", file.read())[1])


def halves(server):
    """Of a load balancer that has gone mad."""
    before = resident_kib(server)
    others = []
    for i in range(HALVES):
        others.append(Client(server.port, begin=version1()[:20] if i % 2 else version2(tlvs=TLVS)[:100]))
    begin = time.monotonic()
    client = None
    while client is None and time.monotonic() - begin < PATIENCE_S:
        try:
            client = bound(server.port, "a", begin=version1())
        except ConnectionError:
            pass
    seconds = time.monotonic() - begin
    check(f"beside {HALVES} halves of a header others bind", client is not None and seconds < HEADER_S, seconds)
    check("... from elsewhere as well", bound(server.port, "a", source="127.0.0.2") is not None)
    check("... and they have no memory to speak of", resident_kib(server) - before < MEMORY_KIB_MAX, resident_kib(server) - before)
    check("... and no place for long", all(closed(one) for one in others))
    check("... while who has bound stays", client is not None and client.submit() == OK)


def ends(server):
    others = [Client(server.port, begin=version1()[:20]) for _ in range(200)]
    time.sleep(0.2)
    status, seconds = server.stop()
    check("an end does not wait for headers", status == 0 and seconds < SOON_S, (status, seconds))
    check("... whose connections are closed", all(closed(one) for one in others))
