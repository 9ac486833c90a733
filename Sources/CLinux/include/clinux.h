// Linux calls that Swift cannot import: variadic, hidden behind _GNU_SOURCE, or not in its module. No logic.
#ifndef OTTAVA_CLINUX_H
#define OTTAVA_CLINUX_H

#include <stddef.h>
#include <sys/types.h>

/// pidfd_open(2): a descriptor that becomes readable when the process ends; -1 and errno on failure.
int ottava_pidfd_open(pid_t pid);

/// prctl(PR_SET_CHILD_SUBREAPER): orphaned descendants become children of this process; 0 or -1 and errno.
int ottava_set_child_subreaper(void);

/// socket(2) in the network namespace behind a path such as /run/netns/NAME; the socket stays in it. -1 and errno on
/// failure.
int ottava_socket_in_namespace(const char *path, int domain, int type, int protocol);

/// mallopt(M_MMAP_THRESHOLD): freed blocks of so many bytes and more go back to the system at once; 1 or 0 on failure.
int ottava_return_freed_blocks(size_t bytes);
/// Writes to an existing file as it is in that network namespace, such as one below /proc/sys/net; 0 or -1 and errno.
int ottava_write_in_namespace(const char *path, const char *file, const void *bytes, size_t length);

/// Sends an Ethernet frame on an interface of that network namespace (packet(7)); 0 or -1 and errno.
int ottava_send_frame_in_namespace(const char *path, const char *interface, const void *frame, size_t length);

/// memfd_create(2): a file in memory that ends with its last descriptor; programs do not inherit it. -1 and errno on failure.
int ottava_memory_file(const char *name);

#endif
