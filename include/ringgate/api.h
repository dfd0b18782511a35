// What binds a program to the library that it was compiled for.
#pragma once

/// Crosses the border of the shared library.
#define RINGGATE_API __attribute__((visibility("default")))

/// Everything public lies in an inline namespace of this name, which changes with every release
/// that old programs cannot be linked with: they then fail to link, and not when they run.
#define RINGGATE_ABI v0_1
