#ifndef CALLOCATIONS_H
#define CALLOCATIONS_H

#include <stdbool.h>

/// Whether allocations are counted here: the C library lets a program stand in for its allocator.
bool allocations_are_counted(void);

/// How many pieces of memory the calling thread has asked for since it began.
long allocations_of_thread(void);

/// How many bytes these had.
long allocated_bytes_of_thread(void);

#endif
