// Loads libpq at run time, and passes the calls of its functions on.
//
// A program that is linked with libpq loads it, and what it needs itself (TLS, Kerberos, LDAP), at each start: most of
// the time of a short command. Each function here has the name and the type of the library's own, is seen by this
// program only, and may be called once libpq_load has returned a null pointer.

#include "CPostgreSQL.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>

// X(type, name, parameters, arguments)
#define FUNCTIONS(X) \
    X(void, PQclear, (PGresult *res), (res)) \
    X(char *, PQcmdStatus, (PGresult *res), (res)) \
    X(char *, PQcmdTuples, (PGresult *res), (res)) \
    X(PGconn *, PQconnectdbParams, \
      (const char *const *keywords, const char *const *values, int expand_dbname), \
      (keywords, values, expand_dbname)) \
    X(int, PQconsumeInput, (PGconn *conn), (conn)) \
    X(char *, PQerrorMessage, (const PGconn *conn), (conn)) \
    X(void, PQfinish, (PGconn *conn), (conn)) \
    X(void, PQfreemem, (void *ptr), (ptr)) \
    X(PGresult *, PQgetResult, (PGconn *conn), (conn)) \
    X(int, PQgetisnull, (const PGresult *res, int tup_num, int field_num), (res, tup_num, field_num)) \
    X(int, PQgetlength, (const PGresult *res, int tup_num, int field_num), (res, tup_num, field_num)) \
    X(char *, PQgetvalue, (const PGresult *res, int tup_num, int field_num), (res, tup_num, field_num)) \
    X(int, PQisBusy, (PGconn *conn), (conn)) \
    X(PGnotify *, PQnotifies, (PGconn *conn), (conn)) \
    X(int, PQnparams, (const PGresult *res), (res)) \
    X(int, PQntuples, (const PGresult *res), (res)) \
    X(const char *, PQparameterStatus, (const PGconn *conn, const char *paramName), (conn, paramName)) \
    X(Oid, PQparamtype, (const PGresult *res, int param_num), (res, param_num)) \
    X(char *, PQresultErrorField, (const PGresult *res, int fieldcode), (res, fieldcode)) \
    X(char *, PQresultErrorMessage, (const PGresult *res), (res)) \
    X(ExecStatusType, PQresultStatus, (const PGresult *res), (res)) \
    X(int, PQsendDescribePrepared, (PGconn *conn, const char *stmt), (conn, stmt)) \
    X(int, PQsendPrepare, \
      (PGconn *conn, const char *stmtName, const char *query, int nParams, const Oid *paramTypes), \
      (conn, stmtName, query, nParams, paramTypes)) \
    X(int, PQsendQuery, (PGconn *conn, const char *query), (conn, query)) \
    X(int, PQsendQueryPrepared, \
      (PGconn *conn, const char *stmtName, int nParams, const char *const *paramValues, \
       const int *paramLengths, const int *paramFormats, int resultFormat), \
      (conn, stmtName, nParams, paramValues, paramLengths, paramFormats, resultFormat)) \
    X(int, PQserverVersion, (const PGconn *conn), (conn)) \
    X(PQnoticeProcessor, PQsetNoticeProcessor, (PGconn *conn, PQnoticeProcessor proc, void *arg), (conn, proc, arg)) \
    X(int, PQsocket, (const PGconn *conn), (conn)) \
    X(ConnStatusType, PQstatus, (const PGconn *conn), (conn))

#define POINTER(type, name, parameters, arguments) static type(*pointer_##name) parameters;
FUNCTIONS(POINTER)

#define FUNCTION(type, name, parameters, arguments) \
    __attribute__((visibility("hidden"))) type name parameters { return pointer_##name arguments; }
FUNCTIONS(FUNCTION)

static pthread_once_t once = PTHREAD_ONCE_INIT;
static char failure[256];

static void load(void) {
#ifdef __APPLE__
    void *library = dlopen("libpq.5.dylib", RTLD_NOW | RTLD_LOCAL);
#else
    void *library = dlopen("libpq.so.5", RTLD_NOW | RTLD_LOCAL);
#endif
    if (!library) {
        snprintf(failure, sizeof failure, "PostgreSQL's client library cannot be loaded: %s", dlerror());
        return;
    }
#define LOOK_UP(type, name, parameters, arguments) \
    *(void **)&pointer_##name = dlsym(library, #name); \
    if (!pointer_##name) snprintf(failure, sizeof failure, "PostgreSQL's client library has no " #name);
    FUNCTIONS(LOOK_UP)
}

const char *libpq_load(void) {
    pthread_once(&once, load);
    return failure[0] ? failure : NULL;
}
