/* Counts what a process and its children write below one folder, and makes one of these calls go wrong.

   Preloaded (LD_PRELOAD). The file that FAULTS_CONTROL names is shared with whoever injects: it holds the folder, the
   count so far, and what is to happen at which call. Children find it too, also those that are given a clean
   environment. What is mapped into memory is not seen; SQLite's -shm files, which are, are not counted. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define TEXT 4096

enum kind { COUNT, KILL_BEFORE, KILL_AFTER_HALF, FULL_FROM, FAIL_ONCE, KILL_ONE, ORPHAN, STOP_ONE };

/* The last three concern the processes that the one at work has started: only their calls are counted then.
   injection.py writes and reads this by its offsets. */
struct control {
    long count, at, kind, leader, fired;
    char folder[TEXT];
    char call[TEXT]; /* what was done at `at` */
};

static struct control *control;

static void *real(const char *name) {
    void *found = dlsym(RTLD_NEXT, name);
    if (!found) abort();
    return found;
}
#define REAL(name) static __typeof__(&name) real_##name; if (!real_##name) real_##name = real(#name)

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("FAULTS_CONTROL");
    int descriptor = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (descriptor < 0) return;
    void *mapped = mmap(NULL, sizeof(struct control), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    if (mapped != MAP_FAILED) control = mapped;
    close(descriptor);
}

static int is_below(const char *path) {
    size_t length = strlen(control->folder);
    return length && !strncmp(path, control->folder, length) && path[length] == '/';
}

static int is_shm(const char *path) {
    size_t length = strlen(path);
    return length > 4 && !strcmp(path + length - 4, "-shm");
}

static int path_of(int descriptor, char *path) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, PATH_MAX - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return 1;
}

static int path_at(int folder, const char *name, char *path) {
    if (name[0] == '/') return snprintf(path, PATH_MAX, "%s", name) < PATH_MAX;
    char base[PATH_MAX];
    if (folder == AT_FDCWD ? !getcwd(base, sizeof base) : !path_of(folder, base)) return 0;
    return snprintf(path, PATH_MAX, "%s/%s", base, name) < PATH_MAX;
}

__attribute__((noreturn)) static void end_all(void) {
    kill(0, SIGKILL); /* the process group: a machine that stops takes the children as well */
    for (;;) pause();
}

enum verdict { GO_ON, FAIL, HALF };

/* What becomes of a call on `path`; `needs_room` where it takes more of the disk. */
static enum verdict judge(const char *call, const char *path, int needs_room) {
    if (!control || !is_below(path)) return GO_ON;
    if (is_shm(path)) {
        if (control->kind != FULL_FROM || !needs_room || control->count < control->at) return GO_ON;
        errno = ENOSPC;
        return FAIL;
    }
    if (control->kind >= KILL_ONE && getpid() == control->leader) return GO_ON;
    long number = __atomic_add_fetch(&control->count, 1, __ATOMIC_SEQ_CST);
    if (control->kind == FULL_FROM && number >= control->at && needs_room) {
        control->fired = 1;
        errno = ENOSPC;
        return FAIL;
    }
    if (control->kind == COUNT || number != control->at) return GO_ON;
    control->fired = 1;
    snprintf(control->call, TEXT, "%s %s", call, path + strlen(control->folder) + 1);
    switch (control->kind) {
    case KILL_BEFORE: end_all();
    case KILL_AFTER_HALF: return HALF;
    case FAIL_ONCE: errno = EIO; return FAIL;
    case KILL_ONE: kill(getpid(), SIGKILL); for (;;) pause();
    case STOP_ONE: kill(getpid(), SIGSTOP); return GO_ON;
    case ORPHAN: kill(control->leader, SIGKILL); return GO_ON;
    default: return GO_ON;
    }
}

static enum verdict judge_open(const char *call, int descriptor, int needs_room) {
    char path[PATH_MAX];
    return control && path_of(descriptor, path) ? judge(call, path, needs_room) : GO_ON;
}

#define WRITING(call, descriptor, failed, whole, half)                                                                 \
    switch (judge_open(call, descriptor, 1)) {                                                                         \
    case FAIL: return failed;                                                                                          \
    case HALF: half; end_all();                                                                                        \
    default: return whole;                                                                                             \
    }

ssize_t write(int descriptor, const void *bytes, size_t size) {
    REAL(write);
    WRITING("write", descriptor, -1, real_write(descriptor, bytes, size), real_write(descriptor, bytes, size / 2))
}

