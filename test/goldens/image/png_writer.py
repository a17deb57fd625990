"""Writes PNGs of any kind, filters in turn, which Pillow does not."""
import struct
import zlib

ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(samples, depth, color_type, interlaced=False, extra=()):
    """Writes samples [H, W, C] of any depth, every row with another filter in turn (none for interlaced ones)."""
    height, width, count = samples.shape
    passes = ADAM7 if interlaced else [(0, 0, 1, 1)]
    data = b""
    for left, top, step_x, step_y in passes:
        part = samples[top::step_y, left::step_x]
        if part.size == 0:
            continue
        step = max(1, depth * count // 8)
        previous = None
        for index, row in enumerate(part):
            if depth == 16:
                line = row.astype(">u2").tobytes()
            else:
                bits = "".join(format(int(value), f"0{depth}b") for value in row.reshape(-1))
                line = int(bits.ljust(-(-len(bits) // 8) * 8, "0"), 2).to_bytes(-(-len(bits) // 8), "big")
            up = previous or bytes(len(line))
            kind = index % 5
            filtered = bytearray()
            for i, value in enumerate(line):
                a = line[i - step] if i >= step else 0
                b = up[i]
                c = up[i - step] if i >= step else 0
                p = a + b - c
                nearest = min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]
                filtered.append((value - (0, a, b, (a + b) // 2, nearest)[kind]) % 256)
            data += bytes([kind]) + filtered
            previous = line
    head = struct.pack(">IIBBBBB", width, height, depth, color_type, 0, 0, int(interlaced))
    packed = zlib.compress(data)
    halves = [chunk(b"IDAT", packed[: len(packed) // 2]), chunk(b"IDAT", packed[len(packed) // 2 :])]
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + b"".join(chunk(*one) for one in extra) + b"".join(halves) + chunk(b"IEND", b"")
