"""Writes a raster column as pyarrow, Polars and DuckDB hand it out, and a manifest of what each file reads as.

    pip install pyarrow polars duckdb numpy
    python make.py ../sedonadb .

The first folder holds the files that SedonaDB wrote, whose rows are used. The second gets the files and manifest.json.
"""

import hashlib
import itertools
import json
import math
import struct
import sys
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pyarrow as pa

SOURCE, TARGET = Path(sys.argv[1]), Path(sys.argv[2])
METADATA = {"ARROW:extension:name": "sedona.raster", "ARROW:extension:metadata": ""}
PIXELS = [None, "uint8", "uint16", "int16", "uint32", "int32", "float32", "float64", "uint64", "int64", "int8"]
VIEW = ["source_axis", "start", "step", "steps"]


# The rows.


def source(name):
    """Returns the raster column of one of the source files."""
    return pa.ipc.open_file(SOURCE / name).read_all().column("raster")


def row(name, number, bands=None, **changes):
    """Returns a row of a source file, with some of its bands, changed."""
    raster = source(name)[number].as_py()
    raster["bands"] = [raster["bands"][band] for band in bands] if bands is not None else raster["bands"]
    return raster | changes


def projjson():
    """Returns a few members of a PROJJSON text, the long way: not inline in a string view."""
    crs = json.loads(row("06_crs_from_numpy.arrow", 1)["crs"])
    return json.dumps({key: crs[key] for key in ("$schema", "type", "name", "id")})


def view(*entries):
    return [dict(zip(VIEW, entry)) for entry in entries]


def common_rows():
    window = row("32_views.arrow", 32, [1], spatial_shape=[2, 3])
    window["bands"][0]["view"] = view((0, 3, -1, 3), (1, 1, 2, 2))  # Rows reversed, every other column.
    two_types = row("29_multiband.arrow", 1)
    two_types["bands"][0]["name"] = "température"
    three_axes = row("29_multiband.arrow", 2, [0, 1])  # 12 bytes, and a third axis.
    transform = row("08_transform.arrow", 3)["transform"]  # With -0.0, the smallest and the largest number.
    lazy = row("10_lazy.arrow", 3, crs=projjson(), transform=transform)
    no_bands = row("08_transform.arrow", 1, crs="EPSG:3857") | {"bands": None}
    return [window, None, two_types, lazy, three_axes, no_bands]


def sharing_rows():
    """The common rows, and two that have bands of others: one from each of two rows, and both of a row."""
    rows = common_rows()
    grid = row("08_transform.arrow", 0, spatial_shape=rows[2]["spatial_shape"])
    overlap = grid | {"bands": [rows[2]["bands"][1], rows[4]["bands"][0]]}
    again = grid | {"bands": rows[2]["bands"]}
    return [overlap, *rows, again]


def fixed_rows():
    """All rows with two bands, two axes and one pixel type."""
    first = row("32_views.arrow", 32, [0, 1])
    second = row("32_views.arrow", 32, [1, 2], crs="EPSG:3857")
    second["bands"][0] |= {"nodata": struct.pack("<h", -9999), "view": view((0, 3, -1, 4), (1, 5, -1, 6))}
    no_bands = row("08_transform.arrow", 1) | {"bands": None}
    inline, lazy = row("03_payload_sizes.arrow", 11), row("10_lazy.arrow", 3, crs=projjson())
    lazy["bands"][0] |= {"source_shape": inline["bands"][0]["source_shape"], "view": None}
    lazy |= {"bands": inline["bands"] + lazy["bands"], "spatial_shape": inline["spatial_shape"]}
    return [first, None, second, no_bands, lazy]


# The columns.


def retype(dtype, leaf, make_list, name="raster"):
    """Returns the type with other leaves and lists. A leaf is looked up by its field's name, then by its type."""
    if pa.types.is_struct(dtype):
        return pa.struct([field.with_type(retype(field.type, leaf, make_list, field.name)) for field in dtype])
    if pa.types.is_list(dtype):
        item = dtype.value_field
        return make_list(name, item.with_type(retype(item.type, leaf, make_list, name)))
    return leaf.get(name) or leaf.get(dtype) or dtype


