"""Parts of the suite that need nothing of each other, side by side: each is a process of its own, with
a directory of its own. What a part has to say comes out whole, and in the order of the parts.
"""
import multiprocessing
from multiprocessing import connection

from load import die_with_parent
from report import Plays, unplayed

# As many as CI has processors; more would only make each other late.
AT_ONCE = 2


class Part:
    """One process, and what it has told so far."""

    def __init__(self, name, run, setting):
        context = multiprocessing.get_context("fork")
        self.name = name
        self.results = []
        self.ended = False
        self.ear, mouth = context.Pipe(duplex=False)
        self.process = context.Process(target=Part.work, args=(mouth, name, run, setting.part(name)))
        self.process.start()
        mouth.close()

    @staticmethod
    def work(mouth, name, run, setting):
        die_with_parent()
        plays = Plays(mouth.send)
        try:
            run(setting, plays)
        except Exception as failure:  # Whatever it is, it ends this part only.
            plays.result(name, unplayed(failure), "failed")

    def hear(self):
        """Waits for the next result, or for the end."""
        try:
            self.results.append(self.ear.recv())
        except EOFError:
            self.process.join()
            self.ended = True
            if self.process.exitcode != 0:
                ended = f"its process ended with status {self.process.exitcode}"
                self.results.append((self.name, [("not played to its end", ended)], "failed"))


def play(runs, setting, report):
    """`runs`: name -> function. The longest first, or it is left over at the end."""
    waiting, untold, active = list(runs.items()), [], []
    while waiting or active:
        while waiting and len(active) < AT_ONCE:
            active.append(Part(*waiting.pop(0), setting))
            untold.append(active[-1])
        for ear in connection.wait([part.ear for part in active]):
            next(part for part in active if part.ear is ear).hear()
        active = [part for part in active if not part.ended]
        while untold and untold[0].ended:
            for result in untold.pop(0).results:
                report.result(*result)
