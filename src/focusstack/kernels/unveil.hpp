// Takes the veil of blurred near things off a frame, in linear light. Planar pictures.
#pragma once
#include <algorithm>
#include <cmath>
#include <vector>

#include "between.hpp"
#include "fixed_rows.hpp"
#include "parallel.hpp"
#include "pyramid.hpp"

namespace focusstack {

class SrgbTables {  // both directions of the sRGB curve, linearly interpolated
    static constexpr int kSize = 8192;
    static constexpr double kTop = 1.25;
    std::vector<float> decode_, encode_;

    static float at(const std::vector<float>& table, float position) {
        position = position > 0.0f ? position : 0.0f;  // NaN becomes 0 too
        position = position < kSize - 1 ? position : kSize - 1;
        const int i = std::min(static_cast<int>(position), kSize - 2);
        const float t = position - static_cast<float>(i);
        return table[i] + t * (table[i + 1] - table[i]);
    }

public:
    SrgbTables() : decode_(kSize), encode_(kSize) {
        for (int i = 0; i < kSize; ++i) {
            const double v = kTop * i / (kSize - 1);
            decode_[i] = static_cast<float>(v <= 0.04045 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4));
            const double x = v * v;  // the curve is smooth over the square root of light
            encode_[i] = static_cast<float>(x <= 0.0031308 ? 12.92 * x : 1.055 * std::pow(x, 1 / 2.4) - 0.055);
        }
    }
    float decode(float v) const { return at(decode_, v * static_cast<float>((kSize - 1) / kTop)); }
    float encode(float x) const {
        return at(encode_, std::sqrt(x > 0.0f ? x : 0.0f) * static_cast<float>((kSize - 1) / kTop));
    }
};

struct Veil {  // maps on a grid `scale` times coarser than the picture; without a gain there is no veil
    const float *gain, *replace;
    Planes offset, sharp, low, high;
    int scale;
};

inline Between between(int full, int scale, int size) {
    return between((static_cast<float>(full) - 0.5f * static_cast<float>(scale - 1)) / static_cast<float>(scale), size);
}

// Rows of all maps between two of their own, for the reduced columns that a run of full ones lies between.
class MapRows {
    static constexpr int kMaps = 2, kOfChannel = 4;  // gain and replace; offset, sharp, low and high per channel
    int first_ = 0, width_ = 0;
    std::vector<float> rows_;

    void blend(int i, const float* plane, int map_width, const Between& y) {
        const float* a = plane + static_cast<int64_t>(y.first) * map_width + first_;
        const float* b = plane + static_cast<int64_t>(y.second) * map_width + first_;
        float* row = rows_.data() + static_cast<int64_t>(i) * width_;
        blend_rows(a, b, y.share, width_, row);
    }

public:
    void fill(const Veil& veil, const Between& y, int first, int end) {
        const int w = veil.offset.width, channels = veil.offset.channels;
        first_ = first, width_ = end - first;
        rows_.resize(static_cast<size_t>(kMaps + kOfChannel * channels) * width_);
        blend(0, veil.gain, w, y);
        blend(1, veil.replace, w, y);
        for (int c = 0; c < channels; ++c) {
            const Planes* maps[] = {&veil.offset, &veil.sharp, &veil.low, &veil.high};
            for (int k = 0; k < kOfChannel; ++k) blend(kMaps + kOfChannel * c + k, maps[k]->row(c, 0), w, y);
        }
    }
    float at(int i, const Between& x) const {
        const float* row = rows_.data() + static_cast<int64_t>(i) * width_ - first_;
        return focusstack::blend(row, x);
    }
    float gain(const Between& x) const { return at(0, x); }
    float replace(const Between& x) const { return at(1, x); }
    float offset(int c, const Between& x) const { return at(kMaps + kOfChannel * c, x); }
    float sharp(int c, const Between& x) const { return at(kMaps + kOfChannel * c + 1, x); }
    float low(int c, const Between& x) const { return at(kMaps + kOfChannel * c + 2, x); }
    float high(int c, const Between& x) const { return at(kMaps + kOfChannel * c + 3, x); }
};

