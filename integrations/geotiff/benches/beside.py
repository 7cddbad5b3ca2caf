"""Time this package beside GDAL: 4096 x 4096 pixels in Deflate tiles, whole, by windows, and writing.

Needs rasterio 1.4. Run from the folder of the package:

    cargo bench --no-run --bench read
    python benches/beside.py target/release/deps/read-*

Turns of both alternate. It prints the medians in milliseconds, and their ratio.
"""

import statistics
import subprocess
import sys
import tempfile
import time
import warnings

import numpy as np
import rasterio
from rasterio.windows import Window

warnings.simplefilter("ignore")
SIDE, TURNS = 4096, 7


def terrain(dtype):
    """Smooth ground with a little noise, as an elevation model has."""
    rng = np.random.default_rng(20)
    y, x = np.mgrid[:SIDE, :SIDE] / SIDE
    ground = 1500 + 800 * np.sin(7 * x) * np.cos(5 * y) + 200 * np.sin(40 * x * y) + rng.normal(0, 1.5, (SIDE, SIDE))
    return ground.astype(dtype)


def write(path, pixels, predictor, threads="1"):
    with rasterio.open(path, "w", driver="GTiff", width=SIDE, height=SIDE, count=1, dtype=pixels.dtype, tiled=True,
                       blockxsize=256, blockysize=256, compress="DEFLATE", predictor=predictor, num_threads=threads) as file:
        file.write(pixels, 1)


def gdal(path, what, threads, pixels, predictor):
    start = time.perf_counter()
    if what == "write":
        write(path + ".gdal.tif", pixels, predictor, threads)
    else:
        with rasterio.Env(GDAL_NUM_THREADS=threads, GDAL_CACHEMAX=64), rasterio.open(path, num_threads=threads) as file:
            if what == "whole":
                file.read(1)
            else:
                for window in range(256):
                    row, col = window // 16 * 240 + 17, window % 16 * 240 + 31
                    file.read(1, window=Window(col, row, 200, 200))
    return time.perf_counter() - start


def ours(program, path, what, threads):
    """The median of some turns after the first one: this process is warm, too."""
    done = subprocess.run([program, path, what, threads, "4"], check=True, capture_output=True, text=True)
    return statistics.median(float(line) for line in done.stdout.split()[1:])


def main():
    program = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        for dtype, predictor in [("uint16", 2), ("float32", 3), ("float32", 1)]:
            path = f"{folder}/{dtype}_{predictor}.tif"
            pixels = terrain(dtype)
            write(path, pixels, predictor)
            for what in ["whole", "windows", "write"] if (dtype, predictor) != ("float32", 1) else ["whole", "windows"]:
                for threads in ["1", "2"]:
                    times = [[], []]
                    for _ in range(TURNS):
                        times[0].append(ours(program, path, what, threads))
                        times[1].append(gdal(path, what, threads, pixels, predictor))
                    a, b = (1000 * statistics.median(turns) for turns in times)
                    print(f"{dtype} predictor {predictor}, {what}, {threads} threads: {a:.0f} ms, GDAL {b:.0f} ms, {a / b:.2f} x",
                          flush=True)


main()
