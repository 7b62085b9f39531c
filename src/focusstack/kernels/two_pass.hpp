// The warp of frames that lie nearly upright, in floats.
#pragma once
#include <cmath>
#include <vector>

#include "tile.hpp"

namespace focusstack {

struct TapTables {
    const float* by_phase;  // kPhases x kTableTaps
    const float* drifting;  // as in Drift
};

constexpr double kMostDrift = 1.0 / 256;  // per pixel: within a block, linear taps are then right to 1e-4

template <class Code>
class UprightTile : Tile<Code, float, 8> {
    using Base = Tile<Code, float, 8>;
    using Base::across_, Base::between, Base::blocks_, Base::down_, Base::kMostChannels, Base::m_;
    using Base::segment_, Base::source_, Base::x0_;
    static constexpr int kSlack = 16;
    const TwoPassRows& rows_;
    const float *table_, *drifting_;
    std::vector<int32_t> position_;
    std::vector<TapBlock> taps_;

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

    void across(double start, const float* const* const* seen, float* const* out) {
        if (std::abs(m_.c) <= kMostDrift && inside(start, m_.c, source_.height))
            return rows_.across_drifting(seen, source_.channels, {start, m_.c, drifting_}, blocks_, out);
        place(start, m_.c, source_.height, 0);
        for (int c = 0; c < source_.channels; ++c) rows_.across(seen[c], taps_.data(), blocks_, out[c]);
    }

public:
    UprightTile(const TwoPassRows& rows, const Source<Code>& source, const Upright& m, const TapTables& tables,
                Planes dst, const Clipping& clipping)
        : Base(source, m, dst, clipping), rows_(rows), table_(tables.by_phase), drifting_(tables.drifting) {}

    void warp(int x0, int x1, int y0, int y1) {
        this->begin(x0, x1, y0, y1);
        position_.resize(8 * blocks_);
        taps_.resize(blocks_);
        along();
        const auto mix = [this](double start, const float* const* const* seen, float* const* out) {
            across(start, seen, out);
        };
        for (int y = y0; y < y1; ++y) this->row(y, mix);
    }
};

}  // namespace focusstack
