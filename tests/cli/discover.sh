#!/usr/bin/env bash
# discover: a planted motif comes first and nothing is significant where there is none; the same bytes
# from any number of threads; tables, motifs and report agree; requests that make no sense.
source "$(dirname "$0")/lib.sh"

# sequences COUNT SEED MOTIF: random ones of 60 bases, the motif in each where it is not empty, on
# either strand.
sequences() {
  awk -v count="$1" -v seed="$2" -v motif="$3" 'BEGIN {
    srand(seed); split("A C G T", base, " ")
    for (i = 0; i < count; ++i) {
      s = ""
      for (j = 0; j < 60; ++j) s = s base[1 + int(4 * rand())]
      if (motif != "") {
        m = motif
        if (rand() < 0.5) {
          m = ""
          for (j = length(motif); j > 0; --j) m = m substr("TGCA", index("ACGT", substr(motif, j, 1)), 1)
        }
        at = 5 + int(rand() * 35)
        s = substr(s, 1, at) m substr(s, at + 1 + length(m))
      }
      printf ">s%d\n%s\n", i, s
    }
  }'
}

sequences 1000 1 CACTTCCTCT > bound.fa
few=(--num-units 12 --num-epochs 6)
expect 0 discover bound.fa -o found "${few[@]}" --threads 1
for file in motifs.meme motifs.tsv report.html report.json model.safetensors losses.tsv \
  learning-curve.svg filters.meme filters.tsv weights.tsv importances.tsv effects.tsv run.json; do
  [ -s "found/$file" ] || die "no $file"
done
expect_text stderr '^1600 training sequences, 200 for validation, 200 for the test; half of them shuffles'
field consensus found/motifs.tsv | head -n 1 | grep -qE 'CACTTCCTCT|AGAGGAAGTG' ||
  die "the first motif is not the planted one: $(sed -n 2p found/motifs.tsv)"
[ "$(field significant found/motifs.tsv | head -n 1)" = yes ] || die 'the planted motif is not significant'
field aucPR_valid found/motifs.tsv | sort -c -g -r || die 'not in order of aucPR'

# What is written of the motifs reads back, in the table's order, with its sites.
expect 0 motifs found/motifs.meme
field motif found/motifs.tsv > ranks
diff ranks <(grep -o '^MOTIF [^ ]*' found/motifs.meme | cut -d ' ' -f 2) || die 'motifs.meme has other motifs'
diff <(field sites found/motifs.tsv) <(grep -o 'nsites= [0-9]*' found/motifs.meme | cut -d ' ' -f 2) ||
  die 'motifs.meme has other sites'
# Each unit with a motif that says something is in one group.
[ -z "$(field group found/motifs.tsv | tr , '\n' | sort | uniq -d)" ] || die 'a filter in two groups'

# The report shows them in the table's order, and is made again from its folder.
diff <(field filter found/motifs.tsv) <(grep -A 1000 'id="discovered-table"' found/report.html |
  sed '/<\/table>/q' | grep -o 'title="filter[0-9]*"' | cut -d '"' -f 2) || die 'the report has other motifs'
expect 0 report found -o page.html
cmp page.html found/report.html || die 'another page from the same folder'
# With filters of another run the table is not shown as theirs.
cp -r found mixed
sed -i '2s/\tfilter[0-9]*\t/\tfilter999\t/' mixed/motifs.tsv
refuse 1 'mixed/motifs.tsv:2: of other filters' report mixed -o out.html

mv mixed out
cp -r out before
expect 1 interpret found/model.safetensors --positives bound.fa --negatives bound.fa -o out --force
expect_text stderr 'out/motifs.tsv: holds motifs that explainn discover found'
diff -r before out || die 'interpret wrote over what discover found'
rm -r out
# A motifs.tsv that somebody else has put there is neither refused nor read.
mkdir own
printf 'my\tmotifs\n' > own/motifs.tsv
expect 0 interpret found/model.safetensors --positives bound.fa --negatives bound.fa -o own
[ "$(cat own/motifs.tsv)" = "$(printf 'my\tmotifs')" ] || die 'motifs.tsv of another changed'

# Importance and effect are those of the other tables.
for column in importance effect; do
  diff <(paste <(field filter found/motifs.tsv) <(field $column found/motifs.tsv) | sort) \
    <(grep -F -w -f <(field filter found/motifs.tsv) found/${column}s.tsv | cut -f 1,2 | sort) ||
    die "another $column than in ${column}s.tsv"
done

