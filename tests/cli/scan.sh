#!/usr/bin/env bash
# explainn scan: hits as a table and as BED, scores of sequences, motifs judged by labels.
source "$(dirname "$0")/lib.sh"

cat > motifs.meme << 'MEME'
MEME version 4

ALPHABET= ACGT

Background letter frequencies
A 0.3 C 0.2 G 0.2 T 0.3

MOTIF one first
letter-probability matrix: alength= 4 w= 4 nsites= 1000000 E= 0
1 0 0 0
0 1 0 0
0 0 1 0
1 0 0 0

MOTIF two
letter-probability matrix: alength= 4 w= 1 nsites= 10 E= 0
0 0 0.5 0.5

MEME
# The words of `one`: ACGA forward, TCGT reverse. N hides one; soft letters are letters.
cat > some.fa << 'FASTA'
>chr1:100-110
ACGAttcgtn
>chr2:101-108(-) counted from 1, on the reverse strand
TTACGATT
>short
ACG
>unknown
ACNGANACGA
FASTA

expect 0 scan motifs.meme some.fa --pvalue 0.0037
expect_text stderr 'CPU'
expect_text stderr 'background A and T 0.3, C and G 0.2'
expect_text stderr 'too short or too weak to match with a p-value of 0.0037: two \(0.2\)'
expect_text stderr '^wrote to standard output \(4 hits of 2 motifs in 4 sequences\)'
# 2 (log2(1/0.3) + log2(1/0.2)), each rounded to 1 / 200; p = (0.3 0.2)^2, q = p N / hits with N = 2 (6 + 5 + 0 + 1).
cat > expected.tsv << 'TSV'
motif_id	motif_alt_id	sequence_name	start	stop	strand	score	p-value	q-value	matched_sequence
one	first	chr1:100-110	1	4	+	8.11	0.0036	0.0216	ACGA
one	first	chr1:100-110	6	9	-	8.11	0.0036	0.0216	ACGA
one	first	chr2:101-108(-)	3	6	+	8.11	0.0036	0.0216	ACGA
one	first	unknown	7	10	+	8.11	0.0036	0.0216	ACGA
TSV
same stdout expected.tsv
expect_text stdout '^# explainn .*: explainn scan motifs.meme some.fa --pvalue 0.0037$'

# One strand: its hits among half the windows. Some of the motifs.
expect 0 scan motifs.meme some.fa --pvalue 0.0037 --no-rc
same stdout <(grep -v $'\t-\t' expected.tsv | sed 's/0.0216/0.0144/')
expect 0 scan motifs.meme some.fa --pvalue 0.0037 --ids one
same stdout expected.tsv
expect_text stderr '4 hits of 1 motif in 4 sequences'
refuse 1 'no motif has the id or name three' scan motifs.meme some.fa --ids three -o out

# In the genome where the id tells, else in the sequence; the score is -100 log10 p.
expect 0 scan motifs.meme some.fa --pvalue 0.0037 --bed -o hits.bed
printf 'chr1\t100\t104\tone\t244\t+\nchr1\t105\t109\tone\t244\t-\nchr2\t102\t106\tone\t244\t-\nunknown\t6\t10\tone\t244\t+\n' > expected.bed
cmp hits.bed expected.bed || die "BED: $(cat hits.bed)"
printf 'id\tchrom\tstart\tend\tseq\nx\tchr7\t1000\t1010\tGGACGAGGGG\n' > places.tsv
expect 0 scan motifs.meme places.tsv --pvalue 0.0037 --bed
[ "$(cat stdout)" = $'chr7\t1002\t1006\tone\t244\t+' ] || die "columns: $(cat stdout)"
expect 0 scan motifs.meme some.fa --pvalue 0.0037 --bed --qvalue 0.02
[ ! -s stdout ] || die 'q-values beyond the limit'
expect 0 scan motifs.meme some.fa --pvalue 0.0037 --qvalue 0.03
same stdout expected.tsv
expect 0 scan motifs.meme some.fa --pvalue 1e-9
[ "$(wc -l < stdout)" -eq 2 ] || die 'no hits: a header and a footer'

# Backgrounds: uniform gives p = 4^-4.
printf '# made up\nA 0.25\nC 0.25\nG 0.25\nT 0.25\nAA 0.1\n' > uniform.txt
for background in uniform 0.25,0.25,0.25,0.25 1,1,1,1 uniform.txt; do
  expect 0 scan motifs.meme some.fa --pvalue 0.004 --background "$background"
  expect_text stdout '^one	first	unknown	7	10	[+]	8	0.00390625	0.0234375	ACGA$'
done

# Scores of sequences: the best window, and all of them together.
expect 0 scan motifs.meme some.fa --scores best
[ "$(grep -v '^#' stdout | cut -f 1,2 | paste -s -d' ')" = \
  $'id\tone chr1:100-110\t8.11 chr2:101-108(-)\t8.11 short\tnan unknown\t8.11' ] || die "best: $(cat stdout)"
expect 0 scan motifs.meme some.fa --pvalue 1 -o all.tsv
expect 0 scan motifs.meme some.fa --scores sum -o sums.tsv
awk -F'\t' 'NR == FNR { if (FNR > 1 && !/^#/) sum[$3 " " $1] += 2 ^ $7; next }
  FNR == 1 || /^#/ { next }
  { for (i = 2; i <= 3; i++) {
      wanted = sum[$1 " " (i == 2 ? "one" : "two")]
      if (!wanted) { if ($i != "nan") exit 1; continue }
      difference = $i - log(wanted) / log(2)
      if (difference > 1e-5 || difference < -1e-5) exit 1
      checked++
  } } END { exit checked == 7 ? 0 : 1 }' all.tsv sums.tsv || die 'sums are not those of all hits'

