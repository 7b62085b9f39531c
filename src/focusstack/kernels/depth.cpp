// Row loops of finding the depth; compiled like rows.cpp.
#include "depth_rows.hpp"

#include <cstring>

#include "variant.hpp"

namespace focusstack {
namespace {

// Gaussian, sigma 0.7, 5 taps, normalised
constexpr float kG0 = 0.56991249f, kG1 = 0.2054237f, kG2 = 0.00962006f;

void squared_band(const float* RESTRICT luma, const float* RESTRICT low, int width, float* RESTRICT dst) {
    for (int x = 0; x < width; ++x) dst[x] = (luma[x] - low[x]) * (luma[x] - low[x]);
}

void gather_down(const float* const* rows, int width, float* RESTRICT dst) {
    const float *RESTRICT a = rows[0], *RESTRICT b = rows[1], *RESTRICT c = rows[2], *RESTRICT d = rows[3],
                *RESTRICT e = rows[4];
    for (int x = 0; x < width; ++x) dst[x] = kG0 * c[x] + kG1 * (b[x] + d[x]) + kG2 * (a[x] + e[x]);
}

void gather_along(const float* RESTRICT padded, int width, float* RESTRICT dst) {
    for (int x = 0; x < width; ++x) {
        const float* p = padded + x + 2;
        dst[x] = kG0 * p[0] + kG1 * (p[-1] + p[1]) + kG2 * (p[-2] + p[2]);
    }
}

void over_noise(const float* RESTRICT low, const float* RESTRICT inverse, int bins, int width, float* RESTRICT energy) {
    const float most = static_cast<float>(bins - 1);
    for (int x = 0; x < width; ++x) {
        float at = low[x] * most + 0.5f;
        at = at > 0.0f ? at : 0.0f;
        at = at < most ? at : most;
        energy[x] = energy[x] * inverse[static_cast<int>(at)];
    }
}

void encode(const float* RESTRICT energy, const uint8_t* RESTRICT table, int entries, int count, uint8_t* RESTRICT dst) {
    for (int i = 0; i < count; ++i) {
        const float value = energy[i] + 1.0f;
        int32_t bits;
        std::memcpy(&bits, &value, sizeof bits);
        int32_t at = (bits - kOneBits) >> kCodeShift;
        at = at > 0 ? at : 0;
        dst[i] = table[at < entries ? at : entries - 1];
    }
}

void follow(const Peaks& p, const float* RESTRICT score, int count) {
    float *RESTRICT best = p.best, *RESTRICT index = p.index, *RESTRICT before = p.before, *RESTRICT after = p.after,
          *RESTRICT last = p.last, *RESTRICT total = p.total;
    const float fed = p.fed;
    for (int i = 0; i < count; ++i) {
        const float now = score[i], rival = fed - index[i] > p.far_apart ? p.rivalry : 1.0f;
        const bool follows = index[i] == fed - 1.0f, better = now > rival * best[i];
        const float kept = follows ? now : after[i];
        after[i] = better ? 0.0f : kept;
        before[i] = better ? last[i] : before[i];
        index[i] = better ? fed : index[i];
        best[i] = better ? now : best[i];
        total[i] = total[i] + now;
        last[i] = now;
    }
}

void colour_products(const float* RESTRICT plane, const float* RESTRICT guide, int count, float* RESTRICT dst) {
    for (int i = 0; i < count; ++i) {
        for (int c = 0; c < 3; ++c) dst[4 * i + c] = plane[i] * guide[3 * i + c];
        dst[4 * i + 3] = plane[i];
    }
}

void regress(const float* RESTRICT products, const float* RESTRICT mean, const float* RESTRICT inverse, int count,
             float* RESTRICT dst) {
    for (int i = 0; i < count; ++i) {
        const float *p = products + 4 * i, *m = mean + 3 * i, *v = inverse + 6 * i;
        const float a = p[0] - m[0] * p[3], b = p[1] - m[1] * p[3], c = p[2] - m[2] * p[3];
        const float r = v[0] * a + v[1] * b + v[2] * c, g = v[1] * a + v[3] * b + v[4] * c,
                    u = v[2] * a + v[4] * b + v[5] * c;
        dst[4 * i] = r, dst[4 * i + 1] = g, dst[4 * i + 2] = u;
        dst[4 * i + 3] = p[3] - (r * m[0] + g * m[1] + u * m[2]);
    }
}

void predict(const float* RESTRICT row, const int32_t* RESTRICT first, const int32_t* RESTRICT second,
             const float* RESTRICT share, const float* RESTRICT guide, int width, float* RESTRICT dst) {
    for (int x = 0; x < width; ++x) {
        const float *a = row + 4 * first[x], *b = row + 4 * second[x], *g = guide + 3 * x;
        const float s = share[x];
        const float r = a[0] + s * (b[0] - a[0]), e = a[1] + s * (b[1] - a[1]), u = a[2] + s * (b[2] - a[2]);
        dst[x] = (r * g[0] + e * g[1] + u * g[2]) + (a[3] + s * (b[3] - a[3]));
    }
}

}  // namespace

const DepthRows& JOIN(depth_rows_, ROWS_VARIANT)() {
    static const DepthRows table = {squared_band,    gather_down, gather_along, over_noise, encode, follow,
                                    colour_products, regress,     predict};
    return table;
}

}  // namespace focusstack
