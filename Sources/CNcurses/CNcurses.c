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
#include <poll.h>
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
          cn_key_backspace = KEY_BACKSPACE, cn_key_delete = KEY_DC, cn_key_back_tab = KEY_BTAB,
          cn_key_focus_in = KEY_MAX + 1, cn_key_focus_out = KEY_MAX + 2;

static bool is_up;
static SCREEN *screen;
static FILE *terminal_output;
static FILE *terminal_input;
static WINDOW *keys;
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
    if (written < 0 && errno == EAGAIN) {
      // Somebody left the terminal non-blocking.
      struct pollfd room = {.fd = fd, .events = POLLOUT};
      if (poll(&room, 1, 1000) > 0) continue;
    }
    if (written <= 0) return;
    bytes += written;
    count -= (size_t)written;
  }
}

/// Only calls that are safe in a signal handler.
static void release_stderr(void) {
  if (saved_stderr < 0) return;
  dup2(saved_stderr, STDERR_FILENO);
  close(saved_stderr);
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
  // A stack overflow leaves no stack to handle it on.
  static char own_stack[64 * 1024];
  stack_t stack = {.ss_sp = own_stack, .ss_size = sizeof own_stack};
  sigaltstack(&stack, NULL);
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = rescue;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESETHAND | SA_NODEFER | SA_ONSTACK;
  for (size_t i = 0; i < sizeof fatal / sizeof fatal[0]; i++) sigaction(fatal[i], &action, NULL);
}

static void append_leave(const char *text) {
  if (text == NULL) return;
  size_t length = strlen(text);
  if (leave_length + length > sizeof leave_sequence) return;
  memcpy(leave_sequence + leave_length, text, length);
  leave_length += length;
}

// MARK: Life

/// DECSET 1004: the terminal reports when its window gains or loses the focus; others ignore it.
static const char *const focus_reports = "\033[?1004h";
static const char *const no_focus_reports = "\033[?1004l";

/// Enters the screen and blanks it, through ncurses' own picture, which stays blank ever after.
static void blank(void) {
  clearok(curscr, TRUE);
  curs_set(0);
  refresh();
}

const char *cn_start(void) {
  if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
    return "standard input and output must be a terminal";
  }
  terminal_fd = dup(STDOUT_FILENO);
  has_found_modes = tcgetattr(terminal_fd, &found_modes) == 0;
  terminal_output = fdopen(dup(STDOUT_FILENO), "w");
  terminal_input = fdopen(dup(STDIN_FILENO), "r");
  if (terminal_fd < 0 || terminal_output == NULL || terminal_input == NULL) {
    return "no file descriptors to be had";
  }
  set_escdelay(25);
  screen = newterm(NULL, terminal_output, terminal_input);
  if (screen == NULL) return "the terminal type in TERM is unknown";
  set_term(screen);
  leave_length = 0;
  append_leave("\033[?2026l");
  append_leave(no_focus_reports);
  static const char *const leaving[] = {"sgr0", "rmkx", "cnorm", "rmcup"};
  for (size_t i = 0; i < sizeof leaving / sizeof leaving[0]; i++) {
    append_leave(cn_capability(leaving[i]));
  }
  raw();
  noecho();
  nonl();
  // Keys are read through a pad: reading from a window would repaint it.
  keys = newpad(1, 1);
  if (keys == NULL) return "no memory";
  keypad(keys, TRUE);
  nodelay(keys, TRUE);
  if (has_colors()) {
    start_color();
    use_default_colors();
  }
  define_key("\033[I", cn_key_focus_in);
  define_key("\033[O", cn_key_focus_out);
  is_up = true;
  install_rescue();
  blank();
  cn_write(focus_reports, strlen(focus_reports));
  return NULL;
}

void cn_stop(void) {
  if (!is_up) return;
  is_up = false;
  cn_write(no_focus_reports, strlen(no_focus_reports));
  endwin();
  if (has_found_modes) tcsetattr(terminal_fd, TCSADRAIN, &found_modes);
  release_stderr();
}

void cn_resume(void) {
  is_up = true;
  cn_capture_stderr();
  reset_prog_mode();
  blank();
  cn_write(focus_reports, strlen(focus_reports));
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
}

// MARK: Output

int cn_colors(void) { return has_colors() ? COLORS : 0; }

bool cn_has_direct_color(void) {
  return tigetflag("RGB") > 0 || COLORS > 256;
}

bool cn_has_eat_newline_glitch(void) { return tigetflag("xenl") > 0; }

/// Copies a capability without its padding, which no terminal of today needs.
static const char *without_padding(const char *capability) {
  static char text[256];
  size_t length = 0;
  if (capability == NULL || capability == (const char *)-1) return NULL;
  for (const char *c = capability; *c != 0 && length < sizeof text - 1; c++) {
    if (c[0] == '$' && c[1] == '<') {
      while (*c != 0 && *c != '>') c++;
      if (*c == 0) break;
      continue;
    }
    text[length++] = *c;
  }
  text[length] = 0;
  return text;
}

const char *cn_capability(const char *name) { return without_padding(tigetstr(name)); }

const char *cn_filled_capability(const char *name, int first, int second) {
  const char *capability = tigetstr(name);
  if (capability == NULL || capability == (const char *)-1) return NULL;
  return without_padding(tparm(capability, first, second, 0, 0, 0, 0, 0, 0, 0));
}

void cn_write(const char *bytes, size_t count) { write_all(terminal_fd, bytes, count); }

// MARK: Input

int cn_read_key(uint32_t *code) {
  wint_t key = 0;
  int result = wget_wch(keys, &key);
  if (result == ERR) return 0;
  *code = (uint32_t)key;
  return result == KEY_CODE_YES ? 2 : 1;
}

bool cn_locale_is_utf8(void) {
  setlocale(LC_ALL, "");
  return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}
