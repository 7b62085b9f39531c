// Resamples a frame onto the canvas: source codes -> values (by table) -> Lanczos-3 -> planar float32.
#pragma once
#include <cmath>
#include <vector>

#include "parallel.hpp"
#include "pyramid.hpp"
#include "rows.hpp"
#include "source.hpp"
#include "two_pass.hpp"

namespace focusstack {

struct LanczosTable {
    std::vector<float> weights, weights4, weights8, drifting;

    LanczosTable()
        : weights(kPhases * kTaps), weights4(kPhases * kTaps * 4), weights8(kPhases * kTableTaps),
          drifting((kDriftPhases + 1) * 2 * kTableTaps) {
        for (int p = 0; p < kPhases; ++p) {
            const Taps now = taps(static_cast<double>(p) / kPhases);
            for (int t = 0; t < kTaps; ++t) {
                weights[p * kTaps + t] = weights8[p * kTableTaps + t] = static_cast<float>(now.weight[t]);
                for (int k = 0; k < 4; ++k) weights4[(p * kTaps + t) * 4 + k] = weights[p * kTaps + t];
            }
        }
        for (int p = 0; p <= kDriftPhases; ++p) fill_drifting(p);
    }

private:
    struct Taps {
        double weight[kTaps];
    };

    static Taps taps(double phase) {
        Taps w;
        double total = 0;
        for (int t = 0; t < kTaps; ++t) total += w.weight[t] = lanczos3(t - 2 - phase);
        for (double& one : w.weight) one /= total;
        return w;
    }

    void fill_drifting(int p) {
        constexpr double step = 1e-4;
        const double phase = static_cast<double>(p) / kDriftPhases;
        const Taps before = taps(phase - step), now = taps(phase), after = taps(phase + step);
        float* entry = drifting.data() + p * 2 * kTableTaps;
        for (int t = 0; t < kTaps; ++t) {
            entry[t] = static_cast<float>(now.weight[t]);
            entry[kTableTaps + t] = static_cast<float>((after.weight[t] - before.weight[t]) / (2 * step));
        }
    }

    static double lanczos3(double x) {
        if (x == 0) return 1;
        if (std::abs(x) >= 3 || x == std::floor(x)) return 0;
        const double a = 3.14159265358979323846 * x;
        return 3 * std::sin(a) * std::sin(a / 3) / (a * a);
    }
};

inline const LanczosTable& lanczos_table() {
    static const LanczosTable table;
    return table;
}

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
    const Rows& rows_;
    const TwoPassRows& two_pass_;
    const Source<Code>& source_;
    const Projection map_;
    const Planes dst_;
    const Clipping clipping_;
    const bool shifted_;
    Upright upright_;
    const bool is_upright_;
    UprightTile<Code> tile_;

    static TapTables tables() { return {lanczos_table().weights8.data(), lanczos_table().drifting.data()}; }

public:
    RowWarp(const Rows& rows, const TwoPassRows& two_pass, const Source<Code>& source, const double* matrix, Planes dst,
            const Clipping& clipping)
        : rows_(rows), two_pass_(two_pass), source_(source), map_{matrix}, dst_(dst), clipping_(clipping),
          shifted_(map_.is_whole_shift()), is_upright_(upright_.from(map_)),
          tile_(two_pass, source, upright_, tables(), dst, clipping_) {}
    RowWarp(const RowWarp&) = delete;

    void make(int y0, int y1) {
        if (!shifted_ && is_upright_) return warp_upright(tile_, dst_.width, y0, y1);
        if (shifted_)
            copy_shifted(source_, map_, dst_, y0, y1);
        else
            warp_strip(rows_, source_, map_, dst_, y0, y1);
        clipping_.look(two_pass_, dst_, y0, y1);
    }
};

constexpr int kStripRows = 64;

template <class Code>
void warp(const Rows& rows, const TwoPassRows& two_pass, const Source<Code>& s, const double* matrix, Planes dst,
          const Clipping& clipping, int threads) {
    parallel_strips(dst.height, kStripRows, threads, [&](int y0, int y1) {
        RowWarp<Code> strip(rows, two_pass, s, matrix, dst, clipping);
        strip.make(y0, y1);
    });
}

}  // namespace focusstack
