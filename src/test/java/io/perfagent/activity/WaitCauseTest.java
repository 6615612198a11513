package io.perfagent.activity;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.Activity;
import io.perfagent.model.Call;
import io.perfagent.model.Descriptor;
import io.perfagent.model.Location;
import io.perfagent.model.SymbolMiss;
import io.perfagent.model.ThreadState;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WaitCauseTest {
    private final WaitCause causes = new WaitCause();

    /** Numbers as in arch/x86/entry/syscalls/syscall_64.tbl. */
    @ParameterizedTest
    @CsvSource({
        "SLEEPING, 230, 0, SLEEP", // clock_nanosleep
        "SLEEPING, 202, 5, LOCK", // futex
        "SLEEPING, 0, 5, IO", // read
        "SLEEPING, 232, 5, POLL", // epoll_wait
        "SLEEPING, 23, 5, POLL", // select of descriptors
        "SLEEPING, 23, 0, SLEEP", // select of none
        "UNINTERRUPTIBLE, 257, 0, OTHER", // openat
        "SLEEPING, -1, 0, OTHER", // none
        "SLEEPING, 99999, 0, OTHER",
        "RUNNABLE, 202, 0, RUNQUEUE",
        "STOPPED, 202, 0, STOPPED",
        "TRACED, -1, 0, STOPPED"
    })
    void byTheSystemCall(Activity activity, int call, long argument, ThreadState state) {
        assertThat(causes.of(activity, call, argument)).isEqualTo(state);
    }

    @Test
    void byThePlaceInTheKernel() {
        assertThat(causes.refined(ThreadState.OTHER, stack("k:schedule", "k:io_schedule", "k:filemap_fault", "open")))
                .isEqualTo(ThreadState.IO);
        assertThat(causes.refined(
                        ThreadState.IO,
                        stack("k:schedule", "k:io_schedule", "k:filemap_fault", "k:asm_exc_page_fault", "parse")))
                .isEqualTo(ThreadState.PAGE_FAULT);
        assertThat(causes.refined(ThreadState.IO, stack("k:schedule", "k:rwsem_down_write_slowpath", "write")))
                .isEqualTo(ThreadState.LOCK);
        assertThat(causes.refined(ThreadState.OTHER, stack("k:schedule", "k:do_restart_poll", "poll")))
                .isEqualTo(ThreadState.POLL);
        assertThat(causes.refined(ThreadState.OTHER, stack("k:schedule", "k:futex_wait_restart", "wait")))
                .isEqualTo(ThreadState.LOCK);
        assertThat(causes.refined(ThreadState.RUNQUEUE, stack("k:schedule", "k:io_schedule", "read")))
                .isEqualTo(ThreadState.RUNQUEUE);
    }

    /** A function of a program may have such a name: it is nobody's place in the kernel. */
    @Test
    void namesOfProgramsAreNoPlaces() {
        assertThat(causes.refined(ThreadState.OTHER, stack("k:schedule", "io_schedule", "main")))
                .isEqualTo(ThreadState.OTHER);
    }

    /** Numbers of x86-64: read 0, poll 7, nanosleep 35, futex 202, epoll_wait 232, accept4 288. */
    @Test
    void callsForOneDescriptor() {
        for (int call : new int[] {0, 7, 232, 288}) {
            assertThat(causes.descriptor(call, Descriptor.PIPE)).isEqualTo(Descriptor.PIPE);
        }
        for (int call : new int[] {-1, 35, 202}) {
            assertThat(causes.descriptor(call, Descriptor.PIPE)).isEqualTo(Descriptor.NONE);
        }
        assertThat(causes.descriptor(0, Descriptor.UNKNOWN)).isEqualTo(Descriptor.UNKNOWN);
    }

    @Test
    void theInterpretersOwnLock() {
        assertThat(causes.refined(
                        ThreadState.LOCK,
                        stack(
                                "k:futex_wait",
                                "pthread_cond_timedwait",
                                "take_gil",
                                "PyEval_RestoreThread",
                                "time_sleep")))
                .isEqualTo(ThreadState.GIL);
        assertThat(causes.refined(
                        ThreadState.LOCK,
                        stack("k:futex_wait", "pthread_cond_timedwait", "?", "PyEval_RestoreThread", "?", "main")))
                .isEqualTo(ThreadState.GIL);
        assertThat(causes.refined(
                        ThreadState.LOCK,
                        stack("k:futex_wait", "sem_wait", "PyThread_acquire_lock_timed", "PyEval_RestoreThread")))
                .isEqualTo(ThreadState.LOCK);
    }

    /** Of the kernel where they begin with {@code k:}, without a name where they are {@code ?}. */
    private static List<Location> stack(String... functions) {
        List<Location> stack = new ArrayList<>();
        for (String function : functions) {
            boolean kernel = function.startsWith("k:");
            stack.add(
                    function.equals("?")
                            ? Location.unnamed(1, null, "[python3.11+0x1]", SymbolMiss.NO_SYMBOL)
                            : new Location(
                                    kernel ? Location.Kind.KERNEL : Location.Kind.NATIVE,
                                    kernel ? -1 : 1,
                                    null,
                                    new Call(function.replaceFirst("k:", ""), "")));
        }
        return stack;
    }
}
