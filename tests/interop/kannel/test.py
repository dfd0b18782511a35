"""Aim: Kannel, the gateway most small operators run, works with the server as it is configured by
default. Method: submits go in through smsbox's HTTP interface with a dlr-url that leads back to
this program; Kannel matches the receipts, so a report here means that it understood them.

Usage: test.py SENDSMS_PORT ADMIN_PORT CALLBACK_PORT BEARERBOX_LOG
"""
import collections
import http.server
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

from tap import RECEIPT_TEXT, Tap, wait_until

SENDSMS, ADMIN, CALLBACK = (int(argument) for argument in sys.argv[1:4])
LOG = sys.argv[4]

# Kannel's bits of dlr-mask and of what it reports.
DELIVERED, UNDELIVERED, BUFFERED, ACCEPTED, REFUSED = 1, 2, 4, 8, 16

tap = Tap()
reports = collections.defaultdict(list)  # what came to the dlr-url, by message


class Callback(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlparse(self.path).query))
        reports[query["key"]].append((int(query["type"]), query.get("id", ""),
                                      query.get("text", "")))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def fetch(url):
    try:
        with urllib.request.urlopen(url, timeout=10) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def submit(key, smsc="fast", **more):
    callback = f"http://127.0.0.1:{CALLBACK}/?key={key}&type=%d&id=%F&text=%A"
    query = {"username": "test", "password": "test", "smsc": smsc, "from": "4479460001",
             "to": "+33612345678", "text": "hello", "dlr-mask": 31, "dlr-url": callback}
    query.update(more)
    status, body = fetch(f"http://127.0.0.1:{SENDSMS}/cgi-bin/sendsms?"
                         + urllib.parse.urlencode(query))
    assert status == 202, (status, body)


def types(key):
    return [one[0] for one in reports[key]]


def check_delivered(key, seconds=10):
    # The mask asks for intermediate notifications as well. smsbox calls the URL for each report on
    # its own, so the order here is not the order of events.
    wait_until(lambda: {DELIVERED, BUFFERED, ACCEPTED} <= set(types(key)), seconds,
               f"all reports of {key} ({reports[key]})")
    assert sorted(types(key)) == [DELIVERED, BUFFERED, ACCEPTED], reports[key]
    report = next(one for one in reports[key] if one[0] == DELIVERED)
    text = RECEIPT_TEXT.match(report[2])
    assert text and text[2] == "DELIVRD", report
    return text[1]


def log_lines(*words):
    with open(LOG, encoding="latin-1") as log:
        return [line for line in log if all(word in line for word in words)]


@tap.test("all binds come up, transmitter and receiver apart as well")
def _():
    def online():
        return fetch(f"http://127.0.0.1:{ADMIN}/status.txt")[1].count("(online ") == 4
    wait_until(online, 15, "four binds")


@tap.test("accepted, then DELIVRD, reported for each of 50 messages")
def _():
    for number in range(50):
        submit(f"fast-{number}")
    ids = {check_delivered(f"fast-{number}") for number in range(50)}
    assert len(ids) == 50


@tap.test("receipts of a transmitter come to its receiver")
def _():
    for number in range(10):
        submit(f"split-{number}", smsc="split")
    for number in range(10):
        check_delivered(f"split-{number}")


@tap.test("UCS-2, and a long message in parts with UDH")
def _():
    submit("ucs2", coding=2, charset="UTF-8", text="Ci\u00e0o \u4f60\u597d")
    check_delivered("ucs2")
    submit("long", text="long " * 60)
    # The dlr-url is asked for once per message, however many parts it has.
    wait_until(lambda: DELIVERED in types("long"), 10, f"DELIVRD of long ({reports['long']})")


@tap.test("a refused message is reported as refused")
def _():
    # smsbox lets no letters through, but this, of which no digit is left.
    submit("refused", to="+")
    wait_until(lambda: types("refused"), 10, "report")
    assert types("refused") == [REFUSED], reports["refused"]


@tap.test("no receipt where none is asked for")
def _():
    submit("none", **{"dlr-mask": ACCEPTED})
    wait_until(lambda: types("none"), 10, "report")
    time.sleep(1)
    assert types("none") == [ACCEPTED], reports["none"]


@tap.test("a throttled account: Kannel backs off, and all 20 messages come through")
def _():
    for number in range(20):
        submit(f"slow-{number}", smsc="slow")
    for number in range(20):
        check_delivered(f"slow-{number}", seconds=30)
    assert log_lines("SMPP[slow]", "0x00000058"), "never throttled"


@tap.test("idle binds answer enquire_link and stay bound")
def _():
    asked = len(log_lines("type_name: enquire_link_resp"))
    time.sleep(4)
    assert len(log_lines("type_name: enquire_link_resp")) >= asked + 8
    # Each of the four binds was sent once: nothing was lost and bound again.
    assert len(log_lines("type_name: bind_", "_resp")) == 4
    # SMPP 3.4 sends no body with an error (4.4.2); Kannel accepts that and grumbles.
    grumbling = len(log_lines("WARNING", "message_id) has no NULL"))
    assert len(log_lines("WARNING")) == grumbling, "bearerbox complained"
    submit("late")
    check_delivered("late")


server = http.server.ThreadingHTTPServer(("127.0.0.1", CALLBACK), Callback)
threading.Thread(target=server.serve_forever, daemon=True).start()
sys.exit(tap.run())