def default(dtype):
    """Returns what stands below a null, where the schema allows no null."""
    if pa.types.is_struct(dtype):
        return {field.name: None if field.nullable else default(field.type) for field in dtype}
    if pa.types.is_fixed_size_list(dtype):
        return [default(dtype.value_type)] * dtype.list_size
    if pa.types.is_nested(dtype):
        return []
    if pa.types.is_fixed_size_binary(dtype):
        return bytes(dtype.byte_width)
    if pa.types.is_primitive(dtype):
        return 0
    return b"" if dtype in (pa.binary(), pa.large_binary(), pa.binary_view()) else ""


def pack(lists):
    """Lays lists out back to front, after an item that none uses; a list that is there already is shared, in whole or by its
    first items."""
    items, places = [], []
    for values in reversed(lists):
        if not items and values:
            items.append(values[-1])
        start = next(at for at in range(len(items) + 1) if items[at : at + len(values)] == values[: len(items) - at])
        items += values[len(items) - start :]
        places.append((start, len(values)))
    return items, places[::-1]


def build(dtype, values):
    """Returns an array of the type, built part by part."""
    mask = pa.array([value is None for value in values]) if None in values else None
    filled = [default(dtype) if value is None else value for value in values]
    if pa.types.is_struct(dtype):
        children = [build(field.type, [value[field.name] for value in filled]) for field in dtype]
        return pa.StructArray.from_arrays(children, fields=list(dtype), mask=mask)
    if pa.types.is_fixed_size_list(dtype):
        child = build(dtype.value_type, list(itertools.chain(*filled)))
        return pa.FixedSizeListArray.from_arrays(child, type=dtype, mask=mask)
    if pa.types.is_list_view(dtype) or pa.types.is_large_list_view(dtype):
        large = pa.types.is_large_list_view(dtype)
        array, integer = (pa.LargeListViewArray, pa.int64()) if large else (pa.ListViewArray, pa.int32())
        items, places = pack(filled)
        # A null has one item, too, which is not to be read.
        places = [(0, min(1, len(items))) if value is None else place for value, place in zip(values, places)]
        offsets, sizes = (pa.array([place[i] for place in places], integer) for i in (0, 1))
        return array.from_arrays(offsets, sizes, build(dtype.value_type, items), type=dtype, mask=mask)
    if pa.types.is_list(dtype) or pa.types.is_large_list(dtype):
        large = pa.types.is_large_list(dtype)
        array, integer = (pa.LargeListArray, pa.int64()) if large else (pa.ListArray, pa.int32())
        offsets = pa.array([0, *itertools.accumulate(map(len, filled))], integer)
        return array.from_arrays(offsets, build(dtype.value_type, list(itertools.chain(*filled))), type=dtype, mask=mask)
    if pa.types.is_dictionary(dtype):
        # One entry that is not used, and one that is null: with unsigned keys all nulls are that entry, else every other.
        entries = ["unused", *sorted({value for value in values if value is not None}, reverse=True), None]
        entries = entries if None in values else entries[:-1]
        null = len(entries) - 1
        turn = itertools.cycle([null] if pa.types.is_unsigned_integer(dtype.index_type) else [None, null])
        keys = [next(turn) if value is None else entries.index(value) for value in values]
        keys = pa.array(keys, dtype.index_type)
        return pa.DictionaryArray.from_arrays(keys, pa.array(entries, dtype.value_type))
    return pa.array(values, dtype)


def table(dtype, rows):
    column = build(dtype, rows)
    column.validate(full=True)
    return pa.table([column], schema=pa.schema([pa.field("raster", dtype, metadata=METADATA)]))


# The manifest.


def number(value):
    """Spells a pixel in JSON."""
    value = value.item()
    if isinstance(value, float) and not np.isfinite(value):
        return "NaN" if np.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value


