// For files of row loops, which are compiled once per instruction set (ROWS_VARIANT).
#pragma once

#if defined(_MSC_VER)
#define RESTRICT __restrict
#else
#define RESTRICT __restrict__
#endif
#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
