// Python face of the kernels: checks shapes, releases the GIL, picks the instruction set.
#include <nanobind/stl/optional.h>

#include <optional>

#include "bind_band.hpp"
#include "bindings.hpp"
#include "outliers.hpp"
#include "pyramid.hpp"

using namespace focusstack;

namespace {

bool fast_rows_available() {
#if defined(HAVE_ROWS_V3) && (defined(__GNUC__) || defined(__clang__))
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
#else
    return false;
#endif
}

bool use_fast_rows = fast_rows_available();

const OutlierRows& outlier_rows() { return RUNNING(outlier_rows); }

void py_down(ConstStack src, Stack dst, int threads) {
    const Planes s = planes(src), d = planes(dst);
    need(s.channels == d.channels && is_half(s.height, d.height) && is_half(s.width, d.width) && s.height > 0 &&
             s.width > 0, "dst must be half of src, rounded up");
    nb::gil_scoped_release release;
    pyramid_down(rows(), s, d, threads);
}

void py_accumulate(ConstStack fine, ConstStack low, Plane peak, Plane weight, Stack sums, ConstLine luma,
                   ConstLine variance, float variance_scale, int squarings, std::optional<ConstMask> valid,
                   std::optional<ConstPlane> guide, Plane score, float score_scale, std::optional<ConstPlane> prior,
                   float prior_step, float prior_offset, int threads) {
    const Planes f = planes(fine), l = planes(low), s = planes(sums);
    need(f.channels == l.channels && is_half(f.height, l.height) && is_half(f.width, l.width) && f.height > 0 &&
             f.width > 0, "low must be half of fine, rounded up");
    need(s.channels == f.channels && s.height == f.height && s.width == f.width, "sums must have fine's shape");
    need(covers(peak, f) && covers(weight, f), "peak and weight must have fine's height and width");
    need(!guide || covers(*guide, f), "guide must have fine's height and width");
    need(covers(score, f), "score must have fine's height and width");
    const Weighing weighing = {luma, variance, variance_scale, squarings, valid, score_scale, prior, prior_step,
                               prior_offset};
    Band band = weighing.band(f);
    band.low = l, band.peak = peak.data(), band.weight = weight.data(), band.sums = s;
    band.guide = guide ? guide->data() : nullptr, band.score = {score.data(), 1, f.height, f.width};
    nb::gil_scoped_release release;
    accumulate_band(rows(), band, threads);
}

void py_collapse(ConstStack sums, ConstPlane weight, ConstStack low, Stack out, int threads) {
    const Planes s = planes(sums), l = planes(low), o = planes(out);
    need(s.channels == o.channels && s.height == o.height && s.width == o.width, "out must have sums' shape");
    need(l.channels == s.channels && is_half(s.height, l.height) && is_half(s.width, l.width) && s.height > 0 &&
             s.width > 0, "low must be half of sums, rounded up");
    need(covers(weight, s), "weight must have sums' height and width");
    nb::gil_scoped_release release;
    collapse_band(rows(), s, weight.data(), l, o, threads);
}

using Bytes = nb::ndarray<const uint8_t, nb::ndim<3>, nb::c_contig, nb::device::cpu>;
using SignedBytes = nb::ndarray<int8_t, nb::ndim<3>, nb::c_contig, nb::device::cpu>;
using Levels = nb::ndarray<const int8_t, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
using CellCounts = nb::ndarray<int32_t, nb::ndim<4>, nb::c_contig, nb::device::cpu>;

void py_stand_out(Bytes pixels, SignedBytes steady, bool first, Levels levels, CellCounts counts, int cell,
                  int threads) {
    const Interleaved p = {pixels.data(), static_cast<int>(pixels.shape(0)), static_cast<int>(pixels.shape(1)),
                           static_cast<int>(pixels.shape(2))};
    for (int axis = 0; axis < 3; ++axis)
        need(steady.shape(axis) == pixels.shape(axis) && pixels.shape(axis) > 0, "steady must have pixels' shape");
    const Counts c = {levels.data(), static_cast<int>(levels.shape(0)), cell, static_cast<int>(counts.shape(2)),
                      static_cast<int>(counts.shape(3)), counts.data()};
    need(cell > 0 && counts.shape(0) == 2 && counts.shape(1) == levels.shape(0) && levels.shape(0) > 0 &&
             c.rows == (p.height + cell - 1) / cell && c.columns == (p.width + cell - 1) / cell,
         "counts must hold two sides of all levels in all cells");
    nb::gil_scoped_release release;
    stand_out(outlier_rows(), p, steady.data(), first, c, threads);
}

bool py_use_fast(bool on) {
    use_fast_rows = on && fast_rows_available();
    return use_fast_rows;
}

}  // namespace

bool fast_rows() { return use_fast_rows; }

const Rows& rows() { return RUNNING(rows); }

NB_MODULE(_kernels, m) {
    using namespace nb::literals;
    // noconvert: an array of another type or layout would be copied in silence, and results lost with the copy
    m.def("down", &py_down, "src"_a.noconvert(), "dst"_a.noconvert(), "threads"_a);
    m.def("accumulate", &py_accumulate, "fine"_a.noconvert(), "low"_a.noconvert(), "peak"_a.noconvert(),
          "weight"_a.noconvert(), "sums"_a.noconvert(), "luma"_a.noconvert(), "variance"_a.noconvert(),
          "variance_scale"_a, "squarings"_a, "valid"_a.noconvert().none(), "guide"_a.noconvert().none(),
          "score"_a.noconvert(), "score_scale"_a, "prior"_a.noconvert().none(),
          "prior_step"_a, "prior_offset"_a, "threads"_a);
    m.def("stand_out", &py_stand_out, "pixels"_a.noconvert(), "steady"_a.noconvert(), "first"_a,
          "levels"_a.noconvert(), "counts"_a.noconvert(), "cell"_a, "threads"_a);
    m.def("collapse", &py_collapse, "sums"_a.noconvert(), "weight"_a.noconvert(), "low"_a.noconvert(),
          "out"_a.noconvert(), "threads"_a);
    bind_depth(m);
    bind_dust(m);
    bind_motion(m);
    bind_veil(m);
    bind_warp(m);
    m.def("use_fast_rows", &py_use_fast, "on"_a, "Switch the AVX2 loops on (where the CPU has them) or off.");
}
