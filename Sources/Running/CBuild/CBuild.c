#include "CBuild.h"

#ifndef BUILD_DESCRIPTION
#define BUILD_DESCRIPTION ""
#endif
#ifndef BUILD_DATE
#define BUILD_DATE ""
#endif

const char *const build_description = BUILD_DESCRIPTION;
const char *const build_date = BUILD_DATE;
