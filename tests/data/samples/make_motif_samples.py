#!/usr/bin/env python3
"""Writes motifs/: three invented motifs, given as counts, in every form that motif readers know.
The layouts follow the public descriptions of the formats; no program made these files."""
import gzip
import os

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "motifs")

# id, name, what MEME would call it, columns of counts A C G T.
MOTIFS = [
    ("EX0001.1", "alpha", "TGACGTCA",
     [(1, 0, 1, 18), (0, 1, 19, 0), (20, 0, 0, 0), (1, 17, 1, 1), (2, 1, 17, 0), (0, 0, 1, 19),
      (3, 16, 0, 1), (15, 2, 2, 1)]),
    # As wide as it has letters, so that only sums tell how it lies.
    ("EX0002.1", "beta::gamma", "CAYG", [(1, 14, 1, 0), (15, 0, 0, 1), (0, 8, 0, 8), (2, 0, 13, 1)]),
    ("EX0003.2", "delta", "GGAANTTCC",
     [(2, 3, 20, 0), (1, 0, 24, 0), (25, 0, 0, 0), (22, 1, 1, 1), (7, 6, 6, 6), (0, 2, 0, 23),
      (1, 1, 0, 23), (0, 25, 0, 0), (2, 20, 1, 2)]),
]
STARS = "*" * 80
DASHES = "-" * 80


def sites(columns):
    return sum(columns[0])


def shares(columns):
    return [[count / sites(columns) for count in column] for column in columns]


def rows(columns, before="", after=""):
    return "".join(before + "  ".join(f"{p:.6f}" for p in column) + after + "\n"
                   for column in shares(columns))


def write(name, text, line_end="\n"):
    with open(os.path.join(FOLDER, name), "w", newline="") as file:
        file.write(text.replace("\n", line_end))


def meme_minimal(version="4"):
    text = f"MEME version {version}\n\nALPHABET= ACGT\n\nstrands: + -\n\n"
    text += "Background letter frequencies\nA 0.3 C 0.2 G 0.2 T 0.3\n\n"
    for number, (name, alternative, _, columns) in enumerate(MOTIFS):
        text += f"MOTIF {name} {alternative}\n\n"
        if number == 1:  # scores may stand beside probabilities
            text += f"log-odds matrix: alength= 4 w= {len(columns)} E= 0\n"
            text += "".join("  ".join(str(100 * count - 400) for count in column) + "\n"
                            for column in columns) + "\n"
        text += f"letter-probability matrix: alength= 4 w= {len(columns)} nsites= {sites(columns)} E= 4.1e-009\n"
        text += rows(columns, " ") + f"URL http://example.org/{name}\n\n"
    return text


def meme_bare():
    """As little as the format allows, and nothing between."""
    text = "MEME version 5\n"
    for name, alternative, _, columns in MOTIFS:
        text += f"MOTIF {name} {alternative}\nletter-probability matrix:nsites={sites(columns)}\n"
        text += rows(columns)
    return text.rstrip("\n")


DNA_ALPHABET = """ALPHABET "DNA" DNA-LIKE
A "Adenine" CC0000 ~ T "Thymine" 008000
C "Cytosine" 0000CC ~ G "Guanine" FFB300
N "Any base" = ACGT
X = ACGT
. = ACGT
V "Not T" = ACG
W "Weak" = AT
U = T
END ALPHABET
"""


