"""Aim: rows, tables, plot and options are right. Method: rounds that are made up; nothing is started or fetched."""
import contextlib
import io
from xml.etree import ElementTree

from lib import chart, measure, table


def one(rate, fault="", client_full=False, lost=0):
    return {"rate": rate, "server_ns": 1e9 / rate, "fault": fault, "client_full": client_full, "lost": lost, "p50_us": 10.0,
            "p99_us": 20.0}


def load_result(signs, submitted=10, accepted=10):
    return {"series": [{"warm_up": True, "limited_by": ["steal"]}, {"warm_up": False, "limited_by": signs}],
            "submitted": submitted, "accepted": accepted}


def result():
    ours = [one(2e6, client_full=True), one(1e6), one(3e6, "steal 2.0 %")]
    theirs = [one(100e3), one(200e3), one(400e3)]
    us = {"name": "ringgate", "version": "0.1.0", "language": "C++"}
    them = {"name": "a|b<c", "version": "1.2", "language": "Perl"}
    return {"version": "ringgate 0.1.0", "time": "now", "rounds": 3, "seconds": 2.0, "warm_up": 3.0,
            "machine": {"cpu": "a CPU", "cpus": 2, "kernel": "6", "memory_gib": 4},
            "rows": [table.row(us, "8 x 64", ours, ours), table.row(them, "8 x 64", theirs, ours),
                     table.row(them, "8 x 10", [one(1, "paused")], ours)],
            "clients": [table.row(them, "8 x 10", theirs, [])], "skipped": {"other": "npm registry out of reach"}}


def test_rows():
    made = result()["rows"]
    # The best of ours is not the one that was stolen from.
    assert made[0]["rate"] == 2e6 and made[0]["rounds"] == 2, made[0]
    assert made[0]["note"] == "client at its limit: compare CPU; 1 of 3 rounds with steal 2.0 %", made[0]["note"]
    assert made[1]["ratio_to_ringgate"] == 0.2, made[1]
    # Of 0.05, 0.2 and 0.13.
    assert abs(made[1]["median_ratio_to_ringgate"] - 0.4e6 / 3e6) < 1e-9, made[1]
    assert made[1]["server_ns"] == 2500 and made[1]["rounds"] == 3, made[1]
    # Nothing but a disturbed round: it counts, and is marked.
    assert made[2]["rate"] == 1 and made[2]["note"].startswith("disturbed, at least; 1 of 1"), made[2]
    assert table.row({"name": "x", "version": "", "language": ""}, "8 x 64", [one(1e-9, "none")], [])["rate"] == 1e-9


def test_verdict():
    assert measure.verdict(load_result([]), 0.0) == ("", False)
    assert measure.verdict(load_result(["CPU full"]), 0.0) == ("", True)
    assert measure.verdict(load_result(["CPU full", "CPU taken"]), 0.0) == ("CPU taken", False)
    assert measure.verdict(load_result([]), 0.02) == ("steal 2.0 %", False)
    assert measure.verdict(load_result([], 10, 0), 0.0) == ("no message was accepted", False)


def test_tables():
    shown, marked = table.text(result()), table.markdown(result())
    for words in ("other skipped: npm registry out of reach", "5 x", "7.5 x", "2,000,000"):
        assert words in shown and words in marked, words
    lines = [line for line in marked.splitlines() if line.startswith("|")]
    assert {line.replace("\\|", "").count("|") for line in lines} == {10, 7}, lines
    assert table.times(0.01) == "100 x" and table.times(None) == "-" and table.times(1.25) == "0.8 x"


def test_chart():
    drawn = ElementTree.fromstring(chart.svg(result()))
    words = "".join(drawn.itertext())
    assert "a|b<c 1.2" in words and "ringgate 0.1.0" in words and "400 k" in words, words
    # No row has a rate: still a plot.
    ElementTree.fromstring(chart.svg({"rows": []}))


def test_options(parse):
    assert parse([]).rounds == 3 and parse(["--only", "jsmpp"]).only == ["jsmpp"]
    for wrong in (["--roudns", "3"], ["--round", "3"], ["--rounds", "0"], ["--seconds", "-1"], ["--only", "nobody"],
                  ["--json", "/nonexistent/x"], ["stray"]):
        try:
            with contextlib.redirect_stderr(io.StringIO()):
                parse(wrong)
        except SystemExit as end:
            assert str(end).startswith("peers: ") and "\n" not in str(end), (wrong, str(end))
        else:
            raise AssertionError(f"{wrong} was taken")


def run(parse):
    for name, test in (("rows", test_rows), ("verdict", test_verdict), ("tables", test_tables), ("chart", test_chart),
                       ("options", lambda: test_options(parse))):
        print(f"[ RUN      ] peers.{name}", flush=True)
        test()
        print(f"[       OK ] peers.{name} (0 ms)", flush=True)
    return 0
