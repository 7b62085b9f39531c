// What is done to rows of a level of a frame, in floats or in the 16-bit numbers that bytes are resampled in.
#pragma once
#include <algorithm>
#include <vector>

#include "fixed_band_rows.hpp"
#include "pyramid.hpp"
#include "rows.hpp"

namespace focusstack {

template <class Value>
class Level;

template <class Value>
struct RowDetail {  // what is made of a row
    Value* const* detail;  // per channel
    float* energy;
};

template <>
class Level<float> {
    const Rows& rows_;
    const float* luma_;
    const int width_, channels_;
    std::vector<float> middle_, up_;
    std::vector<const float*> fine_, lows_;

public:
    Level(const Rows& rows, const float* luma, int width, int channels)
        : rows_(rows), luma_(luma), width_(width), channels_(channels), middle_(width),
          up_(static_cast<size_t>(channels) * (width + 3)), fine_(channels), lows_(channels) {}

    float unit() const { return 1.0f; }
    void down(Planes fine, int c, int y, float* dst) { down_row(rows_, fine, c, y, middle_.data(), dst); }
    void hand_on(const float* low, int width, float* dst) const { std::copy_n(low, width, dst); }
    void add_luma(const Planes& low, int c, int y, float* dst) const {
        rows_.add_scaled(dst, low.row(c, y), luma_[c], low.width, c == 0);
    }
    void detail(const Planes& fine, const Planes& low, int y, const RowDetail<float>& made) {
        for (int c = 0; c < channels_; ++c) {
            float* up = up_.data() + static_cast<int64_t>(c) * (width_ + 3);
            up_row(rows_, low, c, y, middle_.data(), up, width_);
            fine_[c] = fine.row(c, y), lows_[c] = up;
        }
        rows_.detail({width_, channels_, luma_, fine_.data(), lows_.data(), made.detail, made.energy});
    }
    void accumulate(const BandRow& row) const { rows_.accumulate(row); }
};

template <>
class Level<int16_t> {
    const FixedBandRows& rows_;
    const float unit_;
    const float* luma_;
    const int width_, channels_;
    std::vector<int16_t> middle_, room_, low_;
    std::vector<int16_t> shares_;
    std::vector<const int16_t*> fine_, lows_;

    int low_room() const { return (width_ + 1) / 2 + 1 + kFixedLanes; }

public:
    Level(const FixedBandRows& rows, float unit, const float* luma, int width, int channels)
        : rows_(rows), unit_(unit), luma_(luma), width_(width), channels_(channels), middle_(width),
          room_(width + 8), low_(static_cast<size_t>(channels) * low_room()), fine_(channels), lows_(channels) {
        for (int c = 0; c < channels; ++c)
            shares_.push_back(static_cast<int16_t>(std::min(luma[c] * 32768.0f + 0.5f, 32767.0f)));
    }

    float unit() const { return unit_; }
    void down(const PlanesOf<int16_t>& fine, int c, int y, int16_t* dst) {
        const int16_t* r[5];
        for (int k = 0; k < 5; ++k) r[k] = fine.row(c, mirror_index(2 * y + k - 2, fine.height));
        rows_.down_vertical(r, middle_.data(), width_);
        rows_.down_horizontal(middle_.data(), width_, room_.data(), dst);
    }
    void hand_on(const int16_t* low, int width, float* dst) const { rows_.add_scaled(dst, low, unit_, width, true); }
    void add_luma(const PlanesOf<int16_t>& low, int c, int y, float* dst) const {
        rows_.add_scaled(dst, low.row(c, y), luma_[c] * unit_, low.width, c == 0);
    }
    void detail(const PlanesOf<int16_t>& fine, const PlanesOf<int16_t>& low, int y, const RowDetail<int16_t>& made) {
        const int k = y / 2, w = low.width;
        for (int c = 0; c < channels_; ++c) {
            int16_t* to = low_.data() + static_cast<int64_t>(c) * low_room() + 1;
            rows_.up_vertical(low.row(c, clamp_index(k - 1, low.height)), low.row(c, clamp_index(k, low.height)),
                              low.row(c, clamp_index(k + 1, low.height)), y % 2 == 1, to, w);
            to[-1] = to[0];
            std::fill_n(to + w, kFixedLanes, to[w - 1]);
            fine_[c] = fine.row(c, y), lows_[c] = to;
        }
        rows_.detail({width_, channels_, shares_.data(), fine_.data(), lows_.data(), made.detail, unit_, made.energy});
    }
    void accumulate(const BandRowOf<int16_t>& row) const { rows_.accumulate(row); }
};

}  // namespace focusstack
