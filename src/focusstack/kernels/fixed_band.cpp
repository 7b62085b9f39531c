// The row loops behind fixed_band_rows.hpp; compiled like rows.cpp.
#include "fixed_band_rows.hpp"

#include "accumulate.hpp"
#include "clipped.hpp"
#include "mirror.hpp"
#include "sixteen.hpp"

namespace focusstack {
namespace {

constexpr int16_t kHalf = 1 << 14, kQuarter = 1 << 13, kEighth = 1 << 12, kSixteenth = 1 << 11;

// a b / 2^15, rounded
inline Sixteen times(const Sixteen& a, int16_t share) { return a * all16(share); }
inline int16_t times(int16_t a, int16_t share) {
    return static_cast<int16_t>((static_cast<int32_t>(a) * share + (1 << 14)) >> 15);
}
inline int16_t sum(int a, int b) { return static_cast<int16_t>(a + b); }
inline Sixteen sum(const Sixteen& a, const Sixteen& b) { return a + b; }
inline int16_t less(int a, int b) { return static_cast<int16_t>(a - b); }
inline Sixteen less(const Sixteen& a, const Sixteen& b) { return a - b; }

enum class Halves { up, down };  // which way they are rounded: the other way along rows than along columns

// The middle, moved towards both by a share of how far they are away.
template <Halves halves, class Number>
ALWAYS_INLINE Number moved(const Number& middle, const Number& a, const Number& b, int16_t share) {
    if (halves == Halves::up) return sum(middle, sum(times(less(a, middle), share), times(less(b, middle), share)));
    return less(middle, sum(times(less(middle, a), share), times(less(middle, b), share)));
}

// (a + 4 b + 6 c + 4 d + e) / 16
template <Halves halves, class Number>
ALWAYS_INLINE Number reduced(const Number& a, const Number& b, const Number& c, const Number& d, const Number& e) {
    const Number change = less(moved<halves>(c, a, e, kSixteenth), c);
    return sum(moved<halves>(c, b, d, kQuarter), change);
}

// (a + 6 b + c) / 8
template <Halves halves, class Number>
ALWAYS_INLINE Number expanded(const Number& a, const Number& b, const Number& c) {
    return moved<halves>(b, a, c, kEighth);
}

// (b + c) / 2
template <Halves halves, class Number>
ALWAYS_INLINE Number halfway(const Number& b, const Number& c) {
    return halves == Halves::up ? sum(b, times(less(c, b), kHalf)) : less(b, times(less(b, c), kHalf));
}

void down_vertical(const int16_t* const* rows, int16_t* RESTRICT dst, int width) {
    const int16_t *a = rows[0], *b = rows[1], *c = rows[2], *d = rows[3], *e = rows[4];
    int x = 0;
    for (; x + kFixedLanes <= width; x += kFixedLanes)
        store16(dst + x, reduced<Halves::up>(load16(a + x), load16(b + x), load16(c + x), load16(d + x), load16(e + x)));
    for (; x < width; ++x) dst[x] = reduced<Halves::up>(a[x], b[x], c[x], d[x], e[x]);
}

void down_horizontal(const int16_t* src, int width, int16_t* room, int16_t* RESTRICT dst) {
    const int half = (width + 1) / 2, others = width / 2;
    int16_t *RESTRICT even = room + 1, *RESTRICT odd = room + half + 4;  // one more on both sides of each
    for (int k = 0; k < others; ++k) even[k] = src[2 * k], odd[k] = src[2 * k + 1];
    if (half > others) {
        even[others] = src[width - 1];
        odd[others] = src[mirror(width, width)];
    }
    even[-1] = src[mirror(-2, width)], odd[-1] = src[mirror(-1, width)];
    even[half] = src[mirror(2 * half, width)];
    int k = 0;
    for (; k + kFixedLanes <= half; k += kFixedLanes)
        store16(dst + k, reduced<Halves::down>(load16(even + k - 1), load16(odd + k - 1), load16(even + k),
                                               load16(odd + k), load16(even + k + 1)));
    for (; k < half; ++k) dst[k] = reduced<Halves::down>(even[k - 1], odd[k - 1], even[k], odd[k], even[k + 1]);
}

void up_vertical(const int16_t* a, const int16_t* b, const int16_t* c, bool odd, int16_t* RESTRICT dst, int width) {
    int x = 0;
    for (; x + kFixedLanes <= width; x += kFixedLanes) {
        const Sixteen here = load16(b + x), below = load16(c + x);
        store16(dst + x, odd ? halfway<Halves::up>(here, below) : expanded<Halves::up>(load16(a + x), here, below));
    }
    for (; x < width; ++x) dst[x] = odd ? halfway<Halves::up>(b[x], c[x]) : expanded<Halves::up>(a[x], b[x], c[x]);
}

void detail(const FixedDetailRow& r) {
    constexpr int step = 2 * kFixedLanes;
    int x = 0;
    for (; x + step <= r.width; x += step) {  // all channels at once, as each is needed twice
        Sixteen luma[2] = {};
        for (int c = 0; c < r.channels; ++c) {
            const int16_t* low = r.low[c] + x / 2;
            const Sixteen here = load16(low), right = load16(low + 1);
            Sixteen up[2];
            interleave(expanded<Halves::down>(load16(low - 1), here, right), halfway<Halves::down>(here, right), up);
            for (int k = 0; k < 2; ++k) {
                const Sixteen d = load16(r.fine[c] + x + kFixedLanes * k) - up[k];
                store16(r.detail[c] + x + kFixedLanes * k, d);
                luma[k] = luma[k] + times(d, r.luma[c]);
            }
        }
        for (int k = 0; k < 2; ++k) store_squared(r.energy + x + kFixedLanes * k, luma[k], r.unit);
    }
    for (; x < r.width; ++x) {
        int luma = 0;
        for (int c = 0; c < r.channels; ++c) {
            const int16_t* low = r.low[c] + x / 2;
            const int16_t up = x % 2 ? halfway<Halves::down>(low[0], low[1]) : expanded<Halves::down>(low[-1], low[0], low[1]);
            r.detail[c][x] = less(r.fine[c][x], up);
            luma += times(r.detail[c][x], r.luma[c]);
        }
        const float scaled = static_cast<float>(static_cast<int16_t>(luma)) * r.unit;
        r.energy[x] = scaled * scaled;
    }
}

void add_scaled(float* RESTRICT dst, const int16_t* RESTRICT src, float scale, int width, bool first) {
    if (first)
        for (int x = 0; x < width; ++x) dst[x] = scale * static_cast<float>(src[x]);
    else
        for (int x = 0; x < width; ++x) dst[x] = dst[x] + scale * static_cast<float>(src[x]);
}

void accumulate(const BandRowOf<int16_t>& row) { accumulate_row(row); }

void clipped(const int16_t* value, int count, int16_t black, int16_t white, uint8_t below, uint8_t above,
             uint8_t* mark) {
    mark_clipped(value, count, black, white, below, above, mark);
}

}  // namespace

const FixedBandRows& JOIN(fixed_band_rows_, ROWS_VARIANT)() {
    static const FixedBandRows table = {down_vertical, down_horizontal, up_vertical, detail,
                                        add_scaled,    accumulate,      clipped};
    return table;
}

}  // namespace focusstack
