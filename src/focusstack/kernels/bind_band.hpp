// How the frames of a band are weighed, as Python says it.
#pragma once
#include <optional>

#include "band.hpp"
#include "bindings.hpp"

using ConstMask = nb::ndarray<const uint8_t, nb::ndim<2>, nb::c_contig, nb::device::cpu>;

struct Weighing {
    const ConstLine& luma;
    const ConstLine& variance;
    float variance_scale;
    int squarings;
    const std::optional<ConstMask>& valid;
    float score_scale;
    const std::optional<ConstPlane>& prior;
    float prior_step, prior_offset;

    // A band of this shape, checked, without its pictures and its state.
    focusstack::Band band(const focusstack::Planes& fine) const {
        need(!valid || covers(*valid, fine), "valid must have the band's height and width");
        need(static_cast<int>(luma.shape(0)) == fine.channels, "luma needs one weight per channel");
        need(static_cast<int>(variance.shape(0)) == focusstack::kVarianceBins, "variance needs 64 entries");
        need(squarings >= 0 && squarings <= 5, "squarings must be 0..5");
        focusstack::Band band = {};
        band.fine = fine, band.valid = valid ? valid->data() : nullptr, band.score_scale = score_scale;
        band.luma = luma.data(), band.variance_table = variance.data(), band.variance_scale = variance_scale;
        band.squarings = squarings;
        band.prior = {nullptr, 0, 0, prior_step, prior_offset};
        if (prior)
            band.prior = {prior->data(), static_cast<int>(prior->shape(0)), static_cast<int>(prior->shape(1)),
                          prior_step, prior_offset};
        need(!prior || band.prior.covers(fine), "prior must cover the band");
        return band;
    }
};
