// Focus measures and the guided filter.
#pragma once
#include <cmath>
#include <vector>

#include "between.hpp"
#include "depth_rows.hpp"
#include "parallel.hpp"
#include "pyramid.hpp"
#include "rows.hpp"

namespace focusstack {

constexpr int kEnergyReach = 2, kEnergyRows = 2 * kEnergyReach + 1;

struct EnergyJob {
    Planes picture;
    const float* luma_share;  // of each channel
    const float* inverse;     // of the noise, by luma
    int bins;
    float* energy;
};

class EnergyStrip {
    const Rows& rows_;
    const DepthRows& depth_;
    const Planes luma_, low_;
    std::vector<float> middle_, up_, squares_, gathered_;

    float* squares(int y) { return squares_.data() + static_cast<int64_t>(y % kEnergyRows) * luma_.width; }

    void produce(int y) {
        up_row(rows_, low_, 0, y, middle_.data(), up_.data(), luma_.width);
        depth_.squared_band(luma_.row(0, y), up_.data(), luma_.width, squares(y));
    }

public:
    EnergyStrip(const Rows& rows, const DepthRows& depth, Planes luma, Planes low)
        : rows_(rows), depth_(depth), luma_(luma), low_(low), middle_(low.width), up_(2 * low.width + 2),
          squares_(static_cast<size_t>(kEnergyRows) * luma.width), gathered_(luma.width + 2 * kEnergyReach) {}

    void run(const EnergyJob& job, int y0, int y1) {
        const int w = luma_.width, h = luma_.height;
        for (int y = std::max(0, y0 - kEnergyReach); y < std::min(h, y0 + kEnergyReach); ++y) produce(y);
        for (int y = y0; y < y1; ++y) {
            if (y + kEnergyReach < h) produce(y + kEnergyReach);
            const float* ring[kEnergyRows];
            for (int k = 0; k < kEnergyRows; ++k) ring[k] = squares(mirror_index(y + k - kEnergyReach, h));
            float* inner = gathered_.data() + kEnergyReach;
            depth_.gather_down(ring, w, inner);
            for (int k = 1; k <= kEnergyReach; ++k) {
                inner[-k] = inner[mirror_index(-k, w)];
                inner[w - 1 + k] = inner[mirror_index(w - 1 + k, w)];
            }
            float* out = job.energy + static_cast<int64_t>(y) * w;
            depth_.gather_along(gathered_.data(), w, out);
            up_row(rows_, low_, 0, y, middle_.data(), up_.data(), w);
            depth_.over_noise(up_.data(), job.inverse, job.bins, w, out);
        }
    }
};

// Energy of the finest band of luma, gathered over a Gaussian of sigma 0.7, in units of the noise.
inline void focus_energy(const Rows& rows, const DepthRows& depth, const EnergyJob& job, int threads) {
    const int w = job.picture.width, h = job.picture.height, half_w = (w + 1) / 2, half_h = (h + 1) / 2;
    std::vector<float> luma_data(static_cast<size_t>(w) * h), low_data(static_cast<size_t>(half_w) * half_h);
    const Planes luma = {luma_data.data(), 1, h, w}, low = {low_data.data(), 1, half_h, half_w};
    parallel_strips(h, 64, threads, [&](int y0, int y1) {
        for (int y = y0; y < y1; ++y)
            for (int c = 0; c < job.picture.channels; ++c)
                rows.add_scaled(luma.row(0, y), job.picture.row(c, y), job.luma_share[c], w, c == 0);
    });
    pyramid_down(rows, luma, low, threads);
    parallel_strips(h, 64, threads, [&](int y0, int y1) { EnergyStrip(rows, depth, luma, low).run(job, y0, y1); });
}

struct CodeTable {  // nearest of steps per octave of energy + 1, by the leading bits of that
    std::vector<uint8_t> code;

    explicit CodeTable(float steps_per_octave) : code(static_cast<size_t>(24) << (23 - kCodeShift)) {
        const double cells = 1 << (23 - kCodeShift);
        for (size_t i = 0; i < code.size(); ++i) {
            const double octaves = std::floor(i / cells) + std::log2(1 + (std::fmod(i, cells) + 0.5) / cells);
            code[i] = static_cast<uint8_t>(std::min(255.0, std::floor(octaves * steps_per_octave + 0.5)));
        }
        code[0] = 0;
    }
};

inline void encode_energy(const DepthRows& depth, const float* energy, float steps_per_octave, int64_t count,
                          uint8_t* dst, int threads) {
    const CodeTable table(steps_per_octave);
    const int block = 1 << 14, blocks = static_cast<int>((count + block - 1) / block);
    parallel_strips(blocks, 8, threads, [&](int b0, int b1) {
        const int64_t first = static_cast<int64_t>(b0) * block, last = std::min(count, static_cast<int64_t>(b1) * block);
        depth.encode(energy + first, table.code.data(), static_cast<int>(table.code.size()),
                     static_cast<int>(last - first), dst + first);
    });
}

// out = slopes . guide + offset, the coefficients (h, w, 4) being linear between the pixels of their coarser grid.
inline void predict(const DepthRows& depth, Planes coefficients, const float* guide, Planes out, int threads) {
    const int h = coefficients.height, w = coefficients.width, width = out.width;
    const float row_step = static_cast<float>(h) / static_cast<float>(out.height);
    const float column_step = static_cast<float>(w) / static_cast<float>(width);
    std::vector<int32_t> first(width), second(width);
    std::vector<float> share(width);
    for (int x = 0; x < width; ++x) {
        const Between b = between(column_step * (static_cast<float>(x) + 0.5f) - 0.5f, w);
        first[x] = b.first, second[x] = b.second, share[x] = b.share;
    }
    parallel_strips(out.height, 64, threads, [&](int y0, int y1) {
        std::vector<float> row(static_cast<size_t>(4) * w);
        for (int y = y0; y < y1; ++y) {
            const Between b = between(row_step * (static_cast<float>(y) + 0.5f) - 0.5f, h);
            const float* data = coefficients.data;
            blend_rows(data + static_cast<int64_t>(b.first) * 4 * w, data + static_cast<int64_t>(b.second) * 4 * w,
                       b.share, 4 * w, row.data());
            depth.predict(row.data(), first.data(), second.data(), share.data(),
                          guide + static_cast<int64_t>(y) * 3 * width, width, out.row(0, y));
        }
    });
}

}  // namespace focusstack
