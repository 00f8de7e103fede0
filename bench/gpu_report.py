#!/usr/bin/env python3
"""Turns what bench/gpu.sh leaves behind into JSON files, each with the commit and the GPU it was taken on.
Python's standard library only.

  gpu_report.py tests JUNIT_XML OUT.json
  gpu_report.py sanitizer LOG_FOLDER OUT.json     NAME.log and NAME.status of each tool
  gpu_report.py lines FILE OUT.json               lines of JSON, one a run
  gpu_report.py profile CSV_FOLDER OUT.json       NAME.csv as ncu prints it
  gpu_report.py summary FOLDER                    prints what the JSON files of a folder say
"""

import csv
import glob
import json
import os
import re
import statistics
import subprocess
import sys
import xml.etree.ElementTree

HERE = os.path.dirname(os.path.abspath(__file__))
GPU_FACTS = ["name", "driver_version", "memory.total", "clocks.sm", "clocks.mem", "clocks.max.sm", "clocks.max.mem",
             "temperature.gpu", "power.draw"]
UNITS = {"ns": 1e-3, "nsecond": 1e-3, "us": 1, "usecond": 1, "ms": 1e3, "msecond": 1e3}  # of times, in microseconds


def output_of(*command):
    try:
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def facts():
    """Commit, GPU with driver and clocks of now, toolkit."""
    values = output_of("nvidia-smi", "--id=0", "--query-gpu=" + ",".join(GPU_FACTS), "--format=csv,noheader").split(", ")
    gpu = dict(zip(GPU_FACTS, values)) if len(values) == len(GPU_FACTS) else None
    commit = os.environ.get("EXPLAINN_COMMIT") or output_of("git", "-C", HERE, "describe", "--always", "--dirty")
    toolkit = re.search(r"release ([\d.]+)", output_of("nvcc", "--version"))
    return {"commit": commit or "unknown", "gpu": gpu, "toolkit": toolkit.group(1) if toolkit else None}


def write(path, content):
    with open(path, "w") as out:
        json.dump({**facts(), **content}, out, indent=1)
        out.write("\n")


def tests(report, out):
    counts, failed, slowest = {"passed": 0, "skipped": 0, "failed": 0}, [], []
    for case in xml.etree.ElementTree.parse(report).getroot().iter("testcase"):
        how = {"run": "passed", "notrun": "skipped", "disabled": "skipped"}.get(case.get("status"), "failed")
        if case.find("skipped") is not None:
            how = "skipped"
        counts[how] += 1
        slowest.append((float(case.get("time", 0)), case.get("name")))
        if how == "failed":
            failed.append({"test": case.get("name"), "output": (case.findtext("system-out") or "")[-3000:]})
    slowest = [{"test": name, "s": seconds} for seconds, name in sorted(slowest, reverse=True)[:10]]
    write(out, {"counts": counts, "failed": failed, "slowest": slowest})
    return 1 if failed or counts["passed"] == 0 else 0


def sanitizer(folder, out):
    tools, bad = {}, False
    for log in sorted(glob.glob(os.path.join(folder, "*.log"))):
        name = os.path.basename(log).removesuffix(".log")
        with open(log, errors="replace") as text, open(os.path.join(folder, name + ".status")) as status:
            text, code = text.read(), int(status.read())
        found = re.findall(r"(?:ERROR|RACECHECK) SUMMARY: .*", text)
        # Its own complaints and the first things that it found.
        said = [line for line in text.splitlines() if line.startswith("=========")][:60]
        clean = code == 0 and bool(found) and all(re.search(r": 0 (errors|hazards)", line) for line in found)
        timed_out = code in (124, 137)
        tools[name] = {"clean": clean, "exit": code, "timed_out": timed_out, "summary": found[-1:],
                       "tests_passed": text.count("[       OK ]"), "said": [] if clean else said}
        bad = bad or not clean
    write(out, {"tools": tools})
    return 1 if bad or not tools else 0


def lines(path, out):
    with open(path) as text:
        runs = [json.loads(line) for line in text if line.startswith("{")]
    write(out, {"runs": runs})
    return 0 if runs else 1


