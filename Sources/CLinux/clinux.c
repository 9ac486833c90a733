#define _GNU_SOURCE
#include "clinux.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

int ottava_pidfd_open(pid_t pid) {
    return (int)syscall(SYS_pidfd_open, pid, 0);
}

int ottava_set_child_subreaper(void) {
    return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
}

struct socket_request {
    const char *path;
    int domain, type, protocol;
    int result, error;
};

static void *make_socket(void *argument) {
    struct socket_request *request = argument;
    request->result = -1;
    int space = open(request->path, O_RDONLY | O_CLOEXEC);
    if (space < 0 || setns(space, CLONE_NEWNET) != 0) {
        request->error = errno;
    } else {
        request->result = socket(request->domain, request->type, request->protocol);
        request->error = errno;
    }
    if (space >= 0) close(space);
    return NULL;
}

int ottava_socket_in_namespace(const char *path, int domain, int type, int protocol) {
    // A thread of its own, so that no thread of the program ever stays in another namespace.
    struct socket_request request = {path, domain, type, protocol, -1, 0};
    pthread_t thread;
    int failure = pthread_create(&thread, NULL, make_socket, &request);
    if (failure == 0) failure = pthread_join(thread, NULL);
    errno = failure != 0 ? failure : request.error;
    return failure != 0 ? -1 : request.result;
}

int ottava_return_freed_blocks(size_t bytes) {
    return mallopt(M_MMAP_THRESHOLD, (int)bytes);
}
