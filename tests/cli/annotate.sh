#!/usr/bin/env bash
# Interpretation with known motifs and with the sites of every filter: names that explainn tomtom
# gives too, sites that spell the motifs, genome coordinates.
source "$(dirname "$0")/lib.sh"
data=$samples/tf30_small.tsv.gz

# Known motifs in which some filter of so short a training is sure to be found: some of its own.
cat > known.meme << 'END'
MEME version 4

MOTIF M1 first
letter-probability matrix: alength= 4 w= 3 nsites= 20
0.9 0.05 0.03 0.02
0.1 0.8 0.05 0.05
0.1 0.1 0.1 0.7
END
expect 0 train "$data" -o trained --criterion bcewithlogits --rev-complement --num-units 12 \
  --num-epochs 2 --threads 2
model=trained/model.safetensors
expect 0 interpret $model "$data" -o plain
sed 's/^MOTIF filter\([0-9]*\)$/MOTIF K\1 known\1/' plain/filters.meme > own.meme
awk '/^MOTIF/ && ++motifs > 5 { exit } { print }' own.meme > some.meme
sed -n '/^MOTIF/,$p' known.meme >> some.meme

for threads in 1 2; do
  expect 0 interpret $model "$data" -o named$threads --motifs some.meme --instances \
    --all-importances --threads $threads
done
expect_text stderr 'named after [0-9]+ known motifs \(ed, q <= 0.05\), of [0-9]+ of [0-9]+ known binding modes$'
expect_text stderr 'wrote filters.meme, filters.tsv, weights.tsv, importances.tsv, tomtom.tsv, importances.tsv.gz, instances.bed.gz'
for name in filters.meme filters.tsv weights.tsv importances.tsv tomtom.tsv; do
  same named1/$name named2/$name
done
same <(zcat named1/instances.bed.gz) <(zcat named2/instances.bed.gz)
same <(zcat named1/importances.tsv.gz) <(zcat named2/importances.tsv.gz)

# The matches are those of explainn tomtom in the file as written.
expect 0 tomtom named1/filters.meme some.meme --threshold 0.05
same stdout named1/tomtom.tsv
[ "$(grep -c '^filter' named1/tomtom.tsv)" -ge 5 ] || die "$(cat named1/tomtom.tsv)"

# Names: of the best match, in every table and in the motif file.
awk -F'\t' '
  FNR == 1 { file++ }
  /^#/ { next }
  file == 1 { if (FNR > 1 && !($1 in best)) { best[$1] = $2; q[$1] = $6 } next }
  file == 2 {
    if (FNR == 1) { if ($2 != "annotation" || $3 != "motif") exit 3; next }
    if ($2 == "uninformative" || $2 == "dead" || $2 == "unknown") { if ($3 != "") exit 4 }
    else { if ($3 != best[$1] || $6 - q[$1] > 1e-6 || q[$1] - $6 > 1e-6) exit 5; named++ }
    name[$1] = $2
    next
  }
  FNR == 1 { if ($1 != "filter" || $2 != "annotation") exit 6; next }
  { if ($2 != name[$1]) exit 7 }
  END { if (named < 4) { print "only " named + 0 " named"; exit 8 } }' \
  named1/tomtom.tsv named1/filters.tsv named1/weights.tsv named1/importances.tsv \
  <(zcat named1/importances.tsv.gz) || die "annotations do not agree: $?"
expect_text named1/filters.meme '^MOTIF filter[0-9]+ known[0-9]+$'
cmp <(cut -f1,3- named1/weights.tsv | grep -v '^#') <(grep -v '^#' plain/weights.tsv) ||
  die 'names changed the weights'

# Binding modes: those of explainn modes; a filter's known one is that of its best match.
expect 0 modes named1/filters.meme -o modes
same modes/modes.tsv named1/modes.tsv
same modes/archetypes.meme named1/archetypes.meme
[ "$(grep -c '^MOTIF' modes/archetypes.meme)" -ge 2 ] || die "$(cat modes/modes.tsv)"
expect 0 modes some.meme -o known_modes
awk -F'\t' '
  /^#/ || FNR == 1 { for (i = 1; i <= NF; ++i) at[$i] = i; next }
  NR == FNR { mode[$2] = $1; if ($4 == "yes") stands[$1] = $2; next }
  $(at["motif"]) != "" && $(at["known_mode"]) != stands[mode[$(at["motif"])]] { print; bad = 1 }
  $(at["motif"]) != "" { ++named }
  END { exit bad || !named }' known_modes/modes.tsv named1/filters.tsv || die 'other known modes'