def meme_output():
    text = f"""{STARS}
MEME - Motif discovery tool
{STARS}
MEME version 5.4.1 (Release date: Sat Aug 21 19:23:23 2021 -0700)

For further information on how to interpret these results please access https://meme-suite.org/.
{STARS}


{STARS}
TRAINING SET
{STARS}
PRIMARY SEQUENCES= peaks.fa
CONTROL SEQUENCES= --none--
ALPHABET= ACGT
Sequence name            Weight Length  Sequence name            Weight Length
-------------            ------ ------  -------------            ------ ------
1                        1.0000    100  2                        1.0000    100
MOTIF_3                  1.0000    100  chr1:100-200             1.0000    100
{STARS}

{STARS}
COMMAND LINE SUMMARY
{STARS}
command: meme peaks.fa -dna -nmotifs 3 -revcomp

model:  mod=         zoops    nmotifs=         3    evt=           inf
width:  minw=            4    maxw=           12
nsites: minsites=        2    maxsites=       25    wnsites=       0.8
strands: + -
Letter frequencies in dataset:
A 0.25 C 0.25 G 0.25 T 0.25
Background letter frequencies (from file peaks.bg 2 0.5):
A 0.3 C 0.2 G 0.2 T 0.3
{STARS}
"""
    for number, (_, _, word, columns) in enumerate(MOTIFS):
        label = f"{word} MEME-{number + 1}"
        width, count = len(columns), sites(columns)
        text += f"\n\n{STARS}\nMOTIF {label}\twidth =  {width}  sites =  {count}  llr = 186  E-value = 1.0e-010\n{STARS}\n"
        text += f"{DASHES}\n\tMotif {label} Description\n{DASHES}\n"
        for i, letter in enumerate("ACGT"):
            title = "Simplified        " if i == 0 else "pos.-specific     "
            text += title + letter + "  " + "".join(
                ":" if c[i] == 0 else str(min(9, round(10 * c[i] / count))) for c in columns) + "\n"
        text += f"\n{DASHES}\n\n{DASHES}\n\tMotif {label} sites sorted by position p-value\n{DASHES}\n"
        text += "Sequence name            Strand  Start   P-value              Site\n"
        text += "-------------            ------  ----- ---------            ----\n"
        text += f"1                            +     10  1.05e-06 ACGTACGTAC {word} TTACGATCAG\n"
        text += f"2                            -     55  2.05e-06 ACGTACGTAC {word} TTACGATCAG\n{DASHES}\n\n"
        text += f"{DASHES}\n\tMotif {label} in BLOCKS format\n{DASHES}\nBL   MOTIF {word} width={width} seqs={count}\n"
        text += f"1                        (   10) {word}  1\n//\n\n{DASHES}\n\n"
        text += f"{DASHES}\n\tMotif {label} position-specific scoring matrix\n{DASHES}\n"
        text += f"log-odds matrix: alength= 4 w= {width} n= 1860 bayes= 6.5 E= 1.0e-010\n"
        text += "".join(" ".join(f"{100 * c - 500:6d}" for c in column) + " \n" for column in columns)
        text += f"{DASHES}\n\n{DASHES}\n\tMotif {label} position-specific probability matrix\n{DASHES}\n"
        text += f"letter-probability matrix: alength= 4 w= {width} nsites= {count} E= 1.0e-010 \n"
        text += rows(columns, " ", " ")
        text += f"{DASHES}\n\n{DASHES}\n\tMotif {label} regular expression\n{DASHES}\n{word}\n{DASHES}\n\n\n\n"
        text += f"Time  0.31 secs.\n\n{STARS}\n"
    text += f"\n\n{STARS}\nSUMMARY OF MOTIFS\n{STARS}\n\n{DASHES}\n"
    text += f"\tCombined block diagrams: non-overlapping sites with p-value < 0.0001\n{DASHES}\n"
    text += "SEQUENCE NAME            COMBINED P-VALUE  MOTIF DIAGRAM\n-------------            ----------------  -------------\n"
    text += f"1                                1.24e-04  9_[+1(1.05e-06)]_83\n{DASHES}\n\n{STARS}\n\n"
    return text + f"\n{STARS}\nStopped because requested number of motifs (3) found.\n{STARS}\n\nCPU: machine\n\n{STARS}\n"


def old_meme_output():
    """MEME before 4.10: motifs have numbers for ids; the sites stand in their lines alone."""
    text = f"{STARS}\nMEME - Motif discovery tool\n{STARS}\nMEME version 4.6.1 (Release date: 2011)\n\n"
    text += "ALPHABET= ACGT\nBackground letter frequencies (from dataset with add-one prior applied):\n"
    text += "A 0.300 C 0.200 G 0.200 T 0.300 \n"
    for number, (_, _, _, columns) in enumerate(MOTIFS):
        text += f"\n{STARS}\nMOTIF{number + 1:3d}\twidth ={len(columns):5d}   sites ={sites(columns):4d}   llr = 186   E-value = 1.0e-010\n{STARS}\n"
        text += f"{DASHES}\n\tMotif {number + 1} position-specific probability matrix\n{DASHES}\n"
        text += f"letter-probability matrix: alength= 4 w= {len(columns)} E= 1.0e-010\n{rows(columns, ' ')}{DASHES}\n"
    return text


