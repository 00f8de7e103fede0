#!/usr/bin/env bash
# Includes run downward only: cli -> model, data; model -> engine, data; engine -> kernels; kernels and
# data -> libraries and kernels/base. Headers of CUDA stay under kernels/ and bench/.
set -u
cd "$1" || exit 2
failed=0

# forbid ROOM PATTERN [ALLOWED]: no file of ROOM includes a path that matches PATTERN but not ALLOWED.
forbid() {
  local found
  found=$(grep -rnE "#include \"($2)/" --include='*.h' --include='*.cpp' --include='*.cu' \
    --include='*.cuh' "$1" | grep -vE "${3:-^$}")
  if [ -n "$found" ]; then
    printf '%s must not include these:\n%s\n' "$1" "$found"
    failed=1
  fi
}

forbid kernels 'engine|data|model|cli|tests|bench'
forbid engine 'data|model|cli|tests|bench'
forbid data 'kernels|engine|model|cli|tests|bench' '"kernels/base/'
forbid model 'cli|tests|bench'
forbid model 'kernels' '"kernels/base/'
forbid cli 'engine|kernels|tests|bench' '"kernels/base/|"kernels/device(_choice)?.h"'

cuda=$(grep -rnE '#include <(cuda|cublas|cudnn|nccl|cooperative_groups)' --include='*.h' --include='*.cpp' \
  engine data model cli)
if [ -n "$cuda" ]; then
  printf 'CUDA headers outside kernels:\n%s\n' "$cuda"
  failed=1
fi
exit $failed
