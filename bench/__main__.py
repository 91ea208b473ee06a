"""All benchmarks, one after the other, each beside its baseline: `make bench`.

    python -m bench [--quick]

`--quick` takes a tenth of the work and one run of each: whether they run, and the order of size.
"""

from __future__ import annotations

import argparse
import subprocess
import sys

from bench.measuring import ROOT

FULL = (
    ("bench.judging",),
    ("bench.judging", "--quiet"),
    ("bench.judging_bounds",),
    ("bench.callbacks",),
    ("bench.books", "record"),
    ("bench.digest",),
    ("bench.importing",),
    ("bench.relations", "--speed"),
    ("bench.gate",),
    ("bench.proof",),
    ("bench.start",),
)
QUICK = (
    ("bench.judging", "--rounds", "3"),
    ("bench.judging_bounds", "--rounds", "1"),
    ("bench.callbacks", "--requests", "4000"),
    ("bench.digest", "--facts", "100000", "--groups", "1000", "--runs", "1"),
    ("bench.importing", "--messages", "20000"),
    ("bench.relations",),
    ("bench.gate", "--offices", "10", "100"),
    ("bench.start", "--runs", "1"),
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    failed = []
    for name, *arguments in QUICK if parser.parse_args().quick else FULL:
        print(f"\n== {name} {' '.join(arguments)}", flush=True)
        if subprocess.run([sys.executable, "-m", name, *arguments], cwd=ROOT).returncode:
            failed.append(name)
    if failed:
        print(f"\nfailed: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
