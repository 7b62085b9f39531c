// Linear interpolation in maps on coarser grids.
#pragma once
#include <algorithm>
#include <cmath>
#include <vector>

#include "pyramid.hpp"

namespace focusstack {

struct Between {  // along one axis
    int first, second;
    float share;  // of the second
};

inline Between between(float at, int size) {  // beyond the border the edge repeats
    const float low = std::floor(at);
    const int i = static_cast<int>(low);
    return {clamp_index(i, size), clamp_index(i + 1, size), at - low};
}

inline void blend_rows(const float* a, const float* b, float share, int width, float* dst) {
    for (int x = 0; x < width; ++x) dst[x] = a[x] + share * (b[x] - a[x]);
}

inline float blend(const float* row, const Between& x) {
    return row[x.first] + x.share * (row[x.second] - row[x.first]);
}

struct CoarserMap {  // pixel x of the finer grid lies at step x + offset
    const float* data;  // or null
    int height, width;
    float step, offset;

    bool covers(const Planes& finer) const {
        const auto fits = [this](int fine, int coarse) {
            return coarse > 0 && std::abs(static_cast<float>(fine - 1) * step + offset - static_cast<float>(coarse - 1)) < 1;
        };
        return step > 0 && step <= 1 && fits(finer.height, height) && fits(finer.width, width);
    }
};

class MapRow {  // rows of such a map on the finer grid
    static constexpr int kRun = 64;
    const CoarserMap map_;
    std::vector<float> blended_, row_;
    std::vector<Between> columns_;

    bool all_one(int x0, int x1) const {
        const int first = columns_[x0].first, last = columns_[x1 - 1].second;
        int others = 0;
        for (int x = first; x <= last; ++x) others |= blended_[x] != 1.0f;
        return others == 0;
    }

public:
    MapRow(const CoarserMap& map, int width) : map_(map) {
        if (!map.data) return;
        blended_.resize(map.width);
        row_.resize(width);
        for (int x = 0; x < width; ++x)
            columns_.push_back(between(map.step * static_cast<float>(x) + map.offset, map.width));
    }

    const float* at(int y) {  // null where there is no map
        if (!map_.data) return nullptr;
        const Between row = between(map_.step * static_cast<float>(y) + map_.offset, map_.height);
        blend_rows(map_.data + static_cast<int64_t>(row.first) * map_.width,
                   map_.data + static_cast<int64_t>(row.second) * map_.width, row.share, map_.width, blended_.data());
        const int width = static_cast<int>(row_.size());
        for (int x0 = 0; x0 < width; x0 += kRun) {
            const int x1 = std::min(width, x0 + kRun);
            if (all_one(x0, x1)) {  // mostly so, and quick
                std::fill(row_.begin() + x0, row_.begin() + x1, 1.0f);
                continue;
            }
            for (int x = x0; x < x1; ++x) row_[x] = blend(blended_.data(), columns_[x]);
        }
        return row_.data();
    }
};

}  // namespace focusstack
