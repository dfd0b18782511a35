"""Aim: a decoder that is not ours reads the golden PDUs as we do. Method: each PDU becomes one TCP
segment of a capture; what tshark decodes is compared field by field with the JSON beside the PDU.

Usage: golden.py write GOLDEN_DIRECTORY PCAP
       golden.py judge GOLDEN_DIRECTORY PDML
"""
import collections
import json
import pathlib
import re
import struct
import sys
import xml.etree.ElementTree

PORT = 2775

# Where Wireshark names a TLV's value otherwise than SMPP 5.0 does, or splits it.
WIRESHARK_TLVS = {
    "sc_interface_version": {"SC_interface_version"},
    "dest_port": {"destination_port"},
    "network_error_code": {"network_error.type"},
    "broadcast_content_type": {"broadcast_content_type.nw"},
    "alert_on_message_delivery": {"alert_on_message_delivery_type",
                                  "alert_on_message_delivery_null"},
    "billing_identification": {"billing_id"},
}
# The lists of submit_multi: their counts are not shown, their entries one field at a time.
LISTS = {"dest_address", "unsuccess_sme"}
COUNTS = {"number_of_dests", "no_unsuccess"}
# Wireshark 4.0 reads one octet of this TLV's two and takes the other for the next tag.
LOSES_ITS_WAY = "broadcast_rep_num"
# Bit fields: any part of them carries the whole octet.
WHOLE_OCTETS = {"esm_class": "esm.submit.msg_mode", "registered_delivery": "regdel.receipt"}
TEXTS = {"system_id", "password", "system_type", "address_range", "service_type", "source_addr",
         "destination_addr", "message_id", "esme_addr"}
TIMES = {"schedule_delivery_time", "validity_period", "final_date"}


def entries(directory):
    """All with a header that says how long they are; others make no PDU to a dissector."""
    for path in sorted(pathlib.Path(directory).glob("*.json")):
        for entry in json.loads(path.read_text()):
            pdu = bytes.fromhex(entry["hex"])
            if len(pdu) >= 16 and struct.unpack(">I", pdu[:4])[0] == len(pdu):
                yield entry, pdu


def write(directory, target):
    """A segment per PDU, each of a connection of its own: no PDU can spoil the next."""
    with open(target, "wb") as pcap:
        pcap.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 101))  # raw IP
        for number, (_, pdu) in enumerate(entries(directory)):
            tcp = struct.pack(">HHIIBBHHH", 20000 + number, PORT, 1, 1, 5 << 4, 0x18, 65535, 0, 0)
            ip = struct.pack(">BBHHHBBHII", 0x45, 0, 40 + len(pdu), number, 0, 64, 6, 0,
                             0x7F000001, 0x7F000001)
            frame = ip + tcp + pdu
            pcap.write(struct.pack("<IIII", number, 0, len(frame), len(frame)) + frame)



class Decoded:
    """One PDU as tshark sees it."""

    def __init__(self, packet):
        self.complaints = [
            one.get("showname") or one.get("name") for one in packet.iter("field")
            if one.get("name") in ("_ws.malformed", "smpp.message_payload.duplicate")
            or (one.get("name") == "_ws.expert.severity" and int(one.get("show"), 0) >= 0x00800000)]
        self.complaints += [one.get("name") for one in packet.iter("proto")
                            if one.get("name") == "_ws.malformed"]
        self.smpp = [one for one in packet.iter("proto") if one.get("name") == "smpp"]
        self.fields = {}
        self.every = collections.defaultdict(list)
        self.tlvs = []
        for proto in self.smpp:
            for one in proto.iter("field"):
                self.fields.setdefault(one.get("name", "").removeprefix("smpp."), one)
                self.every[one.get("name", "").removeprefix("smpp.")].append(one)
                if one.get("name") == "smpp.opt_param":
                    self.tlvs.append(one)

    def number(self, name):
        return int(self.fields[name].get("show"), 0)

    def octets(self, name):
        return bytes.fromhex(self.fields[name].get("value", ""))

    def command(self):
        # "Operation: Submit_sm - resp (0x80000004)"
        name = self.fields["command_id"].get("showname").split(": ", 1)[1].rsplit(" (", 1)[0]
        return name.lower().replace(" - ", "_")


