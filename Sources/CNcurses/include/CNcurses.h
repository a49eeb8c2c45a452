#pragma once

/// A shim over ncursesw: its modes, its keys, what terminfo says of the terminal, and the
/// terminal's rescue when the program crashes. Every name starts with cn_.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Starts ncurses on the controlling terminal of standard input and output.
/// Returns NULL on success, otherwise a sentence that says why not.
const char *cn_start(void);

/// Gives the terminal back: leaves the alternate screen, restores modes. Safe to call twice.
void cn_stop(void);

/// Takes the terminal again after cn_stop; its screen is blank then.
void cn_resume(void);

/// The terminal's size, from the kernel.
void cn_terminal_size(int *width, int *height);

/// Tells ncurses the size.
void cn_resize(int width, int height);

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

/// Writes bytes to the terminal with as few write(2) calls as it takes, normally one.
void cn_write(const char *bytes, size_t count);

/// Reads a key without waiting. 0: none; 1: *code is a character; 2: *code is a KEY_ value.
int cn_read_key(uint32_t *code);

extern const int cn_key_up, cn_key_down, cn_key_left, cn_key_right, cn_key_page_up,
    cn_key_page_down, cn_key_home, cn_key_end, cn_key_enter, cn_key_backspace, cn_key_delete,
    cn_key_back_tab, cn_key_focus_in, cn_key_focus_out;

/// True when the locale's characters are UTF-8.
bool cn_locale_is_utf8(void);

/// While the screen is up, standard error goes to a file without a name, so that nothing scribbles
/// over the screen; cn_stop, and a crash, print it to where it belongs.
void cn_capture_stderr(void);