def describe_band(at, band):
    dtype = np.dtype(PIXELS[band["data_type"]]).newbyteorder("<")
    entries, payload, nodata = band["view"], band["data"], band["nodata"]
    shape = band["source_shape"] if entries is None else [entry["steps"] for entry in entries]
    identity = entries is None or entries == view(*((i, 0, 1, n) for i, n in enumerate(band["source_shape"])))
    loaded = len(payload) > 0 or 0 in shape
    sha256 = first = None
    if loaded:
        pixels = np.frombuffer(payload, dtype).reshape(band["source_shape"])
        if entries is not None:
            pixels = pixels.transpose([entry["source_axis"] for entry in entries])
            for axis, entry in enumerate(entries):
                pixels = pixels.take(entry["start"] + entry["step"] * np.arange(entry["steps"]), axis)
        assert list(pixels.shape) == shape
        sha256 = hashlib.sha256(pixels.tobytes("C")).hexdigest()
        first = [number(pixel) for pixel in pixels.flatten()[:6]]
    if nodata is not None:
        value = np.frombuffer(nodata, dtype)[0]
        nodata = {"hex": nodata.hex(), "value": number(value), "text": str(value)}
    return {
        "band": at,
        "name": band["name"],
        "dim_names": band["dim_names"],
        "source_shape": band["source_shape"],
        "shape": shape,
        "data_type_id": band["data_type"],
        "data_type": dtype.name,
        "nodata": nodata,
        "view": entries,
        "view_is_identity": identity,
        "outdb_uri": band["outdb_uri"],
        "outdb_format": band["outdb_format"],
        "loaded": loaded,
        "payload_len": len(payload),
        "inline": len(payload) <= 12,
        "buffer_index": None,
        "buffer_offset": None,
        "offset_mod_item_size": None,
        "visible_nbytes": math.prod(shape) * dtype.itemsize,
        "sha256": sha256,
        "first_values": first,
    }


def describe(rows):
    """Returns the manifest's rows for Python values."""
    described = []
    for at, raster in enumerate(rows):
        place = {"row": at, "batch": 0, "row_in_batch": at, "null": raster is None}
        if raster is not None:
            place |= {
                "crs": raster["crs"],
                "crs_len": None if raster["crs"] is None else len(raster["crs"].encode()),
                "transform": list(raster["transform"]),
                "transform_hex": [struct.pack("<d", number).hex() for number in raster["transform"]],
                "spatial_dims": list(raster["spatial_dims"]),
                "spatial_shape": list(raster["spatial_shape"]),
                "bands_null": raster["bands"] is None,
                "bands": [describe_band(*band) for band in enumerate(raster["bands"] or [])],
            }
        described.append(place)
    return described


FILES = []


def keep(file, rows, description, engine="pyarrow", version=pa.__version__, settings=None, read=None):
    """Reads a file that was written, compares it with its rows, and puts it into the manifest."""
    with pa.ipc.open_file(TARGET / file) as reader:
        batches = [reader.get_batch(i) for i in range(reader.num_record_batches)]
    assert len(batches) == 1
    batches[0].validate(full=True)
    field, found = batches[0].schema.field(0), describe(batches[0].column(0).to_pylist())
    assert found == describe(rows), file
    assert read is None or describe(read(TARGET / file)) == found, file
    metadata = {key.decode(): value.decode() for key, value in (field.metadata or {}).items()}
    size = (TARGET / file).stat().st_size
    assert size < 20_000, file
    entry = {"file": file, "engine": engine, "engine_version": version, "settings": settings}
    entry |= {"description": description, "n_batches": 1, "batch_lengths": [len(rows)], "n_rows": len(rows)}
    entry |= {"size_bytes": size, "column": field.name, "column_nullable": field.nullable}
    entry |= {"extension_name": metadata.get("ARROW:extension:name")}
    entry |= {"extension_metadata": metadata.get("ARROW:extension:metadata"), "type": str(field.type)}
    FILES.append(entry | {"rows": found})


def write(file, table):
    with pa.ipc.new_file(TARGET / file, table.schema) as writer:
        writer.write_table(table)


# The engines.


