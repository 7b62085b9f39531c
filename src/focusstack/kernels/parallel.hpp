// Splits rows over threads. Which thread computes a row never changes what it computes.
#pragma once
#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace focusstack {

// Calls work(begin, end) for strips that cover [0, rows); strips are handed out as threads become free.
template <class Work>
void parallel_strips(int rows, int strip, int threads, Work work) {
    const int strips = (rows + strip - 1) / strip;
    threads = std::max(1, std::min(threads, strips));
    std::atomic<int> next{0};
    std::exception_ptr failure;
    std::mutex guard;
    auto run = [&] {
        try {
            for (int i; (i = next.fetch_add(1)) < strips;) work(i * strip, std::min(rows, (i + 1) * strip));
        } catch (...) {
            std::lock_guard<std::mutex> lock(guard);
            failure = std::current_exception();
            next = strips;
        }
    };
    std::vector<std::thread> pool;
    for (int t = 1; t < threads; ++t) pool.emplace_back(run);
    run();
    for (auto& t : pool) t.join();
    if (failure) std::rethrow_exception(failure);
}

}  // namespace focusstack
