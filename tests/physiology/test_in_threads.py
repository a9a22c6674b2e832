"""Work dealt to threads: an error reaches whoever asked, and no thread to be had is no error."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HEADERS = Path(__file__).parents[2] / "src/myotome/physiology"
PROGRAM = """
#include <sys/resource.h>
#include <atomic>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include "in_threads.hpp"

int main() {
  // Before any other: the stack of a thread that ended is used again, whatever the limit.
  rlimit usual;
  getrlimit(RLIMIT_AS, &usual);
  const rlimit none{1 << 22, usual.rlim_max};  // less than the stack of one thread
  setrlimit(RLIMIT_AS, &none);
  std::atomic<int> done{0};
  try {
    std::thread([] {}).join();
    return std::puts("threads were to be had"), 1;
  } catch (const std::system_error&) {
  }
  myotome::in_threads(5, [&](std::size_t worker) { done += 1 << worker; });
  if (done != 31) return std::puts("without threads, not each was done once"), 1;
  setrlimit(RLIMIT_AS, &usual);

  done = 0;
  myotome::in_threads(5, [&](std::size_t worker) { done += 1 << worker; });
  if (done != 31) return std::puts("not each was done once"), 1;

  std::string said;
  done = 0;
  try {
    myotome::in_threads(5, [&](std::size_t worker) {
      if (worker > 1) throw std::runtime_error(std::to_string(worker));
      ++done;
    });
  } catch (const std::runtime_error& error) {
    said = error.what();
  }
  if (said != "2" || done != 2) return std::puts("the error was lost"), 1;
  return 0;
}
"""


@pytest.mark.skipif(sys.platform != "linux", reason="limits of memory are Linux's")
@pytest.mark.skipif(not shutil.which("g++"), reason="no C++ compiler")
def test_an_error_in_a_thread_is_thrown_and_no_thread_is_needed(tmp_path):
    source, program = tmp_path / "program.cpp", tmp_path / "program"
    source.write_text(PROGRAM)
    flags = ["-std=c++17", "-Wall", "-Wextra", "-Werror", "-pthread", f"-I{HEADERS}"]
    subprocess.run(["g++", *flags, source, "-o", program], check=True)

    ran = subprocess.run([program], check=False, capture_output=True, text=True, timeout=60)

    assert (ran.returncode, ran.stdout) == (0, "")
