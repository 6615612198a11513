package io.perfagent.procfs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Our PID namespace (pid_namespaces(7)): where the numbers of processes come from that the user types. */
public final class PidNamespace {
    /** Stands for the initial namespace. */
    public static final int INITIAL = 0;

    /** The initial one's inode is the same on every machine (include/linux/proc_ns.h, PROC_PID_INIT_INO). */
    private static final int INITIAL_INODE = 0xEFFFFFFC;

    private PidNamespace() {}

    /** Its inode, which the kernel takes as an unsigned number; {@link #INITIAL} for the initial one. */
    public static int own() throws IOException {
        return parse(Files.readSymbolicLink(Path.of("/proc/self/ns/pid")).toString());
    }

    /** As {@link #own}, from the link's text: {@code pid:[4026531836]}. */
    static int parse(String link) throws IOException {
        if (!link.matches("pid:\\[[0-9]{1,10}\\]")) {
            throw new IOException("not a PID namespace: " + link);
        }
        int inode = (int) Long.parseLong(link.substring(link.indexOf('[') + 1, link.length() - 1));
        return inode == INITIAL_INODE ? INITIAL : inode;
    }
}