def pyarrow_files():
    canonical = source("01_dtypes_2d.arrow").type
    views = {pa.string(): pa.string_view(), pa.binary(): pa.binary_view()}
    large = {pa.string(): pa.large_string(), pa.string_view(): pa.large_string()}
    large |= {pa.binary(): pa.large_binary(), pa.binary_view(): pa.large_binary()}
    plain_list, large_list = lambda name, item: pa.list_(item), lambda name, item: pa.large_list(item)
    coded = {
        "crs": pa.dictionary(pa.int64(), pa.large_string()),
        "spatial_dims": pa.dictionary(pa.int8(), pa.string_view()),
        "name": pa.dictionary(pa.uint16(), pa.string()),
        "dim_names": pa.dictionary(pa.int32(), pa.string()),
        "outdb_uri": pa.dictionary(pa.uint8(), pa.large_string()),
        "outdb_format": pa.dictionary(pa.int16(), pa.string_view()),
    }
    coded_large = {
        "crs": pa.dictionary(pa.uint64(), pa.string()),
        "spatial_dims": pa.dictionary(pa.uint32(), pa.large_string()),
        "name": pa.dictionary(pa.uint64(), pa.string_view()),
        "dim_names": pa.dictionary(pa.uint8(), pa.large_string()),
        "outdb_uri": pa.dictionary(pa.uint32(), pa.string_view()),
        "outdb_format": pa.dictionary(pa.int64(), pa.string()),
    }
    fixed = lambda name, item: pa.list_(item, 6 if name == "transform" else 2)
    all_fixed = [fixed_rows()[i] for i in (0, 1, 2, 3)]
    for file, rows, leaf, make_list, description in [
        ("pyarrow_canonical", common_rows(), {}, plain_list, "SedonaDB's own type, to compare with"),
        ("pyarrow_large", common_rows(), large, large_list, "64-bit offsets everywhere"),
        ("pyarrow_views", common_rows(), views, plain_list, "string and binary views everywhere"),
        ("pyarrow_list_view", sharing_rows(), {}, lambda name, item: pa.list_view(item),
         "list views back to front, that share and overlap, the first item unused, nulls with one item"),
        ("pyarrow_large_list_view", sharing_rows(), large, lambda name, item: pa.large_list_view(item),
         "the same with 64-bit offsets, text and bytes too"),
        ("pyarrow_fixed", fixed_rows(), {"nodata": pa.binary(2)}, fixed, "lists of a fixed size, nodata too"),
        ("pyarrow_fixed_data", all_fixed, {"nodata": pa.binary(2), "data": pa.binary(48)}, fixed,
         "payloads of a fixed size, too"),
        ("pyarrow_dictionary", common_rows(), coded, plain_list,
         "text in dictionaries, with nulls by key and by entry, and unused entries"),
        ("pyarrow_dictionary_large", common_rows(), coded_large | large, large_list,
         "the same with other keys and values, in large lists"),
    ]:
        write(f"{file}.arrow", table(retype(canonical, leaf, make_list), rows))
        keep(f"{file}.arrow", rows, description)


def as_lists(value):
    """Returns a Python value with lists for tuples and arrays."""
    if isinstance(value, dict):
        return {key: as_lists(item) for key, item in value.items()}
    return [as_lists(item) for item in value] if isinstance(value, (list, tuple, pl.Series)) else value


def polars_read(path):
    return as_lists(pl.read_ipc(path)["raster"].ext.storage().to_list())


def polars_files():
    rows = common_rows()
    # Polars reads a file by itself: it needs no pyarrow, and keeps the extension.
    frame = pl.read_ipc(TARGET / "pyarrow_canonical.arrow")
    dtype = frame.schema["raster"].ext_storage()

    def storage(raster, **band):
        fields = {field.name: field.dtype for field in dtype.fields} | raster
        bands = {field.name: field.dtype for field in fields["bands"].inner.fields} | band
        return pl.Struct(fields | {"bands": pl.List(pl.Struct(bands))})

    text = pl.Enum(["unused", "a-long-format-name"])
    categorical = storage({"crs": pl.Categorical(), "spatial_dims": pl.List(pl.Categorical())},
                          dim_names=pl.List(pl.Categorical()), outdb_format=text)
    array = {"transform": pl.Array(pl.Float64, 6), "spatial_dims": pl.Array(pl.String, 2)}
    array = storage(array | {"spatial_shape": pl.Array(pl.Int64, 2)})
    newest, oldest = pl.CompatLevel.newest(), pl.CompatLevel.oldest()
    for file, stored, level, settings, description in [
        ("polars", dtype, newest, "newest", "as Polars writes it: views in large lists"),
        ("polars_oldest", dtype, oldest, "oldest", "as Polars writes it for others: 64-bit offsets"),
        ("polars_categorical", categorical, newest, "newest", "Categorical crs, spatial_dims, dim_names; Enum outdb_format"),
        ("polars_categorical_oldest", categorical, oldest, "oldest", "the same for others"),
        ("polars_array", array, newest, "newest", "Array transform, spatial_dims, spatial_shape"),
    ]:
        column = frame["raster"].ext.storage().cast(stored).ext.to(pl.Extension("sedona.raster", stored, ""))
        column.to_frame().write_ipc(TARGET / f"{file}.arrow", compression="uncompressed", compat_level=level)
        keep(f"{file}.arrow", rows, description, "polars", pl.__version__, f"compat_level={settings}", polars_read)


