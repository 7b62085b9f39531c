// Adds a frame to the finest band straight from its pixels: warped, freed of its veil, reduced and scored a few rows
// at a time, which stay in the cache; the frame is never there as a whole.
#pragma once
#include <algorithm>
#include <type_traits>
#include <vector>

#include "band.hpp"
#include "fixed_frame.hpp"
#include "parallel.hpp"
#include "unveil.hpp"
#include "warp.hpp"

namespace focusstack {

template <class Code>
struct Feed {
    Source<Code> source;
    const double* matrix;  // source <- canvas
    Clipping clipping;
    Veil veil;
    Band band;     // without fine and low, which are made here, and without score
    int end;       // row that the state ends before
    Planes low;    // where to put rows of the next coarser level of the frame, and of its guide
    Planes guide;
    int first_low; // the first of these rows
};

// Rows of the finest level that are kept at a time, of each kind: what is made at once, and what is still looked at.
constexpr int kFineRows = 2 * kStripRows, kLowRows = 16, kScoreRows = 8;

// How frames become rows of Values.
template <class Code, class Value>
struct Way {  // of floats
    using Warp = RowWarp<Code>;
    static Level<float> level(const WarpLoops& loops, const Feed<Code>& f, const Warp&) {
        return {loops.rows, f.band.luma, f.band.fine.width, f.source.channels};
    }
};
template <>
struct Way<uint8_t, int16_t> {
    using Warp = FixedRowWarp;
    static Level<int16_t> level(const WarpLoops& loops, const Feed<uint8_t>& f, const Warp& warp) {
        return {loops.fixed_band, warp.unit(), f.band.luma, f.band.fine.width, f.source.channels};
    }
};

// Makes one row after another of everything as far as it is asked for. One per thread and part of the canvas.
template <class Code, class Value>
class FeedStrip {
    using Held = PlanesOf<Value>;
    const Rows& rows_;
    const Feed<Code>& f_;
    const int channels_, height_, width_, first_, end_;  // rows of the coarser level that are this strip's
    std::vector<Value> room_;
    std::vector<float> scores_, middle_;
    const Held fine_, low_;
    const Planes score_;
    typename Way<Code, Value>::Warp warp_;
    Level<Value> level_;
    RowUnveil<Value> unveil_;
    BandStrip<Value> band_;
    int next_score_, next_detail_, next_low_, next_fine_;
    const int first_score_;

    size_t fine_size() const { return static_cast<size_t>(channels_) * kFineRows * width_; }
    size_t low_size() const { return static_cast<size_t>(channels_) * kLowRows * f_.low.width; }
    int low_height() const { return (height_ + 1) / 2; }
    BandOf<Value> band() const {
        Band b = f_.band;
        b.score = score_;
        return b.of(fine_, low_);
    }
    Clipping own(Clipping c) const {
        c.first = 2 * first_, c.end = 2 * end_;
        return c;
    }

    void fine(int end) {  // up to row `end`, as are all of these
        while (next_fine_ < std::min(end, height_)) {
            const int y1 = std::min(height_, next_fine_ + kStripRows);
            warp_.make(next_fine_, y1);
            for (; next_fine_ < y1; ++next_fine_) unveil_.clean(next_fine_);
        }
    }
    void low(int end) {
        for (; next_low_ < std::min(end, low_height()); ++next_low_) {
            const int k = next_low_;
            fine(2 * k + 3);
            for (int c = 0; c < channels_; ++c) {
                level_.down(fine_, c, k, low_.row(c, k));
                if (k >= first_ && k < end_)
                    level_.hand_on(low_.row(c, k), f_.low.width, f_.low.row(c, k - f_.first_low));
            }
        }
    }
    void detail(int end) {
        for (; next_detail_ < std::min(end, height_); ++next_detail_) {
            low(next_detail_ / 2 + 2);
            band_.produce(next_detail_);
        }
    }
    void score(int end) {
        for (; next_score_ < std::min(end, height_); ++next_score_) {
            const int y = next_score_;
            detail(y + kBlurRadius + 1);
            const bool counts = y >= std::max(2 * first_, f_.band.first) && y < std::min(2 * end_, f_.end);
            band_.consume(y, y == first_score_, counts);
        }
    }

public:
    FeedStrip(const WarpLoops& loops, const Feed<Code>& feed, int first, int end)
        : rows_(loops.rows), f_(feed), channels_(feed.source.channels), height_(feed.band.fine.height),
          width_(feed.band.fine.width), first_(first), end_(end), room_(fine_size() + low_size()),
          scores_(static_cast<size_t>(kScoreRows) * width_), middle_(width_),
          fine_{room_.data(), channels_, height_, width_, kFineRows},
          low_{room_.data() + fine_size(), channels_, low_height(), feed.low.width, kLowRows},
          score_{scores_.data(), 1, height_, width_, kScoreRows},
          warp_(loops, feed.source, feed.matrix, fine_, own(feed.clipping)),
          level_(Way<Code, Value>::level(loops, feed, warp_)), unveil_({loops.rows, loops.unveil}, fine_, level_.unit(), feed.veil),
          band_(rows_, level_, band()), next_score_(std::max(0, 2 * first - 2)),
          next_detail_(std::max(0, next_score_ - kBlurRadius)), next_low_(std::max(0, next_detail_ / 2 - 1)),
          next_fine_(std::max(0, 2 * next_low_ - 2)), first_score_(next_score_) {}

    void make() {
        for (int k = first_; k < end_; ++k) {
            score(2 * k + 3);
            down_row(rows_, score_, 0, k, middle_.data(), f_.guide.row(0, k - f_.first_low));
        }
        low(end_);
    }
};

template <class Value, class Code>
void feed_strips(const WarpLoops& loops, const Feed<Code>& feed, int threads) {
    constexpr int least = 64;  // rows of a strip, as what lies beside one is made twice
    const int strip = std::max(least, (feed.low.height + 4 * threads - 1) / (4 * threads));
    parallel_strips(feed.low.height, strip, threads, [&](int first, int end) {
        FeedStrip<Code, Value> part(loops, feed, feed.first_low + first, feed.first_low + end);
        part.make();
    });
}

template <class Code>
void feed_finest(const WarpLoops& loops, const Feed<Code>& feed, int threads) {
    if constexpr (std::is_same_v<Code, uint8_t>) {
        const PlanesOf<int16_t> canvas = {nullptr, feed.source.channels, feed.band.fine.height, feed.band.fine.width};
        if (FixedRowWarp(loops, feed.source, feed.matrix, canvas, feed.clipping).suits())
            return feed_strips<int16_t>(loops, feed, threads);
    }
    feed_strips<float>(loops, feed, threads);
}

}  // namespace focusstack
