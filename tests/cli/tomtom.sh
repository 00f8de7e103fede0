#!/usr/bin/env bash
# tomtom: the table of the standard tool to the last byte, with any number of threads and any instruction
# set; its options; motif files that are odd.
source "$(dirname "$0")/lib.sh"
golden=$source/tests/golden/tomtom
queries=$golden/explainn_filters.meme.gz
targets=$source/cli/demo/JASPAR2020_vertebrates.meme.gz
rows() { grep -v '^#' "$1" | grep .; }

rows <(zcat "$golden/tomtom.tsv.gz") > expected
[ "$(wc -l < expected)" -eq 2192 ] || die 'the golden table is not whole'
expect 0 tomtom "$queries" "$targets" -o table.tsv --threads 1
diff expected <(rows table.tsv) > difference || die "other rows: $(head -n 4 difference)"
[ "$(head -n 1 table.tsv | cut -f 1-3)" = $'Query_ID\tTarget_ID\tOptimal_offset' ] || die 'header'
tail -n 2 table.tsv > last
expect_text last '^# distance of columns: ed$'
expect_text last '^# explainn [0-9.]+: .* tomtom .* --threads 1$'
expect_text stderr '^explainn .* tomtom, CPU, 1 thread$'
expect_text stderr '^wrote table.tsv \(100 query motifs, 746 targets, 2191 matches\)'

# The first 20 queries, which have the same random numbers alone.
zcat "$queries" | awk '/^MOTIF/ { if (++n > 20) exit } 1' > few.meme
awk -F'\t' 'NR == 1 || substr($1, 7) + 0 < 20' expected > expected_few
for threads in 2 3; do
  expect 0 tomtom few.meme "$targets" --threads $threads
  cmp expected_few <(rows stdout) || die "other rows with $threads threads"
done
for set in baseline avx2 avx512; do
  if EXPLAINN_ISA=$set "$explainn" tomtom few.meme "$targets" > stdout 2> stderr; then
    cmp expected_few <(rows stdout) || die "other rows with $set"
  else
    expect_text stderr "EXPLAINN_ISA is '$set'; this machine has: baseline"
  fi
done

# From standard input, plain and with other line ends.
sed 's/$/\r/' few.meme > crlf.meme
expect 0 tomtom - "$targets" --quiet < crlf.meme
cmp expected_few <(rows stdout) || die "other rows from standard input"
[ ! -s stderr ] || die "--quiet is not: $(cat stderr)"

# Other options, as numpy has them.
check() {
  local name=$1
  shift
  expect 0 tomtom few.meme "$targets" "$@"
  cmp <(zcat "$golden/$name.tsv.gz") <(rows stdout) || die "$name: other rows"
}
check pearson --dist pearson
expect_text stdout '^# distance of columns: pearson$'
check one_strand --no-rc
check overlap --min-overlap 8 --motif-pseudo 1 --threshold 0.9
check evalue --evalue --threshold 10

# Nothing found, nothing asked.
expect 0 tomtom few.meme "$targets" --threshold 0
[ "$(rows stdout | wc -l)" -eq 1 ] || die 'a match with q = 0'
printf 'MEME version 4\n\nALPHABET= ACGT\n\n' > none.meme
expect 0 tomtom none.meme "$targets"
[ "$(rows stdout | wc -l)" -eq 1 ] || die 'matches of no query'
expect 0 tomtom few.meme none.meme
expect_text stderr 'warning: none.meme: holds no motif'
[ "$(rows stdout | wc -l)" -eq 1 ] || die 'matches without a target'

# A flat motif matches, and it is said that this means nothing.
printf 'MEME version 4\n\nALPHABET= ACGT\n\nMOTIF flat\nletter-probability matrix: alength= 4 w= 2\n' > flat.meme
printf '0.25 0.25 0.25 0.25\n0.25 0.25 0.25 0.25\n\n' >> flat.meme
expect 0 tomtom flat.meme "$targets" --quiet
expect_text stderr '^explainn: warning: uninformative, so that matches mean nothing: flat \('

# What makes no sense.
refuse 2 "called 'euclid'" tomtom few.meme "$targets" -o out --dist euclid
refuse 2 'threshold -1' tomtom few.meme "$targets" -o out --threshold -1
refuse 2 'min-overlap 0' tomtom few.meme "$targets" -o out --min-overlap 0
refuse 2 'motif-pseudo -1' tomtom few.meme "$targets" -o out --motif-pseudo -1
refuse 2 'standard input' tomtom - - -o out
refuse 2 'plain text' tomtom few.meme "$targets" -o out.gz
refuse 1 'absent.meme' tomtom absent.meme "$targets" -o out
refuse 1 'force' tomtom few.meme "$targets" -o table.tsv
expect 0 tomtom few.meme "$targets" -o table.tsv --force
