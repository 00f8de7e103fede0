# Shared by the tests of the program. To be sourced as: source lib.sh; sets $explainn, $source and
# moves to an empty folder that is removed at the end.
set -u
explainn=$(realpath "$1")
source=$(realpath "$2")
samples=$source/tests/data/samples
checkpoint=$source/tests/golden/checkpoint
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 2
unset OMP_NUM_THREADS SLURM_CPUS_PER_TASK

die() {
  printf 'FAILED: %s\n' "$*" >&2
  exit 1
}

# expect CODE ARGUMENTS..: runs the program; stdout and stderr land in files of that name.
expect() {
  local wanted=$1 code=0
  shift
  "$explainn" "$@" > stdout 2> stderr || code=$?
  [ $code -eq "$wanted" ] ||
    die "explainn $* gave exit code $code, not $wanted; it said: $(cat stderr)"
}

# expect_text FILE PATTERN: a line of FILE matches.
expect_text() {
  grep -qE -- "$2" "$1" || die "no line of $1 matches '$2'; it holds: $(head -c 2000 "$1")"
}

# refuse CODE PATTERN ARGUMENTS..: the program fails with one line, which matches, and leaves no `out`.
refuse() {
  local wanted=$1 pattern=$2
  shift 2
  expect "$wanted" "$@"
  [ "$(grep -c '^explainn: ' stderr)" -eq 1 ] || die "explainn $*: not one error: $(cat stderr)"
  tail -n 1 stderr | grep -qE -- "^explainn: .*($pattern)" ||
    die "explainn $*: '$(tail -n 1 stderr)' does not match '$pattern'"
  [ ! -e out ] || die "explainn $*: something half written was left in out"
  refused=$((${refused:-0} + 1))
}

# field NAME TABLE: a column by its name in the header.
field() { awk -F'\t' -v name="$1" 'NR == 1 { for (i = 1; i <= NF; ++i) if ($i == name) at = i; next } !/^#/ { print $at }' "$2"; }

# same FILE FILE: equal bytes but for the last lines with the command.
same() {
  cmp <(grep -av '^# explainn' "$1") <(grep -av '^# explainn' "$2") || die "$1 and $2 differ"
}

# close TABLE TABLE TOLERANCE: the same shape and ids, numbers equal to TOLERANCE * max(1, |number|).
# The first lines are headers and are not compared.
close() {
  paste <(grep -v '^#' "$1") <(grep -v '^#' "$2") | awk -F'\t' -v tolerance="$3" '
    NR == 1 { columns = NF; next }
    NF != columns || NF % 2 { print "line " NR ": other columns"; exit 1 }
    {
      half = NF / 2
      if ($1 != $(half + 1)) { print "line " NR ": " $1 " beside " $(half + 1); exit 1 }
      for (i = 2; i <= half; i++) {
        a = $i; b = $(half + i)
        difference = a > b ? a - b : b - a
        size = b < 0 ? -b : b
        if (difference > tolerance * (size > 1 ? size : 1)) { print "line " NR ": " a " " b; exit 1 }
        if (difference > worst) worst = difference
        numbers++
      }
    }
    END { if (!numbers) { print "no numbers"; exit 1 } printf "%d numbers, worst difference %g\n", numbers, worst }' ||
    die "$1 and $2 are not close"
}
