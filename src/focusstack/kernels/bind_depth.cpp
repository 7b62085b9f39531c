// Python face of finding the depth.
#include "bindings.hpp"
#include "depth.hpp"

using namespace focusstack;

namespace {

const DepthRows& depth_rows() { return RUNNING(depth_rows); }

using Codes = nb::ndarray<uint8_t, nb::ndim<2>, nb::c_contig, nb::device::cpu>;

template <class A, class B>
bool alike(const A& a, const B& b) {
    return a.shape(0) == b.shape(0) && a.shape(1) == b.shape(1);
}

template <class Array>
int64_t size_of(const Array& a) {
    return static_cast<int64_t>(a.shape(0)) * static_cast<int64_t>(a.shape(1));
}

void py_focus_energy(ConstStack picture, ConstLine luma, ConstLine inverse, Plane energy, int threads) {
    const Planes p = planes(picture);
    need(static_cast<int>(luma.shape(0)) == p.channels, "luma needs one weight per channel");
    need(inverse.shape(0) > 0, "the noise needs an entry");
    need(covers(energy, p) && p.height > 0 && p.width > 0, "energy must have the picture's height and width");
    const EnergyJob job = {p, luma.data(), inverse.data(), static_cast<int>(inverse.shape(0)), energy.data()};
    nb::gil_scoped_release release;
    focus_energy(rows(), depth_rows(), job, threads);
}

void py_encode(ConstPlane energy, float steps, Codes codes, int threads) {
    need(alike(energy, codes), "codes must have the energy's shape");
    nb::gil_scoped_release release;
    encode_energy(depth_rows(), energy.data(), steps, size_of(energy), codes.data(), threads);
}

void py_follow(Stack planes6, ConstPlane score, float fed, float far_apart, float rivalry) {
    const Planes p = planes(planes6);
    need(p.channels == 6 && covers(score, p), "there must be six planes of the score's shape");
    const Peaks peaks = {p.row(0, 0), p.row(1, 0), p.row(2, 0), p.row(3, 0), p.row(4, 0), p.row(5, 0),
                         fed, far_apart, rivalry};
    nb::gil_scoped_release release;
    depth_rows().follow(peaks, score.data(), static_cast<int>(size_of(score)));
}

void py_products(ConstPlane plane, ConstStack guide, Stack out) {
    need(alike(plane, guide) && alike(plane, out) && guide.shape(2) == 3 && out.shape(2) == 4,
         "the guide must have three colours and the plane's shape, and out room for four");
    nb::gil_scoped_release release;
    depth_rows().colour_products(plane.data(), guide.data(), static_cast<int>(size_of(plane)), out.data());
}

void py_regress(ConstStack products, ConstStack mean, ConstStack inverse, Stack out) {
    need(alike(products, mean) && alike(products, inverse) && alike(products, out) && products.shape(2) == 4 &&
             mean.shape(2) == 3 && inverse.shape(2) == 6 && out.shape(2) == 4, "the maps must be alike");
    nb::gil_scoped_release release;
    depth_rows().regress(products.data(), mean.data(), inverse.data(), static_cast<int>(size_of(products)), out.data());
}

void py_predict(ConstStack coefficients, ConstStack guide, Plane out, int threads) {
    need(alike(guide, out) && guide.shape(2) == 3 && coefficients.shape(2) == 4 && size_of(coefficients) > 0,
         "out must have the guide's shape, and coefficients come by fours");
    const Planes c = {const_cast<float*>(coefficients.data()), 4, static_cast<int>(coefficients.shape(0)),
                      static_cast<int>(coefficients.shape(1))};
    const Planes o = {out.data(), 1, static_cast<int>(out.shape(0)), static_cast<int>(out.shape(1))};
    nb::gil_scoped_release release;
    predict(depth_rows(), c, guide.data(), o, threads);
}

}  // namespace

void bind_depth(nb::module_& m) {
    using namespace nb::literals;
    m.def("focus_energy", &py_focus_energy, "picture"_a.noconvert(), "luma"_a.noconvert(), "inverse"_a.noconvert(),
          "energy"_a.noconvert(), "threads"_a);
    m.def("encode", &py_encode, "energy"_a.noconvert(), "steps"_a, "codes"_a.noconvert(), "threads"_a);
    m.def("follow", &py_follow, "planes"_a.noconvert(), "score"_a.noconvert(), "fed"_a, "far_apart"_a, "rivalry"_a);
    m.def("products", &py_products, "plane"_a.noconvert(), "guide"_a.noconvert(), "out"_a.noconvert());
    m.def("regress", &py_regress, "products"_a.noconvert(), "mean"_a.noconvert(), "inverse"_a.noconvert(),
          "out"_a.noconvert());
    m.def("predict", &py_predict, "coefficients"_a.noconvert(), "guide"_a.noconvert(), "out"_a.noconvert(),
          "threads"_a);
}
