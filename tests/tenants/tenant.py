"""Who shares the server: accounts that look alike, each with a secret that all it owns shows.

A secret is QZ and four capitals. No message id, date, state or status of the server can look like
that, so one search finds whatever strays, wherever in a PDU it is.
"""
import crypt
import re

SECRET = re.compile(rb"QZ[G-PR-Y]{4}")
SECRET_SIZE = 6
LETTERS = "GHIJKLMNOPRSTUVWXY"
NUMBERS_PER_TENANT = 10 ** 9
# crypt's least: what is wanted of a hash here is only that its answer comes in another turn.
ROUNDS = 1000


class Tenant:
    """One account. `index` is below 1000, or its messages' numbers would not fit their quote."""

    def __init__(self, index, secret, hashed, version=0x34, options=()):
        self.index = index
        self.name = f"customer{index:02}"
        self.secret = secret
        self.password = f"pw{index:04}"
        self.hashed = hashed
        self.hash = hash_of(self.password) if hashed else None
        self.version = version
        self.options = dict(options)       # more keys of its [[account]]
        self.number = f"4479{index:08}"    # its own in the number plan
        # Nobody else comes from there, so that whatever is counted by address is its own doing.
        self.address = f"127.0.1.{index % 250 + 1}"

    def rows(self):
        """Its part of the configuration."""
        rows = ["[[account]]", f'system_id = "{self.name}"']
        if self.hashed:
            rows.append(f'password_hash = "{self.hash}"')
        else:
            rows.append(f'password = "{self.password}"')
        rows += [f"{key} = {value}" for key, value in self.options.items()]
        return rows + ["[[number]]", f'exact = "{self.number}"', f'account = "{self.name}"']

    def strange(self, octets):
        """The first secret in there that is not its own, or None."""
        return strange(octets, self.secret)

    # What its messages look like, all of it readable from the number of a message.

    def quote(self, number):
        """The first 20 octets of a text, which its receipt repeats."""
        return b"%012d %s " % (number, self.secret)

    def source(self, number):
        """ton and address: either of its two."""
        return (1, self.number.encode()) if number % 2 else (5, self.secret + b"from")

    def destination(self, number):
        """Always of ton 5, the only one that may have letters."""
        return self.secret + b"%012d" % number

    def mo_source(self):
        return self.secret + b"handset"

    def mo_text(self):
        return b"From a subscriber of " + self.secret


def strange(octets, own):
    if b"QZ" not in octets:
        return None
    return next((found for found in SECRET.findall(octets) if found != own), None)


def hash_of(password, rounds=ROUNDS):
    return crypt.crypt(password, crypt.mksalt(crypt.METHOD_SHA512, rounds=rounds))


def draw_secrets(random, count):
    secrets = set()
    while len(secrets) < count:
        secrets.add("QZ" + "".join(random.choices(LETTERS, k=SECRET_SIZE - 2)))
    return [secret.encode() for secret in sorted(secrets)]


class Watch:
    """The same search over a stream that nobody takes apart."""

    def __init__(self, own):
        self.own = own
        self.rest = b""

    def feed(self, octets):
        octets = self.rest + octets
        self.rest = octets[-(SECRET_SIZE - 1):]
        return strange(octets, self.own)
