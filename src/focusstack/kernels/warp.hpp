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
void copy_shifted(const TwoPassRows& two_pass, const Source<Code>& s, const Projection& m, Planes dst, const Clipping& clipping, int threads) {
    const int dx = static_cast<int>(m.m[2]), dy = static_cast<int>(m.m[5]);
    parallel_strips(dst.height, 64, threads, [&](int y0, int y1) {
        for (int y = y0; y < y1; ++y) {
            const Code* row = s.data + static_cast<int64_t>(clamp_index(y + dy, s.height)) * s.width * s.channels;
            for (int c = 0; c < s.channels; ++c) {
                float* d = dst.row(c, y);
                for (int x = 0; x < dst.width; ++x)
                    d[x] = value_of(s, c, row[static_cast<int64_t>(clamp_index(x + dx, s.width)) * s.channels + c]);
            }
        }
        clipping.look(two_pass, dst, y0, y1);
    });
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

template <class Code>
void warp(const Rows& rows, const TwoPassRows& two_pass, const Source<Code>& s, const double* matrix, Planes dst,
          const Clipping& clipping, int threads) {
    const Projection m{matrix};
    if (m.is_whole_shift()) return copy_shifted(two_pass, s, m, dst, clipping, threads);
    const TapTables tables = {lanczos_table().weights8.data(), lanczos_table().drifting.data()};
    Upright upright;
    if (upright.from(m)) return warp_upright(two_pass, s, upright, tables, dst, clipping, threads);
    parallel_strips(dst.height, 64, threads, [&](int y0, int y1) {
        warp_strip(rows, s, m, dst, y0, y1);
        clipping.look(two_pass, dst, y0, y1);
    });
}

}  // namespace focusstack
