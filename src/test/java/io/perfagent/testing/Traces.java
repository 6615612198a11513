package io.perfagent.testing;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The stacks of a profile as {@code go tool pprof -traces} prints them. */
public final class Traces {
    private static final Pattern PID = Pattern.compile("^ *pid: *(\\d+)$", Pattern.MULTILINE);

    private final String[] traces;

    private Traces(String text) {
        traces = text.split("-----------\\+-*", -1);
    }

    public static Traces of(Path file) throws IOException, InterruptedException {
        return new Traces(Pprof.output("-traces", file.toString()));
    }

    /** The processes that have a stack with this on it. */
    public Set<Integer> pidsWith(String function) {
        Set<Integer> pids = new TreeSet<>();
        for (String trace : traces) {
            Matcher pid = PID.matcher(trace);
            if (trace.contains(function) && pid.find()) {
                pids.add(Integer.valueOf(pid.group(1)));
            }
        }
        return pids;
    }
}
