"""Golden vectors of keyed random, version 1, from implementations that are not ours.

Philox4x32-10 comes from the PyPI package randomgen, MurmurHash3 x86_32 from mmh3. The key encoding and the draws
follow the doc comments of packages/core/src/random-key.ts and random.ts.

    pip install randomgen==2.5.0 mmh3==5.3.1 numpy==2.4.6 && python keyed_random.py > keyed-random.json
"""

import json
import struct
from importlib.metadata import version

import mmh3
import numpy as np
from randomgen import Philox


def key(path):
    encoded = b""
    for part in path:
        if isinstance(part, str):
            text = part.encode("utf-8")
            encoded += b"\x01" + struct.pack("<I", len(text)) + text
        else:
            encoded += b"\x02" + struct.pack("<I", 8) + struct.pack("<d", part)
    return mmh3.hash(encoded, 0x243F6A88, signed=False), mmh3.hash(encoded, 0x85A308D3, signed=False)


def words(path, count):
    k0, k1 = key(path)
    out = []
    for block in range((count + 3) // 4):
        # randomgen increments its counter before it draws, so it is set one block back (modulo 2^128).
        counter = (block - 1) % 2**128
        generator = Philox(counter=counter, key=k0 | (k1 << 32), number=4, width=32)
        out += [int(word) for word in generator.random_raw(4)]
    return out[:count]


paths = [[42, 0, "shoe/1", "flip"], [0], ["a"], ["ключ", 7.5, "靴"], [2**40, -3]]
cases = []
for path in paths:
    drawn = words(path, 10)
    floats = [((drawn[i] >> 5) * 2**26 + (drawn[i + 1] >> 6)) / 2**53 for i in range(0, 10, 2)]
    cases.append({"path": path, "key": list(key(path)), "uint32": drawn, "float": floats})

print(
    json.dumps(
        {
            "tools": {name: version(name) for name in ("randomgen", "mmh3", "numpy")},
            "randomVersion": 1,
            "cases": cases,
        },
        indent=1,
        ensure_ascii=False,
    )
)
