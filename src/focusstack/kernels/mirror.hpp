// Where rows go on beyond their ends; for files of row loops only, which share no compiled function.
#pragma once

namespace focusstack {
namespace {

inline int mirror(int i, int n) {  // -1 -> 1, n -> n - 2; any distance
    if (n == 1) return 0;
    const int period = 2 * (n - 1);
    i = ((i % period) + period) % period;
    return i < n ? i : period - i;
}

}  // namespace
}  // namespace focusstack
