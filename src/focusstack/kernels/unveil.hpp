// Takes the veil of blurred near things off a frame, in linear light. Planar float32 pictures.
#pragma once
#include <algorithm>
#include <cmath>
#include <vector>

#include "parallel.hpp"
#include "pyramid.hpp"

namespace focusstack {

class SrgbTables {  // both directions of the sRGB curve, linearly interpolated
    static constexpr int kSize = 8192;
    static constexpr double kTop = 1.25;
    std::vector<float> decode_, encode_;

    static float at(const std::vector<float>& table, float position) {
        position = position > 0.0f ? position : 0.0f;  // NaN becomes 0 too
        position = position < kSize - 1 ? position : kSize - 1;
        const int i = std::min(static_cast<int>(position), kSize - 2);
        const float t = position - static_cast<float>(i);
        return table[i] + t * (table[i + 1] - table[i]);
    }

public:
    SrgbTables() : decode_(kSize), encode_(kSize) {
        for (int i = 0; i < kSize; ++i) {
            const double v = kTop * i / (kSize - 1);
            decode_[i] = static_cast<float>(v <= 0.04045 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4));
            const double x = v * v;  // the curve is smooth over the square root of light
            encode_[i] = static_cast<float>(x <= 0.0031308 ? 12.92 * x : 1.055 * std::pow(x, 1 / 2.4) - 0.055);
        }
    }
    float decode(float v) const { return at(decode_, v * static_cast<float>((kSize - 1) / kTop)); }
    float encode(float x) const {
        return at(encode_, std::sqrt(x > 0.0f ? x : 0.0f) * static_cast<float>((kSize - 1) / kTop));
    }
};

struct Veil {  // maps on a grid `scale` times coarser than the picture
    const float *gain, *replace;
    Planes offset, sharp, low, high;
    int scale;
};

struct Between {  // linear interpolation along one axis
    int first, second;
    float share;  // of the second
};

inline Between between(int full, int scale, int size) {
    const float at = (static_cast<float>(full) - 0.5f * static_cast<float>(scale - 1)) / static_cast<float>(scale);
    const float low = std::floor(at);
    const int i = static_cast<int>(low);
    return {clamp_index(i, size), clamp_index(i + 1, size), at - low};
}

inline float sample(const float* plane, int width, const Between& y, const Between& x) {
    const float* a = plane + static_cast<int64_t>(y.first) * width;
    const float* b = plane + static_cast<int64_t>(y.second) * width;
    const float top = a[x.first] + x.share * (a[x.second] - a[x.first]);
    const float bottom = b[x.first] + x.share * (b[x.second] - b[x.first]);
    return top + y.share * (bottom - top);
}

// Pixels that nothing is done to are left as they are, to the bit.
inline void unveil(Planes picture, const Veil& veil, int threads) {
    static const SrgbTables srgb;
    const int h = veil.offset.height, w = veil.offset.width;
    std::vector<Between> columns(picture.width);
    for (int x = 0; x < picture.width; ++x) columns[x] = between(x, veil.scale, w);
    parallel_strips(picture.height, 32, threads, [&](int y0, int y1) {
        for (int y = y0; y < y1; ++y) {
            const Between row = between(y, veil.scale, h);
            for (int x = 0; x < picture.width; ++x) {
                const float gain = sample(veil.gain, w, row, columns[x]);
                const float replace = sample(veil.replace, w, row, columns[x]);
                if (gain == 1.0f && replace == 0.0f) continue;
                for (int c = 0; c < picture.channels; ++c) {
                    float& value = picture.row(c, y)[x];
                    const float offset = sample(veil.offset.row(c, 0), w, row, columns[x]);
                    float clean = srgb.encode(srgb.decode(value) * gain - offset);
                    clean = std::min(clean, std::max(value, sample(veil.high.row(c, 0), w, row, columns[x])));
                    clean = std::max(clean, std::min(value, sample(veil.low.row(c, 0), w, row, columns[x])));
                    const float sharp = sample(veil.sharp.row(c, 0), w, row, columns[x]);
                    value = clean + replace * (sharp - clean);
                }
            }
        }
    });
}

}  // namespace focusstack
