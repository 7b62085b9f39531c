// The row loops behind rows.hpp. ROWS_VARIANT names the instruction set that this copy is compiled for.
#include "rows.hpp"

#if defined(__AVX2__)
#include <immintrin.h>
#endif

#include <cmath>

#include "accumulate.hpp"
#include "eight.hpp"
#include "mirror.hpp"
#include "variant.hpp"

namespace focusstack {
namespace {

void down_vertical(const float* RESTRICT a, const float* RESTRICT b, const float* RESTRICT c,
                   const float* RESTRICT d, const float* RESTRICT e, float* RESTRICT dst, int width) {
    for (int x = 0; x < width; ++x)
        dst[x] = ((a[x] + e[x]) + 4.0f * (b[x] + d[x]) + 6.0f * c[x]) * (1.0f / 16.0f);
}

inline float down_at(const float* s, int width, int c) {
    return ((s[mirror(c - 2, width)] + s[mirror(c + 2, width)]) +
            4.0f * (s[mirror(c - 1, width)] + s[mirror(c + 1, width)]) + 6.0f * s[c]) * (1.0f / 16.0f);
}

void down_horizontal(const float* RESTRICT src, int width, float* RESTRICT dst) {
    const int half = (width + 1) / 2;
    const int last = (width - 3) / 2;  // largest x with 2 x + 2 <= width - 1
    for (int x = 1; x <= last; ++x) {
        const float* s = src + 2 * x;
        dst[x] = ((s[-2] + s[2]) + 4.0f * (s[-1] + s[1]) + 6.0f * s[0]) * (1.0f / 16.0f);
    }
    dst[0] = down_at(src, width, 0);
    for (int x = last < 0 ? 1 : last + 1; x < half; ++x)
        if (x > 0) dst[x] = down_at(src, width, 2 * x);
}

void up_vertical(const float* RESTRICT a, const float* RESTRICT b, const float* RESTRICT c, bool odd,
                 float* RESTRICT dst, int width) {
    if (odd)
        for (int x = 0; x < width; ++x) dst[x] = (b[x] + c[x]) * 0.5f;
    else
        for (int x = 0; x < width; ++x) dst[x] = ((a[x] + c[x]) + 6.0f * b[x]) * 0.125f;
}

void up_horizontal(const float* RESTRICT src, int src_width, float* RESTRICT dst, int width) {
    const int n = src_width;
    for (int k = 1; k < n - 1; ++k) {  // interior: always inside the fine row
        dst[2 * k] = ((src[k - 1] + src[k + 1]) + 6.0f * src[k]) * 0.125f;
        dst[2 * k + 1] = (src[k] + src[k + 1]) * 0.5f;
    }
    for (int k = 0; k < n; k += (n > 1 ? n - 1 : 1)) {  // first and last
        const float left = src[k > 0 ? k - 1 : 0], right = src[k < n - 1 ? k + 1 : n - 1];
        dst[2 * k] = ((left + right) + 6.0f * src[k]) * 0.125f;
        if (2 * k + 1 < width) dst[2 * k + 1] = (src[k] + right) * 0.5f;
    }
}

void add_scaled(float* RESTRICT dst, const float* RESTRICT src, float scale, int width, bool first) {
    if (first)
        for (int x = 0; x < width; ++x) dst[x] = scale * src[x];
    else
        for (int x = 0; x < width; ++x) dst[x] = dst[x] + scale * src[x];
}

void detail(const DetailRow& r) {
    int x = 0;
    for (; x + 8 <= r.width; x += 8) {  // all channels at once, as each is needed twice
        Eight luma = {};
        for (int c = 0; c < r.channels; ++c) {
            const Eight d = load8(r.fine[c] + x) - load8(r.low[c] + x), part = d * r.luma[c];
            store8(r.detail[c] + x, d);
            luma = c ? luma + part : part;
        }
        store8(r.energy + x, luma * luma);
    }
    for (; x < r.width; ++x) {
        float luma = 0;
        for (int c = 0; c < r.channels; ++c) {
            const float d = r.fine[c][x] - r.low[c][x], part = d * r.luma[c];
            r.detail[c][x] = d;
            luma = c ? luma + part : part;
        }
        r.energy[x] = luma * luma;
    }
}

// Gaussian, sigma 2, cut at 5 px and normalised
constexpr float kB0 = 0.20056541f, kB1 = 0.17699836f, kB2 = 0.12164907f, kB3 = 0.06511406f, kB4 = 0.02714358f,
                kB5 = 0.00881223f;

void blur_horizontal(const float* RESTRICT padded, float* RESTRICT dst, int width) {
    for (int x = 0; x < width; ++x) {
        const float* p = padded + x + kBlurRadius;
        dst[x] = kB0 * p[0] + kB1 * (p[-1] + p[1]) + kB2 * (p[-2] + p[2]) + kB3 * (p[-3] + p[3]) +
                 kB4 * (p[-4] + p[4]) + kB5 * (p[-5] + p[5]);
    }
}

void blur_vertical(const float* const* rows, float* RESTRICT dst, int width) {
    const float *RESTRICT a = rows[0], *RESTRICT b = rows[1], *RESTRICT c = rows[2], *RESTRICT d = rows[3],
                *RESTRICT e = rows[4], *RESTRICT m = rows[5], *RESTRICT f = rows[6], *RESTRICT g = rows[7],
                *RESTRICT h = rows[8], *RESTRICT i = rows[9], *RESTRICT j = rows[10];
    for (int x = 0; x < width; ++x)
        dst[x] = kB0 * m[x] + kB1 * (e[x] + f[x]) + kB2 * (d[x] + g[x]) + kB3 * (c[x] + h[x]) +
                 kB4 * (b[x] + i[x]) + kB5 * (a[x] + j[x]);
}

void variance(const float* RESTRICT mean, const float* RESTRICT table, float scale, float* RESTRICT dst, int width) {
    for (int x = 0; x < width; ++x) {
        float m = mean[x] * (kVarianceBins - 1) + 0.5f;
        m = m > 0.0f ? m : 0.0f;  // NaN becomes 0 too
        m = m < kVarianceBins - 1 ? m : kVarianceBins - 1;
        dst[x] = table[static_cast<int>(m)] * scale;
    }
}

void accumulate(const BandRow& row) { accumulate_row(row); }

void collapse(const float* RESTRICT sums, const float* RESTRICT weight, const float* RESTRICT up,
              float* RESTRICT dst, int width) {
    for (int x = 0; x < width; ++x) dst[x] = sums[x] / weight[x] + up[x];
}

struct Position {
    int whole;
    int phase;
};

inline Position locate(float x, int limit) {
    x = x > -1.0f ? x : -1.0f;  // NaN becomes -1 too
    x = x < static_cast<float>(limit) ? x : static_cast<float>(limit);
    const float whole = std::floor(x);
    int phase = static_cast<int>((x - whole) * kPhases + 0.5f);
    int at = static_cast<int>(whole);
    if (phase == kPhases) {
        phase = 0;
        ++at;
    }
    return {at, phase};
}

struct Column {  // the rows that one output pixel mixes, border rows repeated
    const float* row[kTaps];
    const float* weight;
};

inline Column column(const SourceRows& s, float y) {
    const Position at = locate(y, s.height);
    Column c;
    c.weight = s.table + at.phase * kTaps;
    for (int j = 0; j < kTaps; ++j) {
        int i = at.whole - 2 + j;
        i = i < s.first_row ? s.first_row : (i <= s.last_row ? i : s.last_row);
        c.row[j] = s.first + static_cast<int64_t>(i - s.first_row) * s.stride;
    }
    return c;
}

void resample4(const SourceRows& s, const float* sx, const float* sy, int count, float* RESTRICT r,
               float* RESTRICT g, float* RESTRICT b) {
    for (int x = 0; x < count; ++x) {
        const Position at = locate(sx[x], s.width);
        const Column c = column(s, sy[x]);
        const float* wx = s.table4 + at.phase * 4 * kTaps;
        const int64_t offset = 4 * static_cast<int64_t>(at.whole - 2 + kPad);
        const float* p = c.row[0] + offset;
        Eight i = load8(p) * c.weight[0], j = load8(p + 8) * c.weight[0], k = load8(p + 16) * c.weight[0];
        for (int n = 1; n < kTaps; ++n) {
            const float* q = c.row[n] + offset;
            const float w = c.weight[n];
            i = i + load8(q) * w;
            j = j + load8(q + 8) * w;
            k = k + load8(q + 16) * w;
        }
        const Eight t = (i * load8(wx) + j * load8(wx + 8)) + k * load8(wx + 16);
        r[x] = t[0] + t[4];
        g[x] = t[1] + t[5];
        b[x] = t[2] + t[6];
    }
}

void resample1(const SourceRows& s, const float* sx, const float* sy, int count, float* RESTRICT dst) {
    for (int x = 0; x < count; ++x) {
        const Position at = locate(sx[x], s.width);
        const Column c = column(s, sy[x]);
        const float* wx = s.table + at.phase * kTaps;
        const int64_t offset = at.whole - 2 + kPad;
        float acc[kTaps] = {0, 0, 0, 0, 0, 0};
        for (int j = 0; j < kTaps; ++j)
            for (int k = 0; k < kTaps; ++k) acc[k] += c.weight[j] * c.row[j][offset + k];
        dst[x] = ((acc[0] * wx[0] + acc[1] * wx[1]) + (acc[2] * wx[2] + acc[3] * wx[3])) +
                 (acc[4] * wx[4] + acc[5] * wx[5]);
    }
}

void expand_map(const float* RESTRICT coarse, const int32_t* RESTRICT first, const float* RESTRICT share, int count,
                float* RESTRICT dst) {
    int x = 0;
#if defined(__AVX2__)  // picks the same numbers as the loop below
    for (; x + 8 <= count; x += 8) {
        if (first[x + 7] - first[x] > 7) break;  // no grid is that much finer, but rounding might
        const __m256i near = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(first + x));
        const __m256i at = _mm256_sub_epi32(near, _mm256_set1_epi32(first[x]));
        const __m256 a = _mm256_permutevar8x32_ps(_mm256_loadu_ps(coarse + first[x]), at);
        const __m256 b = _mm256_permutevar8x32_ps(_mm256_loadu_ps(coarse + first[x] + 1), at);
        const __m256 moved = _mm256_mul_ps(_mm256_loadu_ps(share + x), _mm256_sub_ps(b, a));
        _mm256_storeu_ps(dst + x, _mm256_add_ps(a, moved));
    }
#endif
    for (; x < count; ++x) {
        const float *a = coarse + first[x], *b = a + 1;
        dst[x] = *a + share[x] * (*b - *a);
    }
}

}  // namespace

const Rows& JOIN(rows_, ROWS_VARIANT)() {
    static const Rows table = {down_vertical,   down_horizontal, up_vertical,   up_horizontal, add_scaled,
                               detail,          blur_horizontal, blur_vertical, variance,      accumulate,
                               collapse,        resample4,       resample1,     expand_map};
    return table;
}

}  // namespace focusstack
