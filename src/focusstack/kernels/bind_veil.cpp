// Python face of working out a veil.
#include <vector>

#include "bindings.hpp"
#include "veil.hpp"

using namespace focusstack;

namespace {

const VeilRows& veil_rows() { return RUNNING(veil_rows); }

constexpr size_t kMostLayers = 64;
using Flags = nb::ndarray<uint8_t, nb::ndim<2>, nb::c_contig, nb::device::cpu>;
using ConstFlags = nb::ndarray<const uint8_t, nb::ndim<2>, nb::c_contig, nb::device::cpu>;
using Ints = nb::ndarray<const int32_t, nb::ndim<1>, nb::c_contig, nb::device::cpu>;

std::vector<VeilLayer> layers_of(const Ints& factors, const Ints& reaches, const ConstLine& weights) {
    need(factors.shape(0) == reaches.shape(0) && factors.shape(0) > 0 && factors.shape(0) <= kMostLayers,
         "1 to 64 layers need a reach each");
    std::vector<VeilLayer> made;
    size_t at = 0;
    for (size_t k = 0; k < factors.shape(0); ++k) {
        const int factor = factors.data()[k], reach = reaches.data()[k];
        need(factor > 0 && (factor & (factor - 1)) == 0, "factors must be powers of two");
        need(reach >= 0 && reach <= kLargestReach, "disks may reach 16");
        made.push_back({factor, reach, weights.data() + at});
        at += static_cast<size_t>(2 * reach + 1) * (2 * reach + 1);
    }
    need(at == weights.shape(0), "weights must be those of all disks");
    return made;
}

VeilResult result_of(const Stack& light, const Plane& through, const Flags& made) {
    const VeilResult out = {planes(light), through.data(), made.data()};
    const VeilTiles tiles(out.light.height, out.light.width);
    need(covers(through, out.light), "through must have light's height and width");
    need(static_cast<int>(made.shape(0)) == tiles.down() && static_cast<int>(made.shape(1)) == tiles.across(),
         "made must have a number for each tile");
    return out;
}

void py_lay_veils(ConstStack scene, ConstPlane radius, ConstFlags wanted, ConstLine edges, Ints factors, Ints reaches,
                  ConstLine weights, int beside, Stack light, Plane through, Flags made, int threads) {
    const VeilResult out = result_of(light, through, made);
    need(static_cast<int>(scene.shape(2)) == out.light.channels && covers(scene, out.light) && covers(radius, out.light) &&
             covers(wanted, out.light),
         "the scene, radius and wanted must have light's size");
    need(edges.shape(0) == factors.shape(0) + 1, "edges must be one more than layers");
    const std::vector<VeilLayer> layers = layers_of(factors, reaches, weights);
    const VeilScene from = {scene.data(), radius.data(), out.light.channels, out.light.height, out.light.width};
    nb::gil_scoped_release release;
    const VeilLayers sorted(from, layers, edges.data(), threads);
    lay_veils({rows(), veil_rows()}, sorted, wanted.data(), beside, out, threads);
}

void py_take_off(ConstPlane chosen, ConstPlane half, float frame, float toward, float step, float least, float full,
                 Stack light, Plane through, Flags made, Plane gain, Plane replace, int threads) {
    const VeilResult out = result_of(light, through, made);
    need(covers(chosen, out.light) && covers(half, out.light) && covers(gain, out.light) && covers(replace, out.light),
         "all maps must have light's height and width");
    need(least > 0 && full > least, "shares must rise");
    const VeilTaking taking = {chosen.data(), half.data(), frame, toward, step, least, full, gain.data(), replace.data()};
    nb::gil_scoped_release release;
    take_off(taking, out, threads);
}

}  // namespace

// noconvert: an array of another type or layout would be copied in silence, and results lost with the copy
void bind_veil(nb::module_& m) {
    using namespace nb::literals;
    m.attr("VEIL_TILE") = VeilTiles::kSide;
    m.def("veil_tiles", [](int height, int width) {
        const VeilTiles tiles(height, width);
        return nb::make_tuple(tiles.down(), tiles.across());
    }, "height"_a, "width"_a);
    m.def("lay_veils", &py_lay_veils, "scene"_a.noconvert(), "radius"_a.noconvert(), "wanted"_a.noconvert(),
          "edges"_a.noconvert(), "factors"_a.noconvert(), "reaches"_a.noconvert(), "weights"_a.noconvert(), "beside"_a,
          "light"_a.noconvert(), "through"_a.noconvert(), "made"_a.noconvert(), "threads"_a);
    m.def("take_off", &py_take_off, "chosen"_a.noconvert(), "half"_a.noconvert(), "frame"_a, "toward"_a, "step"_a,
          "least"_a, "full"_a, "light"_a.noconvert(), "through"_a.noconvert(), "made"_a.noconvert(),
          "gain"_a.noconvert(), "replace"_a.noconvert(), "threads"_a);
}
