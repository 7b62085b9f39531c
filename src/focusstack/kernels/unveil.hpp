// Takes the veil of blurred near things off a frame, in linear light. Planar pictures.
#pragma once
#include <algorithm>
#include <vector>

#include "between.hpp"
#include "parallel.hpp"
#include "pyramid.hpp"
#include "unveil_rows.hpp"

namespace focusstack {

struct Veil {  // maps on a grid `scale` times coarser than the picture; without a gain there is no veil
    const float *gain, *replace;
    Planes offset, sharp, low, high;
    int scale;
};

inline Between between(int full, int scale, int size) {
    return between((static_cast<float>(full) - 0.5f * static_cast<float>(scale - 1)) / static_cast<float>(scale), size);
}

// Columns, from first to last, beside which something is done.
struct Run {
    int first, end;
};

// Rows of all maps between two of their own, for the columns of theirs that a run of full ones lies between.
class VeilMapRows {
    static constexpr int kMaps = 2, kOfChannel = 4;  // gain and replace; offset, sharp, low and high per channel
    int first_ = 0, stride_ = 0;
    std::vector<float> rows_;

    void blend(int i, const float* plane, int map_width, const Between& y, int width) {
        const float* a = plane + static_cast<int64_t>(y.first) * map_width + first_;
        const float* b = plane + static_cast<int64_t>(y.second) * map_width + first_;
        float* row = rows_.data() + static_cast<int64_t>(i) * stride_;
        blend_rows(a, b, y.share, width, row);
        row[width] = row[width - 1];
    }

public:
    void fill(const Veil& veil, const Between& y, const Run& of) {  // columns of the maps
        const int w = veil.offset.width, channels = veil.offset.channels, width = of.end - of.first;
        first_ = of.first, stride_ = width + kMapPad;
        rows_.resize(static_cast<size_t>(kMaps + kOfChannel * channels) * stride_);
        blend(0, veil.gain, w, y, width);
        blend(1, veil.replace, w, y, width);
        for (int c = 0; c < channels; ++c) {
            const Planes* maps[] = {&veil.offset, &veil.sharp, &veil.low, &veil.high};
            for (int k = 0; k < kOfChannel; ++k) blend(kMaps + kOfChannel * c + k, maps[k]->row(c, 0), w, y, width);
        }
    }
    // So that column x of the maps is number x; those of `fill` are there.
    const float* row(int i) const { return rows_.data() + static_cast<int64_t>(i) * stride_ - first_; }
    const float* gain() const { return row(0); }
    const float* replace() const { return row(1); }
    const float* offset(int c) const { return row(kMaps + kOfChannel * c); }
    const float* sharp(int c) const { return row(kMaps + kOfChannel * c + 1); }
    const float* low(int c) const { return row(kMaps + kOfChannel * c + 2); }
    const float* high(int c) const { return row(kMaps + kOfChannel * c + 3); }
};

// Runs of full columns for which the gain is not 1 or something stands in, at one of four reduced pixels around.
inline std::vector<Run> touched(const Veil& veil, const Between& row, const Columns& columns) {
    const int w = veil.offset.width;
    std::vector<char> acts(w + 1);
    for (int y : {row.first, row.second}) {
        const float *gain = veil.gain + static_cast<int64_t>(y) * w, *stand_in = veil.replace + static_cast<int64_t>(y) * w;
        for (int x = 0; x < w; ++x) acts[x] |= gain[x] != 1.0f || stand_in[x] != 0.0f;
    }
    std::vector<Run> runs;
    for (int x = 0; x < columns.size(); ++x) {
        if (!acts[columns.first(x)] && !acts[columns.first(x) + 1]) continue;
        if (runs.empty() || runs.back().end < x) runs.push_back({x, x});
        runs.back().end = x + 1;
    }
    return runs;
}

inline void clean_row(const UnveilRows& loops, const UnveilRow& row, float, float* value) { loops.clean(row, value); }
inline void clean_row(const UnveilRows& loops, const UnveilRow& row, float unit, int16_t* value) {
    loops.clean_fixed(row, unit, value);
}
inline void put_row(const UnveilRows&, const float* value, int count, float, float* dst) { std::copy_n(value, count, dst); }
inline void put_row(const UnveilRows& loops, const float* value, int count, float unit, int16_t* dst) {
    loops.to_fixed(value, count, unit, dst);
}

struct UnveilLoops {
    const Rows& rows;
    const UnveilRows& unveil;
};

// Takes the veil off rows of a picture; pixels that nothing is done to are left as they are, to the bit. One per thread.
template <class Value>
class RowUnveil {
    static constexpr int kBlock = 64;
    const UnveilLoops loops_;
    const PlanesOf<Value> picture_;
    const float unit_;
    const Veil veil_;
    Columns columns_;
    std::vector<Run> runs_;
    VeilMapRows maps_;
    Between before_{-1, -1, 0};
    float gain_[kBlock], replace_[kBlock], offset_[kBlock], sharp_[kBlock], low_[kBlock], high_[kBlock];

