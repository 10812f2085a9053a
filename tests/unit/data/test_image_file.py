"""Decoding of single image files, compared with Pillow pixel by pixel where Pillow is right."""

from __future__ import annotations

import io
import struct
import zlib
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from models.data.readers.images.image_file import decode, decode_precise, read_header
from models.errors import DatasetError

H, W = 6, 10
NOISE = np.random.default_rng(3).integers(0, 256, (H, W, 4), dtype=np.uint8)
RGB, RGBA, GREY = Image.fromarray(NOISE[..., :3]), Image.fromarray(NOISE), NOISE[..., 0]


def encoded(image, file_format, **options):
    file = io.BytesIO()
    image.save(file, file_format, **options)
    return opener(file.getvalue())


def opener(data):
    return lambda: io.BytesIO(data)


def as_pillow_sees(open_file, mode):
    """What Pillow makes of a file over a white page."""
    image = Image.open(open_file()).convert("RGBA")
    page = Image.new("RGBA", image.size, "white")
    page.alpha_composite(image)
    pixels = np.asarray(page.convert("RGB").convert(mode))
    return pixels.reshape(*pixels.shape[:2], -1)


def palette_image(transparency=None, grey=False):
    image = Image.fromarray(GREY % 4, "P")
    colours = [0, 0, 0, 90, 90, 90] if grey else [0, 0, 0, 200, 20, 30]
    image.putpalette([*colours, 120, 120, 120, 250, 250, 250])
    if transparency is not None:
        image.info["transparency"] = transparency
    return image


def frames():
    return [Image.new("RGB", (W, H), colour) for colour in ("red", "lime", "blue")]


FILES = {
    "rgb png": encoded(RGB, "PNG"),
    "rgb bmp": encoded(RGB, "BMP"),
    "rgb ppm": encoded(RGB, "PPM"),
    "rgb jpeg": encoded(RGB, "JPEG"),
    "progressive jpeg": encoded(RGB, "JPEG", progressive=True),
    "cmyk jpeg": encoded(RGB.convert("CMYK"), "JPEG"),
    "cmyk tiff": encoded(RGB.convert("CMYK"), "TIFF"),
    "ycbcr tiff": encoded(RGB.convert("YCbCr"), "TIFF"),
    "webp": encoded(RGB, "WEBP", lossless=True),
    "rgba png": encoded(RGBA, "PNG"),
    "rgba tiff": encoded(RGBA, "TIFF"),
    "rgba webp": encoded(RGBA, "WEBP", lossless=True, exact=True),
    "rgb png with a clear colour": encoded(
        RGB, "PNG", transparency=tuple(NOISE[0, 0, :3].tolist())
    ),
    "palette png": encoded(palette_image(), "PNG"),
    "palette png, one clear colour": encoded(palette_image(), "PNG", transparency=1),
    "palette png, half clear": encoded(palette_image(), "PNG", transparency=b"\xff\x80\x00\x10"),
    "palette gif, one clear colour": encoded(palette_image(), "GIF", transparency=2),
    "palette with alpha tiff": encoded(RGBA.convert("PA"), "TIFF"),
    "compressed tiff": encoded(RGB, "TIFF", compression="tiff_lzw"),
    "animated gif": encoded(frames()[0], "GIF", save_all=True, append_images=frames()[1:]),
    "animated webp": encoded(
        frames()[0], "WEBP", save_all=True, append_images=frames()[1:], lossless=True
    ),
    "animated png": encoded(frames()[0], "PNG", save_all=True, append_images=frames()[1:]),
}
GREY_FILES = {
    "grey png": encoded(Image.fromarray(GREY), "PNG"),
    "grey jpeg": encoded(Image.fromarray(GREY), "JPEG"),
    "grey pgm": encoded(Image.fromarray(GREY), "PPM"),
    "grey with alpha png": encoded(RGBA.convert("LA"), "PNG"),
    "grey with alpha tiff": encoded(RGBA.convert("LA"), "TIFF"),
    "grey palette png": encoded(palette_image(grey=True), "PNG"),
    "1-bit png": encoded(Image.fromarray(GREY > 99), "PNG"),
    "1-bit pbm": encoded(Image.fromarray(GREY > 99), "PPM"),
    "1-bit fax tiff": encoded(Image.fromarray(GREY > 99), "TIFF", compression="group4"),
}


