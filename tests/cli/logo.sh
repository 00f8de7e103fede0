#!/usr/bin/env bash
# Sequence logos: names of files, sheets, options, refusals.
source "$(dirname "$0")/lib.sh"
export LC_ALL=C  # the order of names

cat > motifs.meme <<'MOTIFS'
MEME version 4

ALPHABET= ACGT

strands: + -

Background letter frequencies
A 0.3 C 0.2 G 0.2 T 0.3

MOTIF a_b plain
letter-probability matrix: alength= 4 w= 3 nsites= 20 E= 0
 1.0 0.0 0.0 0.0
 0.0 1.0 0.0 0.0
 0.25 0.25 0.25 0.25

MOTIF a/b slash
letter-probability matrix: alength= 4 w= 2 nsites= 20 E= 0
 0.0 0.0 0.0 1.0
 0.0 0.0 0.7 0.3

MOTIF A_B upper
letter-probability matrix: alength= 4 w= 1 nsites= 20 E= 0
 0.0 0.0 1.0 0.0

MOTIF ../<&"> hostile
letter-probability matrix: alength= 4 w= 1 nsites= 20 E= 0
 0.0 0.0 1.0 0.0

MOTIF flat
letter-probability matrix: alength= 4 w= 2 nsites= 20 E= 0
 0.25 0.25 0.25 0.25
 0.25 0.25 0.25 0.25

MOTIFS

# letters FILE: how many letters stand in a picture of one motif.
letters() {
  grep -c 'matrix(1 0 0' "$1"
}

# One picture a motif, under names that every system takes.
expect 0 logo motifs.meme -o logos
[ "$(cd logos && printf '%s ' *)" = 'A_B-2.svg _._____.svg a_b-3.svg a_b.svg flat.svg run.json ' ] ||
  die "files: $(ls logos)"
expect_text stderr '^a/b is no name for a file: see logos/a_b-3.svg$'
expect_text stderr '^wrote logos \(5 motifs\)'
expect_text logos/a_b.svg '<title>a_b plain: AC[ACGT]</title>'
expect_text logos/_._____.svg '<title>\.\./&lt;&amp;&quot;&gt; hostile: G</title>'
[ "$(letters logos/a_b.svg)" -eq 2 ] || die 'letters'
expect_text logos/run.json '"subcommand": "logo"'
! grep -lE '<text|<script|href=' logos/*.svg || die 'a font, a script or a link'

# Existing files stay; the same bytes every time, and from standard input.
expect 1 logo motifs.meme -o logos
expect_text stderr '--force'
cp -r logos before
expect 0 logo - -o logos --force < motifs.meme
for picture in before/*.svg; do
  cmp "$picture" "logos/${picture#before/}" || die "$picture differs"
done

# Some of them, cut, turned, on another scale.
expect 0 logo motifs.meme -o some --ids a_b,flat --trim 0.5
[ "$(cd some && printf '%s ' *)" = 'a_b.svg run.json ' ] || die "files: $(ls some)"
expect_text stderr 'warning: left out: 1 motif without a column of 0.5 bits'
expect_text some/a_b.svg 'plain: AC</title>'
expect 0 logo motifs.meme -o turned --ids a_b --trim 0.5 --reverse-complement
expect_text turned/a_b.svg 'reverse complement: GT</title>'
expect 0 logo motifs.meme -o frequencies --ids flat --frequencies
[ "$(letters frequencies/flat.svg)" -eq 8 ] || die 'frequencies'
expect 0 logo motifs.meme -o bare --ids a_b --no-axes --height 50
expect_text bare/a_b.svg '<svg width="30" height="50" viewBox="0 0 30 50" role="img"'
grep -q 'stroke' bare/a_b.svg && die 'axes'

# Bits over another background, and of few sites. The certain A: log2(1 / 0.3) bits.
expect 0 logo motifs.meme -o file --ids a_b --background file
grep -q 'matrix(1 0 0 1737 0' file/a_b.svg || die "background of the file: $(grep matrix file/a_b.svg)"
expect 0 logo motifs.meme -o given --ids a_b --background 0.3,0.2,0.2,0.3
cmp file/a_b.svg given/a_b.svg || die 'background given'
expect 0 logo motifs.meme -o few --ids a_b --small-sample-correction
grep -q 'matrix(1 0 0 1892 0' few/a_b.svg || die "small samples: $(grep matrix few/a_b.svg)"

# All in one picture, alone or beside the others.
expect 0 logo motifs.meme --sheet sheet.svg
expect_text stderr '^wrote sheet.svg \(5 motifs\)'
[ "$(grep -c '<g .*role="img"' sheet.svg)" -eq 5 ] || die 'cells'
expect_text sheet.svg '<tspan font-weight="bold">\.\./&lt;&amp;&quot;&gt;</tspan>'
expect 1 logo motifs.meme --sheet sheet.svg
expect 0 logo motifs.meme --sheet - --quiet
cmp stdout sheet.svg || die 'a sheet to standard output'
expect 0 logo motifs.meme -o both --sheet both/sheet.svg
[ -s both/sheet.svg ] || die 'the sheet of both'
[ -s both/a_b.svg ] || die 'the picture of both'

# Queries over what they match: the table says how.
cat > targets.pfm <<'PFM'
>long
0 9 0 0 0 9 0
0 0 9 9 0 0 0
0 0 0 0 9 0 9
9 0 0 0 0 0 0
>turned
0 0 0 0 9
0 9 0 0 0
9 0 9 9 0
0 0 0 0 0
PFM
cat > queries.pfm <<'PFM'
>site
9 0 0 0
0 9 9 0
0 0 0 9
0 0 0 0
PFM
expect 0 tomtom queries.pfm targets.pfm --threshold 1 -o table.tsv
expect 0 logo queries.pfm --matches table.tsv --targets targets.pfm -o pairs --best 2
[ "$(cd pairs && printf '%s ' *)" = 'run.json site_long.svg site_turned.svg ' ] ||
  die "files: $(ls pairs)"
expect_text stderr '^wrote pairs \(2 pairs\)'
expect_text pairs/site_long.svg '<title>site over long</title>'
expect 0 logo queries.pfm --matches table.tsv --targets targets.pfm -o best
[ "$(cd best && printf '%s ' *)" = 'run.json site_long.svg ' ] || die "files: $(ls best)"
# tomtom found ACCG one column into TACCGAG: letters of both stand at the same places.
places=$(grep -oE '<g transform="translate\([0-9.]+ [0-9.]+\)">' best/site_long.svg |
  sed -E 's/.*\(([0-9.]+) .*/\1/' | tr '\n' ' ')
