/* What a descriptor stands for: the mode of its inode says it, the family and protocol of a socket, and of inodes without a kind of their own the
 * name that /proc/PID/fd shows.
 *
 *   task → table of descriptors → file → inode ── S_IFSOCK ──→ socket → sock: family, protocol
 *                                   └ private data, dentry: [eventfd]
 */
#pragma once
#include "kernel.h"

struct qstr {
    const unsigned char *name;
} __attribute__((preserve_access_index));

struct dentry {
    struct qstr d_name;
} __attribute__((preserve_access_index));

struct path {
    struct dentry *dentry;
} __attribute__((preserve_access_index));

struct super_block {
    unsigned long s_magic;
} __attribute__((preserve_access_index));

struct inode {
    u16 i_mode;
    u32 i_rdev;
    struct super_block *i_sb;
} __attribute__((preserve_access_index));

struct file {
    struct path f_path;
    struct inode *f_inode;
    void *private_data;
} __attribute__((preserve_access_index));

struct fdtable {
    u32 max_fds;
    struct file **fd;
} __attribute__((preserve_access_index));

struct files_struct {
    struct fdtable *fdt;
} __attribute__((preserve_access_index));

struct sock_common {
    u16 skc_family;
} __attribute__((preserve_access_index));

struct sock {
    struct sock_common __sk_common;
    u16 sk_protocol;
} __attribute__((preserve_access_index));

struct socket {
    struct sock *sk;
} __attribute__((preserve_access_index));

/* include/uapi/linux: stat.h, magic.h, socket.h, in.h, major.h */
enum { S_IFMT = 0170000, S_IFIFO = 0010000, S_IFCHR = 0020000, S_IFDIR = 0040000, S_IFBLK = 0060000, S_IFREG = 0100000, S_IFSOCK = 0140000 };
enum { ANON_INODE_FS_MAGIC = 0x09041934 };
enum { AF_UNIX = 1, AF_INET = 2, AF_INET6 = 10, IPPROTO_TCP = 6, IPPROTO_UDP = 17 };
enum { MINOR_BITS = 20, TTY_MAJOR = 4, TTYAUX_MAJOR = 5, FIRST_PTY_MAJOR = 136, LAST_PTY_MAJOR = 143 };

/* arch/x86/entry/syscalls/syscall_64.tbl: their first argument are structs with descriptors. */
enum { POLL = 7, PPOLL = 271 };

#define READ_KERNEL(to, from) bpf_probe_read_kernel(&(to), sizeof(to), &(from))

ALWAYS_INLINE u32 kind_of_socket(struct file *file) {
    struct socket *socket = 0;
    struct sock *sock = 0;
    u16 family = 0, protocol = 0;
    if (READ_KERNEL(socket, file->private_data) || READ_KERNEL(sock, socket->sk) || READ_KERNEL(family, sock->__sk_common.skc_family) ||
        READ_KERNEL(protocol, sock->sk_protocol)) {
        return DESCRIPTOR_UNKNOWN;
    }
    if (family == AF_UNIX) {
        return DESCRIPTOR_UNIX;
    }
    if (family == AF_INET || family == AF_INET6) {
        return protocol == IPPROTO_TCP ? DESCRIPTOR_TCP : protocol == IPPROTO_UDP ? DESCRIPTOR_UDP : DESCRIPTOR_SOCKET;
    }
    return DESCRIPTOR_SOCKET;
}

ALWAYS_INLINE int is_named(const char *name, const char *wanted) { return !__builtin_memcmp(name, wanted, 8); }

ALWAYS_INLINE u32 kind_by_name(struct file *file) {
    struct dentry *dentry = 0;
    const unsigned char *at = 0;
    char name[8] = {};
    if (READ_KERNEL(dentry, file->f_path.dentry) || READ_KERNEL(at, dentry->d_name.name) ||
        bpf_probe_read_kernel(name, sizeof name, at)) {
        return DESCRIPTOR_UNKNOWN;
    }
    return is_named(name, "[eventfd]")      ? DESCRIPTOR_EVENTFD
           : is_named(name, "[eventpoll]")  ? DESCRIPTOR_EPOLL
           : is_named(name, "[timerfd]")    ? DESCRIPTOR_TIMERFD
           : is_named(name, "[signalfd]")   ? DESCRIPTOR_SIGNALFD
           : is_named(name, "inotify\0")    ? DESCRIPTOR_INOTIFY
                                            : DESCRIPTOR_UNKNOWN;
}

ALWAYS_INLINE u32 kind_of_device(struct inode *inode) {
    u32 device = 0;
    READ_KERNEL(device, inode->i_rdev);
    u32 major = device >> MINOR_BITS;
    return major == TTY_MAJOR || major == TTYAUX_MAJOR || (major >= FIRST_PTY_MAJOR && major <= LAST_PTY_MAJOR) ? DESCRIPTOR_TTY
                                                                                                              : DESCRIPTOR_DEVICE;
}

ALWAYS_INLINE u32 kind_of_file(struct file *file) {
    struct inode *inode = 0;
    struct super_block *system = 0;
    unsigned long magic = 0;
    u16 mode = 0;
    if (READ_KERNEL(inode, file->f_inode) || READ_KERNEL(system, inode->i_sb) || READ_KERNEL(magic, system->s_magic) ||
        READ_KERNEL(mode, inode->i_mode)) {
        return DESCRIPTOR_UNKNOWN;
    }
    if (magic == ANON_INODE_FS_MAGIC) {
        return kind_by_name(file);
    }
    switch (mode & S_IFMT) {
    case S_IFREG: return DESCRIPTOR_FILE;
    case S_IFDIR: return DESCRIPTOR_DIRECTORY;
    case S_IFIFO: return DESCRIPTOR_PIPE;
    case S_IFBLK: return DESCRIPTOR_DEVICE;
    case S_IFCHR: return kind_of_device(inode);
    case S_IFSOCK: return kind_of_socket(file);
    default: return DESCRIPTOR_UNKNOWN;
    }
}

/* What a number stands for in the task's table as it is now: who has closed it meanwhile, or opened something else under it, has it say that. */
static __attribute__((noinline)) u32 kind_of_descriptor(struct task_struct *task, u64 number) {
    struct files_struct *files = task->files;
    struct fdtable *table = 0;
    struct file **slots = 0, *file = 0;
    u32 size = 0;
    if (!files || READ_KERNEL(table, files->fdt) || READ_KERNEL(size, table->max_fds) || number >= size || READ_KERNEL(slots, table->fd) ||
        READ_KERNEL(file, slots[number]) || !file) {
        return DESCRIPTOR_UNKNOWN;
    }
    return kind_of_file(file);
}
