#include "CAllocations.h"

#include <stddef.h>

static __thread long count __attribute__((tls_model("initial-exec")));
static __thread long bytes __attribute__((tls_model("initial-exec")));

long allocations_of_thread(void) { return count; }

long allocated_bytes_of_thread(void) { return bytes; }

#ifdef __linux__
#include <features.h>
#endif

#ifdef __GLIBC__

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t number, size_t size);
extern void *__libc_realloc(void *piece, size_t size);

bool allocations_are_counted(void) { return true; }

// The GNU C library's manual, "Replacing malloc": these stand in for its own in the whole program.

void *malloc(size_t size) {
  count++;
  bytes += size;
  return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
  count++;
  bytes += number * size;
  return __libc_calloc(number, size);
}

void *realloc(void *piece, size_t size) {
  count++;
  bytes += size;
  return __libc_realloc(piece, size);
}

#else

bool allocations_are_counted(void) { return false; }

#endif