def differences(entry, pdu, decoded):
    """Lines about what the two see differently."""
    json_pdu = entry["json"]
    if len(decoded.smpp) != 1:
        yield f"{len(decoded.smpp)} PDUs"
        return

    def compare(what, ours, theirs):
        if ours != theirs:
            yield f"{what}: {ours!r} here, {theirs!r} in Wireshark"

    response = decoded.number("command_id") & 0x80000000
    yield from compare("command", json_pdu["command"], decoded.command())
    yield from compare("sequence_number", json_pdu["sequence_number"],
                       decoded.number("sequence_number"))
    if response:  # Wireshark shows no command_status of a request.
        yield from compare("command_status", json_pdu["command_status"],
                           decoded.number("command_status"))
    if "fault" in json_pdu:
        return  # What cannot be decoded here need not be decoded alike there.
    if response and json_pdu["command_status"] != 0:
        return  # Wireshark reads no body behind an error.
    if json_pdu["command"] == "deliver_sm_resp" and "body" not in json_pdu:
        return  # Wireshark insists on a body here; clients that send none are common.
    tlvs_of_ours = json_pdu.get("tlvs", [])
    lost = any(one.get("name") == LOSES_ITS_WAY for one in tlvs_of_ours)
    if not lost:
        yield from (f"Wireshark complains: {one}" for one in decoded.complaints)

    for name, ours in json_pdu.get("body", {}).items():
        if name in COUNTS:
            yield from compare(name, ours, len(decoded.every["destination_addr"]))
        elif name in LISTS:
            for index, entry_of_list in enumerate(ours):
                for inner, value in entry_of_list.items():
                    theirs = decoded.every[inner][index].get("value")
                    if isinstance(value, str):
                        value = (value.encode("latin-1") + b"\0").hex()
                        yield from compare(inner, value, theirs)
                    else:
                        yield from compare(inner, value, int(theirs, 16))
        elif name in TEXTS or name in TIMES:
            present = [one for one in (name, name + "_r") if one in decoded.fields]
            if not present:
                # Wireshark leaves out what is empty.
                yield from compare(name, ours, "")
                continue
            yield from compare(name, ours.encode("latin-1") + b"\0", decoded.octets(present[0]))
        elif name == "short_message":
            theirs = decoded.octets("message") if "message" in decoded.fields else b""
            yield from compare(name, ours, theirs.hex())
            yield from compare("sm_length", len(ours) // 2, decoded.number("sm_length"))
        elif name in WHOLE_OCTETS:
            one = decoded.fields[WHOLE_OCTETS[name]]
            yield from compare(name, ours, int(one.get("unmaskedvalue"), 16))
        elif name in decoded.fields:
            yield from compare(name, ours, decoded.number(name))
        else:
            yield f"{name}: {ours!r} here, absent in Wireshark"

    ours_tlvs = tlvs_of_ours
    if lost:
        return
    yield from compare("TLVs", [one["tag"] for one in ours_tlvs],
                       [int(one.find("field[@name='smpp.opt_param_tag']").get("show"), 0)
                        for one in decoded.tlvs])
    for ours, theirs in zip(ours_tlvs, decoded.tlvs):
        # Where Wireshark sees the TLV within the PDU; it gives no value for one that it splits.
        start = int(theirs.get("pos")) - int(decoded.fields["command_length"].get("pos"))
        octets = pdu[start:start + int(theirs.get("size"))]
        yield from compare(f"TLV {ours['tag']}", ours["value"], octets[4:].hex())
        if "name" in ours:
            names = [one.get("name") for one in theirs.iter("field")]
            wanted = WIRESHARK_TLVS.get(ours["name"], {ours["name"]})
            if not any(f"smpp.{one}" in names for one in wanted):
                yield f"TLV {ours['tag']}: {ours['name']} here, {names} in Wireshark"


def judge(directory, pdml):
    # Texts come as they are, control characters included, which XML cannot hold. What is compared
    # is the hexadecimal form beside them.
    text = pathlib.Path(pdml).read_text(encoding="utf-8", errors="replace")
    text = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "?", text)
    packets = xml.etree.ElementTree.fromstring(text.split("?>", 1)[1]).findall("packet")
    wanted = list(entries(directory))
    failed = 0
    # Numbers follow those of session.py.
    good = bool(wanted) and len(packets) == len(wanted)
    print(f"{'ok' if good else 'not ok'} 5 - tshark decodes {len(wanted)} golden PDUs")
    failed |= not good
    for number, ((entry, pdu), packet) in enumerate(zip(wanted, packets), start=6):
        found = list(differences(entry, pdu, Decoded(packet)))
        print(f"{'not ok' if found else 'ok'} {number} - golden: {entry['name']}")
        for line in found:
            failed = True
            print(f"# {line}")
    return int(failed)


if sys.argv[1] == "write":
    write(sys.argv[2], sys.argv[3])
else:
    sys.exit(judge(sys.argv[2], sys.argv[3]))
