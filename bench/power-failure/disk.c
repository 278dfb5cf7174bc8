/*
 * A disk that forgets what was not synced: preloaded into a process, it keeps beside each database file a copy with
 * what was synced alone. After the process was killed the copies are what a machine without power would have.
 * POWER_COPIES: the folder of the copies. POWER_LIES=1: syncs are confirmed and forgotten, as by a disk that lies.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILES_MAX 1024

struct range {
  off_t from;
  size_t length;
};

/* One open file; `copy` is 0 while it is not known whether it has one, and -1 where it has none. */
struct file {
  int copy;
  struct range *dirty;
  size_t count;
  size_t room;
};

static struct file files[FILES_MAX];
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void copy_bytes(int from, int to, off_t offset, size_t length) {
  char buffer[65536];
  static ssize_t (*real)(int, const void *, size_t, off_t);
  if (!real) real = dlsym(RTLD_NEXT, "pwrite64");
  while (length > 0) {
    size_t part = length < sizeof buffer ? length : sizeof buffer;
    ssize_t got = pread(from, buffer, part, offset);
    if (got <= 0) return;
    real(to, buffer, (size_t)got, offset);
    offset += got;
    length -= (size_t)got;
  }
}

static int is_database(const char *path) {
  const char *name = strrchr(path, '/');
  return name && (!strcmp(name, "/steward.sqlite") || !strcmp(name, "/steward.sqlite-wal"));
}

/* Opens a file's copy: whoever starts the process put there what was on the disk before. */
static int open_copy(const char *path) {
  const char *folder = getenv("POWER_COPIES");
  char name[4096];
  if (!folder) return -1;
  snprintf(name, sizeof name, "%s%s", folder, strrchr(path, '/'));
  return open(name, O_RDWR | O_CREAT, 0600);
}

static struct file *find(int fd) {
  if (fd < 0 || fd >= FILES_MAX) return NULL;
  struct file *file = &files[fd];
  if (file->copy == 0) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length > 0) path[length] = 0;
    file->copy = length > 0 && is_database(path) ? open_copy(path) : -1;
  }
  return file->copy > 0 ? file : NULL;
}

static void note(int fd, off_t from, size_t length) {
  pthread_mutex_lock(&mutex);
  struct file *file = find(fd);
  if (file) {
    if (file->count == file->room) {
      file->room = file->room ? 2 * file->room : 256;
      file->dirty = realloc(file->dirty, file->room * sizeof *file->dirty);
    }
    file->dirty[file->count++] = (struct range){from, length};
  }
  pthread_mutex_unlock(&mutex);
}

static void keep(int fd) {
  pthread_mutex_lock(&mutex);
  struct file *file = find(fd);
  if (file && !getenv("POWER_LIES")) {
    struct stat status;
    for (size_t i = 0; i < file->count; i++)
      copy_bytes(fd, file->copy, file->dirty[i].from, file->dirty[i].length);
    if (fstat(fd, &status) == 0 && ftruncate64(file->copy, status.st_size) != 0) abort();
  }
  if (file) file->count = 0;
  pthread_mutex_unlock(&mutex);
}

#define REAL(name)                      \
  static __typeof__(&name) real;        \
  if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) {
  REAL(pwrite64);
  note(fd, offset, length);
  return real(fd, bytes, length, offset);
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) {
  return pwrite64(fd, bytes, length, offset);
}

int fdatasync(int fd) {
  REAL(fdatasync);
  int result = real(fd);
  if (result == 0) keep(fd);
  return result;
}

int fsync(int fd) {
  REAL(fsync);
  int result = real(fd);
  if (result == 0) keep(fd);
  return result;
}

int close(int fd) {
  REAL(close);
  pthread_mutex_lock(&mutex);
  if (fd >= 0 && fd < FILES_MAX) {
    if (files[fd].copy > 0) real(files[fd].copy);
    free(files[fd].dirty);
    files[fd] = (struct file){0};
  }
  pthread_mutex_unlock(&mutex);
  return real(fd);
}