# The sites spell the motifs, and lie in the genome where the columns of the data say.
zcat "$data" | awk -F'\t' '
  BEGIN { split("A C G T", letters, " "); for (i = 1; i <= 4; i++) { of[letters[i]] = i; with[letters[i]] = letters[5 - i] } }
  FNR == 1 { file++ }
  file == 1 {
    if (FNR == 1) { for (i = 1; i <= NF; i++) column[$i] = i; next }
    id = $column["id"]; sequence[id] = toupper($column["seq"])
    chrom[id] = $column["chrom"]; start[id] = $column["start"]
    next
  }
  /^#/ { next }
  file == 2 {
    id = $7
    if ($1 != chrom[id] || $2 < start[id] || $3 > start[id] + length(sequence[id])) { print "misplaced: " $0; exit 3 }
    if ($5 < 500 || $5 > 1000) { print "score: " $0; exit 4 }
    word = substr(sequence[id], $2 - start[id] + 1, $3 - $2)
    sites[$4]++
    for (k = 1; k <= length(word); k++) {
      letter = substr(word, $6 == "+" ? k : length(word) + 1 - k, 1)
      if (!(letter in of)) continue
      count[$4, k, of[$6 == "+" ? letter : with[letter]]]++
    }
    next
  }
  $1 ~ /^MOTIF / { split($1, part, " "); filter = part[2]; k = 0; next }
  $1 ~ /nsites=/ { match($1, /nsites= [0-9]+/); if (substr($1, RSTART + 8, RLENGTH - 8) + 0 != sites[filter]) { print filter ": other sites"; exit 5 } next }
  $1 ~ /^ [01]\./ {
    k++; split($1, p, " "); all = 0
    for (i = 1; i <= 4; i++) all += count[filter, k, i]
    for (i = 1; i <= 4; i++) { d = p[i] - count[filter, k, i] / all; if (d > 1e-6 || d < -1e-6) { print filter ", " k ": " p[i]; exit 6 } checked++ }
  }
  END { if (checked < 500) { print "too few numbers: " checked + 0; exit 7 } }' \
  - <(zcat named1/instances.bed.gz) named1/filters.meme || die "sites and motifs differ: $?"

# Contributions are the importances.
comm -13 <(zcat named1/importances.tsv.gz | grep '^filter[0-9]' | cut -f1,2,3,5- | sort -u) \
  <(zcat named1/instances.bed.gz | grep -v '^#' | cut -f4,7,8,10- | awk -F'\t' -v OFS='\t' '
      { t = $2; $2 = $3; $3 = t; print }' | sort -u) | head -n 1 > unknown
[ ! -s unknown ] || die "a contribution that is no importance: $(cat unknown)"

# Sequences without a place: coordinates within them.
zcat "$data" | awk -F'\t' -v OFS='\t' '
  NR == 1 { for (i = 1; i <= NF; i++) if ($i != "chrom" && $i != "start" && $i != "end") keep[++n] = i }
  { line = $keep[1]; for (i = 2; i <= n; i++) line = line "\t" $keep[i]; print line }' > placeless.tsv
expect 0 interpret $model placeless.tsv -o placeless --instances
zcat placeless/instances.bed.gz | awk -F'\t' '!/^#/ && ($1 != $7 || $2 < 0 || $3 > 200) { exit 1 }' ||
  die 'sites without a place are not counted within their sequence'

# No match: valid files, nothing named.
expect 0 interpret $model "$data" -o none --motifs known.meme --q-value 0
[ "$(grep -c '^filter[0-9]' none/tomtom.tsv)" -eq 0 ] || die 'matches at q <= 0'
expect_text stderr '0 of 12 filters named'
refuse 2 '--q-value' interpret $model "$data" -o out --motifs known.meme --q-value 2
refuse 2 'dist.*(pearson|ed)' interpret $model "$data" -o out --motifs known.meme --dist euclid
refuse 1 'nowhere.meme' interpret $model "$data" -o out --motifs nowhere.meme
