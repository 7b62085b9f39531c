// The warp of frames that lie nearly upright: along the source's rows first, then along the canvas's columns.
#pragma once
#include <cmath>
#include <cstring>
#include <vector>

#include "parallel.hpp"
#include "pyramid.hpp"
#include "rows.hpp"
#include "source.hpp"

namespace focusstack {

struct Upright {  // source x = a x + lean v + left on source row v, source y = c x + d y + top
    double a, lean, left, c, d, top;

    static constexpr double kMostLean = 0.05, kMostMagnified = 0.1;

    // False where the canvas is not nearly upright in the source.
    bool from(const Projection& p) {
        const double* m = p.m;
        if (m[6] != 0 || m[7] != 0 || !(m[8] != 0)) return false;
        const double w = 1.0 / m[8];
        c = m[3] * w, d = m[4] * w, top = m[5] * w;
        if (!(std::abs(d - 1) <= kMostMagnified && std::abs(c) <= kMostLean)) return false;
        lean = m[1] * w / d, a = m[0] * w - lean * c, left = m[2] * w - lean * top;
        return std::abs(a - 1) <= kMostMagnified && std::abs(lean) <= kMostLean && std::abs(left) < 1e9 &&
               std::abs(top) < 1e9;
    }
};

struct TapTables {
    const float* by_phase;  // kPhases x kTableTaps
    const float* drifting;  // as in Drift
};

struct Span {
    int first, last;
};

// Whole pixels that a linear function comes to between two ends of x and of y, with the kernel's reach.
inline Span reach(double at, double by_x, int width, double by_y, int height, int limit) {
    const double x = by_x * (width - 1), y = by_y * (height - 1);
    const double low = at + std::fmin(x, 0) + std::fmin(y, 0), high = at + std::fmax(x, 0) + std::fmax(y, 0);
    const auto whole = [&](double v) { return static_cast<int>(std::floor(std::fmin(std::fmax(v, -1), limit))); };
    return {whole(low) - kTaps / 2, whole(high) + kTaps / 2 + 2};
}

constexpr double kMostDrift = 1.0 / 256;  // per pixel: within a block, linear taps are then right to 1e-4

template <class Code>
class UprightTile {  // room for, and the way of, one tile of the canvas
    static constexpr int kSlack = 16, kMostChannels = 3;
    const TwoPassRows& rows_;
    const Source<Code>& source_;
    const Upright m_;
    const float *table_, *drifting_;
    const Planes dst_;
    const Clipping& clipping_;
    int x0_ = 0, width_ = 0, blocks_ = 0;
    Span across_{}, down_{};
    std::vector<float> segment_, between_, line_;
    std::vector<int32_t> position_;
    std::vector<TapBlock> taps_;
    std::vector<const float*> seen_;

    int rows_between() const { return down_.last - down_.first + 1; }
    float* between(int c, int v) {
        return between_.data() + (static_cast<int64_t>(c) * rows_between() + (v - down_.first)) * 8 * blocks_;
    }

    void place(double start, double step, int limit, int stride) {
        rows_.positions(start, step, limit, 8 * blocks_, position_.data());
        rows_.place(position_.data(), blocks_, stride, table_, taps_.data());
    }

    // Whether no position of a row has to be kept to the limits.
    bool inside(double start, double step, int limit) const {
        const double end = start + step * (8 * blocks_);
        return std::fmin(start, end) >= -1 && std::fmax(start, end) <= limit;
    }

    // Where taps are placed anew when it changes, the shift of a row keeps to a coarse grid.
    double coarse_shift(int v) const {
        const double grid = std::abs(m_.lean) <= kMostDrift ? 256 : 2 * kPhases;
        return std::floor(m_.lean * v * grid + 0.5) / grid;
    }

