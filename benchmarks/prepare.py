"""How fast pictures are made standard, and how much memory the job takes: `python benchmarks/prepare.py [--quick]`.

All read a file, decode it, scale it to 224 pixels a side and store it as a JPEG of the same settings. *Plain Pillow* is
what one would write first; `standard_jpeg` is what the job and the client call; the job's own work takes fingerprints
too. *simplejpeg* is a binding of libjpeg-turbo, which decodes at any eighth of the size; *pyvips* is libvips, which
scales while it decodes. All run in the same harness, in one process and in two; SSIM is that of the result against
plain Pillow's. What is not installed is left out: `pip install simplejpeg 'pyvips[binary]'`.

Memory is the sum of the peaks of the job's processes, for rows of their own over pictures that are shared files.
"""

from __future__ import annotations

import argparse
import csv
import importlib
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from scipy.ndimage import gaussian_filter  # type: ignore[import-untyped]

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from memotion.heads import load_heads  # noqa: E402
from memotion.picture import QUALITY, standard_jpeg  # noqa: E402
from processing.pictures.pictures import Picture, PictureProcessor  # noqa: E402
from processing.worker_pool import BATCH, work_through  # noqa: E402

SIZE = 224
# Width and height of memes as they are passed round.
SOURCES = ((640, 480), (720, 960), (800, 600), (1024, 768), (1200, 900), (500, 500))
ROUNDS = 2
SHARED_PICTURES = 100

PROCESSES = (1, 2)
JOB = "this job, with fingerprints"
ORIGINALS = 36

Convert = Callable[[bytes], bytes]
Work = Callable[[Sequence[Picture]], object]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer pictures and rows, to see that it runs")
    quick = parser.parse_args().quick
    with tempfile.TemporaryDirectory() as folder:
        print_rates(Path(folder), pictures=72 if quick else 1_080)
    print()
    print_memory((500, 2_000) if quick else (5_000, 100_000))


def print_rates(folder: Path, count: int) -> None:
    """The table of pictures a second."""
    source, target = folder / "images", folder / "standard"
    source.mkdir()
    target.mkdir()
    for number in range(ORIGINALS):
        photograph(number).save(source / f"{number}.jpg", quality=85)
    pictures = [Picture(number, f"{number % ORIGINALS}.jpg", str(number)) for number in range(count)]
    rates = best_rates({name: as_work(name, way, source, target) for name, way in WAYS.items()}, pictures)
    samples = [path.read_bytes() for path in sorted(source.iterdir())]
    print(f"| pictures a second to {SIZE} pixels | one process | two | SSIM to plain Pillow, mean | least |")
    print("|---|---:|---:|---:|---:|")
    for name, way in WAYS.items():
        likeness = [similarity(by_plain_pillow(data), way(data)) for data in samples]
        one, two = (rates[name, workers] for workers in PROCESSES)
        print(f"| {name} | {one:.0f} | {two:.0f} | {np.mean(likeness):.4f} | {min(likeness):.4f} |", flush=True)


def best_rates(ways: dict[str, Work], pictures: Sequence[Picture]) -> dict[tuple[str, int], float]:
    """Pictures a second by way and number of processes: the best of some rounds, in turn, as noise comes and goes."""
    rates: dict[tuple[str, int], float] = {}
    for name, workers in [(name, workers) for _ in range(ROUNDS) for name in ways for workers in PROCESSES]:
        rates[name, workers] = max(rates.get((name, workers), 0), rate(ways[name], pictures, workers))
    return rates


def rate(work: Work, pictures: Sequence[Picture], workers: int) -> float:
    """Pictures a second from the first batch on: a process's start is paid once a job."""
    results = work_through(pictures, work, lambda _: None, workers)
    next(results)
    start = time.perf_counter()
    for _ in results:
        """Drain it."""
    return (len(pictures) - BATCH) / (time.perf_counter() - start)


def as_work(name: str, way: Convert, source: Path, target: Path) -> Work:
    """What the harness is given: the job's own work for one of them, fingerprints and all."""
    return (
        PictureProcessor(source, target, SIZE).standardise
        if name == JOB
        else partial(convert_files, way, source, target)
    )


def convert_files(way: Convert, source: Path, target: Path, batch: Sequence[Picture]) -> None:
    for picture in batch:
        (target / f"{picture.key}.jpg").write_bytes(way((source / picture.image_name).read_bytes()))


def by_plain_pillow(data: bytes) -> bytes:
    return stored(Image.open(BytesIO(data)).convert("RGB").resize((SIZE, SIZE), Image.Resampling.LANCZOS))


def by_simplejpeg(data: bytes) -> bytes:
    simplejpeg = importlib.import_module("simplejpeg")
    pixels = simplejpeg.decode_jpeg(data, "RGB", min_height=SIZE, min_width=SIZE)
    return stored(Image.fromarray(pixels).resize((SIZE, SIZE), Image.Resampling.LANCZOS))


def by_pyvips(data: bytes) -> bytes:
    pyvips = importlib.import_module("pyvips")
    picture = pyvips.Image.thumbnail_buffer(data, SIZE, height=SIZE, size="force")
    return bytes(picture.jpegsave_buffer(Q=QUALITY, subsample_mode="off"))


def stored(picture: Image.Image) -> bytes:
    target = BytesIO()
    picture.save(target, "JPEG", quality=QUALITY, subsampling=0)
    return target.getvalue()


