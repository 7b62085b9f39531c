// Adds one band of one frame to the fused pyramid. Planar float32 pictures, (channel, row, column).
#pragma once
#include <vector>

#include "between.hpp"
#include "level.hpp"
#include "parallel.hpp"
#include "pyramid.hpp"
#include "rows.hpp"

namespace focusstack {

template <class Value>
struct BandOf {  // what one frame adds to one level of the fused pyramid
    PlanesOf<Value> fine, low;
    float* peak;
    float* weight;
    Planes sums;
    const uint8_t* valid;  // or null
    CoarserMap prior;
    const float* guide;    // or null
    Planes score;
    float score_scale;
    const float* luma;     // weight of each channel in luma
    const float* variance_table;
    float variance_scale;
    int squarings;
    int first = 0;         // row of the level that the state begins with

    template <class Other>
    BandOf<Other> of(const PlanesOf<Other>& other_fine, const PlanesOf<Other>& other_low) const {
        return {other_fine, other_low, peak, weight, sums, valid, prior, guide, score, score_scale, luma,
                variance_table, variance_scale, squarings, first};
    }
};
using Band = BandOf<float>;

template <class Value>
class BandStrip {  // the rows that a strip needs at a time, in rings of 2 kBlurRadius + 1
    static constexpr int kRing = 2 * kBlurRadius + 1;
    const Rows& rows_;
    Level<Value>& level_;
    const BandOf<Value> b_;
    const int w_, h_, channels_;
    std::vector<Value> detail_;
    std::vector<float> blurred_, variance_, coarse_, middle_, mean_, padded_, energy_;
    std::vector<Value*> details_;
    std::vector<float*> sums_;
    MapRow prior_;

    Value* detail(int c, int y) { return detail_.data() + (static_cast<int64_t>(y % kRing) * channels_ + c) * w_; }
    float* blurred(int y) { return blurred_.data() + static_cast<int64_t>(y % kRing) * w_; }

public:
    BandStrip(const Rows& rows, Level<Value>& level, const BandOf<Value>& band)
        : rows_(rows), level_(level), b_(band), w_(band.fine.width), h_(band.fine.height),
          channels_(band.fine.channels), detail_(static_cast<size_t>(kRing) * channels_ * w_),
          blurred_(static_cast<size_t>(kRing) * w_), variance_(2 * band.low.width + 2), coarse_(3 * band.low.width),
          middle_(band.low.width), mean_(band.low.width), padded_(w_ + 2 * kBlurRadius), energy_(w_),
          details_(channels_), sums_(channels_), prior_(rows, band.prior, w_) {}

    float* coarse_variance(int k) { return coarse_.data() + static_cast<int64_t>(k % 3) * b_.low.width; }

    void make_coarse_variance(int k) {
        for (int c = 0; c < channels_; ++c) level_.add_luma(b_.low, c, k, mean_.data());
        rows_.variance(mean_.data(), b_.variance_table, b_.variance_scale, coarse_variance(k), b_.low.width);
    }

    void make_variance(int y, bool first) {  // looked up on the coarser grid, expanded to row y
        const int k = y / 2, last = b_.low.height - 1;
        if (first)
            for (int i = std::max(0, k - 1); i <= std::min(k, last); ++i) make_coarse_variance(i);
        if ((first || y % 2 == 0) && k < last) make_coarse_variance(k + 1);
        const float *above = coarse_variance(std::max(0, k - 1)), *below = coarse_variance(std::min(last, k + 1));
        rows_.up_vertical(above, coarse_variance(k), below, y % 2 == 1, middle_.data(), b_.low.width);
        rows_.up_horizontal(middle_.data(), b_.low.width, variance_.data(), w_);
    }

    void produce(int y) {  // detail and horizontally blurred energy of row y
        for (int c = 0; c < channels_; ++c) details_[c] = detail(c, y);
        float* p = padded_.data();
        level_.detail(b_.fine, b_.low, y, {details_.data(), p + kBlurRadius});
        for (int k = 0; k < kBlurRadius; ++k) {
            p[k] = p[kBlurRadius];
            p[kBlurRadius + w_ + k] = p[kBlurRadius + w_ - 1];
        }
        rows_.blur_horizontal(p, blurred(y), w_);
    }

    // Scores row y, and adds it to the state if it `counts`.
    void consume(int y, bool first, bool counts = true) {
        make_variance(y, first);
        const float* ring[kRing];
        for (int k = 0; k < kRing; ++k) ring[k] = blurred(clamp_index(y + k - kBlurRadius, h_));
        rows_.blur_vertical(ring, energy_.data(), w_);
        for (int c = 0; c < channels_; ++c) {
            details_[c] = detail(c, y);
            if (counts) sums_[c] = b_.sums.row(c, y - b_.first);
        }
        const int64_t at = static_cast<int64_t>(y) * w_, in_state = at - static_cast<int64_t>(b_.first) * w_;
        level_.accumulate({w_, channels_, b_.squarings, energy_.data(), variance_.data(), b_.guide ? b_.guide + at : nullptr,
                           b_.score_scale, b_.valid ? b_.valid + at : nullptr, prior_.at(y), details_.data(),
                           level_.unit(), counts ? b_.peak + in_state : nullptr,
                           counts ? b_.weight + in_state : nullptr, sums_.data(), b_.score.row(0, y)});
    }
};

inline void accumulate_band(const Rows& rows, const Band& band, int threads) {
    const int h = band.fine.height;
    parallel_strips(h, 128, threads, [&](int y0, int y1) {
        Level<float> level(rows, band.luma, band.fine.width, band.fine.channels);
        BandStrip<float> strip(rows, level, band);
        for (int y = std::max(0, y0 - kBlurRadius); y < std::min(h, y0 + kBlurRadius); ++y) strip.produce(y);
        for (int y = y0; y < y1; ++y) {
            if (y + kBlurRadius < h) strip.produce(y + kBlurRadius);
            strip.consume(y, y == y0);
        }
    });
}

}  // namespace focusstack
