#!/usr/bin/env bash
# modes: known motifs by families, the tables and motif files agree, requests that make no sense.
source "$(dirname "$0")/lib.sh"
known=$source/cli/demo/JASPAR2020_vertebrates.meme.gz
# mode_of NAME: of the first motif with this name.
mode_of() { awk -F'\t' -v name="$1" 'NR > 1 && $3 == name { print $1; exit }' known/modes.tsv; }

expect 0 modes "$known" -o known
count=$(grep -c '^MOTIF' known/archetypes.meme)
expect_text stderr "$count binding modes of 746 motifs"
[ "$(field motif known/modes.tsv | sort -u | wc -l)" -eq 746 ] || die 'not each motif once'
diff <(field mode known/modes.tsv | uniq) <(grep -o '^MOTIF mode[0-9]*' known/archetypes.meme | cut -d ' ' -f 2) ||
  die 'archetypes of other modes'
diff <(awk -F'\t' '$4 == "yes" { print $2 }' known/modes.tsv) \
  <(awk '/^MOTIF/ { print $2 }' known/representatives.meme) || die 'other representatives'
# Families that everybody knows: together, and apart.
for pair in FOXA1/FOXA2 FOS/FOSL2 FOS/BATF STAT1/STAT3 SP1/KLF9 MAX/MYC SPI1/SPIB GATA1/GATA2 TEAD2/TEAD4 NRF1/NRF1; do
  [ "$(mode_of ${pair%/*})" = "$(mode_of ${pair#*/})" ] || die "$pair are not one"
done
for pair in CTCF/REST FOXA1/GATA2 FOS/CREB1 SPI1/MAX NRF1/SRF; do
  [ "$(mode_of ${pair%/*})" != "$(mode_of ${pair#*/})" ] || die "$pair are one"
done
[ -s known/run.json ] || die 'no run.json'
# An archetype is a motif as others are.
expect 0 motifs known/archetypes.meme
[ "$(grep -c '^mode' stdout)" -eq "$count" ] || die 'archetypes cannot be read back'

# Stricter and looser; any number of threads; standard input; some of them.
expect 0 modes "$known" -o strict --p-value 1e-8
expect 0 modes "$known" -o loose --p-value 0.01
[ "$(grep -c '^MOTIF' strict/archetypes.meme)" -gt "$count" ] || die 'not more at a smaller p-value'
[ "$(grep -c '^MOTIF' loose/archetypes.meme)" -lt "$count" ] || die 'not fewer at a larger p-value'
zcat "$known" > known.meme
expect 0 modes - -o piped --threads 1 < known.meme
for file in modes.tsv archetypes.meme representatives.meme; do same known/$file piped/$file; done
expect 0 modes "$known" -o some --ids MA0139.1,MA0004.1 --dist pearson
[ "$(grep -c '^mode[0-9]' some/modes.tsv)" -eq 2 ] || die "$(cat some/modes.tsv)"
expect_text some/modes.tsv '^# distance of columns: pearson; .* at most 0.001$'

# No column on the other strand, if it is not to be looked at.
expect 0 modes "$known" -o forward --no-rc
! field orientation forward/modes.tsv | grep -q -- - || die 'turned in spite of --no-rc'

# Two of the same are one mode, even alone.
printf 'MEME version 4\n\n' > two.meme
for id in a b; do
  printf 'MOTIF %s\nletter-probability matrix: alength= 4 w= 6 nsites= 20\n' $id >> two.meme
  for column in '.05 .05 .05 .85' '.85 .05 .05 .05' '.05 .05 .05 .85' '.85 .05 .05 .05' '.85 .05 .05 .05' '.85 .05 .05 .05'; do
    echo $column >> two.meme
  done
  echo >> two.meme
done
expect 0 modes two.meme -o two
[ "$(grep -c '^MOTIF' two/archetypes.meme)" -eq 1 ] || die "$(cat two/modes.tsv)"

# Motifs that say nothing are in no mode, and said so.
printf 'MEME version 4\n\nMOTIF flat\nletter-probability matrix: alength= 4 w= 2\n' > flat.meme
printf '0.25 0.25 0.25 0.25\n0.25 0.25 0.25 0.25\n' >> flat.meme
expect 0 modes flat.meme -o flat
expect_text stderr 'uninformative, so in no mode: flat'
[ "$(grep -c '^mode[0-9]' flat/modes.tsv)" -eq 0 ] || die "$(cat flat/modes.tsv)"

refuse 1 'force' modes "$known" -o known
refuse 2 'p-value' modes "$known" -o out --p-value -1
refuse 2 'p-value' modes "$known" -o out --p-value nan
refuse 2 'dist.*(pearson|ed)' modes "$known" -o out --dist euclid
refuse 2 'min-overlap' modes "$known" -o out --min-overlap 0
refuse 1 'ids' modes "$known" -o out --ids MA0
refuse 1 'absent.meme' modes absent.meme -o out
echo 'modes: all as it should be'