# Real sequences: the same bytes from a pipe, for any number of threads and every instruction set.
table=$samples/tf30_small.tsv.gz
zcat "$table" | awk -F'\t' 'NR > 1 { print ">" $1 "\n" $6 }' > real.fa
for wanted in '--pvalue 0.01' '--scores best' '--scores sum' '--pvalue 0.01 --bed'; do
  # shellcheck disable=SC2086
  expect 0 scan motifs.meme real.fa $wanted --threads 1
  cp stdout reference
  # shellcheck disable=SC2086
  expect 0 scan - real.fa $wanted --threads 3 < motifs.meme
  same stdout reference
  # shellcheck disable=SC2086
  gzip -c real.fa | "$explainn" scan motifs.meme - $wanted > stdout 2> stderr || die "pipe: $(cat stderr)"
  same stdout reference
  for set in baseline avx2 avx512; do
    # shellcheck disable=SC2086
    if EXPLAINN_ISA=$set "$explainn" scan motifs.meme real.fa $wanted > stdout 2> stderr; then
      same stdout reference
    else
      expect_text stderr "EXPLAINN_ISA is '$set'; this machine has: baseline"
    fi
  done
done
[ "$(wc -l < reference)" -gt 100 ] || die 'few hits in real sequences'

# Motifs against labels.
expect 0 scan motifs.meme "$table" --auc --targets MAX,FOXA1 --split all
[ "$(head -n 1 stdout)" = $'motif_id\tmotif_alt_id\ttask\tpositives\tnegatives\taucROC_best\taucPR_best\taucROC_sum\taucPR_sum' ] ||
  die 'header of --auc'
awk -F'\t' 'NR > 1 && !/^#/ { rows++; for (i = 6; i <= 9; i++) if (!($i > 0 && $i < 1)) exit 1 }
  END { exit rows == 4 ? 0 : 1 }' stdout || die "areas: $(cat stdout)"
expect_text stderr '\(2 motifs, 2 tasks, 600 sequences\)'
expect 0 scan motifs.meme "$table" --auc --targets MAX
expect_text stderr '\(2 motifs, 1 task, 100 sequences\)'
printf '>a\nTTACGATT\n>b\nTCGTTTTT\n' > bound.fa
printf '>a\nTTTTTTTT\n>b\nACGTTTAC\n' > free.fa
expect 0 scan motifs.meme --auc --positives bound.fa --negatives free.fa
expect_text stdout '^one	first	positive	2	2	1	1	1	1$'

refuse 2 'pvalue 0: ' scan motifs.meme some.fa -o out --pvalue 0
refuse 2 'pvalue 2: ' scan motifs.meme some.fa -o out --pvalue 2
refuse 2 'qvalue nan' scan motifs.meme some.fa -o out --qvalue nan
refuse 2 'motif-pseudo 0: ' scan motifs.meme some.fa -o out --motif-pseudo 0
refuse 2 'there is best and sum' scan motifs.meme some.fa -o out --scores mean
refuse 2 'excludes' scan motifs.meme some.fa -o out --scores sum --bed
refuse 2 'excludes' scan motifs.meme some.fa -o out --auc --pvalue 0.1
refuse 2 'need --auc' scan motifs.meme "$table" -o out --targets MAX
refuse 2 'SEQUENCES is required' scan motifs.meme -o out
refuse 2 'both be standard input' scan - - -o out
refuse 2 'plain text' scan motifs.meme some.fa -o out.gz
refuse 2 'uniform, four frequencies' scan motifs.meme some.fa -o out --background gc
refuse 2 'four frequencies above 0' scan motifs.meme some.fa -o out --background 0.5,0.5,0,0
refuse 1 'no frequency of T; give a line' scan motifs.meme some.fa -o out --background <(grep -v T uniform.txt)
printf 'A 0.3\nC much\n' > bad.txt
refuse 1 'bad.txt:2: .*no letter and frequency' scan motifs.meme some.fa -o out --background bad.txt
printf 'A 0.3\nA 0.3\n' > bad.txt
refuse 1 'bad.txt:2: a second frequency of A' scan motifs.meme some.fa -o out --background bad.txt
refuse 1 'missing.fa' scan motifs.meme missing.fa -o out
refuse 1 'missing.meme' scan missing.meme some.fa -o out
: > nothing.fa
refuse 1 'nothing.fa: the file is empty' scan motifs.meme nothing.fa --scores sum -o out
printf '>a\nACGT\n>b\nAC-GT\n' > bad.fa
refuse 1 'bad.fa:4: ' scan motifs.meme bad.fa --scores best -o out
awk -F'\t' -v OFS='\t' 'NR == 2 { $7 = 5 } 1' <(zcat "$table") > values.tsv
refuse 1 'values.tsv:2: .*--auc needs labels in \[0, 1\]' scan motifs.meme values.tsv --auc -o out
refuse 1 'hits.bed: exists already' scan motifs.meme some.fa -o hits.bed
expect 0 scan motifs.meme some.fa -o hits.bed --bed --pvalue 0.0037 --force
cmp hits.bed expected.bed || die 'forced'
echo "$refused refusals"
