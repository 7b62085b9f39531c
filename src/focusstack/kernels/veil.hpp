// The light that blurred near things spread over a scene, and what they let through: layers blurred by disks, laid one
// behind the other from the widest, which are nearest. Worked out tile by tile where it is wanted.
#pragma once
#include <algorithm>
#include <vector>

#include "between.hpp"
#include "parallel.hpp"
#include "rows.hpp"
#include "veil_layers.hpp"
#include "veil_rows.hpp"

namespace focusstack {

struct VeilLoops {
    const Rows& rows;
    const VeilRows& veil;
};

struct VeilRect {  // rows y0 to y1, columns x0 to x1
    int y0, y1, x0, x1;
};

class VeilTiles {
    const int height_, width_;

public:
    static constexpr int kSide = 64;
    VeilTiles(int height, int width) : height_(height), width_(width) {}
    int across() const { return (width_ + kSide - 1) / kSide; }
    int down() const { return (height_ + kSide - 1) / kSide; }
    int count() const { return across() * down(); }
    VeilRect operator[](int k) const {
        const int y0 = k / across() * kSide, x0 = k % across() * kSide;
        return {y0, std::min(height_, y0 + kSide), x0, std::min(width_, x0 + kSide)};
    }
};

struct VeilResult {
    Planes light;
    float* through;
    uint8_t* made;  // 1 for tiles that something reaches; the others stay as they are
};

class VeilTile {  // lays layers over a tile
    const VeilLoops& loops_;
    const VeilLayers& layers_;
    const VeilResult& out_;
    std::vector<float> room_, blurred_, blended_, expanded_;
    std::vector<const float*> window_;
    const int y0_, y1_, x0_, x1_;

    struct Part {  // of a layer's grid
        int top, left, height, width;
        int64_t size() const { return static_cast<int64_t>(height) * width; }
    };

    static Between place(int at, int factor, int size) {
        return between((static_cast<float>(at) + 0.5f) / static_cast<float>(factor) - 0.5f, size);
    }
    Part part(int k) const {
        const int f = layers_[k].factor, h = layers_.height(k), w = layers_.width(k);
        const int top = place(y0_, f, h).first, left = place(x0_, f, w).first;
        return {top, left, place(y1_ - 1, f, h).second + 1 - top, place(x1_ - 1, f, w).second + 1 - left};
    }
    // A plane of the part, blurred, into `dst`
    void blur(int k, int c, const Part& part, float* dst) {
        const VeilLayer& layer = layers_[k];
        const int wide = part.width + 2 * layer.reach, high = part.height + 2 * layer.reach;
        room_.resize(static_cast<size_t>(wide) * high);
        for (int y = 0; y < high; ++y)
            layers_.copy_row(k, c, part.top + y - layer.reach, part.left - layer.reach,
                             part.left + part.width + layer.reach, room_.data() + static_cast<int64_t>(y) * wide);
        window_.resize(2 * layer.reach + 1);
        for (int y = 0; y < part.height; ++y) {
            for (size_t j = 0; j < window_.size(); ++j) window_[j] = room_.data() + (static_cast<int64_t>(y) + j) * wide;
            loops_.veil.disk(window_.data(), layer.reach, layer.weights, part.width, dst + static_cast<int64_t>(y) * part.width);
        }
    }
    Columns columns(int k, const Part& part) const {
        Columns made;
        for (int x = x0_; x < x1_; ++x) {
            Between b = place(x, layers_[k].factor, layers_.width(k));
            b.first -= part.left, b.second -= part.left;
            made.add(b);
        }
        return made;
    }
    // Row y of the picture of a blurred plane
    const float* expand(const float* plane, const Part& part, const Between& y, const Columns& columns, float* dst) {
        const float *a = plane + static_cast<int64_t>(y.first - part.top) * part.width;
        blend_rows(a, plane + static_cast<int64_t>(y.second - part.top) * part.width, y.share, part.width, blended_.data());
        blended_[part.width] = blended_[part.width - 1];
        columns.expand(loops_.rows, blended_.data(), 0, columns.size(), dst);
        return dst;
    }
    float* through(int y) const { return out_.through + static_cast<int64_t>(y) * out_.light.width + x0_; }

