#!/usr/bin/env python3
"""Takes the barriers of kernels away one by one and tells what notices: a tool, not a test.

    remove_barriers.py --tsan build/tsan --build build/asan [--filter GTEST] SOURCE[=GTEST] ..
    remove_barriers.py --tsan build/tsan kernels/cuda/reduce.h 'kernels/x/x_cuda.cu=DeviceX*'

For a while each barrier of the sources (.cu or .h) asks an environment variable whether it is gone:
simt_tests is built once, and run once for each barrier: in the build with ThreadSanitizer and, if
that is content, in the other in every order of threads. A barrier that nothing notices is not
needed, or not tested; the tests are the source's own filter, else that of all. The sources are
restored at the end: a checkout of its own is still the better place.
"""
import argparse
import os
import re
import signal
import subprocess
import sys
import time

BARRIER = re.compile(
    r"(__syncthreads\(\)|__syncwarp\([^()]*\)|__pipeline_wait_prior\(\w+\)"
    r"|\b\w+\.sync\(\)|\bbarrier\.wait\(\));"
)
MAIN = "tests/simt/main.cpp"
DECLARED = "extern int explainn_absent_barrier;\n#line 1\n"
DEFINED = """
#include <cstdlib>
int explainn_absent_barrier = [] {
  const char* number = std::getenv("EXPLAINN_ABSENT_BARRIER");
  return number == nullptr ? -1 : std::atoi(number);
}();
"""


class Source:
    """A file whose barriers may be gone, from number `first` on."""

    def __init__(self, argument, filter_of_all, first):
        self.path, _, own = argument.partition("=")
        self.filter = own or filter_of_all
        with open(self.path, encoding="utf-8") as file:
            self.text = file.read()
        self.first = first
        self.barriers = [match for match in BARRIER.finditer(self.text) if self.is_code(match)]

    def is_code(self, match):
        return "//" not in self.text[self.text.rfind("\n", 0, match.start()) + 1 : match.start()]

    def place(self, match):
        line = self.text.count("\n", 0, match.start()) + 1
        return f"{self.path}:{line}\t{match.group(1)}"

    def with_choice(self):
        """The text with a choice at each barrier; lines keep their numbers."""
        parts, end = [DECLARED], 0
        for number, match in enumerate(self.barriers, self.first):
            parts.append(self.text[end : match.start()])
            parts.append(f"(::explainn_absent_barrier == {number} ? void() : {match.group(1)});")
            end = match.end()
        return "".join(parts) + self.text[end:]


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def build(folder, jobs):
    result = subprocess.run(
        ["cmake", "--build", folder, "--target", "simt_tests", "--parallel", jobs],
        capture_output=True,
        text=True,
    )
    if result.returncode != 0:
        sys.exit(f"{folder} does not build:\n{result.stdout[-3000:]}")


def run(folder, tests, absent, limit, fixed_addresses=()):
    """Whether the tests fail without barrier number `absent`, and what they say."""
    program = os.path.join(folder, "tests", "simt", "simt_tests")
    command = [program, f"--gtest_filter={tests}", "--gtest_fail_fast"]
    environment = dict(
        os.environ,
        EXPLAINN_ABSENT_BARRIER=str(absent),
        TSAN_OPTIONS="halt_on_error=1",
        ASAN_OPTIONS="detect_leaks=0",
    )
    try:
        result = subprocess.run(
            [*fixed_addresses, *command],
            capture_output=True,
            text=True,
            timeout=limit,
            env=environment,
        )
    except subprocess.TimeoutExpired:
        return True, "no end"
    return result.returncode != 0, result.stdout + result.stderr


def noticed(arguments, tests, absent):
    """Words for what notices that a barrier is absent, empty if nothing does."""
    if arguments.tsan:
        fixed = ("setarch", os.uname().machine, "-R")
        failed, text = run(arguments.tsan, tests, absent, arguments.limit, fixed)
        if failed:
            case = re.findall(r"^\[ RUN +\] (\S+)", text, re.M)
            if "data race" in text:
                return "ThreadSanitizer" + (f" in {case[-1]}" if case else "")
            return "no end" if text == "no end" else "tests under ThreadSanitizer"
    if arguments.build:
        failed, text = run(arguments.build, tests, absent, arguments.limit)
        if failed:
            orders = sorted(set(re.findall(r"turns (\S+)", text)))
            case = re.findall(r"^\[  FAILED  \] (\S+?),? ", text, re.M)
            return (", ".join(orders) or "tests") + (f" in {case[0]}" if case else f": {text[-200:]}")
    return ""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tsan", help="folder of a build with ThreadSanitizer")
    parser.add_argument("--build", help="folder of another build with EXPLAINN_SIMT")
    parser.add_argument("--filter", default="*-*DeathTest*", help="of the tests, as gtest's")
    parser.add_argument("--jobs", default="1", help="of the builds")
    parser.add_argument("--limit", type=int, default=900, help="seconds that tests may take")
    parser.add_argument("sources", nargs="+", metavar="SOURCE[=GTEST]")
    arguments = parser.parse_args()
    if not arguments.tsan and not arguments.build:
        parser.error("give --tsan, --build or both")
    sources, count = [], 0
    for argument in arguments.sources:
        sources.append(Source(argument, arguments.filter, count))
        count += len(sources[-1].barriers)
    with open(MAIN, encoding="utf-8") as file:
        main_text = file.read()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))
    try:
        write(MAIN, main_text + DEFINED)
        for source in sources:
            write(source.path, source.with_choice())
        for folder in (arguments.tsan, arguments.build):
            if folder:
                build(folder, arguments.jobs)
    finally:
        write(MAIN, main_text)
        for source in sources:
            write(source.path, source.text)
    for tests in sorted({source.filter for source in sources}):
        begin = time.monotonic()
        before = noticed(arguments, tests, -1)
        if before:
            sys.exit(f"the tests {tests} fail with all barriers in place: {before}")
        print(f"# {tests}: {time.monotonic() - begin:.0f} s with all barriers", flush=True)
    for source in sources:
        for number, match in enumerate(source.barriers, source.first):
            words = noticed(arguments, source.filter, number) or "nothing"
            print(f"{source.place(match)}\t{words}", flush=True)


if __name__ == "__main__":
    main()
