"""Aim: smpplib, whose parser is strict, works with the server. Method: each test binds clients of
its own at the given port, submits, and waits for answers and receipts.

Usage: test.py PORT
"""
import logging
import os
import ssl
import sys
import time

import smpplib.client
import smpplib.consts
import smpplib.exceptions
import smpplib.gsm

from tap import RECEIPT_TEXT, Tap, wait_until

PORT = int(sys.argv[1])
SOURCE = "4479460001"
DESTINATION = "33612345678"
TIMEOUT_S = 10

tap = Tap()
logging.disable(logging.CRITICAL)


TLS = None
if os.environ.get("RINGGATE_INTEROP_TLS"):
    TLS = ssl.create_default_context(cafile=os.environ["RINGGATE_TEST_CERTIFICATES"] + "/ca.pem")
    TLS.check_hostname = False


class Esme:
    """One bind. What came is kept: message ids by sequence number, receipts in order."""

    def __init__(self, mode, password="test", timeout=5):
        # With False, smpplib raises an exception at any TLV that it does not know.
        self.client = smpplib.client.Client("127.0.0.1", PORT, timeout=timeout,
                                            allow_unknown_opt_params=False, ssl_context=TLS)
        self.ids = {}
        self.delivered = []
        self.client.set_message_sent_handler(self.on_sent)
        self.client.set_message_received_handler(self.on_deliver)
        self.client.connect()
        try:
            self.response = getattr(self.client, "bind_" + mode)(system_id="test",
                                                                 password=password)
        except smpplib.exceptions.PDUError:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.client.state = smpplib.consts.SMPP_CLIENT_STATE_OPEN
        self.client.disconnect()

    def on_sent(self, pdu):
        self.ids[pdu.sequence] = pdu.message_id.decode()

    def on_deliver(self, pdu):
        self.delivered.append(pdu)

    def submit(self, octets, **fields):
        values = dict(
            source_addr_ton=smpplib.consts.SMPP_TON_INTL, source_addr_npi=1, source_addr=SOURCE,
            dest_addr_ton=smpplib.consts.SMPP_TON_INTL, dest_addr_npi=1,
            destination_addr=DESTINATION, registered_delivery=True)
        if octets is not None:
            values["short_message"] = octets
        values.update(fields)
        return self.client.send_message(**values).sequence

    def id_of(self, sequence):
        return wait_until(lambda: self.client.poll() or self.ids.get(sequence), TIMEOUT_S,
                          "submit_sm_resp")

    def receipts_of(self, message_id):
        return [pdu for pdu in self.delivered
                if pdu.short_message.startswith(f"id:{message_id} ".encode())]

    def receipt_of(self, message_id):
        return wait_until(lambda: self.client.poll() or self.receipts_of(message_id), TIMEOUT_S,
                          f"receipt of {message_id}")[0]


def check_receipt(pdu, message_id):
    # Not smpplib's SMPP_MSGTYPE_DELIVERYACK, which is the acknowledgement of a handset (0x08).
    assert pdu.esm_class & 0x3c == 0x04, pdu.esm_class
    text = RECEIPT_TEXT.match(pdu.short_message.decode("latin-1"))
    assert text and text.groups() == (message_id, "DELIVRD"), pdu.short_message
    assert pdu.receipted_message_id.decode().rstrip("\0") == message_id, pdu.receipted_message_id
    assert pdu.message_state == 2, pdu.message_state
    assert (pdu.source_addr.decode(), pdu.destination_addr.decode()) == (DESTINATION, SOURCE)
    assert (pdu.source_addr_ton, pdu.source_addr_npi) == (1, 1)
    assert pdu.data_coding == 0, pdu.data_coding
    # Octets of UCS-2 or of a UDH are no text in the receipt's own data_coding; a client that
    # decodes the receipt would fail on them, and one that ends strings at NUL would cut it.
    snippet = pdu.short_message.split(b" text:", 1)[1]
    assert all(0x20 <= octet < 0x7f for octet in snippet), f"unreadable text: {snippet}"


def submit_and_check(esme, messages):
    """Submits all at once, then waits for every id and every receipt."""
    sequences = [esme.submit(octets, **fields) for octets, fields in messages]
    ids = [esme.id_of(sequence) for sequence in sequences]
    assert len(set(ids)) == len(ids), ids
    for message_id in ids:
        check_receipt(esme.receipt_of(message_id), message_id)
    return ids


