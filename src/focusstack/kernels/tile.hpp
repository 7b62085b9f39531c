// A tile of the canvas between the two passes of the warp: along the source's rows, then along the canvas's columns.
#pragma once
#include <algorithm>
#include <cmath>
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

template <class Code, class Value, int kLanes, class Out = float>  // kLanes Values are worked on at once
class Tile {
protected:
    static constexpr int kMostChannels = 3;
    const Source<Code>& source_;
    const Upright m_;
    const PlanesOf<Out> dst_;
    const ClippingOf<Out>& clipping_;
    int x0_ = 0, width_ = 0, blocks_ = 0;
    Span across_{}, down_{};
    std::vector<Value> segment_, between_;
    std::vector<Out> line_;
    std::vector<const Value*> seen_;

    Tile(const Source<Code>& source, const Upright& m, PlanesOf<Out> dst, const ClippingOf<Out>& clipping)
        : source_(source), m_(m), dst_(dst), clipping_(clipping) {}

    int rows_between() const { return down_.last - down_.first + 1; }
    Value* between(int c, int v) {
        return between_.data() + (static_cast<int64_t>(c) * rows_between() + (v - down_.first)) * kLanes * blocks_;
    }

    void begin(int x0, int x1, int y0, int y1) {  // what the tile needs of the source, and room for it
        x0_ = x0, width_ = x1 - x0, blocks_ = (width_ + kLanes - 1) / kLanes;
        down_ = reach(m_.c * x0 + m_.d * y0 + m_.top, m_.c, kLanes * blocks_, m_.d, y1 - y0, source_.height);
        const double start = m_.a * x0 + m_.lean * down_.first + m_.left;
        across_ = reach(start, m_.a, kLanes * blocks_, m_.lean, rows_between(), source_.width);
        between_.resize(static_cast<size_t>(source_.channels) * rows_between() * kLanes * blocks_);
        line_.resize(static_cast<size_t>(source_.channels) * kLanes * blocks_);
        seen_.clear();
        for (int c = 0; c < source_.channels; ++c)
            for (int v = down_.first; v <= down_.last; ++v) seen_.push_back(between(c, clamp_index(v, source_.height)));
    }

    template <class Across>  // given where row y starts in the source, the rows between by channel, and where to
    void row(int y, const Across& across) {
        const Value* const* seen[kMostChannels];
        Out* out[kMostChannels];
        const bool whole = width_ == kLanes * blocks_;
        for (int c = 0; c < source_.channels; ++c) {
            seen[c] = seen_.data() + c * rows_between() - down_.first - (kTaps / 2 - 1);
            out[c] = whole ? dst_.row(c, y) + x0_ : line_.data() + static_cast<int64_t>(c) * kLanes * blocks_;
        }
        across(m_.c * x0_ + m_.d * y + m_.top, seen, out);
        for (int c = 0; c < source_.channels; ++c) {
            if (!whole) std::copy_n(out[c], width_, dst_.row(c, y) + x0_);
            clipping_.look(dst_, c, y, x0_, x0_ + width_);
        }
    }
};

constexpr int kTileColumns = 256;

template <class OneTile>
void warp_tiles(OneTile& tile, int width, int y0, int y1) {
    for (int x0 = 0; x0 < width; x0 += kTileColumns) tile.warp(x0, std::min(width, x0 + kTileColumns), y0, y1);
}

}  // namespace focusstack
