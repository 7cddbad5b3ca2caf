"""Write the GeoTIFF test files and the manifest of what GDAL reads in them.

Needs rasterio 1.4 built with GDAL 3.10, tifffile for the few plain files, and imagecodecs for LZW:

    python make.py

It rewrites files/*.tif and manifest.json beside this script. Every pixel is
computed from a formula, so the files hold no data of anybody's. The manifest
is made in a second pass that opens each file anew: it tells what GDAL reads,
never what was meant to be written. Files that GDAL cannot open or read are
marked "refused".
"""

import fractions
import json
import os
import re
import struct
import warnings
import zlib

import imagecodecs
import numpy as np
import rasterio

# GDAL's own look-ups in PROJ's database do not use the folder that rasterio sets.
os.environ.setdefault("PROJ_DATA", os.path.join(os.path.dirname(rasterio.__file__), "proj_data"))

import rasterio.shutil
import tifffile
from rasterio.control import GroundControlPoint
from rasterio.crs import CRS
from rasterio.enums import ColorInterp, Resampling
from rasterio.transform import Affine
from rasterio.windows import Window

HERE = os.path.dirname(os.path.abspath(__file__))
FILES = os.path.join(HERE, "files")
GRID = Affine(2.5, 0, 500100.0, 0, -2.5, 5400200.0)  # for files where the grid is not the point
NAN, INF = float("nan"), float("inf")


# ---------------------------------------------------------------- pixels

