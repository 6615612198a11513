package io.perfagent.model;

import java.util.List;

/**
 * The threads of a process, at one time.
 *
 * @param command as it was called, arguments included
 * @param python version of CPython, {@code 3.12}; {@code ""} where there is none that can be read
 */
public record ProcessDump(int pid, String command, String python, List<ThreadStack> threads) {
    public ProcessDump {
        threads = List.copyOf(threads);
    }
}
