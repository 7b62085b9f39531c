// The warp of frames of bytes as fixed_warp.hpp does it, left in numbers of 16 bits.
#pragma once
#include <cmath>

#include "fixed_warp.hpp"
#include "warp.hpp"

namespace focusstack {

class FixedRowWarp {  // for frames it suits. One per thread.
    const PlanesOf<int16_t> dst_;
    const Projection map_;
    Upright upright_;
    const bool shifted_, is_upright_;
    ClippingOf<int16_t> clipping_;
    FixedTile<int16_t> tile_;

    // The least number that is `limit` or more when it is scaled.
    static int16_t least(float limit, float unit) {
        int n = static_cast<int>(std::fmin(std::fmax(std::floor(limit / unit) - 1, INT16_MIN), INT16_MAX));
        while (n < INT16_MAX && static_cast<float>(n) * unit < limit) ++n;
        return static_cast<int16_t>(n);
    }
    // The largest that is `limit` or less.
    static int16_t most(float limit, float unit) {
        int n = static_cast<int>(std::fmin(std::fmax(std::ceil(limit / unit) + 1, INT16_MIN), INT16_MAX));
        while (n > INT16_MIN && static_cast<float>(n) * unit > limit) --n;
        return static_cast<int16_t>(n);
    }

public:
    FixedRowWarp(const WarpLoops& loops, const Source<uint8_t>& source, const double* matrix, PlanesOf<int16_t> dst,
                 const Clipping& clipping)
        : dst_(dst), map_{matrix}, shifted_(map_.is_whole_shift()), is_upright_(upright_.from(map_)),
          clipping_{clipping.seen, 0, 0, loops.fixed_band.clipped, clipping.first, clipping.end},
          tile_(loops.fixed, source, upright_, dst, clipping_) {
        if (!(unit() > 0)) return;
        clipping_.black = least(clipping.black, unit()), clipping_.white = most(clipping.white, unit());
    }
    FixedRowWarp(const FixedRowWarp&) = delete;

    bool suits() const { return is_upright_ && tile_.suits(shifted_ ? 0 : 1); }
    float unit() const { return tile_.unit(); }

    void make(int y0, int y1) {
        if (!shifted_) return warp_tiles(tile_, dst_.width, y0, y1);
        tile_.copy(0, dst_.width, y0, y1);
    }
};

}  // namespace focusstack
