// A frame to be resampled, and where the canvas lies in it.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>

#include "pyramid.hpp"
#include "rows.hpp"

namespace focusstack {

template <class Code>
struct Source {  // interleaved frame; `values` maps codes to numbers, one table of `codes` entries per channel
    const Code* data;
    int channels, height, width;
    const float* values;
    int codes;
};

inline float value_of(const Source<float>& s, int, float code) { return code; }
template <class Code>
inline float value_of(const Source<Code>& s, int channel, Code code) {
    return s.values[static_cast<int64_t>(channel) * s.codes + code];
}

// Pixels first .. first + count - 1 of a row, channel after channel; beyond the frame its edge repeats.
template <class Code>
void unpack(const Source<Code>& s, int y, int first, int count, float* dst) {
    const Code* row = s.data + static_cast<int64_t>(y) * s.width * s.channels;
    const int low = std::max(first, 0), high = std::min(first + count, s.width);  // may be empty
    for (int c = 0; c < s.channels; ++c) {
        float* d = dst + static_cast<int64_t>(c) * count - first;
        for (int x = first; x < std::min(low, first + count); ++x) d[x] = value_of(s, c, row[c]);
        for (int x = std::max(high, first); x < first + count; ++x)
            d[x] = value_of(s, c, row[static_cast<int64_t>(s.width - 1) * s.channels + c]);
    }
    for (int x = low; s.channels == 1 && x < high; ++x) dst[x - first] = value_of(s, 0, row[x]);
    if (s.channels != 3) return;
    const Source<Code> source = s;  // nothing that is written to can be part of it
    float *r = dst - first, *g = r + count, *b = g + count;
    const Code* p = row + 3 * static_cast<int64_t>(low);
    for (int x = low; x < high; ++x, p += 3)
        r[x] = value_of(source, 0, p[0]), g[x] = value_of(source, 1, p[1]), b[x] = value_of(source, 2, p[2]);
}

template <class Value>
struct ClippingOf {  // remembers which values of the canvas were black (1) or white (2) in a frame
    uint8_t* seen;  // or null; a byte per pixel, two bits per channel, the first channel's lowest
    Value black, white;
    void (*mark)(const Value* value, int count, Value black, Value white, uint8_t below, uint8_t above, uint8_t* mark);
    int first = 0, end = 1 << 30;  // rows to be looked at

    // Part of a row of a channel of the canvas.
    void look(PlanesOf<Value> canvas, int c, int y, int x0, int x1) const {
        if (!seen || y < first || y >= end) return;
        const auto below = static_cast<uint8_t>(1 << 2 * c), above = static_cast<uint8_t>(2 << 2 * c);
        mark(canvas.row(c, y) + x0, x1 - x0, black, white, below, above,
             seen + static_cast<int64_t>(y) * canvas.width + x0);
    }
    void look(PlanesOf<Value> canvas, int y0, int y1) const {
        for (int c = 0; c < canvas.channels; ++c)
            for (int y = y0; y < y1; ++y) look(canvas, c, y, 0, canvas.width);
    }
};
using Clipping = ClippingOf<float>;

struct Projection {  // source <- canvas
    const double* m;
    void at(double x, double y, float* sx, float* sy) const {
        const double w = 1.0 / (m[6] * x + m[7] * y + m[8]);
        *sx = static_cast<float>((m[0] * x + m[1] * y + m[2]) * w);
        *sy = static_cast<float>((m[3] * x + m[4] * y + m[5]) * w);
    }
    void row(int y, int width, float* sx, float* sy) const {
        if (m[6] != 0 || m[7] != 0) {
            for (int x = 0; x < width; ++x) at(x, y, sx + x, sy + x);
            return;
        }
        const double w = 1.0 / m[8], ax = m[0] * w, ay = m[3] * w;
        const double bx = (m[1] * y + m[2]) * w, by = (m[4] * y + m[5]) * w;
        for (int x = 0; x < width; ++x) {
            sx[x] = static_cast<float>(ax * x + bx);
            sy[x] = static_cast<float>(ay * x + by);
        }
    }
    bool is_whole_shift() const {
        constexpr double limit = 1 << 24;  // farther shifts show the edge only, by the general way
        if (!(std::abs(m[2]) < limit && std::abs(m[5]) < limit)) return false;
        return m[0] == 1 && m[1] == 0 && m[3] == 0 && m[4] == 1 && m[6] == 0 && m[7] == 0 && m[8] == 1 &&
               m[2] == std::floor(m[2]) && m[5] == std::floor(m[5]);
    }
};

}  // namespace focusstack
