#!/usr/bin/env bash
# The objects compiled for one instruction set must define nothing that the linker may share with
# the rest of the program: it could put AVX-512 code into the baseline path.
# (DW.ref.* are pointers for exception handling, not code.)
#   no_shared_code_in_sets.sh OBJECT...
set -euo pipefail
failed=0
for object in "$@"; do
  shared=$(nm -C --defined-only "$object" | grep -E ' [VWuw] ' | grep -v 'asan\|ubsan\|DW\.ref\.' || true)
  if [ -n "$shared" ]; then
    printf '%s defines code that is shared:\n%s\n' "$object" "$shared" >&2
    failed=1
  fi
done
exit $failed
