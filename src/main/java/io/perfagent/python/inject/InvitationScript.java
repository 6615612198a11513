package io.perfagent.python.inject;

import io.perfagent.linux.LinuxException;
import io.perfagent.targetfs.TargetTmp;
import io.perfagent.targetfs.UnixFile;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A script in the target's {@code /tmp} that starts a thread which sleeps for a second, and so can be borrowed. Whenever it runs, and
 * however often, that is all that comes of it. Everyone can read it; nobody but its owner can put another in its place, since it is
 * only written where the directory sees to that.
 */
final class InvitationScript implements AutoCloseable {
    private static final String SOURCE = """
            try:
             __import__('_thread').start_new_thread(__import__('time').sleep, (1.0,))
            except BaseException: pass
            """;

    private final TargetTmp tmp;
    private final String name;

    private InvitationScript(TargetTmp tmp, String name) {
        this.tmp = tmp;
        this.name = name;
    }

    /** Writes it, in the place of one that an earlier run left; null where the directory is not fit for it. */
    static @Nullable InvitationScript write(int pid) throws IOException {
        TargetTmp tmp = TargetTmp.open(pid);
        try {
            String name = "perf-agent-" + tmp.innermostPid() + ".py";
            if (isFit(tmp)) {
                tmp.write(name, SOURCE);
                return new InvitationScript(tmp, name);
            }
        } catch (LinuxException _) {
            // Read-only, full, or of a user namespace in which we are nobody.
        } catch (IOException | RuntimeException e) {
            tmp.close();
            throw e;
        }
        tmp.close();
        return null;
    }

    String pathInTarget() {
        return "/tmp/" + name;
    }

    /** Deletes it. */
    void remove() throws IOException {
        tmp.remove(name);
    }

    /** Lets go of the directory, whether or not the script stays in it. */
    @Override
    public void close() {
        tmp.close();
    }

    /** A directory in which only those can replace a file who rule over the target anyway. */
    private static boolean isFit(TargetTmp tmp) throws IOException {
        UnixFile directory = tmp.attributes();
        return directory.keepsFiles() && tmp.trusts(directory);
    }
}
