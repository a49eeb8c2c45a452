#define _XOPEN_SOURCE_EXTENDED 1
#define _GNU_SOURCE 1
#define NCURSES_WIDECHAR 1
#if __has_include(<ncursesw/curses.h>)
#include <ncursesw/curses.h>
#include <ncursesw/term.h>
#else
#include <curses.h>
#include <term.h>
#endif

#include "CNcurses.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

const int cn_key_up = KEY_UP, cn_key_down = KEY_DOWN, cn_key_left = KEY_LEFT,
          cn_key_right = KEY_RIGHT, cn_key_page_up = KEY_PPAGE, cn_key_page_down = KEY_NPAGE,
          cn_key_home = KEY_HOME, cn_key_end = KEY_END, cn_key_enter = KEY_ENTER,
          cn_key_backspace = KEY_BACKSPACE, cn_key_delete = KEY_DC, cn_key_back_tab = KEY_BTAB;

static bool is_up;
static SCREEN *screen;
static FILE *terminal_output;
static FILE *terminal_input;
/// Where ncurses' output of one frame is gathered.
static FILE *frame_file;
/// The terminal itself; terminal_output's descriptor points elsewhere while a frame is gathered.
static int terminal_fd = -1;

static struct termios found_modes;
static bool has_found_modes;
/// The bytes that leave the screen, made ahead because a crash handler may not make them.
static char leave_sequence[256];
static size_t leave_length;

static int captured_stderr = -1;
static int saved_stderr = -1;

// MARK: Crash

static void write_all(int fd, const char *bytes, size_t count) {
  while (count > 0) {
    ssize_t written = write(fd, bytes, count);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    bytes += written;
    count -= (size_t)written;
  }
}

/// Only calls that are safe in a signal handler.
static void release_stderr(void) {
  if (saved_stderr < 0) return;
  dup2(saved_stderr, STDERR_FILENO);
  saved_stderr = -1;
  char chunk[4096];
  lseek(captured_stderr, 0, SEEK_SET);
  ssize_t count;
  while ((count = read(captured_stderr, chunk, sizeof chunk)) > 0) {
    write_all(STDERR_FILENO, chunk, (size_t)count);
  }
}

static void rescue(int number) {
  if (is_up) {
    is_up = false;
    write_all(terminal_fd, leave_sequence, leave_length);
    if (has_found_modes) tcsetattr(terminal_fd, TCSANOW, &found_modes);
    release_stderr();
  }
  signal(number, SIG_DFL);
  raise(number);
}

static void install_rescue(void) {
  static const int fatal[] = {SIGILL, SIGTRAP, SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGSYS, SIGQUIT};
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = rescue;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESETHAND | SA_NODEFER | SA_ONSTACK;
  for (size_t i = 0; i < sizeof fatal / sizeof fatal[0]; i++) sigaction(fatal[i], &action, NULL);
}

/// Appends a capability, stripped of padding.
static void append_leave(const char *capability) {
  if (capability == NULL || capability == (char *)-1) return;
  for (const char *c = capability; *c != 0 && leave_length < sizeof leave_sequence; c++) {
    if (c[0] == '$' && c[1] == '<') {
      while (*c != 0 && *c != '>') c++;
      if (*c == 0) return;
      continue;
    }
    leave_sequence[leave_length++] = *c;
  }
}

// MARK: Life

const char *cn_start(void) {
  if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
    return "standard input and output must be a terminal";
  }
  terminal_fd = dup(STDOUT_FILENO);
  has_found_modes = tcgetattr(terminal_fd, &found_modes) == 0;
  terminal_output = fdopen(dup(STDOUT_FILENO), "w");
  terminal_input = fdopen(dup(STDIN_FILENO), "r");
  frame_file = tmpfile();
  if (terminal_fd < 0 || terminal_output == NULL || terminal_input == NULL || frame_file == NULL) {
    return "no file descriptors or no temporary file to be had";
  }
  set_escdelay(25);
  // ncurses' own handlers for INT, TERM and TSTP would act in the middle of a frame.
  screen = newterm(NULL, terminal_output, terminal_input);
  if (screen == NULL) return "the terminal type in TERM is unknown";
  set_term(screen);
  leave_length = 0;
  append_leave("\033[?2026l");
  append_leave(exit_attribute_mode);
  append_leave(keypad_local);
  append_leave(cursor_normal);
  append_leave(exit_ca_mode);
  raw();
  noecho();
  nonl();
  keypad(stdscr, TRUE);
  nodelay(stdscr, TRUE);
  typeahead(-1);
  curs_set(0);
  leaveok(stdscr, TRUE);
  if (has_colors()) {
    start_color();
    use_default_colors();
  }
  is_up = true;
  install_rescue();
  return NULL;
}

