// A scene cut into layers by how wide each pixel is blurred, and the layers reduced to grids on which disks are small.
#pragma once
#include <algorithm>
#include <cstdint>
#include <vector>

#include "parallel.hpp"
#include "pyramid.hpp"

namespace focusstack {

struct VeilLayer {        // of what is blurred alike
    int factor, reach;    // on a grid so many times coarser, a disk of (2 reach + 1)^2 weights
    const float* weights;
    int reach_px() const { return (reach + 1) * factor; }
};

struct VeilScene {
    const float* light;   // interleaved, linear
    const float* radius;  // 0 where nothing is in the way
    int channels, height, width;
};

class VeilLayers {
    static constexpr int kCell = 16;  // px: where layers are is known by cells
    static constexpr uint8_t kNone = 255;
    const VeilScene& scene_;
    const std::vector<VeilLayer>& layers_;
    const float* edges_;              // of radii, between layers: one more than these
    const int cells_high_, cells_wide_;
    std::vector<uint8_t> layer_;      // of each pixel
    std::vector<uint64_t> present_;   // a bit for each layer and cell
    std::vector<std::vector<float>> reduced_;

    static int shrunk(int size, int factor) { return (size + factor - 1) / factor; }
    int planes_count() const { return scene_.channels + 1; }

    // Of neighbours, most are in the same layer.
    bool lies_in(int k, float radius) const {
        return (k == 0 || radius >= edges_[k]) && (k + 1 == count() || radius < edges_[k + 1]);
    }
    int layer_for(float radius) const {
        return static_cast<int>(std::upper_bound(edges_ + 1, edges_ + layers_.size(), radius) - edges_ - 1);
    }
    void add_reduced(const Planes& to, int factor, int y, int x) const {
        const float* from = scene_.light + (static_cast<int64_t>(y) * scene_.width + x) * scene_.channels;
        const int64_t plane = static_cast<int64_t>(to.height) * to.width;
        float* there = to.row(0, y / factor) + x / factor;
        for (int c = 0; c < scene_.channels; ++c, there += plane) *there += from[c];
        *there += 1.0f;
    }
    void sort_row(int y) {
        const int64_t row = static_cast<int64_t>(y) * scene_.width;
        uint64_t* present = present_.data() + static_cast<int64_t>(y / kCell) * cells_wide_;
        int k = 0, factor = layers_[0].factor;
        Planes to = reduced(0);
        for (int x = 0; x < scene_.width; ++x) {
            const float radius = scene_.radius[row + x];
            layer_[row + x] = kNone;
            if (!(radius > 0)) continue;
            if (!lies_in(k, radius)) k = layer_for(radius), factor = layers_[k].factor, to = reduced(k);
            layer_[row + x] = static_cast<uint8_t>(k);
            present[x / kCell] |= uint64_t{1} << k;
            if (factor > 1) add_reduced(to, factor, y, x);
        }
    }
    void average(const Planes& p, int factor) const {  // sums become means; cells on the border are smaller
        for (int c = 0; c < p.channels; ++c)
            for (int y = 0; y < p.height; ++y) {
                const int high = std::min(factor, scene_.height - y * factor);
                const float share = 1.0f / static_cast<float>(high * factor);
                float *row = p.row(c, y), *last = row + p.width - 1;
                *last *= static_cast<float>(factor) / static_cast<float>(scene_.width - (p.width - 1) * factor);
                for (int x = 0; x < p.width; ++x) row[x] *= share;
            }
    }

public:
    VeilLayers(const VeilScene& scene, const std::vector<VeilLayer>& layers, const float* edges, int threads)
        : scene_(scene), layers_(layers), edges_(edges), cells_high_(shrunk(scene.height, kCell)),
          cells_wide_(shrunk(scene.width, kCell)), layer_(static_cast<size_t>(scene.height) * scene.width),
          present_(static_cast<size_t>(cells_high_) * cells_wide_), reduced_(layers.size()) {
        int strip = kCell;  // rows: no cell of any grid lies in two strips
        for (size_t k = 0; k < layers.size(); ++k) {
            if (layers[k].factor == 1) continue;
            strip = std::max(strip, layers[k].factor);
            reduced_[k].resize(static_cast<size_t>(planes_count()) * shrunk(scene.height, layers[k].factor) *
                               shrunk(scene.width, layers[k].factor));
        }
        parallel_strips(scene.height, strip, threads, [&](int y0, int y1) {
            for (int y = y0; y < y1; ++y) sort_row(y);
        });
        for (size_t k = 0; k < layers.size(); ++k)
            if (layers[k].factor > 1) average(reduced(static_cast<int>(k)), layers[k].factor);
    }

    const VeilLayer& operator[](int k) const { return layers_[k]; }
    int count() const { return static_cast<int>(layers_.size()); }
    int height(int k) const { return shrunk(scene_.height, layers_[k].factor); }
    int width(int k) const { return shrunk(scene_.width, layers_[k].factor); }
    Planes reduced(int k) {  // light and matte, of a layer on a coarser grid
        return {reduced_[k].data(), planes_count(), height(k), width(k)};
    }

    bool reaches(int k, int y0, int y1, int x0, int x1) const {
        const int reach = layers_[k].reach_px();
        const int top = std::max(0, y0 - reach) / kCell, left = std::max(0, x0 - reach) / kCell;
        const int end = std::min(cells_high_, (y1 + reach) / kCell + 1), right = std::min(cells_wide_, (x1 + reach) / kCell + 1);
        for (int y = top; y < end; ++y)
            for (int x = left; x < right; ++x)
                if (present_[static_cast<int64_t>(y) * cells_wide_ + x] >> k & 1) return true;
        return false;
    }

    // Numbers y, x0 to x1 of plane c of a layer, on its grid; beyond the border the edge repeats
    void copy_row(int k, int c, int y, int x0, int x1, float* dst) const {
        const int w = width(k), row = clamp_index(y, height(k));
        for (int x = x0; x < x1; ++x) dst[x - x0] = at(k, c, row, clamp_index(x, w));
    }

private:
    float at(int k, int c, int y, int x) const {
        if (layers_[k].factor > 1)
            return reduced_[k][(static_cast<int64_t>(c) * height(k) + y) * width(k) + x];
        const int64_t i = static_cast<int64_t>(y) * scene_.width + x;
        if (layer_[i] != k) return 0.0f;
        return c == scene_.channels ? 1.0f : scene_.light[i * scene_.channels + c];
    }
};

}  // namespace focusstack
