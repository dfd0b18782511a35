"""The micro benches: functions instead of programs, by Google Benchmark. Only on request, for they say nothing about a server."""
import json
import os
import subprocess

import program

NAMES = ("path_bench", "simulator_bench", "doorbell_bench", "base_bench")
TARGETS = [f"bench/micro/{name}" for name in NAMES]


class MicroBenches:
    name, title, group, kind, rounds_max = "micro", "micro benches (only with --only micro)", "micro", "micro", 0

    def seconds_expected(self, bench):
        return 60

    def why_not(self, bench):
        missing = [target for target in TARGETS if not os.access(os.path.join(bench.build_directory, target), os.X_OK)]
        return f"not built: {', '.join(missing)}" if missing else ""

    def record(self, bench):
        return {"name": self.name, "title": self.title, "group": self.group, "kind": self.kind, "benches": []}

    def measure(self, bench, record, keep):
        for target in TARGETS:
            done = subprocess.run([os.path.join(bench.build_directory, target), "--benchmark_format=json", "--benchmark_min_time=0.2"],
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False,
                                  preexec_fn=program.own_session)
            try:
                benches = json.loads(done.stdout)["benchmarks"]
            except (ValueError, KeyError):
                raise program.Failed(f"{target} said nothing") from None
            for one in benches:
                item_ns = round(1e9 / one["items_per_second"], 2) if one.get("items_per_second") else None
                record["benches"].append({"name": one["name"], "cpu_ns": round(one["cpu_time"], 1), "item_ns": item_ns})
