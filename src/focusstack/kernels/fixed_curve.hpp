// The curve from bytes to values, in numbers of 16 bits.
#pragma once
#include <algorithm>
#include <cmath>
#include <vector>

#include "fixed_rows.hpp"
#include "source.hpp"

namespace focusstack {

class FixedCurves {  // of all channels, and what its numbers are to be scaled by
    static constexpr int kWhite = 255 << kCodeBits, kLength = 256 / kPieces;
    static constexpr double kMostOff = 1.5;  // that a piece may be from what it should be
    std::vector<FixedCurve> curves_;
    float scale_ = 0;

    static int on_piece(int base, int slope, int at) {
        return base + ((at * (1 << (15 - kSlopeBits)) * slope + (1 << 14)) >> 15);
    }

    // A piece of `exact` from its first code to its last, moved to where it is least off; and by how much it is.
    static double fit(const double* exact, int* base, int* slope) {
        *slope = static_cast<int>(std::lround((exact[kLength - 1] - exact[0]) / (kLength - 1) * (1 << kSlopeBits)));
        double low = 1e9, high = -1e9;
        for (int k = 0; k < kLength; ++k) {
            const double rest = exact[k] - on_piece(0, *slope, k);
            low = std::min(low, rest), high = std::max(high, rest);
        }
        *base = static_cast<int>(std::lround((low + high) / 2));
        return (high - low) / 2 + std::abs(*base - (low + high) / 2);
    }

    static void split(int number, int at, uint8_t (*bytes)[kPieces]) {
        bytes[0][at] = static_cast<uint8_t>(number & 255), bytes[1][at] = static_cast<uint8_t>(number >> 8 & 255);
    }

    static FixedCurve curve(const double* exact) {
        FixedCurve made = {};
        made.in_pieces = true;
        for (int code = 0; code < 256; ++code) made.of[code] = static_cast<int16_t>(std::lround(exact[code]));
        for (int code = 0; code < kLength; ++code) split(made.of[code], code, made.darkest);
        int base[kPieces], slope[kPieces];
        for (int p = 1; p < kPieces; ++p) {
            made.in_pieces &= fit(exact + p * kLength, base + p, slope + p) <= kMostOff;
            split(base[p], p, made.base), split(slope[p], p, made.slope);
        }
        for (int code = kLength; made.in_pieces && code < 256; ++code)
            made.of[code] = static_cast<int16_t>(on_piece(base[code / kLength], slope[code / kLength], code % kLength));
        return made;
    }

public:
    explicit FixedCurves(const Source<uint8_t>& s) {
        constexpr float most = 2;  // as white: beyond it too few bits would be left
        const size_t count = static_cast<size_t>(s.channels) * s.codes;
        float top = 1;
        for (size_t i = 0; i < count; ++i) {
            if (!(s.values[i] >= 0 && s.values[i] <= most)) return;
            top = std::max(top, s.values[i]);
        }
        scale_ = top / kWhite;
        std::vector<double> exact(count);
        for (size_t i = 0; i < count; ++i) exact[i] = s.values[i] * static_cast<double>(kWhite) / top;
        for (int c = 0; c < s.channels; ++c) curves_.push_back(curve(exact.data() + c * s.codes));
    }
    bool fit() const { return scale_ > 0; }
    float scale() const { return scale_; }
    const FixedCurve* data() const { return curves_.data(); }
};

}  // namespace focusstack
