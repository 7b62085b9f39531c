// Inner loops of taking a veil off a row; see rows.hpp.
#pragma once
#include <cstdint>

namespace focusstack {

struct UnveilRow {  // of one channel: what is done to each pixel
    int count;
    const float *gain, *replace, *offset, *sharp, *low, *high;
};

struct UnveilRows {
    // Where the gain is 1 and nothing stands in, values keep their bits
    void (*clean)(const UnveilRow& row, float* value);
    void (*clean_fixed)(const UnveilRow& row, float unit, int16_t* value);
    // kept to kFixedLow .. kFixedHigh
    void (*to_fixed)(const float* value, int count, float unit, int16_t* dst);
};

const UnveilRows& unveil_rows_baseline();
const UnveilRows& unveil_rows_v3();

}  // namespace focusstack
