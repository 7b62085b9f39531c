// Inner loops of the finest band of frames of bytes, in the 16-bit numbers that their warp makes; see rows.hpp.
//
// A code is 64 of these, see kCodeBits; what they make is that many times `unit`. Every product is rounded by itself:
// a level reduced, or expanded again, is right to about 1/80 of a code (RMS).
#pragma once
#include <cstdint>

#include "rows.hpp"

namespace focusstack {

constexpr int kFixedLanes = 16;  // that rows are worked on at a time

struct FixedDetailRow {  // as DetailRow, but that `low` is not expanded along the row yet
    int width;
    int channels;
    const int16_t* luma;             // weight of each channel in luma, in 2^-15
    const int16_t* const* fine;      // per channel
    const int16_t* const* low;       // one number before the row, and room for kFixedLanes after it, which repeat its ends
    int16_t* const* detail;
    float unit;
    float* energy;
};

struct FixedBandRows {
    // As those of Rows; of five rows below one another
    void (*down_vertical)(const int16_t* const* rows, int16_t* dst, int width);
    // `room` for four numbers more than half of the row, rounded up, twice
    void (*down_horizontal)(const int16_t* src, int width, int16_t* room, int16_t* dst);
    void (*up_vertical)(const int16_t* a, const int16_t* b, const int16_t* c, bool odd, int16_t* dst, int width);
    void (*detail)(const FixedDetailRow& row);
    void (*add_scaled)(float* dst, const int16_t* src, float scale, int width, bool first);
    void (*accumulate)(const BandRowOf<int16_t>& row);
    void (*clipped)(const int16_t* value, int count, int16_t black, int16_t white, uint8_t below, uint8_t above,
                    uint8_t* mark);
};

const FixedBandRows& fixed_band_rows_baseline();
const FixedBandRows& fixed_band_rows_v3();

}  // namespace focusstack
