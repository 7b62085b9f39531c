// Laplacian pyramid: down, accumulate, collapse. Planar float32 pictures, (channel, row, column).
#pragma once
#include <vector>

#include "parallel.hpp"
#include "rows.hpp"

namespace focusstack {

struct Planes {  // a picture: channels planes of height x width, contiguous
    float* data;
    int channels, height, width;
    float* row(int c, int y) const { return data + (static_cast<int64_t>(c) * height + y) * width; }
};

inline int mirror_index(int i, int n) {
    if (n == 1) return 0;
    const int period = 2 * (n - 1);
    i = ((i % period) + period) % period;
    return i < n ? i : period - i;
}

inline int clamp_index(int i, int n) { return i < 0 ? 0 : (i < n ? i : n - 1); }

inline void pyramid_down(const Rows& rows, Planes src, Planes dst, int threads) {
    parallel_strips(dst.height, 32, threads, [&](int y0, int y1) {
        std::vector<float> middle(src.width);
        for (int c = 0; c < src.channels; ++c)
            for (int y = y0; y < y1; ++y) {
                const float* r[5];
                for (int k = 0; k < 5; ++k) r[k] = src.row(c, mirror_index(2 * y + k - 2, src.height));
                rows.down_vertical(r[0], r[1], r[2], r[3], r[4], middle.data(), src.width);
                rows.down_horizontal(middle.data(), src.width, dst.row(c, y));
            }
    });
}

// One row of `low` expanded to the next finer grid.
inline void up_row(const Rows& rows, Planes low, int c, int y, float* middle, float* dst, int width) {
    const int k = y / 2;
    const float* a = low.row(c, clamp_index(k - 1, low.height));
    const float* b = low.row(c, clamp_index(k, low.height));
    const float* d = low.row(c, clamp_index(k + 1, low.height));
    rows.up_vertical(a, b, d, y % 2 == 1, middle, low.width);
    rows.up_horizontal(middle, low.width, dst, width);
}

struct Band {  // what one frame adds to one level of the fused pyramid
    Planes fine, low;
    float* peak;
    float* weight;
    Planes sums;
    const uint8_t* valid;  // or null
    const float* prior;    // or null
    const float* guide;    // or null
    float* score;
    float score_scale;
    const float* luma;     // weight of each channel in luma
    const float* variance_table;
    float variance_scale;
    int squarings;
};

class BandStrip {  // the rows that a strip needs at a time, in rings of 2 kBlurRadius + 1
    static constexpr int kRing = 2 * kBlurRadius + 1;
    const Rows& rows_;
    const Band& b_;
    const int w_, h_, channels_;
    std::vector<float> detail_, blurred_, variance_, middle_, up_, luma_, mean_, padded_, energy_;

    float* detail(int c, int y) { return detail_.data() + (static_cast<int64_t>(y % kRing) * channels_ + c) * w_; }
    float* blurred(int y) { return blurred_.data() + static_cast<int64_t>(y % kRing) * w_; }

public:
    BandStrip(const Rows& rows, const Band& band)
        : rows_(rows), b_(band), w_(band.fine.width), h_(band.fine.height), channels_(band.fine.channels),
          detail_(static_cast<size_t>(kRing) * channels_ * w_), blurred_(static_cast<size_t>(kRing) * w_),
          variance_(2 * band.low.width), middle_(band.low.width), up_(2 * band.low.width + 2),
          luma_(w_), mean_(band.low.width), padded_(w_ + 2 * kBlurRadius), energy_(w_) {}

    void make_variance(int y) {  // for rows y and y + 1, y even
        for (int c = 0; c < channels_; ++c)
            rows_.add_scaled(mean_.data(), b_.low.row(c, y / 2), b_.luma[c], b_.low.width, c == 0);
        rows_.variance(mean_.data(), b_.variance_table, b_.variance_scale, variance_.data(), b_.low.width);
    }

    void produce(int y) {  // detail and horizontally blurred energy of row y
        for (int c = 0; c < channels_; ++c) {
            up_row(rows_, b_.low, c, y, middle_.data(), up_.data(), w_);
            rows_.subtract(b_.fine.row(c, y), up_.data(), detail(c, y), w_);
            rows_.add_scaled(luma_.data(), detail(c, y), b_.luma[c], w_, c == 0);
        }
        float* p = padded_.data();
        rows_.square(luma_.data(), p + kBlurRadius, w_);
        for (int k = 0; k < kBlurRadius; ++k) {
            p[k] = p[kBlurRadius];
            p[kBlurRadius + w_ + k] = p[kBlurRadius + w_ - 1];
        }
        rows_.blur_horizontal(p, blurred(y), w_);
    }

    void consume(int y, bool first) {
        if (first || y % 2 == 0) make_variance(y);
        const float* ring[kRing];
        for (int k = 0; k < kRing; ++k) ring[k] = blurred(clamp_index(y + k - kBlurRadius, h_));
        rows_.blur_vertical(ring, energy_.data(), w_);
        std::vector<const float*> details(channels_);
        std::vector<float*> sums(channels_);
        for (int c = 0; c < channels_; ++c) {
            details[c] = detail(c, y);
            sums[c] = b_.sums.row(c, y);
        }
        const int64_t at = static_cast<int64_t>(y) * w_;
        rows_.accumulate({w_, channels_, b_.squarings, energy_.data(), variance_.data(), b_.guide ? b_.guide + at : nullptr,
                          b_.score_scale, b_.valid ? b_.valid + at : nullptr, b_.prior ? b_.prior + at : nullptr, details.data(), b_.peak + at,
                          b_.weight + at, sums.data(), b_.score + at});
    }
};

inline void accumulate_band(const Rows& rows, const Band& band, int threads) {
    const int h = band.fine.height;
    parallel_strips(h, 128, threads, [&](int y0, int y1) {
        BandStrip strip(rows, band);
        for (int y = std::max(0, y0 - kBlurRadius); y < std::min(h, y0 + kBlurRadius); ++y) strip.produce(y);
        for (int y = y0; y < y1; ++y) {
            if (y + kBlurRadius < h) strip.produce(y + kBlurRadius);
            strip.consume(y, y == y0);
        }
    });
}

// out = sums / weight + up(low); out may be sums.
inline void collapse_band(const Rows& rows, Planes sums, const float* weight, Planes low, Planes out, int threads) {
    parallel_strips(out.height, 32, threads, [&](int y0, int y1) {
        std::vector<float> middle(low.width), up(2 * low.width + 2), fused(out.width);
        for (int c = 0; c < out.channels; ++c)
            for (int y = y0; y < y1; ++y) {
                up_row(rows, low, c, y, middle.data(), up.data(), out.width);
                rows.collapse(sums.row(c, y), weight + static_cast<int64_t>(y) * out.width, up.data(), fused.data(),
                              out.width);
                std::copy(fused.begin(), fused.end(), out.row(c, y));
            }
    });
}

}  // namespace focusstack
