#include "CBuild.h"

#ifndef SLUICE_DESCRIPTION
#define SLUICE_DESCRIPTION ""
#endif
#ifndef SLUICE_DATE
#define SLUICE_DATE ""
#endif

const char *const build_description = SLUICE_DESCRIPTION;
const char *const build_date = SLUICE_DATE;
