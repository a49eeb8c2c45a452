#pragma once

/// A shim over ncursesw: its macros and globals as functions, one write per frame, and the terminal's
/// rescue when the program crashes. Every name starts with cn_.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Starts ncurses on the controlling terminal of standard input and output.
/// Returns NULL on success, otherwise a sentence that says why not.
const char *cn_start(void);

/// Gives the terminal back: leaves the alternate screen, restores modes. Safe to call twice.
void cn_stop(void);

/// Takes the terminal again after cn_stop, and forgets what was on it.
void cn_resume(void);

/// The terminal's size, from the kernel.
void cn_terminal_size(int *width, int *height);

/// Tells ncurses the size and forgets what is on the screen.
void cn_resize(int width, int height);

/// Colours the terminal has, as terminfo says; 0 without colour.
int cn_colors(void);

/// True when terminfo says that colours are direct (RGB) values.
bool cn_has_direct_color(void);

/// Puts one character (base and combining marks) at a place.
/// attributes: bits 1 bold, 2 dim, 4 underlined, 8 reversed, 16 italic.
/// foreground, background: -1 for the terminal's own.
void cn_put(int row, int column, const wchar_t *text, unsigned attributes, int foreground,
            int background);

/// Blanks the picture ncurses is about to show.
void cn_erase(void);

/// Brings the terminal to the picture, in at most one write(2) wrapped in a synchronized update.
/// Returns the bytes written; 0 when nothing had changed.
size_t cn_update(void);

/// Reads a key without waiting. 0: none; 1: *code is a character; 2: *code is a KEY_ value.
int cn_read_key(uint32_t *code);

extern const int cn_key_up, cn_key_down, cn_key_left, cn_key_right, cn_key_page_up,
    cn_key_page_down, cn_key_home, cn_key_end, cn_key_enter, cn_key_backspace, cn_key_delete,
    cn_key_back_tab;

/// True when the locale's characters are UTF-8.
bool cn_locale_is_utf8(void);

/// While the screen is up, standard error goes to a file without a name, so that nothing scribbles
/// over the screen; cn_stop, and a crash, print it to where it belongs.
void cn_capture_stderr(void);
