"""Copy a zip file with some parts replaced; all others are copied as they lie, not even unpacked.

Field layouts: PKWARE APPNOTE 6.3.10, §4.3 and §4.5.3 (ZIP64).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR64 = struct.Struct("<4sLQL")
_FULL32 = 0xFFFFFFFF
_FULL16 = 0xFFFF
_MOST_PLAIN = 0x7FFFFFFF
"""Bytes of a replaced part for which no ZIP64 fields are written; larger parts are refused."""
_DESCRIPTOR, _ENCRYPTED, _UTF8 = 0x8, 0x1, 0x800
_LEVELS = {0: 6, 1: 9, 2: 3, 3: 1}
"""Bits 1 and 2 of an entry's flags → the zlib level that it was packed with: keep the writer's choice."""

Chunks = Callable[[], Iterable[bytes]]


class NotPatchable(Exception):
    """This zip file is built in a way that is not worth the risk."""


@dataclass(slots=True)
class _Entry:
    info: ZipInfo
    record: bytes
    begin: int
    end: int


def patch_zip(source: BinaryIO, target: BinaryIO, replaced: Mapping[str, Chunks], added: Mapping[str, bytes]) -> None:
    """Write ``source`` to ``target`` (seekable) with the named parts replaced and others added.

    Parts are streamed; those not named keep their compressed bytes, header and place. Raises NotPatchable.
    """
    with ZipFile(source) as archive:
        entries = _entries(source, archive)
        comment = archive.comment
    records: dict[int, bytes] = {}
    place = 0
    for order in sorted(range(len(entries)), key=lambda order: entries[order].begin):
        entry = entries[order]
        offset = target.tell()
        if entry.begin < place:
            raise NotPatchable("its parts overlap")
        if entry.info.filename in replaced:
            records[order] = _write_replaced(target, entry, replaced[entry.info.filename])
        else:
            _copy(source, target, entry.begin, entry.end)
            records[order] = _moved(entry, offset)
        place = entry.end
    directory = [records[order] for order in range(len(entries))]
    directory += [_write_added(target, name, data) for name, data in added.items()]
    _write_directory(target, directory, comment)


def _entries(source: BinaryIO, archive: ZipFile) -> list[_Entry]:
    infos = archive.infolist()
    records = list(_directory_records(source, archive.start_dir, len(infos)))
    begins = sorted(info.header_offset for info in infos)
    if (begins and begins[0] != 0) or len(set(begins)) != len(begins):
        raise NotPatchable("something stands before its parts, or parts overlap")
    ends = dict(zip(begins, [*begins[1:], archive.start_dir], strict=True))
    if len({info.filename for info in infos}) != len(infos):
        raise NotPatchable("two of its parts have the same name")
    return [
        _Entry(info, record, info.header_offset, ends[info.header_offset])
        for info, record in zip(infos, records, strict=True)
    ]


def _directory_records(source: BinaryIO, start: int, count: int) -> Iterator[bytes]:
    source.seek(start)
    for _ in range(count):
        fixed = source.read(_CENTRAL.size)
        if len(fixed) != _CENTRAL.size or not fixed.startswith(b"PK\1\2"):
            raise NotPatchable("its directory is not where it should be")
        name, extra, comment = struct.unpack_from("<3H", fixed, 28)
        yield fixed + source.read(name + extra + comment)


def _copy(source: BinaryIO, target: BinaryIO, begin: int, end: int) -> None:
    source.seek(begin)
    left = end - begin
    while left:
        chunk = source.read(min(left, 1 << 20))
        if not chunk:
            raise NotPatchable("it ends too early")
        target.write(chunk)
        left -= len(chunk)


def _moved(entry: _Entry, offset: int) -> bytes:
    """The directory record of a part that now begins at ``offset``; nothing else in it changes."""
    record = bytearray(entry.record)
    if struct.unpack_from("<L", record, 42)[0] != _FULL32:
        if offset >= _FULL32:
            raise NotPatchable("it would grow beyond 4 GB")
        struct.pack_into("<L", record, 42, offset)
        return bytes(record)
    struct.pack_into("<Q", record, _offset64_place(record), offset)
    return bytes(record)


def _offset64_place(record: bytearray) -> int:
    """Where the 8-byte offset stands in a record's ZIP64 field: after the sizes that are there, too."""
    packed, size, name, extra = struct.unpack_from("<2L2H", record, 20)
    place = _CENTRAL.size + name
    end = place + extra
    while place + 4 <= end:
        tag, length = struct.unpack_from("<2H", record, place)
        if tag == 1:
            inside: int = place + 4 + 8 * ((size == _FULL32) + (packed == _FULL32))
            if inside + 8 <= place + 4 + length:
                return inside
        place += 4 + length
    raise NotPatchable("its ZIP64 fields are incomplete")