// Columns of the picture, from first to last, beside which something is done.
struct Run {
    int first, end;
};

// Runs of columns for which the gain is not 1 or something stands in, at one of four reduced pixels around.
inline std::vector<Run> touched(const Veil& veil, const Between& row, const std::vector<Between>& columns) {
    const int w = veil.offset.width;
    std::vector<char> acts(w);
    for (int y : {row.first, row.second}) {
        const float *gain = veil.gain + static_cast<int64_t>(y) * w, *stand_in = veil.replace + static_cast<int64_t>(y) * w;
        for (int x = 0; x < w; ++x) acts[x] |= gain[x] != 1.0f || stand_in[x] != 0.0f;
    }
    std::vector<Run> runs;
    for (int x = 0; x < static_cast<int>(columns.size()); ++x) {
        if (!acts[columns[x].first] && !acts[columns[x].second]) continue;
        if (runs.empty() || runs.back().end < x) runs.push_back({x, x});
        runs.back().end = x + 1;
    }
    return runs;
}

inline void put(float& there, float value, float) { there = value; }
inline void put(int16_t& there, float value, float unit) {
    const float kept = std::min(std::max(value / unit, static_cast<float>(kFixedLow)), static_cast<float>(kFixedHigh));
    there = static_cast<int16_t>(std::lround(kept));
}

template <class Value>  // in `unit`
void unveil_pixel(const SrgbTables& srgb, const PlanesOf<Value>& picture, float unit, const MapRows& maps, int y,
                  const Between& column, int x) {
    const float gain = maps.gain(column), replace = maps.replace(column);
    if (gain == 1.0f && replace == 0.0f) return;
    for (int c = 0; c < picture.channels; ++c) {
        Value& there = picture.row(c, y)[x];
        const float value = static_cast<float>(there) * unit;
        float clean = srgb.encode(srgb.decode(value) * gain - maps.offset(c, column));
        clean = std::min(clean, std::max(value, maps.high(c, column)));
        clean = std::max(clean, std::min(value, maps.low(c, column)));
        put(there, clean + replace * (maps.sharp(c, column) - clean), unit);
    }
}

inline const SrgbTables& srgb_tables() {
    static const SrgbTables tables;
    return tables;
}

// Takes the veil off rows of a picture; pixels that nothing is done to are left as they are, to the bit. One per thread.
template <class Value>
class RowUnveil {
    const SrgbTables& srgb_;
    const PlanesOf<Value> picture_;
    const float unit_;
    const Veil veil_;
    std::vector<Between> columns_;
    std::vector<Run> runs_;
    MapRows maps_;
    Between before_{-1, -1, 0};

public:
    RowUnveil(const PlanesOf<Value>& picture, float unit, const Veil& veil)
        : srgb_(srgb_tables()), picture_(picture), unit_(unit), veil_(veil) {
        if (!veil.gain) return;
        for (int x = 0; x < picture.width; ++x) columns_.push_back(between(x, veil.scale, veil.offset.width));
    }

    void clean(int y) {
        if (!veil_.gain) return;
        const Between row = between(y, veil_.scale, veil_.offset.height);
        if (row.first != before_.first || row.second != before_.second) runs_ = touched(veil_, row, columns_);
        before_ = row;
        for (const Run& run : runs_) {
            maps_.fill(veil_, row, columns_[run.first].first, columns_[run.end - 1].second + 1);
            for (int x = run.first; x < run.end; ++x) unveil_pixel(srgb_, picture_, unit_, maps_, y, columns_[x], x);
        }
    }
};

inline void unveil(Planes picture, const Veil& veil, int threads) {
    parallel_strips(picture.height, 32, threads, [&](int y0, int y1) {
        RowUnveil<float> strip(picture, 1.0f, veil);
        for (int y = y0; y < y1; ++y) strip.clean(y);
    });
}

}  // namespace focusstack
