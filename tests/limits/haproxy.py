"""HAProxy itself before the server."""
import os
import re
import shutil
import socket
import ssl
import subprocess
import tempfile
import time

import daemon
from daemon import Server, account, listener
from esme import OK, Client
from report import check, skip

CHECK_MS = 100


def free_ports(count):
    probes = [socket.socket() for _ in range(count)]
    for one in probes:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in probes]
    for one in probes:
        one.close()
    return ports


def play():
    program = shutil.which("haproxy") or shutil.which("haproxy", path="/usr/sbin")
    if program is None:
        return skip("behind HAProxy", "haproxy is not there")
    certificates = daemon.certificates()
    names = ["plain"] + (["tls"] if certificates else [])
    doors = [(name, version) for name in names for version in ("send-proxy", "send-proxy-v2")]
    tls = f'tls = {{ cert = "{certificates}/server.pem", key = "{certificates}/server.key" }}'
    config = listener('proxy_from = ["127.0.0.1"]') + (listener('proxy_from = ["127.0.0.1"]\n' + tls) if certificates else "")
    with Server(config + account("a") + account("near", 'networks = ["127.0.0.5"]')) as server:
        ports = free_ports(len(doors))
        lines = ["global", "    maxconn 1000", "    log stdout format raw local0 notice",
                 "defaults", "    mode tcp", "    log global",
                 "    timeout connect 5s", "    timeout client 1m", "    timeout server 1m"]
        for (name, version), port in zip(doors, ports):
            lines += [f"listen {name}-{version}", f"    bind 127.0.0.1:{port}",
                      f"    server smsc 127.0.0.1:{server.ports[names.index(name)]} {version} check inter {CHECK_MS}"]
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "haproxy.cfg")
            with open(path, "w") as file:
                file.write("\n".join(lines) + "\n")
            with open(os.path.join(directory, "log"), "w+") as log:
                process = subprocess.Popen([program, "-db", "-f", path], stdout=log, stderr=log)
                try:
                    behind(server, process, dict(zip(doors, ports)), certificates, log)
                finally:
                    process.kill()
                    process.wait()


def said(log):
    log.seek(0)
    return log.read()


def behind(server, process, ports, certificates, log):
    context = ssl.create_default_context(cafile=os.path.join(certificates, "ca.pem")) if certificates else None
    for (name, version), port in ports.items():
        client = connect(port, process, context if name == "tls" else None)
        check(f"{name}, {version}: a client binds and submits", client and client.bind("a") == OK and client.submit() == OK,
              said(log))
        check("... as who he is", client and server.said(rf"bound system_id=a peer=127\.0\.0\.5:{client.port} ", 5), server.log())
        other = connect(port, process, context if name == "tls" else None)
        check("... also to the account's networks", other and other.bind("near") == OK, server.log())
    time.sleep(10 * CHECK_MS / 1000)
    check("HAProxy finds the server well, and the server HAProxy", "is DOWN" not in said(log) and not re.search(
        "connection of a load balancer closed", server.log()), said(log) + server.log())


def connect(port, process, tls):
    """From an address that is not HAProxy's, once it listens."""
    until = time.monotonic() + 20
    while time.monotonic() < until and process.poll() is None:
        try:
            return Client(port, "127.0.0.5", tls=tls)
        except ConnectionError:
            time.sleep(0.05)
    return None
