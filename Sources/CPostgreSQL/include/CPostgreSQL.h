// libpq, PostgreSQL's client library, which is loaded when the first connection is opened.

#pragma once

#if __has_include(<libpq-fe.h>)
#include <libpq-fe.h>
#else
#include <postgresql/libpq-fe.h>
#endif

// Loads libpq. Returns why that cannot be done, or a null pointer when it is there.
const char *libpq_load(void);