def profile(folder, out):
    """Medians over the launches of each kernel."""
    runs = {}
    for path in sorted(glob.glob(os.path.join(folder, "*.csv"))):
        launches = {}
        with open(path, errors="replace") as text:
            rows = csv.DictReader(line for line in text if line.startswith('"'))
            for row in rows:
                launch = launches.setdefault(row["ID"], {"kernel": row["Kernel Name"].split("(")[0], "grid": row["Grid Size"],
                                                         "block": row["Block Size"]})
                try:
                    launch[row["Metric Name"]] = float(row["Metric Value"].replace(",", "")) * UNITS.get(row["Metric Unit"], 1)
                except ValueError:
                    pass  # "n/a"
        kernels = {}
        for launch in launches.values():
            kernels.setdefault((launch.pop("kernel"), launch.pop("grid"), launch.pop("block")), []).append(launch)
        result = []
        for (name, grid, block), samples in kernels.items():
            median = {key: statistics.median(s[key] for s in samples if key in s) for key in set().union(*samples)}
            us = median.get("gpu__time_duration.sum", 0)
            flop = sum(median.get("smsp__sass_thread_inst_executed_op_%s_pred_on.sum" % op, 0) * times
                       for op, times in (("ffma", 2), ("fadd", 1), ("fmul", 1)))
            row = {"kernel": name, "grid": grid, "block": block, "launches": len(samples), "us": us, **median}
            if us:
                row.update({"GFLOP/s": 1e-3 * flop / us, "GB/s": 1e-3 * median.get("dram__bytes.sum", 0) / us})
            result.append(row)
        runs[os.path.basename(path).removesuffix(".csv")] = sorted(result, key=lambda row: -row["us"] * row["launches"])
    write(out, {"runs": runs})
    return 0 if any(runs.values()) else 1


def read(folder, name):
    try:
        with open(os.path.join(folder, name + ".json")) as text:
            return json.load(text)
    except (OSError, ValueError):
        return None


def summary(folder):
    if found := read(folder, "tests"):
        print("tests: %(passed)d passed, %(skipped)d skipped, %(failed)d failed" % found["counts"])
        for failure in found["failed"]:
            print("  FAILED", failure["test"])
    if found := read(folder, "sanitizer"):
        for name, tool in found["tools"].items():
            how = "clean" if tool["clean"] else "timed out" if tool["timed_out"] else "NOT CLEAN"
            print("%-10s %s, %d tests %s" % (name, how, tool["tests_passed"], " ".join(tool["summary"])))
    if found := read(folder, "kernels"):
        for run in found["runs"]:
            peaks = ", ".join("%s %.4g" % pair for pair in run["peaks"].items())
            print("B = %d; %s" % (run["batch"], peaks))
            for k in run["kernels"]:
                print("  %-36s %9.1f us %8.0f GB/s %8.0f GFLOP/s %5.0f%% of %s" %
                      (k["kernel"], k["us"], k["GB/s"], k["GFLOP/s"], k["percent of limit"], k["limit"]))
    if found := read(folder, "profile"):
        for name, kernels in found["runs"].items():
            print("profile of", name)
            for k in kernels[:14]:
                print("  %-36s x %-3d %9.1f us %8.0f GB/s %8.0f GFLOP/s" %
                      (k["kernel"][:36], k["launches"], k["us"], k.get("GB/s", 0), k.get("GFLOP/s", 0)))
    if found := read(folder, "epoch"):
        for run in found["runs"]:
            for how in ("resident", "streamed"):
                print("epoch of %d sequences, B = %d, %s: %s s; %.0f MB, upload %.2f s" %
                      (run["sequences"], run["batch"], how, ", ".join("%.3f" % s for s in run[how]["epoch_s"]),
                       1e-6 * run["packed_bytes"], run["upload_s"]))
    if found := read(folder, "steps"):
        for batch, table in found["batches"].items():
            print("B = %s%31s step ms   / explainn  infer ms   / explainn" % (batch, ""))
            for name, row in table.items():
                print("  %-34s %9.4f %8.1f   %9.4f %8.1f" % (name, row["train_ms"]["median"], row["train_ms"]["ratio"],
                                                          row["infer_ms"]["median"], row["infer_ms"]["ratio"]))
    return 0


if __name__ == "__main__":
    commands = {"tests": tests, "sanitizer": sanitizer, "lines": lines, "profile": profile, "summary": summary}
    if len(sys.argv) < 3 or sys.argv[1] not in commands:
        sys.exit(__doc__)
    sys.exit(commands[sys.argv[1]](*sys.argv[2:]))
