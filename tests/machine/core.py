"""What a user of Debian 12 sees: the start, hostile input, receipts over many shards, and what the
chaos suite does to the process, all on the kernel that this user has.
"""
import pdu
from disk import format_disk
from guest import MOUNT, guest_stage
from load import Traffic
from machine import Machine
from server import Fault, free_port
from stage import MIB, journal

# What Debian 12's kernel has; a change of it would change what all of this tests.
FEATURES = "single_issuer, defer_taskrun, msg_ring; without bundle, min_wait, no_iowait"
# Something of each kind: an emulated processor takes forty times as long.
HOSTILE = ("Framing.*:Commands.A7ManyInARow:Commands.A34*:Binds.A12Fields:Binds.A9*:Binds.A13Receipts"
           ":Tlvs.A28Many:Endings.A36BothUnbind:Places.UnboundPdusAreSmall")
HOSTILE_MAX_S = 120
SHARDS = (8, 64)
CPUS = 8
# MiB. This kernel hands out huge pages wherever they fit, so what a shard has reserved and hardly
# touched counts whole: about 20 MiB for each of the 64.
MEMORY = 3072
BINDS = 16
MESSAGES = 2000
LOAD_MAX_S = 90
DISK_SIZE = 96 * MIB
TRAFFIC = Traffic(rate_per_process=200)
KILLS = 2
LOAD_S = (0.3, 1.5)
TERM_MAX_S = 10
STORE = """[cores]
shards = {shards}
[store]
mode = "none"
max_bytes = 17179869184
[limits]
max_connections = 1000
max_open_messages = 20000
[[listen]]
address = "127.0.0.1"
port = 2776
[backend.sim]
delay_ms = 300
[[account]]
system_id = "test"
password = "test"
"""


def play_start(machine):
    """The log's first words name what this kernel's ring can do."""
    release = machine.check("uname -r").strip()
    wanted = f"io_uring on kernel {release}: {FEATURES}"
    said = machine.check("ringgate --version")
    if wanted not in said:
        raise Fault(f"not {wanted!r} but: {said}")
    return [], wanted


def play_hostile(machine):
    status, said = machine.run("RINGGATE_BUILD_ROOT=/bin hostile --gtest_color=no "
                               f"--gtest_filter='{HOSTILE}'", HOSTILE_MAX_S)
    last = said.strip().split("\n")[-1].strip()
    if status != 0 or "PASSED" not in last:
        raise Fault(f"status {status}:\n{said}")
    return [], last


def play_kill(machine, seed, rounds):
    """kill -9, and what was promised at the next start; then SIGTERM under load."""
    machine.check(f"mount -t ext4 /dev/vda {MOUNT}")
    with guest_stage(machine, f"{seed}/kill", journal(max_bytes=32 * MIB), traffic=TRAFFIC) as stage:
        for _ in range(rounds):
            stage.play(stage.random.uniform(*LOAD_S))
            stage.server.kill()
        stage.play(stage.random.uniform(*LOAD_S))
        dropped = stage.load.total("dropped")
        took = stage.server.wait_for_end(stage.server.terminate(), TERM_MAX_S)
        dropped = stage.load.total("dropped") - dropped
        stage.last_act()
        verdict = stage.verdict(refusals_allowed=(pdu.ESME_RSUBMITFAIL,))
    if dropped:
        verdict.fault("sessions ended by SIGTERM without an unbind", dropped)
    return verdict.faults, f"{rounds} times, {verdict.text()}, the end by SIGTERM took {took:.1f} s"


def play_shards(machine, shards):
    """Receipts come back to the right bind wherever it lies, with more shards than processors too."""
    machine.write("/etc/shards.toml", STORE.format(shards=shards))
    machine.check("ringgate serve --config /etc/shards.toml >/tmp/shards 2>&1 & echo $! >/tmp/pid")
    said = machine.check(
        "for i in $(seq 300); do grep -q 'listening on' /tmp/shards && break; sleep 0.1; done; "
        "grep -q 'listening on' /tmp/shards || { echo the server does not listen; cat /tmp/shards; "
        "dmesg | grep -i 'out of memory'; }")
    if said:
        raise Fault(said)
    status, said = machine.run(f"ringgate-load --port 2776 --binds {BINDS} --count {MESSAGES} "
                               "--receipts --receipt-wait 40 --response-timeout 40 --quiet",
                               LOAD_MAX_S)
    if status != 0:
        raise Fault(f"the load ended with status {status}: {said}")
    used = len(set(machine.check("grep -o 'bound .*shard=[0-9]*' /tmp/shards | sed 's/.*=//'").split()))
    ended, _ = machine.run("kill -TERM $(cat /tmp/pid); wait $(cat /tmp/pid)", LOAD_MAX_S)
    if ended != 0:
        raise Fault(f"SIGTERM ended the server with status {ended}")
    wanted = min(shards, BINDS)
    faults = [] if used == wanted else [("binds on too few shards", f"{used} of {wanted}")]
    return faults, f"{MESSAGES} messages with receipts over {BINDS} binds on {used} shards"


def run(setting, plays):
    """All that two processors are enough for, on one machine."""
    image = setting.path("core.image")
    format_disk(image, DISK_SIZE)
    with Machine(setting, port=free_port(), disk=f"file={image}") as machine:
        plays.play("start", play_start, machine)
        if "hostile" in setting.programs:
            plays.play("hostile", play_hostile, machine)
        plays.play("kill", play_kill, machine, setting.seed, setting.asked or KILLS)


def run_shards(setting, plays):
    with Machine(setting, cpus=CPUS, memory=MEMORY) as machine:
        for shards in SHARDS:
            plays.play(f"shards.{shards}", play_shards, machine, shards)
