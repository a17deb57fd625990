# Records what Python's webdataset and tarfile see, both ways:
#   percept.json  members and samples that webdataset finds in the shard that @percept/data writes, and its digest
#   python.json   samples that webdataset finds in python.tar, which webdataset and tarfile wrote
# Run from the repository root:
#   pip install --no-deps webdataset==1.0.2 numpy braceexpand pyyaml
#   python test/goldens/data/interop.py
import hashlib
import io
import json
import pathlib
import platform
import re
import subprocess
import tarfile
import tempfile

import webdataset
from webdataset.tariterators import base_plus_ext, group_by_keys, tar_file_iterator

here = pathlib.Path(__file__).parent
versions = {"webdataset": webdataset.__version__, "python": platform.python_version()}


def samples_of(path):
    with open(path, "rb") as stream:
        files = ({**file, "__url__": "x"} for file in tar_file_iterator(stream))
        return [
            {
                "key": sample["__key__"],
                "files": {name: data.hex() for name, data in sample.items() if not name.startswith("__")},
            }
            for sample in group_by_keys(files)
        ]


def add(archive, name, data=b"", **fields):
    info = tarfile.TarInfo(name)
    info.size = len(data)
    for field, value in fields.items():
        setattr(info, field, value)
    archive.addfile(info, io.BytesIO(data))


def write_python(path):
    out = io.BytesIO()
    with webdataset.TarWriter(out, mtime=0) as writer:
        writer.write({"__key__": "made/by-webdataset", "txt": "hello", "cls": 3})
        writer.write({"__key__": "made/second", "bin": b"\xff\xd8", "json": {"a": 1}})
    long = "deep/" * 30 + "name" * 20
    blocks = []
    for form in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        part = io.BytesIO()
        with tarfile.open(fileobj=part, mode="w", format=form) as archive:
            tag = {tarfile.USTAR_FORMAT: "ustar", tarfile.GNU_FORMAT: "gnu", tarfile.PAX_FORMAT: "pax"}[form]
            add(archive, f"{tag}/a.PNG", b"upper")
            add(archive, f"{tag}/a.cls", b"1")
            if form == tarfile.USTAR_FORMAT:
                add(archive, "dir", type=tarfile.DIRTYPE)
                add(archive, "link.png", type=tarfile.SYMTYPE, linkname="a.PNG")
                add(archive, "ustar/a.seg.png", b"two dots")
                add(archive, "ustar/noextension", b"no extension")
                add(archive, "__meta__", b"skipped")
                add(archive, "ustar/a.txt", b"same key still")
                add(archive, "__meta__/x.png", b"skipped too")
                add(archive, "ustar/.hidden", b"key ends with a slash")
                add(archive, "ustar/v1.0/b.png", b"dot in folder")
                add(archive, "ustar/empty.png", b"")
                add(archive, f"{tag}/{'d' * 90}/{'x' * 60}.png", b"prefix")
            else:
                add(archive, f"{tag}/{'x' * 120}.png", b"long")
                add(archive, f"{tag}/{long}.png", b"longer")
                add(archive, f"{tag}/猫.png", b"unicode")
            add(archive, f"{tag}/block.png", bytes(512))
            add(archive, f"{tag}/a.png", b"same key again, not consecutive")
        # Without the zero blocks that end an archive, so that the next one is read on.
        body = part.getvalue()
        end = len(body)
        while body[end - 512 : end] == bytes(512) and end > 1024:
            end -= 512
        blocks.append(body[:end])
    head = out.getvalue()
    end = len(head)
    while head[end - 512 : end] == bytes(512):
        end -= 512
    path.write_bytes(head[:end] + b"".join(blocks) + bytes(1024))


def write(name, value):
    (here / name).write_text(json.dumps({"versions": versions, **value}, indent=1, ensure_ascii=True) + "\n")


with tempfile.TemporaryDirectory() as folder:
    command = ["node", "--conditions=@percept/source", "--import", "tsx", str(here / "write-shard.ts"), folder]
    subprocess.run(command, check=True)
    shard = pathlib.Path(folder) / "shards" / "shard-000000.tar"
    with tarfile.open(shard) as archive:
        members = [{"name": m.name, "size": m.size, "mode": m.mode, "mtime": m.mtime} for m in archive]
    listing = ["tar", "tf", str(shard), "--quoting-style=literal"]
    listed = subprocess.run(listing, capture_output=True, check=True, env={"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"})
    content = {
        "digest": "sha256:" + hashlib.sha256(shard.read_bytes()).hexdigest(),
        "members": members,
        "gnuTar": listed.stdout.decode().splitlines(),
        "samples": samples_of(shard),
    }
    write("percept.json", content)

write_python(here / "python.tar")
names = ["a.png", "a/b.png", "a.b.c", "a.b/c", "a.b/c.d", ".x", "a/.x.png", "a", "", "a.", "/a.b", "a//b.c", "a\nb.c", "a/b\n/c.d", "\n.x", "a.B.C", "__a__", "__a__.png", "__a__/b.png", "b/__a__", "__a", "__.png", "____", "x/__a__.png", "a.b\n", "é.ü", "a..b", "..a.b", "a/../b.c"]


def split(name):
    if "/" not in name and name.startswith("__") and name.endswith("__") or re.match(r"__[^/]*__($|/)", name):
        return None
    key, suffix = base_plus_ext(name)
    return None if key is None else [key, suffix.lower()]


write("python.json", {"samples": samples_of(here / "python.tar"), "names": [[name, split(name)] for name in names]})
