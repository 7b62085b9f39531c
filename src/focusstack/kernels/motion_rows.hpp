// Inner loops of comparing two pictures; see rows.hpp. Widths in blocks are padded with zeros to whole eights.
#pragma once
#include <cstdint>

namespace focusstack {

struct Glance {  // where a row lies in the other picture, and how far that may be looked at
    float x, x_step, y, y_step;
    float low, right, bottom;
};

struct MotionRows {
    void (*add_products)(const float* a, const float* b, int width, float* aa, float* ab, float* bb);
    // Sobel / 8; 0 at both ends
    void (*gradient)(const float* above, const float* here, const float* below, int width, float* right, float* down);
    void (*mean)(const float* a, const float* b, int width, float* dst);
    void (*scale)(const float* factor, float scale, int width, float* dst);
    void (*keep_seen)(const Glance& glance, int width, float* trust);  // 0 where it is not seen
    // Nine sums: right^2, right down and down^2, each times 1, at, at^2
    void (*slopes)(const float* right, const float* down, const float* at, int blocks, double* sum);
    // Three: the squared gradient times trust^2, times 1, at, at^2
    void (*energy)(const float* right, const float* down, const float* trust, const float* at, int blocks, double* sum);
    // Six, with now times trust as n: right n, right n at, down n, down n at, n^2, target n
    void (*project)(const float* right, const float* down, const float* target, const float* now, const float* trust,
                    const float* at, int blocks, double* sum);
    // Five are added to: a, b, a^2, a b, b^2
    void (*correlate)(const float* a, const float* b, int width, double* sum);
};

const MotionRows& motion_rows_baseline();
const MotionRows& motion_rows_v3();

}  // namespace focusstack