[ "$places" = '20 0 ' ] || die "the query is not one column into its target: $places"
printf 'Query_ID\tTarget_ID\tOptimal_offset\tOrientation\nsite\tturned\t1\t-\n# end\n' > own.tsv
expect 0 logo queries.pfm --matches own.tsv --targets targets.pfm -o own
expect_text own/site_turned.svg '<title>site over turned, reverse complement</title>'

# bad_row PATTERN ROW: a table with that second line is refused.
bad_row() {
  printf 'Query_ID\tTarget_ID\tOptimal_offset\tOrientation\n%b\n' "$2" > bad.tsv
  refuse 1 "$1" logo queries.pfm --matches bad.tsv --targets targets.pfm -o out
}
bad_row 'bad.tsv:2: there is no query .?other' 'other\tlong\t1\t+'
bad_row 'bad.tsv:2: there is no target .?other' 'site\tother\t1\t+'
bad_row 'bad.tsv:2: the offset .?7.? does not fit a query of 4 columns and a target of 7' 'site\tlong\t7\t+'
bad_row 'bad.tsv:2: the offset .?-4' 'site\tlong\t-4\t+'
bad_row 'bad.tsv:2: the offset .?0.25' 'site\tlong\t0.25\t+'
bad_row 'bad.tsv:2: the offset .?x' 'site\tlong\tx\t+'
bad_row 'bad.tsv:2: the orientation .?r' 'site\tlong\t1\tr'
bad_row 'bad.tsv:2: 3 fields under a header of 4' 'site\tlong\t1'
refuse 1 'queries.pfm:1: no column .Query_ID.; give a table of explainn tomtom' \
  logo queries.pfm --matches queries.pfm --targets targets.pfm -o out
refuse 2 'requires --targets' logo queries.pfm --matches table.tsv -o out
refuse 2 'excludes' logo queries.pfm --matches table.tsv --targets targets.pfm -o out --trim 1
refuse 2 '--best 0: give 1 or more' \
  logo queries.pfm --matches table.tsv --targets targets.pfm -o out --best 0

refuse 2 'give -o DIR' logo motifs.meme
refuse 2 '--height 0: give 1' logo motifs.meme -o out --height 0
refuse 2 '--height nan: give 1' logo motifs.meme -o out --height nan
refuse 2 '--trim 3: a column has 0 to 2 bits' logo motifs.meme -o out --trim 3
refuse 2 '--background flat: give uniform, file' logo motifs.meme -o out --background flat
refuse 2 'above 0 and 1 together' logo motifs.meme -o out --background 0.5,0.5,0,0
refuse 2 'above 0 and 1 together' logo motifs.meme -o out --background 0.5,0.5,0.5,0.5
refuse 2 'are for bits' logo motifs.meme -o out --frequencies --background file
refuse 1 'no motif has the id or name a_c; did you mean a_b\?' logo motifs.meme -o out --ids a_c
refuse 1 'none.meme' logo none.meme -o out
refuse 2 'MOTIFS is required' logo -o out
echo "refused: $refused"
