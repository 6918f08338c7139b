// SPDX-License-Identifier: GPL-3.0-or-later
// For ThreadSanitizer, which is not told by the distribution's Qt (built without it, with mutexes of its own) that work
// goes from one thread to another in order. The studio hands work over in four ways only: a task given to a pool, the
// wait for a pool's tasks, a function invoked in another thread, the wait for a thread's end. These definitions take
// the place of Qt's for the program's own calls, tell the sanitizer and go on with Qt's. What reaches another thread in
// any other way is reported as a race, as it should be.
#include <dlfcn.h>
#include <sanitizer/tsan_interface.h>
#include <sched.h>
#include <sys/types.h>

#include <QMetaObject>
#include <QRunnable>
#include <QThread>
#include <QThreadPool>
#include <cstdarg>

namespace {

template <class Function>
Function next(const char* name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

class Task : public QRunnable {
 public:
  Task(std::function<void()> work, QThreadPool* pool) : work_(std::move(work)), pool_(pool) { __tsan_release(this); }
  void run() override {
    __tsan_acquire(this);
    work_();
    work_ = nullptr;
    __tsan_release(pool_);
  }

 private:
  std::function<void()> work_;
  QThreadPool* pool_;
};

class HandedOver : public QtPrivate::QSlotObjectBase {
 public:
  explicit HandedOver(QSlotObjectBase* slot) : QSlotObjectBase(&act), slot_(slot) { __tsan_release(this); }

 private:
  static void act(int which, QSlotObjectBase* self, QObject* receiver, void** arguments, bool* /*equal*/) {
    auto* handed = static_cast<HandedOver*>(self);
    __tsan_acquire(handed);
    if (which == Call) {
      handed->slot_->call(receiver, arguments);
      __tsan_release(handed);  // to whoever drops the last reference
      __tsan_release(QThread::currentThread());
    }
    if (which != Destroy) return;
    handed->slot_->destroyIfLastRef();
    delete handed;
  }
  QSlotObjectBase* slot_;
};

}  // namespace

void QThreadPool::start(std::function<void()> work, int priority) {
  start(new Task(std::move(work), this), priority);
}

bool QThreadPool::waitForDone(int milliseconds) {
  static const auto wait = next<bool (*)(QThreadPool*, int)>("_ZN11QThreadPool11waitForDoneEi");
  const bool done = wait(this, milliseconds);
  __tsan_acquire(this);
  return done;
}

/// The last that a thread of the studio's does by itself.
void QThread::quit() {
  static const auto quit = next<void (*)(QThread*)>("_ZN7QThread4quitEv");
  __tsan_release(this);
  quit(this);
}

bool QThread::wait(QDeadlineTimer deadline) {
  static const auto wait = next<bool (*)(QThread*, QDeadlineTimer)>("_ZN7QThread4waitE14QDeadlineTimer");
  const bool ended = wait(this, deadline);
  if (ended) __tsan_acquire(this);
  return ended;
}

bool QMetaObject::invokeMethodImpl(QObject* object, QtPrivate::QSlotObjectBase* slot, Qt::ConnectionType type,
                                   void* result) {
  static const auto invoke = next<bool (*)(QObject*, QtPrivate::QSlotObjectBase*, Qt::ConnectionType, void*)>(
      "_ZN11QMetaObject16invokeMethodImplEP7QObjectPN9QtPrivate15QSlotObjectBaseEN2Qt14ConnectionTypeEPv");
  return invoke(object, new HandedOver(slot), type, result);
}

/// QProcess starts children in its own memory (CLONE_VM, as vfork does). There the sanitizer believes that this process
/// has forked and stops following it, so the child gets a memory of its own.
extern "C" int clone(int (*function)(void*), void* stack, int flags, void* argument, ...) {
  static const auto original = next<int (*)(int (*)(void*), void*, int, void*, pid_t*, void*, pid_t*)>("clone");
  va_list rest;
  va_start(rest, argument);
  auto* parent = va_arg(rest, pid_t*);
  auto* storage = va_arg(rest, void*);
  auto* child = va_arg(rest, pid_t*);
  va_end(rest);
  return original(function, stack, flags & ~(CLONE_VM | CLONE_VFORK), argument, parent, storage, child);
}
