// By how much pixels stand out from their surroundings, in 8-bit pictures, interleaved.
#pragma once
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "parallel.hpp"
#include "rows.hpp"

namespace focusstack {

constexpr int kApart = 3;  // px between a pixel and those it is compared with

struct Interleaved {
    const uint8_t* data;
    int height, width, channels;
};

struct Counts {  // pixels that stand out by at least each level, upwards and downwards, in square cells
    const int8_t* levels;  // rising
    int level_count, cell, rows, columns;
    int32_t* counts;       // 2 x level_count x rows x columns
    int32_t& at(int side, int level, int row, int column) const {
        return counts[((static_cast<int64_t>(side) * level_count + level) * rows + row) * columns + column];
    }
};

class OutlierStrip {
    const OutlierRows& rows_;
    const Interleaved p_;
    const int bytes_, beside_;  // of a row; between a pixel and its neighbours
    std::vector<uint8_t> padded_, low_, middle_, high_;
    std::vector<int8_t> difference_;

    const uint8_t* row(int y) const { return p_.data + static_cast<int64_t>(y) * bytes_; }

    // Beyond the border a pixel stands for its neighbour there.
    void extend(std::vector<uint8_t>& row) const {
        uint8_t* inner = row.data() + beside_;
        const int some = std::min(beside_, bytes_);
        std::memcpy(row.data(), inner, some);
        std::memcpy(inner + bytes_ - some + beside_, inner + bytes_ - some, some);
    }

public:
    OutlierStrip(const OutlierRows& rows, const Interleaved& p)
        : rows_(rows), p_(p), bytes_(p.width * p.channels), beside_(kApart * p.channels), low_(bytes_ + 2 * beside_),
          middle_(low_.size()), high_(low_.size()), difference_(bytes_) {}

    const int8_t* difference(int y) {
        const int above = y >= kApart ? y - kApart : y, below = y + kApart < p_.height ? y + kApart : y;
        rows_.sort3(row(above), row(y), row(below), bytes_, low_.data() + beside_, middle_.data() + beside_,
                    high_.data() + beside_);
        for (auto* part : {&low_, &middle_, &high_}) extend(*part);
        rows_.outliers(row(y), low_.data() + beside_, middle_.data() + beside_, high_.data() + beside_, beside_,
                       bytes_, difference_.data());
        return difference_.data();
    }

    void count(const int8_t* d, const Counts& counts, int y) const {
        const int group = 16;
        for (int x0 = 0; x0 < p_.width; x0 += group) {
            const int x1 = std::min(p_.width, x0 + group);
            if (!rows_.any_beyond(d + x0 * p_.channels, (x1 - x0) * p_.channels, counts.levels[0])) continue;
            for (int x = x0; x < x1; ++x) {
                const int8_t* v = d + x * p_.channels;
                const int high = *std::max_element(v, v + p_.channels), low = *std::min_element(v, v + p_.channels);
                for (int k = 0; k < counts.level_count; ++k) {
                    counts.at(0, k, y / counts.cell, x / counts.cell) += high >= counts.levels[k];
                    counts.at(1, k, y / counts.cell, x / counts.cell) += -low >= counts.levels[k];
                }
            }
        }
    }
};

// Each signed byte of `steady` is kept to what stands out here to the same side; replaced in the first picture.
inline void stand_out(const OutlierRows& rows, const Interleaved& p, int8_t* steady, bool first, const Counts& counts,
                      int threads) {
    parallel_strips(p.height, counts.cell, threads, [&](int y0, int y1) {
        OutlierStrip strip(rows, p);
        const int bytes = p.width * p.channels;
        for (int y = y0; y < y1; ++y) {
            const int8_t* difference = strip.difference(y);
            int8_t* held = steady + static_cast<int64_t>(y) * bytes;
            if (first) std::memcpy(held, difference, bytes);
            else rows.keep(difference, bytes, held);
            strip.count(difference, counts, y);
        }
    });
}

}  // namespace focusstack
