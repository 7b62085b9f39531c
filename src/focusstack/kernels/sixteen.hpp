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
// a b / 2^15, rounded
ALWAYS_INLINE Sixteen operator*(const Sixteen& a, const Sixteen& b) { return {_mm256_mulhrs_epi16(a.v, b.v)}; }
ALWAYS_INLINE void store_scaled(float* dst, const Sixteen& a, float scale) {
    const __m128i halves[] = {_mm256_castsi256_si128(a.v), _mm256_extracti128_si256(a.v, 1)};
    for (int k = 0; k < 2; ++k) {
        const __m256 wide = _mm256_cvtepi32_ps(_mm256_cvtepi16_epi32(halves[k]));
        _mm256_storeu_ps(dst + 8 * k, _mm256_mul_ps(wide, _mm256_set1_ps(scale)));
    }
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
inline Sixteen operator*(const Sixteen& a, const Sixteen& b) {
    Sixteen product;
    for (int k = 0; k < 16; ++k)
        product.v[k] = static_cast<int16_t>((static_cast<int32_t>(a.v[k]) * b.v[k] + (1 << 14)) >> 15);
    return product;
}
inline void store_scaled(float* dst, const Sixteen& a, float scale) {
    for (int k = 0; k < 16; ++k) dst[k] = static_cast<float>(a.v[k]) * scale;
}
#endif

}  // namespace focusstack