@pytest.mark.parametrize("name", FILES | GREY_FILES)
def test_pixels_are_those_pillow_shows_over_white(name):
    open_file, grey = (FILES | GREY_FILES)[name], name in GREY_FILES
    header = read_header(open_file, name)
    assert (header.height, header.width, header.grey, header.dtype) == (H, W, grey, "uint8")
    assert np.array_equal(decode(open_file, name, True), as_pillow_sees(open_file, "L"))
    assert np.array_equal(decode(open_file, name, False), as_pillow_sees(open_file, "RGB"))


@pytest.mark.parametrize("name", ["animated gif", "animated webp", "animated png"])
def test_of_an_animation_the_first_frame_is_shown(name):
    assert decode(FILES[name], name, False)[0, 0].tolist() == [255, 0, 0]


def test_adobe_inverted_cmyk_is_not_a_negative():
    paper = encoded(Image.new("CMYK", (8, 8), (0, 0, 0, 0)), "JPEG")
    assert decode(paper, "", False).min() > 250
    assert b"Adobe" in paper().read()


def test_a_lab_tiff_has_the_colours_it_was_made_from():
    profiles = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    colours = Image.fromarray(np.full((H, W, 3), (180, 90, 60), np.uint8))
    lab = encoded(ImageCms.profileToProfile(colours, *profiles, outputMode="LAB"), "TIFF")
    pixels = decode(lab, "", False)
    assert np.abs(pixels.astype(int) - (180, 90, 60)).max() <= 4
    assert decode(lab, "", True).shape == (H, W, 1)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("file_format", ["PNG", "TIFF", "WEBP", "JPEG"])
def test_the_turn_in_exif_is_honoured_in_header_and_pixels(file_format, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    lossless = {"lossless": True} if file_format == "WEBP" else {}
    turned = encoded(RGB, file_format, exif=exif, **lossless)
    plain = decode(encoded(RGB, file_format, **lossless), "", False)
    expected = {
        1: plain,
        2: plain[:, ::-1],
        3: plain[::-1, ::-1],
        4: plain[::-1],
        5: plain.swapaxes(0, 1),
        6: plain.swapaxes(0, 1)[:, ::-1],
        7: plain[::-1, ::-1].swapaxes(0, 1),
        8: plain.swapaxes(0, 1)[::-1],
    }[orientation]
    header = read_header(turned, "")
    assert (header.height, header.width) == expected.shape[:2]
    assert np.array_equal(decode(turned, "", False), expected)


def test_a_turn_that_is_told_after_the_pixels_turns_neither_header_nor_pixels():
    exif = Image.Exif()
    exif[0x0112] = 6
    data = encoded(RGB, "PNG", exif=exif)().read()
    start = data.index(b"eXIf") - 4
    stop = start + 12 + int.from_bytes(data[start : start + 4], "big")
    end = data.index(b"IEND") - 4
    late = opener(data[:start] + data[stop:end] + data[start:stop] + data[end:])
    header = read_header(late, "")
    assert (header.height, header.width) == (H, W)
    assert np.array_equal(decode(late, "", False), decode(FILES["rgb png"], "", False))


def test_damaged_exif_does_not_cost_the_image():
    open_file = encoded(RGB, "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff\x01\x12")
    assert read_header(open_file, "").width == W
    assert np.array_equal(decode(open_file, "", False), decode(FILES["rgb jpeg"], "", False))


def png(width, height, bit_depth, colour_type, rows, interlaced=0):
    """A PNG file written by hand; rows are bytes in the order of the file."""

    def chunk(kind, data):
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, bit_depth, colour_type, 0, 0, interlaced)
    data = zlib.compress(b"".join(b"\0" + row for row in rows))
    return opener(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    )


ADAM7 = (
    (0, 0, 8, 8),
    (0, 4, 8, 8),
    (4, 0, 8, 4),
    (0, 2, 4, 4),
    (2, 0, 4, 2),
    (0, 1, 2, 2),
    (1, 0, 2, 1),
)


def test_an_interlaced_png():
    passes = [GREY[y::dy, x::dx] for y, x, dy, dx in ADAM7]
    rows = [row.tobytes() for part in passes if part.size for row in part]
    assert np.array_equal(decode(png(W, H, 8, 0, rows, 1), "", True)[..., 0], GREY)


@settings(max_examples=30, deadline=None)
@given(depth=st.sampled_from([1, 2, 4, 8, 16]), data=st.binary(min_size=8, max_size=8))
def test_grey_pngs_of_every_depth_span_black_to_white(depth, data):
    width = 64 // depth
    bits = np.unpackbits(np.frombuffer(data, np.uint8)).reshape(width, depth)
    values = bits @ (1 << np.arange(depth)[::-1])
    pixels = decode(png(width, 1, depth, 0, [data]), "", True)[0, :, 0]
    assert np.array_equal(pixels, np.round(values * (255 / (2**depth - 1))).astype(np.uint8))


