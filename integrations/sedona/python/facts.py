"""What SedonaDB 0.5.0's Python class does with pixels: each fact is asserted, and two costs are measured.

    pip install sedonadb==0.5.0 geoarrow-types geoarrow-pyarrow pyarrow numpy
    python integrations/sedona/python/facts.py
"""

import pathlib
import timeit
import warnings

warnings.filterwarnings("ignore")

import numpy as np
import pyarrow as pa
from sedonadb.raster import Raster

FILES = pathlib.Path(__file__).parents[3] / "tests" / "data" / "sedonadb"


def address(array):
    return array.__array_interface__["data"][0]


def raised(error, call):
    try:
        call()
    except error:
        return True
    return False


def rasters(file):
    with pa.ipc.open_file(FILES / file) as reader:
        return reader.read_all().column(0).combine_chunks()


pixels = np.arange(12, dtype="float32").reshape(3, 4)
raster = Raster.from_numpy(pixels)
assert address(raster.bands[0].to_numpy()) == address(pixels), "C order in, identity view out: no copy"
assert raster.bands[0].to_numpy().flags.writeable, "what comes out can be written to, though Arrow memory is shared"

fortran = np.asfortranarray(pixels)
assert address(Raster.from_numpy(fortran).bands[0].to_numpy()) != address(fortran), "other orders are copied"
assert Raster.from_numpy(pixels[::-1]).bands[0].to_numpy().flags.c_contiguous

multi = Raster(rasters("23_rs_example.arrow"))
assert len(multi.bands) == 3
stack = multi.to_numpy()
assert not any(np.shares_memory(stack, band.to_numpy()) for band in multi.bands), "all bands at once are a copy"

views = rasters("32_views.arrow")
refused = [raised(NotImplementedError, lambda i=i: Raster(views, i).bands[0].to_numpy()) for i in range(len(views)) if Raster(views, i).bands]
assert any(refused), "bands with a view are not read"

for file in ["42_nullable_children.arrow", "43_list_item_names.arrow"]:
    assert Raster(rasters(file)).bands[0].to_numpy().shape == (3, 5), "other nullability and item names are read"

lazy = Raster.lazy("s3://bucket/cube.tif", dim_names=["y", "x"], shape=[4, 5], dtype="float32")
assert raised(ValueError, lambda: lazy.bands[0].to_numpy())
assert raised(ValueError, lambda: Raster.from_numpy(np.zeros(4))), "one axis"
assert raised(ValueError, lambda: Raster.from_numpy(np.zeros((2, 2), dtype=bool))), "no bool"
assert raised(ValueError, lambda: Raster.from_numpy(np.broadcast_to(np.uint8(0), (1 << 16, 1 << 15)))), "no 2 GiB"
print(f"the facts hold; {sum(refused)} of {len(refused)} rows of 32_views are refused")

large = np.zeros((256, 256), dtype="float32")
raster = Raster.from_numpy(large)
for name, call in [("from_numpy", lambda: Raster.from_numpy(large)), ("bands[0].to_numpy()", lambda: raster.bands[0].to_numpy())]:
    times = timeit.repeat(call, number=1000, repeat=9)
    print(f"{name:<20} {sorted(times)[4] * 1e3:6.1f} us")
