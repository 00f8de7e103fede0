#!/usr/bin/env bash
# Motif files: lists, the forms that are written, what they look like to strict readers, changes.
source "$(dirname "$0")/lib.sh"
motifs=$samples/motifs

# strict_meme FILE: reads MEME format as the least forgiving readers do, and prints id, width, sites and
# rows. A motif counts when the blank line behind its matrix is seen; keys stand where the format's
# description puts them; rows have four numbers of which the printed digits sum to 1.
strict_meme() {
  awk '
    function bad(what) { print "line " NR ": " what > "/dev/stderr"; failed = 1; exit 1 }
    { if (/\r/ || /\t/ || /[ ]$/) bad("odd blanks") }
    NR == 1 { if ($0 != "MEME version 4") bad("version"); next }
    state == "matrix" && NF == 0 {
      if (rows != width) bad("rows")
      printf "%s%s", head, body
      state = ""
      next
    }
    state == "matrix" {
      if (NF != 4) bad("no row of four")
      sum = 0
      for (i = 1; i <= 4; i++) {
        if ($i !~ /^[01]\.[0-9][0-9][0-9][0-9][0-9][0-9]$/) bad("number " $i)
        digits = $i
        sub(/\./, "", digits)
        sum += digits
      }
      if (sum != 1000000) bad("sum " sum)
      rows++
      body = body $1 " " $2 " " $3 " " $4 "\n"
      next
    }
    /^ALPHABET= / { if ($2 != "ACGT") bad("alphabet"); alphabet = 1; next }
    /^strands: / { if ($0 != "strands: + -") bad("strands"); strands = 1; next }
    /^Background letter frequencies$/ { state = "background"; next }
    state == "background" {
      if (NF != 8 || $1 $3 $5 $7 != "ACGT") bad("background")
      background = $2 + $4 + $6 + $8
      if (background < 0.9999995 || background > 1.0000005) bad("background " background)
      state = ""
      next
    }
    /^MOTIF / {
      if (!alphabet || !strands || !background) bad("a motif before the head is complete")
      if (NF < 2 || $2 ~ /=/ || $2 in seen) bad("id")
      seen[$2] = 1
      id = $2
      state = "motif"
      next
    }
    /^letter-probability matrix: alength= 4 w= / {
      if (state != "motif") bad("matrix without motif")
      width = $6
      sites = "?"
      if (NF == 10 && $7 == "nsites=" && $9 == "E=") sites = $8
      else if (NF != 8 || $7 != "E=") bad("keys")
      head = id " " width " " sites "\n"
      body = ""
      rows = 0
      state = "matrix"
      next
    }
    NF { bad("unknown line " $0) }
    END { if (failed) exit 1; if (state != "") { print "the last motif is lost" > "/dev/stderr"; exit 1 } }
  ' "$1" || die "$1 is no strict MEME file"
}

