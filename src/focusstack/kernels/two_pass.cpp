// Row loops of the warp in two passes, along rows and then along columns; compiled like rows.cpp.
#if defined(__AVX2__)
#include <immintrin.h>
#endif

#include <cmath>

#include "clipped.hpp"
#include "eight.hpp"
#include "rows.hpp"
#include "variant.hpp"

namespace focusstack {
namespace {

void positions(double start, double step, int limit, int count, int32_t* RESTRICT position) {
    const double top = limit;
    for (int x = 0; x < count; ++x) {
        double at = start + step * x;
        at = at > -1.0 ? at : -1.0;
        at = at < top ? at : top;
        position[x] = static_cast<int32_t>((at + 1.0) * kPhases + 0.5) - kPhases;  // rounds, as nothing is below 0
    }
}

// Weights of eight pixels, one after another in `table`, sorted by tap.
ALWAYS_INLINE void sort_weights(const float* table, const EightInts& phase, float (*weight)[8]) {
#if defined(__AVX2__)  // moves the same bits about as the loop below
    __m256 w[8], pair[8], four[8];
    for (int k = 0; k < 8; ++k) w[k] = _mm256_loadu_ps(table + phase[k] * kTableTaps);
    for (int k = 0; k < 8; k += 2) {
        pair[k] = _mm256_unpacklo_ps(w[k], w[k + 1]);
        pair[k + 1] = _mm256_unpackhi_ps(w[k], w[k + 1]);
    }
    for (int k = 0; k < 8; k += 4)
        for (int j = 0; j < 2; ++j) {
            four[k + 2 * j] = _mm256_shuffle_ps(pair[k + j], pair[k + 2 + j], 0x44);
            four[k + 2 * j + 1] = _mm256_shuffle_ps(pair[k + j], pair[k + 2 + j], 0xEE);
        }
    for (int j = 0; j < 4; ++j) _mm256_storeu_ps(weight[j], _mm256_permute2f128_ps(four[j], four[4 + j], 0x20));
    for (int j = 0; j < 2; ++j) _mm256_storeu_ps(weight[4 + j], _mm256_permute2f128_ps(four[j], four[4 + j], 0x31));
#else
    for (int k = 0; k < 8; ++k)
        for (int j = 0; j < kTaps; ++j) weight[j][k] = table[phase[k] * kTableTaps + j];
#endif
}

void place(const int32_t* position, int count, int stride, const float* table, TapBlock* blocks) {
    int32_t along[8];
    for (int k = 0; k < 8; ++k) along[k] = stride * k;
    for (int i = 0; i < count; ++i) {
        TapBlock& b = blocks[i];
        const EightInts at = load8(position + 8 * i), whole = at >> kPhaseBits, moved = whole - load8(along);
        const EightInts phase = at & (kPhases - 1);
        sort_weights(table, phase, b.weight);
        store8(b.whole, whole);
        b.first = moved[0] < moved[7] ? moved[0] : moved[7];
        const EightInts beyond = moved - b.first;
        store8(b.later, -beyond);
        b.even = any8(beyond & ~1) == 0;
    }
}

inline Eight weighed(const Eight* tap, const TapBlock& b) {
    return ((tap[0] * load8(b.weight[0]) + tap[1] * load8(b.weight[1])) +
            (tap[2] * load8(b.weight[2]) + tap[3] * load8(b.weight[3]))) +
           (tap[4] * load8(b.weight[4]) + tap[5] * load8(b.weight[5]));
}

// The six taps of eight pixels, out of seven vectors: some pixels' taps begin one later.
inline Eight mixed(const Eight* near, const TapBlock& b) {
    Eight tap[kTaps];
    for (int j = 0; j < kTaps; ++j) tap[j] = select8(b.later, near[j + 1], near[j]);
    return weighed(tap, b);
}

void along_row(const float* RESTRICT src, const TapBlock* blocks, int count, float* RESTRICT dst) {
    for (int i = 0; i < count; ++i) {
        const TapBlock& b = blocks[i];
        Eight near[kTaps + 1];
        if (b.even) {
            for (int j = 0; j <= kTaps; ++j) near[j] = load8(src + b.first + j - 2);
            store8(dst + 8 * i, mixed(near, b));
            continue;
        }
        for (int j = 0; j < kTaps; ++j) {  // at the frame's edge, where positions stand still
            float tap[8];
            for (int k = 0; k < 8; ++k) tap[k] = src[b.whole[k] - 2 + j];
            near[j] = load8(tap);
        }
        store8(dst + 8 * i, weighed(near, b));
    }
}

void across_rows(const float* const* rows, const TapBlock* blocks, int count, float* RESTRICT dst) {
    for (int i = 0; i < count; ++i) {
        Eight near[kTaps + 1];
        for (int j = 0; j <= kTaps; ++j) near[j] = load8(rows[blocks[i].first + j] + 8 * i);
        store8(dst + 8 * i, mixed(near, blocks[i]));
    }
}

// Six taps of eight pixels, `whole` being the first pixel's tap number 2 (channel after channel the same).
struct Taps {
    Eight weight[kTaps];
    int32_t whole;
};

ALWAYS_INLINE Taps taps_about(const Drift& d, int block, double moving) {
    static const float kAway[8] = {-3.5f, -2.5f, -1.5f, -0.5f, 0.5f, 1.5f, 2.5f, 3.5f};
    const double middle = d.start + d.step * (8 * block) + 3.5 * (d.step - moving);
    const double whole = std::floor(middle), part = (middle - whole) * kDriftPhases;
    const int phase = static_cast<int>(part + 0.5);
    const float *w = d.table + phase * 2 * kTableTaps, *c = w + kTableTaps;
    const Eight away =
        load8(kAway) * static_cast<float>(d.step - moving) + static_cast<float>((part - phase) * (1.0 / kDriftPhases));
    Taps t;
    for (int j = 0; j < kTaps; ++j) t.weight[j] = away * c[j] + w[j];
    t.whole = static_cast<int32_t>(whole);
    return t;
}

inline Eight sum_of(const Eight* tap, const Taps& t) {
    return ((tap[0] * t.weight[0] + tap[1] * t.weight[1]) + (tap[2] * t.weight[2] + tap[3] * t.weight[3])) +
           (tap[4] * t.weight[4] + tap[5] * t.weight[5]);
}

void along_drifting(const float* const* src, int channels, const Drift& drift, int count, float* const* dst) {
    for (int i = 0; i < count; ++i) {
        const Taps t = taps_about(drift, i, 1.0);
        for (int c = 0; c < channels; ++c) {
            const float* s = src[c] + (t.whole - 2);
            Eight tap[kTaps];
            for (int j = 0; j < kTaps; ++j) tap[j] = load8(s + j);
            store8(dst[c] + 8 * i, sum_of(tap, t));
        }
    }
}

void across_drifting(const float* const* const* rows, int channels, const Drift& drift, int count, float* const* dst) {
    for (int i = 0; i < count; ++i) {
        const Taps t = taps_about(drift, i, 0.0);
        for (int c = 0; c < channels; ++c) {
            const float* const* r = rows[c] + t.whole;
            Eight tap[kTaps];
            for (int j = 0; j < kTaps; ++j) tap[j] = load8(r[j] + 8 * i);
            store8(dst[c] + 8 * i, sum_of(tap, t));
        }
    }
}

void clipped(const float* value, int count, float black, float white, uint8_t below, uint8_t above, uint8_t* mark) {
    mark_clipped(value, count, black, white, below, above, mark);
}

}  // namespace

const TwoPassRows& JOIN(two_pass_, ROWS_VARIANT)() {
    static const TwoPassRows table = {positions, place, along_row, across_rows, along_drifting, across_drifting,
                                      clipped};
    return table;
}

}  // namespace focusstack
