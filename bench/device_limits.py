#!/usr/bin/env python3
"""Where the time of the GPU's fused training step at the paper's size should go: what each phase of the one kernel
(kernels/unit_pass/device_chip.cu, a block a unit) has to do and how long each of a multiprocessor's limits makes that
take. Counted from the code, not measured; ChipPhase names the phases. Python's standard library only.

  python3 bench/device_limits.py [--measured bench/results/gpu_training_steps_h200.json] [--object device_chip.cu.o]

--measured sets a recorded run's cycles beside them; --object adds registers and stack of the kernel, by cuobjdump.
"""

import argparse
import json
import subprocess

# Sizes of the paper, and of the kernel.
ROWS, POOLED, NODES, FILTER, POOL, UNITS, TASKS = 100, 26, 100, 19, 7, 100, 50
LETTERS = 4 * FILTER
WARPS, ROW_GROUPS, ALONG = 16, 50, 10
SCORE_CHUNKS, SUM_TABLES = 7, 5  # trimers, tetramers
# A multiprocessor of an H200: thread instructions, 32-bit integer operations, wavefronts of shared memory (128 bytes) and
# bytes from the second-level cache (all blocks at once) a cycle.
ISSUED, INTEGERS, WAVEFRONTS, BYTES, CLOCK_GHZ = 128, 64, 1, 42, 1.98
ADAM = 22  # instructions a number, two of them of the special unit

# phase: (floating-point instructions, integer and other instructions, wavefronts, bytes of L2), a block
PHASES = {
    "read": (0, 1500, (LETTERS * LETTERS + ROWS * 15) / 32, 4 * (LETTERS * LETTERS + LETTERS + ROWS * 15)),
    "fold": (LETTERS * LETTERS + 64 * SCORE_CHUNKS * 4, 64 * SCORE_CHUNKS * 12,
             2 * LETTERS * LETTERS / 32 + 64 * SCORE_CHUNKS, 0),
    # a look-up: shift, mask, load; a score: its additions, the comparison with the best and the choice of its place
    "pool": (ROWS * POOLED * (POOL * SCORE_CHUNKS + 20),
             ROWS * POOLED * (POOL * (3 * SCORE_CHUNKS + 2) + 20),
             ROWS * POOLED * (POOL * SCORE_CHUNKS + 3) / 32, 0),
    # a thread: 2 rows x 10 nodes; for each pooled value one pair of rows and five pairs of nodes are read
    "multiply": (ROWS * POOLED * NODES + 4 * ROWS * NODES / 2, ROW_GROUPS * ALONG * POOLED * 6,
                 WARPS * POOLED * 6 + 2 * ROW_GROUPS * NODES / 32, 0),
    "norm": (2 * ROW_GROUPS * NODES + 12 * NODES, 2 * ROW_GROUPS * NODES, 2 * ROW_GROUPS * NODES / 32, 0),
    "gate": (4 * ROWS * NODES, 6 * ROWS * NODES, WARPS * 5 * (1 + 2 * 2) + ALONG * ROWS / 32, 0),
    "output": (15 * ROWS, 14 * ROWS * NODES / 2, ALONG * ROWS / 32, 4 * ROWS),
    "wait_outputs": (0, 0, 0, 0),
    "judge": (2 * TASKS * UNITS + 40 * TASKS, 3 * TASKS * UNITS, 5 * TASKS * UNITS / 32,
              4 * (TASKS * UNITS + UNITS + 2 * TASKS)),
    "wait_rows": (0, 0, 0, 0),
    "way_back": (20 * ROWS, 10 * ROWS, 3 * ROWS / 32, 4 * ROWS),
    "nodes": (4 * ROWS * NODES + 2 * ROW_GROUPS * NODES, 3 * ROWS * NODES, 4 * ROW_GROUPS * NODES / 32, 0),
    "gradients": (5 * ROWS * NODES, 3 * ROWS * NODES, 2 * ROWS * NODES / 32 + 2 * NODES * 32 / 32, 0),
    # two products of 200 threads; a term: a pair (two wavefronts) and eight numbers (two) for 16 multiply-adds
    "products": (2 * ROWS * 32 * NODES + ADAM * POOLED * NODES, 2 * 200 * 100 * 3,
                 2 * 7 * 100 * 4 + 7 * POOLED * NODES / 32, 0),
    "windows": (6 * ROWS * POOLED, ROWS * POOLED * (4 * SUM_TABLES + 10) + LETTERS * 64 * 6,
                2 * SUM_TABLES * ROWS * POOLED / 32 + LETTERS * 64 / 32 + SUM_TABLES * 256 / 32, 0),
    "filter": ((ADAM + 20) * LETTERS, 10 * LETTERS, 12 * LETTERS / 32, 0),
}


def limits(phase):
    floats, others, wavefronts, read = PHASES[phase]
    return {"issue": (floats + others) / ISSUED, "integers": others / INTEGERS, "shared memory": wavefronts / WAVEFRONTS,
            "L2": read / BYTES}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--measured", help="JSON with cycles_of_block_0")
    parser.add_argument("--object", help="the compiled device_chip.cu")
    options = parser.parse_args()
    measured = {}
    if options.measured:
        with open(options.measured) as file:
            phases = json.load(file)["cycles_of_block_0"]["phases"]
        measured = {name.replace(" for ", "_").replace(" ", "_"): cycles for name, cycles in phases.items()}
    print("| phase | float instr. | others | wavefronts | L2 bytes | cycles at least | by | us | measured cycles |")
    print("|---|---|---|---|---|---|---|---|---|")
    total = 0
    for phase, (floats, others, wavefronts, read) in PHASES.items():
        of = limits(phase)
        by = max(of, key=of.get)
        total += of[by]
        print("| %s | %.0f | %.0f | %.0f | %.0f | %.0f | %s | %.2f | %s |" % (
            phase, floats, others, wavefronts, read, of[by], by if of[by] else "", of[by] / CLOCK_GHZ / 1e3,
            measured.get(phase, "")))
    print("| all | | | | | %.0f | | %.1f | %s |" % (total, total / CLOCK_GHZ / 1e3, sum(measured.values()) or ""))
    if options.object:
        subprocess.run(["cuobjdump", "-res-usage", options.object], check=True)


if __name__ == "__main__":
    main()
