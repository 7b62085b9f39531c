// Row loops of comparing two pictures of one scene; compiled like rows.cpp.
#include "eight.hpp"
#include "motion_rows.hpp"
#include "variant.hpp"

namespace focusstack {
namespace {

inline double total(const Eight& e) {
    return ((double(e[0]) + e[4]) + (double(e[1]) + e[5])) + ((double(e[2]) + e[6]) + (double(e[3]) + e[7]));
}

void add_products(const float* RESTRICT a, const float* RESTRICT b, int width, float* RESTRICT aa, float* RESTRICT ab,
                  float* RESTRICT bb) {
    for (int x = 0; x < width; ++x) {
        aa[x] = aa[x] + a[x] * a[x];
        ab[x] = ab[x] + a[x] * b[x];
        bb[x] = bb[x] + b[x] * b[x];
    }
}

void gradient(const float* RESTRICT above, const float* RESTRICT here, const float* RESTRICT below, int width,
              float* RESTRICT right, float* RESTRICT down) {
    for (int x = 1; x < width - 1; ++x) {
        right[x] = ((above[x + 1] - above[x - 1]) + 2.0f * (here[x + 1] - here[x - 1]) + (below[x + 1] - below[x - 1])) *
                   0.125f;
        down[x] = ((below[x - 1] - above[x - 1]) + 2.0f * (below[x] - above[x]) + (below[x + 1] - above[x + 1])) * 0.125f;
    }
    right[0] = down[0] = right[width - 1] = down[width - 1] = 0.0f;
}

void mean_of(const float* RESTRICT a, const float* RESTRICT b, int width, float* RESTRICT dst) {
    for (int x = 0; x < width; ++x) dst[x] = (a[x] + b[x]) * 0.5f;
}

void scale_by(const float* RESTRICT factor, float scale, int width, float* RESTRICT dst) {
    for (int x = 0; x < width; ++x) dst[x] = dst[x] * (factor[x] * scale);
}

void keep_seen(const Glance& g, int width, float* RESTRICT trust) {
    for (int x = 0; x < width; ++x) {
        const float sx = g.x_step * static_cast<float>(x) + g.x, sy = g.y_step * static_cast<float>(x) + g.y;
        const bool seen = (sx >= g.low) & (sx <= g.right) & (sy >= g.low) & (sy <= g.bottom);
        trust[x] = seen ? trust[x] : 0.0f;
    }
}

// Sums over a row of `weight` times 1, at and at squared.
struct Moments {
    Eight none = {}, one = {}, two = {};

    ALWAYS_INLINE void add(const Eight& weight, const Eight& at) {
        const Eight moved = weight * at;
        none = none + weight;
        one = one + moved;
        two = two + moved * at;
    }
    void into(double* sum) const { sum[0] = total(none), sum[1] = total(one), sum[2] = total(two); }
};

void slope_moments(const float* right, const float* down, const float* at, int blocks, double* sum) {
    Moments rr, rd, dd;
    for (int i = 0; i < blocks; ++i) {
        const Eight r = load8(right + 8 * i), d = load8(down + 8 * i), x = load8(at + 8 * i);
        rr.add(r * r, x);
        rd.add(r * d, x);
        dd.add(d * d, x);
    }
    rr.into(sum), rd.into(sum + 3), dd.into(sum + 6);
}

void energy_moments(const float* right, const float* down, const float* trust, const float* at, int blocks,
                    double* sum) {
    Moments m;
    for (int i = 0; i < blocks; ++i) {
        const Eight t = load8(trust + 8 * i), r = load8(right + 8 * i) * t, d = load8(down + 8 * i) * t;
        m.add(r * r + d * d, load8(at + 8 * i));
    }
    m.into(sum);
}

void project(const float* right, const float* down, const float* target, const float* now, const float* trust,
             const float* at, int blocks, double* sum) {
    Eight r = {}, rx = {}, d = {}, dx = {}, nn = {}, tn = {};
    for (int i = 0; i < blocks; ++i) {
        const Eight n = load8(now + 8 * i) * load8(trust + 8 * i), x = load8(at + 8 * i);
        const Eight a = load8(right + 8 * i) * n, b = load8(down + 8 * i) * n;
        r = r + a;
        rx = rx + a * x;
        d = d + b;
        dx = dx + b * x;
        nn = nn + n * n;
        tn = tn + load8(target + 8 * i) * n;
    }
    sum[0] = total(r), sum[1] = total(rx), sum[2] = total(d), sum[3] = total(dx), sum[4] = total(nn), sum[5] = total(tn);
}

void correlate(const float* a, const float* b, int width, double* sum) {
    Eight sa = {}, sb = {}, aa = {}, ab = {}, bb = {};
    const int whole = width / 8 * 8;
    for (int x = 0; x < whole; x += 8) {
        const Eight p = load8(a + x), q = load8(b + x);
        sa = sa + p;
        sb = sb + q;
        aa = aa + p * p;
        ab = ab + p * q;
        bb = bb + q * q;
    }
    sum[0] += total(sa), sum[1] += total(sb), sum[2] += total(aa), sum[3] += total(ab), sum[4] += total(bb);
    for (int x = whole; x < width; ++x) {
        const double p = a[x], q = b[x];
        sum[0] += p, sum[1] += q, sum[2] += p * p, sum[3] += p * q, sum[4] += q * q;
    }
}

}  // namespace

const MotionRows& JOIN(motion_rows_, ROWS_VARIANT)() {
    static const MotionRows table = {add_products,  gradient,       mean_of, scale_by, keep_seen,
                                     slope_moments, energy_moments, project, correlate};
    return table;
}

}  // namespace focusstack
