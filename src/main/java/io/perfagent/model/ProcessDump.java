package io.perfagent.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The threads of a process, at one time.
 *
 * @param command as it was called, arguments included
 * @param python version of CPython, {@code 3.12}; {@code ""} where there is none that can be read
 * @param gilHolders tids of those that had a GIL when the first thread was read, one for each interpreter that has its own; null where
 *     that is not known
 */
public record ProcessDump(
        int pid, String command, String python, @Nullable List<Integer> gilHolders, List<ThreadStack> threads) {
    public ProcessDump {
        gilHolders = gilHolders == null ? null : List.copyOf(gilHolders);
        threads = List.copyOf(threads);
    }
}
