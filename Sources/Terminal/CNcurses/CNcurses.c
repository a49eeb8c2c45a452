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
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

/// The screen is ours. Whoever turns it off leaves the screen, whatever thread that is.
static atomic_bool is_up;
static int terminal_fd = -1;

static struct termios found_modes, own_modes;
static bool has_found_modes;
/// The bytes that enter and leave the screen, made ahead because a crash handler may not make them.
struct sequence {
  char bytes[512];
  size_t length;
};
static struct sequence entering, leaving;

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

/// Leaves the screen. What was typed and not read is dropped: the rest of a paste must not become
/// commands of the shell's.
static void leave(void) {
  if (!atomic_exchange(&is_up, false)) return;
  write_all(terminal_fd, leaving.bytes, leaving.length);
  tcflush(STDIN_FILENO, TCIFLUSH);
  if (has_found_modes) tcsetattr(terminal_fd, TCSANOW, &found_modes);
  release_stderr();
}

static void rescue(int number) {
  leave();
  signal(number, SIG_DFL);
  raise(number);
}

void cn_end(int number) {
  // A terminal that takes nothing, as after Control and S, would keep this thread as well.
  struct pollfd room = {.fd = terminal_fd, .events = POLLOUT};
  if (poll(&room, 1, 50) > 0) leave();
  is_up = false;
  tcflush(STDIN_FILENO, TCIFLUSH);
  if (has_found_modes) tcsetattr(terminal_fd, TCSANOW, &found_modes);
  signal(number, SIG_DFL);
  sigset_t own;
  sigemptyset(&own);
  sigaddset(&own, number);
  pthread_sigmask(SIG_UNBLOCK, &own, NULL);
  raise(number);
}

static void install_rescue(void) {
  // Crashes, and every other signal that would end the program with the screen still up.
  static const int fatal[] = {SIGILL,  SIGTRAP, SIGABRT,   SIGSEGV, SIGBUS,  SIGFPE,  SIGSYS,
                              SIGQUIT, SIGALRM, SIGVTALRM, SIGPROF, SIGUSR1, SIGUSR2, SIGXCPU,
                              SIGXFSZ,
#ifdef __linux__
                              SIGIO,   SIGPWR,  SIGSTKFLT,
#endif
  };
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

static void append(struct sequence *sequence, const char *text) {
  if (text == NULL) return;
  size_t length = strlen(text);
  if (sequence->length + length > sizeof sequence->bytes) return;
  memcpy(sequence->bytes + sequence->length, text, length);
  sequence->length += length;
}

// MARK: Life

// DECSET 1004: the terminal reports when its window gains or loses the focus. 2004: it puts brackets
// around pasted text. Terminals that do not know them ignore them.
#define OWN_MODES_ON "\033[?1004h\033[?2004h"
#define OWN_MODES_OFF "\033[?1004l\033[?2004l"

// 1000 with 1006: it reports buttons and the wheel, with coordinates as decimal numbers. Only when asked
// for, because they take the terminal's own selection away.
#define MOUSE_ON "\033[?1000h\033[?1006h"
#define MOUSE_OFF "\033[?1006l\033[?1000l"

static void make_sequences(bool takes_mouse) {
  static const char *const first[] = {"smcup", "smkx", "civis", "clear"};
  static const char *const last[] = {"sgr0", "rmkx", "cnorm", "rmcup"};
  entering.length = leaving.length = 0;
  for (size_t i = 0; i < 4; i++) append(&entering, cn_capability(first[i]));
  append(&entering, OWN_MODES_ON);
  if (takes_mouse) append(&entering, MOUSE_ON);
  // An update of the screen that a crash cut short ends first.
  append(&leaving, "\033[?2026l" OWN_MODES_OFF);
  if (takes_mouse) append(&leaving, MOUSE_OFF);
  for (size_t i = 0; i < 4; i++) append(&leaving, cn_capability(last[i]));
}

/// Keys as bytes, at once, unseen and not taken for signals.
static void make_modes(void) {
  own_modes = found_modes;
  own_modes.c_iflag &= ~(tcflag_t)(BRKINT | ICRNL | INLCR | IGNCR | INPCK | ISTRIP | IXON | PARMRK);
  own_modes.c_oflag &= ~(tcflag_t)(ONLCR | OCRNL);
  own_modes.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
  own_modes.c_cc[VMIN] = 1;
  own_modes.c_cc[VTIME] = 0;
}

static void enter(void) {
  is_up = true;
  if (has_found_modes) tcsetattr(terminal_fd, TCSADRAIN, &own_modes);
  write_all(terminal_fd, entering.bytes, entering.length);
}

/// What is wrong with the terminal that TERM names; NULL when nothing is.
static const char *objection(void) {
  static char text[200];
  const char *name = getenv("TERM");
  if (name == NULL || *name == 0) return "TERM is not set, so nothing is known of the terminal";
  int found = 0;
  if (setupterm(NULL, terminal_fd, &found) != OK) {
    snprintf(text, sizeof text, "TERM is \"%.60s\", which terminfo %s", name,
             found < 0 ? "cannot look up: its database is not installed" : "does not know");
    return text;
  }
  if (cn_capability("cup") == NULL || cn_capability("clear") == NULL) {
    snprintf(text, sizeof text, "TERM is \"%.60s\", a terminal that cannot place its cursor", name);
    return text;
  }
  return NULL;
}

const char *cn_start(bool takes_mouse) {
  if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
    return "standard input and output must be a terminal";
  }
  terminal_fd = dup(STDOUT_FILENO);
  if (terminal_fd < 0) return "no file descriptors to be had";
  const char *reason = objection();
  if (reason != NULL) return reason;
  has_found_modes = tcgetattr(terminal_fd, &found_modes) == 0;
  make_sequences(takes_mouse);
  make_modes();
  install_rescue();
  enter();
  return NULL;
}

void cn_stop(void) {
  leave();
}

void cn_resume(void) {
  cn_capture_stderr();
  enter();
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
    *width = tigetnum("cols") > 0 ? tigetnum("cols") : 80;
    *height = tigetnum("lines") > 0 ? tigetnum("lines") : 24;
  }
}

// MARK: Output

int cn_colors(void) {
  int count = tigetnum("colors");
  return count > 0 && cn_capability("setaf") != NULL ? count : 0;
}

bool cn_has_direct_color(void) {
  return tigetflag("RGB") > 0 || cn_colors() > 256;
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

void cn_write(const char *bytes, size_t count) {
  if (is_up) write_all(terminal_fd, bytes, count);
}

// MARK: Input

long cn_read(uint8_t *bytes, size_t room) {
  struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
  if (poll(&input, 1, 0) <= 0 || input.revents == 0) return 0;
  ssize_t count = read(STDIN_FILENO, bytes, room);
  if (count > 0) return count;
  return count < 0 && (errno == EINTR || errno == EAGAIN) ? 0 : -1;
}

bool cn_locale_is_utf8(void) {
  setlocale(LC_ALL, "");
  return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}
