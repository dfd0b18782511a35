"""What has been measured so far, so that a sweep that was interrupted goes on where it was."""
import fcntl
import json
import os

from trial import Found, Trouble


def is_state(line):
    return isinstance(line, dict) and set(line) == {"of"}


def is_measurement(line):
    return (isinstance(line, dict) and set(line) == {"what", "found"} and isinstance(line["what"], str) and isinstance(line["found"], dict)
            and set(line["found"]) == set(Found.__dataclass_fields__)
            and all(isinstance(value, (int, float)) for value in line["found"].values()))


class State:
    """A file of lines, the first of which says what they are of: another machine, load or build begins anew. Of a damaged
    one, what stands before the damage is used."""

    def __init__(self, path, of, fresh):
        self.path, self.found, self.asked = path, {}, set()
        try:
            self.file = open(path, "r+b" if os.path.exists(path) else "w+b")
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Trouble(f"another ringgate-tune writes {path}; --state names another file") from None
        except OSError as error:
            raise Trouble(f"cannot write {path}: {error.strerror}") from None
        lines, good = self.lines()
        same = bool(lines) and lines[0] == {"of": of} and not fresh
        self.other = bool(lines) and not same and not fresh
        self.file.truncate(good if same else 0)
        self.file.seek(0, os.SEEK_END)
        if same:
            self.found = {line["what"]: line["found"] for line in lines[1:]}
        else:
            self.add({"of": of})

    def lines(self):
        """Those that are whole, and how many octets they are."""
        out, good = [], 0
        for octets in self.file.read().splitlines(keepends=True):
            try:
                line = json.loads(octets)
            except ValueError:
                break
            if not octets.endswith(b"\n") or not (is_measurement(line) if out else is_state(line)):
                break
            out.append(line)
            good += len(octets)
        if not out and os.fstat(self.file.fileno()).st_size != 0:
            raise Trouble(f"{self.path} holds something else than a state of ringgate-tune; --state names another file")
        return out, good

    def add(self, line):
        self.file.write(json.dumps(line).encode() + b"\n")
        self.file.flush()

    def once(self, what, measure):
        """What `measure` returns, now or before. `what` is its name; the same one asked for again is another run of it."""
        nth, name = 1, what
        while name in self.asked:
            nth += 1
            name = f"{what} #{nth}"
        self.asked.add(name)
        if name not in self.found:
            self.found[name] = measure()
            self.add({"what": name, "found": self.found[name]})
        return self.found[name]

    def finish(self):
        self.file.close()
        os.unlink(self.path)

    def leave(self):
        """Ended early: what was measured stays, and nothing where nothing was."""
        self.file.close()
        if not self.found:
            os.unlink(self.path)
