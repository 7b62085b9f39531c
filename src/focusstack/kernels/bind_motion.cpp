// Python face of comparing two pictures.
#include "bindings.hpp"
#include "motion.hpp"

using namespace focusstack;

namespace {

const MotionRows& motion_rows() { return RUNNING(motion_rows); }

using Sums = nb::ndarray<double, nb::ndim<1>, nb::c_contig, nb::device::cpu>;

Planes picture(const ConstPlane& a) {
    return {const_cast<float*>(a.data()), 1, static_cast<int>(a.shape(0)), static_cast<int>(a.shape(1))};
}

bool alike(const Planes& a, const Planes& b) { return a.height == b.height && a.width == b.width; }

Slopes slopes_of(const Stack& planes, int width) {
    need(planes.shape(0) == 4 && planes.shape(2) % 8 == 0 && static_cast<int>(planes.shape(2)) >= width && width > 0,
         "slopes must be four planes, as wide as the pictures or wider, by whole eights");
    const int height = static_cast<int>(planes.shape(1)), padded = static_cast<int>(planes.shape(2));
    const int64_t plane = static_cast<int64_t>(height) * padded;
    float* p = planes.data();
    return {width, height, padded, p, p + plane, p + 2 * plane, p + 3 * plane};
}

void py_cell_products(ConstPlane a, ConstPlane b, Stack out) {
    const Planes p = picture(a), q = picture(b), o = planes(out);
    need(alike(p, q), "the pictures must be alike");
    need(o.channels == 3 && o.height == p.height / kCell && o.width == p.width / kCell,
         "out must be three planes of a quarter of the size");
    nb::gil_scoped_release release;
    cell_products(motion_rows(), p, q, o);
}

void py_make_slopes(ConstPlane fixed, ConstPlane there, ConstPlane trust, Matrix there_from_here, int border,
                    Stack slopes, Sums normal, Sums energy) {
    const Planes f = picture(fixed), t = picture(there);
    const Slopes s = slopes_of(slopes, f.width);
    need(alike(f, t) && s.height == f.height, "the pictures and the slopes must be alike");
    const CoarserMap map = {trust.data(), static_cast<int>(trust.shape(0)), static_cast<int>(trust.shape(1)),
                            1.0f / kCell, -0.5f * (kCell - 1) / kCell};
    need(map.height == std::max(1, f.height / kCell) && map.width == std::max(1, f.width / kCell),
         "trust must be a quarter of the size");
    need(normal.shape(0) == 18 && energy.shape(0) == 6, "there must be room for 18 and for 6 sums");
    double m[9];
    std::copy(there_from_here.data(), there_from_here.data() + 9, m);
    std::fill(normal.data(), normal.data() + 18, 0.0);
    std::fill(energy.data(), energy.data() + 6, 0.0);
    nb::gil_scoped_release release;
    make_slopes(rows(), motion_rows(), f, t, map, m, border, s, normal.data(), energy.data());
}

void py_project(Stack slopes, ConstPlane now, Sums sums) {
    const Planes n = picture(now);
    const Slopes s = slopes_of(slopes, n.width);
    need(s.height == n.height, "the picture and the slopes must be alike");
    need(sums.shape(0) == 8, "there must be room for 8 sums");
    std::fill(sums.data(), sums.data() + 8, 0.0);
    nb::gil_scoped_release release;
    project(motion_rows(), s, n, sums.data());
}

void py_correlate(ConstPlane a, ConstPlane b, int margin, Sums sums) {
    const Planes p = picture(a), q = picture(b);
    need(alike(p, q) && margin >= 0 && 2 * margin < p.width && 2 * margin < p.height,
         "the pictures must be alike and wider than their margins");
    need(sums.shape(0) == 5, "there must be room for 5 sums");
    std::fill(sums.data(), sums.data() + 5, 0.0);
    nb::gil_scoped_release release;
    correlate(motion_rows(), p, q, margin, sums.data());
}

}  // namespace

void bind_motion(nb::module_& m) {
    using namespace nb::literals;
    m.def("cell_products", &py_cell_products, "a"_a.noconvert(), "b"_a.noconvert(), "out"_a.noconvert());
    m.def("make_slopes", &py_make_slopes, "fixed"_a.noconvert(), "there"_a.noconvert(), "trust"_a.noconvert(),
          "there_from_here"_a.noconvert(), "border"_a, "slopes"_a.noconvert(), "normal"_a.noconvert(),
          "energy"_a.noconvert());
    m.def("project", &py_project, "slopes"_a.noconvert(), "now"_a.noconvert(), "sums"_a.noconvert());
    m.def("correlate", &py_correlate, "a"_a.noconvert(), "b"_a.noconvert(), "margin"_a, "sums"_a.noconvert());
}
