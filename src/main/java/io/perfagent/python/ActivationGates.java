package io.perfagent.python;

import io.perfagent.procfs.MappedFile;
import io.perfagent.python.inject.InjectRefusal;
import io.perfagent.python.inject.Interpreter;
import io.perfagent.python.inject.RefusedException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What speaks against switching the trampoline on, though never against switching it off. */
final class ActivationGates {
    private ActivationGates() {}

    static void check(Interpreter interpreter) throws RefusedException {
        if (crashesOnFork(interpreter.minor(), interpreter.micro())) {
            throw new RefusedException(
                    InjectRefusal.FORK_UNSAFE,
                    "CPython " + interpreter.versionText() + " crashes when a process with the trampoline on forks");
        }
        Path directory = MappedFile.belowRoot(interpreter.pid(), "/tmp");
        if (!Files.isDirectory(directory) || !Files.isWritable(directory)) {
            throw new RefusedException(InjectRefusal.MAP_UNWRITABLE, "the target's /tmp cannot be written");
        }
    }

    static boolean crashesOnFork(int minor, int micro) {
        return switch (minor) {
            case 12 -> micro == 0;
            case 13 -> micro >= 12 && micro <= 13;
            case 14 -> micro >= 3 && micro <= 5;
            default -> false;
        };
    }

    /**
     * Whether a child may initialise the trampoline that its parent had initialised, and off when it forked. Tried on 3.12.1, 3.13.0 and
     * 3.13.5; on 3.13.18, 3.14.3, 3.14.10 and 3.15.2 it crashes once code objects die.
     */
    static boolean childrenMayInitialise(int minor, int micro) {
        return minor == 12 || (minor == 13 && micro <= 5);
    }
}