def ramp(dtype, bands=1, height=23, width=37, bits=None):
    """Pixels that differ along rows, columns and bands, and use the type's whole range."""
    dtype = np.dtype(dtype)
    band, row, col = np.ogrid[:bands, :height, :width]
    n = 7 * row * row + 13 * col + 5 * row * col + 40 * band + 3
    if bits:
        return (n // 4 % (1 << bits)).astype(dtype)
    if dtype.kind == "c":
        return (n % 1000 - 400 + 1j * (row - col)).astype(dtype)
    if dtype.kind == "f":
        return (n % 2048 / 8 - 100).astype(dtype)
    size = 8 * dtype.itemsize
    step = {8: 1, 16: 97, 32: 5000011, 64: 30000000000000011}[size]
    n = (n.astype("uint64") * np.uint64(step)) & np.uint64((1 << size) - 1)
    return n.astype(f"uint{size}").view(dtype)


def plane(dtype, bands, height, width):
    """A slope, for larger files that should stay small."""
    band, row, col = np.ogrid[:bands, :height, :width]
    return (row + 2 * col // 3 - 30 * band * np.ones_like(col) + (row * col) // 97).astype("int64").astype(dtype)


def smooth(bands=1, height=16, width=16):
    """Slowly changing pixels, for the compressions that lose a little."""
    band, row, col = np.ogrid[:bands, :height, :width]
    return (40 + 6 * row + 5 * col + 20 * band - 3 * band * row).astype("uint8")


def noise(dtype, bands, height, width):
    return np.random.default_rng(20240229).integers(0, 256, (bands, height, width)).astype(dtype)


def with_values(pixels, values):
    """The same pixels with the given values laid over the first row."""
    pixels = pixels.copy()
    pixels[:, 0, : len(values)] = values
    return pixels


def with_holes(pixels):
    """NaN at some places of the first band and at others of the last."""
    pixels = pixels.copy()
    pixels[0, ::3, ::4] = NAN
    pixels[-1, 1::2, ::5] = NAN
    return pixels


def holed(height=23, width=37):
    """A mask with holes that are no whole tiles."""
    row, col = np.ogrid[:height, :width]
    return np.where((row * 3 + col * 5) % 11 < 8, 255, 0).astype("uint8")


# ---------------------------------------------------------------- files by GDAL

def gdal(pixels, *, crs="EPSG:32633", transform=GRID, nodata=None, mask=None, overviews=None,
         resampling=Resampling.nearest, windows=None, colorinterp=None, colormap=None,
         descriptions=None, units=None, scales=None, offsets=None, tags=None, band_tags=None,
         gcps=None, driver="GTiff", config=None, **options):
    """A writer of one file through GDAL. `windows` limits what is written (sparse files):
    pairs of (bands, window)."""
    bands, height, width = pixels.shape

    def write(path):
        profile = dict(driver="GTiff", width=width, height=height, count=bands,
                       dtype=pixels.dtype.name, **(options if driver == "GTiff" else {}))
        if crs:
            profile["crs"] = CRS.from_user_input(crs)
        if gcps:
            profile["gcps"] = gcps
        elif transform:
            profile["transform"] = transform
        if nodata is not None:
            profile["nodata"] = nodata
        target = path if driver == "GTiff" else "/vsimem/source.tif"
        with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True, GDAL_PAM_ENABLED="NO", **(config or {})):
            with rasterio.open(target, "w", **profile) as out:
                if colorinterp:
                    out.colorinterp = [ColorInterp[name] for name in colorinterp]
                if colormap:
                    out.write_colormap(1, colormap)
                for i, text in enumerate(descriptions or [], 1):
                    if text is not None:
                        out.set_band_description(i, text)
                if units:
                    out.units = units
                if scales:
                    out.scales = scales
                if offsets:
                    out.offsets = offsets
                if tags:
                    out.update_tags(**tags)
                for i, items in enumerate(band_tags or [], 1):
                    out.update_tags(i, **items)
                if windows is None:
                    out.write(pixels)
                else:
                    for which, window in windows:
                        for band in which:
                            part = pixels[band - 1][window.toslices()]
                            out.write(part, band, window=window)
                if mask is not None:
                    out.write_mask(mask)
            if overviews:
                with rasterio.open(target, "r+") as out:
                    out.build_overviews(overviews, resampling)
            if driver != "GTiff":
                rasterio.shutil.copy(target, path, driver=driver, **options)
                rasterio.shutil.delete(target)

    return write


def tiled(size=16, **more):
    return dict(tiled=True, blockxsize=size, blockysize=size, **more)


# ---------------------------------------------------------------- files by hand

ASCII, SHORT, LONG, DOUBLE, LONG8 = 2, 3, 4, 12, 16
CODES = {SHORT: "H", LONG: "I", DOUBLE: "d", LONG8: "Q"}
NODATA, SCALE, TIES, MATRIX, KEYS, KEY_DOUBLES, KEY_TEXT = 42113, 33550, 33922, 34264, 34735, 34736, 34737


def text(s):
    return (ASCII, s.encode("utf-8") + b"\0")


def by_hand(*pages, order="<", big=False):
    """A writer of one file made byte by byte. A page is (pixels, tags): pixels of shape
    (bands, height, width), stored pixel by pixel in one strip, or a list of ready strips;
    tags {code: (type, values)} replace the usual ones, None drops one."""

    def write(path):
        head = (b"II" if order == "<" else b"MM") + (
            struct.pack(order + "HHHQ", 43, 8, 0, 16) if big else struct.pack(order + "HI", 42, 8))
        out = bytearray(head)
        link = len(head) - (8 if big else 4)  # where the next directory's place is to be written
        for pixels, changes in pages:
            if isinstance(pixels, list):
                strips, shape, dtype = pixels, (1, 1, 1), np.dtype("uint8")
            else:
                shape, dtype = pixels.shape, pixels.dtype
                strips = [pixels.transpose(1, 2, 0).astype(dtype.newbyteorder(order)).tobytes()]
            places = []
            for strip in strips:
                places.append(len(out))
                out += strip + b"\0" * (len(strip) % 2)
            bands, height, width = shape
            tags = {
                256: (SHORT, [width]), 257: (SHORT, [height]),
                258: (SHORT, [8 * dtype.itemsize] * bands), 259: (SHORT, [1]),
                262: (SHORT, [2 if bands >= 3 else 1]), 273: (LONG, places),
                277: (SHORT, [bands]), 278: (SHORT, [height]),
                279: (LONG, [len(s) for s in strips]),
                339: (SHORT, [{"u": 1, "i": 2, "f": 3}[dtype.kind]] * bands)}
            if bands > 3:
                tags[338] = (SHORT, [0] * (bands - 3))
            if bands == 2:
                tags[338] = (SHORT, [0])
            tags.update(changes)
            entries = []
            for code, entry in sorted(tags.items()):
                if entry is None:
                    continue
                kind, values = entry
                if isinstance(values, bytes):
                    data, count = values, len(values)
                else:
                    data, count = struct.pack(f"{order}{len(values)}{CODES[kind]}", *values), len(values)
                room = 8 if big else 4
                if len(data) > room:
                    out += b"\0" * (len(out) % 2)
                    place, data = len(out), data
                    out += data
                    data = struct.pack(order + ("Q" if big else "I"), place)
                entries.append(struct.pack(order + ("HHQ" if big else "HHI"), code, kind, count)
                               + data.ljust(room, b"\0"))
            out += b"\0" * (-len(out) % (8 if big else 2))
            struct.pack_into(order + ("Q" if big else "I"), out, link, len(out))
            out += struct.pack(order + ("Q" if big else "H"), len(entries)) + b"".join(entries)
            link = len(out)
            out += b"\0" * (8 if big else 4)
        with open(path, "wb") as file:
            file.write(out)

    return write


def geo(keys=(), *, scale=None, ties=None, matrix=None, kind=SHORT, version=(1, 1, 0)):
    """The tags of a grid: GeoKeys as (key, value), (key, "text") or (key, 1.5)."""
    tags, rows, numbers, chars = {}, [], [], ""
    for key, value in keys:
        if isinstance(value, str):
            rows += [key, KEY_TEXT, len(value) + 1, len(chars)]
            chars += value + "|"
        elif isinstance(value, float):
            rows += [key, KEY_DOUBLES, 1, len(numbers)]
            numbers.append(value)
        else:
            rows += [key, 0, 1, value]
    if keys:
        tags[KEYS] = (kind, [*version, len(keys), *rows])
    if numbers:
        tags[KEY_DOUBLES] = (DOUBLE, numbers)
    if chars:
        tags[KEY_TEXT] = text(chars)
    if scale:
        tags[SCALE] = (DOUBLE, scale)
    if ties:
        tags[TIES] = (DOUBLE, ties)
    if matrix:
        tags[MATRIX] = (DOUBLE, matrix)
    return tags


SMALL = ramp("uint8", 1, 5, 7)
UTM = [(1024, 1), (1025, 1), (3072, 32633)]
UTM_POINT = [(1024, 1), (1025, 2), (3072, 32633)]
PLACE = dict(scale=[10, 20, 0], ties=[0, 0, 0, 500000, 5400000, 0])
DEGREES = dict(scale=[0.5, 0.25, 0], ties=[0, 0, 0, 10, 50, 0])


def grid(keys=UTM, order="<", **more):
    """A tiny file with these keys; placed by PLACE when nothing else is said."""
    if not {"scale", "ties", "matrix"} & set(more):
        more.update(PLACE)
    return by_hand((SMALL, geo(keys, **more)), order=order)


def nodata_text(s, pixels):
    """A tiny file whose nodata tag holds exactly these characters."""
    return by_hand((pixels, {**geo(UTM, **PLACE), NODATA: text(s)}))


def located(crs, transform=GRID, **more):
    """A tiny file with this CRS, by GDAL."""
    return gdal(SMALL, crs=crs, transform=transform, **more)


def plain(*pages, **options):
    """A file by tifffile, no grid."""

    def write(path):
        byteorder = options.get("byteorder")
        with tifffile.TiffWriter(path, byteorder=byteorder or "<") as out:
            for pixels, more in pages:
                out.write(pixels, metadata=None, software=False, contiguous=False, **more)

    return write


# ---------------------------------------------------------------- damaged files

def raw(data):
    def write(path):
        with open(path, "wb") as file:
            file.write(data)

    return write


def damaged(writer, change):
    """The file of another writer, its bytes changed."""

    def write(path):
        writer(path)
        with open(path, "rb") as file:
            data = bytearray(file.read())
        with open(path, "wb") as file:
            file.write(change(data))

    return write


def flip(start, count):
    """Invert some bytes, counted from the file's end."""

    def change(data):
        at = len(data) + start
        data[at: at + count] = bytes(b ^ 0xFF for b in data[at: at + count])
        return data

    return change


def swap_entries(data):
    """Exchange the first two entries of the first directory."""
    at = struct.unpack_from("<I", data, 4)[0] + 2
    data[at: at + 24] = data[at + 12: at + 24] + data[at: at + 12]
    return data


# ---------------------------------------------------------------- the table

DTYPES = ["uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64", "float32", "float64"]


def short(dtype):
    return re.sub(r"[a-z]+(\d+)", lambda m: dtype[0] + m[1], dtype)


def size_for(dtype):
    """A size that keeps wide types small: (height, width)."""
    return (23, 37) if np.dtype(dtype).itemsize <= 2 else (13, 21)


def sized(dtype, bands=1):
    return ramp(dtype, bands, *size_for(dtype))


CASES = []


def case(name, about, write, **facts):
    """facts: expect ("equal" unless said), windows (True: give some windows), lossy, pixels."""
    CASES.append((name, about, write, facts))


NO = dict(expect="gdal_only")
WIN = dict(windows=True)
MULTI = dict(interleave="pixel")
PLANAR = dict(interleave="band")

# Sample types.
for t in DTYPES:
    case(f"type_{short(t)}", f"{t}, no compression, 5 rows per strip",
         gdal(ramp(t, 1, 13, 21), blockysize=5), **(WIN if t == "int16" else {}))
for t in ["complex64", "complex128"]:
    case(f"type_{t}", f"{t} samples", gdal(ramp(t, 1, 5, 7)), **NO)
case("type_f16", "float32 stored in 16 bits", gdal(ramp("float32", 1, 13, 21), NBITS=16), **NO)
case("type_f16_predictor3", "float32 stored in 16 bits, predictor 3, tiles",
     gdal(ramp("float32", 1, 13, 21), NBITS=16, compress="DEFLATE", predictor=3, **tiled()), **NO)
case("type_f24", "float32 stored in 24 bits", gdal(ramp("float32", 1, 13, 21), NBITS=24), **NO)
case("type_f32_special", "float32 with NaN, infinities, signed zero and the smallest number",
     gdal(with_values(ramp("float32", 1, 5, 7), [NAN, INF, -INF, -0.0, 1e-45, 3.4028234663852886e38])))
case("type_f64_special", "float64 with NaN, infinities, signed zero and the smallest number",
     gdal(with_values(ramp("float64", 1, 5, 7), [NAN, INF, -INF, -0.0, 5e-324, 1.7976931348623157e308])))
for t, lo, hi in [("int64", -2**63, 2**63 - 1), ("uint64", 0, 2**64 - 1)]:
    case(f"type_{short(t)}_extreme", f"{t} with its smallest and largest values",
         gdal(with_values(ramp(t, 1, 5, 7), np.array([lo, hi, 2**53 + 1], t))))
case("type_no_sample_format", "int16 pixels without the SampleFormat tag: unsigned",
     by_hand((ramp("int16", 1, 5, 7), {**geo(UTM, **PLACE), 339: None})))
case("type_complex_int16", "complex integers of 16 bits", by_hand(([bytes(range(140))], {**geo(UTM, **PLACE), 256: (SHORT, [7]), 257: (SHORT, [5]), 278: (SHORT, [5]), 258: (SHORT, [32]), 339: (SHORT, [5])})), **NO)
case("type_void_sample_format", "SampleFormat 4 (not defined)",
     by_hand((ramp("uint16", 1, 5, 7), {**geo(UTM, **PLACE), 339: (SHORT, [4])})))
case("type_mixed_bits", "two bands of 8 and 16 bits",
     by_hand(([b"\1\2\3" * 35], {256: (SHORT, [7]), 257: (SHORT, [5]), 277: (SHORT, [2]), 278: (SHORT, [5]),
                                 258: (SHORT, [8, 16]), 339: (SHORT, [1, 1]), 338: (SHORT, [0])})), **NO)

# Predictors.
for t in ["uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64", "float32", "float64"]:
    case(f"predictor2_{short(t)}", f"predictor 2 on {t}, DEFLATE tiles",
         gdal(sized(t), compress="DEFLATE", predictor=2, **tiled()), **(WIN if t == "uint16" else {}))
for t in ["float32", "float64"]:
    case(f"predictor3_{short(t)}", f"predictor 3 on {t}, DEFLATE tiles",
         gdal(sized(t), compress="DEFLATE", predictor=3, **tiled()))
    case(f"predictor3_{short(t)}_strips", f"predictor 3 on {t}, LZW strips of 4 rows",
         gdal(sized(t), compress="LZW", predictor=3, blockysize=4))
case("predictor2_rgb_lzw", "predictor 2 over three interleaved bands, LZW",
     gdal(ramp("uint8", 3), compress="LZW", predictor=2, photometric="RGB", **MULTI, **tiled()))
case("predictor2_u16_4bands", "predictor 2 over four interleaved bands, ZSTD strips of 6 rows",
     gdal(ramp("uint16", 4, 13, 21), compress="ZSTD", predictor=2, blockysize=6, **MULTI))
case("predictor2_u16_planar", "predictor 2 with planar bands",
     gdal(ramp("uint16", 3, 13, 21), compress="DEFLATE", predictor=2, **PLANAR, **tiled()))
case("predictor3_f32_3bands", "predictor 3 over three interleaved bands, ZSTD",
     gdal(ramp("float32", 3, 13, 21), compress="ZSTD", predictor=3, **MULTI, **tiled()), **WIN)
case("predictor3_f32_planar", "predictor 3 with planar bands, strips",
     gdal(ramp("float32", 2, 13, 21), compress="DEFLATE", predictor=3, blockysize=5, **PLANAR))
case("predictor3_f32_special", "predictor 3 with NaN, infinities and signed zero",
     gdal(with_values(ramp("float32", 1, 5, 7), [NAN, INF, -INF, -0.0, 1e-45]), compress="LZW", predictor=3))

# Byte order and BigTIFF.
for t in ["uint8", "uint16", "int16", "uint32", "int32", "uint64", "float32", "float64"]:
    case(f"big_endian_{short(t)}", f"{t}, big-endian, strips of 5 rows",
         gdal(ramp(t, 1, 13, 21), blockysize=5, ENDIANNESS="BIG"))
for t in ["uint16", "uint32", "uint64", "float32"]:
    case(f"big_endian_predictor2_{short(t)}", f"predictor 2 on {t}, big-endian, DEFLATE tiles",
         gdal(ramp(t, 1, 13, 21), compress="DEFLATE", predictor=2, ENDIANNESS="BIG", **tiled()),
         **(WIN if t == "uint16" else {}))
for t in ["float32", "float64"]:
    case(f"big_endian_predictor3_{short(t)}", f"predictor 3 on {t}, big-endian, LZW tiles",
         gdal(ramp(t, 1, 13, 21), compress="LZW", predictor=3, ENDIANNESS="BIG", **tiled()))
case("big_endian_rgb_planar", "three planar uint16 bands, big-endian, tiles",
     gdal(ramp("uint16", 3, 13, 21), compress="ZSTD", ENDIANNESS="BIG", **PLANAR, **tiled()))
case("bigtiff_u16", "BigTIFF, little-endian, tiles", gdal(ramp("uint16"), BIGTIFF="YES", compress="DEFLATE", **tiled()))
case("bigtiff_big_endian_u16", "BigTIFF, big-endian, strips of 5 rows",
     gdal(ramp("uint16", 1, 13, 21), BIGTIFF="YES", ENDIANNESS="BIG", blockysize=5))
case("bigtiff_big_endian_f32", "BigTIFF, big-endian, predictor 3, tiles, three planar bands",
     gdal(ramp("float32", 3, 13, 21), BIGTIFF="YES", ENDIANNESS="BIG", compress="DEFLATE", predictor=3,
          **PLANAR, **tiled()))
case("bigtiff_short_offsets", "BigTIFF whose strip place and size are 32-bit LONGs",
     by_hand((SMALL, geo(UTM, **PLACE)), big=True))

# Compressions.
for c in ["NONE", "LZW", "DEFLATE", "ZSTD", "PACKBITS", "LERC", "LERC_DEFLATE", "LERC_ZSTD", "LZMA"]:
    case(f"compress_{c.lower()}_tiles", f"{c}, uint8, tiles",
         gdal(ramp("uint8"), compress=c, **tiled()), **(NO if c == "LZMA" else {}))
for c in ["LZW", "DEFLATE", "ZSTD", "PACKBITS", "LERC"]:
    case(f"compress_{c.lower()}_strips", f"{c}, int16, strips of 4 rows, the last of 3",
         gdal(ramp("int16"), compress=c, blockysize=4))
for c in ["LERC", "LERC_ZSTD"]:
    case(f"compress_{c.lower()}_f32", f"{c}, float32 with NaN, tiles",
         gdal(with_values(ramp("float32", 1, 13, 21), [NAN, NAN, 5]), compress=c, **tiled()))
case("compress_lerc_f64", "LERC, float64, strips", gdal(ramp("float64", 1, 13, 21), compress="LERC"))
case("compress_lerc_i32", "LERC, int32, tiles", gdal(ramp("int32", 1, 13, 21), compress="LERC", **tiled()))
case("compress_lerc_u32", "LERC_DEFLATE, uint32, tiles",
     gdal(ramp("uint32", 1, 13, 21), compress="LERC_DEFLATE", **tiled()))
case("compress_lerc_i8", "LERC, int8", gdal(ramp("int8", 1, 16, 20), compress="LERC"))
case("compress_lerc_constant", "LERC, one value everywhere", gdal(np.full((1, 13, 21), 7.5, "float32"), compress="LERC"))
case("compress_lerc_3bands", "LERC, three interleaved uint16 bands, tiles",
     gdal(ramp("uint16", 3, 13, 21), compress="LERC", **MULTI, **tiled()), **WIN)
case("compress_lerc_f32_3bands", "LERC, three interleaved float32 bands, NaN at different places of two of them",
     gdal(with_holes(ramp("float32", 3, 13, 21)), compress="LERC", **MULTI, **tiled()))
case("compress_lerc_f32_2bands", "LERC, two interleaved float32 bands, NaN at the same places",
     gdal(np.where(holed(13, 21) == 0, NAN, ramp("float32", 2, 13, 21)).astype("float32"), compress="LERC", **MULTI))
case("compress_lerc_planar", "LERC, two planar float32 bands",
     gdal(ramp("float32", 2, 13, 21), compress="LERC", **PLANAR, **tiled()))
case("compress_lerc_rgba", "LERC, alpha of 0 and 255 kept as LERC's mask: pixels below alpha 0 are lost",
     gdal(np.concatenate([ramp("uint8", 3, 13, 21), holed(13, 21)[None]]), compress="LERC", photometric="RGB", ALPHA="YES", **MULTI))
case("compress_lerc_gray_alpha", "the same with gray and alpha",
     gdal(np.concatenate([ramp("uint8", 1, 13, 21), holed(13, 21)[None]]), compress="LERC", ALPHA="YES", **MULTI))
case("compress_lerc_rgba_u16", "LERC, uint16 RGBA, alpha of every value",
     gdal(ramp("uint16", 4, 13, 21), compress="LERC", photometric="RGB", ALPHA="YES", **MULTI))
case("compress_lerc_lossy", "LERC with a largest error of 0.5",
     gdal(ramp("float32", 1, 13, 21), compress="LERC", MAX_Z_ERROR=0.5, **tiled()))
case("compress_lerc_big_endian", "LERC, int16, big-endian", gdal(ramp("int16", 1, 13, 21), compress="LERC", ENDIANNESS="BIG"))
case("compress_lzw_noise", "LZW on noise, so that the code table fills up", gdal(noise("uint8", 1, 79, 61), compress="LZW", blockysize=79))
case("compress_lzw_flat", "LZW on one value, long codes", gdal(np.full((1, 90, 70), 9, "uint8"), compress="LZW", blockysize=90))
case("compress_packbits_runs", "PACKBITS with runs and literals, rows longer than 128",
     gdal((np.arange(5 * 300).reshape(1, 5, 300) // 140 * (np.arange(300) % 150 // 100 + 1)
           * (1 + np.arange(300) % 7 * (np.arange(300) > 250))).astype("uint8"), compress="PACKBITS", blockysize=3))
case("compress_zstd_u8_planar", "ZSTD, two planar bands", gdal(ramp("uint8", 2), compress="ZSTD", **PLANAR, **tiled()))
case("compress_deflate_old", "DEFLATE under its older code 32946",
     by_hand(([zlib.compress(ramp("uint8", 1, 13, 21).tobytes())],
              {**geo(UTM, **PLACE), 256: (SHORT, [21]), 257: (SHORT, [13]), 278: (SHORT, [13]), 259: (SHORT, [32946])})))
case("compress_webp_lossless", "WEBP without loss, RGB",
     gdal(ramp("uint8", 3, 13, 21), compress="WEBP", WEBP_LOSSLESS="YES", photometric="RGB", **MULTI), **NO)
case("compress_webp_lossless_rgba", "WEBP without loss, RGBA, tiles",
     gdal(np.concatenate([ramp("uint8", 3, 13, 21), np.full((1, 13, 21), 255, "uint8")]),
          compress="WEBP", WEBP_LOSSLESS="YES", photometric="RGB", ALPHA="YES", **MULTI, **tiled()), **NO)
for c in ["CCITTRLE", "CCITTFAX3", "CCITTFAX4"]:
    case(f"compress_{c.lower()}", f"{c}, 1 bit", gdal(ramp("uint8", bits=1), compress=c, NBITS=1), **NO)
LOSSY = dict(lossy=True)
case("jpeg_gray", "JPEG, gray", gdal(smooth(), compress="JPEG", JPEG_QUALITY=90, crs=None, transform=None), **LOSSY)
case("jpeg_ycbcr", "JPEG, RGB kept as YCbCr", gdal(smooth(3), compress="JPEG", JPEG_QUALITY=90, photometric="YCBCR", **MULTI), **LOSSY)
case("jpeg_rgb", "JPEG, RGB kept as RGB", gdal(smooth(3), compress="JPEG", JPEG_QUALITY=90, photometric="RGB", **MULTI), **LOSSY)
case("jpeg_planar", "JPEG, three planar bands", gdal(smooth(3), compress="JPEG", JPEG_QUALITY=90, **PLANAR), **LOSSY)
case("jpeg_tiles", "JPEG, gray, partial tiles", gdal(smooth(1, 13, 21), compress="JPEG", JPEG_QUALITY=90, **tiled()), **LOSSY)
case("jpeg_ycbcr_tiles", "JPEG, YCbCr, partial tiles with a mask",
     gdal(smooth(3, 13, 21), compress="JPEG", JPEG_QUALITY=90, photometric="YCBCR", mask=holed(13, 21), **MULTI, **tiled()), **LOSSY)
case("jpeg_4bands", "JPEG, four interleaved bands", gdal(smooth(4, 13, 17), compress="JPEG", JPEG_QUALITY=90, **MULTI), **LOSSY, **NO)
case("jpeg_strips", "JPEG, gray, strips of 8 rows, the last of 5", gdal(smooth(1, 13, 21), compress="JPEG", JPEG_QUALITY=90, blockysize=8), **LOSSY)

# Blocks as some writers leave them.
DEFLATED = {256: (SHORT, [7]), 257: (SHORT, [5]), 278: (SHORT, [5]), 259: (SHORT, [8])}


def lzw(pixels, change):
    """LZW in one strip, its bytes changed."""
    codes = change(imagecodecs.lzw_encode(pixels.tobytes()))
    _, height, width = pixels.shape
    return by_hand(([codes], {**geo(UTM, **PLACE), 256: (SHORT, [width]), 257: (SHORT, [height]), 278: (SHORT, [height]), 259: (SHORT, [5])}))


def lzw_without_end(data):
    """The code of the end is the last one, 9 bits and some that fill the byte."""
    return data[:-1] if data[-1:] == b"\x80" else data[:-2]


def packed(strip):
    return by_hand(([strip], {**geo(UTM, **PLACE), **DEFLATED, 259: (SHORT, [32773])}))


RUNS = b"".join(b"\x06" + SMALL[0, row].tobytes() for row in range(5))
case("block_deflate_slack", "DEFLATE, and 100,000 bytes of room behind it",
     by_hand(([zlib.compress(SMALL.tobytes()) + bytes(100000)], {**geo(UTM, **PLACE), **DEFLATED})))
case("block_lzw_slack", "LZW, and 9,000 bytes of room behind it", lzw(SMALL, lambda codes: codes + bytes(9000)))
case("block_lzw_no_end", "LZW without the code that ends it", lzw(ramp("uint8", 1, 13, 21), lzw_without_end))
case("block_lzw_long", "LZW of more pixels than the strip has",
     by_hand(([imagecodecs.lzw_encode(SMALL.tobytes() * 2)], {**geo(UTM, **PLACE), **DEFLATED, 259: (SHORT, [5])})))
case("block_packbits_tail", "PACKBITS, and bytes that are no runs behind it", packed(RUNS + b"\x05\1"))
case("block_packbits_across_rows", "PACKBITS whose runs go on in the next row", packed(b"\x22" + SMALL.tobytes()))
case("block_packbits_nothing", "PACKBITS with the number that says nothing", packed(b"\x80" + RUNS + b"\x80"))
case("block_packbits_predictor", "PACKBITS with a tag that names predictor 2", 
     by_hand(([RUNS], {**geo(UTM, **PLACE), **DEFLATED, 259: (SHORT, [32773]), 317: (SHORT, [2])})))
case("block_packbits_predictor_4bit", "the same with 4 bits per sample",
     by_hand(([b"\x03\x12\x34\x56\x70" * 5], {**geo(UTM, **PLACE), **DEFLATED, 258: (SHORT, [4]), 259: (SHORT, [32773]), 317: (SHORT, [2])})))
TILES = [bytes(range(i, i + 64)) * 4 for i in (0, 64, 128, 190)]
for codec, name in [(1, "none"), (5, "lzw")]:
    tiles = TILES if codec == 1 else [imagecodecs.lzw_encode(tile) for tile in TILES]
    places = [8 + sum(len(tile) + len(tile) % 2 for tile in tiles[:i]) for i in range(4)]
    case(f"block_tiles_in_strip_tags_{name}", f"tiles whose places are in the tags of strips, {name}",
         by_hand((tiles, {**geo(UTM, **PLACE), 256: (SHORT, [30]), 257: (SHORT, [20]), 278: None, 259: (SHORT, [codec]), 322: (SHORT, [16]), 323: (SHORT, [16]),
                          273: (LONG, places), 279: (LONG, [len(tile) for tile in tiles])})))
case("block_size_0", "the size of the only strip is 0", by_hand((SMALL, {**geo(UTM, **PLACE), 279: (LONG, [0])})))
case("block_size_0_deflate", "the size of the only strip is 0, DEFLATE", by_hand(([zlib.compress(SMALL.tobytes())], {**geo(UTM, **PLACE), **DEFLATED, 279: (LONG, [0])})))
case("block_size_missing_deflate", "no size of the only strip, DEFLATE", by_hand(([zlib.compress(SMALL.tobytes())], {**geo(UTM, **PLACE), **DEFLATED, 279: None})))
case("block_size_0_of_three", "three strips, the size of the second is 0", by_hand(([SMALL[:, :2].tobytes(), SMALL[:, 2:4].tobytes(), SMALL[:, 4:].tobytes()],
     {**geo(UTM, **PLACE), 256: (SHORT, [7]), 257: (SHORT, [5]), 278: (SHORT, [2]), 279: (LONG, [14, 0, 7])})))
case("block_size_too_small", "the size of the strip smaller than its pixels", by_hand((SMALL, {**geo(UTM, **PLACE), 279: (LONG, [20])})))
case("block_lerc_inf", "LERC, float32 with infinities", gdal(with_values(ramp("float32", 1, 13, 21), [INF, -INF, 5]), compress="LERC"))
case("block_lerc_version_1", "LERC of version 1, by ESRI's header",
     by_hand(([b"CntZImage " + bytes(90)], {256: (SHORT, [7]), 257: (SHORT, [5]), 278: (SHORT, [5]), 259: (SHORT, [34887]), 50674: (LONG, [4, 0])})))
case("jpeg_2bands", "JPEG, two interleaved bands", gdal(smooth(2), compress="JPEG", JPEG_QUALITY=90, **MULTI), **LOSSY, **NO)

# Layout.
case("strips_one", "one strip", gdal(ramp("uint8"), blockysize=23))
case("strips_of_1", "one row per strip", gdal(ramp("uint8"), blockysize=1, compress="DEFLATE"))
case("strips_of_10", "strips of 10 rows, the last of 3", gdal(ramp("uint16"), blockysize=10), **WIN)
case("tiles_16x32", "tiles 16 wide and 32 high", gdal(ramp("uint8"), tiled=True, blockxsize=16, blockysize=32))
case("tiles_32x16", "tiles 32 wide and 16 high", gdal(ramp("uint8"), tiled=True, blockxsize=32, blockysize=16), **WIN)
case("tiles_exact", "a grid of whole tiles", gdal(ramp("uint8", 1, 32, 48), **tiled()))
case("tile_larger", "one tile larger than the image", gdal(ramp("uint8", 1, 5, 7), **tiled(32)))
for n in range(2, 6):
    case(f"pixel_interleaved_{n}", f"{n} interleaved bands, tiles",
         gdal(ramp("uint8", n), compress="DEFLATE", **MULTI, **tiled()), **(WIN if n == 3 else {}))
case("pixel_interleaved_3_strips", "3 interleaved int16 bands, strips of 7 rows", gdal(ramp("int16", 3, 13, 21), blockysize=7, **MULTI))
case("planar_3_tiles", "3 planar bands, tiles", gdal(ramp("uint8", 3), **PLANAR, **tiled()), **WIN)
case("planar_5_strips", "5 planar bands, strips of 7 rows, the last of 2", gdal(ramp("uint8", 5), blockysize=7, compress="LZW", **PLANAR))
case("planar_2_one_strip", "2 planar float64 bands, one strip each", gdal(ramp("float64", 2, 5, 7), **PLANAR))
case("size_1x1", "one pixel", gdal(ramp("int16", 1, 1, 1)), pixels=True)
case("size_1x19", "one row", gdal(ramp("uint16", 1, 1, 19)), pixels=True)
case("size_19x1", "one column", gdal(ramp("uint16", 1, 19, 1)), pixels=True)
case("size_1x19_tiles", "one row in tiles", gdal(ramp("float32", 1, 1, 19), **tiled()))
case("size_19x1_tiles", "one column in tiles, two planar bands", gdal(ramp("float32", 2, 19, 1), compress="DEFLATE", predictor=3, **PLANAR, **tiled()))
case("size_1x1_3bands", "one pixel of three bands", gdal(ramp("uint8", 3, 1, 1), photometric="RGB", **MULTI))
case("rows_per_strip_huge", "RowsPerStrip of 4294967295", by_hand((SMALL, {**geo(UTM, **PLACE), 278: (LONG, [4294967295])})))
case("rows_per_strip_missing", "no RowsPerStrip tag", by_hand((SMALL, {**geo(UTM, **PLACE), 278: None})))
case("fill_order_2", "bits stored from the lowest, 1 bit",
     by_hand(([bytes([0b10110010, 0b00000001] * 5)], {256: (SHORT, [11]), 257: (SHORT, [5]), 278: (SHORT, [5]), 258: (SHORT, [1]), 266: (SHORT, [2])})), **NO)

# Missing tiles.
FIRST, RIGHT = Window(0, 0, 16, 16), Window(32, 0, 5, 16)
LOW = Window(16, 16, 16, 7)
case("sparse_nodata", "some tiles missing, nodata 200", gdal(ramp("uint8"), nodata=200, SPARSE_OK="TRUE", compress="DEFLATE",
     windows=[([1], FIRST), ([1], LOW)], **tiled()), **WIN)
case("sparse_no_nodata", "some tiles missing, no nodata", gdal(ramp("int16"), SPARSE_OK="TRUE", compress="LZW", windows=[([1], RIGHT)], **tiled()))
case("sparse_float_nan", "some tiles missing, nodata NaN", gdal(ramp("float32"), nodata=NAN, SPARSE_OK="TRUE", compress="ZSTD", predictor=3, windows=[([1], LOW)], **tiled()))
case("sparse_i16_nodata", "some tiles missing, nodata -9999, big-endian", gdal(ramp("int16"), nodata=-9999, SPARSE_OK="TRUE", compress="DEFLATE", predictor=2, ENDIANNESS="BIG", windows=[([1], LOW)], **tiled()))
case("sparse_all", "every tile missing, nodata 7", gdal(ramp("uint16"), nodata=7, SPARSE_OK="TRUE", windows=[], **tiled()))
case("sparse_all_no_nodata", "every tile missing, no nodata", gdal(ramp("float64"), SPARSE_OK="TRUE", windows=[], **tiled()))
case("sparse_strips", "some strips missing, nodata 9", gdal(ramp("uint8"), nodata=9, SPARSE_OK="TRUE", blockysize=5, windows=[([1], Window(0, 5, 37, 5)), ([1], Window(0, 20, 37, 3))]))
case("sparse_planar", "planar, tiles of some bands missing", gdal(ramp("uint8", 3), nodata=1, SPARSE_OK="TRUE", compress="DEFLATE", windows=[([2], FIRST), ([3], LOW), ([2, 3], RIGHT)], **PLANAR, **tiled()), **WIN)
case("sparse_interleaved", "interleaved bands, some tiles missing", gdal(ramp("uint16", 2), nodata=300, SPARSE_OK="TRUE", compress="DEFLATE", windows=[([1, 2], FIRST)], **MULTI, **tiled()))
case("sparse_lerc", "LERC with missing tiles", gdal(ramp("float32"), nodata=-1, SPARSE_OK="TRUE", compress="LERC", windows=[([1], FIRST)], **tiled()))
case("sparse_miniswhite", "MINISWHITE with missing tiles", gdal(ramp("uint8"), SPARSE_OK="TRUE", photometric="MINISWHITE", windows=[([1], FIRST)], **tiled()))
for t, value in [("uint8", "-9999"), ("uint8", "300"), ("uint8", "nan"), ("uint8", "1.5"), ("uint8", "0.4"), ("int16", "-32769"), ("int16", "inf"), ("int16", "-2.5"),
                 ("int64", "9223372036854775808"), ("int64", "1e30"), ("uint64", "-1"), ("int8", "200"), ("float32", "n/a"), ("uint16", "7abc"), ("int32", "-1e10")]:
    bits, kind = 8 * np.dtype(t).itemsize, {"u": 1, "i": 2, "f": 3}[np.dtype(t).kind]
    case(f"sparse_{short(t)}_nodata_{value.replace('/', '')}", f"{t}, strips missing, nodata spelt {value!r}",
         by_hand(([b""], {**geo(UTM, **PLACE), 256: (SHORT, [7]), 257: (SHORT, [5]), 278: (SHORT, [5]), 258: (SHORT, [bits]), 339: (SHORT, [kind]), 273: (LONG, [0]), 279: (LONG, [0]), NODATA: text(value)})))
case("sparse_u64_nodata", "uint64, strips missing, nodata 18446744073709551615",
     by_hand(([b""], {**geo(UTM, **PLACE), 256: (SHORT, [7]), 257: (SHORT, [5]), 278: (SHORT, [5]), 258: (SHORT, [64]), 273: (LONG, [0]), 279: (LONG, [0]), NODATA: text("18446744073709551615")})))

# Masks and alpha.
case("mask", "1-bit mask", gdal(ramp("uint8"), mask=holed(), compress="DEFLATE", **tiled()), **WIN)
case("mask_strips", "1-bit mask, strips", gdal(ramp("int16"), mask=holed(), blockysize=6))
case("mask_3bands_overviews", "1-bit mask for three bands, with overviews", gdal(ramp("uint8", 3), mask=holed(), compress="DEFLATE", photometric="RGB", overviews=[2, 4], **MULTI, **tiled()))
case("mask_planar", "1-bit mask for planar bands", gdal(ramp("uint8", 2), mask=holed(), compress="LZW", **PLANAR, **tiled()))
case("mask_big_endian", "1-bit mask, big-endian BigTIFF", gdal(ramp("uint16"), mask=holed(), compress="DEFLATE", ENDIANNESS="BIG", BIGTIFF="YES", **tiled()))
case("mask_and_nodata", "a mask and a nodata value both", gdal(ramp("uint8"), mask=holed(), nodata=50, compress="DEFLATE", **tiled()))
case("mask_8bit", "mask page of 8 bits, not of 1",
     by_hand((SMALL, geo(UTM, **PLACE)), (holed(5, 7)[None], {254: (LONG, [4]), 262: (SHORT, [4])})))
case("alpha_rgba", "RGBA, alpha of every value", gdal(ramp("uint8", 4), photometric="RGB", ALPHA="YES", compress="DEFLATE", **MULTI, **tiled()))
case("alpha_rgba_premultiplied", "RGBA, premultiplied alpha", gdal(ramp("uint8", 4, 13, 21), photometric="RGB", ALPHA="PREMULTIPLIED", **MULTI))
case("alpha_gray", "gray and alpha", gdal(np.concatenate([ramp("uint8"), holed()[None]]), ALPHA="YES", compress="DEFLATE", **MULTI, **tiled()))
case("alpha_gray_planar", "gray and alpha, planar", gdal(np.concatenate([ramp("uint8"), holed()[None]]), ALPHA="YES", compress="DEFLATE", **PLANAR, **tiled()))
case("alpha_u16", "uint16 RGBA", gdal(ramp("uint16", 4, 13, 21), photometric="RGB", ALPHA="YES", **MULTI))
case("alpha_f32", "float32 RGBA", gdal(ramp("float32", 4, 13, 21), photometric="RGB", ALPHA="YES", **MULTI))
case("alpha_i16", "int16 RGBA", gdal(ramp("int16", 4, 13, 21), photometric="RGB", ALPHA="YES", **MULTI))
case("alpha_5bands", "RGB, one more band, and alpha", by_hand((ramp("uint8", 5, 5, 7), {**geo(UTM, **PLACE), 338: (SHORT, [0, 2])})))
case("alpha_3bands", "gray, one more band, and alpha", by_hand((ramp("uint8", 3, 5, 7), {**geo(UTM, **PLACE), 262: (SHORT, [1]), 338: (SHORT, [0, 2])})))
case("alpha_twice", "gray and three bands that are alpha", by_hand((ramp("uint8", 4, 5, 7), {**geo(UTM, **PLACE), 262: (SHORT, [1]), 338: (SHORT, [2, 2, 2])})))
case("alpha_first", "gray, alpha, and two more bands", by_hand((ramp("uint8", 4, 5, 7), {**geo(UTM, **PLACE), 262: (SHORT, [1]), 338: (SHORT, [2, 0, 0])})))
case("mask_reduced", "a mask of an overview that is as large as the image", by_hand((SMALL, geo(UTM, **PLACE)), (holed(5, 7)[None], {254: (LONG, [5]), 262: (SHORT, [4])})))
case("alpha_and_nodata", "RGBA with a nodata value", gdal(ramp("uint8", 4, 13, 21), photometric="RGB", ALPHA="YES", nodata=60, **MULTI))

# Colour.
case("palette", "uint8 with a colour table", gdal(ramp("uint8", bits=5), colormap={i: (i * 8, 255 - i, i * i % 256, 255) for i in range(32)}, compress="DEFLATE", **tiled()))
case("palette_4bit", "4 bits with a colour table", gdal(ramp("uint8", bits=4), NBITS=4, colormap={i: (i * 16, 255 - i, i * i % 256, 255) for i in range(16)}))
case("palette_nodata", "a colour table with a nodata value", gdal(ramp("uint8", bits=3), colormap={i: (200 - i, i, 3 * i, 255) for i in range(8)}, nodata=3, compress="PACKBITS"))
case("miniswhite", "0 is white", gdal(ramp("uint8"), photometric="MINISWHITE"))
case("miniswhite_1bit", "0 is white, 1 bit", gdal(ramp("uint8", bits=1), photometric="MINISWHITE", NBITS=1))
case("miniswhite_u16_deflate", "0 is white, uint16", gdal(ramp("uint16", 1, 13, 21), photometric="MINISWHITE", compress="DEFLATE", **tiled()))
case("rgb", "RGB", gdal(ramp("uint8", 3, 13, 21), photometric="RGB", **MULTI))
case("rgb_extra", "RGB and two more bands", gdal(ramp("uint8", 5, 13, 21), photometric="RGB", **MULTI))
case("cmyk", "CMYK, which GDAL turns into RGBA", gdal(ramp("uint8", 4, 13, 21), photometric="CMYK", **MULTI), **NO)
case("cielab", "CIELAB, which GDAL turns into RGBA", gdal(ramp("uint8", 3, 5, 7), photometric="CIELAB", **MULTI), **NO)
case("ycbcr_plain", "YCbCr 4:4:4 without JPEG, which GDAL turns into RGBA", by_hand((ramp("uint8", 3, 5, 7), {262: (SHORT, [6]), 530: (SHORT, [1, 1])})), **NO)

# Odd numbers of bits.
for n in [1, 2, 3, 4, 5, 7]:
    case(f"bits_{n}", f"{n} bits per sample, strips", gdal(ramp("uint8", bits=n), NBITS=n, blockysize=9))
for n in [9, 12, 15]:
    case(f"bits_{n}", f"{n} bits per sample, strips", gdal(ramp("uint16", bits=n), NBITS=n, blockysize=9))
case("bits_20", "20 bits per sample", gdal(ramp("uint32", 1, 13, 21, bits=20), NBITS=20))
case("bits_1_tiles", "1 bit, DEFLATE tiles", gdal(ramp("uint8", bits=1), NBITS=1, compress="DEFLATE", **tiled()))
case("bits_4_3bands", "4 bits, three interleaved bands, LZW", gdal(ramp("uint8", 3, bits=4), NBITS=4, compress="LZW", **MULTI))
case("bits_12_big_endian", "12 bits, big-endian, tiles", gdal(ramp("uint16", bits=12), NBITS=12, ENDIANNESS="BIG", compress="DEFLATE", **tiled()))
case("bits_2_planar", "2 bits, two planar bands", gdal(ramp("uint8", 2, bits=2), NBITS=2, **PLANAR))
case("bits_1_nodata", "1 bit with nodata 0", gdal(ramp("uint8", bits=1), NBITS=1, nodata=0))

# Spellings of nodata.
U8 = with_values(ramp("uint8", 1, 5, 7), [255, 0, 1, 44])
F32 = with_values(ramp("float32", 1, 5, 7), [-9999, NAN, INF, -INF, 1e20, -3.4028234663852886e38, 0])
F64 = with_values(ramp("float64", 1, 5, 7), [-9999, NAN, INF, -INF, 1e20, -3.4028234663852886e38, 0])
for name, spelling, pixels in [
    ("decimals", "-9999.00", F32), ("newline", "-9999\n", F32), ("u8_decimals", "255.000000", U8),
    ("nan", "nan", F32), ("nan_capital", "NaN", F32), ("nan_minus", "-nan", F32), ("nan_f64", "nan", F64),
    ("nan_u8", "nan", U8), ("nan_quiet", "-1.#IND", F32), ("1e20", "1e+20", F32), ("1e20_f64", "1e+20", F64),
    ("lowest", "-3.4028234663852886e+38", F32), ("lowest_short", "-3.40282e+38", F32),
    ("lowest_rounded_up", "-3.402823466385289e+38", F32), ("lowest_f64", "-3.4028234663852886e+38", F64),
    ("f32_beyond", "-1.7976931348623157e+308", F32), ("f32_inexact", "0.1", with_values(F32, [0.1])),
    ("u8_300", "300", U8), ("u8_minus_1", "-1", U8), ("u8_half", "0.5", U8), ("u8_plus", "+1", U8),
    ("u8_exponent", "1e0", U8), ("u8_hex", "0x2C", U8), ("empty", "", F32), ("words", "n/a", F32),
    ("number_then_words", "44 none", U8), ("comma", "1,5", U8), ("inf", "inf", F32), ("inf_minus", "-inf", F32),
    ("infinity", "Infinity", F32), ("spaces", " 0 ", U8), ("letters_behind", "44abc", U8), ("letters_behind_f32", "-9999m", F32), ("exponent_cut", "1e", U8), ("plus_plus", "++1", U8),
    ("i64_exponent", "1e2", with_values(ramp("int64", 1, 5, 7), [100, 1])), ("i64_letters_behind", "-9999m", with_values(ramp("int64", 1, 5, 7), [-9999])),
    ("nano", "nano", F32), ("two_numbers", "1 0", U8),
    ("i64_lowest", "-9223372036854775808", with_values(ramp("int64", 1, 5, 7), [-2**63, -2**63 + 1])),
    ("i64_2_53_1", "9007199254740993", with_values(ramp("int64", 1, 5, 7), [2**53, 2**53 + 1])),
    ("i64_decimals", "-9999.0", with_values(ramp("int64", 1, 5, 7), [-9999])),
    ("i64_beyond", "9223372036854775808", with_values(ramp("int64", 1, 5, 7), [2**63 - 1])),
    ("u64_highest", "18446744073709551615", with_values(ramp("uint64", 1, 5, 7), np.array([2**64 - 1, 2**64 - 2], "uint64"))),
    ("u64_minus_1", "-1", with_values(ramp("uint64", 1, 5, 7), np.array([2**64 - 1], "uint64"))),
    ("i16", "-32768", with_values(ramp("int16", 1, 5, 7), [-32768])),
    ("i8", "-128", with_values(ramp("int8", 1, 5, 7), [-128])),
    ("u32", "4294967295", with_values(ramp("uint32", 1, 5, 7), np.array([2**32 - 1], "uint32"))),
]:
    case(f"nodata_{name}", f"nodata spelt {spelling!r}, {pixels.dtype}", nodata_text(spelling, pixels))
case("nodata_by_gdal_nan", "nodata NaN as GDAL writes it, two bands", gdal(ramp("float32", 2, 5, 7), nodata=NAN))
case("nodata_by_gdal_lowest", "the lowest float32 as GDAL writes it", gdal(with_values(ramp("float32", 1, 5, 7), [-3.4028234663852886e38]), nodata=-3.4028234663852886e38))
case("nodata_no_zero_byte", "nodata text without the closing zero byte", by_hand((U8, {**geo(UTM, **PLACE), NODATA: (ASCII, b"255 1")})))
case("nodata_as_double", "nodata tag of type DOUBLE", by_hand((U8, {**geo(UTM, **PLACE), NODATA: (DOUBLE, [255.0])})), **NO)
case("nodata_inner_zero", "nodata text with a zero byte inside", by_hand((U8, {**geo(UTM, **PLACE), NODATA: (ASCII, b"44\x00255\x00")})))

# Coordinate systems, by GDAL.
DEG = Affine(0.5, 0, 10, 0, -0.25, 50)
for code in [32633, 4547, 3857, 27700, 2154, 2263, 3413, 5070, 32761]:
    case(f"crs_{code}", f"projected EPSG:{code}", located(f"EPSG:{code}"))
for code in [4326, 4269, 4267, 4807, 4979]:
    case(f"crs_{code}", f"geographic EPSG:{code}", located(f"EPSG:{code}", DEG))
case("crs_4978", "geocentric EPSG:4978", located("EPSG:4978"))
case("crs_4326_5773", "compound EPSG:4326+5773", located("EPSG:4326+5773", DEG))
case("crs_25832_7837", "compound EPSG:25832+7837", located("EPSG:25832+7837"))
case("crs_7415", "compound with its own code, EPSG:7415", located("EPSG:7415"))
case("crs_5773", "vertical EPSG:5773 alone", located("EPSG:5773"), **NO)
case("crs_esri_102001", "ESRI:102001, Canada Albers", located("ESRI:102001"), **NO)
case("crs_esri_54009", "ESRI:54009, Mollweide", located("ESRI:54009"), **NO)
case("crs_user_laea", "a Lambert azimuthal without code", located("+proj=laea +lat_0=10.5 +lon_0=20 +x_0=1000 +datum=WGS84 +units=m"))
case("crs_user_tmerc", "a transverse Mercator without code", located("+proj=tmerc +lat_0=3 +lon_0=20.25 +k=0.9997 +x_0=300000 +y_0=-5000 +ellps=bessel +units=m"))
case("crs_user_lcc_feet", "a Lambert conic in US feet", located("+proj=lcc +lat_1=33 +lat_2=45 +lat_0=39 +lon_0=-96 +datum=NAD83 +units=us-ft"))
case("crs_user_sphere", "a Lambert azimuthal on a sphere", located("+proj=laea +lat_0=10 +lon_0=20 +R=6371000 +units=m"))
case("crs_user_geographic", "geographic on an ellipsoid of its own", located("+proj=longlat +a=6378000 +rf=298.5", DEG))
case("crs_user_rotated_pole", "rotated pole", located("+proj=ob_tran +o_proj=longlat +o_lon_p=0 +o_lat_p=39.25 +lon_0=18 +datum=WGS84", DEG), **NO)
case("crs_user_sinusoidal", "sinusoidal on the MODIS sphere", located("+proj=sinu +lon_0=0 +x_0=0 +y_0=0 +R=6371007.181 +units=m"))
case("crs_local", "a local CRS", located('LOCAL_CS["site grid",UNIT["metre",1]]'), **NO)
case("crs_esri_pe", "EPSG:2154 with keys in ESRI's manner", located("EPSG:2154", GEOTIFF_KEYS_FLAVOR="ESRI_PE"))
for code in [3857, 32633, 2154]:
    case(f"crs_esri_pe_{code}", f"EPSG:{code} with keys in ESRI's manner", located(f"EPSG:{code}", GEOTIFF_KEYS_FLAVOR="ESRI_PE"))
case("crs_esri_pe_4979", "EPSG:4979 with keys in ESRI's manner, GeoTIFF 1.1", located("EPSG:4979", DEG, GEOTIFF_KEYS_FLAVOR="ESRI_PE", GEOTIFF_VERSION="1.1"))
case("crs_esri_pe_102001", "ESRI:102001 with keys in ESRI's manner", located("ESRI:102001", GEOTIFF_KEYS_FLAVOR="ESRI_PE"))
case("crs_version_1_1", "EPSG:4979 by GeoTIFF 1.1", located("EPSG:4979", DEG, GEOTIFF_VERSION="1.1"))
case("crs_version_1_0", "EPSG:4979 by GeoTIFF 1.0", located("EPSG:4979", DEG, GEOTIFF_VERSION="1.0"))
case("crs_profile_geotiff", "PROFILE=GeoTIFF: no GDAL tags", located("EPSG:32633", PROFILE="GeoTIFF", nodata=3))
case("crs_no_grid", "a CRS and no transform", located("EPSG:32633", None))
case("grid_no_crs", "a transform and no CRS", located(None))

# Coordinate systems, by hand.
for name, about, keys, more in [
    ("utm_only_projection", "projection 16033 (UTM 33N) and base 4326, no 3072", [(1024, 1), (1025, 1), (2048, 4326), (3074, 16033)], {}),
    ("utm_projection_alone", "projection 16033 and nothing else", [(1024, 1), (1025, 1), (3074, 16033)], {}),
    ("utm_3072_user", "3072 user-defined, 3074 = 16033, 2048 = 4326, metre", [(1024, 1), (1025, 1), (2048, 4326), (3072, 32767), (3074, 16033), (3076, 9001)], {}),
    ("no_model_type", "no model type, 3072 = 32633", [(1025, 1), (3072, 32633)], {}),
    ("no_model_type_geographic", "no model type, 2048 = 4326", [(1025, 1), (2048, 4326)], DEGREES),
    ("no_raster_type", "no raster type", [(1024, 1), (3072, 32633)], {}),
    ("raster_type_unknown", "raster type 9", [(1024, 1), (1025, 9), (3072, 32633)], {}),
    ("user_citation", "3072 user-defined, only citations", [(1024, 1), (1025, 1), (1026, "my grid"), (3072, 32767), (3073, "my own grid, metres")], {}),
    ("user_citation_esri", "3072 user-defined, ESRI PE string", [(1024, 1), (1025, 1), (3072, 32767), (3073, 'ESRI PE String = PROJCS["ETRS_1989_UTM_Zone_32N",GEOGCS["GCS_ETRS_1989",DATUM["D_ETRS_1989",SPHEROID["GRS_1980",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],PARAMETER["False_Easting",500000.0],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",9.0],PARAMETER["Scale_Factor",0.9996],PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]')], {}),
    ("both_codes", "2048 = 4326 and 3072 = 32633", [(1024, 1), (1025, 1), (2048, 4326), (3072, 32633)], {}),
    ("both_codes_differ", "2048 = 4269 and 3072 = 32633, which has another base", [(1024, 1), (1025, 1), (2048, 4269), (3072, 32633)], {}),
    ("geographic_with_3072", "model type 2 with 2048 = 4326 and 3072 = 32633", [(1024, 2), (1025, 1), (2048, 4326), (3072, 32633)], DEGREES),
    ("projected_with_2048_only", "model type 1 with 2048 = 4326 only", [(1024, 1), (1025, 1), (2048, 4326)], {}),
    ("geographic_code_in_3072", "model type 2, 3072 = 4326", [(1024, 2), (1025, 1), (3072, 4326)], DEGREES),
    ("projected_unit_feet", "3072 = 32633 with unit 9003 (US feet)", [(1024, 1), (1025, 1), (3072, 32633), (3076, 9003)], {}),
    ("projected_unit_same", "3072 = 32633 with unit 9001 (metre)", [(1024, 1), (1025, 1), (3072, 32633), (3076, 9001)], {}),
    ("angular_unit_grad", "2048 = 4326 with angular unit 9105 (grad)", [(1024, 2), (1025, 1), (2048, 4326), (2054, 9105)], DEGREES),
    ("unknown_code", "3072 = 32500, no such code", [(1024, 1), (1025, 1), (3072, 32500)], {}),
    ("zero_code", "3072 = 0", [(1024, 1), (1025, 1), (3072, 0)], {}),
    ("geographic_as_3072_4547", "3072 = 4547, a projected code between 4000 and 5000", [(1024, 1), (1025, 1), (3072, 4547)], {}),
    ("deprecated_code", "3072 = 26591, a deprecated code", [(1024, 1), (1025, 1), (3072, 26591)], {}),
    ("datum_only", "model type 2 with datum 6326 only", [(1024, 2), (1025, 1), (2050, 6326)], DEGREES),
    ("ellipsoid_only", "model type 2, user-defined, ellipsoid 7030", [(1024, 2), (1025, 1), (2048, 32767), (2050, 32767), (2056, 7030)], DEGREES),
    ("axes_only", "model type 2, user-defined, semi-axes", [(1024, 2), (1025, 1), (2048, 32767), (2050, 32767), (2056, 32767), (2057, 6378000.0), (2059, 298.5)], DEGREES),
    ("compound", "3072 = 25832 with 4096 = 7837", [(1024, 1), (1025, 1), (3072, 25832), (4096, 7837), (4099, 9001)], {}),
    ("compound_geographic", "2048 = 4326 with 4096 = 5773", [(1024, 2), (1025, 1), (2048, 4326), (4096, 5773)], DEGREES),
    ("compound_1_1", "3072 = 25832 with 4096 = 7837, revision 1.1", [(1024, 1), (1025, 1), (3072, 25832), (4096, 7837), (4099, 9001)], dict(version=(1, 1, 1))),
    ("compound_geographic_1_1", "2048 = 4326 with 4096 = 5773, revision 1.1", [(1024, 2), (1025, 1), (2048, 4326), (4096, 5773)], dict(version=(1, 1, 1), **DEGREES)),
    ("compound_vertical_user_1_1", "3072 = 25832 with a vertical citation, no code, revision 1.1", [(1024, 1), (1025, 1), (3072, 25832), (4096, 32767), (4097, "our heights"), (4099, 9001)], dict(version=(1, 1, 1))),
    ("geographic_3d_1_1", "2048 = 4979, revision 1.1", [(1024, 2), (1025, 1), (2048, 4979)], dict(version=(1, 1, 1), **DEGREES)),
    ("geographic_3d", "2048 = 4979", [(1024, 2), (1025, 1), (2048, 4979)], DEGREES),
    ("compound_vertical_user", "3072 = 25832 with a vertical citation, no code", [(1024, 1), (1025, 1), (3072, 25832), (4096, 32767), (4097, "our heights"), (4099, 9001)], {}),
    ("compound_vertical_ellipsoid", "2048 = 4326 with 4096 = 5030 (old code: WGS 84 ellipsoid)", [(1024, 2), (1025, 1), (2048, 4326), (4096, 5030), (4099, 9001)], DEGREES),
    ("vertical_alone", "only 4096 = 5773", [(1025, 1), (4096, 5773)], {}),
    ("geocentric", "model type 3, 2048 = 4978", [(1024, 3), (1025, 1), (2048, 4978)], {}),
    ("model_user", "model type 32767 with a citation", [(1024, 32767), (1025, 1), (1026, "local grid")], {}),
    ("model_zero", "model type 0", [(1024, 0), (1025, 1)], {}),
    ("raster_type_alone", "only raster type 1", [(1025, 1)], {}),
    ("point_alone", "only raster type 2", [(1025, 2)], {}),
    ("model_user_projected", "model type 32767, 2048 = 4326 and keys of a projection without a code", [(1024, 32767), (1025, 1), (2048, 4326), (3072, 32767), (3073, "a grid")], {}),
    ("unsorted", "keys out of order", [(3072, 32633), (1025, 1), (1024, 1)], {}),
    ("doubled", "3072 given twice", [(1024, 1), (1025, 1), (3072, 32633), (3072, 32634)], {}),
    ("version_2", "directory of version 2", UTM, dict(version=(2, 1, 0))),
    ("minor_1", "directory of revision 1.1", UTM, dict(version=(1, 1, 1))),
    ("as_long", "directory of type LONG", UTM, dict(kind=LONG)),
    ("polar_params", "user-defined polar stereographic by its parameters", [(1024, 1), (1025, 1), (2048, 4326), (3072, 32767), (3074, 32767), (3075, 15), (3076, 9001), (3081, 71.0), (3095, -45.0), (3092, 1.0), (3082, 0.0), (3083, 0.0)], {}),
    ("albers_params", "user-defined Albers by its parameters, kilometres", [(1024, 1), (1025, 1), (2048, 4269), (3072, 32767), (3074, 32767), (3075, 11), (3076, 9036), (3078, 29.5), (3079, 45.5), (3081, 23.0), (3080, -96.0), (3082, 0.0), (3083, 0.0)], {}),
]:
    case(f"keys_{name}", about, grid(keys, **{**PLACE, **more}))
case("keys_empty", "directory without keys", by_hand((SMALL, {**geo(**PLACE), KEYS: (SHORT, [1, 1, 0, 0])})))
case("keys_count_too_large", "directory that claims more keys than it has",
     by_hand((SMALL, {**geo(**PLACE), KEYS: (SHORT, [1, 1, 0, 9, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, 32633])})), **NO)
case("keys_text_out_of_range", "a citation beyond the text's end",
     by_hand((SMALL, {**geo(**PLACE), KEYS: (SHORT, [1, 1, 0, 4, 1024, 0, 1, 1, 1025, 0, 1, 1, 1026, KEY_TEXT, 40, 100, 3072, 0, 1, 32633]), KEY_TEXT: text("ab|")})), **NO)
case("keys_big_endian", "GeoKeys, big-endian", grid([(1024, 1), (1025, 1), (1026, "title"), (3072, 32633), (2059, 298.5)], order=">"))

# Grids.
NW = [0, 0, 0, 500000, 5400000, 0]
ROTATED = [8.0, 3.0, 0, 500000, 4.0, -6.0, 0, 5400000, 0, 0, 0, 0, 0, 0, 0, 1]
SHEARED = [8.0, 2.0, 0, 500000, 0, -6.0, 0, 5400000, 0, 0, 0, 0, 0, 0, 0, 1]
PLAIN_MATRIX = [10.0, 0, 0, 500000, 0, -20.0, 0, 5400000, 0, 0, 0, 0, 0, 0, 0, 1]
for name, about, keys, more in [
    ("scale_tie", "scale and tie point, pixels 10 x 20", UTM, {}),
    ("point_scale_tie", "the same for pixel centres (PixelIsPoint)", UTM_POINT, {}),
    ("tie_offset", "tie point at pixel 3, 2", UTM, dict(scale=[10, 20, 0], ties=[3, 2, 0, 500000, 5400000, 0])),
    ("tie_half", "tie point at pixel 0.5, 0.5", UTM, dict(scale=[10, 20, 0], ties=[0.5, 0.5, 0, 500000, 5400000, 0])),
    ("point_tie_offset", "PixelIsPoint, tie point at pixel 3, 2", UTM_POINT, dict(scale=[10, 20, 0], ties=[3, 2, 0, 500000, 5400000, 0])),
    ("tie_nan", "tie point of NaN", UTM, dict(scale=[10, 20, 0], ties=[0, 0, 0, NAN, NAN, 0])),
    ("tie_inf", "tie point of infinity", UTM, dict(scale=[10, 20, 0], ties=[0, 0, 0, INF, 5400000, 0])),
    ("scale_nan", "scale of NaN", UTM, dict(scale=[NAN, 20, 0], ties=NW)),
    ("scale_zero", "scale of zero", UTM, dict(scale=[0, 0, 0], ties=NW)),
    ("scale_one_zero", "vertical scale of zero", UTM, dict(scale=[10, 0, 0], ties=NW)),
    ("scale_negative_y", "negative vertical scale: south up", UTM, dict(scale=[10, -20, 0], ties=NW)),
    ("scale_negative_x", "negative horizontal scale", UTM, dict(scale=[-10, 20, 0], ties=NW)),
    ("scale_two_values", "scale of two values", UTM, dict(scale=[10, 20], ties=NW)),
    ("scale_only", "a scale and no tie point", UTM, dict(scale=[10, 20, 0])),
    ("tie_only", "one tie point and no scale", UTM, dict(ties=NW)),
    ("tie_height", "a tie point with a height and scale z", UTM, dict(scale=[10, 20, 1], ties=[0, 0, 0, 500000, 5400000, 100])),
    ("ties_two_scale", "two tie points and a scale", UTM, dict(scale=[10, 20, 0], ties=NW + [7, 5, 0, 500070, 5399900, 0])),
    ("ties_two", "two tie points: ground control points", UTM, dict(ties=NW + [7, 5, 0, 500070, 5399900, 0])),
    ("ties_four", "four tie points in a grid's corners", UTM, dict(ties=NW + [7, 0, 0, 500070, 5400000, 0, 7, 5, 0, 500070, 5399900, 0, 0, 5, 0, 500000, 5399900, 0])),
    ("point_ties_four", "four tie points, PixelIsPoint", UTM_POINT, dict(ties=NW + [7, 0, 0, 500070, 5400000, 0, 7, 5, 0, 500070, 5399900, 0, 0, 5, 0, 500000, 5399900, 0])),
    ("matrix", "matrix without rotation", UTM, dict(matrix=PLAIN_MATRIX)),
    ("matrix_rotated", "rotated matrix", UTM, dict(matrix=ROTATED)),
    ("matrix_sheared", "sheared matrix", UTM, dict(matrix=SHEARED)),
    ("point_matrix", "matrix, PixelIsPoint", UTM_POINT, dict(matrix=PLAIN_MATRIX)),
    ("point_matrix_rotated", "rotated matrix, PixelIsPoint", UTM_POINT, dict(matrix=ROTATED)),
    ("matrix_and_scale", "matrix besides scale and tie point", UTM, dict(matrix=ROTATED, scale=[10, 20, 0], ties=NW)),
    ("matrix_and_tie", "matrix besides a tie point", UTM, dict(matrix=ROTATED, ties=NW)),
    ("matrix_zero", "matrix of zeros", UTM, dict(matrix=[0.0] * 16)),
    ("matrix_short", "matrix of 12 values", UTM, dict(matrix=ROTATED[:12])),
    ("matrix_long", "matrix of 17 values", UTM, dict(matrix=ROTATED + [1.0])),
    ("tie_short", "a tie point of 5 values and a scale", UTM, dict(scale=[10, 20, 0], ties=NW[:5])),
    ("tie_short_alone", "a tie point of 5 values", UTM, dict(ties=NW[:5])),
    ("tie_short_matrix", "a tie point of 5 values and a matrix", UTM, dict(ties=NW[:5], matrix=ROTATED)),
    ("tie_long", "a tie point of 8 values and a scale", UTM, dict(scale=[10, 20, 0], ties=NW + [1, 2])),
    ("scale_one_value", "a scale of one value", UTM, dict(scale=[10], ties=NW)),
    ("matrix_nan", "matrix with NaN", UTM, dict(matrix=[NAN] + ROTATED[1:])),
    ("point_no_keys", "scale and tie point, no GeoKeys at all", (), {}),
    ("geographic_arc_seconds", "geographic, pixels of 1/3600 degree from -180, 84", [(1024, 2), (1025, 2), (2048, 4326)], dict(scale=[1 / 3600, 1 / 3600, 0], ties=[0, 0, 0, -180, 84, 0])),
]:
    case(f"grid_{name}", about, grid(keys, **more))
case("grid_south_up", "south up, by GDAL", located("EPSG:32633", Affine(2, 0, 500000, 0, 3, 5400000)))
case("grid_flipped", "negative pixel width, by GDAL", located("EPSG:32633", Affine(-2, 0, 500000, 0, -3, 5400000)))
case("grid_rotated", "rotated, by GDAL", located("EPSG:32633", Affine(2, 0.5, 500000, -0.25, -3, 5400000)))
case("grid_point", "PixelIsPoint, by GDAL", located("EPSG:32633", tags=dict(AREA_OR_POINT="Point")))
case("grid_point_rotated", "PixelIsPoint and rotated, by GDAL", located("EPSG:32633", Affine(2, 0.5, 500000, -0.25, -3, 5400000), tags=dict(AREA_OR_POINT="Point")))
case("grid_point_south_up", "PixelIsPoint and south up, by GDAL", located("EPSG:32633", Affine(2, 0, 500000, 0, 3, 5400000), tags=dict(AREA_OR_POINT="Point")))
case("grid_identity", "the identity written down", located("EPSG:32633", Affine(1, 0, 0, 0, 1, 0)))
case("grid_gcps", "six ground control points with EPSG:4326, by GDAL", located("EPSG:4326", None, gcps=[
    GroundControlPoint(row=r, col=c, x=10 + c * 0.5 + r * r * 0.01, y=50 - r * 0.25, z=r + c) for r in (0, 4) for c in (0, 3, 6)]))

# Overviews and COG.
case("overviews_nearest", "two overviews, nearest", gdal(ramp("uint8"), compress="DEFLATE", overviews=[2, 4], **tiled()))
case("overviews_average", "two overviews, average, float32", gdal(ramp("float32", 1, 23, 37), compress="DEFLATE", predictor=3, overviews=[2, 4], resampling=Resampling.average, **tiled()))
case("overviews_strips", "overviews of a file in strips, three bands", gdal(ramp("uint8", 3), compress="LZW", overviews=[2, 5], config=dict(GDAL_TIFF_OVR_BLOCKSIZE="64"), **MULTI))
case("overviews_planar_nodata", "overviews, planar, nodata", gdal(ramp("int16", 2), compress="ZSTD", nodata=-32768, overviews=[3], config=dict(GDAL_TIFF_OVR_BLOCKSIZE="64"), **PLANAR, **tiled()))
case("overviews_big_endian", "overviews, big-endian BigTIFF", gdal(ramp("uint16"), compress="DEFLATE", predictor=2, overviews=[2], ENDIANNESS="BIG", BIGTIFF="YES", config=dict(GDAL_TIFF_OVR_BLOCKSIZE="64"), **tiled()))
case("overviews_palette", "overviews of a palette", gdal(ramp("uint8", bits=5), colormap={i: (i * 8, 255 - i, i, 255) for i in range(32)}, compress="DEFLATE", overviews=[2], config=dict(GDAL_TIFF_OVR_BLOCKSIZE="64"), **tiled()))
case("overviews_unsorted", "reduced pages, the smaller one first, by hand",
     by_hand((ramp("uint8", 1, 20, 30), geo(UTM, **PLACE)), (ramp("uint8", 1, 5, 8), {254: (LONG, [1])}), (ramp("uint8", 1, 10, 15), {254: (LONG, [1])})))
COG = dict(driver="COG", BLOCKSIZE=64, OVERVIEW_RESAMPLING="NEAREST", config=dict(GDAL_TIFF_OVR_BLOCKSIZE="64"))
case("cog_deflate", "COG, DEFLATE, two overviews", gdal(plane("uint8", 1, 70, 140), compress="DEFLATE", OVERVIEW_COMPRESS="DEFLATE", **COG), **WIN)
case("cog_zstd_predictor", "COG, ZSTD, predictor, int16 with nodata", gdal(plane("int16", 1, 67, 81), compress="ZSTD", OVERVIEW_COMPRESS="ZSTD", PREDICTOR="YES", OVERVIEW_PREDICTOR="YES", nodata=-32768, **COG))
case("cog_float", "COG, DEFLATE, floating-point predictor", gdal(plane("float32", 1, 67, 81), compress="DEFLATE", OVERVIEW_COMPRESS="DEFLATE", PREDICTOR="FLOATING_POINT", OVERVIEW_PREDICTOR="FLOATING_POINT", nodata=NAN, **COG))
case("cog_mask", "COG with a mask, RGB", gdal(plane("uint8", 3, 67, 81), compress="DEFLATE", OVERVIEW_COMPRESS="DEFLATE", mask=holed(67, 81), photometric="RGB", **COG), **WIN)
case("cog_bigtiff", "COG as BigTIFF, LZW", gdal(plane("uint16", 1, 67, 81), compress="LZW", OVERVIEW_COMPRESS="LZW", BIGTIFF="YES", **COG))
case("cog_sparse", "COG with missing tiles", gdal((plane("uint8", 1, 67, 81) * (np.arange(81) < 50)).astype("uint8"), compress="DEFLATE", OVERVIEW_COMPRESS="DEFLATE", nodata=0, SPARSE_OK="TRUE", **COG))
case("cog_planar", "COG asked for with planar bands", gdal(plane("uint8", 2, 67, 81), compress="DEFLATE", OVERVIEW_COMPRESS="DEFLATE", INTERLEAVE="BAND", **COG))

# Metadata.
case("meta_descriptions", "band descriptions with markup signs and other letters", gdal(ramp("uint8", 4, 5, 7), descriptions=["a & b <c> \"d\" 'e'", None, "Höhe über NN, м, 高さ", " spaces  inside "], **MULTI))
case("meta_scale_offset", "scales, offsets and units per band", gdal(ramp("int16", 3, 5, 7), scales=(0.01, 1.0, 2.5), offsets=(-273.15, 0.0, 1e-3), units=("K", None, "m²"), descriptions=["t", None, "area"]))
case("meta_scale_one_band", "scale on the second of two bands", gdal(ramp("int16", 2, 5, 7), scales=(1.0, 0.1), offsets=(0.0, 5.0)))
case("meta_items", "items of the file and of several bands", gdal(ramp("uint8", 3, 5, 7), tags=dict(title="a < b & c", empty="", lines="one\ntwo"), band_tags=[dict(name="first"), {}, dict(name="third", wavelength="0.66")], **MULTI))
case("meta_tiff_tags", "TIFF's own text tags and resolution", gdal(ramp("uint8", 1, 5, 7), tags=dict(TIFFTAG_SOFTWARE="none", TIFFTAG_IMAGEDESCRIPTION="a ramp", TIFFTAG_DATETIME="2024:02:29 12:00:00", TIFFTAG_XRESOLUTION="72", TIFFTAG_YRESOLUTION="72", TIFFTAG_RESOLUTIONUNIT="2")))
case("meta_colorinterp", "bands said to be blue, green, red, near infrared", gdal(ramp("uint16", 4, 5, 7), colorinterp=["blue", "green", "red", "undefined"], **MULTI))


def metadata(xml):
    return by_hand((ramp("uint8", 2, 5, 7), {**geo(UTM, **PLACE), 42112: text(xml)}))


case("meta_xml_entities", "GDAL_METADATA with character references, CDATA and a comment", metadata('<GDALMetadata><!-- x --><Item name="DESCRIPTION" sample="0" role="description">&#65;&#x42;&amp;&lt;&gt;&quot;&apos;</Item><Item name="DESCRIPTION" sample="1" role="description"><![CDATA[<raw & text>]]></Item></GDALMetadata>'))
case("meta_xml_broken", "GDAL_METADATA that ends too early", metadata('<GDALMetadata><Item name="DESCRIPTION" sample="0" role="description">abc</Item><Item name="x'))
case("meta_xml_spaces", "GDAL_METADATA with a declaration, single quotes and line breaks", metadata("<?xml version='1.0'?>\n<GDALMetadata>\n  <Item name='OFFSET' sample='1' role='offset'> 1.5 </Item>\n  <Item name='SCALE' sample='1' role='scale'>1e-2</Item>\n  <Item sample='1' role='unittype' name='UNITTYPE'>m</Item>\n</GDALMetadata>\n"))
case("meta_xml_sample_beyond", "GDAL_METADATA for a band that is not there", metadata('<GDALMetadata><Item name="DESCRIPTION" sample="5" role="description">none</Item><Item name="k">v</Item></GDALMetadata>'))

case("meta_xml_text_behind", "GDAL_METADATA with text behind its end", metadata('<GDALMetadata><Item name="DESCRIPTION" sample="0" role="description">abc</Item></GDALMetadata>\nand more'))
case("meta_xml_doctype", "GDAL_METADATA with a document type", metadata('<!DOCTYPE GDALMetadata SYSTEM "x.dtd">\n<GDALMetadata><Item name="DESCRIPTION" sample="0" role="description">abc</Item></GDALMetadata>'))
case("meta_xml_numbers", "GDAL_METADATA with numbers in other spellings", metadata('<GDALMetadata><Item name="SCALE" sample=" 0" role="scale">1,5</Item><Item name="OFFSET" sample="0" role="offset">2.5abc</Item></GDALMetadata>'))
case("meta_xml_two", "GDAL_METADATA twice", metadata('<GDALMetadata><Item name="DESCRIPTION" sample="0" role="description">abc</Item></GDALMetadata><GDALMetadata><Item name="DESCRIPTION" sample="1" role="description">def</Item></GDALMetadata>'))


def with_sub_ifds(count):
    """Overviews in directories that the first one refers to, as microscopes write them."""

    def write(path):
        with tifffile.TiffWriter(path) as out:
            pixels = ramp("uint8", 1, 40, 60)[0]
            out.write(pixels, tile=(16, 16), subifds=count, metadata=None, software=False)
            for level in range(1, count + 1):
                out.write(pixels[:: 2**level, :: 2**level].copy(), tile=(16, 16), subfiletype=1, metadata=None, software=False)

    return write


case("overviews_sub_ifds", "two overviews in directories that the first one refers to", with_sub_ifds(2))
def reorder_sub_ifds(data):
    """Exchange the two offsets of the tag."""
    at = data.index(struct.pack("<HHI", 330, 13, 2)) + 8
    at = struct.unpack_from("<I", data, at)[0]
    data[at: at + 8] = data[at + 4: at + 8] + data[at: at + 4]
    return data


def sub_ifds_reversed(path):
    with tifffile.TiffWriter(path) as out:
        pixels = ramp("uint8", 1, 40, 60)[0]
        out.write(pixels, tile=(16, 16), subifds=2, metadata=None, software=False)
        for level in (2, 1):
            out.write(pixels[:: 2**level, :: 2**level].copy(), tile=(16, 16), subfiletype=1, metadata=None, software=False)


case("overviews_sub_ifds_reversed", "two overviews, the smaller one first in the list", sub_ifds_reversed)
case("overviews_sub_ifds_backwards", "two overviews, the larger one first in the list, and last in the file", damaged(sub_ifds_reversed, reorder_sub_ifds))
def lose_first_sub_ifd(data):
    """Let the first offset of the tag lead beyond the end of the file."""
    at = data.index(struct.pack("<HHI", 330, 13, 2)) + 8
    at = struct.unpack_from("<I", data, at)[0]
    data[at: at + 4] = struct.pack("<I", len(data) + 100)
    return data


case("overviews_sub_ifds_one_lost", "two overviews, of which the larger one is not there", damaged(with_sub_ifds(2), lose_first_sub_ifd))
case("overviews_sub_ifd", "one of them", with_sub_ifds(1))

# Plain TIFF, no grid.
case("plain_gray", "gray by tifffile", plain((ramp("uint8", 1, 5, 7)[0], {})), pixels=True)
case("plain_rgb", "RGB by tifffile, DEFLATE with predictor", plain((np.moveaxis(ramp("uint8", 3), 0, 2).copy(), dict(photometric="rgb", compression="zlib", predictor=2))))
case("plain_planar", "RGB by tifffile, planar", plain((ramp("uint8", 3, 13, 21), dict(photometric="rgb", planarconfig="separate"))))
case("plain_16bit_big_endian", "16-bit by tifffile, big-endian, tiles", plain((ramp("uint16")[0], dict(tile=(16, 16))), byteorder=">"))
case("plain_two_pages", "a second, smaller page that is not said to be an overview", plain((ramp("uint8")[0], {}), (ramp("uint8", 1, 12, 19)[0], {})))
case("plain_two_pages_same_size", "two pages of the same size", plain((ramp("uint8", 1, 5, 7)[0], {}), (ramp("uint8", 1, 5, 7)[0] // 2, {})))
case("plain_reduced", "a second page that is said to be reduced", plain((ramp("uint8", 1, 12, 18)[0], {}), (ramp("uint8", 1, 6, 9)[0], dict(subfiletype=1))))
case("plain_float_lzw", "float32 by tifffile, LZW with predictor 3", plain((ramp("float32", 1, 13, 21)[0], dict(compression="lzw", predictor=3, rowsperstrip=5))))
case("plain_zstd_tiles", "uint16 by tifffile, ZSTD with predictor 2", plain((ramp("uint16")[0], dict(compression="zstd", predictor=2, tile=(16, 32)))))
case("plain_minimal", "only the tags a gray image must have", by_hand((SMALL, {339: None, 277: None, 278: None, 259: None})))
case("plain_orientation", "orientation 3 (turned by half)", by_hand((SMALL, {274: (SHORT, [3])})))

# Damaged.
FULL = gdal(ramp("uint8"), compress="DEFLATE", **tiled())
RAW = gdal(ramp("uint8"), blockysize=5)
case("damaged_truncated_half", "cut in half", damaged(RAW, lambda d: d[: len(d) // 2]))
case("damaged_truncated_last_byte", "the last byte missing", damaged(RAW, lambda d: d[:-1]))
case("damaged_truncated_directory", "cut within the directory", damaged(FULL, lambda d: d[:60]))
case("damaged_header_only", "only the eight bytes of the header", damaged(FULL, lambda d: d[:8]))
case("damaged_empty", "an empty file", raw(b""))
case("damaged_random", "random bytes", raw(noise("uint8", 1, 20, 20).tobytes()))
case("damaged_random_after_header", "a header, then random bytes", raw(b"II*\0\x08\0\0\0" + noise("uint8", 1, 20, 20).tobytes()))
case("damaged_deflate", "a DEFLATE stream with wrong bytes", damaged(FULL, flip(-60, 30)))
case("damaged_lzw", "an LZW stream with wrong bytes", damaged(gdal(ramp("uint8"), compress="LZW", **tiled()), flip(-100, 60)))
case("damaged_zstd", "a ZSTD stream with wrong bytes", damaged(gdal(ramp("uint8"), compress="ZSTD", **tiled()), flip(-80, 60)))
case("damaged_lerc", "a LERC blob with wrong bytes", damaged(gdal(ramp("uint8"), compress="LERC", **tiled()), flip(-200, 60)))
case("damaged_deflate_checksum", "a DEFLATE stream whose checksum is wrong",
     by_hand(([zlib.compress(SMALL.tobytes())[:-1] + b"?"], {**DEFLATED})))
case("damaged_deflate_no_checksum", "a DEFLATE stream without its checksum",
     by_hand(([zlib.compress(SMALL.tobytes())[:-4]], {**geo(UTM, **PLACE), **DEFLATED})))
case("damaged_deflate_short", "a DEFLATE stream of too few pixels",
     by_hand(([zlib.compress(bytes(20))], {256: (SHORT, [7]), 257: (SHORT, [5]), 278: (SHORT, [5]), 259: (SHORT, [8])})))
case("damaged_deflate_long", "a DEFLATE stream of too many pixels",
     by_hand(([zlib.compress(bytes(range(60)))], {256: (SHORT, [7]), 257: (SHORT, [5]), 278: (SHORT, [5]), 259: (SHORT, [8])})))
case("damaged_zero_length_tags", "tags of no values: BitsPerSample, StripOffsets", by_hand((SMALL, {258: (SHORT, []), 273: (LONG, [])})))
case("damaged_zero_length_geo", "grid tags of no values", by_hand((SMALL, {SCALE: (DOUBLE, []), TIES: (DOUBLE, []), KEYS: (SHORT, []), NODATA: (ASCII, b"")})), **NO)
case("damaged_width_0", "width 0", by_hand((SMALL, {256: (SHORT, [0])})))
case("damaged_height_0", "height 0", by_hand((SMALL, {257: (SHORT, [0])})))
case("damaged_no_width", "no width", by_hand((SMALL, {256: None})))
case("damaged_huge", "BigTIFF that claims 1e9 x 1e9 pixels and has none",
     by_hand(([b""], {256: (LONG, [10**9]), 257: (LONG, [10**9]), 273: (LONG8, [0]), 279: (LONG8, [0]), 278: (LONG, [10**9])}), big=True))
case("damaged_huge_tiles", "BigTIFF that claims 1e9 x 1e9 pixels in tiles and has none",
     by_hand(([b""], {256: (LONG, [10**9]), 257: (LONG, [10**9]), 273: None, 279: None, 278: None, 322: (SHORT, [256]), 323: (SHORT, [256]), 324: (LONG8, [16]), 325: (LONG8, [65536])}), big=True))
case("damaged_strip_beyond", "a strip beyond the file's end", by_hand((SMALL, {273: (LONG, [100000])})))
case("damaged_strip_size_huge", "a strip of 4 GB", by_hand((SMALL, {279: (LONG, [0xFFFFFFF0]), 259: (SHORT, [8])})))
case("damaged_strips_missing", "three strips, the place of one",
     by_hand((SMALL, {278: (SHORT, [2])})))
case("damaged_no_strip_sizes", "no strip sizes (uncompressed)", by_hand((SMALL, {279: None})), **NO)
case("damaged_loop", "a directory that follows itself", damaged(by_hand((SMALL, geo(UTM, **PLACE))), lambda d: d[:-4] + d[4:8]), **NO)
case("damaged_count_huge", "a tag that claims 4294967295 values", damaged(by_hand((SMALL, {SCALE: (DOUBLE, [1, 1, 0])})),
     lambda d: d.replace(struct.pack("<HHI", SCALE, 12, 3), struct.pack("<HHI", SCALE, 12, 0xFFFFFFFF))))
case("damaged_bits_0", "0 bits per sample", by_hand((SMALL, {258: (SHORT, [0])})))
case("damaged_bits_200", "200 bits per sample", by_hand((SMALL, {258: (SHORT, [200])})))
case("damaged_samples_0", "0 samples per pixel", by_hand((SMALL, {277: (SHORT, [0])})))
case("damaged_samples_60000", "60000 samples per pixel", by_hand((SMALL, {277: (SHORT, [60000])})))
case("damaged_tile_0", "tiles of width 0", by_hand((SMALL, {278: None, 273: None, 279: None, 322: (SHORT, [0]), 323: (SHORT, [16]), 324: (LONG, [8]), 325: (LONG, [35])})))
case("damaged_tile_odd", "tiles of 5 x 3, no multiple of 16",
     by_hand(([bytes(range(i, i + 15)) for i in range(0, 60, 15)], {256: (SHORT, [7]), 257: (SHORT, [5]), 278: None, 273: None, 279: None, 322: (SHORT, [5]), 323: (SHORT, [3]),
              324: (LONG, [8, 24, 40, 56]), 325: (LONG, [15] * 4)})), **NO)
case("damaged_compression", "an unknown compression", by_hand((SMALL, {259: (SHORT, [60000])})))
case("damaged_predictor", "predictor 9", by_hand(([zlib.compress(SMALL.tobytes())], {256: (SHORT, [7]), 257: (SHORT, [5]), 278: (SHORT, [5]), 259: (SHORT, [8]), 317: (SHORT, [9])})))
case("damaged_predictor3_u8", "predictor 3 on uint8", by_hand(([zlib.compress(SMALL.tobytes())], {256: (SHORT, [7]), 257: (SHORT, [5]), 278: (SHORT, [5]), 259: (SHORT, [8]), 317: (SHORT, [3])})))
case("damaged_tags_unsorted", "tags out of order", damaged(by_hand((SMALL, geo(UTM, **PLACE))), swap_entries), **NO)


# ---------------------------------------------------------------- what GDAL reads

def crc(pixels):
    return zlib.crc32(np.ascontiguousarray(pixels, pixels.dtype.newbyteorder("<")).tobytes())


def nodes(wkt):
    """WKT text as nested lists: [name, item, item, ...]."""
    stack, name, root = [], "", None
    for token in re.findall(r'"(?:[^"]|"")*"|[\[\],]|[^\[\],"\s]+', wkt):
        if token == "[":
            node = [name]
            if stack:
                stack[-1].append(node)
            else:
                root = node
            stack.append(node)
            name = ""
        elif token in ",]":
            if name:
                stack[-1].append(name)
                name = ""
            if token == "]":
                stack.pop()
        else:
            name = token.strip('"')
    return root


def own_code(node):
    for item in node:
        if isinstance(item, list) and item[0] in ("AUTHORITY", "ID"):
            return f"{item[1]}:{item[2]}"
    return None


def crs_facts(crs):
    """The CRS's code: written in what GDAL reads, found by matching it, or of both halves."""
    if not crs:
        return {"crs": None}
    wkt = crs.to_wkt()
    root = nodes(wkt)
    facts = {"crs": own_code(root), "crs_name": root[1], "crs_kind": root[0]}
    if root[0] == "COMPD_CS":
        facts["crs_parts"] = [own_code(part) for part in root[2:4]]
    if not facts["crs"]:
        found = crs.to_authority(confidence_threshold=100)
        if found:
            facts["crs"] = ":".join(found)
            facts["crs_matched"] = True
        elif root[0] == "COMPD_CS" and all(part and part.startswith("EPSG:") for part in facts["crs_parts"]):
            facts["crs"] = "EPSG:" + "+".join(part[5:] for part in facts["crs_parts"])
        else:
            facts["crs_wkt"] = wkt
    return facts


def number(x):
    x = x.item()
    return x if not isinstance(x, float) or np.isfinite(x) else None


def totals(pixels):
    """min, max and sum where they can be given exactly."""
    if pixels.dtype.kind == "c" or not np.isfinite(pixels).all():
        return {}
    facts = {"min": number(pixels.min()), "max": number(pixels.max())}
    total = sum(map(fractions.Fraction, pixels.ravel().tolist()))
    if pixels.dtype.kind != "f":
        facts["sum"] = int(total)
    elif fractions.Fraction(float(total)) == total:
        facts["sum"] = float(total)
    return facts


def exact_nodata(src):
    """Each band's nodata as GDAL prints it: rasterio gives only doubles, which are too few
    digits for 64-bit integers."""
    rasterio.shutil.copy(src, "/vsimem/nodata.vrt", driver="VRT")
    with rasterio.open("/vsimem/nodata.vrt") as vrt:
        xml = vrt.tags(ns="xml:VRT")["xml:VRT"]
    rasterio.shutil.delete("/vsimem/nodata.vrt")
    found = []
    for band in re.findall(r"<VRTRasterBand.*?</VRTRasterBand>", xml, re.S):
        value = re.search(r"<NoDataValue>(.*?)</NoDataValue>", band)
        found.append(value and value[1])
    return found


def nodata_facts(src):
    """GDAL's values, and rasterio's where it hides one that its type cannot hold."""
    values = []
    for value, dtype in zip(exact_nodata(src), src.dtypes):
        integer = dtype in ("int64", "uint64")
        values.append(value if value is None or integer else repr(float(value)))
    facts = {"nodata": values}
    if any(v is not None and r is None and t not in ("int64", "uint64")
           for v, r, t in zip(values, src.nodatavals, src.dtypes)):
        facts["nodata_out_of_range"] = True
    return facts


def without(text, path):
    return text.replace(path, os.path.basename(path)).replace(FILES + "/", "").replace("/vsimem/", "")


def facts_of(path, windows=False, lossy=False, pixels=False):
    with rasterio.open(path) as src:
        if src.count > 1000:
            src.read(1)
            raise rasterio.errors.RasterioIOError("too many bands")
        transform = list(src.transform.to_gdal())
        facts = {
            "width": src.width, "height": src.height, "count": src.count, "dtype": src.dtypes[0],
            "transform": None if src.transform == Affine.identity() else [repr(v) if not np.isfinite(v) else v for v in transform],
            **crs_facts(src.crs),
            "area_or_point": src.tags().get("AREA_OR_POINT"),
            **nodata_facts(src),
            "descriptions": list(src.descriptions),
            "scales": list(src.scales), "offsets": list(src.offsets), "units": list(src.units),
            "colorinterp": [c.name for c in src.colorinterp],
            "mask_flags": [[flag.name for flag in flags] for flags in src.mask_flag_enums],
            "block_shapes": [list(shape) for shape in src.block_shapes],
            "compression": src.compression.value if src.compression else None,
            "interleave": src.interleaving.value if src.interleaving else None,
            "tags": src.tags(), "band_tags": [src.tags(b) for b in src.indexes],
        }
        structure = {**src.tags(ns="IMAGE_STRUCTURE"), **src.tags(1, ns="IMAGE_STRUCTURE")}
        for key in ("NBITS", "PREDICTOR"):
            if key in structure:
                facts[key.lower()] = int(structure[key])
        points, points_crs = src.gcps
        if points:
            facts["gcps"] = [[p.row, p.col, p.x, p.y, p.z] for p in points]
            facts["gcps_crs"] = crs_facts(points_crs)["crs"]
        if src.subdatasets:
            facts["subdatasets"] = len(src.subdatasets)
        levels = len(src.overviews(1))
        if src.colorinterp[0] == ColorInterp.palette:
            facts["colormap"] = [list(colour) for _, colour in sorted(src.colormap(1).items())]
            while len(facts["colormap"]) > 16 and facts["colormap"][-1] == [0, 0, 0, 255]:
                facts["colormap"].pop()  # the unused end of a table of 256
        if src.width * src.height > 10**7:
            src.read(1, window=Window(0, 0, 1, 1))
            raise rasterio.errors.RasterioIOError("too large to be read whole")
        data = src.read()
        facts["crc"] = [crc(band) for band in data]
        facts.update(totals(data[0]))
        flags = {flag for flags in facts["mask_flags"] for flag in flags}
        if "per_dataset" in flags:
            facts["mask_crc"] = crc(src.dataset_mask())
        if flags != {"all_valid"}:
            masks = src.read_masks()
            facts["band_mask_crc"] = [crc(mask) for mask in masks]
            facts["band_mask_valid"] = [int((mask > 0).sum()) for mask in masks]
        if windows:
            facts["windows"] = []
            h, w = src.height, src.width
            for rows, cols in [((0, 1), (0, 1)), ((h // 4, h // 2 + 6), (w // 3, w // 2 + 9)), ((h - 3, h), (w - 7, w)), ((h // 2, h // 2 + 1), (0, w))]:
                part = src.read(window=Window.from_slices(rows, cols))
                facts["windows"].append({"rows": list(rows), "cols": list(cols), "crc": [crc(band) for band in part]})
        if lossy:
            facts["lossy"] = True
            facts["pixels_all"] = data.tolist()
        if lossy or pixels:
            facts["pixels"] = data[0].tolist()
    facts.update(overview_facts(path, levels, "per_dataset" in flags))
    return facts


def overview_facts(path, levels, masked):
    facts = {"overviews": [], "overview_crc": []}
    for level in range(levels):
        with rasterio.open(path, OVERVIEW_LEVEL=level) as src:
            facts["overviews"].append([src.width, src.height])
            facts["overview_crc"].append(crc(src.read(1)))
            if masked:
                facts.setdefault("overview_mask_crc", []).append(crc(src.dataset_mask()))
    return facts


def opens(path):
    try:
        with rasterio.open(path) as src:
            return {"width": src.width, "height": src.height, "count": src.count, "dtype": src.dtypes[0]}
    except rasterio.errors.RasterioIOError:
        return None


def describe(name, about, facts):
    path = os.path.join(FILES, name + ".tif")
    facts = dict(facts)
    expect = facts.pop("expect", "equal")
    entry = {"file": name + ".tif", "about": about, "expect": expect}
    try:
        entry.update(facts_of(path, **facts))
    except rasterio.errors.RasterioIOError as error:
        cause = error.__cause__ or error.__context__ or error
        entry.update(expect="refused", refused=True, opens=opens(path), message=without(str(cause), path))
    return entry


def main():
    warnings.simplefilter("ignore")
    os.makedirs(FILES, exist_ok=True)
    for old in os.listdir(FILES):
        os.remove(os.path.join(FILES, old))
    for name, _, write, _ in CASES:
        try:
            write(os.path.join(FILES, name + ".tif"))
        except Exception as error:
            raise RuntimeError(f"cannot write {name}") from error
    with rasterio.Env(GDAL_DISABLE_READDIR_ON_OPEN="TRUE", GDAL_PAM_ENABLED="NO"):
        entries = [describe(name, about, facts) for name, about, _, facts in CASES]
    made_with = {"gdal": rasterio.__gdal_version__, "rasterio": rasterio.__version__}
    with open(os.path.join(HERE, "manifest.json"), "w", encoding="utf-8") as out:
        out.write('{"made_with": ' + json.dumps(made_with) + ', "files": [\n')
        out.write(",\n".join(json.dumps(e, ensure_ascii=False, allow_nan=False) for e in entries))
        out.write("\n]}\n")
    print(len(entries), "files,", sum(os.path.getsize(os.path.join(FILES, f)) for f in os.listdir(FILES)), "bytes,",
          sum("refused" in e for e in entries), "refused")


if __name__ == "__main__":
    main()
