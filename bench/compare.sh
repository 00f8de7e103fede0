#!/usr/bin/env bash
# A training step and inference of explainn against PyTorch's, the two in turn on the same cores, several
# rounds; writes the medians and their ratios as JSON.
#   bash bench/compare.sh BUILD_DIR OUT.json [ROUNDS] [BATCH] [THREADS]
# BUILD_DIR was configured with -DEXPLAINN_BENCH=ON; needs python3 with PyTorch ($PYTHON names another).
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=${1:?BUILD_DIR} out=${2:?OUT.json} rounds=${3:-3} batch=${4:-100} threads=${5:-$(nproc)}
sizes=("$batch" 100 19 200 50 "$threads" 5)
lines=$(mktemp)
trap 'rm -f "$lines"' EXIT
for ((i = 0; i < rounds; i++)); do
  "$build/bench/train_step" "${sizes[@]}" >> "$lines"
  "${PYTHON:-python3}" "$here/pytorch_step.py" "${sizes[@]}" >> "$lines"
done
commit=$(git -C "$here" describe --always --dirty)
"${PYTHON:-python3}" - "$lines" "$out" "$commit" << 'E2'
import json, platform, statistics, sys
runs = [json.loads(line) for line in open(sys.argv[1])]
ours, theirs = runs[0::2], runs[1::2]
cpu = next((l.split(":")[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")), platform.machine())
result = {"commit": sys.argv[3], "cpu": cpu, "threads": ours[0]["threads"], "batch": ours[0]["batch"], "peer": theirs[0]["program"]}
for what in ("train_ms", "infer_ms"):
    result[what] = {"explainn": statistics.median(r[what] for r in ours), "pytorch": statistics.median(r[what] for r in theirs),
                    "ratio": statistics.median(t[what] / o[what] for o, t in zip(ours, theirs))}
result["runs"] = runs
json.dump(result, open(sys.argv[2], "w"), indent=1)
print({k: v for k, v in result.items() if k != "runs"})
E2
