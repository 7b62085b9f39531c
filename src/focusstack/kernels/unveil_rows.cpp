// The row loops behind unveil_rows.hpp; compiled like rows.cpp.
#include "unveil_rows.hpp"

#include <cmath>

#include "fixed_rows.hpp"
#include "variant.hpp"

namespace focusstack {
namespace {

constexpr int kBlock = 64;
constexpr float kTop = 1.25f;  // of a value; what overshoots further is kept to it

inline float kept(float v, float top) {  // NaN becomes 0 too
    v = v > 0.0f ? v : 0.0f;
    return v < top ? v : top;
}

// The sRGB curve to linear light and back, right to 4e-6 of white, as sRGB sees it: the least largest error that
// polynomials of these degrees can have there.
inline float decode(float encoded) {
    const float v = kept(encoded, kTop);
    float p = -0.0559814498f;
    p = p * v + 0.305730969f;
    p = p * v - 0.714667201f;
    p = p * v + 0.960117161f;
    p = p * v - 0.887701094f;
    p = p * v + 0.872937024f;
    p = p * v + 0.483226091f;
    p = p * v + 0.0354835466f;
    p = p * v + 0.000849602278f;
    return v <= 0.04045f ? v * (1.0f / 12.92f) : p;
}

inline float encode(float light) {
    const float x = kept(light, kTop * kTop), q = std::sqrt(std::sqrt(x));  // over which the curve is smooth
    float p = 0.0485367738f;
    p = p * q - 0.247174531f;
    p = p * q + 0.554073215f;
    p = p * q - 0.776943445f;
    p = p * q + 1.33594251f;
    p = p * q + 0.145583272f;
    p = p * q - 0.0600172319f;
    return x <= 0.0031308f ? x * 12.92f : p;
}

inline int16_t fixed_of(float value, float per_unit) {
    constexpr float kWhole = 12582912.0f;  // 1.5 * 2^23: what is added to it is rounded to whole numbers
    float n = value * per_unit;
    n = n > static_cast<float>(kFixedLow) ? n : static_cast<float>(kFixedLow);
    n = n < static_cast<float>(kFixedHigh) ? n : static_cast<float>(kFixedHigh);
    return static_cast<int16_t>((n + kWhole) - kWhole);
}

template <int n>  // pixels, or 0 for `count` of them
void clean_block(const UnveilRow& r, int x0, int count, float* RESTRICT value) {
    const float *RESTRICT gain = r.gain + x0, *RESTRICT replace = r.replace + x0, *RESTRICT offset = r.offset + x0;
    const float *RESTRICT sharp = r.sharp + x0, *RESTRICT low = r.low + x0, *RESTRICT high = r.high + x0;
    const int m = n ? n : count;
    float clean[kBlock];
    for (int i = 0; i < m; ++i) clean[i] = decode(value[i]) * gain[i] - offset[i];
    for (int i = 0; i < m; ++i) clean[i] = encode(clean[i]);
    for (int i = 0; i < m; ++i) {
        const float v = value[i], most = v > high[i] ? v : high[i], least = v < low[i] ? v : low[i];
        float c = clean[i] < most ? clean[i] : most;
        c = c > least ? c : least;
        c = c + replace[i] * (sharp[i] - c);
        value[i] = gain[i] == 1.0f && replace[i] == 0.0f ? v : c;
    }
}

void clean_some(const UnveilRow& r, int x0, int count, float* value) {
    count == kBlock ? clean_block<kBlock>(r, x0, kBlock, value) : clean_block<0>(r, x0, count, value);
}

void clean(const UnveilRow& r, float* value) {
    for (int x0 = 0; x0 < r.count; x0 += kBlock)
        clean_some(r, x0, r.count - x0 < kBlock ? r.count - x0 : kBlock, value + x0);
}

void to_fixed(const float* RESTRICT value, int count, float unit, int16_t* RESTRICT dst) {
    const float per_unit = 1.0f / unit;
    for (int x = 0; x < count; ++x) dst[x] = fixed_of(value[x], per_unit);
}

void clean_fixed(const UnveilRow& r, float unit, int16_t* value) {
    float block[kBlock];
    for (int x0 = 0; x0 < r.count; x0 += kBlock) {
        const int count = r.count - x0 < kBlock ? r.count - x0 : kBlock;
        for (int i = 0; i < count; ++i) block[i] = static_cast<float>(value[x0 + i]) * unit;
        clean_some(r, x0, count, block);
        to_fixed(block, count, unit, value + x0);
    }
}

}  // namespace

const UnveilRows& JOIN(unveil_rows_, ROWS_VARIANT)() {
    static const UnveilRows table = {clean, clean_fixed, to_fixed};
    return table;
}

}  // namespace focusstack