# -- precision --------------------------------------------------------------------------
DEEP = (np.arange(H * W, dtype=np.uint16) * 1000).reshape(H, W)


def hand_written_pgm():
    return opener(b"P5 %d %d 65535\n" % (W, H) + DEEP.astype(">u2").tobytes())


DEEP_FILES = {
    "png": encoded(Image.fromarray(DEEP), "PNG"),
    "tiff": encoded(Image.fromarray(DEEP), "TIFF"),
    "big-endian tiff": encoded(Image.fromarray(DEEP.astype(">u2")), "TIFF"),
    "pgm": hand_written_pgm(),
}


@pytest.mark.parametrize("name", DEEP_FILES)
def test_grey_of_16_bits_keeps_its_precision_or_is_scaled(name):
    open_file = DEEP_FILES[name]
    header = read_header(open_file, name)
    assert (header.grey, header.dtype) == (True, "uint16")
    pixels = decode_precise(open_file, name, "uint16")
    assert pixels.dtype == np.uint16
    assert np.array_equal(pixels[..., 0], DEEP)
    assert np.array_equal(decode(open_file, name, True)[..., 0], np.round(DEEP / 257.0))


def test_16_bit_files_are_turned_too():
    exif = Image.Exif()
    exif[0x0112] = 6
    for file_format in ("PNG", "TIFF"):
        open_file = encoded(Image.fromarray(DEEP), file_format, exif=exif)
        pixels = decode_precise(open_file, "", "uint16")[..., 0]
        assert np.array_equal(pixels, DEEP.T[:, ::-1])


def test_the_clear_value_of_a_16_bit_png_is_white():
    open_file = encoded(Image.fromarray(DEEP), "PNG", transparency=3000)
    assert decode(open_file, "", True)[0, 3, 0] == 255


def test_an_8_bit_image_among_16_bit_ones_spans_the_same_range():
    pixels = decode_precise(GREY_FILES["grey png"], "", "uint16")
    assert np.array_equal(pixels[..., 0], GREY.astype(np.uint16) * 257)


def test_colour_of_16_bits_is_read_as_8_bits():
    values = np.random.default_rng(0).integers(0, 65536, (H, W, 3)).astype(">u2")
    open_file = png(W, H, 16, 2, [row.tobytes() for row in values])
    assert read_header(open_file, "").dtype == "uint8"
    assert np.array_equal(decode(open_file, "", False), values >> 8)


@pytest.mark.parametrize("dtype", [np.float32, np.int32])
def test_floating_point_and_32_bit_tiffs_keep_their_values(dtype):
    values = (np.arange(H * W).reshape(H, W) * 1000 - 7000).astype(dtype)
    open_file = encoded(Image.fromarray(values), "TIFF")
    assert read_header(open_file, "").dtype == "float32"
    assert np.array_equal(decode_precise(open_file, "", "float32")[..., 0], values)
    with pytest.raises(DatasetError, match=r"a\.tif: has floating-point or 32-bit pixels"):
        decode(open_file, "a.tif", True)


def test_floats_that_are_no_numbers_and_images_that_are_no_floats_are_refused():
    values = np.ones((H, W), np.float32)
    values[2, 2] = np.nan
    with pytest.raises(DatasetError, match=r"a\.tif: holds NaN or infinite pixels"):
        decode_precise(encoded(Image.fromarray(values), "TIFF"), "a.tif", "float32")
    with pytest.raises(DatasetError, match=r"a\.png: is not a floating-point image"):
        decode_precise(GREY_FILES["grey png"], "a.png", "float32")


# -- broken files -----------------------------------------------------------------------
@settings(max_examples=60, deadline=None)
@given(
    name=st.sampled_from(sorted(FILES | GREY_FILES | DEEP_FILES)),
    cut=st.floats(0, 1),
    flips=st.lists(st.tuples(st.floats(0, 0.999), st.integers(1, 255)), max_size=4),
)
def test_a_damaged_file_is_refused_in_words_or_read(name, cut, flips):
    data = bytearray((FILES | GREY_FILES | DEEP_FILES)[name]().read())
    for place, flip in flips:
        data[int(place * len(data))] ^= flip
    broken = opener(bytes(data[: max(1, int(cut * len(data)))]))
    for attempt in (
        lambda: read_header(broken, "x.png"),
        lambda: decode(broken, "x.png", False, 8),
        lambda: decode_precise(broken, "x.png", "uint16"),
    ):
        with suppress(DatasetError):  # any other error fails the test
            attempt()
