"""Latencies as ringgate-load writes them (HdrHistogram, version 2, compressed), read and added up."""
import base64
import struct
import zlib

COMPRESSED, PLAIN = 0x1C849314, 0x1C849313
SUB_BITS = 10  # three digits: 2048 values, of which the upper half counts in all buckets but the first


def counts_of(text):
    """{the highest value of a bucket: how many are in it}."""
    octets = base64.b64decode(text)
    cookie, size = struct.unpack(">II", octets[:8])
    payload = zlib.decompress(octets[8:8 + size])
    inner, size, _, digits, lowest, _, _ = struct.unpack(">IIiiqqd", payload[:40])
    if (cookie, inner, digits, lowest) != (COMPRESSED, PLAIN, 3, 1):
        raise ValueError("not a histogram of ringgate-load")
    counts, index, at = {}, 0, 40
    while at < 40 + size:
        value, shift = 0, 0
        for last in range(9):
            octet = payload[at]
            at += 1
            value |= (octet if last == 8 else octet & 0x7F) << shift
            shift += 7
            if octet < 0x80:
                break
        value = value >> 1 ^ -(value & 1)
        if value < 0:
            index -= value
            continue
        bucket = max(0, (index >> SUB_BITS) - 1)
        lowest_in = (index - (bucket << SUB_BITS)) << bucket
        counts[lowest_in + (1 << bucket) - 1] = value
        index += 1
    return counts


def added(histograms):
    out = {}
    for one in histograms:
        for value, count in one.items():
            out[value] = out.get(value, 0) + count
    return out


def quantile(counts, q):
    """The value that this share do not exceed; 0 of none."""
    wanted, seen = q * sum(counts.values()), 0
    for value in sorted(counts):
        seen += counts[value]
        if seen >= wanted:
            return value
    return 0