# What is not installed is left out.
WAYS: dict[str, Convert] = {
    "plain Pillow": by_plain_pillow,
    "standard_jpeg": partial(standard_jpeg, size=SIZE),
    JOB: partial(standard_jpeg, size=SIZE),
    **{
        name: way
        for name, way in (("simplejpeg", by_simplejpeg), ("pyvips", by_pyvips))
        if importlib.util.find_spec(name) is not None
    },
}


def photograph(seed: int) -> Image.Image:
    """A picture with a photograph's spectrum (amplitude falls with frequency), a figure and a caption over it."""
    width, height = SOURCES[seed % len(SOURCES)]
    draw = np.random.default_rng(seed)
    across, down = np.fft.rfftfreq(width)[None], np.fft.fftfreq(height)[:, None]
    spectrum = 1 / np.maximum(np.hypot(across, down), 1 / max(width, height)) ** 1.2
    channels = [
        np.fft.irfft2(np.fft.rfft2(draw.normal(size=(height, width))) * spectrum, s=(height, width)) for _ in range(3)
    ]
    light = np.stack([channels[0] + 0.4 * channel for channel in channels], 2)
    picture = Image.fromarray(np.clip(light / light.std() * 55 + 128, 0, 255).astype(np.uint8))
    pencil = ImageDraw.Draw(picture)
    pencil.ellipse((width * 0.3, height * 0.3, width * 0.7, height * 0.8), outline="red", width=6)
    font = ImageFont.load_default(width // 14)
    pencil.text(
        (width * 0.08, height * 0.05), "WHEN IT IS FAST", fill="white", font=font, stroke_width=3, stroke_fill="black"
    )
    return picture


def similarity(one: bytes, other: bytes) -> float:
    """Structural similarity of two JPEGs' luminance (Wang et al. 2004, Gaussian window of 1.5)."""
    left, right = (np.asarray(Image.open(BytesIO(data)).convert("L"), float) for data in (one, other))

    def blurred(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(gaussian_filter(values, 1.5, truncate=3.5), float)

    means = blurred(left), blurred(right)
    spread = blurred(left**2) - means[0] ** 2 + blurred(right**2) - means[1] ** 2
    together = blurred(left * right) - means[0] * means[1]
    likeness = (2 * means[0] * means[1] + 6.5025) * (2 * together + 58.5225)
    return float((likeness / ((means[0] ** 2 + means[1] ** 2 + 6.5025) * (spread + 58.5225))).mean())


def print_memory(sizes: Sequence[int]) -> None:
    """The table of peak memory by number of rows."""
    print("| rows | peak memory of the job | of its main process | seconds |")
    print("|---:|---:|---:|---:|")
    for rows in sizes:
        with tempfile.TemporaryDirectory() as folder:
            write_shared(Path(folder) / "data", rows)
            start = time.perf_counter()
            whole, main_process = peak_memory(Path(folder))
            seconds = time.perf_counter() - start
        print(f"| {rows:,} | {whole:,.0f} MiB | {main_process:,.0f} MiB | {seconds:.0f} |", flush=True)


def write_shared(folder: Path, rows: int) -> None:
    """Rows with a caption each, whose pictures are links to some files."""
    images = folder / "images"
    images.mkdir(parents=True)
    heads = load_heads()
    draw = np.random.default_rng(0)
    for number in range(min(SHARED_PICTURES, rows)):
        pixels = draw.integers(0, 256, (15, 20, 3), dtype=np.uint8)
        Image.fromarray(pixels).resize((320, 240)).save(images / f"{number}.jpg", quality=85)
    with (folder / "labels.csv").open("w", encoding="utf-8", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(["", heads.columns.image, heads.columns.text, *heads.heads])
        for number, words in enumerate(draw.integers(0, 10_000, (rows, 10)).tolist()):
            if number >= SHARED_PICTURES:
                os.link(images / f"{number % SHARED_PICTURES}.jpg", images / f"{number}.jpg")
            classes = [names[words[0] % len(names)] for names in heads.heads.values()]
            writer.writerow([number, f"{number}.jpg", " ".join(map(str, words)), *classes])


def peak_memory(folder: Path) -> tuple[float, float]:
    """MiB that the processes of a job held at most, in sum, and that its main process did."""
    configuration = folder / "config" / "processingjobconfig.json"
    configuration.parent.mkdir()
    output = {"OutputName": "prepared", "S3Output": {"S3Uri": "s3://bucket/prepared"}}
    configuration.write_text(json.dumps({"ProcessingOutputConfig": {"Outputs": [output]}}))
    command = [sys.executable, "-m", "processing", "--data", folder / "data", "--output", folder / "output"]
    command += ["--job-config", configuration, "--image-size", "28", "--workers", "2"]
    job = subprocess.Popen(list(map(str, command)), cwd=ROOT, stdout=subprocess.DEVNULL, start_new_session=True)
    whole = main_process = 0.0
    while job.poll() is None:
        held = dict(resident(job.pid))
        whole, main_process = max(whole, sum(held.values())), max(main_process, held.get(job.pid, 0))
        time.sleep(0.05)
    if job.returncode:
        raise SystemExit(f"the job ended with exit code {job.returncode}")
    return whole, main_process


def resident(session: int) -> Iterator[tuple[int, float]]:
    """The processes of a session, and the memory (MiB, shared pages by their share) that each holds now."""
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(status.read_text().rsplit(") ", 1)[1].split()[3]) != session:
                continue
            lines = (status.parent / "smaps_rollup").read_text().splitlines()
        except OSError:
            continue  # It has ended meanwhile.
        yield int(status.parent.name), next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


if __name__ == "__main__":
    main()
