// Inner loops of finding the depth; see rows.hpp.
#pragma once
#include <cstdint>

namespace focusstack {

constexpr int32_t kOneBits = 0x3F800000;  // of 1.0f
constexpr int kCodeShift = 13;            // ten bits of the mantissa tell codes apart

struct Peaks {  // running peak of the focus curve, plane by plane
    float *best, *index, *before, *after, *last, *total;
    float fed, far_apart, rivalry;
};

struct DepthRows {
    void (*squared_band)(const float* luma, const float* low, int width, float* dst);
    void (*gather_down)(const float* const* rows, int width, float* dst);   // five rows
    void (*gather_along)(const float* padded, int width, float* dst);       // padded[x + 2] is pixel x
    void (*over_noise)(const float* low, const float* inverse, int bins, int width, float* energy);
    void (*encode)(const float* energy, const uint8_t* table, int entries, int count, uint8_t* dst);
    void (*follow)(const Peaks& peaks, const float* score, int count);
    // Four per pixel: plane times each colour of the guide, and the plane
    void (*colour_products)(const float* plane, const float* guide, int count, float* dst);
    // Four per pixel: slopes by the guide's colours and offset, of their means and six of the inverse covariance
    void (*regress)(const float* products, const float* mean, const float* inverse, int count, float* dst);
    void (*predict)(const float* row, const int32_t* first, const int32_t* second, const float* share,
                    const float* guide, int width, float* dst);
};

const DepthRows& depth_rows_baseline();
const DepthRows& depth_rows_v3();

}  // namespace focusstack
