"""The octets of SMPP 3.4 that a client needs. Written from the specification and sharing nothing
with the server, so that an error there is not repeated here.
"""
import re
import struct

BIND_RECEIVER = 0x01
BIND_TRANSMITTER = 0x02
SUBMIT_SM = 0x04
DELIVER_SM = 0x05
UNBIND = 0x06
BIND_TRANSCEIVER = 0x09
ENQUIRE_LINK = 0x15
RESPONSE = 0x80000000

ESME_ROK = 0x00
ESME_RINVBNDSTS = 0x04
ESME_RSYSERR = 0x08
ESME_RBINDFAIL = 0x0D
ESME_RMSGQFUL = 0x14
ESME_RSUBMITFAIL = 0x45
ESME_RTHROTTLED = 0x58

BINDS = {"tx": BIND_TRANSMITTER, "rx": BIND_RECEIVER, "trx": BIND_TRANSCEIVER}

HEADER = struct.Struct(">IIII")
TLV = struct.Struct(">HH")
RECEIPTED_MESSAGE_ID = 0x001E
MESSAGE_PAYLOAD = 0x0424
MESSAGE_STATE = 0x0427
ESM_CLASS_RECEIPT = 0x04
SHORT_MESSAGE_MAX = 254

RECEIPT_TEXT = re.compile(
    rb"id:(\S+) sub:\d{3} dlvrd:\d{3} submit date:\d{10} done date:\d{10} "
    rb"stat:(\w{7}) err:\S{3} text:(.*)", re.DOTALL)
QUOTE = re.compile(rb"(\d{12}) chaos/x")
STATS = {2: b"DELIVRD", 5: b"UNDELIV"}


def pdu(command, status, sequence, body=b""):
    return HEADER.pack(HEADER.size + len(body), command, status, sequence) + body


def bind(role, sequence, system_id, password, version=0x34):
    body = b"%s\0%s\0\0%c\0\0\0" % (system_id.encode(), password.encode(), version)
    return pdu(BINDS[role], ESME_ROK, sequence, body)


def quote(number):
    """The first 20 octets of a submit's text, which its receipt repeats."""
    return b"%012d chaos/x" % number


def submit_sm(sequence, number, wishes_receipt, text_size):
    """Text that does not fit short_message travels as message_payload."""
    text = quote(number).ljust(text_size, b"x")
    in_short_message = len(text) <= SHORT_MESSAGE_MAX
    body = (b"\0\x01\x01447946000001\0\x01\x0133612345678\0\0\0\0\0\0" +
            bytes((wishes_receipt, 0, 0, 0, len(text) if in_short_message else 0)))
    if in_short_message:
        body += text
    else:
        body += TLV.pack(MESSAGE_PAYLOAD, len(text)) + text
    return pdu(SUBMIT_SM, ESME_ROK, sequence, body)


class Wrong(Exception):
    """The server has sent something that is not what the specification or this suite expects."""


class Receipt:
    """A deliver_sm that reports the end of a message."""
    __slots__ = ("id", "stat", "number")

    def __init__(self, body):
        text, tlvs = Receipt.parts(body)
        match = RECEIPT_TEXT.fullmatch(text)
        quoted = match and QUOTE.fullmatch(match.group(3))
        if not quoted:
            raise Wrong(f"a receipt reads {text!r}")
        self.id = match.group(1).decode()
        self.stat = match.group(2).decode()
        self.number = int(quoted.group(1))
        # The text and the TLVs say the same, or some clients take one and some the other.
        if tlvs.get(RECEIPTED_MESSAGE_ID) != match.group(1) + b"\0":
            raise Wrong(f"receipted_message_id differs from the text: {text!r} {tlvs}")
        if STATS.get(tlvs.get(MESSAGE_STATE, b"\0")[0]) != match.group(2):
            raise Wrong(f"message_state differs from the text: {text!r} {tlvs}")

    @staticmethod
    def parts(body):
        """The text and the TLVs."""
        at = body.index(0) + 3              # service_type, source ton and npi
        at = body.index(0, at) + 3          # source, destination ton and npi
        at = body.index(0, at) + 1          # destination
        if body[at] != ESM_CLASS_RECEIPT:
            raise Wrong(f"a deliver_sm with esm_class {body[at]:#x}: {body!r}")
        at = body.index(0, at + 3) + 1      # protocol_id, priority_flag, schedule_delivery_time
        at = body.index(0, at) + 6          # validity_period, four single octets, sm_length
        end = at + body[at - 1]
        return body[at:end], tlvs_of(body, end)


def tlvs_of(body, at):
    tlvs = {}
    while at < len(body):
        tag, size = TLV.unpack_from(body, at)
        at += TLV.size
        tlvs[tag] = body[at:at + size]
        at += size
    return tlvs
