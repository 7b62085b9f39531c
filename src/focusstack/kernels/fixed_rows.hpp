// Inner loops of the warp of bytes in numbers of 16 bits; see rows.hpp.
#pragma once
#include <cstdint>

#include "rows.hpp"

namespace focusstack {

constexpr int kCodeBits = 6;      // below the point of a byte's code: 255 and what the kernel overshoots fit
constexpr int kPieces = 16;       // of the curve from codes to values: linear each, but for the darkest codes
constexpr int kSlopeBits = 4;     // below the point of a piece's slope
constexpr int kFixedTaps = 7;     // of a block: six for each pixel, of which some begin one later
constexpr int kFixedPhases = 1 << kPhaseBits;
constexpr int kFixedEntry = 16;   // 0, six weights in 2^-15, 0; 0, their changes per pixel in 2^-11, 0
constexpr int16_t kFixedLow = -8192, kFixedHigh = 24575;  // no difference of two numbers between needs more bits
constexpr int kMovedBits = 19;    // below the point of how far a pixel lies from where its taps are for

struct FixedCurve {  // what codes of a channel stand for
    int16_t of[256];
    bool in_pieces;  // is made of these, of each the low bytes and the high ones
    uint8_t base[2][kPieces], slope[2][kPieces], darkest[2][kPieces];
};

struct FixedBlock {  // taps of sixteen pixels beside each other
    int16_t weight[kFixedTaps][16];
    int16_t change[kFixedTaps][16];  // by how far they lie to the right of where the taps are for
    int32_t first;  // what the first tap of the first pixel is of
};

struct FixedDrift {  // positions start + step x along a row
    double start, step;
    const int16_t* table;  // kFixedPhases entries
};

struct FixedRows {
    // What `count` pixels stand for, by a curve for each channel, channel after channel
    void (*unpack)(const uint8_t* src, int channels, int count, const FixedCurve* curves, int16_t* const* dst);
    // Taps of `count` blocks; positions move by less than 1/16 px more or less than a pixel for each
    void (*place)(const FixedDrift& drift, int count, FixedBlock* blocks);
    // `moved` to the right of where the taps are for
    void (*along)(const int16_t* const* src, int channels, const FixedBlock* blocks, int count, int16_t moved,
                  int16_t* const* dst);
    // rows[c][i] is what position i mixes first; times `scale`, or kept to kFixedLow .. kFixedHigh
    void (*across)(const int16_t* const* const* rows, int channels, const FixedDrift& drift, int count, float scale,
                   float* const* dst);
    void (*across_fixed)(const int16_t* const* const* rows, int channels, const FixedDrift& drift, int count,
                         int16_t* const* dst);
};

const FixedRows& fixed_rows_baseline();
const FixedRows& fixed_rows_v3();

}  // namespace focusstack
