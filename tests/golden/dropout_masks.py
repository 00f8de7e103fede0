"""The program's dropout masks: a hash of the element's number under keys from Philox4x32-10 (Salmon et
al., SC 2011).

Written from the paper and the definition, not from the C++ headers, so that the two can disagree.
"""

import numpy as np

_LOW = np.uint64(0xFFFFFFFF)
_32 = np.uint64(32)


def philox4x32_10(counter, key):
    """`counter`: 4 arrays of words, `key`: 2 words. Returns 4 uint64 arrays of 32-bit words."""
    c = [np.asarray(word, dtype=np.uint64) for word in counter]
    k = [int(word) for word in key]
    for _ in range(10):
        left = np.uint64(0xD2511F53) * c[0]
        right = np.uint64(0xCD9E8D57) * c[2]
        c = [
            (right >> _32) ^ c[1] ^ np.uint64(k[0]),
            right & _LOW,
            (left >> _32) ^ c[3] ^ np.uint64(k[1]),
            left & _LOW,
        ]
        k = [(k[0] + 0x9E3779B9) & 0xFFFFFFFF, (k[1] + 0xBB67AE85) & 0xFFFFFFFF]
    return c


def check_philox():
    """The known-answer vectors of the Random123 distribution (philox4x32, 10 rounds)."""
    ones = 0xFFFFFFFF
    pi = [0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344]
    known = [
        ([0, 0, 0, 0], [0, 0], "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
        ([ones] * 4, [ones] * 2, "408f276d 41c83b0e a20bc7c6 6d5451fd"),
        (pi, [0xA4093822, 0x299F31D0], "d16cfe09 94fdcceb 5001e420 24126ea1"),
    ]
    for counter, key, expected in known:
        words = philox4x32_10([[word] for word in counter], key)
        got = " ".join("%08x" % int(word[0]) for word in words)
        if got != expected:
            raise SystemExit("Philox: %s, expected %s" % (got, expected))


def dropout_mask(seed, step, stream, rows, units, hidden, rate):
    """True where kept, [rows, units, hidden]: element e uses one half of the hash of e // 2."""
    count = rows * units * hidden
    pair = np.arange((count + 1) // 2, dtype=np.uint64)
    assert count < 2**33  # one page of pairs: one pair of keys
    keys = philox4x32_10([[0], [0], [step], [stream]], [seed & 0xFFFFFFFF, seed >> 32])
    word = pair ^ keys[0][0]
    word = ((word ^ (word >> np.uint64(16))) * np.uint64(0x7FEB352D)) & _LOW
    word = ((word ^ (word >> np.uint64(15)) ^ keys[1][0]) * np.uint64(0x846CA68B)) & _LOW
    word = word ^ (word >> np.uint64(16))
    halves = np.stack([word & np.uint64(0xFFFF), word >> np.uint64(16)], axis=1)
    values = halves.reshape(-1)[:count].astype(np.int64)
    return (values >= round(rate * 65536)).reshape(rows, units, hidden)
