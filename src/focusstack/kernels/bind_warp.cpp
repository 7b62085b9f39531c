// Python face of what begins with a frame's pixels: the warp, what takes a veil off, and both with the finest band.
#include <nanobind/stl/optional.h>

#include <optional>

#include "bind_band.hpp"
#include "bindings.hpp"
#include "feed.hpp"
#include "unveil.hpp"
#include "warp.hpp"

using namespace focusstack;

namespace {

WarpLoops loops() {
    return {RUNNING(rows), RUNNING(two_pass), RUNNING(fixed_rows), RUNNING(fixed_band_rows), RUNNING(unveil_rows)};
}

using Marks = nb::ndarray<uint8_t, nb::ndim<2>, nb::c_contig, nb::device::cpu>;
template <class Code>
using Pixels = nb::ndarray<const Code, nb::ndim<3>, nb::c_contig, nb::device::cpu>;

struct VeilMaps {  // holds on to its arrays
    ConstPlane gain, replace;
    ConstStack offset, sharp, low, high;
    int scale;

    Veil over(const Planes& picture) const {  // checked
        const Planes maps[] = {planes(offset), planes(sharp), planes(low), planes(high)};
        need(scale >= 1, "scale must be 1 or more");
        for (const Planes& m : maps)
            need(m.channels == picture.channels && covers(gain, m) && covers(replace, m) && m.height > 0 && m.width > 0,
                 "the reduced maps must be alike");
        need((maps[0].height - 1) * scale < picture.height && (maps[0].width - 1) * scale < picture.width &&
                 maps[0].height * scale >= picture.height && maps[0].width * scale >= picture.width,
             "the reduced maps must cover the picture");
        return {gain.data(), replace.data(), maps[0], maps[1], maps[2], maps[3], scale};
    }
};

void py_unveil(Stack planar, const VeilMaps& maps, int threads) {
    const Planes p = planes(planar);
    const Veil veil = maps.over(p);
    nb::gil_scoped_release release;
    const WarpLoops chosen = loops();
    unveil({chosen.rows, chosen.unveil}, p, veil, threads);
}

template <class Code>
Source<Code> source_of(const Pixels<Code>& pixels, const ConstPlane& values) {
    const Source<Code> s = {pixels.data(), static_cast<int>(pixels.shape(2)), static_cast<int>(pixels.shape(0)),
                            static_cast<int>(pixels.shape(1)), values.data(), static_cast<int>(values.shape(1))};
    need(s.channels == 1 || s.channels == 3, "pixels must have 1 or 3 channels");
    need(s.height > 0 && s.width > 0, "pixels must not be empty");
    need(std::is_same<Code, float>::value ||
             (static_cast<int>(values.shape(0)) == s.channels && s.codes == (sizeof(Code) == 1 ? 256 : 65536)),
         "values must hold one number per channel and code");
    return s;
}

Clipping clipping_of(const std::optional<Marks>& clipped, const Planes& canvas, float black, float white) {
    need(!clipped || covers(*clipped, canvas), "clipped must have the canvas's height and width");
    return {clipped ? clipped->data() : nullptr, black, white, loops().two_pass.clipped};
}

template <class Code>
void py_warp(Pixels<Code> pixels, ConstPlane values, Matrix source_from_canvas, std::optional<Marks> clipped, float black,
             float white, Stack out, int threads) {
    const Planes o = planes(out);
    const Source<Code> s = source_of(pixels, values);
    need(o.channels == s.channels, "out must have as many channels as pixels");
    const Clipping clipping = clipping_of(clipped, o, black, white);
    nb::gil_scoped_release release;
    warp(loops(), s, source_from_canvas.data(), o, clipping, threads);
}

template <class Code>
void py_feed(Pixels<Code> pixels, ConstPlane values, Matrix source_from_canvas, std::optional<Marks> clipped, float black,
             float white, const VeilMaps* veil, Plane peak, Plane weight, Stack sums, int first, ConstLine luma,
             ConstLine variance, float variance_scale, int squarings, std::optional<ConstMask> valid, float score_scale,
             std::optional<ConstPlane> prior, float prior_step, float prior_offset, int height, Stack low, Plane guide,
             int first_low, int threads) {
    const Source<Code> s = source_of(pixels, values);
    const Planes state = planes(sums), l = planes(low);
    const Planes canvas = {nullptr, s.channels, height, state.width};
    need(state.channels == s.channels && l.channels == s.channels, "state and low must have pixels' channels");
    need(height > 0 && canvas.width > 0 && first >= 0 && state.height <= height - first, "the state must lie on the canvas");
    need(covers(peak, state) && covers(weight, state), "peak and weight must have sums' height and width");
    need(is_half(canvas.width, l.width), "low must be half of the canvas, rounded up");
    need(first_low >= 0 && l.height <= (height + 1) / 2 - first_low, "low must lie within half of the canvas");
    need(first >= 2 * first_low && first + state.height <= std::min(height, 2 * (first_low + l.height)),
         "the state must lie within the rows of low");
    need(covers(guide, l), "guide must have low's height and width");
    const Weighing weighing = {luma, variance, variance_scale, squarings, valid, score_scale, prior, prior_step,
                               prior_offset};
    Band band = weighing.band(canvas);
    band.peak = peak.data(), band.weight = weight.data(), band.sums = state, band.first = first;
    const Feed<Code> feed = {s, source_from_canvas.data(), clipping_of(clipped, canvas, black, white),
                             veil ? veil->over(canvas) : Veil{}, band, first + state.height, l,
                             {guide.data(), 1, l.height, l.width}, first_low};
    nb::gil_scoped_release release;
    feed_finest(loops(), feed, threads);
}

// noconvert: an array of another type or layout would be copied in silence, and results lost with the copy
template <class Code>
void def_from_pixels(nb::module_& m) {
    using namespace nb::literals;
    m.def("warp", &py_warp<Code>, "pixels"_a.noconvert(), "values"_a.noconvert(), "source_from_canvas"_a.noconvert(),
          "clipped"_a.noconvert().none(), "black"_a, "white"_a, "out"_a.noconvert(), "threads"_a);
    m.def("feed", &py_feed<Code>, "pixels"_a.noconvert(), "values"_a.noconvert(), "source_from_canvas"_a.noconvert(),
          "clipped"_a.noconvert().none(), "black"_a, "white"_a, "veil"_a.none(), "peak"_a.noconvert(),
          "weight"_a.noconvert(), "sums"_a.noconvert(), "first"_a, "luma"_a.noconvert(), "variance"_a.noconvert(),
          "variance_scale"_a, "squarings"_a, "valid"_a.noconvert().none(), "score_scale"_a,
          "prior"_a.noconvert().none(), "prior_step"_a, "prior_offset"_a, "height"_a, "low"_a.noconvert(),
          "guide"_a.noconvert(), "first_low"_a, "threads"_a);
}

}  // namespace

void bind_warp(nb::module_& m) {
    using namespace nb::literals;
    nb::class_<VeilMaps>(m, "Veil")
        .def("__init__",
             [](VeilMaps* self, ConstPlane gain, ConstPlane replace, ConstStack offset, ConstStack sharp, ConstStack low,
                ConstStack high, int scale) { new (self) VeilMaps{gain, replace, offset, sharp, low, high, scale}; },
             "gain"_a.noconvert(), "replace"_a.noconvert(), "offset"_a.noconvert(), "sharp"_a.noconvert(),
             "low"_a.noconvert(), "high"_a.noconvert(), "scale"_a);
    m.def("unveil", &py_unveil, "planar"_a.noconvert(), "veil"_a, "threads"_a);
    def_from_pixels<uint8_t>(m);
    def_from_pixels<uint16_t>(m);
    def_from_pixels<float>(m);
}
