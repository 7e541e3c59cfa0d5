import bz2
import gzip
import io
import lzma
import random
from collections.abc import Callable
from pathlib import PurePath

import pytest
from backports import zstd

from store.readers.packed import DamagedError, Packing, Unpacker, find_packing, open_packed, strip_packing

TEXT = b"".join(b'{"body": "The ferry number %d ran aground."}\n' % number for number in range(5_000))


def pack_zstandard(content: bytes) -> bytes:
    return zstd.compress(content, options={zstd.CompressionParameter.checksum_flag: 1})  # as `zstd` does


PACKERS: dict[Packing, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "Zstandard": pack_zstandard,
}
each_packing = pytest.mark.parametrize("packing", PACKERS)


def make_noise(seed: int, size: int) -> bytes:
    return random.Random(seed).randbytes(size)  # noqa: S311 - the same bytes each time


def unpack(content: bytes, packing: Packing) -> bytes:
    return open_packed(io.BytesIO(content), packing).read()


def unpack_until_damage(content: bytes, packing: Packing) -> tuple[bytes, str]:
    unpacker = Unpacker(io.BytesIO(content), packing)
    pieces: list[bytes] = []
    with pytest.raises(DamagedError) as damage:
        pieces.extend(iter(unpacker.next_piece, b""))
    return b"".join(pieces), str(damage.value)


@each_packing
def test_what_was_packed_is_unpacked(packing: Packing) -> None:
    packed = PACKERS[packing](TEXT)

    assert find_packing(packed[:6]) == packing
    assert unpack(packed, packing) == TEXT


@each_packing
def test_members_follow_one_another(packing: Packing) -> None:
    packed = b"".join(PACKERS[packing](part) for part in (TEXT[:100], b"", TEXT[100:]))

    assert unpack(packed, packing) == TEXT


@pytest.mark.parametrize("packing", ["gzip", "xz"])
def test_zeros_after_members_are_padding(packing: Packing) -> None:
    member = PACKERS[packing](TEXT)

    assert unpack(member + bytes(512) + member + bytes(70_000), packing) == TEXT + TEXT


def test_a_frame_of_zstandard_for_programs_holds_nothing() -> None:
    skippable = b"\x50\x2a\x4d\x18" + (3).to_bytes(4, "little") + b"abc"

    assert find_packing(skippable) == "Zstandard"
    assert unpack(skippable + zstd.compress(TEXT), "Zstandard") == TEXT


@each_packing
def test_what_comes_before_the_end_of_a_truncated_file_is_kept(packing: Packing) -> None:
    noise = make_noise(7, 600_000)
    packed = PACKERS[packing](noise)

    found, reason = unpack_until_damage(packed[: len(packed) // 2], packing)

    # bzip2 gives a block of 900,000 bytes or nothing of it.
    assert noise.startswith(found)
    assert found or packing == "bzip2"
    assert reason == f"breaks off at byte {len(packed) // 2:,}: its end is missing"


@each_packing
def test_damage_in_the_middle_ends_the_unpacking(packing: Packing) -> None:
    noise = make_noise(7, 3_000_000)
    packed = bytearray(PACKERS[packing](noise))
    packed[-9_000:-1] = make_noise(8, 8_999)

    found, reason = unpack_until_damage(bytes(packed), packing)

    # What is damaged can be a block's length away from where that shows.
    assert found[:1_000_000] == noise[:1_000_000]
    assert reason.startswith(("is damaged before byte", "breaks off at byte"))


def test_what_follows_and_is_not_packed_is_told() -> None:
    found, reason = unpack_until_damage(gzip.compress(TEXT, mtime=0) + b"<html>", "gzip")

    assert found == TEXT
    assert reason == f"is no gzip from byte {len(gzip.compress(TEXT, mtime=0)):,} on"


@each_packing
def test_a_bomb_comes_in_pieces(packing: Packing) -> None:
    unpacker = Unpacker(io.BytesIO(PACKERS[packing](bytes(30_000_000))), packing)

    sizes = []
    while piece := unpacker.next_piece():
        sizes.append(len(piece))

    assert sum(sizes) == 30_000_000
    assert max(sizes) <= 1 << 18


def test_unpacking_that_needs_too_much_memory_is_refused() -> None:
    compressor = zstd.ZstdCompressor(options={zstd.CompressionParameter.window_log: 28})
    packed = compressor.compress(b"abc") + compressor.flush()

    _, reason = unpack_until_damage(packed, "Zstandard")

    assert reason == "takes more than 128 MB of memory to unpack; pack it anew with smaller settings"


def test_a_dictionary_that_is_not_there_is_told() -> None:
    words = zstd.train_dict([b"crate %d, rope %d and sail %d" % (n, n, n) for n in range(500)], 1_000)

    _, reason = unpack_until_damage(zstd.compress(TEXT, zstd_dict=words), "Zstandard")

    assert reason == "is packed with a dictionary of its own, and these are not read; unpack it first"


@each_packing
def test_a_packed_file_is_sought_forwards_and_backwards(packing: Packing) -> None:
    stream = open_packed(io.BytesIO(PACKERS[packing](TEXT)), packing)

    places = [100_000, 100_010, 20, 0, len(TEXT) - 5, len(TEXT) + 5]

    assert [(stream.seek(place), stream.read(8))[1] for place in places] == [TEXT[at : at + 8] for at in places]


@each_packing
def test_the_next_member_is_found_behind_a_broken_one(packing: Packing) -> None:
    members = [PACKERS[packing](b"WARC/1.0 number %d" % number) for number in range(3)]
    unpacker = Unpacker(io.BytesIO(members[0] + members[1][:12] + b"\0\0\1" + members[2]), packing)

    assert unpacker.next_piece() == b"WARC/1.0 number 0"
    with pytest.raises(DamagedError):
        unpacker.next_piece()
    assert unpacker.find_member(b"WARC/")
    assert unpacker.next_piece() == b"WARC/1.0 number 2"
    assert unpacker.next_piece() == b""


def test_a_member_is_found_across_the_pieces_of_a_search() -> None:
    for distance in range(65_530, 65_550):
        content = b"\x1f\x8b\x08\xff" + b"x" * distance + gzip.compress(b"WARC/1.0")
        unpacker = Unpacker(io.BytesIO(content), "gzip")
        with pytest.raises(DamagedError):
            unpacker.next_piece()

        assert unpacker.find_member(b"WARC/")
        assert unpacker.next_piece() == b"WARC/1.0"


def test_only_the_last_extension_says_how_a_file_is_packed() -> None:
    names = ["a.jsonl.gz", "a.JSON.ZST", "a.gz.csv", "a.warc"]

    assert [str(strip_packing(PurePath(name))) for name in names] == ["a.jsonl", "a.JSON", "a.gz.csv", "a.warc"]