@tap.test("receipts of a transmitter's submits come to the receiver")
def _():
    with Esme("transmitter") as tx, Esme("receiver") as rx:
        ids = [tx.id_of(tx.submit(b"hello")) for _ in range(10)]
        for message_id in ids:
            check_receipt(rx.receipt_of(message_id), message_id)
        assert not tx.delivered


@tap.test("a transceiver has 50 submits open and gets every receipt once")
def _():
    with Esme("transceiver") as trx:
        ids = submit_and_check(trx, [(b"hello", {})] * 50)
        assert len(trx.delivered) == 50
        assert all(len(trx.receipts_of(message_id)) == 1 for message_id in ids)


@tap.test("UCS-2")
def _():
    parts, coding, esm_class = smpplib.gsm.make_parts("Ciào \u4f60\u597d \U0001f600")
    assert (len(parts), coding) == (1, smpplib.consts.SMPP_ENCODING_ISO10646)
    with Esme("transceiver") as trx:
        submit_and_check(trx, [(parts[0], {"data_coding": coding, "esm_class": esm_class})])


@tap.test("a long message in parts with UDH, GSM 7-bit and UCS-2")
def _():
    with Esme("transceiver") as trx:
        for text in ("long " * 100, "\u4f60\u597d" * 100):
            parts, coding, esm_class = smpplib.gsm.make_parts(text)
            assert len(parts) > 2
            assert esm_class == smpplib.consts.SMPP_GSMFEAT_UDHI
            submit_and_check(trx, [(part, {"data_coding": coding, "esm_class": esm_class})
                                   for part in parts])


@tap.test("a long message in parts with sar_* TLVs")
def _():
    parts, coding, esm_class = smpplib.gsm.make_parts("long " * 100, use_udhi=False)
    with Esme("transceiver") as trx:
        submit_and_check(trx, [
            (part, {"data_coding": coding, "esm_class": esm_class, "sar_msg_ref_num": 7,
                    "sar_total_segments": len(parts), "sar_segment_seqnum": number})
            for number, part in enumerate(parts, start=1)])


@tap.test("a long message as message_payload")
def _():
    with Esme("transceiver") as trx:
        submit_and_check(trx, [(None, {"message_payload": b"x" * 1000})])


@tap.test("a wrong password gets ESME_RBINDFAIL")
def _():
    try:
        Esme("transceiver", password="wrong").close()
    except smpplib.exceptions.PDUError as error:
        assert error.args[1] == smpplib.consts.SMPP_ESME_RBINDFAIL, error
    else:
        raise AssertionError("bound")


@tap.test("a destination of letters gets ESME_RINVDSTADR and the session goes on")
def _():
    with Esme("transceiver") as trx:
        errors = []
        trx.client.set_error_pdu_handler(errors.append)
        # smpplib calls this handler as well, with a response that has no message_id.
        trx.client.set_message_sent_handler(lambda pdu: None)
        trx.submit(b"hello", destination_addr="nobody")
        wait_until(lambda: trx.client.poll() or errors, TIMEOUT_S, "error")
        assert errors[0].command == "submit_sm_resp", errors[0].command
        assert errors[0].status == smpplib.consts.SMPP_ESME_RINVDSTADR, errors[0].status
        trx.client.set_message_sent_handler(trx.on_sent)
        submit_and_check(trx, [(b"hello", {})])


@tap.test("a client that only answers enquire_link stays bound")
def _():
    with Esme("transceiver", timeout=10) as trx:
        asked = []
        answer = trx.client._enquire_link_received
        trx.client._enquire_link_received = lambda pdu: (asked.append(pdu), answer(pdu))
        end = time.monotonic() + 4.5
        while time.monotonic() < end:
            trx.client.poll()
            time.sleep(0.02)
        assert len(asked) >= 3, len(asked)
        submit_and_check(trx, [(b"hello", {})])


@tap.test("the client's own enquire_link, sent after its read timeout, is answered")
def _():
    with Esme("receiver", timeout=0.2) as rx:
        answers = []
        read = rx.client.read_pdu
        rx.client.read_pdu = lambda: answers.append(read()) or answers[-1]
        wait_until(lambda: rx.client.read_once() or
                   any(pdu.command == "enquire_link_resp" for pdu in answers), TIMEOUT_S,
                   "enquire_link_resp")


@tap.test("unbind is answered")
def _():
    with Esme("transceiver") as trx:
        response = trx.client.unbind()
        assert response.command == "unbind_resp", response.command
        assert response.status == 0


sys.exit(tap.run())
