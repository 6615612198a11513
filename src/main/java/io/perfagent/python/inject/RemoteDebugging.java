package io.perfagent.python.inject;

import io.perfagent.linux.ProcessMemory;
import io.perfagent.procfs.ProcStatus;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * PEP 768, CPython 3.14 and later: a thread whose state holds the path of a script and a flag runs that script at its next safe point,
 * if it also sees a bit of its evaluation breaker. {@code _PyRuntime} begins with {@code _Py_DebugOffsets}, words of 64 bits:
 *
 * <pre>
 *            0 cookie │ 1 version │ 9 an interpreter's first thread │ 24 next thread │ 23 previous one
 *   3.14:   28 native thread id │  89 evaluation breaker │  90 support │  91 enabled │  92 flag │  93 path │  94 path's size
 *   3.15:   31 native thread id │ 105 evaluation breaker │ 106 support │ 107 enabled │ 108 flag │ 109 path │ 110 path's size
 * </pre>
 */
final class RemoteDebugging {
    private static final long COOKIE = 0x7970_6775_6265_6478L; // "xdebugpy"
    private static final int WORDS = 111;
    private static final int MAX_THREADS = 10_000;

    private final ProcessMemory memory;
    private final long interpreter;
    private final long firstThread;
    private final long previous;
    private final long next;
    private final long nativeId;
    private final long breaker;
    private final long flag;
    private final long path;
    private final int pathSize;

    private RemoteDebugging(ProcessMemory memory, long interpreter, ByteBuffer words, int nativeIdAt, int supportAt) {
        this.memory = memory;
        this.interpreter = interpreter;
        this.firstThread = interpreter + word(words, 9);
        this.previous = word(words, 23);
        this.next = word(words, 24);
        this.nativeId = word(words, nativeIdAt);
        this.breaker = word(words, supportAt);
        long support = word(words, supportAt + 1);
        this.flag = support + word(words, supportAt + 3);
        this.path = support + word(words, supportAt + 4);
        this.pathSize = (int) word(words, supportAt + 5);
    }

    /** Of the main interpreter; null where the version does not have it, it is switched off, or the words are not where they are expected. */
    static @Nullable RemoteDebugging of(Interpreter target, Architecture architecture, ProcessMemory memory)
            throws IOException {
        int nativeIdAt = target.minor() == 14 ? 28 : 31;
        int supportAt = target.minor() == 14 ? 89 : 105;
        if (target.minor() < 14 || target.minor() > 15 || target.runtime().start() == 0) {
            return null;
        }
        ByteBuffer words = memory.read(target.runtime().start(), WORDS * Long.BYTES);
        boolean known = word(words, 0) == COOKIE
                && word(words, 1) == target.version()
                && word(words, supportAt + 3) < word(words, supportAt + 4)
                && word(words, supportAt + 5) == 512;
        long main =
                architecture.getter(memory, target.calls().mainInterpreter(), 0).orElse(0);
        RemoteDebugging found = known ? new RemoteDebugging(memory, main, words, nativeIdAt, supportAt) : null;
        return found != null && found.enabled(words, supportAt) ? found : null;
    }

    /**
     * The state of a thread; 0 where none is found. States come and go while this looks: what it finds may be gone, and must be
     * confirmed while the thread is stopped.
     */
    long stateOf(int tid) throws IOException {
        int own = ownNumber(tid);
        long state = memory.word(firstThread);
        for (int count = 0; count < MAX_THREADS && state != 0; count++) {
            if (memory.word(state + nativeId) == own) {
                return state;
            }
            state = memory.word(state + next);
        }
        return 0;
    }

    /** Whether a state is that of a thread, which is stopped now, and cannot be freed before it runs again: it is still in the list. */
    boolean confirms(long state, int tid) throws IOException {
        if (memory.word(state + nativeId) != ownNumber(tid)) {
            return false;
        }
        long before = memory.word(state + previous);
        return memory.word(before == 0 ? firstThread : before + next) == state;
    }

    /** What gettid(2) says in the thread, which may be in a PID namespace further down. */
    private static int ownNumber(int tid) throws IOException {
        return ProcStatus.read(tid).innermostPid(tid);
    }

    /** Whether a script is waiting to be run, ours or another's. */
    boolean isRequested(long state) throws IOException {
        return (int) memory.word(state + flag) != 0;
    }

    /** Asks a stopped thread to run a script. The flag comes last, so that there is never one without a path. */
    void request(long state, String script) throws IOException {
        byte[] text = Arrays.copyOf(script.getBytes(StandardCharsets.UTF_8), Math.min(pathSize, script.length() + 1));
        memory.write(state + path, text);
        memory.write(state + flag, new byte[] {1, 0, 0, 0});
    }

    /** Asks a stopped thread no longer. */
    void takeBack(long state) throws IOException {
        memory.write(state + flag, new byte[Integer.BYTES]);
    }

    /** The byte that holds {@link ControlBlock#PLEASE_STOP}; others set bits of it at any time, so it is changed by one atomic instruction only. */
    long breaker(long state) {
        return state + breaker;
    }

    private boolean enabled(ByteBuffer words, int supportAt) throws IOException {
        return interpreter != 0 && (int) memory.word(interpreter + word(words, supportAt + 2)) == 1;
    }

    private static long word(ByteBuffer words, int index) {
        return words.getLong(index * Long.BYTES);
    }
}
