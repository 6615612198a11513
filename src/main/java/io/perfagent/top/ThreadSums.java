package io.perfagent.top;

import io.perfagent.model.Location;
import io.perfagent.model.StackCount;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Samples by thread. For one thread. */
final class ThreadSums {
    private final Map<ThreadId, One> threads = new HashMap<>();

    private record ThreadId(int pid, int tid) {}

    private static final class One {
        String name = "";
        final Shares shares = new Shares();
        /** Samples by what runs, of Python functions the innermost. */
        final Map<Function, Long> running = new HashMap<>();
    }

    void add(StackCount stack) {
        One thread = one(new ThreadId(stack.pid(), stack.tid()));
        thread.name = stack.threadName();
        thread.shares.add(stack);
        List<Location> locations = stack.locations();
        if (!locations.isEmpty()) {
            Location runs = locations.stream()
                    .filter(location -> location.kind() == Location.Kind.PYTHON)
                    .findFirst()
                    .orElse(locations.getFirst());
            thread.running.merge(Function.of(runs, runs.innermost()), stack.count(), Long::sum);
        }
    }

    void add(ThreadSums other) {
        other.threads.forEach((id, from) -> {
            One to = one(id);
            to.name = from.name;
            to.shares.add(from.shares);
            from.running.forEach((function, samples) -> to.running.merge(function, samples, Long::sum));
        });
    }

    List<ThreadRow> rows() {
        return threads.entrySet().stream()
                .map(entry -> row(entry.getKey(), entry.getValue()))
                .collect(Collectors.toList());
    }

    private static ThreadRow row(ThreadId id, One thread) {
        String hottest = thread.running.entrySet().stream()
                .max(Map.Entry.<Function, Long>comparingByValue()
                        .thenComparing(entry -> entry.getKey().name()))
                .map(entry -> entry.getKey().name())
                .orElse("");
        return new ThreadRow(id.pid, id.tid, thread.name, thread.shares, hottest);
    }

    private One one(ThreadId id) {
        return threads.computeIfAbsent(id, _ -> new One());
    }
}
