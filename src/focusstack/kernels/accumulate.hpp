// One row of a band of one frame, scored and added to the state; for files of row loops only.
#pragma once
#include <cmath>
#include <type_traits>

#include "rows.hpp"
#include "variant.hpp"

namespace focusstack {
namespace {

// Ratios whose power is below 2^-27: what they add to a sum of weights of 1 or more is lost in rounding.
constexpr float kSmallestRatio[] = {7.4505806e-9f, 8.6316745e-5f, 9.2906806e-3f, 0.096388177f, 0.31046446f,
                                    0.55719337f};  // by squarings
constexpr float kSmallestPeak = 1e-30f;
constexpr int kBlock = 64;

// The score of n pixels from x0 on, handed on and then weighed by the prior.
template <int n, class Value>
void score(const BandRowOf<Value>& r, int x0, int count, float* RESTRICT now) {
    const float *RESTRICT energy = r.energy + x0, *RESTRICT variance = r.variance + x0;
    const int m = n ? n : count;
    for (int i = 0; i < m; ++i) {
        const float excess = energy[i] - 2.0f * variance[i];
        now[i] = ((excess > 0.0f ? excess : 0.0f) + 4.0f * variance[i]) * r.scale;
    }
    if (r.guide)
        for (int i = 0; i < m; ++i) now[i] = now[i] * std::sqrt(r.guide[x0 + i]);
    if (r.valid)
        for (int i = 0; i < m; ++i) now[i] = r.valid[x0 + i] ? now[i] : 0.0f;
    for (int i = 0; i < m; ++i) r.score[x0 + i] = now[i];
    if (r.prior)
        for (int i = 0; i < m; ++i) now[i] = now[i] * r.prior[x0 + i];
}

// Whether any pixel counts for anything beside the peak so far.
template <int n>
bool counts(const float* RESTRICT peak, const float* RESTRICT now, int count, float smallest) {
    const int m = n ? n : count;
    int any = 0;
    for (int i = 0; i < m; ++i) any |= now[i] >= smallest * peak[i];
    return any != 0;
}

template <int n, class Value>
void add_block(const BandRowOf<Value>& r, int x0, int count, const float* RESTRICT now) {
    float *RESTRICT peak = r.peak + x0, *RESTRICT weight = r.weight + x0;
    const float smallest = kSmallestRatio[r.squarings];
    const int m = n ? n : count;
    float keep[kBlock], add[kBlock];
    for (int i = 0; i < m; ++i) {
        const float old = peak[i], top = old > now[i] ? old : now[i];
        const float inverse = 1.0f / (top > kSmallestPeak ? top : kSmallestPeak);
        const float a = old * inverse, b = now[i] * inverse;
        peak[i] = top;
        keep[i] = a < smallest ? 0.0f : a;
        add[i] = b < smallest ? 0.0f : b;
    }
    for (int k = 0; k < r.squarings; ++k)
        for (int i = 0; i < m; ++i) {
            keep[i] = keep[i] * keep[i];
            add[i] = add[i] * add[i];
        }
    for (int i = 0; i < m; ++i) weight[i] = weight[i] * keep[i] + add[i];
    if (!std::is_same<Value, float>::value)
        for (int i = 0; i < m; ++i) add[i] = add[i] * r.unit;
    for (int c = 0; c < r.channels; ++c) {
        float* RESTRICT sum = r.sums[c] + x0;
        const Value* RESTRICT detail = r.detail[c] + x0;
        for (int i = 0; i < m; ++i) sum[i] = sum[i] * keep[i] + static_cast<float>(detail[i]) * add[i];
    }
}

template <int n, class Value>  // pixels, or 0 for `count` of them
void accumulate_block(const BandRowOf<Value>& r, int x0, int count) {
    float now[kBlock];
    score<n>(r, x0, count, now);
    if (r.peak && counts<n>(r.peak + x0, now, count, kSmallestRatio[r.squarings])) add_block<n>(r, x0, count, now);
}

template <class Value>
void accumulate_row(const BandRowOf<Value>& r) {
    int x0 = 0;
    for (; x0 + kBlock <= r.width; x0 += kBlock) accumulate_block<kBlock>(r, x0, kBlock);
    if (x0 < r.width) accumulate_block<0>(r, x0, r.width - x0);
}

}  // namespace
}  // namespace focusstack
