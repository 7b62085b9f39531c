// Loops over the bytes of a row, compiled like rows.cpp.
#include "rows.hpp"
#include "variant.hpp"

namespace focusstack {
namespace {

template <class T>
inline T least(T a, T b) { return a < b ? a : b; }
template <class T>
inline T most(T a, T b) { return a > b ? a : b; }

void sort3(const uint8_t* RESTRICT a, const uint8_t* RESTRICT b, const uint8_t* RESTRICT c, int count,
           uint8_t* RESTRICT low, uint8_t* RESTRICT middle, uint8_t* RESTRICT high) {
    for (int x = 0; x < count; ++x) {
        const uint8_t small = least(a[x], b[x]), large = most(a[x], b[x]);
        low[x] = least(small, c[x]);
        high[x] = most(large, c[x]);
        middle[x] = most(small, least(large, c[x]));
    }
}

inline uint8_t median(uint8_t a, uint8_t b, uint8_t c) { return most(least(a, b), least(most(a, b), c)); }

// The median of nine is that of the largest low, the median middle and the smallest high of three sorted columns.
void outliers(const uint8_t* RESTRICT value, const uint8_t* RESTRICT low, const uint8_t* RESTRICT middle,
              const uint8_t* RESTRICT high, int beside, int count, int8_t* RESTRICT difference) {
    const uint8_t *RESTRICT low_left = low - beside, *RESTRICT low_right = low + beside;
    const uint8_t *RESTRICT middle_left = middle - beside, *RESTRICT middle_right = middle + beside;
    const uint8_t *RESTRICT high_left = high - beside, *RESTRICT high_right = high + beside;
    for (int x = 0; x < count; ++x) {
        const uint8_t around = median(most(most(low_left[x], low[x]), low_right[x]),
                                      median(middle_left[x], middle[x], middle_right[x]),
                                      least(least(high_left[x], high[x]), high_right[x]));
        // both sides within a byte: what exceeds 127 is cut
        const uint8_t above = least<uint8_t>(most(value[x], around) - around, 127);
        const uint8_t below = least<uint8_t>(around - least(value[x], around), 127);
        difference[x] = static_cast<int8_t>(above - below);
    }
}

void keep(const int8_t* RESTRICT difference, int count, int8_t* RESTRICT steady) {
    for (int x = 0; x < count; ++x) {
        const int8_t low = least<int8_t>(steady[x], 0), high = most<int8_t>(steady[x], 0);
        steady[x] = most(low, least(high, difference[x]));
    }
}

template <int n>  // channels, or 0 for `channels` of them
void extremes_of(const int8_t* RESTRICT difference, int channels, int count, int8_t* RESTRICT low,
                 int8_t* RESTRICT high) {
    const int m = n ? n : channels;
    for (int x = 0; x < count; ++x) {
        int8_t small = difference[m * x], large = small;
        for (int c = 1; c < m; ++c) {
            small = least(small, difference[m * x + c]);
            large = most(large, difference[m * x + c]);
        }
        low[x] = small, high[x] = large;
    }
}

void extremes(const int8_t* difference, int channels, int count, int8_t* low, int8_t* high) {
    (channels == 3 ? extremes_of<3> : extremes_of<0>)(difference, channels, count, low, high);
}

int tally(const int8_t* value, int count, int8_t least_value) {
    constexpr int block = 128;  // so many fit in a byte, and bytes are counted many at a time
    int total = 0;
    for (int x0 = 0; x0 < count; x0 += block) {
        uint8_t found = 0;
        for (int x = x0; x < (x0 + block < count ? x0 + block : count); ++x) found += value[x] >= least_value;
        total += found;
    }
    return total;
}

}  // namespace

const OutlierRows& JOIN(outlier_rows_, ROWS_VARIANT)() {
    static const OutlierRows table = {sort3, outliers, keep, extremes, tally};
    return table;
}

}  // namespace focusstack
