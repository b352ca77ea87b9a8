/* Makes one call that changes files below a folder go wrong: preloaded into a process of the tests, which arms it.
 *
 * The calls are counted where a program meets the system's library, so that it does not matter what the program is written in.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#undef fwrite_unlocked

enum { FAIL = 1, FAIL_FROM, FAIL_WRITE, CUT_WRITE, SIGNAL_BEFORE, SIGNAL_AFTER, SLOW };

static char folder[PATH_MAX];
static long calls, at;
static int how, number;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* From now on the `n`-th call (from 0) fails with an error number (FAIL), all after it too (FAIL_FROM), or only if it writes
 * (FAIL_WRITE); or it writes half of what it is asked to (CUT_WRITE); or the process gets a signal of this number there. SLOW: every call takes so many
 * microseconds more. */
void fault_arm(const char *below, long n, int what, int amount)
{
    snprintf(folder, sizeof folder, "%s/", below);
    calls = 0;
    at = n;
    number = amount;
    how = what;
}

/* Ends it; gives the number of calls. */
long fault_disarm(void)
{
    how = 0;
    return calls;
}

enum { GO_ON, REFUSE, CUT };

static int count(int writes)
{
    pthread_mutex_lock(&lock);
    long call = calls++;
    pthread_mutex_unlock(&lock);
    if (call == at && how == SIGNAL_BEFORE)
        kill(getpid(), number);
    if (call == at && how == CUT_WRITE && writes)
        return CUT;
    if ((call == at && (how == FAIL || (how == FAIL_WRITE && writes))) || (call >= at && how == FAIL_FROM)) {
        errno = number;
        return REFUSE;
    }
    return GO_ON;
}

static void done(void)
{
    if (how == SIGNAL_AFTER && calls - 1 == at)
        kill(getpid(), number);
    if (how == SLOW)
        usleep(number);
}

static int below(const char *path)
{
    return how && path && strncmp(path, folder, strlen(folder)) == 0;
}

static int below_at(int handle, const char *path)
{
    return path && (path[0] == '/' ? below(path) : handle == AT_FDCWD ? 0 : how != 0);
}

static int written(int handle)
{
    char link[64], path[PATH_MAX];
    int before = errno;
    if (!how || (fcntl(handle, F_GETFL) & O_ACCMODE) == O_RDONLY) {
        errno = before;
        return 0;
    }
    snprintf(link, sizeof link, "/proc/self/fd/%d", handle);
    ssize_t size = readlink(link, path, sizeof path - 1);
    errno = before;
    if (size < 0)
        return 0;
    path[size] = 0;
    return below(path);
}

#define REAL(name) \
    static __typeof__(name) *real; \
    if (!real) \
        real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)
#define RUN(cared, refused, call) \
    if (!(cared)) \
        return call; \
    if (count(0) == REFUSE) \
        return refused; \
    __typeof__(call) result = call; \
    done(); \
    return result
#define MODE \
    mode_t mode = 0; \
    if (flags & (O_CREAT | O_TMPFILE)) { \
        va_list rest; \
        va_start(rest, flags); \
        mode = va_arg(rest, mode_t); \
        va_end(rest); \
    }
#define WRITES(flags) (((flags) & O_ACCMODE) != O_RDONLY || ((flags) & O_CREAT))

