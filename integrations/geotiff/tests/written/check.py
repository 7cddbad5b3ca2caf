"""Read the files of a folder with GDAL, and keep a checksum of each that is what it should be.

Needs rasterio 1.4 built with GDAL 3.10:

    WRITTEN=folder cargo test --test written
    python tests/written/check.py folder

The test writes beside each file what is expected of it: NAME.json, and the pixels, NAME.raw, which are made
without the package.
"""

import json
import os
import re
import sys
import zlib

import numpy as np
import rasterio

os.environ.setdefault("PROJ_DATA", os.path.join(os.path.dirname(rasterio.__file__), "proj_data"))

import rasterio.shutil
from rasterio.crs import CRS


def pixels(path, dtype, shape):
    return np.fromfile(path, dtype).reshape(shape)


def nodata_of(file):
    """The nodata of each band as GDAL prints it: rasterio gives doubles, which are too few digits for 64 bits."""
    rasterio.shutil.copy(file, "/vsimem/nodata.vrt", driver="VRT")
    with rasterio.open("/vsimem/nodata.vrt") as vrt:
        xml = vrt.tags(ns="xml:VRT")["xml:VRT"]
    rasterio.shutil.delete("/vsimem/nodata.vrt")
    bands = re.findall(r"<VRTRasterBand.*?</VRTRasterBand>", xml, re.S)
    found = [re.search(r"<NoDataValue>(.*?)</NoDataValue>", band) for band in bands]
    return [match and match[1] for match in found]


def same_number(text, number, dtype):
    """Are two texts the same pixel?"""
    if text is None or number is None:
        return text is number
    if np.issubdtype(dtype, np.integer):
        return int(text) == int(number)
    ours, gdal = np.array([text, number], float).astype(dtype)
    return bool(ours == gdal or np.isnan(ours) and np.isnan(gdal))


def check(base):
    """Returns what is wrong with a file."""
    with open(base + ".json") as file:
        expected = json.load(file)
    wrong = []
    with rasterio.open(base + ".tif") as file:
        found = file.read()
        want = pixels(base + ".raw", expected["dtype"], expected["shape"])
        if found.dtype != want.dtype or found.tobytes() != want.tobytes():
            wrong.append("pixels")
        transform = expected["transform"]
        if transform is None:
            if not file.transform.is_identity:
                wrong.append(f"transform {file.transform}")
        elif not np.allclose(file.transform.to_gdal(), transform, rtol=1e-15, atol=0):
            wrong.append(f"transform {file.transform.to_gdal()}, not {transform}")
        crs = expected["crs"] and CRS.from_user_input(expected["crs"])
        if file.crs != crs:
            wrong.append(f"CRS {file.crs}, not {crs}")
        for nodata in nodata_of(file):
            if not same_number(expected["nodata"], nodata, expected["dtype"]):
                wrong.append(f"nodata {nodata}, not {expected['nodata']}")
        if list(file.descriptions) != expected["names"]:
            wrong.append(f"names {file.descriptions}, not {expected['names']}")
        levels = len(expected["overviews"])
        if len(file.overviews(1)) != levels:
            wrong.append(f"overviews {file.overviews(1)}")
    for level in range(levels):
        with rasterio.open(base + ".tif", OVERVIEW_LEVEL=level) as file:
            want = pixels(f"{base}.{level}.raw", expected["dtype"], [expected["shape"][0], *expected["overviews"][level]])
            if file.read().tobytes() != want.tobytes():
                wrong.append(f"pixels of overview {level}")
    return wrong


def main():
    folder = sys.argv[1]
    manifest, failures = {}, 0
    for name in sorted(os.listdir(folder)):
        if not name.endswith(".tif"):
            continue
        base = os.path.join(folder, name[:-4])
        wrong = check(base)
        if wrong:
            failures += 1
            print(f"{name}: {'; '.join(wrong)}")
            continue
        with open(base + ".tif", "rb") as file:
            manifest[name[:-4]] = zlib.crc32(file.read())
    with open(os.path.join(os.path.dirname(__file__), "manifest.json"), "w") as file:
        json.dump(manifest, file, indent=0, sort_keys=True)
        file.write("\n")
    print(f"{len(manifest)} as expected, {failures} not")


main()
