#define _GNU_SOURCE
#include "clinux.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

int ottava_pidfd_open(pid_t pid) {
    return (int)syscall(SYS_pidfd_open, pid, 0);
}

int ottava_memory_file(const char *name) {
    return memfd_create(name, MFD_CLOEXEC);
}

int ottava_set_child_subreaper(void) {
    return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
}

struct request {
    const char *path;
    int (*work)(const struct request *);
    // socket
    int domain, type, protocol;
    // write, send
    const char *name;
    const void *bytes;
    size_t length;
    int result, error;
};

static void *work_in_namespace(void *argument) {
    struct request *request = argument;
    request->result = -1;
    int space = open(request->path, O_RDONLY | O_CLOEXEC);
    if (space >= 0 && setns(space, CLONE_NEWNET) == 0) request->result = request->work(request);
    request->error = errno;
    if (space >= 0) close(space);
    return NULL;
}

// A thread of its own, so that no thread of the program ever stays in another namespace.
static int run_in_namespace(struct request *request) {
    pthread_t thread;
    int failure = pthread_create(&thread, NULL, work_in_namespace, request);
    if (failure == 0) failure = pthread_join(thread, NULL);
    errno = failure != 0 ? failure : request->error;
    return failure != 0 ? -1 : request->result;
}

static int make_socket(const struct request *request) {
    return socket(request->domain, request->type, request->protocol);
}

int ottava_socket_in_namespace(const char *path, int domain, int type, int protocol) {
    struct request request = {
        .path = path, .work = make_socket, .domain = domain, .type = type, .protocol = protocol};
    return run_in_namespace(&request);
}

static int write_file(const struct request *request) {
    int file = open(request->name, O_WRONLY | O_CLOEXEC);
    if (file < 0) return -1;
    ssize_t count = write(file, request->bytes, request->length);
    int error = errno;
    close(file);
    errno = error;
    return count == (ssize_t)request->length ? 0 : -1;
}

int ottava_write_in_namespace(const char *path, const char *file, const void *bytes, size_t length) {
    struct request request = {
        .path = path, .work = write_file, .name = file, .bytes = bytes, .length = length};
    return run_in_namespace(&request);
}

static int send_frame(const struct request *request) {
    int descriptor = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return -1;
    struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(request->name)};
    ssize_t count = -1;
    if (address.sll_ifindex != 0) {
        count = sendto(
            descriptor, request->bytes, request->length, 0, (const struct sockaddr *)&address, sizeof address);
    }
    int error = errno;
    close(descriptor);
    errno = error;
    return count == (ssize_t)request->length ? 0 : -1;
}

int ottava_send_frame_in_namespace(const char *path, const char *interface, const void *frame, size_t length) {
    struct request request = {
        .path = path, .work = send_frame, .name = interface, .bytes = frame, .length = length};
    return run_in_namespace(&request);
}

int ottava_return_freed_blocks(size_t bytes) {
    return mallopt(M_MMAP_THRESHOLD, (int)bytes);
}
