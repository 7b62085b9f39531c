// The dip in light that dust makes, from what frames differ by. In one thread: the boxes are small.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace focusstack {

struct DustPairs {  // P pairs of frames in a box of h x w pixels
    int pairs, height, width;
    const float *difference, *share;  // (P, h, w)
    const float *x, *y;               // where the other frame sees each point, in the box or out of it
};

class DipDescent {
    struct There {  // four neighbours in the box with a rim of zeros around it
        int32_t at;
        float right, down;
    };
    const DustPairs& p_;
    const int stride_;
    std::vector<There> there_;
    std::vector<float> ahead_;  // with the rim
    std::vector<float> own_, missing_;

    // Of whole steps beyond the box nothing is seen, so positions stop there.
    static float kept(float v, int size) { return v > -1.0f ? (v < static_cast<float>(size) ? v : size) : -1.0f; }

public:
    explicit DipDescent(const DustPairs& pairs)
        : p_(pairs), stride_(pairs.width + 3), there_(static_cast<size_t>(pairs.pairs) * pairs.height * pairs.width),
          ahead_(static_cast<size_t>(stride_) * (pairs.height + 3)) {
        for (size_t i = 0; i < there_.size(); ++i) {
            const float x = kept(p_.x[i], p_.width), y = kept(p_.y[i], p_.height);
            const int left = static_cast<int>(std::floor(x)), top = static_cast<int>(std::floor(y));
            there_[i] = {(top + 1) * stride_ + left + 1, x - static_cast<float>(left), y - static_cast<float>(top)};
        }
    }

    void run(int steps, float* dip) {
        const size_t count = static_cast<size_t>(p_.height) * p_.width;
        std::vector<float> before(dip, dip + count);
        for (int step = 0; step < steps; ++step) {
            const float momentum = step ? static_cast<float>(step - 1) / static_cast<float>(step + 2) : 0.0f;
            for (int y = 0; y < p_.height; ++y)
                for (int x = 0; x < p_.width; ++x) {
                    const size_t i = static_cast<size_t>(y) * p_.width + x;
                    ahead_[static_cast<size_t>(y + 1) * stride_ + x + 1] = dip[i] + momentum * (dip[i] - before[i]);
                }
            std::copy(dip, dip + count, before.begin());
            look_for_missing(count);
            for (size_t i = 0; i < count; ++i) dip[i] = std::min(own(i) + 0.5f * missing_[i], 0.0f);
        }
    }

private:
    float own(size_t i) const { return ahead_[(i / p_.width + 1) * stride_ + i % p_.width + 1]; }

    void look_for_missing(size_t count) {
        missing_.assign(count, 0.0f);
        own_.resize(count);
        for (size_t i = 0; i < count; ++i) own_[i] = own(i);
        for (size_t first = 0; first < there_.size(); first += count)
            for (size_t i = 0; i < count; ++i) {
                const There& t = there_[first + i];
                const float* a = ahead_.data() + t.at;
                const float upper = a[0] + t.right * (a[1] - a[0]);
                const float lower = a[stride_] + t.right * (a[stride_ + 1] - a[stride_]);
                const float lost = own_[i] - (upper + t.down * (lower - upper));
                missing_[i] += p_.share[first + i] * (p_.difference[first + i] - lost);
            }
    }
};

}  // namespace focusstack