    Run of_maps(const Run& full) const {
        return {columns_.first(full.first), std::min(columns_.first(full.end - 1) + 2, veil_.offset.width)};
    }
    void expand(const float* map, const Run& at, float* dst) const {
        columns_.expand(loops_.rows, map, at.first, at.end, dst);
    }
    bool stands_in(const Run& at) const {  // the fused picture, and nothing of the frame
        const Run between = of_maps(at);
        const float* replace = maps_.replace();
        return std::all_of(replace + between.first, replace + between.end, [](float share) { return share == 1.0f; });
    }
    void clean_channel(int c, int y, const Run& at) {
        expand(maps_.offset(c), at, offset_);
        expand(maps_.sharp(c), at, sharp_);
        expand(maps_.low(c), at, low_);
        expand(maps_.high(c), at, high_);
        const UnveilRow row = {at.end - at.first, gain_, replace_, offset_, sharp_, low_, high_};
        clean_row(loops_.unveil, row, unit_, picture_.row(c, y) + at.first);
    }
    void replace_channel(int c, int y, const Run& at) {
        expand(maps_.sharp(c), at, sharp_);
        put_row(loops_.unveil, sharp_, at.end - at.first, unit_, picture_.row(c, y) + at.first);
    }
    void clean_block(int y, const Run& at) {
        const bool all = stands_in(at);
        if (!all) expand(maps_.gain(), at, gain_), expand(maps_.replace(), at, replace_);
        for (int c = 0; c < picture_.channels; ++c) all ? replace_channel(c, y, at) : clean_channel(c, y, at);
    }

public:
    RowUnveil(const UnveilLoops& loops, const PlanesOf<Value>& picture, float unit, const Veil& veil)
        : loops_(loops), picture_(picture), unit_(unit), veil_(veil) {
        if (!veil.gain) return;
        for (int x = 0; x < picture.width; ++x) columns_.add(between(x, veil.scale, veil.offset.width));
    }

    void clean(int y) {
        if (!veil_.gain) return;
        const Between row = between(y, veil_.scale, veil_.offset.height);
        if (row.first != before_.first || row.second != before_.second) runs_ = touched(veil_, row, columns_);
        before_ = row;
        for (const Run& run : runs_) {
            maps_.fill(veil_, row, of_maps(run));
            for (int x = run.first; x < run.end; x += kBlock) clean_block(y, {x, std::min(run.end, x + kBlock)});
        }
    }
};

inline void unveil(const UnveilLoops& loops, Planes picture, const Veil& veil, int threads) {
    parallel_strips(picture.height, 32, threads, [&](int y0, int y1) {
        RowUnveil<float> strip(loops, picture, 1.0f, veil);
        for (int y = y0; y < y1; ++y) strip.clean(y);
    });
}

}  // namespace focusstack
