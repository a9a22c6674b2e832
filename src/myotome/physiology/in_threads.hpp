// Work dealt to threads: an error in one of them reaches whoever asked, as from one thread.
#pragma once

#include <cstddef>
#include <exception>
#include <thread>
#include <vector>

namespace myotome {

// Calls work(0) to work(workers - 1): the first on the thread that asks, each other on one of its own
// or, where the system gives no more, on this one too. All have ended when it returns or throws; it
// throws what the lowest number threw.
template <class Work>
void in_threads(std::size_t workers, const Work& work) {
  std::vector<std::exception_ptr> errors(workers);
  const auto kept = [&](std::size_t worker) noexcept {
    try {
      work(worker);
    } catch (...) {
      errors[worker] = std::current_exception();
    }
  };
  std::vector<std::thread> others;
  others.reserve(workers);
  std::size_t begun = 1;
  try {
    for (; begun < workers; ++begun) others.emplace_back(kept, begun);
  } catch (const std::exception&) {  // no more threads, or no memory for one
  }
  kept(0);
  for (std::size_t left = begun; left < workers; ++left) kept(left);
  for (std::thread& other : others) other.join();
  for (const std::exception_ptr& error : errors)
    if (error) std::rethrow_exception(error);
}

}  // namespace myotome
