// The row loops behind veil_rows.hpp; compiled like rows.cpp.
#include "veil_rows.hpp"

#include <algorithm>

#include "variant.hpp"

namespace focusstack {
namespace {

constexpr int kBlock = 64;

// Two rows that get the same weights, as one
void add_rows(const float* RESTRICT a, const float* RESTRICT b, int width, float* RESTRICT dst) {
    for (int x = 0; x < width; ++x) dst[x] = a[x] + b[x];
}

template <int n>  // pixels, or 0 for `count` of them
void add_taps(const float* row, int reach, const float* weights, int count, float* RESTRICT sum) {
    const int m = n ? n : count;
    const float *middle = row + reach, w = weights[0];
    for (int i = 0; i < m; ++i) sum[i] += w * middle[i];
    for (int k = 1; k <= reach && weights[k] != 0.0f; ++k) {  // a disk's weights end, and then there are none
        const float *left = middle - k, *right = middle + k, v = weights[k];
        for (int i = 0; i < m; ++i) sum[i] += v * (left[i] + right[i]);
    }
}

template <int n>
void disk_block(const float* const* rows, int x0, int reach, const float* weights, int count, float* RESTRICT dst) {
    float sum[kBlock] = {}, both[kBlock + 2 * kLargestReach];
    const int m = n ? n : count, side = 2 * reach + 1;
    const float* centre = weights + reach * side + reach;
    add_taps<n>(rows[reach] + x0, reach, centre, count, sum);
    for (int k = 1; k <= reach && centre[k * side] != 0.0f; ++k) {
        add_rows(rows[reach - k] + x0, rows[reach + k] + x0, m + 2 * reach, both);
        add_taps<n>(both, reach, centre + k * side, count, sum);
    }
    std::copy_n(sum, m, dst);
}

void disk(const float* const* rows, int reach, const float* weights, int width, float* dst) {
    int x = 0;
    for (; x + kBlock <= width; x += kBlock) disk_block<kBlock>(rows, x, reach, weights, kBlock, dst + x);
    if (x < width) disk_block<0>(rows, x, reach, weights, width - x, dst + x);
}

void lay(const float* RESTRICT through, const float* RESTRICT layer, int width, float* RESTRICT veil) {
    for (int x = 0; x < width; ++x) veil[x] += through[x] * layer[x];
}

void cover(const float* RESTRICT matte, int width, float* RESTRICT through) {
    for (int x = 0; x < width; ++x) through[x] *= 1.0f - matte[x];
}

}  // namespace

const VeilRows& JOIN(veil_rows_, ROWS_VARIANT)() {
    static const VeilRows table = {disk, lay, cover};
    return table;
}

}  // namespace focusstack
