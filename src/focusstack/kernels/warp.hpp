// Resamples a frame onto the canvas: source codes -> values (by table) -> Lanczos-3 -> planar float32.
#pragma once
#include <cmath>
#include <memory>
#include <type_traits>
#include <vector>

#include "fixed_band_rows.hpp"
#include "fixed_warp.hpp"
#include "lanczos.hpp"
#include "parallel.hpp"
#include "pyramid.hpp"
#include "rows.hpp"
#include "source.hpp"
#include "two_pass.hpp"
#include "unveil_rows.hpp"

namespace focusstack {

struct WarpLoops {
    const Rows& rows;
    const TwoPassRows& two_pass;
    const FixedRows& fixed;
    const FixedBandRows& fixed_band;
    const UnveilRows& unveil;
};

template <class Code>
void unpack_row(const Source<Code>& s, int y, int lanes, float* dst) {  // lanes: 1 or 4 floats per pixel
    const Code* p = s.data + static_cast<int64_t>(y) * s.width * s.channels;
    float* d = dst + kPad * lanes;
    for (int x = 0; x < s.width; ++x, p += s.channels, d += lanes)
        for (int c = 0; c < s.channels; ++c) d[c] = value_of(s, c, p[c]);
    const float *first = dst + kPad * lanes, *last = dst + (kPad + s.width - 1) * lanes;
    for (int k = 0; k < kPad; ++k)
        for (int c = 0; c < lanes; ++c) {
            dst[k * lanes + c] = first[c];
            dst[(kPad + s.width + k) * lanes + c] = last[c];
        }
}

template <class Code>
void copy_shifted(const Source<Code>& s, const Projection& m, Planes dst, int y0, int y1) {
    const int dx = static_cast<int>(m.m[2]), dy = static_cast<int>(m.m[5]);
    for (int y = y0; y < y1; ++y) {
        const Code* row = s.data + static_cast<int64_t>(clamp_index(y + dy, s.height)) * s.width * s.channels;
        for (int c = 0; c < s.channels; ++c) {
            float* d = dst.row(c, y);
            for (int x = 0; x < dst.width; ++x)
                d[x] = value_of(s, c, row[static_cast<int64_t>(clamp_index(x + dx, s.width)) * s.channels + c]);
        }
    }
}

// Rows of the source that rows [y0, y1) of the canvas look at.
inline void source_rows(const Projection& m, int width, int y0, int y1, int height, int* first, int* last) {
    float low = 1e30f, high = -1e30f;
    for (int y : {y0, y1 - 1})
        for (int x : {0, width - 1}) {
            float sx, sy;
            m.at(x, y, &sx, &sy);
            low = sy < low ? sy : low;
            high = sy > high ? sy : high;
        }
    const float bottom = static_cast<float>(height);  // the same limits that the resampling keeps to
    if (!(low <= high)) low = -1.0f, high = bottom;   // a transform that makes no sense: any row may do
    low = std::fmin(std::fmax(low, -1.0f), bottom);
    high = std::fmin(std::fmax(high, -1.0f), bottom);
    *first = clamp_index(static_cast<int>(std::floor(low)) - 3, height);
    *last = clamp_index(static_cast<int>(std::floor(high)) + 4, height);
}

template <class Code>
void warp_strip(const Rows& rows, const Source<Code>& s, const Projection& m, Planes dst, int y0, int y1) {
    const LanczosTable& table = lanczos_table();
    const int lanes = s.channels == 1 ? 1 : 4;
    int first, last;
    source_rows(m, dst.width, y0, y1, s.height, &first, &last);
    const int64_t stride = static_cast<int64_t>(s.width + 2 * kPad) * lanes;
    std::vector<float> buffer(stride * (last - first + 1) + 8);
    for (int y = first; y <= last; ++y) unpack_row(s, y, lanes, buffer.data() + (y - first) * stride);
    const SourceRows source = {buffer.data(), stride, first, last, s.width, s.height, table.weights.data(),
                               table.weights4.data()};
    std::vector<float> sx(dst.width), sy(dst.width);
    for (int y = y0; y < y1; ++y) {
        m.row(y, dst.width, sx.data(), sy.data());
        if (lanes == 4)
            rows.resample4(source, sx.data(), sy.data(), dst.width, dst.row(0, y), dst.row(1, y), dst.row(2, y));
        else
            rows.resample1(source, sx.data(), sy.data(), dst.width, dst.row(0, y));
    }
}

// The way that suits a transform, a few rows of the canvas at a time. One per thread.
template <class Code>
class RowWarp {
    const WarpLoops loops_;
    const Source<Code>& source_;
    const Projection map_;
    const Planes dst_;
    const Clipping clipping_;
    const bool shifted_;
    Upright upright_;
    const bool is_upright_;
    UprightTile<Code> tile_;
    std::unique_ptr<FixedTile<float>> fixed_;  // if that is the way

    static TapTables tables() { return {lanczos_table().weights8.data(), lanczos_table().drifting.data()}; }

    void try_fixed() {
        if constexpr (std::is_same_v<Code, uint8_t>) {
            if (shifted_ || !is_upright_) return;
            fixed_ = std::make_unique<FixedTile<float>>(loops_.fixed, source_, upright_, dst_, clipping_);
            if (!fixed_->suits()) fixed_.reset();
        }
    }

public:
    RowWarp(const WarpLoops& loops, const Source<Code>& source, const double* matrix, Planes dst,
            const Clipping& clipping)
        : loops_(loops), source_(source), map_{matrix}, dst_(dst), clipping_(clipping),
          shifted_(map_.is_whole_shift()), is_upright_(upright_.from(map_)),
          tile_(loops.two_pass, source, upright_, tables(), dst, clipping_) {
        try_fixed();
    }
    RowWarp(const RowWarp&) = delete;

    void make(int y0, int y1) {
        if (fixed_) return warp_tiles(*fixed_, dst_.width, y0, y1);
        if (!shifted_ && is_upright_) return warp_tiles(tile_, dst_.width, y0, y1);
        if (shifted_)
            copy_shifted(source_, map_, dst_, y0, y1);
        else
            warp_strip(loops_.rows, source_, map_, dst_, y0, y1);
        clipping_.look(dst_, y0, y1);
    }
};

constexpr int kStripRows = 64;

template <class Code>
void warp(const WarpLoops& loops, const Source<Code>& s, const double* matrix, Planes dst, const Clipping& clipping,
          int threads) {
    parallel_strips(dst.height, kStripRows, threads, [&](int y0, int y1) {
        RowWarp<Code> strip(loops, s, matrix, dst, clipping);
        strip.make(y0, y1);
    });
}

}  // namespace focusstack
