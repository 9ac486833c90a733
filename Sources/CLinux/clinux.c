#define _GNU_SOURCE
#include "clinux.h"

#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int ottava_pidfd_open(pid_t pid) {
    return (int)syscall(SYS_pidfd_open, pid, 0);
}

int ottava_set_child_subreaper(void) {
    return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
}