int open(const char *path, int flags, ...) { REAL(open); MODE RUN(WRITES(flags) && below(path), -1, real(path, flags, mode)); }
int open64(const char *path, int flags, ...) { REAL(open64); MODE RUN(WRITES(flags) && below(path), -1, real(path, flags, mode)); }
int openat(int dir, const char *path, int flags, ...)
{
    REAL(openat);
    MODE RUN(WRITES(flags) && below_at(dir, path), -1, real(dir, path, flags, mode));
}
int openat64(int dir, const char *path, int flags, ...)
{
    REAL(openat64);
    MODE RUN(WRITES(flags) && below_at(dir, path), -1, real(dir, path, flags, mode));
}
int creat(const char *path, mode_t mode) { REAL(creat); RUN(below(path), -1, real(path, mode)); }
FILE *fopen(const char *path, const char *mode) { REAL(fopen); RUN(mode[0] != 'r' && below(path), NULL, real(path, mode)); }
FILE *fopen64(const char *path, const char *mode) { REAL(fopen64); RUN(mode[0] != 'r' && below(path), NULL, real(path, mode)); }
int mkdir(const char *path, mode_t mode) { REAL(mkdir); RUN(below(path), -1, real(path, mode)); }
int rename(const char *from, const char *to) { REAL(rename); RUN(below(to), -1, real(from, to)); }
int renameat(int a, const char *from, int b, const char *to)
{
    REAL(renameat);
    RUN(below_at(b, to), -1, real(a, from, b, to));
}
int renameat2(int a, const char *from, int b, const char *to, unsigned flags)
{
    REAL(renameat2);
    RUN(below_at(b, to), -1, real(a, from, b, to, flags));
}
int link(const char *from, const char *to) { REAL(link); RUN(below(to), -1, real(from, to)); }
int fsync(int handle) { REAL(fsync); RUN(written(handle), -1, real(handle)); }
int fdatasync(int handle) { REAL(fdatasync); RUN(written(handle), -1, real(handle)); }
int ftruncate(int handle, off_t size) { REAL(ftruncate); RUN(written(handle), -1, real(handle, size)); }
int posix_fallocate(int handle, off_t from, off_t size)
{
    REAL(posix_fallocate);
    RUN(written(handle), number, real(handle, from, size));
}

/* A write may do less than it is asked to. */
#define WRITE(size, call_of) \
    if (!written(handle)) \
        return call_of(size); \
    int what = count((size) > 1); \
    if (what == REFUSE) \
        return -1; \
    ssize_t result = what == CUT ? call_of((size) / 2) : call_of(size); \
    done(); \
    return result

ssize_t write(int handle, const void *data, size_t size)
{
    REAL(write);
#define CALL(n) real(handle, data, n)
    WRITE(size, CALL);
#undef CALL
}
ssize_t pwrite(int handle, const void *data, size_t size, off_t where)
{
    REAL(pwrite);
#define CALL(n) real(handle, data, n, where)
    WRITE(size, CALL);
#undef CALL
}
ssize_t pwrite64(int handle, const void *data, size_t size, off64_t where)
{
    REAL(pwrite64);
#define CALL(n) real(handle, data, n, where)
    WRITE(size, CALL);
#undef CALL
}
ssize_t writev(int handle, const struct iovec *parts, int size)
{
    REAL(writev);
#define CALL(n) real(handle, parts, n)
    WRITE(size, CALL);
#undef CALL
}

/* A file is closed even if closing fails. */
int close(int handle)
{
    REAL(close);
    if (!written(handle))
        return real(handle);
    int refused = count(0) == REFUSE, error = errno, result = real(handle);
    done();
    if (refused)
        errno = error;
    return refused ? -1 : result;
}
int fclose(FILE *file)
{
    REAL(fclose);
    if (!written(fileno(file)))
        return real(file);
    int refused = count(0) == REFUSE, error = errno, result = real(file);
    done();
    if (refused)
        errno = error;
    return refused ? EOF : result;
}
int fflush(FILE *file) { REAL(fflush); RUN(file && written(fileno(file)), EOF, real(file)); }
size_t fwrite(const void *data, size_t size, size_t n, FILE *file)
{
    REAL(fwrite);
    RUN(written(fileno(file)), 0, real(data, size, n, file));
}
size_t fwrite_unlocked(const void *data, size_t size, size_t n, FILE *file)
{
    REAL(fwrite_unlocked);
    RUN(written(fileno(file)), 0, real(data, size, n, file));
}