    void along() {
        const int64_t length = across_.last - across_.first + 1 + kSlack;
        segment_.resize(length * source_.channels);
        const float* from[kMostChannels];
        for (int c = 0; c < source_.channels; ++c) from[c] = segment_.data() + c * length - across_.first;
        double placed = NAN;
        for (int v = std::max(0, down_.first); v <= std::min(down_.last, source_.height - 1); ++v) {
            unpack(source_, v, across_.first, static_cast<int>(length), segment_.data());
            float* to[kMostChannels];
            for (int c = 0; c < source_.channels; ++c) to[c] = between(c, v);
            const double start = m_.a * x0_ + m_.left;
            if (std::abs(m_.a - 1) <= kMostDrift && inside(start + m_.lean * v, m_.a, source_.width)) {
                rows_.along_drifting(from, source_.channels, {start + m_.lean * v, m_.a, drifting_}, blocks_, to);
                continue;
            }
            const double shift = coarse_shift(v);
            if (shift != placed) place(start + shift, m_.a, source_.width, 1);
            placed = shift;
            for (int c = 0; c < source_.channels; ++c) rows_.along(from[c], taps_.data(), blocks_, to[c]);
        }
    }

    void across(int y, float* const* out) {
        const float* const* seen[kMostChannels];
        for (int c = 0; c < source_.channels; ++c)
            seen[c] = seen_.data() + c * rows_between() - down_.first - (kTaps / 2 - 1);
        const double start = m_.c * x0_ + m_.d * y + m_.top;
        if (std::abs(m_.c) <= kMostDrift && inside(start, m_.c, source_.height))
            return rows_.across_drifting(seen, source_.channels, {start, m_.c, drifting_}, blocks_, out);
        place(start, m_.c, source_.height, 0);
        for (int c = 0; c < source_.channels; ++c) rows_.across(seen[c], taps_.data(), blocks_, out[c]);
    }

    void row(int y) {
        float* out[kMostChannels];
        const bool whole = width_ == 8 * blocks_;
        for (int c = 0; c < source_.channels; ++c)
            out[c] = whole ? dst_.row(c, y) + x0_ : line_.data() + static_cast<int64_t>(c) * 8 * blocks_;
        across(y, out);
        for (int c = 0; c < source_.channels; ++c) {
            if (!whole) std::memcpy(dst_.row(c, y) + x0_, out[c], sizeof(float) * width_);
            clipping_.look(rows_, dst_, c, y, x0_, x0_ + width_);
        }
    }

public:
    UprightTile(const TwoPassRows& rows, const Source<Code>& source, const Upright& m, const TapTables& tables,
                Planes dst, const Clipping& clipping)
        : rows_(rows), source_(source), m_(m), table_(tables.by_phase), drifting_(tables.drifting), dst_(dst), clipping_(clipping) {}

    void warp(int x0, int x1, int y0, int y1) {
        x0_ = x0, width_ = x1 - x0, blocks_ = (width_ + 7) / 8;
        down_ = reach(m_.c * x0 + m_.d * y0 + m_.top, m_.c, 8 * blocks_, m_.d, y1 - y0, source_.height);
        const double start = m_.a * x0 + m_.lean * down_.first + m_.left;
        across_ = reach(start, m_.a, 8 * blocks_, m_.lean, rows_between(), source_.width);
        between_.resize(static_cast<size_t>(source_.channels) * rows_between() * 8 * blocks_);
        line_.resize(static_cast<size_t>(source_.channels) * 8 * blocks_);
        position_.resize(8 * blocks_);
        taps_.resize(blocks_);
        seen_.clear();
        for (int c = 0; c < source_.channels; ++c)
            for (int v = down_.first; v <= down_.last; ++v) seen_.push_back(between(c, clamp_index(v, source_.height)));
        along();
        for (int y = y0; y < y1; ++y) row(y);
    }
};

constexpr int kTileColumns = 256;

template <class Tile>
void warp_tiles(Tile& tile, int width, int y0, int y1) {
    for (int x0 = 0; x0 < width; x0 += kTileColumns) tile.warp(x0, std::min(width, x0 + kTileColumns), y0, y1);
}

}  // namespace focusstack