def duckdb_read(path):
    connection = duckdb.connect()
    connection.register("rasters", pa.ipc.open_file(path).read_all())
    return as_lists([raster for raster, in connection.sql("SELECT raster FROM rasters").fetchall()])


def duckdb_files():
    rows = common_rows()
    rasters = pa.ipc.open_file(TARGET / "pyarrow_canonical.arrow").read_all()
    version = "arrow_output_version='1.4'"
    views, list_view = "produce_arrow_string_view=true", "arrow_output_list_view=true"
    large = "arrow_large_buffer_size=true"
    for file, settings, select, description in [
        ("duckdb", [], "raster", "the default settings"),
        ("duckdb_large", [large], "raster", "64-bit offsets"),
        ("duckdb_views", [version, views], "raster", "string and binary views"),
        ("duckdb_list_view", [version, list_view], "raster", "list views and binary views"),
        ("duckdb_large_list_view", [version, list_view, views, large], "raster", "large list views, string and binary views"),
        ("duckdb_enum_array", [], None, "an ENUM crs and outdb_format; ARRAY transform, spatial_dims, spatial_shape"),
    ]:
        connection = duckdb.connect()
        connection.register("rasters", rasters)
        for setting in settings:
            connection.sql(f"SET {setting}")
        if select is None:
            texts = ", ".join(f"'{raster['crs']}'" for raster in rows if raster and raster["crs"])
            connection.sql(f"CREATE TYPE crs AS ENUM ({texts})")
            connection.sql("CREATE TYPE format AS ENUM ('unused', 'a-long-format-name')")
            dtype = str(connection.sql("SELECT raster FROM rasters").types[0])
            for old, new in [("crs VARCHAR", "crs crs"), ('"transform" DOUBLE[]', '"transform" DOUBLE[6]'),
                             ("spatial_dims VARCHAR[]", "spatial_dims VARCHAR[2]"),
                             ("spatial_shape BIGINT[]", "spatial_shape BIGINT[2]"),
                             ("outdb_format VARCHAR", "outdb_format format")]:
                assert old in dtype
                dtype = dtype.replace(old, new)
            select = f"raster::{dtype} AS raster"
        write(f"{file}.arrow", connection.sql(f"SELECT {select} FROM rasters").to_arrow_table())
        keep(f"{file}.arrow", rows, description, "duckdb", duckdb.__version__, "; ".join(settings) or None, duckdb_read)


pyarrow_files()
polars_files()
duckdb_files()
versions = {"pyarrow": pa.__version__, "polars": pl.__version__, "duckdb": duckdb.__version__, "numpy": np.__version__}
head = {"format_version": 1, "generated_with": versions, "fields": {
    "files[]": "`rows` holds one entry per row; its keys are those of ../sedonadb/manifest.json",
    "engine": "what wrote the file's types; `settings`: what was asked of it",
    "type": "the column's Arrow type, as pyarrow spells it",
    "extension_name": "null where the engine dropped it",
    "inline": "payload_len <= 12, whatever the file's binary type",
    "buffer_index": "always null, as buffer_offset and offset_mod_item_size: where a payload lies is not checked here",
}}
dump = lambda value: json.dumps(value, ensure_ascii=False)
with open(TARGET / "manifest.json", "w") as out:
    out.write(dump(head)[:-1] + ',\n "files": [\n')
    for last, file in enumerate(FILES, 1 - len(FILES)):
        rows = ",\n".join("  " + dump(row) for row in file.pop("rows"))
        out.write(dump(file)[:-1] + ', "rows": [\n' + rows + "]}" + ("\n]}\n" if last == 0 else ",\n"))