def _write_replaced(target: BinaryIO, entry: _Entry, chunks: Chunks) -> bytes:
    info = entry.info
    if info.flag_bits & _ENCRYPTED or info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        raise NotPatchable("its sheet is packed in an unusual way")
    fields = _CENTRAL.unpack_from(entry.record)
    name = entry.record[_CENTRAL.size : _CENTRAL.size + fields[10]]
    comment = entry.record[len(entry.record) - fields[12] :] if fields[12] else b""
    flags = info.flag_bits & ~_DESCRIPTOR
    time, date = fields[5], fields[6]
    offset = target.tell()
    target.write(_local_header(flags, time, date, 0, 0, 0, name))
    checksum, packed, size = _deflate(target, chunks(), _LEVELS[flags >> 1 & 3])
    end = target.tell()
    target.seek(offset)
    target.write(_local_header(flags, time, date, checksum, packed, size, name))
    target.seek(end)
    if offset >= _FULL32:
        raise NotPatchable("it would grow beyond 4 GB")
    return (
        _CENTRAL.pack(
            b"PK\1\2", fields[1], 20, flags, ZIP_DEFLATED, time, date, checksum, packed, size,
            len(name), 0, len(comment), 0, fields[14], fields[15], offset,
        )
        + name
        + comment
    )  # fmt: skip


def _write_added(target: BinaryIO, filename: str, data: bytes) -> bytes:
    name = filename.encode()
    offset = target.tell()
    header_end = offset + _LOCAL.size + len(name)
    target.seek(header_end)
    checksum, packed, size = _deflate(target, [data], 6)
    end = target.tell()
    target.seek(offset)
    target.write(_local_header(_UTF8, 0, 0x21, checksum, packed, size, name))
    target.seek(end)
    return (
        _CENTRAL.pack(
            b"PK\1\2", 20, 20, _UTF8, ZIP_DEFLATED, 0, 0x21, checksum, packed, size, len(name), 0, 0, 0, 0, 0, offset
        )
        + name
    )


def _local_header(flags: int, time: int, date: int, checksum: int, packed: int, size: int, name: bytes) -> bytes:
    return _LOCAL.pack(b"PK\3\4", 20, flags, ZIP_DEFLATED, time, date, checksum, packed, size, len(name), 0) + name


def _deflate(target: BinaryIO, chunks: Iterable[bytes], level: int) -> tuple[int, int, int]:
    """Pack chunks; their checksum, packed size and size."""
    packer = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS)
    checksum = packed = size = 0
    for chunk in chunks:
        checksum = zlib.crc32(chunk, checksum)
        size += len(chunk)
        packed += target.write(packer.compress(chunk))
    packed += target.write(packer.flush())
    if max(packed, size) > _MOST_PLAIN:
        raise NotPatchable("its sheet is larger than 2 GB")
    return checksum, packed, size


def _write_directory(target: BinaryIO, records: list[bytes], comment: bytes) -> None:
    start = target.tell()
    for record in records:
        target.write(record)
    size, count = target.tell() - start, len(records)
    if start >= _FULL32 or count >= _FULL16:
        end64 = target.tell()
        target.write(_END64.pack(b"PK\6\6", 44, 45, 45, 0, 0, count, count, size, start))
        target.write(_LOCATOR64.pack(b"PK\6\7", 0, end64, 1))
    count16 = min(count, _FULL16)
    target.write(_END.pack(b"PK\5\6", 0, 0, count16, count16, size, min(start, _FULL32), len(comment)) + comment)
