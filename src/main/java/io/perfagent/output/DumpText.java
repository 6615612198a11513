package io.perfagent.output;

import io.perfagent.model.Call;
import io.perfagent.model.Dump;
import io.perfagent.model.KernelCall;
import io.perfagent.model.Location;
import io.perfagent.model.PrintableName;
import io.perfagent.model.ProcessDump;
import io.perfagent.model.ThreadStack;
import java.io.PrintStream;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A dump for people. Threads that stand at the same place are shown once:
 *
 * <pre>
 *   process 4711: gunicorn: worker [shop]
 *   Python 3.12, 9 threads
 *
 *   thread 4711 "gunicorn" sleeping in epoll_wait (fd 7 = anon_inode:[eventpoll])
 *       epoll_wait (libc.so.6)
 *       select (/usr/lib/python3.12/selectors.py:468)
 *
 *   8 threads "gunicorn" sleeping in futex: 4720, 4721, …
 *       …
 * </pre>
 */
public final class DumpText {
    private static final String INDENT = "    ";
    private static final int MOST_NAMED = 16;

    private final boolean all;
    private final boolean kernel;
    private final PythonFold fold = new PythonFold();
    private final StringBuilder text = new StringBuilder();

    /**
     * Nothing yet.
     *
     * @param all whether the interpreter's own frames are shown
     * @param kernel whether frames of the kernel are
     */
    public DumpText(boolean all, boolean kernel) {
        this.all = all;
        this.kernel = kernel;
    }

    public void write(Dump dump, PrintStream out) {
        out.println(dump.time().truncatedTo(ChronoUnit.SECONDS) + ", read within "
                + dump.took().toMillis() + " ms; no thread was stopped");
        if (dump.leftOut() > 0) {
            out.println(dump.leftOut() + " threads left out: more than there is memory for");
        }
        dump.processes().forEach(process -> out.print(of(process)));
        out.flush();
    }

    /** A process, lines that end in newlines. */
    private String of(ProcessDump process) {
        text.setLength(0);
        line("");
        line("process " + process.pid() + ": " + PrintableName.of(process.command()));
        int count = process.threads().size();
        line((process.python().isEmpty() ? "" : "Python " + process.python() + ", ")
                + gil(process)
                + count
                + (count == 1 ? " thread" : " threads"));
        Map<List<String>, List<ThreadStack>> groups = new LinkedHashMap<>();
        for (ThreadStack thread : process.threads()) {
            groups.computeIfAbsent(place(thread), _ -> new ArrayList<>()).add(thread);
        }
        groups.forEach(this::append);
        return text.toString();
    }

    private static String gil(ProcessDump process) {
        return switch (process.gilHolders()) {
            case null -> "";
            case List<Integer> none when none.isEmpty() -> "GIL free, ";
            case List<Integer> holders ->
                "GIL held by "
                        + String.join(
                                " and ", holders.stream().map(String::valueOf).toList()) + ", ";
        };
    }

    private void append(List<String> place, List<ThreadStack> threads) {
        line("");
        ThreadStack first = threads.getFirst();
        String does = place.getFirst();
        if (threads.size() == 1) {
            line("thread " + first.tid() + " " + name(first) + " " + does + subject(first));
        } else {
            boolean alike = threads.stream().allMatch(thread -> thread.name().equals(first.name()));
            line(threads.size() + " threads " + (alike ? name(first) + " " : "") + does + ": "
                    + titles(threads, alike));
        }
        place.stream().skip(1).forEach(frame -> line(INDENT + frame));
    }

    private static String titles(List<ThreadStack> threads, boolean alike) {
        List<String> titles = threads.stream()
                .limit(MOST_NAMED)
                .map(thread -> thread.tid() + (alike ? "" : " " + name(thread)))
                .toList();
        int more = threads.size() - MOST_NAMED;
        return String.join(", ", titles) + (more > 0 ? " and " + more + " more" : "");
    }

    /** What threads that are shown together have in common. */
    private List<String> place(ThreadStack thread) {
        List<String> lines = new ArrayList<>();
        lines.add(does(thread));
        BitSet folded = all ? new BitSet() : fold.folded(thread.frames());
        for (int at = 0; at < thread.frames().size(); at++) {
            Location frame = thread.frames().get(at);
            if (!folded.get(at) && (kernel || !frame.isInKernel())) {
                frame.calls().forEach(call -> lines.add(frame(frame, call)));
            }
        }
        addRemarks(thread, lines);
        return lines;
    }

    private static void addRemarks(ThreadStack thread, List<String> lines) {
        if (!thread.source().reason().isEmpty()) {
            lines.add("[no stack: " + thread.source().reason() + "]");
        } else if (!thread.end().complete()) {
            lines.add("[cut: " + thread.end().description() + "]");
        }
        if (thread.guessed()) {
            lines.add("[frames may be missing in between: code without call-frame information]");
        }
        if (thread.python().lost()) {
            lines.add("[Python frames " + thread.python().description() + "]");
        }
    }

    private static String name(ThreadStack thread) {
        return '"' + PrintableName.of(thread.name()) + '"';
    }

    private static String does(ThreadStack thread) {
        KernelCall call = thread.call();
        return thread.activity().label()
                + (call == null ? "" : " in " + call.name())
                + (thread.waitsForGil() ? ", waits for the GIL" : "");
    }

    private static String subject(ThreadStack thread) {
        KernelCall call = thread.call();
        return call == null || call.subject().isEmpty() ? "" : " (" + PrintableName.of(call.subject()) + ")";
    }

    private static String frame(Location location, Call call) {
        String name = PrintableName.of(FunctionName.withoutPrefix(location.kind(), call));
        return switch (location.kind()) {
            case PYTHON ->
                name + " (" + PrintableName.of(call.file()) + (call.line() > 0 ? ":" + call.line() : "") + ")";
            case KERNEL -> name + " (kernel)";
            case NATIVE, UNNAMED, OTHER -> name + module(location);
        };
    }

    private static String module(Location location) {
        if (location.module() == null) {
            return "";
        }
        String path = location.module().path();
        return " (" + PrintableName.of(path.substring(path.lastIndexOf('/') + 1)) + ")";
    }

    private void line(String line) {
        text.append(line).append('\n');
    }
}
