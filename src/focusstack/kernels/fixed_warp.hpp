// The warp of frames of bytes that lie nearly upright and reach over the whole canvas: as two_pass.hpp does it, in
// numbers of 16 bits. Each product is rounded to 1/64 of a code, so a value is right to about 1/55 of a code (RMS).
#pragma once
#include <algorithm>
#include <cmath>
#include <vector>

#include "fixed_curve.hpp"
#include "fixed_rows.hpp"
#include "lanczos.hpp"
#include "tile.hpp"

namespace focusstack {

class FixedTable {  // taps by phase, see kFixedEntry
    std::vector<int16_t> entries_;

    // Rounded, the largest so that all together are what they should be.
    static void round_to(const double* exact, double unit, int total, int16_t* rounded) {
        int largest = 0, sum = 0;
        int32_t whole[kTaps];
        for (int t = 0; t < kTaps; ++t) {
            sum += whole[t] = static_cast<int32_t>(std::lround(exact[t] * unit));
            if (std::abs(exact[t]) > std::abs(exact[largest])) largest = t;
        }
        whole[largest] += total - sum;
        for (int t = 0; t < kTaps; ++t) rounded[t] = static_cast<int16_t>(std::min<int32_t>(whole[t], INT16_MAX));
    }

public:
    FixedTable() : entries_(kFixedPhases * kFixedEntry) {
        for (int p = 0; p < kFixedPhases; ++p) {
            const LanczosTaps taps(static_cast<double>(p) / kFixedPhases);
            int16_t* entry = entries_.data() + p * kFixedEntry;
            round_to(taps.weight, 1 << 15, 1 << 15, entry + 1);
            round_to(taps.change, 1 << (30 - kMovedBits), 0, entry + kFixedEntry / 2 + 1);
        }
    }
    static const int16_t* data() {
        static const FixedTable table;
        return table.entries_.data();
    }
};

template <class Out>  // float, or int16_t: as it is
class FixedTile : Tile<uint8_t, int16_t, 16, Out> {
    using Base = Tile<uint8_t, int16_t, 16, Out>;
    using Base::across_, Base::between, Base::blocks_, Base::clipping_, Base::down_, Base::dst_, Base::kMostChannels;
    using Base::m_, Base::segment_, Base::source_, Base::x0_;
    static constexpr int kSlack = 40;
    static constexpr double kMostTurned = 1.0 / 512, kMostLean = 1.0 / 64, kMostMagnified = 0.06;
    static constexpr double kShiftGrid = 32;  // taps are placed anew when a row's shift changes so, and linear between
    const FixedRows& fixed_;
    const FixedCurves curves_;
    const int16_t* table_;
    std::vector<FixedBlock> taps_;

    // Pixels of row v from `first` on, channel after channel; beyond the frame its edge repeats.
    void unpack(int v, int first, int length, int16_t* const* to) const {
        const uint8_t* row = source_.data + static_cast<int64_t>(v) * source_.width * source_.channels;
        const int n = source_.channels, low = std::max(first, 0), high = std::min(first + length, source_.width);
        int16_t* inner[kMostChannels];
        for (int c = 0; c < n; ++c) inner[c] = to[c] + (low - first);
        fixed_.unpack(row + n * low, n, high - low, curves_.data(), inner);
        for (int c = 0; c < n; ++c) {
            std::fill(to[c], inner[c], inner[c][0]);
            std::fill(to[c] + (high - first), to[c] + length, to[c][high - first - 1]);
        }
    }

    void along() {
        const int length = across_.last - across_.first + 1 + kSlack;
        segment_.resize(static_cast<size_t>(length) * source_.channels);
        int16_t *from[kMostChannels], *to[kMostChannels];
        const int16_t* moved[kMostChannels];
        for (int c = 0; c < source_.channels; ++c) {
            from[c] = segment_.data() + static_cast<int64_t>(c) * length;
            moved[c] = from[c] - across_.first;
        }
        double placed = NAN;
        for (int v = std::max(0, down_.first); v <= std::min(down_.last, source_.height - 1); ++v) {
            unpack(v, across_.first, length, from);
            for (int c = 0; c < source_.channels; ++c) to[c] = between(c, v);
            const double shift = m_.lean * v, near = std::floor(shift * kShiftGrid + 0.5) / kShiftGrid;
            if (near != placed) fixed_.place({m_.a * x0_ + m_.left + near, m_.a, table_}, blocks_, taps_.data());
            placed = near;
            const double rest = std::floor((shift - near) * (1 << kMovedBits) + 0.5);
            fixed_.along(moved, source_.channels, taps_.data(), blocks_, static_cast<int16_t>(rest), to);
        }
    }

public:
    FixedTile(const FixedRows& fixed, const Source<uint8_t>& source, const Upright& m, PlanesOf<Out> dst,
              const ClippingOf<Out>& clipping)
        : Base(source, m, dst, clipping), fixed_(fixed), curves_(source), table_(FixedTable::data()) {}

    float unit() const { return curves_.scale(); }

    // Whether all of the canvas may be made so, if it lies within the frame or at most so far beyond; which the rows
    // that are wanted at a time have no say in.
    bool suits(int beyond = 1) const {
        if (!curves_.fit() || std::abs(m_.a - 1) > kMostMagnified || std::abs(m_.d - 1) > kMostMagnified ||
            std::abs(m_.c) > kMostTurned || std::abs(m_.lean) > kMostLean)
            return false;
        for (int x : {0, dst_.width - 1})
            for (int y : {0, dst_.height - 1}) {
                const double v = m_.c * x + m_.d * y + m_.top, u = m_.a * x + m_.lean * v + m_.left;
                if (!(v >= -beyond && v <= source_.height - 1 + beyond && u >= -beyond && u <= source_.width - 1 + beyond))
                    return false;
            }
        return true;
    }

    void warp(int x0, int x1, int y0, int y1) {
        this->begin(x0, x1, y0, y1);
        taps_.resize(blocks_);
        along();
        const auto mix = [this](double start, const int16_t* const* const* seen, Out* const* out) {
            const FixedDrift drift = {start, m_.c, table_};
            if constexpr (std::is_same_v<Out, float>)
                fixed_.across(seen, source_.channels, drift, blocks_, unit(), out);
            else
                fixed_.across_fixed(seen, source_.channels, drift, blocks_, out);
        };
        for (int y = y0; y < y1; ++y) this->row(y, mix);
    }

    // The same for a frame that is moved by whole pixels only.
    void copy(int x0, int x1, int y0, int y1) {
        int16_t* to[kMostChannels];
        for (int y = y0; y < y1; ++y) {
            for (int c = 0; c < source_.channels; ++c) to[c] = dst_.row(c, y) + x0;
            unpack(y + static_cast<int>(m_.top), x0 + static_cast<int>(m_.left), x1 - x0, to);
            for (int c = 0; c < source_.channels; ++c) clipping_.look(dst_, c, y, x0, x1);
        }
    }
};

}  // namespace focusstack
