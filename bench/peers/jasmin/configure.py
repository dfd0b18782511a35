"""Tells Jasmin's console of a user and of a route to a connector that is not started: Jasmin answers once a message is in
its queue at RabbitMQ, and that is where it ends."""
import socket
import sys
import time

COMMANDS = """group -a
gid peers
ok
user -a
username test
password test
uid test
gid peers
ok
smppccm -a
cid nobody
port 1
ok
mtrouter -a
type DefaultRoute
connector smppc(nobody)
rate 0.0
ok
quit
"""


def main():
    for _ in range(200):
        try:
            console = socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=5)
            break
        except OSError:
            time.sleep(0.1)
    for line in COMMANDS.splitlines():
        console.sendall(line.encode() + b"\r\n")
        time.sleep(0.1)
        console.recv(65536)


main()
