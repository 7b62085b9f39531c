// Row loops of the warp in numbers of 16 bits; compiled like rows.cpp.
#include <cmath>

#include "fixed_rows.hpp"
#include "sixteen.hpp"
#include "variant.hpp"

namespace focusstack {
namespace {

#if defined(__AVX2__)
inline __m128i load_bytes(const void* p) { return _mm_loadu_si128(static_cast<const __m128i*>(p)); }

// Sixteen bytes of a channel of three.
inline __m128i channel_of(const uint8_t* src, int c) {
    // of each of three vectors the bytes of a channel, and where they go
    static const int8_t kPick[3][3][16] = {
        {{0, 3, 6, 9, 12, 15, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1},
         {-1, -1, -1, -1, -1, -1, 2, 5, 8, 11, 14, -1, -1, -1, -1, -1},
         {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 1, 4, 7, 10, 13}},
        {{1, 4, 7, 10, 13, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1},
         {-1, -1, -1, -1, -1, 0, 3, 6, 9, 12, 15, -1, -1, -1, -1, -1},
         {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 2, 5, 8, 11, 14}},
        {{2, 5, 8, 11, 14, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1},
         {-1, -1, -1, -1, -1, 1, 4, 7, 10, 13, -1, -1, -1, -1, -1, -1},
         {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 0, 3, 6, 9, 12, 15}}};
    __m128i codes = _mm_shuffle_epi8(load_bytes(src), load_bytes(kPick[c][0]));
    for (int k = 1; k < 3; ++k)
        codes = _mm_or_si128(codes, _mm_shuffle_epi8(load_bytes(src + 16 * k), load_bytes(kPick[c][k])));
    return codes;
}

inline __m256i words(const __m128i& low, const __m128i& high) {
    return _mm256_set_m128i(_mm_unpackhi_epi8(low, high), _mm_unpacklo_epi8(low, high));
}

inline Sixteen on_curve(const FixedCurve& curve, const __m128i& codes) {
    const __m128i nibble = _mm_set1_epi8(15), piece = _mm_and_si128(_mm_srli_epi16(codes, 4), nibble);
    const __m128i dark = _mm_cmpeq_epi8(piece, _mm_setzero_si128()), within = _mm_and_si128(codes, nibble);
    __m128i base[2], slope[2];
    for (int k = 0; k < 2; ++k) {
        slope[k] = _mm_shuffle_epi8(load_bytes(curve.slope[k]), piece);
        base[k] = _mm_blendv_epi8(_mm_shuffle_epi8(load_bytes(curve.base[k]), piece),
                                  _mm_shuffle_epi8(load_bytes(curve.darkest[k]), within), dark);
    }
    const __m256i along = _mm256_slli_epi16(_mm256_cvtepu8_epi16(_mm_andnot_si128(dark, within)), 15 - kSlopeBits);
    return Sixteen{words(base[0], base[1])} + Sixteen{along} * Sixteen{words(slope[0], slope[1])};
}
#endif

int unpack_many(const uint8_t* src, int channels, int count, const FixedCurve* curves, int16_t* const* dst) {
    int x = 0;
#if defined(__AVX2__)
    for (int c = 0; c < channels; ++c)
        if (!curves[c].in_pieces) return 0;
    for (; x + 16 <= count; x += 16)
        for (int c = 0; c < channels; ++c)
            store16(dst[c] + x, on_curve(curves[c], channels == 3 ? channel_of(src + 3 * x, c) : load_bytes(src + x)));
#else
    (void)src, (void)channels, (void)count, (void)curves, (void)dst;
#endif
    return x;
}

void unpack(const uint8_t* src, int channels, int count, const FixedCurve* curves, int16_t* const* dst) {
    const int done = unpack_many(src, channels, count, curves, dst);
    for (int c = 0; c < channels; ++c) {
        const int16_t* RESTRICT of = curves[c].of;
        int16_t* RESTRICT d = dst[c];
        for (int x = done; x < count; ++x) d[x] = of[src[channels * x + c]];
    }
}

inline int32_t in_phases(double position) { return static_cast<int32_t>(std::floor(position * kFixedPhases + 0.5)); }

void place(const FixedDrift& drift, int count, FixedBlock* blocks) {
    for (int i = 0; i < count; ++i) {
        FixedBlock& b = blocks[i];
        int32_t at[16];
        for (int k = 0; k < 16; ++k) at[k] = in_phases(drift.start + drift.step * (16 * i + k));
        const int32_t left = at[0] >> kPhaseBits, right = (at[15] >> kPhaseBits) - 15;
        b.first = (left < right ? left : right) - (kTaps / 2 - 1);
        for (int k = 0; k < 16; ++k) {
            const int later = (at[k] >> kPhaseBits) - (kTaps / 2 - 1) - k - b.first;
            const int16_t* entry = drift.table + kFixedEntry * (at[k] & (kFixedPhases - 1)) + 1 - later;
            for (int j = 0; j < kFixedTaps; ++j) b.weight[j][k] = entry[j], b.change[j][k] = entry[kFixedEntry / 2 + j];
        }
    }
}

ALWAYS_INLINE void along_block(const int16_t* const* src, int channels, int at, const Sixteen* weight,
                               int16_t* const* dst, int x) {
    for (int c = 0; c < channels; ++c) {
        const int16_t* s = src[c] + at;
        Sixteen sum = load16(s) * weight[0];
        for (int j = 1; j < kFixedTaps; ++j) sum = sum + load16(s + j) * weight[j];
        store16(dst[c] + x, sum);
    }
}

void along(const int16_t* const* src, int channels, const FixedBlock* blocks, int count, int16_t moved,
           int16_t* const* dst) {
    const Sixteen by = all16(moved);
    for (int i = 0; i < count; ++i) {
        const FixedBlock& b = blocks[i];
        Sixteen weight[kFixedTaps];
        for (int j = 0; j < kFixedTaps; ++j) weight[j] = saturated_sum(load16(b.weight[j]), load16(b.change[j]) * by);
        along_block(src, channels, b.first, weight, dst, 16 * i);
    }
}

void across(const int16_t* const* const* rows, int channels, const FixedDrift& drift, int count, float scale,
            float* const* dst) {
    int16_t away[16];
    for (int k = 0; k < 16; ++k)
        away[k] = static_cast<int16_t>(std::floor((k - 7.5) * drift.step * (1 << kMovedBits) + 0.5));
    const Sixteen by = load16(away);
    for (int i = 0; i < count; ++i) {
        const int32_t at = in_phases(drift.start + drift.step * (16 * i + 7.5)), whole = at >> kPhaseBits;
        const int16_t* entry = drift.table + kFixedEntry * (at & (kFixedPhases - 1)) + 1;
        Sixteen weight[kTaps];
        for (int j = 0; j < kTaps; ++j) weight[j] = saturated_sum(all16(entry[j]), all16(entry[kFixedEntry / 2 + j]) * by);
        for (int c = 0; c < channels; ++c) {
            const int16_t* const* r = rows[c] + whole;
            Sixteen sum = load16(r[0] + 16 * i) * weight[0];
            for (int j = 1; j < kTaps; ++j) sum = sum + load16(r[j] + 16 * i) * weight[j];
            store_scaled(dst[c] + 16 * i, sum, scale);
        }
    }
}

}  // namespace

const FixedRows& JOIN(fixed_rows_, ROWS_VARIANT)() {
    static const FixedRows table = {unpack, place, along, across};
    return table;
}

}  // namespace focusstack
