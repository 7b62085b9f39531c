// The weights of Lanczos-3 by the sub-pixel position.
#pragma once
#include <cmath>
#include <vector>

#include "rows.hpp"

namespace focusstack {

inline double lanczos3(double x) {
    if (x == 0) return 1;
    if (std::abs(x) >= 3 || x == std::floor(x)) return 0;
    const double a = 3.14159265358979323846 * x;
    return 3 * std::sin(a) * std::sin(a / 3) / (a * a);
}

struct LanczosTaps {
    double weight[kTaps], change[kTaps];  // and by how much they change per pixel

    explicit LanczosTaps(double phase) {
        constexpr double step = 1e-4;
        double before[kTaps], after[kTaps];
        normalised(phase, weight), normalised(phase - step, before), normalised(phase + step, after);
        for (int t = 0; t < kTaps; ++t) change[t] = (after[t] - before[t]) / (2 * step);
    }

private:
    static void normalised(double phase, double* w) {
        double total = 0;
        for (int t = 0; t < kTaps; ++t) total += w[t] = lanczos3(t - 2 - phase);
        for (int t = 0; t < kTaps; ++t) w[t] /= total;
    }
};

struct LanczosTable {
    std::vector<float> weights, weights4, weights8, drifting;

    LanczosTable()
        : weights(kPhases * kTaps), weights4(kPhases * kTaps * 4), weights8(kPhases * kTableTaps),
          drifting((kDriftPhases + 1) * 2 * kTableTaps) {
        for (int p = 0; p < kPhases; ++p) {
            const LanczosTaps now(static_cast<double>(p) / kPhases);
            for (int t = 0; t < kTaps; ++t) {
                weights[p * kTaps + t] = weights8[p * kTableTaps + t] = static_cast<float>(now.weight[t]);
                for (int k = 0; k < 4; ++k) weights4[(p * kTaps + t) * 4 + k] = weights[p * kTaps + t];
            }
        }
        for (int p = 0; p <= kDriftPhases; ++p) fill_drifting(p);
    }

private:
    void fill_drifting(int p) {
        const LanczosTaps now(static_cast<double>(p) / kDriftPhases);
        float* entry = drifting.data() + p * 2 * kTableTaps;
        for (int t = 0; t < kTaps; ++t) {
            entry[t] = static_cast<float>(now.weight[t]);
            entry[kTableTaps + t] = static_cast<float>(now.change[t]);
        }
    }
};

inline const LanczosTable& lanczos_table() {
    static const LanczosTable table;
    return table;
}

}  // namespace focusstack
