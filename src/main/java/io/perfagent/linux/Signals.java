package io.perfagent.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Proxy;
import java.util.List;

/**
 * Signals that would end this process on the spot (signal(7)), taken as a wish to end instead:
 *
 * <pre>
 *   INT                        a wish, also where it was ignored when we began: a shell does that to what it starts with &amp;
 *   TERM HUP USR1 ALRM XCPU …  a wish, unless ignored when we began (nohup)
 *   real-time signals          ignored
 *   PROF                       ignored, unless a profiler of the virtual machine itself takes its samples by it: it is no wish then either
 *   QUIT PIPE XFSZ             the virtual machine's: QUIT prints its threads to standard error, the others do nothing
 *   SEGV BUS FPE ILL, KILL     end it: the first four say that the program itself is broken
 * </pre>
 */
public final class Signals {
    /** USR2 is the virtual machine's for its flight recorder, which nobody uses here; abort() ends the process whatever ABRT does. */
    private static final List<String> WISHES = List.of(
            "INT", "TERM", "HUP", "USR1", "USR2", "ALRM", "VTALRM", "XCPU", "IO", "PWR", "STKFLT", "SYS", "TRAP",
            "ABRT");

    private static final int SIGHUP = 1;
    private static final int SIGINT = 2;
    private static final int SIGPROF = 27;
    private static final int SIGRTMIN = 34; // glibc keeps 32 and 33 for itself
    private static final int SIGRTMAX = 64;
    private static final long SIG_DFL = 0;
    private static final long SIG_IGN = 1;
    private static final int SIGACTION_BYTES = 256; // glibc's takes 152; the handler comes first
    private static final CFunction SIGNAL = CFunction.of("signal");
    private static final CFunction SIGACTION = CFunction.of("sigaction");

    private Signals() {}

    /** Calls {@code wish} on a thread of its own for each signal that asks to end, from now on. */
    public static void onWishToEnd(Runnable wish) {
        dispose(SIGINT, SIG_DFL); // the virtual machine lets alone what is ignored
        try {
            handle(WISHES, wish);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("no way to handle signals", e);
        }
        for (int signal = SIGRTMIN; signal <= SIGRTMAX; signal++) {
            dispose(signal, SIG_IGN);
        }
        if (disposition(SIGPROF) == SIG_DFL) {
            dispose(SIGPROF, SIG_IGN);
        }
    }

    /**
     * Calls {@code action} for each SIGHUP, which is no wish to end from now on: terminals are closed, services are told to read their files. So
     * it is where that was ignored when we began: whoever sends it to what nohup has started means the same.
     */
    public static void onHangup(Runnable action) {
        dispose(SIGHUP, SIG_DFL); // the virtual machine lets alone what is ignored
        try {
            handle(List.of("HUP"), action);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("no way to handle signals", e);
        }
    }

    /** By reflection: {@code sun.misc.Signal} is the one way from a signal into Java, and javac cannot be kept from warning of it. */
    private static void handle(List<String> names, Runnable action) throws ReflectiveOperationException {
        Class<?> signalType = Class.forName("sun.misc.Signal");
        Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
        Object ignore = handlerType.getField("SIG_IGN").get(null);
        Object handler =
                Proxy.newProxyInstance(handlerType.getClassLoader(), new Class<?>[] {handlerType}, (_, method, _) -> {
                    if (method.getName().equals("handle")) {
                        action.run();
                    }
                    return null;
                });
        for (String name : names) {
            Object signal = signalType.getConstructor(String.class).newInstance(name);
            Object before =
                    signalType.getMethod("handle", signalType, handlerType).invoke(null, signal, handler);
            if (ignore.equals(before)) {
                var _ = signalType.getMethod("handle", signalType, handlerType).invoke(null, signal, ignore);
            }
        }
    }

    private static void dispose(int signal, long disposition) {
        try (Arena arena = Arena.ofConfined()) {
            long _ = SIGNAL.call(CFunction.errnoIn(arena), signal, disposition);
        }
    }

    /** The address of a handler, or one of the two constants. */
    private static long disposition(int signal) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment now = arena.allocate(SIGACTION_BYTES, Long.BYTES);
            int _ = SIGACTION.callInt(CFunction.errnoIn(arena), signal, 0, CFunction.address(now));
            return now.get(JAVA_LONG, 0);
        }
    }
}
