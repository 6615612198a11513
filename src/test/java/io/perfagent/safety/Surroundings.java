package io.perfagent.safety;

import io.perfagent.python.inject.InjectRefusal;
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
    /** Its PID is 1 in its own eyes. */
    NAMESPACES("", "unshare --mount --pid --fork --mount-proc --kill-child");

    private final String function;
    private final String prefix;

    Surroundings(String function, String prefix) {
        this.function = function;
        this.prefix = prefix;
    }

    /** Whether an activation can come about. */
    boolean serves() {
        return switch (this) {
            case ORDINARY, OTHER_USER, NAMESPACES, SECCOMP_THAT_ALLOWS -> true;
            case READ_ONLY_TMP,
                    SECCOMP_THAT_REFUSES,
                    SECCOMP_THAT_KILLS,
                    SECCOMP_THAT_TRAPS,
                    SECCOMP_OF_ONE_THREAD,
                    SECCOMP_WITHOUT_EXECUTABLE_MEMORY,
                    MEMORY_DENY_WRITE_EXECUTE -> false;
        };
    }

    boolean mayRefuse(InjectRefusal reason) {
        return switch (this) {
            case ORDINARY, OTHER_USER, NAMESPACES, SECCOMP_THAT_ALLOWS -> false;
            case MEMORY_DENY_WRITE_EXECUTE -> reason == InjectRefusal.NO_EXECUTABLE_MEMORY;
            case READ_ONLY_TMP, SECCOMP_THAT_REFUSES -> reason == InjectRefusal.MAP_UNWRITABLE;
            case SECCOMP_THAT_KILLS, SECCOMP_THAT_TRAPS, SECCOMP_OF_ONE_THREAD, SECCOMP_WITHOUT_EXECUTABLE_MEMORY ->
                reason == InjectRefusal.SECCOMP;
        };
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
