package io.perfagent.python.inject;

/** Why a process was not touched, or why what was tried did not come about. The label is what users and scripts see. */
public enum InjectRefusal {
    NOT_PYTHON("not_python"),
    PYTHON_TOO_OLD("python_too_old"),
    /** CPython built without the perf trampoline, or one that will not switch it on. */
    NO_PERF_TRAMPOLINE("no_perf_trampoline"),
    /** The interpreter does not export what the activation calls. */
    NO_LIBPYTHON_SYMBOLS("no_libpython_symbols"),
    /** No GIL: the trampoline compiler has a data race there. */
    FREE_THREADED("free_threaded"),
    /** The trampoline and the JIT exclude each other. */
    JIT_ENABLED("jit_enabled"),
    /** The trampoline is perf's jitdump (-X perf_jit), which the user wants whole. */
    PERF_JIT("perf_jit"),
    /** A file has a name that is no UTF-8, which ends programs on this version. */
    UNDECODABLE_NAMES("undecodable_names"),
    /** Another tool has replaced the evaluation function. */
    FOREIGN_EVAL_FRAME("foreign_eval_frame"),
    /** The interpreter has not come up yet. */
    NOT_INITIALIZED("not_initialized"),
    /** The interpreter is shutting down. */
    FINALIZING("finalizing"),
    PTRACE_EPERM("ptrace_eperm"),
    LIBRARY_NOT_FOUND("library_not_found"),
    PROCESS_GONE("process_gone"),
    /** No safe moment, or no answer, within the deadline. */
    TIMEOUT("timeout"),
    /** The process is stopped by a signal. */
    STOPPED("stopped"),
    /** Another run is switching this process at the moment. */
    BUSY("busy"),
    /** The trampoline has been on before, and this version crashes when it is initialised twice. */
    REACTIVATION_UNSAFE("reactivation_unsafe"),
    /** This version crashes when a process with an active trampoline forks. */
    FORK_UNSAFE("fork_unsafe"),
    /** A thread's stack is too small for Python calls that are C calls too (3.12 and 3.13). */
    SMALL_THREAD_STACK("small_thread_stack"),
    /** A resource limit leaves too little memory for trampolines. */
    MEMORY_LIMIT("memory_limit"),
    /** The target's /tmp takes no map file. */
    MAP_UNWRITABLE("map_unwritable"),
    /** The interpreter has its map open, and the descriptor leads elsewhere: its lines would land there. */
    MAP_DESCRIPTOR("map_descriptor"),
    /** The kernel makes no memory of this process executable (PR_SET_MDWE). */
    NO_EXECUTABLE_MEMORY("no_executable_memory"),
    /** A seccomp filter does not allow what switching takes, or cannot be read. */
    SECCOMP("seccomp"),
    /** No room for the routine in the target's mappings, or an architecture that it is not written for. */
    UNSUPPORTED("unsupported"),
    /** A system call failed where it should not. */
    FAILED("failed");

    private final String label;

    InjectRefusal(String label) {
        this.label = label;
    }

    public String label() {
        return label;
    }
}
