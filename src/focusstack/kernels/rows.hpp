// Inner loops over one row, compiled once per instruction set (see CMakeLists.txt) and chosen at run time.
// Every function is a plain loop over independent elements, so that all variants give the same bits.
#pragma once
#include <cstdint>

namespace focusstack {

constexpr int kTaps = 6;         // Lanczos-3 reaches 6 source pixels
constexpr int kPhaseBits = 10;
constexpr int kPhases = 1 << kPhaseBits;  // sub-pixel positions of the resampling table
constexpr int kTableTaps = 8;    // taps in a table for blocks: two more, of no weight
constexpr int kDriftPhases = 128;  // few, between which taps change linearly: they stay in the nearest cache
constexpr int kPad = 4;          // replicated pixels left and right of a row to be resampled
constexpr int kBlurRadius = 5;   // energy window: Gaussian, sigma 2, 11 taps
constexpr int kVarianceBins = 64;
constexpr int kMapPad = 9;       // numbers that can be read behind the rows of a coarser map

template <class Value>
struct BandRowOf {  // one row of one pyramid band, and the state it is added to
    int width;
    int channels;
    int squarings;               // weights are ratios to the power 2^squarings
    const float* energy;
    const float* variance;
    const float* guide;          // score of the next finer band on this grid; null for the finest
    float scale;                 // brings scores of all bands near 1 where there is noise only
    const uint8_t* valid;        // may be null: all pixels count
    const float* prior;          // factor on the score when frames are weighed, not handed on; may be null
    const Value* const* detail;  // per channel
    float unit;                  // what detail is in
    float* peak;                 // null if the row is only to be scored
    float* weight;
    float* const* sums;          // per channel
    float* score;                // where to put this band's score
};
using BandRow = BandRowOf<float>;

struct DetailRow {  // one row of a level of a frame, and of the next level expanded to its grid
    int width;
    int channels;
    const float* luma;              // weight of each channel in luma
    const float* const* fine;       // per channel
    const float* const* low;
    float* const* detail;           // fine - low
    float* energy;                  // the square of the detail's luma
};

struct SourceRows {         // decoded rows of a frame, ready to be resampled
    const float* first;     // row `first_row`, 1 or 4 interleaved channels, kPad replicated pixels on each side
    int64_t stride;         // floats between rows
    int first_row, last_row;
    int width, height;      // of the whole frame
    const float* table;     // kPhases x kTaps weights
    const float* table4;    // the same, each weight four times
};

struct Rows {
    // dst[x] = (a + 4 b + 6 c + 4 d + e)[x] / 16
    void (*down_vertical)(const float* a, const float* b, const float* c, const float* d, const float* e,
                          float* dst, int width);
    // 5-tap binomial at every second pixel; mirrored border without repeating the edge
    void (*down_horizontal)(const float* src, int width, float* dst);
    // even rows: dst = (a + 6 b + c) / 8, odd rows: dst = (b + c) / 2
    void (*up_vertical)(const float* a, const float* b, const float* c, bool odd, float* dst, int width);
    void (*up_horizontal)(const float* src, int src_width, float* dst, int width);
    void (*add_scaled)(float* dst, const float* src, float scale, int width, bool first);
    void (*detail)(const DetailRow& row);
    void (*blur_horizontal)(const float* padded, float* dst, int width);  // padded[kBlurRadius + x] is pixel x
    void (*blur_vertical)(const float* const* rows, float* dst, int width);
    void (*variance)(const float* mean, const float* table, float scale, float* dst, int width);
    void (*accumulate)(const BandRow& row);
    void (*collapse)(const float* sums, const float* weight, const float* up, float* dst, int width);
    void (*resample4)(const SourceRows& s, const float* sx, const float* sy, int count, float* r, float* g, float* b);
    void (*resample1)(const SourceRows& s, const float* sx, const float* sy, int count, float* dst);
    // dst[x] = a + share (b - a) for numbers first[x] and first[x] + 1 of `coarse`; reads kMapPad - 1 numbers after these
    void (*expand_map)(const float* coarse, const int32_t* first, const float* share, int count, float* dst);
};

struct TapBlock {  // how eight pixels beside each other are resampled along one axis
    float weight[kTaps][8];
    int32_t later[8];  // -1 where a pixel's taps begin one later than those of the block, else 0
    int32_t whole[8];  // of each position
    int32_t first;     // of the block
    bool even;         // none begins more than one later
};

struct Drift {  // positions start + step x along a row, not kept to any limit, and the taps by phase
    double start, step;
    const float* table;  // kDriftPhases + 1 times kTableTaps weights and as many changes of them per pixel
};

struct TwoPassRows {
    // Positions start + step x, kept to -1 .. limit, in 1/kPhases
    void (*positions)(double start, double step, int limit, int count, int32_t* position);
    // Taps of `count` blocks of eight pixels; by `stride` whole pixels per pixel they move on anyway
    void (*place)(const int32_t* position, int count, int stride, const float* table, TapBlock* blocks);
    void (*along)(const float* src, const TapBlock* blocks, int count, float* dst);
    // rows[i] is the first row that position i mixes
    void (*across)(const float* const* rows, const TapBlock* blocks, int count, float* dst);
    // The same where positions hardly drift within a block: taps change linearly about those of its middle.
    void (*along_drifting)(const float* const* src, int channels, const Drift& drift, int count, float* const* dst);
    void (*across_drifting)(const float* const* const* rows, int channels, const Drift& drift, int count,
                            float* const* dst);
    // mark |= below where a value is below black, |= above where it is above white
    void (*clipped)(const float* value, int count, float black, float white, uint8_t below, uint8_t above,
                    uint8_t* mark);
};

struct OutlierRows {  // of bytes
    void (*sort3)(const uint8_t* a, const uint8_t* b, const uint8_t* c, int count, uint8_t* low, uint8_t* middle,
                  uint8_t* high);
    // value less the median of nine, three sorted columns `beside` apart, kept to -127 .. 127
    void (*outliers)(const uint8_t* value, const uint8_t* low, const uint8_t* middle, const uint8_t* high, int beside,
                     int count, int8_t* difference);
    void (*keep)(const int8_t* difference, int count, int8_t* steady);
    // the least and the largest of each pixel's channels
    void (*extremes)(const int8_t* difference, int channels, int count, int8_t* low, int8_t* high);
    int (*tally)(const int8_t* value, int count, int8_t least);  // how many are that or more
};

const Rows& rows_baseline();
const Rows& rows_v3();
const TwoPassRows& two_pass_baseline();
const TwoPassRows& two_pass_v3();
const OutlierRows& outlier_rows_baseline();
const OutlierRows& outlier_rows_v3();

}  // namespace focusstack
