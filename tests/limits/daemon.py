"""The real server, and its configuration."""
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time

program = None    # ringgate; run says where


def account(name, more=""):
    return f'[[account]]\nsystem_id = "{name}"\npassword = "secret"\n{more}\n'


def listener(more=""):
    return f'[[listen]]\naddress = "127.0.0.1"\nport = 0\n{more}\n'


class Server:
    """On two shards. `more`: the configuration but [node] and [cores]."""

    def __init__(self, more, stores=False):
        self.directory = tempfile.mkdtemp(prefix="ringgate-limits-")
        self.path = os.path.join(self.directory, "test.toml")
        self.log_path = os.path.join(self.directory, "log")
        self.data = os.path.join(self.directory, "data")
        self.stores = stores
        self.ports = []
        self.process = None
        self.behind = 0    # the part of the log that is from before the last start
        self.write(more)
        try:
            self.start()
        except RuntimeError:
            self.process.kill()
            shutil.rmtree(self.directory)
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        status, log = self.process.poll(), self.log()
        if status is None:
            self.kill()
        shutil.rmtree(self.directory)
        if status not in (None, 0, -signal.SIGKILL):
            raise RuntimeError(f"the server has ended with {status}: {log[-3000:]}")

    def write(self, more):
        store = '[store]\nmode = "journal"\nmax_bytes = 67108864\nsegment_bytes = 1048576\n' if self.stores else ""
        text = (f'[node]\ndata_dir = "{self.data}"\npid_file = "{self.directory}/pid"\n[cores]\nshards = 2\n' + store +
                '[backend.sim]\ndelay_ms = 10\n' + more)
        with open(self.path + ".new", "w") as file:
            file.write(text)
        os.rename(self.path + ".new", self.path)

    def start(self):
        self.behind = len(self.text()) if self.process else 0
        with open(self.log_path, "a") as log:
            self.process = subprocess.Popen([program, "serve", "--config", self.path], stderr=log)
        with open(self.path) as file:
            count = file.read().count("[[listen]]")
        begin = time.monotonic()
        while self.process.poll() is None and time.monotonic() < begin + 30:
            self.ports = [int(port) for port in re.findall(r"listening on \S+:(\d+)", self.log())]
            if len(self.ports) == count:
                return
            time.sleep(0.01)
        raise RuntimeError("the server does not start: " + self.log())

    @property
    def port(self):
        return self.ports[0]

    def text(self):
        with open(self.log_path, errors="replace") as file:
            return file.read()

    def log(self):
        """What the server has said since it was started last."""
        return self.text()[self.behind:]

    def said(self, pattern, seconds=20, behind=0):
        """Waits for it; the match or None."""
        until = time.monotonic() + seconds
        while True:
            if found := re.search(pattern, self.log()[behind:]):
                return found
            if time.monotonic() > until or self.process.poll() is not None:
                return re.search(pattern, self.log()[behind:])
            time.sleep(0.01)

    def reload(self, more=None):
        """What the server says of it."""
        if more is not None:
            self.write(more)
        behind = len(self.log())
        done = subprocess.run([program, "reload", "--config", self.path], capture_output=True, text=True, timeout=30, check=False)
        if done.returncode == 0 and not self.said("reloaded ", 20, behind):
            raise RuntimeError("the server does not reload: " + self.log())
        return done.stdout + done.stderr + self.log()[behind:]

    def stop(self):
        """An orderly end; its exit status and how long it took."""
        begin = time.monotonic()
        self.process.terminate()
        return self.process.wait(timeout=60), time.monotonic() - begin

    def kill(self):
        self.process.kill()
        self.process.wait()

    def totals(self):
        """Of the last line."""
        last = self.log().strip().splitlines()[-1]
        return {name: int(value) for name, value in re.findall(r"(\w+)=(\d+)", last)}


def check_config(more):
    """What `ringgate check` says to such a configuration."""
    with tempfile.NamedTemporaryFile("w", suffix=".toml") as file:
        file.write(more)
        file.flush()
        done = subprocess.run([program, "check", "--config", file.name], capture_output=True, text=True, timeout=30, check=False)
        return done.returncode, (done.stdout + done.stderr).replace(file.name + ":", "line ")


def certificates():
    """A directory with what tests of TLS show each other; None: this build has no TLS."""
    done = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=30, check=False)
    return os.environ.get("RINGGATE_TEST_CERTIFICATES") if "TLS: wolfSSL" in done.stdout else None
