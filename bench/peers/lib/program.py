"""Programs under test: started on a CPU of their own, paused between their turns, ended with all they started."""
import os
import signal
import socket
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ROOT = os.path.dirname(os.path.dirname(HERE))
BUILD = os.environ.get("RINGGATE_BUILD_ROOT", os.path.join(ROOT, "build"))

# The server is configured as for docs/benchmarks.md.
sys.path.append(os.path.join(ROOT, "bench", "lib"))
from program import CONFIG, free_port  # pylint: disable=wrong-import-position


class Unavailable(Exception):
    """A program that cannot be had or does not start here; the text says why, in one line."""


def last_line(text):
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1].strip() if lines else "no word why"


class Program:
    """In a process group of its own: a JVM has threads, Perl a process for each connection."""

    def __init__(self, command, cpu, log, port=None, stdout=None):
        self.port = port
        with open(log, "w", encoding="utf-8") as errors:
            self.process = subprocess.Popen(["taskset", "-c", str(cpu), *command], stdin=subprocess.DEVNULL,
                                            stdout=stdout or errors, stderr=errors, start_new_session=True)
        if port and not self.listens():
            self.stop()
            with open(log, encoding="utf-8", errors="replace") as errors:
                raise Unavailable(f"did not start: {last_line(errors.read())}")

    def listens(self):
        for _ in range(1200):
            if self.process.poll() is not None:
                return False
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return True
            except OSError:
                time.sleep(0.05)
        return False

    def processes(self):
        """Of this group, which nothing that is started here leaves."""
        for name in os.listdir("/proc"):
            if name.isdigit():
                try:
                    with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as file:
                        # After the command, which may hold blanks: state, parent, group.
                        if int(file.read().rpartition(")")[2].split()[2]) == self.process.pid:
                            yield name
                except OSError:
                    pass

    def cpu_ns(self):
        total = 0
        for process in self.processes():
            try:
                for task in os.listdir(f"/proc/{process}/task"):
                    with open(f"/proc/{process}/task/{task}/schedstat", encoding="utf-8") as file:
                        total += int(file.read().split()[0])
            except OSError:
                pass
        return total

    def signal(self, number):
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            pass

    def pause(self):
        """Timers and collectors of those whose turn it is not would take from the one that is measured."""
        self.signal(signal.SIGSTOP)

    def resume(self):
        self.signal(signal.SIGCONT)

    def stop(self):
        self.resume()
        self.signal(signal.SIGTERM)
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            pass
        self.signal(signal.SIGKILL)
        self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()


def start_floor(directory, cpu):
    port = free_port()
    return Program([f"{BUILD}/floor", "--port", str(port), "--cpu", str(cpu)], cpu, f"{directory}/floor.log", port)


def start_ringgate(directory, cpu):
    port = free_port()
    path = f"{directory}/ringgate.toml"
    with open(path, "w", encoding="utf-8") as file:
        file.write(CONFIG.format(shards=1, pin=[cpu], port=port, data_dir=directory, store="none", delay_ms=0))
    return Program([f"{BUILD}/ringgate", "serve", "--config", path], cpu, f"{directory}/ringgate.log", port)


def install(name):
    """The version; Unavailable where the peer's package or tools are out of reach."""
    done = subprocess.run(["nice", "-n", "19", f"{HERE}/{name}/start", "install"], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode == 77:
        raise Unavailable(last_line(done.stdout).partition(": ")[2])
    if done.returncode != 0:
        raise Unavailable(f"not installed: {last_line(done.stderr or done.stdout)}")
    return last_line(done.stdout)


def start_peer(name, directory, cpu):
    """Ready when it has answered a first message: some listen before they know their accounts."""
    port = free_port()
    peer = Program([f"{HERE}/{name}/start", "server", str(port)], cpu, f"{directory}/{name}.log", port)
    first = [f"{BUILD}/ringgate-load", "--port", str(port), "--count", "1", "--quiet", "--response-timeout", "5",
             "--require", "accepted=1"]
    for _ in range(20):
        done = subprocess.run(first, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                              check=False)
        if done.returncode == 0:
            return peer
        time.sleep(0.5)
    peer.stop()
    raise Unavailable(f"answers no first message: {last_line(done.stderr)}")


def start_client(name, directory, cpu, port, binds, window):
    return Program([f"{HERE}/{name}/start", "client", str(port), str(binds), str(window)], cpu,
                   f"{directory}/{name}.client.log", stdout=subprocess.PIPE)
