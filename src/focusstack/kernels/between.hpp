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

class Columns {  // of the finer grid, between which two of the coarser they lie
    std::vector<int32_t> first_;
    std::vector<float> share_;

public:
    void add(const Between& x) {
        first_.push_back(x.first);
        share_.push_back(x.second == x.first ? 0.0f : x.share);
    }
    int size() const { return static_cast<int>(first_.size()); }
    int first(int x) const { return first_[x]; }
    // Columns x0 to x1 of a row; kMapPad numbers can be read behind `coarse`, the first of which repeats its last.
    void expand(const Rows& rows, const float* coarse, int x0, int x1, float* dst) const {
        rows.expand_map(coarse, first_.data() + x0, share_.data() + x0, x1 - x0, dst);
    }
};

class MapRow {  // rows of such a map on the finer grid
    static constexpr int kRun = 64;
    const Rows& rows_;
    const CoarserMap map_;
    std::vector<float> blended_, row_;
    Columns columns_;

    bool all_one(int x0, int x1) const {
        const int first = columns_.first(x0), last = columns_.first(x1 - 1) + 1;
        int others = 0;
        for (int x = first; x <= last; ++x) others |= blended_[x] != 1.0f;
        return others == 0;
    }

public:
    MapRow(const Rows& rows, const CoarserMap& map, int width) : rows_(rows), map_(map) {
        if (!map.data) return;
        blended_.resize(map.width + kMapPad);
        row_.resize(width);
        for (int x = 0; x < width; ++x) columns_.add(between(map.step * static_cast<float>(x) + map.offset, map.width));
    }

    const float* at(int y) {  // null where there is no map
        if (!map_.data) return nullptr;
        const Between row = between(map_.step * static_cast<float>(y) + map_.offset, map_.height);
        blend_rows(map_.data + static_cast<int64_t>(row.first) * map_.width,
                   map_.data + static_cast<int64_t>(row.second) * map_.width, row.share, map_.width, blended_.data());
        blended_[map_.width] = blended_[map_.width - 1];
        const int width = static_cast<int>(row_.size());
        for (int x0 = 0; x0 < width; x0 += kRun) {
            const int x1 = std::min(width, x0 + kRun);
            if (all_one(x0, x1))  // mostly so, and quick
                std::fill(row_.begin() + x0, row_.begin() + x1, 1.0f);
            else
                columns_.expand(rows_, blended_.data(), x0, x1, row_.data() + x0);
        }
        return row_.data();
    }
};

}  // namespace focusstack
