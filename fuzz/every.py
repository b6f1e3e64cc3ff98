"""All fuzzers in turn, each for its share of a time that is counted in seconds of a processor.

    python -m fuzz.every [--minutes 60] [--seed 0]

Prints what each tried. Ends with exit code 1 where any of them found a failure.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time

from fuzz.doors import DOORS

_WITHOUT_END = ("--count", str(10**9))
_SHARES: dict[str, tuple[tuple[str, ...], int]] = {
    "fuzz.checkpoint": (_WITHOUT_END, 6),
    "fuzz.spec": (_WITHOUT_END, 8),
    "fuzz.edit": ((), 4),
}
"""Their arguments, and parts of the time; each door has one."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    fuzzers = [("fuzz.doors", (door,), 1) for door in DOORS]
    fuzzers += [(name, arguments, share) for name, (arguments, share) in _SHARES.items()]
    part = options.minutes * 60 / sum(share for *_, share in fuzzers)
    failed = 0
    for module, arguments, share in fuzzers:
        given = ("--seconds", str(round(part * share)), "--seed", str(options.seed))
        begun = time.monotonic()
        command = [sys.executable, "-m", module, *arguments, *given]
        # libraries of pictures write a line for each that is damaged
        done = subprocess.run(command, check=False, stderr=subprocess.PIPE)
        if done.returncode:
            failed += 1
            print(done.stderr.decode(errors="replace")[-4000:])
        clock = (time.monotonic() - begun) / 60
        print(f"  {module}: exit code {done.returncode}, {clock:.1f} min by the clock", flush=True)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"{(used.ru_utime + used.ru_stime) / 60:.1f} minutes of a processor; {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