expect 0 discover bound.fa -o again "${few[@]}" --threads 2
for file in motifs.meme filters.meme archetypes.meme model.safetensors; do
  cmp "found/$file" "again/$file" || die "$file differs with 2 threads"
done
for file in motifs.tsv modes.tsv; do same found/$file again/$file; done

# Nothing to find.
sequences 600 2 '' > nothing.fa
expect 0 discover nothing.fa -o null "${few[@]}"
! field significant null/motifs.tsv | grep -q yes || die "significant by chance: $(cat null/motifs.tsv)"
expect_text stderr '0 of them significant'

# Two files, a table with labels, and names from known motifs.
sequences 1000 3 '' > unbound.fa
zcat "$source/cli/demo/JASPAR2020_vertebrates.meme.gz" > known.meme
expect 0 discover bound.fa unbound.fa -o two "${few[@]}" --motifs known.meme
[ "$(field significant two/motifs.tsv | head -n 1)" = yes ] || die 'two files: not significant'
[ -s two/tomtom.tsv ] || die 'no tomtom.tsv'
head -n 1 two/motifs.tsv | grep -q 'annotation.match.q-value$' || die 'no names in motifs.tsv'
name=$(field annotation two/motifs.tsv | head -n 1)
[ "$(sed -n 's/^MOTIF motif1 //p' two/motifs.meme)" = "$name" ] || die "motif1 is not named $name in motifs.meme"
{
  printf 'seq\tSPI1\tother\n'
  awk '!/^>/ { print $0 "\t1\t0" }' bound.fa
  awk '!/^>/ { print $0 "\t0\t1" }' unbound.fa
  printf 'ACGTACGTACGT\tnan\t1\n'
} > table.tsv
expect 0 discover table.tsv -o table --targets SPI1 "${few[@]}"
field consensus table/motifs.tsv | head -n 3 | grep -qE 'CACTTCCTCT|AGAGGAAGTG' || die "table: not the planted motif: $(sed -n 2,4p table/motifs.tsv)"
expect_text stderr '^1 sequence without a label left out'
expect 0 report table --force

# Hits are those of a scan at the motif's threshold.
paste bound.fa unbound.fa | awk 'BEGIN { print "seq\tbound\tset"; split("train train train valid test", part, " ") }
  !/^>/ { n += 1; for (i = 1; i <= 2; ++i) print $i "\t" 2 - i "\t" part[1 + n % 5] }' > parts.tsv
expect 0 discover parts.tsv -o parts --targets bound "${few[@]}"
expect 0 scan parts/motifs.meme parts.tsv --scores best --ids motif1 -o best.tsv
[ "$(field positives_hit parts/motifs.tsv | head -n 1) $(field negatives_hit parts/motifs.tsv | head -n 1)" = \
  "$(paste <(field motif1 best.tsv) <(field bound parts.tsv) <(field set parts.tsv) |
    awk -v least="$(field threshold parts/motifs.tsv | head -n 1)" '$3 == "test" && $1 + 1e-4 >= least { ++hits[$2] }
      END { print hits[1] + 0, hits[0] + 0 }')" ] || die 'other hits than a scan finds'

# A random choice of what is too much, the same from the same seed.
for run in some same; do expect 0 discover bound.fa unbound.fa -o $run "${few[@]}" --max-sequences 200; done
expect_text stderr '^a random 400 of 2000 sequences: at most 200 of each class'
expect_text stderr '^320 training sequences, 40 for validation, 40 for the test'
cmp some/motifs.meme same/motifs.meme || die 'another choice from the same seed'
expect 0 discover bound.fa -o part "${few[@]}" --max-sequences 200
expect_text stderr '^a random 200 of 1000 sequences'
expect_text stderr '^320 training sequences, 40 for validation, 40 for the test; half of them shuffles'
expect 0 discover nothing.fa -o strand "${few[@]}" --one-strand

refuse 1 'force' discover bound.fa -o found
refuse 2 'targets' discover bound.fa unbound.fa --targets SPI1 -o out
refuse 2 'name one column' discover table.tsv --targets SPI1,other -o out
refuse 2 'num-epochs' discover bound.fa --num-epochs 0 -o out
refuse 2 'max-sequences' discover bound.fa --max-sequences 0 -o out
refuse 2 'q-value' discover bound.fa --q-value 2 -o out
head -n 10 bound.fa > five.fa
refuse 1 'five.fa: only 5 sequences' discover five.fa -o out
refuse 1 'absent.fa' discover absent.fa -o out
echo 'discover: all as it should be'
