"""Rounds made up for tests."""


def run(rate=1_000_000, server_ns=200, p99=100, lost=0, signs=()):
    return {"rate": rate, "server_ns": server_ns, "client_ns": 150, "us": {"p50": p99 / 2, "p99": p99, "p999": 2 * p99, "max": 3 * p99},
            "accepted": rate, "lost": lost, "signs": list(signs)}


def pair(reference, subject, noise=(), steal=0.0, taken=0.0):
    return {"reference": reference, "subject": subject, "steal": steal, "taken": taken, "noise": list(noise)}


def load_case(rounds, wanted_rounds=3, **more):
    return {"name": "8x64", "title": "8 x 64", "group": "floor", "kind": "load", "binds": 8, "window": 64, "reference": "floor",
            "subject": "ringgate", "shards": 1, "shares_cpu": False, "wanted": None, "wanted_rounds": wanted_rounds, "rounds": rounds, **more}


def value_case(values, **more):
    rounds = [{"subject": {"value": value}, "steal": 0.0, "noise": []} for value in values]
    return {"name": "memory", "title": "idle binds", "group": "hold", "kind": "value", "unit": "octets", "reference": "", "subject": "ringgate",
            "wanted": None, "wanted_rounds": len(values), "rounds": rounds, **more}
