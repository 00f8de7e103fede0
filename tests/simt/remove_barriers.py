#!/usr/bin/env python3
"""Takes the barriers of kernels away one by one and tells what notices: a tool, not a test.

    remove_barriers.py --tsan build/tsan --build build/asan [--filter GTEST] kernels/x/x_cuda.cu ..

For each __syncthreads(), __syncwarp() and sync() of a grid the source is changed, simt_tests built
and run: in the build with ThreadSanitizer, and in the other in every order of threads. A barrier
that nothing notices is not needed, or not tested. The sources are restored at the end.
"""
import argparse
import os
import re
import subprocess
import sys

BARRIER = re.compile(r"(__syncthreads\(\)|__syncwarp\([^()]*\)|\b\w+\.sync\(\));")
LIMIT_S = 900


def barriers(text):
    """Places of barriers outside of comments."""
    for match in BARRIER.finditer(text):
        line = text[text.rfind("\n", 0, match.start()) + 1 : match.start()]
        if "//" not in line:
            yield match


def build(folder):
    result = subprocess.run(
        ["cmake", "--build", folder, "--target", "simt_tests"], capture_output=True, text=True
    )
    if result.returncode != 0:
        sys.exit(f"{folder} does not build:\n{result.stdout[-3000:]}")


def run(folder, tests, fixed_addresses=()):
    """What the tests' program says, and whether it failed."""
    program = os.path.join(folder, "tests", "simt", "simt_tests")
    command = [*fixed_addresses, program, f"--gtest_filter={tests}", "--gtest_brief=1"]
    try:
        result = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S)
    except subprocess.TimeoutExpired:
        return True, "no end"
    return result.returncode != 0, result.stdout + result.stderr


def noticed(arguments):
    """Words for what fails as the sources are now."""
    words = []
    if arguments.tsan:
        build(arguments.tsan)
        failed, text = run(arguments.tsan, arguments.filter, ("setarch", os.uname().machine, "-R"))
        if failed:
            words.append("ThreadSanitizer" if "data race" in text else "tests under ThreadSanitizer")
    if arguments.build:
        build(arguments.build)
        failed, text = run(arguments.build, arguments.filter)
        if failed:
            orders = sorted(set(re.findall(r"turns (\S+)", text)))
            words.append("orders " + ", ".join(orders) if orders else "tests")
    return words


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tsan", help="folder of a build with ThreadSanitizer")
    parser.add_argument("--build", help="folder of another build with EXPLAINN_SIMT")
    parser.add_argument("--filter", default="*-*DeathTest*", help="of the tests, as gtest's")
    parser.add_argument("sources", nargs="+")
    arguments = parser.parse_args()
    if not arguments.tsan and not arguments.build:
        parser.error("give --tsan, --build or both")
    before = noticed(arguments)
    if before:
        sys.exit("the tests fail with all barriers in place: " + "; ".join(before))
    for source in arguments.sources:
        with open(source, encoding="utf-8") as file:
            text = file.read()
        try:
            for match in barriers(text):
                with open(source, "w", encoding="utf-8") as file:
                    file.write(text[: match.start()] + ";" + text[match.end() :])
                line = text.count("\n", 0, match.start()) + 1
                words = noticed(arguments) or ["nothing"]
                print(f"{source}:{line}\t{match.group(1)}\t{'; '.join(words)}", flush=True)
        finally:
            with open(source, "w", encoding="utf-8") as file:
                file.write(text)


if __name__ == "__main__":
    main()
