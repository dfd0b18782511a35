"""What was found: TAP, from parts that play at the same time."""
import threading

_lock = threading.Lock()
_number = 0
_failed = 0


def failed():
    return _failed


def check(name, right, shown=""):
    """The thread has the name of its part."""
    global _number, _failed
    with _lock:
        _number += 1
        _failed += not right
        print("ok" if right else "not ok", _number, "-", threading.current_thread().name + ":", name, flush=True)
        if not right:
            print("# " + str(shown).replace("\n", "\n# "), flush=True)


def skip(name, why):
    global _number
    with _lock:
        _number += 1
        print("ok", _number, "-", threading.current_thread().name + ":", name, "# SKIP", why, flush=True)


def end():
    print(f"1..{_number}")