def dreme_output():
    text = "# DREME 4.12.0\n# command:     dreme -p peaks.fa\n# positives: 100\n# time: 1.2 s\n\n"
    text += "MEME version 4.12.0\n\n" + DNA_ALPHABET + "\nstrands: + -\n\n"
    text += "Background letter frequencies (from dataset):\nA 0.3 C 0.2\nG 0.2 T 0.3\n\n"
    for number, (_, _, word, columns) in enumerate(MOTIFS):
        text += f"MOTIF {word} DREME-{number + 1}\n\n#             Word    RC Word        Pos        Neg    P-value    E-value\n"
        text += f"# BEST    {word}    {word}         20          2   1.1e-010   2.0e-006\n#         {word}    {word}         12          1   1.1e-005   2.0e-001\n\n"
        text += f"letter-probability matrix: alength= 4 w= {len(columns)} nsites= {sites(columns)} E= 2.0e-006\n{rows(columns)}\n"
    return text + "Time  9.87 secs.\n"


def streme_output():
    text = f"{STARS}\nSTREME - Sensitive, Thorough, Rapid, Enriched Motif Elicitation\n{STARS}\nMEME version 5.4.1 (Release date: 2021)\n\n{STARS}\n\n"
    text += DNA_ALPHABET + "\nstrands: + -\n\nBackground letter frequencies\nA 0.3 C 0.2 G 0.2 T 0.3 \n\n"
    for number, (_, _, word, columns) in enumerate(MOTIFS):
        text += f"MOTIF {number + 1}-{word} STREME-{number + 1}\n"
        text += f"letter-probability matrix: alength= 4 w= {len(columns)} nsites= {sites(columns)} E= 3.8e-001\n{rows(columns, ' ')}\n"
    return text + f"{STARS}\nCOMMAND:\tstreme --p peaks.fa\n{STARS}\nFINALTIME:\t1.2 seconds\n"


def letters_in_rows(begin, end="", separator=" ", titles=" "):
    text = ""
    for name, alternative, _, columns in MOTIFS:
        text += f">{name}{titles}{alternative}\n"
        for i, letter in enumerate("ACGT"):
            text += begin.replace("*", letter) + separator.join(f"{c[i]:4d}" for c in columns) + end + "\n"
    return text


def positions_in_rows(number):
    text = ""
    for name, alternative, _, columns in MOTIFS:
        text += f">{name}\t{alternative}\t6.4\n"
        text += "".join("\t".join(number(c, sum(column)) for c in column) + "\n" for column in columns)
    return text


def transfac():
    text = "VV  an example\nXX\n//\n"
    for name, alternative, _, columns in MOTIFS:
        text += f"AC  {name}\nXX\nID  {alternative}\nXX\nDE  {name} {alternative} ; invented\nP0      A      C      G      T\n"
        text += "".join(f"{i + 1:02d} " + " ".join(f"{c:6.1f}" for c in column) + "      N\n" for i, column in enumerate(columns))
        text += "XX\nCC  a comment\nXX\n//\n"
    return text


def main():
    os.makedirs(FOLDER, exist_ok=True)
    write("minimal.meme", meme_minimal())
    write("bare.meme", meme_bare())
    write("crlf.meme", meme_minimal("5.5.0"), "\r\n")
    write("rna.meme", meme_minimal().replace("ACGT", "ACGU").replace("T 0.3", "U 0.3"))
    write("meme.txt", meme_output())
    write("old_meme.txt", old_meme_output())
    write("dreme.txt", dreme_output())
    write("streme.txt", streme_output())
    write("brackets.jaspar", letters_in_rows("*  [ ", " ]", titles="\t"))
    write("letters.jaspar", letters_in_rows("*| "))
    write("plain.pfm", letters_in_rows("", separator="\t"))
    write("hocomoco.pcm", positions_in_rows(lambda count, total: f"{count:.1f}"))
    write("homer.motif", positions_in_rows(lambda count, total: f"{count / total:.6f}"))
    write("transfac.dat", transfac())
    columns = MOTIFS[0][3]
    write("four_rows.txt", "".join(" ".join(str(c[i]) for c in columns) + "\n" for i in range(4)))
    write("four_columns.txt", "".join(" ".join(str(c) for c in column) + "\n" for column in columns))
    write("cisbp.txt", "Pos\tA\tC\tG\tT\n" + "".join(
        f"{i + 1}\t" + "\t".join(f"{p:.6f}" for p in column) + "\n" for i, column in enumerate(shares(columns))))
    with open(os.path.join(FOLDER, "minimal.meme.gz"), "wb") as file:
        with gzip.GzipFile(fileobj=file, mode="wb", filename="", mtime=0) as packed:
            packed.write(meme_minimal().encode())


if __name__ == "__main__":
    main()
