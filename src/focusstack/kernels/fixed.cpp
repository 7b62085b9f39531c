// Row loops of the warp in numbers of 16 bits; compiled like rows.cpp.
#include <cmath>

#include "fixed_rows.hpp"
#include "sixteen.hpp"
#include "variant.hpp"

namespace focusstack {
namespace {

#if defined(__AVX2__)
inline __m128i load_bytes(const void* p) { return _mm_loadu_si128(static_cast<const __m128i*>(p)); }
inline __m256i twice(const void* p) { return _mm256_broadcastsi128_si256(load_bytes(p)); }
inline __m256i at_both(const uint8_t* first, const uint8_t* second) {
    return _mm256_inserti128_si256(_mm256_castsi128_si256(load_bytes(first)), load_bytes(second), 1);
}

// Of each channel of three, sixteen bytes of `src` and the next sixteen.
inline void channels_of(const uint8_t* src, __m256i* codes) {
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
    __m256i third[3];
    for (int k = 0; k < 3; ++k) third[k] = at_both(src + 16 * k, src + 48 + 16 * k);
    for (int c = 0; c < 3; ++c) {
        codes[c] = _mm256_shuffle_epi8(third[0], twice(kPick[c][0]));
        for (int k = 1; k < 3; ++k)
            codes[c] = _mm256_or_si256(codes[c], _mm256_shuffle_epi8(third[k], twice(kPick[c][k])));
    }
}

// Numbers of two bytes, of each half the first or the last eight.
inline Sixteen words(const __m256i* bytes, bool last) {
    return {last ? _mm256_unpackhi_epi8(bytes[0], bytes[1]) : _mm256_unpacklo_epi8(bytes[0], bytes[1])};
}

inline void store_on_curve(const FixedCurve& curve, const __m256i& codes, int16_t* dst) {
    const __m256i nibble = _mm256_set1_epi8(15), piece = _mm256_and_si256(_mm256_srli_epi16(codes, 4), nibble);
    const __m256i dark = _mm256_cmpeq_epi8(piece, _mm256_setzero_si256()), within = _mm256_and_si256(codes, nibble);
    __m256i base[2], slope[2];
    for (int k = 0; k < 2; ++k) {
        slope[k] = _mm256_shuffle_epi8(twice(curve.slope[k]), piece);
        base[k] = _mm256_blendv_epi8(_mm256_shuffle_epi8(twice(curve.base[k]), piece),
                                     _mm256_shuffle_epi8(twice(curve.darkest[k]), within), dark);
    }
    const __m256i along[2] = {_mm256_andnot_si256(dark, within), _mm256_setzero_si256()};
    Sixteen half[2];
    for (int k = 0; k < 2; ++k) {
        const __m256i moved = _mm256_slli_epi16(words(along, k).v, 15 - kSlopeBits);
        half[k] = words(base, k) + Sixteen{moved} * words(slope, k);
    }
    store16(dst, {_mm256_permute2x128_si256(half[0].v, half[1].v, 0x20)});
    store16(dst + 16, {_mm256_permute2x128_si256(half[0].v, half[1].v, 0x31)});
}
#endif

int unpack_many(const uint8_t* src, int channels, int count, const FixedCurve* curves, int16_t* const* dst) {
    int x = 0;
#if defined(__AVX2__)
    for (int c = 0; c < channels; ++c)
        if (!curves[c].in_pieces) return 0;
    for (; x + 32 <= count; x += 32) {
        __m256i codes[3];
        if (channels == 3)
            channels_of(src + 3 * x, codes);
        else
            codes[0] = at_both(src + x, src + x + 16);
        for (int c = 0; c < channels; ++c) store_on_curve(curves[c], codes[c], dst[c] + x);
    }
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

template <class Store>
ALWAYS_INLINE void mix_rows(const int16_t* const* const* rows, int channels, const FixedDrift& drift, int count,
                            const Store& store) {
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
            store(c, 16 * i, sum);
        }
    }
}

void across(const int16_t* const* const* rows, int channels, const FixedDrift& drift, int count, float scale,
            float* const* dst) {
    mix_rows(rows, channels, drift, count,
             [&](int c, int x, const Sixteen& sum) { store_scaled(dst[c] + x, sum, scale); });
}

void across_fixed(const int16_t* const* const* rows, int channels, const FixedDrift& drift, int count,
                  int16_t* const* dst) {
    const Sixteen low = all16(kFixedLow), high = all16(kFixedHigh);
    mix_rows(rows, channels, drift, count,
             [&](int c, int x, const Sixteen& sum) { store16(dst[c] + x, within(sum, low, high)); });
}

}  // namespace

const FixedRows& JOIN(fixed_rows_, ROWS_VARIANT)() {
    static const FixedRows table = {unpack, place, along, across, across_fixed};
    return table;
}

}  // namespace focusstack
