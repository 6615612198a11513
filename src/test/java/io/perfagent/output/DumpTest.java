package io.perfagent.output;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.Activity;
import io.perfagent.model.Call;
import io.perfagent.model.Dump;
import io.perfagent.model.KernelCall;
import io.perfagent.model.Location;
import io.perfagent.model.Location.Kind;
import io.perfagent.model.Module;
import io.perfagent.model.ProcessDump;
import io.perfagent.model.PythonFrames;
import io.perfagent.model.StackSource;
import io.perfagent.model.ThreadStack;
import io.perfagent.model.WalkEnd;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What people and programs are shown of threads. */
class DumpTest {
    private static final Module PYTHON = new Module(0, 1, 0, "/usr/bin/python3.12", null);
    private static final List<Location> WAITS = List.of(
            new Location(Kind.KERNEL, 1, null, new Call("futex_wait", "")),
            new Location(
                    Kind.NATIVE, 2, new Module(0, 1, 0, "/lib/libc.so.6", null), new Call("pthread_cond_wait", "")),
            new Location(Kind.PYTHON, 0, null, new Call("Queue.get", "/lib/queue.py", 171, 154)),
            new Location(Kind.NATIVE, 3, PYTHON, new Call("_PyEval_EvalFrameDefault", "")));

    @Test
    void threadsAtTheSamePlaceAreShownOnce() {
        assertThat(text(false, false, process(List.of(), waits(7, "one"), waits(8, "two"), waits(9, "three"))))
                .endsWith("""

                        process 7: shop --port 80
                        Python 3.12, GIL free, 3 threads

                        3 threads sleeping in futex: 7 "one", 8 "two", 9 "three"
                            pthread_cond_wait (libc.so.6)
                            Queue.get (/lib/queue.py:171)
                        """);
    }

    @Test
    void framesOfTheInterpreterAndTheKernelWhereTheyAreAskedFor() {
        assertThat(text(true, true, process(List.of(7), waits(7, "one"))))
                .contains("Python 3.12, GIL held by 7, 1 thread")
                .endsWith("""
                        thread 7 "one" sleeping in futex (0x7f00)
                            futex_wait (kernel)
                            pthread_cond_wait (libc.so.6)
                            Queue.get (/lib/queue.py:171)
                            _PyEval_EvalFrameDefault (python3.12)
                        """);
    }

    @Test
    void whatIsMissingSaysWhy() {
        ThreadStack cut = new ThreadStack(
                7,
                "one",
                Activity.RUNNING,
                null,
                StackSource.SAMPLED,
                WAITS,
                WalkEnd.NO_TABLE,
                true,
                PythonFrames.End.UNREADABLE);
        ThreadStack none = new ThreadStack(
                8,
                "two",
                Activity.RUNNING,
                null,
                StackSource.KEPT_RUNNING,
                List.of(),
                WalkEnd.NO_USER_STACK,
                false,
                PythonFrames.End.NONE);
        assertThat(cut.complete() || none.complete()).isFalse();
        assertThat(text(false, false, process(null, cut, none)))
                .contains("Python 3.12, 2 threads")
                .contains("    [cut: mapping without unwind table]\n")
                .contains("    [frames may be missing in between")
                .contains("    [Python frames whose memory is not what it should be]\n")
                .endsWith("""
                        thread 8 "two" running
                            [no stack: it ran each time that it was looked at, and no sample hit it]
                        """);
    }

    /** A thread calls itself what it likes. */
    @Test
    void namesOfOthersEndNoLine() {
        String shown = text(false, false, process(List.of(), waits(7, "a\n\u001b[2Jb")));
        assertThat(shown).doesNotContain("\u001b").contains("\"a\ufffd\ufffd[2Jb\"");
    }

    @Test
    void waitingForTheGil() {
        ThreadStack waits = new ThreadStack(
                7,
                "one",
                Activity.SLEEPING,
                null,
                StackSource.STANDING,
                List.of(new Location(Kind.NATIVE, 3, PYTHON, new Call("take_gil", ""))),
                WalkEnd.END_OF_STACK,
                false,
                PythonFrames.End.READ);
        assertThat(text(false, false, process(List.of(9), waits)))
                .contains("thread 7 \"one\" sleeping, waits for the GIL\n");
    }

    @Test
    void json() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        DumpJson.write(dump(process(List.of(7), waits(7, "one"))), out);
        assertThat(out.toString(StandardCharsets.UTF_8))
                .isEqualTo(
                        "{\"time\":\"2026-11-29T09:00:00Z\",\"read_ms\":1.500,\"stopped_ms\":0,\"threads_left_out\":0,"
                                + "\"processes\":[{\"pid\":7,\"command\":\"shop --port 80\",\"python\":\"3.12\",\"gil_holders\":[7],"
                                + "\"threads\":[{\"tid\":7,\"name\":\"one\",\"state\":\"sleeping\",\"call\":\"futex\","
                                + "\"subject\":\"0x7f00\",\"waits_for_gil\":false,\"read\":\"standing\",\"complete\":true,"
                                + "\"guessed\":false,\"cut\":null,\"python_frames\":null,\"frames\":["
                                + frame("kernel", "futex_wait", "null", "null", "null", "\"0x1\"", false) + ","
                                + frame(
                                        "native",
                                        "pthread_cond_wait",
                                        "null",
                                        "null",
                                        "\"/lib/libc.so.6\"",
                                        "\"0x2\"",
                                        false)
                                + ","
                                + frame("python", "Queue.get", "\"/lib/queue.py\"", "171", "null", "null", false) + ","
                                + frame(
                                        "native",
                                        "_PyEval_EvalFrameDefault",
                                        "null",
                                        "null",
                                        "\"/usr/bin/python3.12\"",
                                        "\"0x3\"",
                                        true)
                                + "]}]}]}\n");
    }

    private static String frame(
            String kind, String function, String file, String line, String module, String address, boolean folded) {
        return "{\"kind\":\"" + kind + "\",\"function\":\"" + function + "\",\"file\":" + file + ",\"line\":" + line
                + ",\"module\":" + module + ",\"address\":" + address + ",\"interpreter\":" + folded + "}";
    }

    private static ThreadStack waits(int tid, String name) {
        return new ThreadStack(
                tid,
                name,
                Activity.SLEEPING,
                new KernelCall("futex", "0x7f00"),
                StackSource.STANDING,
                WAITS,
                WalkEnd.END_OF_STACK,
                false,
                PythonFrames.End.READ);
    }

    private static ProcessDump process(@Nullable List<Integer> holders, ThreadStack... threads) {
        return new ProcessDump(7, "shop --port 80", "3.12", holders, List.of(threads));
    }

    private static Dump dump(ProcessDump process) {
        return new Dump(Instant.parse("2026-11-29T09:00:00Z"), Duration.ofNanos(1_500_000), 0, List.of(process));
    }

    private static String text(boolean all, boolean kernel, ProcessDump process) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new DumpText(all, kernel).write(dump(process), new PrintStream(out, true, StandardCharsets.UTF_8));
        return out.toString(StandardCharsets.UTF_8);
    }
}
