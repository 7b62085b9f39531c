// Marks of clipped values in a row; for files of row loops only.
#pragma once
#include <cstdint>

#include "variant.hpp"

namespace focusstack {
namespace {

template <class Value>
void mark_clipped(const Value* RESTRICT value, int count, Value black, Value white, uint8_t below, uint8_t above,
                  uint8_t* RESTRICT mark) {
    constexpr int block = 64;  // few have anything to mark
    for (int x0 = 0; x0 < count; x0 += block) {
        const int end = x0 + block < count ? x0 + block : count;
        int any = 0;
        for (int x = x0; x < end; ++x) any |= (value[x] < black) | (value[x] > white);
        for (int x = x0; any && x < end; ++x) mark[x] |= (value[x] < black ? below : 0) | (value[x] > white ? above : 0);
    }
}

}  // namespace
}  // namespace focusstack
