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
    std::vector<int8_t> difference_, falls_, rises_;

    void count(const std::vector<int8_t>& heights, int side, const Counts& counts, int y) const {
        for (int column = 0; column < counts.columns; ++column) {
            const int x = column * counts.cell, width = std::min(counts.cell, p_.width - x);
            for (int k = 0; k < counts.level_count; ++k) {
                const int found = rows_.tally(heights.data() + x, width, counts.levels[k]);
                if (!found) break;  // nor of those above
                counts.at(side, k, y / counts.cell, column) += found;
            }
        }
    }

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
          middle_(low_.size()), high_(low_.size()), difference_(bytes_), falls_(p.width), rises_(p.width) {}

    const int8_t* difference(int y) {
        const int above = y >= kApart ? y - kApart : y, below = y + kApart < p_.height ? y + kApart : y;
        rows_.sort3(row(above), row(y), row(below), bytes_, low_.data() + beside_, middle_.data() + beside_,
                    high_.data() + beside_);
        for (auto* part : {&low_, &middle_, &high_}) extend(*part);
        rows_.outliers(row(y), low_.data() + beside_, middle_.data() + beside_, high_.data() + beside_, beside_,
                       bytes_, difference_.data());
        return difference_.data();
    }

    void count(const int8_t* d, const Counts& counts, int y) {
        rows_.extremes(d, p_.channels, p_.width, falls_.data(), rises_.data());
        for (int8_t& fall : falls_) fall = static_cast<int8_t>(-fall);  // none is below -127
        count(rises_, 0, counts, y);
        count(falls_, 1, counts, y);
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
