// Laplacian pyramid: down, up, collapse. Planar pictures, (channel, row, column).
#pragma once
#include <vector>

#include "parallel.hpp"
#include "rows.hpp"

namespace focusstack {

template <class Value>
struct PlanesOf {  // a picture: channels planes of height x width, contiguous
    Value* data;
    int channels, height, width;
    int held = 0;  // of a picture that is never there as a whole: how many of its rows are, the last ones made; or 0
    Value* row(int c, int y) const {
        const int rows = held ? held : height;
        return data + (static_cast<int64_t>(c) * rows + (held ? y % held : y)) * width;
    }
};
using Planes = PlanesOf<float>;

inline int mirror_index(int i, int n) {
    if (n == 1) return 0;
    const int period = 2 * (n - 1);
    i = ((i % period) + period) % period;
    return i < n ? i : period - i;
}

inline int clamp_index(int i, int n) { return i < 0 ? 0 : (i < n ? i : n - 1); }

// Row y of the next coarser level of a channel; `middle` is room for a row of src.
inline void down_row(const Rows& rows, Planes src, int c, int y, float* middle, float* dst) {
    const float* r[5];
    for (int k = 0; k < 5; ++k) r[k] = src.row(c, mirror_index(2 * y + k - 2, src.height));
    rows.down_vertical(r[0], r[1], r[2], r[3], r[4], middle, src.width);
    rows.down_horizontal(middle, src.width, dst);
}

inline void pyramid_down(const Rows& rows, Planes src, Planes dst, int threads) {
    parallel_strips(dst.height, 32, threads, [&](int y0, int y1) {
        std::vector<float> middle(src.width);
        for (int c = 0; c < src.channels; ++c)
            for (int y = y0; y < y1; ++y) down_row(rows, src, c, y, middle.data(), dst.row(c, y));
    });
}

// One row of `low` expanded to the next finer grid.
inline void up_row(const Rows& rows, Planes low, int c, int y, float* middle, float* dst, int width) {
    const int k = y / 2;
    const float* a = low.row(c, clamp_index(k - 1, low.height));
    const float* b = low.row(c, clamp_index(k, low.height));
    const float* d = low.row(c, clamp_index(k + 1, low.height));
    rows.up_vertical(a, b, d, y % 2 == 1, middle, low.width);
    rows.up_horizontal(middle, low.width, dst, width);
}

// out = sums / weight + up(low); out may be sums.
inline void collapse_band(const Rows& rows, Planes sums, const float* weight, Planes low, Planes out, int threads) {
    parallel_strips(out.height, 32, threads, [&](int y0, int y1) {
        std::vector<float> middle(low.width), up(2 * low.width + 2), fused(out.width);
        for (int c = 0; c < out.channels; ++c)
            for (int y = y0; y < y1; ++y) {
                up_row(rows, low, c, y, middle.data(), up.data(), out.width);
                rows.collapse(sums.row(c, y), weight + static_cast<int64_t>(y) * out.width, up.data(), fused.data(),
                              out.width);
                std::copy(fused.begin(), fused.end(), out.row(c, y));
            }
    });
}

}  // namespace focusstack
