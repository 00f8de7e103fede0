#!/usr/bin/env bash
# Fails on a kernel in the sources that simt_tests never launched.
#   every_kernel.sh PROGRAM LAUNCHED FOLDER
# PROGRAM: simt_tests. LAUNCHED: what its runs wrote (EXPLAINN_SIMT_KERNELS): a kernel's distance from
# the function explainn_simt_anchor, one a line. FOLDER: the sources.
set -euo pipefail
program=$1 launched=$2 folder=$3
[ -s "$launched" ] || { echo "No kernel was launched: $launched is not there or empty" >&2; exit 1; }

# "file name" of each __global__ function.
kernels() {
  local file
  find "$folder" -name '*.cu' -o -name '*.h' | sort | while read -r file; do
    sed 's,//.*,,' "$file" | tr '\n' ' ' |
      { grep -oE '__global__([^(;{]*__launch_bounds__ *\([^)]*\))?[^(;{]*\(' || true; } |
      sed -E "s,.*[^A-Za-z0-9_]([A-Za-z0-9_]+) *\\($,$(basename "$file") \\1,"
  done
}

# "file signature" of each function that was launched; the file is - where others may see it.
functions() {
  local anchor distance
  anchor=$(readelf -sW "$program" | awk '$8 == "explainn_simt_anchor" { print $2; exit }')
  sort -un "$launched" | while read -r distance; do
    printf '%016x\n' $((16#$anchor + distance))
  done | awk 'NR == FNR { launched[$1] = 1; next }
    $4 == "FILE" { file = $8 }
    $4 == "FUNC" && $2 in launched { print ($5 == "LOCAL" ? file : "-"), $8 }' \
    - <(readelf -sW "$program") | c++filt
}

known=$(functions)
total=0 missing=0
while read -r file name; do
  total=$((total + 1))
  if ! grep -qE "^($file|-) (.*(::| ))?$name[<(]" <<< "$known"; then
    echo "never launched: $name ($file)"
    missing=$((missing + 1))
  fi
done < <(kernels)
echo "$((total - missing)) of $total kernels were launched"
[ "$total" -gt 0 ] && [ "$missing" -eq 0 ]