    void lay(int k) {
        const Part p = part(k);
        const int channels = out_.light.channels, width = x1_ - x0_;
        blurred_.resize((channels + 1) * p.size());
        for (int c = 0; c <= channels; ++c) blur(k, c, p, blurred_.data() + c * p.size());
        blended_.resize(p.width + kMapPad);
        expanded_.resize(width);
        const Columns along = columns(k, p);
        for (int y = y0_; y < y1_; ++y) {
            const Between down = place(y, layers_[k].factor, layers_.height(k));
            for (int c = 0; c < channels; ++c) {
                const float* layer = expand(blurred_.data() + c * p.size(), p, down, along, expanded_.data());
                loops_.veil.lay(through(y), layer, width, out_.light.row(c, y) + x0_);
            }
            const float* matte = expand(blurred_.data() + channels * p.size(), p, down, along, expanded_.data());
            loops_.veil.cover(matte, width, through(y));
        }
    }

public:
    VeilTile(const VeilLoops& loops, const VeilLayers& layers, const VeilResult& out, const VeilRect& r)
        : loops_(loops), layers_(layers), out_(out), y0_(r.y0), y1_(r.y1), x0_(r.x0), x1_(r.x1) {}

    bool make() {  // whether anything reaches it
        bool any = false;
        for (int k = layers_.count() - 1; k >= 0; --k) {
            if (!layers_.reaches(k, y0_, y1_, x0_, x1_)) continue;
            lay(k);
            any = true;
        }
        return any;
    }
};

// Whether a pixel is wanted in the rectangle or up to `beside` px beside it.
inline bool is_wanted(const uint8_t* wanted, int height, int width, const VeilRect& r, int beside) {
    const int left = std::max(0, r.x0 - beside), right = std::min(width, r.x1 + beside);
    for (int y = std::max(0, r.y0 - beside); y < std::min(height, r.y1 + beside); ++y) {
        const uint8_t* row = wanted + static_cast<int64_t>(y) * width;
        if (std::any_of(row + left, row + right, [](uint8_t flag) { return flag != 0; })) return true;
    }
    return false;
}

// `out` comes without any light, and with everything let through.
inline void lay_veils(const VeilLoops& loops, const VeilLayers& layers, const uint8_t* wanted, int beside,
                      const VeilResult& out, int threads) {
    const VeilTiles tiles(out.light.height, out.light.width);
    parallel_strips(tiles.count(), 1, threads, [&](int k, int) {
        if (is_wanted(wanted, out.light.height, out.light.width, tiles[k], beside))
            out.made[k] = VeilTile(loops, layers, out, tiles[k]).make();
    });
}

struct VeilTaking {  // what a frame's veil is taken off with; all on the grid of the scene
    const float *chosen, *half;  // positions among the frames, and half-widths of windows around them
    float frame, toward, step;   // toward: 1 if larger positions are farther, else -1
    float least, full;           // shares let through of which nothing is recovered, and all
    float *gain, *replace;
};

// Turns light and what is let through of a tile into what must be done to the frame: `light` becomes the offset.
inline void take_off(const VeilTaking& t, const VeilResult& out, int y0, int y1, int x0, int x1) {
    for (int y = y0; y < y1; ++y) {
        const int64_t row = static_cast<int64_t>(y) * out.light.width;
        for (int x = x0; x < x1; ++x) {
            const int64_t i = row + x;
            const float away = t.toward * (t.chosen[i] - t.frame), seen = out.through[i];
            const bool behind = away >= -t.step;
            const float part = std::min(std::max((seen - t.least) / (t.full - t.least), 0.0f), 1.0f);
            const float share = behind ? part : 0.0f, taken = share / std::max(seen, t.least);
            t.gain[i] = taken + 1.0f - share;
            for (int c = 0; c < out.light.channels; ++c) out.light.row(c, y)[x] *= taken;
            t.replace[i] = !behind && -away > t.half[i] ? 1.0f : 0.0f;
            if (!behind) out.through[i] = 1.0f;
        }
    }
}

inline void take_off(const VeilTaking& taking, const VeilResult& out, int threads) {
    const VeilTiles tiles(out.light.height, out.light.width);
    parallel_strips(tiles.count(), 1, threads, [&](int k, int) {
        const VeilRect r = tiles[k];
        if (out.made[k]) take_off(taking, out, r.y0, r.y1, r.x0, r.x1);
    });
}

}  // namespace focusstack
