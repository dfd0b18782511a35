"""What has been measured so far, so that a sweep that was interrupted goes on where it was."""
import json
import os


class State:
    """A file of lines, the first of which says what they are of: another machine or version begins anew."""

    def __init__(self, path, of, fresh):
        self.path, self.found, self.asked = path, {}, set()
        lines = [] if fresh else self.lines()
        same = bool(lines) and lines[0] == {"of": of}
        for line in lines[1:] if same else []:
            self.found[line["what"]] = line["found"]
        self.resumed = len(self.found)
        self.file = open(path, "a" if same else "w")
        if not same:
            self.add({"of": of})

    def lines(self):
        try:
            with open(self.path) as file:
                text = file.read()
        except OSError:
            return []
        out = []
        for line in text.splitlines():
            try:
                out.append(json.loads(line))
            except ValueError:
                break  # cut by the end of the program; what follows is not trusted either
        if text and not text.endswith("\n"):
            with open(self.path, "w") as file:
                file.writelines(json.dumps(line) + "\n" for line in out)
        return out

    def add(self, line):
        self.file.write(json.dumps(line) + "\n")
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