void cn_stop(void) {
  if (!is_up) return;
  is_up = false;
  endwin();
  if (has_found_modes) tcsetattr(terminal_fd, TCSADRAIN, &found_modes);
  release_stderr();
}

void cn_resume(void) {
  is_up = true;
  cn_capture_stderr();
  reset_prog_mode();
  clearok(curscr, TRUE);
}

void cn_capture_stderr(void) {
  // Where the user sent standard error to a file, it stays there.
  if (!isatty(STDERR_FILENO)) return;
  if (captured_stderr < 0) {
    FILE *file = tmpfile();
    if (file == NULL) return;
    captured_stderr = fileno(file);
  }
  if (ftruncate(captured_stderr, 0) != 0) return;
  lseek(captured_stderr, 0, SEEK_SET);
  saved_stderr = dup(STDERR_FILENO);
  dup2(captured_stderr, STDERR_FILENO);
}

void cn_terminal_size(int *width, int *height) {
  struct winsize size;
  if (ioctl(terminal_fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0) {
    *width = size.ws_col;
    *height = size.ws_row;
  } else {
    *width = COLS;
    *height = LINES;
  }
}

void cn_resize(int width, int height) {
  resizeterm(height, width);
  clearok(curscr, TRUE);
}

// MARK: Output

int cn_colors(void) { return has_colors() ? COLORS : 0; }

bool cn_has_direct_color(void) {
  return tigetflag("RGB") > 0 || COLORS > 256;
}

/// Pairs by their colours; ncurses numbers them, we remember which is which.
static struct {
  int foreground, background;
} pairs[256];
static int pair_count = 1;

static int pair_of(int foreground, int background) {
  if (!has_colors() || (foreground < 0 && background < 0)) return 0;
  for (int i = 1; i < pair_count; i++) {
    if (pairs[i].foreground == foreground && pairs[i].background == background) return i;
  }
  if (pair_count >= 256 || pair_count >= COLOR_PAIRS) return 0;
  if (init_extended_pair(pair_count, foreground, background) == ERR) return 0;
  pairs[pair_count].foreground = foreground;
  pairs[pair_count].background = background;
  return pair_count++;
}

void cn_put(int row, int column, const wchar_t *text, unsigned attributes, int foreground,
            int background) {
  attr_t bits = A_NORMAL;
  if (attributes & 1) bits |= A_BOLD;
  if (attributes & 2) bits |= A_DIM;
  if (attributes & 4) bits |= A_UNDERLINE;
  if (attributes & 8) bits |= A_REVERSE;
#ifdef A_ITALIC
  if (attributes & 16) bits |= A_ITALIC;
#endif
  int pair = pair_of(foreground, background);
  cchar_t cell;
  if (setcchar(&cell, text, bits, (short)pair, NULL) == ERR) return;
  mvadd_wch(row, column, &cell);
}

void cn_erase(void) { erase(); }

size_t cn_update(void) {
  static const char begin[] = "\033[?2026h", end[] = "\033[?2026l";
  int output = fileno(terminal_output), gathered = fileno(frame_file);
  if (ftruncate(gathered, 0) != 0) return 0;
  lseek(gathered, 0, SEEK_SET);
  // ncurses writes a frame in pieces of its buffer's size; gathering them makes one write of it.
  fflush(terminal_output);
  dup2(gathered, output);
  wnoutrefresh(stdscr);
  doupdate();
  fflush(terminal_output);
  dup2(terminal_fd, output);
  off_t length = lseek(gathered, 0, SEEK_CUR);
  if (length <= 0) return 0;
  size_t prefix = sizeof begin - 1, suffix = sizeof end - 1, size = (size_t)length;
  char *frame = malloc(prefix + size + suffix);
  if (frame == NULL) return 0;
  memcpy(frame, begin, prefix);
  size_t total = prefix;
  if (pread(gathered, frame + prefix, size, 0) == (ssize_t)size) {
    memcpy(frame + prefix + size, end, suffix);
    total += size + suffix;
    write_all(terminal_fd, frame, total);
  }
  free(frame);
  return total;
}

// MARK: Input

int cn_read_key(uint32_t *code) {
  wint_t key = 0;
  int result = wget_wch(stdscr, &key);
  if (result == ERR) return 0;
  *code = (uint32_t)key;
  return result == KEY_CODE_YES ? 2 : 1;
}

bool cn_locale_is_utf8(void) {
  setlocale(LC_ALL, "");
  return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}
