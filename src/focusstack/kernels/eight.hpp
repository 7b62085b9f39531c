// Eight floats that live in registers: compilers keep these there, and arrays of floats in memory.
#pragma once
#include <cstdint>

namespace focusstack {

#if defined(__GNUC__) || defined(__clang__)
typedef float Eight __attribute__((vector_size(32), aligned(4), may_alias));
typedef int32_t EightInts __attribute__((vector_size(32), aligned(4), may_alias));
inline Eight load8(const float* p) { return *reinterpret_cast<const Eight*>(p); }
inline EightInts load8(const int32_t* p) { return *reinterpret_cast<const EightInts*>(p); }
inline void store8(float* p, const Eight& e) { *reinterpret_cast<Eight*>(p) = e; }
inline void store8(int32_t* p, const EightInts& e) { *reinterpret_cast<EightInts*>(p) = e; }
// Where the mask is not 0 (all bits or none of each number) from a, else from b.
inline Eight select8(const int32_t* mask, const Eight& a, const Eight& b) {
    return *reinterpret_cast<const EightInts*>(mask) ? a : b;
}
#define ALWAYS_INLINE inline __attribute__((always_inline))
#else
#define ALWAYS_INLINE inline
struct EightInts {
    int32_t v[8];
    int32_t operator[](int k) const { return v[k]; }
};
inline EightInts load8(const int32_t* p) {
    EightInts e;
    for (int k = 0; k < 8; ++k) e.v[k] = p[k];
    return e;
}
inline void store8(int32_t* p, const EightInts& e) {
    for (int k = 0; k < 8; ++k) p[k] = e.v[k];
}
inline EightInts operator>>(EightInts a, int bits) {
    for (int32_t& v : a.v) v >>= bits;
    return a;
}
inline EightInts operator&(EightInts a, int32_t mask) {
    for (int32_t& v : a.v) v &= mask;
    return a;
}
inline EightInts operator-(EightInts a, int32_t b) {
    for (int32_t& v : a.v) v -= b;
    return a;
}
inline EightInts operator-(EightInts a, const EightInts& b) {
    for (int k = 0; k < 8; ++k) a.v[k] -= b.v[k];
    return a;
}
inline EightInts operator-(EightInts a) {
    for (int32_t& v : a.v) v = -v;
    return a;
}
struct Eight {
    float v[8];
    float operator[](int k) const { return v[k]; }
};
inline Eight load8(const float* p) {
    Eight e;
    for (int k = 0; k < 8; ++k) e.v[k] = p[k];
    return e;
}
inline void store8(float* p, const Eight& e) {
    for (int k = 0; k < 8; ++k) p[k] = e.v[k];
}
inline Eight select8(const int32_t* mask, const Eight& a, const Eight& b) {
    Eight e;
    for (int k = 0; k < 8; ++k) e.v[k] = mask[k] ? a.v[k] : b.v[k];
    return e;
}
inline Eight operator*(const Eight& a, const Eight& b) {
    Eight e;
    for (int k = 0; k < 8; ++k) e.v[k] = a.v[k] * b.v[k];
    return e;
}
inline Eight operator*(const Eight& a, float b) {
    Eight e;
    for (int k = 0; k < 8; ++k) e.v[k] = a.v[k] * b;
    return e;
}
inline Eight operator-(const Eight& a, const Eight& b) {
    Eight e;
    for (int k = 0; k < 8; ++k) e.v[k] = a.v[k] - b.v[k];
    return e;
}
inline Eight operator+(const Eight& a, const Eight& b) {
    Eight e;
    for (int k = 0; k < 8; ++k) e.v[k] = a.v[k] + b.v[k];
    return e;
}
#endif

inline int32_t any8(const EightInts& e) {  // 0 if all are
    return e[0] | e[1] | e[2] | e[3] | e[4] | e[5] | e[6] | e[7];
}

}  // namespace focusstack
