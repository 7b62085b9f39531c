// Sixteen numbers of 16 bits that live in registers; every build gives the same bits.
#pragma once
#if defined(__AVX2__)
#include <immintrin.h>
#endif

#include <cstdint>

#include "eight.hpp"

namespace focusstack {

#if defined(__AVX2__)
struct Sixteen {
    __m256i v;
};
ALWAYS_INLINE Sixteen load16(const int16_t* p) { return {_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p))}; }
ALWAYS_INLINE void store16(int16_t* p, const Sixteen& a) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), a.v); }
ALWAYS_INLINE Sixteen all16(int16_t value) { return {_mm256_set1_epi16(value)}; }
ALWAYS_INLINE Sixteen operator+(const Sixteen& a, const Sixteen& b) { return {_mm256_add_epi16(a.v, b.v)}; }
// kept to what sixteen bits hold
ALWAYS_INLINE Sixteen saturated_sum(const Sixteen& a, const Sixteen& b) { return {_mm256_adds_epi16(a.v, b.v)}; }
ALWAYS_INLINE Sixteen operator-(const Sixteen& a, const Sixteen& b) { return {_mm256_sub_epi16(a.v, b.v)}; }
ALWAYS_INLINE Sixteen within(const Sixteen& a, const Sixteen& low, const Sixteen& high) {
    return {_mm256_max_epi16(low.v, _mm256_min_epi16(high.v, a.v))};
}
// a b / 2^15, rounded
ALWAYS_INLINE Sixteen operator*(const Sixteen& a, const Sixteen& b) { return {_mm256_mulhrs_epi16(a.v, b.v)}; }
ALWAYS_INLINE __m256 scaled(const __m128i& half, float scale) {
    return _mm256_mul_ps(_mm256_cvtepi32_ps(_mm256_cvtepi16_epi32(half)), _mm256_set1_ps(scale));
}
ALWAYS_INLINE void store_scaled(float* dst, const Sixteen& a, float scale) {
    _mm256_storeu_ps(dst, scaled(_mm256_castsi256_si128(a.v), scale));
    _mm256_storeu_ps(dst + 8, scaled(_mm256_extracti128_si256(a.v, 1), scale));
}
ALWAYS_INLINE void store_squared(float* dst, const Sixteen& a, float scale) {
    const __m256 low = scaled(_mm256_castsi256_si128(a.v), scale);
    const __m256 high = scaled(_mm256_extracti128_si256(a.v, 1), scale);
    _mm256_storeu_ps(dst, _mm256_mul_ps(low, low));
    _mm256_storeu_ps(dst + 8, _mm256_mul_ps(high, high));
}
// a0 b0 a1 b1 ..., in two
ALWAYS_INLINE void interleave(const Sixteen& a, const Sixteen& b, Sixteen* both) {
    const __m256i low = _mm256_unpacklo_epi16(a.v, b.v), high = _mm256_unpackhi_epi16(a.v, b.v);
    both[0].v = _mm256_permute2x128_si256(low, high, 0x20);
    both[1].v = _mm256_permute2x128_si256(low, high, 0x31);
}
#else
struct Sixteen {
    int16_t v[16];
};
inline Sixteen load16(const int16_t* p) {
    Sixteen a;
    for (int k = 0; k < 16; ++k) a.v[k] = p[k];
    return a;
}
inline void store16(int16_t* p, const Sixteen& a) {
    for (int k = 0; k < 16; ++k) p[k] = a.v[k];
}
inline Sixteen all16(int16_t value) {
    Sixteen a;
    for (int16_t& one : a.v) one = value;
    return a;
}
inline Sixteen operator+(const Sixteen& a, const Sixteen& b) {
    Sixteen sum;
    for (int k = 0; k < 16; ++k) sum.v[k] = static_cast<int16_t>(a.v[k] + b.v[k]);
    return sum;
}
inline Sixteen saturated_sum(const Sixteen& a, const Sixteen& b) {
    Sixteen sum;
    for (int k = 0; k < 16; ++k) {
        const int32_t exact = a.v[k] + b.v[k];
        sum.v[k] = static_cast<int16_t>(exact > INT16_MAX ? INT16_MAX : (exact < INT16_MIN ? INT16_MIN : exact));
    }
    return sum;
}
inline Sixteen operator-(const Sixteen& a, const Sixteen& b) {
    Sixteen difference;
    for (int k = 0; k < 16; ++k) difference.v[k] = static_cast<int16_t>(a.v[k] - b.v[k]);
    return difference;
}
inline Sixteen within(const Sixteen& a, const Sixteen& low, const Sixteen& high) {
    Sixteen kept;
    for (int k = 0; k < 16; ++k) kept.v[k] = a.v[k] < low.v[k] ? low.v[k] : (a.v[k] > high.v[k] ? high.v[k] : a.v[k]);
    return kept;
}
inline Sixteen operator*(const Sixteen& a, const Sixteen& b) {
    Sixteen product;
    for (int k = 0; k < 16; ++k)
        product.v[k] = static_cast<int16_t>((static_cast<int32_t>(a.v[k]) * b.v[k] + (1 << 14)) >> 15);
    return product;
}
inline void store_scaled(float* dst, const Sixteen& a, float scale) {
    for (int k = 0; k < 16; ++k) dst[k] = static_cast<float>(a.v[k]) * scale;
}
inline void store_squared(float* dst, const Sixteen& a, float scale) {
    store_scaled(dst, a, scale);
    for (int k = 0; k < 16; ++k) dst[k] = dst[k] * dst[k];
}
inline void interleave(const Sixteen& a, const Sixteen& b, Sixteen* both) {
    for (int k = 0; k < 16; ++k) {
        both[k / 8].v[2 * k % 16] = a.v[k];
        both[k / 8].v[2 * k % 16 + 1] = b.v[k];
    }
}
#endif

}  // namespace focusstack