ssize_t pwrite(int descriptor, const void *bytes, size_t size, off_t offset) {
    REAL(pwrite);
    WRITING("pwrite", descriptor, -1, real_pwrite(descriptor, bytes, size, offset),
            real_pwrite(descriptor, bytes, size / 2, offset))
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t size, off64_t offset) {
    REAL(pwrite64);
    WRITING("pwrite", descriptor, -1, real_pwrite64(descriptor, bytes, size, offset),
            real_pwrite64(descriptor, bytes, size / 2, offset))
}

ssize_t writev(int descriptor, const struct iovec *parts, int count) {
    REAL(writev);
    WRITING("writev", descriptor, -1, real_writev(descriptor, parts, count),
            real_writev(descriptor, parts, count / 2 ? count / 2 : 1))
}

/* numpy writes its arrays so; what is in the buffer of the stream is written by the C library itself, unseen. */
size_t fwrite(const void *bytes, size_t size, size_t count, FILE *stream) {
    REAL(fwrite);
    WRITING("fwrite", fileno(stream), 0, real_fwrite(bytes, size, count, stream),
            real_fwrite(bytes, size, count / 2, stream); fflush(stream))
}

#define SYNC(name)                                                                                                     \
    int name(int descriptor) {                                                                                         \
        REAL(name);                                                                                                    \
        enum verdict verdict = judge_open(#name, descriptor, 0);                                                       \
        int done = verdict == FAIL ? -1 : real_##name(descriptor);                                                     \
        if (verdict == HALF) end_all();                                                                                \
        return done;                                                                                                   \
    }
SYNC(fsync)
SYNC(fdatasync)

#define TRUNCATE(name, type)                                                                                           \
    int name(int descriptor, type size) {                                                                              \
        REAL(name);                                                                                                    \
        struct stat state;                                                                                             \
        int grows = !fstat(descriptor, &state) && size > state.st_size;                                                \
        enum verdict verdict = judge_open("ftruncate", descriptor, grows);                                             \
        int done = verdict == FAIL ? -1 : real_##name(descriptor, size);                                               \
        if (verdict == HALF) end_all();                                                                                \
        return done;                                                                                                   \
    }
TRUNCATE(ftruncate, off_t)
TRUNCATE(ftruncate64, off64_t)

#define ENTRY(call, folder, name, whole)                                                                               \
    char path[PATH_MAX];                                                                                               \
    enum verdict verdict = control && path_at(folder, name, path) ? judge(call, path, 0) : GO_ON;                      \
    int done = verdict == FAIL ? -1 : whole;                                                                           \
    if (verdict == HALF) end_all();                                                                                    \
    return done;

int rename(const char *from, const char *to) {
    REAL(rename);
    ENTRY("rename", AT_FDCWD, to, real_rename(from, to))
}

int renameat(int from_folder, const char *from, int to_folder, const char *to) {
    REAL(renameat);
    ENTRY("rename", to_folder, to, real_renameat(from_folder, from, to_folder, to))
}

int renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned int flags) {
    REAL(renameat2);
    ENTRY("rename", to_folder, to, real_renameat2(from_folder, from, to_folder, to, flags))
}

int link(const char *from, const char *to) {
    REAL(link);
    ENTRY("link", AT_FDCWD, to, real_link(from, to))
}

int linkat(int from_folder, const char *from, int to_folder, const char *to, int flags) {
    REAL(linkat);
    ENTRY("link", to_folder, to, real_linkat(from_folder, from, to_folder, to, flags))
}

int unlink(const char *name) {
    REAL(unlink);
    ENTRY("unlink", AT_FDCWD, name, real_unlink(name))
}

int unlinkat(int folder, const char *name, int flags) {
    REAL(unlinkat);
    ENTRY("unlink", folder, name, real_unlinkat(folder, name, flags))
}

int rmdir(const char *name) {
    REAL(rmdir);
    ENTRY("rmdir", AT_FDCWD, name, real_rmdir(name))
}

/* The builder of the index is started with a clean environment. */
int execve(const char *program, char *const arguments[], char *const environment[]) {
    REAL(execve);
    const char *names[] = {"LD_PRELOAD=", "FAULTS_CONTROL="};
    char texts[2][TEXT];
    size_t count = 0;
    while (environment[count]) count++;
    char *added[count + 3];
    memcpy(added, environment, count * sizeof *added);
    for (int i = 0; control && i < 2; i++) {
        char name[32];
        snprintf(name, sizeof name, "%.*s", (int)strlen(names[i]) - 1, names[i]);
        snprintf(texts[i], TEXT, "%s%s", names[i], getenv(name) ? getenv(name) : "");
        added[count++] = texts[i];
    }
    added[count] = NULL;
    return real_execve(program, arguments, added);
}
