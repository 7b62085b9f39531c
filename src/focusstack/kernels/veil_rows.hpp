// Inner loops of working out a veil; see rows.hpp.
#pragma once
#include <cstdint>

namespace focusstack {

constexpr int kLargestReach = 16;  // of a disk

struct VeilRows {
    // A disk of (2 reach + 1)^2 weights, alike on all four sides, over as many rows of width + 2 reach numbers
    void (*disk)(const float* const* rows, int reach, const float* weights, int width, float* dst);
    // Laid behind what is there: veil += through layer
    void (*lay)(const float* through, const float* layer, int width, float* veil);
    void (*cover)(const float* matte, int width, float* through);  // through *= 1 - matte
};

const VeilRows& veil_rows_baseline();
const VeilRows& veil_rows_v3();

}  // namespace focusstack
