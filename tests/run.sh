#!/usr/bin/env bash
# All tests: an optimised build, one under AddressSanitizer and UBSan (with the CUDA kernels on a
# simulated device), and the threaded tests under ThreadSanitizer.
#   bash tests/run.sh [--no-install] [--build-dir DIR] [--all | --release-only | --asan-only]
set -uo pipefail

usage() {
  sed -n '2,4s/^# //p' "$0"
  exit "$1"
}

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 2
install=1
build=$PWD/build
parts=(release asan tsan)
while [ $# -gt 0 ]; do
  case $1 in
    --no-install) install=0 ;;
    --build-dir) build=$(realpath -m "${2:?--build-dir needs a folder}") && shift ;;
    --all) parts=(release asan tsan) ;;
    --release-only) parts=(release) ;;
    --asan-only) parts=(asan) ;;
    -h | --help) usage 0 ;;
    *) echo "run.sh: unknown option $1" >&2 && usage 2 >&2 ;;
  esac
  shift
done

source cmake/debian_packages.sh
if [ $install = 1 ]; then install_missing "${BUILD_PACKAGES[@]}" libgtest-dev || exit 1; fi

# ThreadSanitizer of g++ 12 cannot live with the widest address randomisation of newer kernels.
fixed_addresses=()
if setarch "$(uname -m)" -R true 2> /dev/null; then fixed_addresses=(setarch "$(uname -m)" -R); fi

# test_part NAME: configures by the preset of that name, builds and runs its tests.
test_part() {
  local folder=$build/$1 targets=(all) prefix=() filter=()
  # One kind of GPU is enough to see that everything compiles, and several take minutes.
  local options=(-DCMAKE_CUDA_ARCHITECTURES=90)
  if [ "$1" = tsan ]; then
    targets=(threads_tests) prefix=("${fixed_addresses[@]}") filter=(-L '^threads$')
  fi
  configure "$folder" --preset "$1" "${options[@]}" > /dev/null &&
    "${prefix[@]}" cmake --build "$folder" --target "${targets[@]}" --parallel "$(nproc)" &&
    "${prefix[@]}" ctest --test-dir "$folder" --output-on-failure --no-tests=error -j2 "${filter[@]}"
}

# The last part's ctest summary ends the output.
failed=()
for part in "${parts[@]}"; do
  printf '\n== %s (after %s s)\n' "$part" $SECONDS
  test_part "$part" || failed+=("$part")
done
if [ ${#failed[@]} -gt 0 ]; then
  echo "Failed: ${failed[*]}" >&2
  exit 1
fi
