// Gauss-Newton between two pictures of one scene: what differs, and which small motion would explain it.
// In one thread each, since pairs are compared side by side.
#pragma once
#include <algorithm>
#include <vector>

#include "between.hpp"
#include "motion_rows.hpp"
#include "pyramid.hpp"

namespace focusstack {

constexpr int kCell = 4;

// Sums of a a, a b and b b over cells of 4 x 4 pixels; pixels beyond the last whole cell are left out.
inline void cell_products(const MotionRows& rows, Planes a, Planes b, Planes out) {
    const int width = a.width / kCell * kCell;
    std::vector<float> sums(3 * static_cast<size_t>(width));
    for (int y = 0; y < out.height; ++y) {
        std::fill(sums.begin(), sums.end(), 0.0f);
        float* s = sums.data();
        for (int k = 0; k < kCell; ++k)
            rows.add_products(a.row(0, kCell * y + k), b.row(0, kCell * y + k), width, s, s + width, s + 2 * width);
        for (int c = 0; c < 3; ++c)
            for (int x = 0; x < out.width; ++x) {
                const float* p = s + c * width + kCell * x;
                out.row(c, y)[x] = (p[0] + p[1]) + (p[2] + p[3]);
            }
    }
}

struct Slopes {  // planes of one picture each, of `padded` columns: zero beyond its width
    int width, height, padded;
    float *right, *down, *target, *trust;

    float* row(float* plane, int y) const { return plane + static_cast<int64_t>(y) * padded; }
};

struct Units {  // coordinates of about -1 .. 1
    double middle_x, middle_y, half;

    Units(int width, int height)
        : middle_x((width - 1) / 2.0), middle_y((height - 1) / 2.0), half(std::max(width, height) / 2.0) {}
    double y(int row) const { return (row - middle_y) / half; }
    std::vector<float> columns(int padded) const {
        std::vector<float> at(padded);
        for (int x = 0; x < padded; ++x) at[x] = static_cast<float>((x - middle_x) / half);
        return at;
    }
};

class SlopeMaker {  // three rows at a time of the mean of both pictures, and of the fixed one
    const MotionRows& rows_;
    const Planes fixed_, there_;
    const Slopes& s_;
    std::vector<float> mean_, right_, down_;
    int made_ = 0;  // rows of the mean

    float* mean(int y) { return mean_.data() + static_cast<int64_t>(y % 3) * s_.padded; }
    void make_mean(int y) { rows_.mean(fixed_.row(0, y), there_.row(0, y), s_.width, mean(y)); }

public:
    SlopeMaker(const MotionRows& rows, Planes fixed, Planes there, const Slopes& s)
        : rows_(rows), fixed_(fixed), there_(there), s_(s), mean_(3 * static_cast<size_t>(s.padded)), right_(s.padded),
          down_(s.padded) {}

    // Fills row y of the slopes and adds to 18 sums of their products and 6 of the fixed one's energy.
    void row(int y, const float* at, double unit_y, float half, double* normal, double* energy) {
        for (int k = std::max(y - 1, made_); k <= y + 1; ++k) make_mean(k);
        made_ = y + 2;
        float *right = s_.row(s_.right, y), *down = s_.row(s_.down, y), *trust = s_.row(s_.trust, y);
        const int blocks = s_.padded / 8;
        rows_.gradient(fixed_.row(0, y - 1), fixed_.row(0, y), fixed_.row(0, y + 1), s_.width, right_.data(), down_.data());
        double sum[9];
        rows_.energy(right_.data(), down_.data(), trust, at, blocks, sum);
        spread(sum, 1, unit_y, energy);
        rows_.gradient(mean(y - 1), mean(y), mean(y + 1), s_.width, right, down);
        for (float* slope : {right, down}) std::fill(slope + s_.width, slope + s_.padded, 0.0f);
        rows_.scale(trust, half, s_.width, right);
        rows_.scale(trust, half, s_.width, down);
        rows_.slopes(right, down, at, blocks, sum);
        spread(sum, 3, unit_y, normal);
        float* target = s_.row(s_.target, y);
        std::copy(fixed_.row(0, y), fixed_.row(0, y) + s_.width, target);
        std::fill(target + s_.width, target + s_.padded, 0.0f);
        rows_.scale(trust, 1.0f, s_.width, target);
    }

    // Sums times 1, x, x^2 become sums times 1, x, y, x^2, x y, y^2.
    static void spread(const double* sum, int count, double y, double* into) {
        for (int k = 0; k < count; ++k, sum += 3, into += 6) {
            into[0] += sum[0], into[1] += sum[1], into[2] += sum[0] * y;
            into[3] += sum[2], into[4] += sum[1] * y, into[5] += sum[0] * y * y;
        }
    }
};

// Fills the slopes; their trust is the coarser map's where both pictures are seen, away from their borders.
inline void make_slopes(const Rows& map_rows, const MotionRows& rows, Planes fixed, Planes there, const CoarserMap& trust,
                        const double* there_from_here, int border, const Slopes& s, double* normal, double* energy) {
    const Units units(s.width, s.height);
    const std::vector<float> at = units.columns(s.padded);
    MapRow trusted(map_rows, trust, s.width);
    SlopeMaker maker(rows, fixed, there, s);
    const double* m = there_from_here;
    border = std::max(border, 1);
    for (int y = 0; y < s.height; ++y) {
        float* t = s.row(s.trust, y);
        if (y < border || y >= s.height - border) {
            for (float* plane : {s.right, s.down, s.target, s.trust})
                std::fill(s.row(plane, y), s.row(plane, y) + s.padded, 0.0f);
            continue;
        }
        const float* wide = trusted.at(y);
        std::copy(wide, wide + s.width, t);
        std::fill(t, t + std::min(border, s.width), 0.0f);
        std::fill(t + std::max(0, s.width - border), t + s.padded, 0.0f);
        const Glance glance = {static_cast<float>(m[1] * y + m[2]), static_cast<float>(m[0]),
                               static_cast<float>(m[4] * y + m[5]), static_cast<float>(m[3]),
                               border - 0.5f, s.width - border - 0.5f, s.height - border - 0.5f};
        rows.keep_seen(glance, s.width, t);
        maker.row(y, at.data(), units.y(y), static_cast<float>(units.half), normal, energy);
    }
}

// Eight sums: slopes times n, as right, right x, right y, down, down x, down y; n^2; target n, n being now by trust.
inline void project(const MotionRows& rows, const Slopes& s, Planes now, double* sums) {
    const Units units(s.width, s.height);
    const std::vector<float> at = units.columns(s.padded);
    std::vector<float> line(s.padded);
    for (int y = 0; y < s.height; ++y) {
        std::copy(now.row(0, y), now.row(0, y) + s.width, line.begin());
        double sum[6];
        rows.project(s.row(s.right, y), s.row(s.down, y), s.row(s.target, y), line.data(), s.row(s.trust, y), at.data(),
                     s.padded / 8, sum);
        const double unit_y = units.y(y);
        sums[0] += sum[0], sums[1] += sum[1], sums[2] += sum[0] * unit_y;
        sums[3] += sum[2], sums[4] += sum[3], sums[5] += sum[2] * unit_y;
        sums[6] += sum[4], sums[7] += sum[5];
    }
}

inline void correlate(const MotionRows& rows, Planes a, Planes b, int margin, double* sums) {
    for (int y = margin; y < a.height - margin; ++y)
        rows.correlate(a.row(0, y) + margin, b.row(0, y) + margin, a.width - 2 * margin, sums);
}

}  // namespace focusstack
