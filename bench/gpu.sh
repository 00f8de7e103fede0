#!/usr/bin/env bash
# Everything that needs a GPU, in one go and without a network: build, tests, tests under
# compute-sanitizer, benchmarks against LibTorch. Writes JSON files and prints a table.
#   bash bench/gpu.sh [--build-dir DIR] [--out DIR] [--prefix PATH] [--arch 90|native] [--python PYTHON]
#                     [--parts "build tests sanitizer kernels steps epoch profile"]
# PATH: where libraries lie that the system has not (Eigen, GoogleTest, nlohmann-json, zlib, xxhash),
# as unpacked from Debian's packages. Each part has its own time limit; one that fails does not stop
# the others. Without a GPU all parts but build are skipped. Status 0: nothing failed.
set -uo pipefail

usage() {
  sed -n '2,8s/^# //p' "$0"
  exit "$1"
}

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 2
build=$PWD/build/gpu out=$PWD/build/gpu/results prefix= arch=90 python=python3
parts="build tests sanitizer kernels steps epoch profile"
while [ $# -gt 0 ]; do
  case $1 in
    --build-dir) build=$(realpath -m "${2:?--build-dir needs a folder}") && shift ;;
    --out) out=$(realpath -m "${2:?--out needs a folder}") && shift ;;
    --prefix) prefix=$(realpath -m "${2:?--prefix needs a folder}") && shift ;;
    --arch) arch=${2:?--arch needs a number or native} && shift ;;
    --python) python=${2:?--python needs a program} && shift ;;
    --parts) parts=${2:?--parts needs names} && shift ;;
    -h | --help) usage 0 ;;
    *) echo "gpu.sh: unknown option $1" >&2 && usage 2 >&2 ;;
  esac
  shift
done

# Seconds that each part may take.
declare -A limits=([build]=420 [tests]=150 [sanitizer]=260 [kernels]=60 [steps]=420 [epoch]=60 [profile]=90)
for part in $parts; do
  [ -n "${limits[$part]:-}" ] || { echo "gpu.sh: there is no part $part" >&2 && usage 2 >&2; }
done

part_build() {
  # Another compiler's warnings are no reason not to measure.
  cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DEXPLAINN_CUDA=ON \
    "-DCMAKE_CUDA_ARCHITECTURES=$arch" -DEXPLAINN_CLI=OFF -DEXPLAINN_BENCH=ON \
    -DEXPLAINN_WERROR=OFF "-DEXPLAINN_TORCH_PYTHON=$python" ${prefix:+"-DCMAKE_PREFIX_PATH=$prefix;$prefix/usr"} || return 1
  local twins
  twins=$(cmake --build "$build" --target help | sed -n 's/^\(torch_step_[0-9.]*\): phony$/\1/p')
  # What compiles is built, whatever does not.
  # shellcheck disable=SC2086
  cmake --build "$build" --parallel "$(nproc)" \
    --target cuda_tests device_step device_epoch device_kernels $twins -- -k 0
}

part_tests() {
  ctest --test-dir "$build" -L cuda -j 4 --timeout 100 --output-junit "$build/cuda_tests.xml" |
    grep -v Passed
  "$python" bench/gpu_report.py tests "$build/cuda_tests.xml" "$out/tests.json"
}

part_sanitizer() {
  command -v compute-sanitizer > /dev/null || { echo "no compute-sanitizer" && return 1; }
  local logs=$build/sanitizer tool
  mkdir -p "$logs" && rm -f "$logs"/*
  for tool in memcheck synccheck initcheck racecheck; do
    timeout 60 compute-sanitizer --tool $tool --error-exitcode 9 --print-limit 20 \
      "$build/tests/cuda_tests" "--gtest_filter=$sanitized" > "$logs/$tool.log" 2>&1
    echo $? > "$logs/$tool.status"
    grep SUMMARY "$logs/$tool.log"
  done
  "$python" bench/gpu_report.py sanitizer "$logs" "$out/sanitizer.json"
}
# Small sizes: what the tools watch takes many times as long.
sanitized='-*FiftySteps*:*SameBits*:*ThroughAnEpoch*:*SaysHowMuch*'

part_kernels() {
  local batch
  for batch in 100 1000; do "$build/bench/device_kernels" --batch $batch; done > "$build/kernels.txt"
  "$python" bench/gpu_report.py lines "$build/kernels.txt" "$out/kernels.json"
}

part_steps() {
  "$python" bench/compare_gpu.py "$build" --out "$out/steps.json" --kernels "$out/kernels.json"
}

part_epoch() {
  local batch
  for batch in 100 1000; do
    "$build/bench/device_epoch" --batch $batch
  done > "$build/epoch.txt"
  "$python" bench/gpu_report.py lines "$build/epoch.txt" "$out/epoch.json"
}

part_profile() {
  command -v ncu > /dev/null || { echo "no ncu" && return 1; }
  local logs=$build/profile metrics=gpu__time_duration.sum,dram__bytes.sum
  metrics+=,smsp__sass_thread_inst_executed_op_ffma_pred_on.sum
  metrics+=,smsp__sass_thread_inst_executed_op_fadd_pred_on.sum
  metrics+=,smsp__sass_thread_inst_executed_op_fmul_pred_on.sum
  metrics+=,sm__inst_issued.avg.pct_of_peak_sustained_active
  metrics+=,sm__warps_active.avg.pct_of_peak_sustained_active
  metrics+=,l1tex__data_bank_conflicts_pipe_lsu_mem_shared.sum,launch__registers_per_thread
  mkdir -p "$logs" && rm -f "$logs"/*
  # of NAME "WHICH LAUNCHES" OPTIONS..: the counters of device_step's kernels
  of() {
    # shellcheck disable=SC2086
    timeout 40 ncu --clock-control none --csv --print-units base --metrics "$metrics" $2 \
      "$build/bench/device_step" --seconds 0.001 "${@:3}" > "$logs/$1.csv" 2> "$logs/$1.err"
  }
  # The checked steps are launches of one step each: the timed ones behind them are meant.
  of "one launch, B = 100, 200 steps" "-k chip_kernel --launch-skip 4 --launch-count 3" --steps 200
  of "a kernel a phase, B = 100" "--launch-count 70" --steps 2 --network tiled
  of "a kernel a phase, B = 1000" "--launch-count 70" --steps 2 --batch 1000
  "$python" bench/gpu_report.py profile "$logs" "$out/profile.json"
}

has_gpu() {
  nvidia-smi -L 2> /dev/null | grep -q '^GPU'
}

mkdir -p "$build" "$out"
export build out prefix arch python sanitized
export -f part_build part_tests part_sanitizer part_kernels part_steps part_epoch part_profile
table= failed=0
for part in $parts; do
  printf '\n== %s\n' "$part"
  begin=$SECONDS
  if [ "$part" != build ] && ! has_gpu; then
    how="skipped: no GPU"
  else
    timeout "${limits[$part]}" bash -c "part_$part" 2>&1 | tee -a "$out/log.txt"
    status=${PIPESTATUS[0]}
    case $status in
      0) how=done ;;
      124) how="over its ${limits[$part]} s" failed=1 ;;
      *) how="failed, status $status" failed=1 ;;
    esac
  fi
  echo "$how"
  table+=$(printf '%-10s %4d s  %s' "$part" $((SECONDS - begin)) "$how")$'\n'
done
printf '\n== in short\n'
"$python" bench/gpu_report.py summary "$out"
printf '\n%s' "$table"
exit $failed
