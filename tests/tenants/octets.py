"""The PDUs that tenants need beyond those of the chaos suite."""
import struct

import pdu

SUBMIT_MULTI = 0x21
QUERY_SM = 0x03
REPLACE_SM = 0x07
CANCEL_SM = 0x08
DATA_SM = 0x103
GENERIC_NACK = 0x80000000

NAMES = {QUERY_SM: "query_sm", REPLACE_SM: "replace_sm", CANCEL_SM: "cancel_sm"}

ESME_RINVMSGID = 0x0C
ESME_RCANCELFAIL = 0x11
ESME_RTHROTTLED = pdu.ESME_RTHROTTLED

USER_MESSAGE_REFERENCE = 0x0204


def address(ton, text):
    return b"%c\1%s\0" % (ton, text)


def tlv(tag, value):
    return pdu.TLV.pack(tag, len(value)) + value


def tail(registered_delivery, text):
    """Of submit_sm and submit_multi, from esm_class on."""
    return bytes((0, 0, 0, 0, 0, registered_delivery, 0, 0, 0, len(text))) + text


def submit_sm(sequence, source, destination, text, wish, tlvs=b""):
    """Texts above 254 octets go as message_payload."""
    short = text if len(text) <= pdu.SHORT_MESSAGE_MAX else b""
    if not short:
        tlvs = tlv(pdu.MESSAGE_PAYLOAD, text) + tlvs
    return pdu.pdu(pdu.SUBMIT_SM, 0, sequence, b"\0" + address(*source) + address(*destination) +
                   tail(wish, short) + tlvs)


def data_sm(sequence, source, destination, text, wish, tlvs=b""):
    return pdu.pdu(DATA_SM, 0, sequence, b"\0" + address(*source) + address(*destination) +
                   bytes((0, wish, 0)) + tlv(pdu.MESSAGE_PAYLOAD, text) + tlvs)


def submit_multi(sequence, source, destinations, text, wish, tlvs=b""):
    listed = b"".join(b"\1" + address(*one) for one in destinations)
    return pdu.pdu(SUBMIT_MULTI, 0, sequence, b"\0" + address(*source) +
                   bytes((len(destinations),)) + listed + tail(wish, text) + tlvs)


def query_sm(sequence, message_id, source):
    return pdu.pdu(QUERY_SM, 0, sequence, message_id + b"\0" + address(*source))


def cancel_sm(sequence, message_id, source, destination):
    return pdu.pdu(CANCEL_SM, 0, sequence, b"\0" + message_id + b"\0" + address(*source) +
                   address(*destination))


def replace_sm(sequence, message_id, source, text):
    return pdu.pdu(REPLACE_SM, 0, sequence, message_id + b"\0" + address(*source) + b"\0\0" +
                   bytes((1, 0, len(text))) + text)


class Deliver:
    """A deliver_sm taken apart."""
    __slots__ = ("source", "destination", "esm_class", "text", "tlvs")

    def __init__(self, body):
        self.source, at = c_string(body, body.index(0) + 3)
        self.destination, at = c_string(body, at + 2)
        self.esm_class = body[at]
        at = body.index(0, at + 3) + 1      # protocol_id, priority_flag, schedule_delivery_time
        at = body.index(0, at) + 6          # validity_period, four single octets, sm_length
        end = at + body[at - 1]
        self.text = body[at:end]
        self.tlvs = pdu.tlvs_of(body, end)


def c_string(body, at):
    end = body.index(0, at)
    return body[at:end], end + 1


def short_id(long_id):
    """The id that the server gives below 3.4, from the one that it gives above: shard (6 bits) and
    the low 26 bits.
    """
    value = int(long_id, 16)
    return b"%08x" % ((value >> 48 & 0x3F) << 26 | value & 0x3FFFFFF)


def neighbour(message_id, distance):
    """An id beside that one, in the same form."""
    return b"%0*x" % (len(message_id), (int(message_id, 16) + distance) % 16 ** len(message_id))


def header(size, command, sequence=1):
    return struct.pack(">IIII", size, command, 0, sequence)
