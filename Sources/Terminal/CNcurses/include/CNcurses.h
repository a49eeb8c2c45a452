#pragma once

/// The terminal: its modes, its bytes, what ncurses' terminfo says of it, and its rescue when the
/// program crashes. Every name starts with cn_.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Takes the terminal of standard input and output: its other screen, keys as bytes, brackets around
/// pasted text, and with takes_mouse reports of it, until the terminal is given back. Returns NULL on
/// success, otherwise why not; the reason may quote TERM as it is.
const char *cn_start(bool takes_mouse);

/// Gives the terminal back: leaves the other screen, restores modes, drops keys that were not read.
/// Safe to call twice.
void cn_stop(void);

/// Gives the terminal back as far as it takes anything, and ends the program by a signal. From any
/// thread, whatever the others are about.
void cn_end(int number);

/// Takes the terminal again after cn_stop; its screen is blank then.
void cn_resume(void);

/// The terminal's size, from the kernel.
void cn_terminal_size(int *width, int *height);

/// Colours the terminal has, as terminfo says; 0 without colour.
int cn_colors(void);

/// True when terminfo says that colours are direct (RGB) values.
bool cn_has_direct_color(void);

/// True when a full last line does not scroll the screen before the next character (terminfo's xenl).
bool cn_has_eat_newline_glitch(void);

/// A terminfo string capability by its short name ("bold", "sgr0", "op"), without padding; NULL when
/// the terminal has none. Valid until the next call.
const char *cn_capability(const char *name);

/// A capability with one or two numbers filled in ("cup" row column, "setaf" colour); NULL when the
/// terminal has none. Valid until the next call.
const char *cn_filled_capability(const char *name, int first, int second);

/// Writes bytes to the terminal with as few write(2) calls as it takes, normally one; nothing once the
/// terminal was given back.
void cn_write(const char *bytes, size_t count);

/// Reads what has been typed, without waiting. The number of bytes; 0: nothing there; -1: the terminal
/// has gone away.
long cn_read(uint8_t *bytes, size_t room);

/// True when the locale's characters are UTF-8.
bool cn_locale_is_utf8(void);

/// While the screen is up, standard error goes to a file without a name, so that nothing scribbles
/// over the screen; cn_stop, and a crash, print it to where it belongs.
void cn_capture_stderr(void);
