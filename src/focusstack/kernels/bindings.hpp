// What the files that make the Python face have in common.
#pragma once
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <stdexcept>

#include "pyramid.hpp"
#include "rows.hpp"

namespace nb = nanobind;

using Plane = nb::ndarray<float, nb::ndim<2>, nb::c_contig, nb::device::cpu>;
using Stack = nb::ndarray<float, nb::ndim<3>, nb::c_contig, nb::device::cpu>;
using ConstStack = nb::ndarray<const float, nb::ndim<3>, nb::c_contig, nb::device::cpu>;
using ConstPlane = nb::ndarray<const float, nb::ndim<2>, nb::c_contig, nb::device::cpu>;
using ConstLine = nb::ndarray<const float, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
using Matrix = nb::ndarray<const double, nb::shape<3, 3>, nb::c_contig, nb::device::cpu>;

inline bool is_half(int fine, int low) { return low == (fine + 1) / 2; }

inline void need(bool condition, const char* message) {
    if (!condition) throw std::invalid_argument(message);
}

template <class Array>
focusstack::Planes planes(const Array& a) {
    return {const_cast<float*>(a.data()), static_cast<int>(a.shape(0)), static_cast<int>(a.shape(1)),
            static_cast<int>(a.shape(2))};
}

template <class Array>
bool covers(const Array& a, const focusstack::Planes& p) {
    return static_cast<int>(a.shape(0)) == p.height && static_cast<int>(a.shape(1)) == p.width;
}

bool fast_rows();  // whether the AVX2 loops run
// Those loops of a kind that run: name_v3() or name_baseline()
#ifdef HAVE_ROWS_V3
#define RUNNING(name) (fast_rows() ? name##_v3() : name##_baseline())
#else
#define RUNNING(name) name##_baseline()
#endif
const focusstack::Rows& rows();  // those that run
void bind_depth(nb::module_& m);
void bind_dust(nb::module_& m);
void bind_motion(nb::module_& m);
void bind_veil(nb::module_& m);
void bind_warp(nb::module_& m);
