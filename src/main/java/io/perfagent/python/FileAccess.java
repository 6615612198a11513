package io.perfagent.python;

import io.perfagent.procfs.ProcStatus;
import io.perfagent.targetfs.UnixFile;
import java.util.HashSet;
import java.util.Set;

/**
 * What a process may do with files (path_resolution(7), "Permissions").
 *
 * @param uid its file system user
 * @param groups its file system group and all supplementary ones
 * @param override whether it has CAP_DAC_OVERRIDE
 */
record FileAccess(int uid, Set<Integer> groups, boolean override) {
    private static final int CAP_DAC_OVERRIDE = 1;
    /** Real, effective, saved, file system. */
    private static final int FILE_SYSTEM_ID = 3;

    private static final int OWNER_MAY_WRITE = 0200;
    private static final int GROUP_MAY_WRITE = 0020;
    private static final int OTHERS_MAY_WRITE = 0002;

    static FileAccess of(ProcStatus status) {
        Set<Integer> groups = new HashSet<>(status.numbers("Groups"));
        groups.add(status.numbers("Gid").get(FILE_SYSTEM_ID));
        boolean override = (status.effectiveCapabilities() >>> CAP_DAC_OVERRIDE & 1) != 0;
        return new FileAccess(status.users().get(FILE_SYSTEM_ID), groups, override);
    }

    boolean mayWrite(UnixFile file) {
        int bit = OTHERS_MAY_WRITE;
        if (file.uid() == uid) {
            bit = OWNER_MAY_WRITE;
        } else if (groups.contains(file.gid())) {
            bit = GROUP_MAY_WRITE;
        }
        return override || (file.mode() & bit) != 0;
    }
}