# A list.
expect 0 motifs "$motifs/minimal.meme"
[ "$(head -n 1 stdout)" = $'id\tname\twidth\tsites\tinformation\tconsensus\tiupac' ] || die "header: $(head -n 1 stdout)"
expect_text stdout '^EX0001\.1	alpha	8	20	[0-9.]+	TGACGTCA	TGACGTCA$'
expect_text stdout '^EX0002\.1	beta::gamma	4	16	[0-9.]+	CACG	CAYG$'
expect_text stdout '^EX0003\.2	delta	9	25	[0-9.]+	GGAAATTCC	GGAANTTCC$'
# Information from the counts themselves.
counted=$(awk 'function bits(p) { return p > 0 ? p * log(4 * p) / log(2) : 0 }
  /^[A-T] / { gsub(/[][]/, " "); $0 = $0; for (i = 2; i <= NF; i++) { count[$1, i] = $i; sum[i] += $i }; width = NF }
  /^T / { for (i = 2; i <= width; i++) for (l = 1; l <= 4; l++) total += bits(count[substr("ACGT", l, 1), i] / sum[i])
    printf "%.4f ", total; total = 0; delete sum }' "$motifs/brackets.jaspar")
listed=$(awk -F'\t' 'NR > 1 && !/^#/ { printf "%.4f ", $5 }' stdout)
[ "$counted" = "$listed" ] || die "information is $listed instead of $counted"
cp stdout list

# Every form holds the same motifs; a file, a pipe, gzip.
for form in minimal.meme.gz crlf.meme bare.meme brackets.jaspar letters.jaspar plain.pfm hocomoco.pcm transfac.dat; do
  expect 0 motifs "$motifs/$form"
  cmp <(cut -f 1-4,6- list | grep -v '^#') <(cut -f 1-4,6- stdout | grep -v '^#') || die "$form is listed otherwise"
done
expect 0 motifs - < "$motifs/minimal.meme.gz"
same stdout list
expect 0 motifs "$motifs/dreme.txt" --quiet
[ ! -s stderr ] || die "quiet, but: $(cat stderr)"
expect_text stdout '^GGAANTTCC	DREME-3	9	25	'
expect 0 motifs "$motifs/homer.motif"
expect_text stdout '^EX0001\.1	alpha	8	nan	'
expect 0 motifs - < "$motifs/four_rows.txt"
expect_text stdout '^motif		8	20	'

# Forms that are written.
expect 0 motifs "$motifs/brackets.jaspar" --to meme && cp stdout written.meme
strict_meme written.meme > rows
[ "$(grep -c '^EX' rows)" -eq 3 ] || die "not three motifs: $(cat rows)"
expect_text rows '^EX0003\.2 9 25$'
expect_text rows '^0\.080000 0\.120000 0\.800000 0\.000000$'
head -n -1 written.meme > unended.meme
if (strict_meme unended.meme) > /dev/null 2>&1; then die 'the strict reader does not need the last blank line'; fi
for form in meme jaspar pfm transfac; do
  expect 0 motifs written.meme -o again.$form
  expect_text stderr '^wrote again\.[a-z]+ \(3 motifs\); '
  expect 0 motifs again.$form --to meme
  cmp <(sed '/^A 0/d' stdout) <(sed '/^A 0/d' written.meme) || die "$form loses something"
  expect 0 motifs written.meme --to $form
  cmp stdout again.$form || die "--to $form is not what -o x.$form writes"
done
cmp <(tr -d ' ' < again.jaspar) <(tr -d ' ' < "$motifs/brackets.jaspar") || die 'jaspar is not what was read'
expect 0 motifs written.meme -o listed.meme --list
same listed.meme list
expect 0 motifs "$motifs/homer.motif" --to jaspar
expect_text stdout '^A  \[ +5 +0 100 +5 +10 +0 +15 +75 \]$'

# Changes: ids, turning, trimming, widths; backgrounds of several files.
expect 0 motifs written.meme --ids EX0003.2,EX0001.1 --reverse-complement
[ "$(cut -f 1,6 stdout | head -n 3 | tail -n 2)" = $'EX0001.1\tTGACGTCA\nEX0003.2\tGGAATTTCC' ] || die "turned: $(cat stdout)"
# Columns: 0.05 0 0.05 0.9 hold 1.43 bits, 0.15 0.8 0 0.05 hold 1.12, 1/16 14/16 1/16 0 hold 1.33.
expect 0 motifs written.meme --trim 1.4
[ "$(awk -F'\t' 'NR > 1 && NF > 1 { printf "%s ", $6 }' stdout)" = 'TGACGT A GAAATTC ' ] || die "trimmed: $(cat stdout)"
expect 0 motifs written.meme --trim 1.7 --to meme
strict_meme stdout > rows
expect 0 motifs "$motifs/homer.motif" --trim 2 --ids EX0002.1
expect_text stderr '^explainn: warning: left out: 1 motif without a column of 2 bits$'
[ "$(wc -l < stdout)" -eq 2 ] || die "nothing is left, but: $(cat stdout)"
expect 0 motifs written.meme --resize 6
[ "$(awk -F'\t' 'NR > 1 && NF > 1 { printf "%s ", $7 }' stdout)" = 'GACGTC NCAYGN GAANTT ' ] || die "resized: $(cat stdout)"
expect 0 motifs "$motifs/four_rows.txt" "$motifs/minimal.meme" written.meme
expect_text stderr 'written.meme: has another background than a file before it, which counts$'
[ "$(awk -F'\t' 'NR > 1 && NF > 1' stdout | wc -l)" -eq 7 ] || die "not all files: $(cat stdout)"
expect 0 motifs "$motifs/four_rows.txt" "$motifs/minimal.meme" --to meme
expect_text stdout '^A 0\.300000 C 0\.200000 G 0\.200000 T 0\.300000$'

# An empty file of motifs is one.
printf 'MEME version 4\n' > empty.meme
expect 0 motifs empty.meme
expect 0 motifs empty.meme --to meme
strict_meme stdout

# What makes no sense.
refuse 1 'missing.meme' motifs missing.meme -o out
: > nothing && refuse 1 'nothing: no motifs' motifs nothing -o out
printf 'MEME version 4\nMOTIF a\nletter-probability matrix: w= 2\n1 0 0 0\n' > short.meme
refuse 1 'short.meme:4: ' motifs short.meme -o out
refuse 1 'EX0001.1 is in several files' motifs written.meme "$motifs/plain.pfm" --to meme -o out
refuse 1 'no motif has the id or name EX9' motifs written.meme --ids EX9 -o out
refuse 1 'again.pfm: exists already' motifs written.meme -o again.pfm
expect 0 motifs written.meme -o again.pfm --force
refuse 2 'meme, jaspar, pfm and transfac' motifs written.meme --to hmm -o out
refuse 2 'excludes' motifs written.meme --to meme --list -o out
refuse 2 'gz' motifs written.meme -o out.gz
refuse 2 'trim' motifs written.meme --trim 2.5 -o out
refuse 2 'trim' motifs written.meme --trim nan -o out
refuse 2 'resize' motifs written.meme --resize 0 -o out
refuse 2 'resize' motifs written.meme --resize 1001 -o out
refuse 2 'standard input' motifs - - -o out
refuse 2 'empty name' motifs written.meme --ids a,,b -o out
refuse 2 'FILES is required' motifs
refuse 1 '/dev/full' motifs written.meme -o /dev/full
echo "$refused refusals"
