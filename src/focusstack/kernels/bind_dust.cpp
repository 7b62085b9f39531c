// Python face of the search for dust.
#include "bindings.hpp"
#include "dust.hpp"

using namespace focusstack;

namespace {

void py_descend(ConstStack difference, ConstStack share, ConstStack x, ConstStack y, Plane dip, int steps) {
    const Planes d = planes(difference);
    for (const ConstStack& other : {share, x, y})
        need(planes(other).channels == d.channels && covers(dip, planes(other)), "the pairs must be alike");
    need(covers(dip, d) && d.height > 0 && d.width > 0, "dip must have the pairs' height and width");
    const DustPairs pairs = {d.channels, d.height, d.width, d.data, share.data(), x.data(), y.data()};
    float* found = dip.data();
    nb::gil_scoped_release release;
    DipDescent(pairs).run(steps, found);
}

}  // namespace

void bind_dust(nb::module_& m) {
    using namespace nb::literals;
    m.def("descend", &py_descend, "difference"_a.noconvert(), "share"_a.noconvert(), "x"_a.noconvert(),
          "y"_a.noconvert(), "dip"_a.noconvert(), "steps"_a);
}
