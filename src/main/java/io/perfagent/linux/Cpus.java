package io.perfagent.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The CPUs of the machine, as sysfs lists them: {@code 0-3,8,10-11}. */
public final class Cpus {
    private Cpus() {}

    public static List<Integer> online() throws IOException {
        return parse(Files.readString(Path.of("/sys/devices/system/cpu/online")));
    }

    /** CPUs that may come online while the machine runs: the size of every array with an element a CPU. */
    public static int possible() throws IOException {
        return parse(Files.readString(Path.of("/sys/devices/system/cpu/possible")))
                        .getLast()
                + 1;
    }

    static List<Integer> parse(String list) throws IOException {
        List<Integer> cpus = new ArrayList<>();
        try {
            for (String range : list.strip().split(",", -1)) {
                int dash = range.indexOf('-');
                int first = Integer.parseInt(dash < 0 ? range : range.substring(0, dash));
                int last = dash < 0 ? first : Integer.parseInt(range.substring(dash + 1));
                for (int cpu = first; cpu <= last; cpu++) {
                    cpus.add(cpu);
                }
            }
        } catch (NumberFormatException e) {
            throw new IOException("not a CPU list: " + list.strip(), e);
        }
        return cpus;
    }
}
