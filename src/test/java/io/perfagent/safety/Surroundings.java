package io.perfagent.safety;

import io.perfagent.python.inject.InjectRefusal;
import io.perfagent.python.inject.NamesInUtf8;
import io.perfagent.testing.Interpreter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Where a target lives; what it does itself for that is in {@code surroundings.py}. */
enum Surroundings {
    ORDINARY("", ""),
    READ_ONLY_TMP("read_only_tmp", "unshare --mount"),
    OTHER_USER("other_user", ""),
    SECCOMP_THAT_ALLOWS("seccomp_that_allows", ""),
    SECCOMP_THAT_REFUSES("seccomp_that_refuses", ""),
    SECCOMP_THAT_KILLS("seccomp_that_kills", ""),
    SECCOMP_THAT_TRAPS("seccomp_that_traps", ""),
    SECCOMP_OF_ONE_THREAD("seccomp_of_one_thread", ""),
    SECCOMP_WITHOUT_EXECUTABLE_MEMORY("seccomp_without_executable_memory", ""),
    /** The same by prctl, without a filter. */
    MEMORY_DENY_WRITE_EXECUTE("memory_deny_write_execute", ""),
    /** An address space that has no room for another arena of trampolines. */
    MEMORY_LIMIT("memory_limit", ""),
    /** A path that is no UTF-8, from which nothing is called. */
    UNDECODABLE_PATH("undecodable_path", ""),
    /** A working directory of such a name. */
    UNDECODABLE_DIRECTORY("undecodable_directory", ""),
    /** A thread that runs Python, if only a little, on a stack that is too small for more. */
    SMALL_STACK("small_stack", ""),
    /** A thread of a library in C, with a stack on which no Python function could run. */
    THREAD_WITHOUT_PYTHON("thread_without_python", ""),
    CLOSED_STANDARD_ERROR("closed_standard_error", ""),
    OUT_OF_DESCRIPTORS("out_of_descriptors", ""),
    /** The trampoline is on for perf, and is to stay on. */
    JIT_DUMP("jit_dump", ""),
    /** Its PID is 1 in its own eyes. */
    NAMESPACES("", "unshare --mount --pid --fork --mount-proc --kill-child");

    private final String function;
    private final String prefix;

    Surroundings(String function, String prefix) {
        this.function = function;
        this.prefix = prefix;
    }

    /** Whether an activation can come about. */
    boolean serves(Interpreter interpreter) {
        return switch (this) {
            case ORDINARY, OTHER_USER, NAMESPACES, SECCOMP_THAT_ALLOWS, THREAD_WITHOUT_PYTHON -> true;
            case SMALL_STACK -> interpreter.part(1) >= 14;
            case UNDECODABLE_PATH, UNDECODABLE_DIRECTORY ->
                !NamesInUtf8.required(interpreter.part(1), interpreter.part(2));
            case JIT_DUMP -> !writesJitDump(interpreter);
            case CLOSED_STANDARD_ERROR,
                    OUT_OF_DESCRIPTORS,
                    READ_ONLY_TMP,
                    SECCOMP_THAT_REFUSES,
                    SECCOMP_THAT_KILLS,
                    SECCOMP_THAT_TRAPS,
                    SECCOMP_OF_ONE_THREAD,
                    SECCOMP_WITHOUT_EXECUTABLE_MEMORY,
                    MEMORY_DENY_WRITE_EXECUTE,
                    MEMORY_LIMIT -> false;
        };
    }

    boolean mayRefuse(InjectRefusal reason) {
        return switch (this) {
            case ORDINARY, OTHER_USER, NAMESPACES, SECCOMP_THAT_ALLOWS, THREAD_WITHOUT_PYTHON -> false;
            case MEMORY_DENY_WRITE_EXECUTE -> reason == InjectRefusal.NO_EXECUTABLE_MEMORY;
            case MEMORY_LIMIT -> reason == InjectRefusal.MEMORY_LIMIT;
            case SMALL_STACK -> reason == InjectRefusal.SMALL_THREAD_STACK;
            case UNDECODABLE_PATH, UNDECODABLE_DIRECTORY -> reason == InjectRefusal.UNDECODABLE_NAMES;
            case JIT_DUMP -> reason == InjectRefusal.PERF_JIT;
            case READ_ONLY_TMP, SECCOMP_THAT_REFUSES, CLOSED_STANDARD_ERROR, OUT_OF_DESCRIPTORS ->
                reason == InjectRefusal.MAP_UNWRITABLE;
            case SECCOMP_THAT_KILLS, SECCOMP_THAT_TRAPS, SECCOMP_OF_ONE_THREAD, SECCOMP_WITHOUT_EXECUTABLE_MEMORY ->
                reason == InjectRefusal.SECCOMP;
        };
    }

    /** Whether the trampoline is on in the end, as it was in the beginning. */
    boolean staysOn(Interpreter interpreter) {
        return this == JIT_DUMP && writesJitDump(interpreter);
    }

    /** From within: 3.13.0 and 3.13.5 refuse it, 3.13.18 does not. */
    private static boolean writesJitDump(Interpreter interpreter) {
        return interpreter.part(1) >= 14 || (interpreter.part(1) == 13 && interpreter.part(2) > 5);
    }

    String function() {
        return function;
    }

    List<String> prefix() {
        return prefix.isEmpty() ? List.of() : List.of(prefix.split(" ", -1));
    }

    /** The target's own, when the process that was started is {@code started}: with --fork, it is its child. */
    int pid(int started) throws IOException {
        if (!prefix.contains("--fork")) {
            return started;
        }
        Path children = Path.of("/proc/" + started + "/task/" + started + "/children");
        return Integer.parseInt(Files.readString(children).strip());
    }
}
