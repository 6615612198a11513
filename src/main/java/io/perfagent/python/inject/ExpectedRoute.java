package io.perfagent.python.inject;

import io.perfagent.linux.ProcessMemory;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Which route a run would find at this moment; at the next it may be another. */
public final class ExpectedRoute {
    private ExpectedRoute() {}

    /** Null where no thread is at a place that can be told from outside to be a safe one. */
    public static @Nullable Route of(Interpreter interpreter, Architecture architecture) throws IOException {
        try (ProcessMemory memory = ProcessMemory.view(interpreter.pid())) {
            Threads threads = Threads.of(interpreter, architecture, memory, false);
            if (!threads.parked().isEmpty()) {
                return Route.PARKED_THREAD;
            }
            return threads.others().isEmpty() ? null : Route.PENDING_CALL;
        }
    }
}
