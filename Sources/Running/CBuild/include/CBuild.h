#pragma once

/// What `git describe` said of the sources, and the date of their last change (2026-11-27), as the
/// Makefile tells them; empty where something else has built the program.
///
/// They stand in C, because a definition there costs one small file when it changes, and in Swift
/// every file.
extern const char *const build_description;
extern const char *const build_date;
