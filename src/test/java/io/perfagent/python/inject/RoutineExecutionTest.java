package io.perfagent.python.inject;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The routine, run by a processor, among functions that destroy whatever a C function may. What the thread had is compared by the
 * signal frames that the kernel writes before and after: general registers, flags, every vector register of the machine, the stack,
 * the signal mask and the alternate signal stack.
 */
final class RoutineExecutionTest {
    private static final int EVAL_FRAME_DEFAULT = 18;
    private static final long TRAMPOLINE = 0x7777_1234_5678L;
    private static final long OTHER = 0x6666_1234_5678L;
    private static final String RETURN_VALUE = Long.toHexString(RoutinePlan.RETURN_VALUE);
    private static final String ACTIVATES = "answer 5 " + Long.toHexString(TRAMPOLINE);
    /** Signal 12 is blocked in the thread, 10 is not. */
    private static final int SIGNAL = 10;

    private static final int BLOCKED_SIGNAL = 12;
    private static final int SIGILL = 4;
    private static final List<String> CHECKS =
            List.of("isInitialized", "isFinalizing", "uncheckedThreadState", "ensure");

    private static final List<String> PAYLOAD = List.of(
            "takeException",
            "newDict",
            "runString",
            "dropReference",
            "exceptionMatches",
            "dropReference",
            "restoreException",
            "getEvalFrame");
    private static final String[] SET_UP =
            Stream.concat(PAYLOAD.stream(), Stream.of("setEvalFrame")).toArray(String[]::new);

    private static final Map<Machine, Path> PROGRAMS = new EnumMap<>(Machine.class);

    @BeforeAll
    static void compile(@TempDir Path folder) throws IOException, InterruptedException {
        for (Machine machine : Machine.values()) {
            PROGRAMS.put(machine, RoutineHost.compile(machine, folder));
        }
    }

    @ParameterizedTest
    @EnumSource
    void activatesForTheFirstTime(Machine machine) throws IOException, InterruptedException {
        try (RoutineHost host = start(machine)) {
            RoutineVisit visit =
                    untouched(host, RoutinePlan.of(Command.ACTIVATE).with(ACTIVATES));
            assertThat(visit.calls("call")).containsExactly(inWork(SET_UP));
            assertThat(argument(visit, "setEvalFrame", 0)).isEqualTo("1abe1");
            assertThat(argument(visit, "setEvalFrame", 1)).as("off again").isEqualTo("0");
            assertThat(argument(visit, "restoreException", 0)).isEqualTo("e8ce9");
            assertThat(argument(visit, "release", 0)).isEqualTo("67116c");
            assertThat(visit.all("call dropReference"))
                    .map(line -> line.split(" ", -1)[0])
                    .as("what the payload returned, and its names")
                    .containsExactly(Long.toHexString(TRAMPOLINE), "d1c7");
            assertThat(argument(visit, "runString", 2)).isEqualTo("d1c7");
            assertThat(visit.last("text")).isEqualTo(Integer.toString(Payload.activation().length - 1));
            expect(visit.block(0), RunResult.COMPLETED, host.function(EVAL_FRAME_DEFAULT), TRAMPOLINE, TRAMPOLINE);
        }
    }

    /** And what comes of it is not guessed from the version: any other exception is none of these. */
    @ParameterizedTest
    @CsvSource({
        "X86_64, 1, UNDECODABLE_NAMES", "X86_64, 0, COMPLETED",
        "AARCH64, 1, UNDECODABLE_NAMES", "AARCH64, 0, COMPLETED"
    })
    void saysWhatKeptThePayload(Machine machine, int matches, RunResult result)
            throws IOException, InterruptedException {
        try (RoutineHost host = start(machine)) {
            long normal = host.function(EVAL_FRAME_DEFAULT);
            RoutinePlan plan = RoutinePlan.of(Command.ACTIVATE)
                    .with("answer 5 " + Long.toHexString(normal))
                    .with("answer 15 " + matches);
            RoutineVisit visit = untouched(host, plan);
            assertThat(visit.calls("call")).containsExactly(inWork(PAYLOAD.toArray(String[]::new)));
            assertThat(argument(visit, "restoreException", 0)).isEqualTo("e8ce9");
            expect(visit.block(0), result, normal, normal, 0);
        }
    }

    @ParameterizedTest
    @EnumSource
    void runsNothingWithoutNames(Machine machine) throws IOException, InterruptedException {
        try (RoutineHost host = start(machine)) {
            RoutineVisit visit =
                    untouched(host, RoutinePlan.of(Command.ACTIVATE).with("answer 14 0"));
            assertThat(visit.calls("call")).doesNotContain("runString").contains("restoreException");
            long normal = host.function(EVAL_FRAME_DEFAULT);
            expect(visit.block(0), RunResult.COMPLETED, normal, normal, 0);
        }
    }

    /** In the same moment: a program that forks, or closes descriptors, or an agent that is killed before the next step, finds none. */
    @ParameterizedTest
    @EnumSource
    void closesTheMapThatWasOpenedForTheFirstTime(Machine machine) throws IOException, InterruptedException {
        try (RoutineHost host = start(machine)) {
            RoutinePlan plan = RoutinePlan.of(Command.ACTIVATE).with(ACTIVATES);
            RoutineVisit visit = untouched(host, plan.closing(RoutinePlan.Map.NAMED));
            List<String> calls = new ArrayList<>(List.of(SET_UP));
            calls.add("closeMap");
            assertThat(visit.calls("call")).containsExactly(inWork(calls.toArray(String[]::new)));
            assertThat(visit.block(0).getInt(ControlBlock.MAP_DESCRIPTOR)).isZero();
            assertThat(visit.block(0).getInt(ControlBlock.MAP_CLOSED)).isOne();
            expect(visit.block(0), RunResult.COMPLETED, host.function(EVAL_FRAME_DEFAULT), TRAMPOLINE, TRAMPOLINE);
        }
    }

    @ParameterizedTest
    @EnumSource
    void switchesOnWhatIsOnRecord(Machine machine) throws IOException, InterruptedException {
        try (RoutineHost host = start(machine)) {
            RoutineVisit visit =
                    untouched(host, RoutinePlan.of(Command.ACTIVATE).recording(TRAMPOLINE));
            assertThat(visit.calls("call")).containsExactly(inWork("setEvalFrame", "getEvalFrame"));
            assertThat(argument(visit, "setEvalFrame", 0)).isEqualTo("1abe1");
            assertThat(argument(visit, "setEvalFrame", 1)).isEqualTo(Long.toHexString(TRAMPOLINE));
            expect(visit.block(0), RunResult.COMPLETED, host.function(EVAL_FRAME_DEFAULT), TRAMPOLINE, TRAMPOLINE);
        }
    }

    @ParameterizedTest
    @EnumSource
    void closesTheMapBeforeItSwitchesOn(Machine machine) throws IOException, InterruptedException {
        try (RoutineHost host = start(machine)) {
            RoutinePlan plan = RoutinePlan.of(Command.ACTIVATE).recording(TRAMPOLINE);
            RoutineVisit visit = untouched(host, plan.closing(RoutinePlan.Map.RIGHT));
            assertThat(visit.calls("call")).containsExactly(inWork("closeMap", "setEvalFrame", "getEvalFrame"));
            assertThat(visit.block(0).getInt(ControlBlock.MAP_DESCRIPTOR)).isZero();
            assertThat(visit.block(0).getInt(ControlBlock.MAP_CLOSED)).isOne();
            expect(visit.block(0), RunResult.COMPLETED, host.function(EVAL_FRAME_DEFAULT), TRAMPOLINE, TRAMPOLINE);
        }
    }

    /** To close it would be to close a file of the target's. */
    @ParameterizedTest
    @CsvSource({
        "X86_64, OTHER_FILE", "X86_64, OTHER_DEVICE", "X86_64, CLOSED",
        "AARCH64, OTHER_FILE", "AARCH64, OTHER_DEVICE", "AARCH64, CLOSED"
    })
    void neitherClosesNorSwitchesOnWhereTheMapIsElsewhere(Machine machine, RoutinePlan.Map map)
            throws IOException, InterruptedException {
        try (RoutineHost host = start(machine)) {
            RoutinePlan plan = RoutinePlan.of(Command.ACTIVATE).recording(TRAMPOLINE);
            RoutineVisit visit = untouched(host, plan.closing(map));
            assertThat(visit.calls("call")).containsExactly(inWork());
            long normal = host.function(EVAL_FRAME_DEFAULT);
            assertThat(visit.block(0).getInt(ControlBlock.MAP_CLOSED)).isZero();
            expect(visit.block(0), RunResult.MAP_ELSEWHERE, normal, normal, TRAMPOLINE);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "X86_64, ACTIVATE", "X86_64, DEACTIVATE", "X86_64, LOOK",
        "AARCH64, ACTIVATE", "AARCH64, DEACTIVATE", "AARCH64, LOOK"
    })
    void leavesSubinterpretersAlone(Machine machine, Command command) throws IOException, InterruptedException {
        try (RoutineHost host = start(machine)) {
            RoutinePlan plan = RoutinePlan.of(command).with(evaluates(TRAMPOLINE));
            RoutineVisit visit = untouched(host, plan.with("answer 12 50b"));
            List<String> calls = visit.calls("call");
            assertThat(calls.subList(CHECKS.size(), calls.size()))
                    .containsExactly("mainInterpreter", "currentInterpreter", "release");
            expect(visit.block(0), RunResult.OTHER_INTERPRETER, visit.block(0).getLong(ControlBlock.BEFORE), 0, 0);
        }
    }

    /** PR_SET_MDWE, which the emulator does not know. */
    @ParameterizedTest
    @CsvSource({"0", "1"})
    void asksForNoMemoryThatTheKernelDoesNotGive(int known) throws IOException, InterruptedException {
        try (RoutineHost host = start(Machine.X86_64)) {
            RoutinePlan plan = RoutinePlan.of(Command.ACTIVATE).recording(known * TRAMPOLINE);
            RoutineVisit visit = untouched(host, plan.with("deny"));
            assertThat(visit.calls("call")).containsExactly(inWork());
            long normal = host.function(EVAL_FRAME_DEFAULT);
            expect(visit.block(0), RunResult.NO_EXECUTABLE_MEMORY, normal, normal, known * TRAMPOLINE);
        }
    }

    @ParameterizedTest
    @EnumSource
    void leavesAnotherEvaluatorOn(Machine machine) throws IOException, InterruptedException {
        try (RoutineHost host = start(machine)) {
            RoutineVisit visit =
                    untouched(host, RoutinePlan.of(Command.ACTIVATE).with(evaluates(OTHER)));
            assertThat(visit.calls("call")).containsExactly(inWork());
            expect(visit.block(0), RunResult.COMPLETED, OTHER, OTHER, 0);
        }
    }

    /** With nothing on record, what is on is taken for the trampoline's. */
    @ParameterizedTest
    @CsvSource({"X86_64,0", "X86_64,1", "AARCH64,0", "AARCH64,1"})
    void deactivates(Machine machine, int known) throws IOException, InterruptedException {
        try (RoutineHost host = start(machine)) {
            RoutinePlan plan = RoutinePlan.of(Command.DEACTIVATE).with(evaluates(TRAMPOLINE));
            RoutineVisit visit = untouched(host, plan.recording(known * TRAMPOLINE));
            long normal = host.function(EVAL_FRAME_DEFAULT);
            assertThat(visit.calls("call")).containsExactly(inWork("setEvalFrame", "getEvalFrame"));
            assertThat(argument(visit, "setEvalFrame", 1)).isEqualTo("0");
            expect(visit.block(0), RunResult.COMPLETED, TRAMPOLINE, normal, TRAMPOLINE);
        }
    }

    @ParameterizedTest
    @EnumSource
    void doesNotDeactivateWhatIsAnothers(Machine machine) throws IOException, InterruptedException {
        try (RoutineHost host = start(machine)) {
            RoutinePlan plan = RoutinePlan.of(Command.DEACTIVATE).with(evaluates(OTHER));
            RoutineVisit visit = untouched(host, plan.recording(TRAMPOLINE));
            assertThat(visit.calls("call")).containsExactly(inWork());
            expect(visit.block(0), RunResult.COMPLETED, OTHER, OTHER, TRAMPOLINE);
        }
    }

    @ParameterizedTest
    @EnumSource
    void onlyLooks(Machine machine) throws IOException, InterruptedException {
        try (RoutineHost host = start(machine)) {
            RoutineVisit visit = untouched(host, RoutinePlan.of(Command.LOOK));
            long normal = host.function(EVAL_FRAME_DEFAULT);
            assertThat(visit.calls("call")).containsExactly(inWork());
            expect(visit.block(0), RunResult.COMPLETED, normal, normal, 0);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "X86_64, 1 0, 1, NOT_INITIALIZED", "X86_64, 2 1, 2, FINALIZING", "X86_64, 0 1, 3, HOLDS_GIL",
        "AARCH64, 1 0, 1, NOT_INITIALIZED", "AARCH64, 2 1, 2, FINALIZING", "AARCH64, 0 1, 3, HOLDS_GIL"
    })
    void goesAwayAtOnce(Machine machine, String answer, int calls, RunResult result)
            throws IOException, InterruptedException {
        try (RoutineHost host = start(machine)) {
            RoutineVisit visit =
                    untouched(host, RoutinePlan.of(Command.ACTIVATE).with("answer " + answer));
            assertThat(visit.calls("call")).isEqualTo(CHECKS.subList(0, calls));
            expectNothingDone(visit.block(0), result);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "X86_64, PENDING_CALL", "X86_64, MAIN_PENDING_CALL",
        "AARCH64, PENDING_CALL", "AARCH64, MAIN_PENDING_CALL"
    })
    void queuesThePendingCall(Machine machine, Route route) throws IOException, InterruptedException {
        try (RoutineHost host = start(machine)) {
            RoutineVisit visit =
                    untouched(host, RoutinePlan.of(Command.ACTIVATE).by(route).with(ACTIVATES));
            assertThat(visit.calls("call"))
                    .containsExactly("isInitialized", "isFinalizing", "mainInterpreter", "addPendingCall");
            assertThat(argument(visit, "addPendingCall", 0)).isEqualTo("1abe1");
            assertThat(argument(visit, "addPendingCall", 2)).isEqualTo(Long.toHexString(host.block()));
            assertThat(argument(visit, "addPendingCall", 3)).isEqualTo(Integer.toString(route.code()));
            assertThat(visit.block(0).getInt(ControlBlock.STATE)).isEqualTo(RunState.ENTERED.code());
            String[] work = inWork(SET_UP);
            assertThat(visit.calls("pending"))
                    .containsExactly(Arrays.copyOfRange(work, CHECKS.size(), work.length - 1));
            expect(visit.block(1), RunResult.COMPLETED, host.function(EVAL_FRAME_DEFAULT), TRAMPOLINE, TRAMPOLINE);
        }
    }

    /** The only bit that changes is _PY_EVAL_PLEASE_STOP_BIT, and nothing is called. */
    @ParameterizedTest
    @EnumSource
    void asksToStop(Machine machine) throws IOException, InterruptedException {
        try (RoutineHost host = start(machine)) {
            RoutineVisit visit = untouched(host, RoutinePlan.of(Command.LOOK).by(Route.REMOTE_DEBUGGING));
            assertThat(visit.all("call")).isEmpty();
            assertThat(visit.last("breaker")).isEqualTo("61");
            ByteBuffer block = visit.block(0);
            assertThat(RunState.of(block.getInt(ControlBlock.STATE))).isEqualTo(RunState.DONE);
            assertThat(RunResult.of(block.getInt(ControlBlock.RESULT))).isEqualTo(RunResult.COMPLETED);
        }
    }

    @ParameterizedTest
    @EnumSource
    void queueIsFull(Machine machine) throws IOException, InterruptedException {
        try (RoutineHost host = start(machine)) {
            RoutinePlan plan =
                    RoutinePlan.of(Command.ACTIVATE).by(Route.PENDING_CALL).with("answer 6 ffffffff");
            RoutineVisit visit = untouched(host, plan);
            assertThat(visit.calls("call")).endsWith("addPendingCall");
            expectNothingDone(visit.block(0), RunResult.QUEUE_FULL);
        }
    }

    /** A signal that comes meanwhile has its handler run once, and the call that was interrupted ends as signal(7) says. */
    @ParameterizedTest
    @CsvSource({
        "NONE, 0, return", "NONE, 10000000, return",
        "ALWAYS, 0, return", "ALWAYS, 10000000, return",
        "UNLESS_HANDLER_DECLINES, 0, interrupted", "UNLESS_HANDLER_DECLINES, 10000000, return",
        "UNLESS_HANDLED, 0, interrupted", "UNLESS_HANDLED, 10000000, interrupted",
    })
    void aHandlerDecides(Restart restart, String flags, String where) throws IOException, InterruptedException {
        for (Machine machine : Machine.values()) {
            for (Route route : List.of(Route.PARKED_THREAD, Route.PENDING_CALL, Route.MAIN_PENDING_CALL)) {
                RoutinePlan plan = RoutinePlan.of(Command.LOOK).by(route).restarting(restart);
                RoutineVisit visit = interrupted(machine, plan.with("handler " + SIGNAL + " " + flags), SIGNAL);
                assertThat(visit.all("handled")).containsExactly(SIGNAL + " 1");
                assertThat(visit.last("arrived")).as(machine + " " + route).isEqualTo(where);
                String result = where.equals("return") ? RETURN_VALUE : Long.toHexString(-4);
                assertThat(visit.last("result")).isEqualTo(result);
            }
        }
    }

    /** One that is ignored, or that the thread had blocked before, is nothing that a call is interrupted for. */
    @ParameterizedTest
    @EnumSource
    void aSignalWithoutAHandlerDecidesNothing(Machine machine) throws IOException, InterruptedException {
        RoutinePlan plan = RoutinePlan.of(Command.LOOK).restarting(Restart.UNLESS_HANDLED);
        for (RoutineVisit visit : List.of(
                interrupted(machine, plan.with("ignore " + SIGNAL), SIGNAL),
                interrupted(machine, plan.with("handler " + BLOCKED_SIGNAL + " 0"), BLOCKED_SIGNAL),
                interrupted(machine, plan, 17))) { // SIGCHLD is ignored by default
            assertThat(visit.all("handled")).isEmpty();
            assertThat(visit.last("arrived")).isEqualTo("return");
            assertThat(visit.last("result")).isEqualTo(RETURN_VALUE);
        }
    }

    /** The test notices whatever the routine might forget. */
    @ParameterizedTest
    @CsvSource({
        "X86_64, xrstor64, 480fae6c2400, 0f1f40009090, sse",
        "X86_64, xrstor64, 480fae6c2400, 0f1f40009090, x87",
        "X86_64, xrstor64, 480fae6c2400, 0f1f40009090, mxcsr",
        "X86_64, red zone, 488d642480, 488d6424f8, stack-",
        "X86_64, cld, 4889e5fc, 4889e590, ABI",
        "X86_64, popf, 9dc28000, 58c28000, flags",
        "X86_64, pop r14, 415f415e, 415f4158, r14",
        "X86_64, signal mask, 488d75f0, 488d75e8, mask",
        "AARCH64, 'stp q8,q9,[x0,#128]', 082404ad, 1f2003d5, v8",
        "AARCH64, 'stp x14,x15,[x0,#112]', 0e3c07a9, 1f2003d5, x15",
        "AARCH64, 'str x0,[sp,#576]', e02301f9, 1f2003d5, pstate",
        "AARCH64, 'str w0,[sp,#604]', e05f02b9, 1f2003d5, 'fpsr, fpcr'",
        "AARCH64, 'str x0,[sp,#168]', e05700f9, ff5700f9, mask",
    })
    void plantedFaults(Machine machine, String place, String right, String wrong, String difference)
            throws IOException, InterruptedException {
        try (RoutineHost host = start(machine)) {
            byte[] code = replaced(host.routine(), place, right, wrong);
            RoutineVisit visit = host.visit(RoutinePlan.of(Command.ACTIVATE).with(ACTIVATES), code);
            assertThat(visit.all("differs")).anyMatch(line -> line.startsWith(difference));
        }
    }

    /** The pages are guarded indeed. */
    @Test
    void withoutALandingPadThePendingCallKills() throws IOException, InterruptedException {
        try (RoutineHost host = start(Machine.AARCH64)) {
            byte[] code = replaced(host.routine(), "bti c", "5f2403d5", "1f2003d5");
            RoutineVisit visit = host.visit(RoutinePlan.of(Command.ACTIVATE).by(Route.PENDING_CALL), code);
            assertThat(visit.lines()).doesNotContain("done");
            assertThat(visit.status()).isEqualTo(128 + SIGILL);
        }
    }

    @Test
    void aFilterThatHidesTheSignalStackDoesNotMoveIt() throws IOException, InterruptedException {
        try (RoutineHost host = start(Machine.AARCH64)) {
            String sigaltstack = "881080d2010000d4"; // mov x8,#132; svc #0
            byte[] code = replaced(host.routine(), "sigaltstack", sigaltstack, "881080d21f2003d5");
            RoutineVisit visit = whole(host.visit(RoutinePlan.of(Command.LOOK), code));
            assertThat(visit.last("arrived")).isEqualTo("return");
        }
    }

    /** AVX-512 where the processor has it: its registers were loaded, and compared. */
    @Test
    void everyVectorOfThisProcessorIsInUse() throws IOException, InterruptedException {
        try (RoutineHost host = start(Machine.X86_64)) {
            RoutineVisit visit = untouched(host, RoutinePlan.of(Command.LOOK));
            String flags = Files.readString(Path.of("/proc/cpuinfo"));
            long expected = flags.contains(" avx512bw ") ? 0xe7 : flags.contains(" avx ") ? 7 : 3;
            assertThat(Long.parseUnsignedLong(visit.last("components"), 16) & 0xe7)
                    .isEqualTo(expected);
        }
    }

    private static RoutineHost start(Machine machine) throws IOException {
        return RoutineHost.start(machine, PROGRAMS.get(machine));
    }

    private RoutineVisit interrupted(Machine machine, RoutinePlan plan, int signal)
            throws IOException, InterruptedException {
        try (RoutineHost host = start(machine)) {
            return whole(host.visit(plan.with("raise " + signal), host.routine()));
        }
    }

    /** Nothing came in between: the call has its result. */
    private static RoutineVisit untouched(RoutineHost host, RoutinePlan plan) throws IOException, InterruptedException {
        RoutineVisit visit = whole(host.visit(plan, host.routine()));
        assertThat(visit.last("arrived")).isEqualTo("return");
        assertThat(visit.last("result")).isEqualTo(RETURN_VALUE);
        return visit;
    }

    /** The thread has all that it had. */
    private static RoutineVisit whole(RoutineVisit visit) {
        assertThat(visit.lines()).as("exit status " + visit.status()).endsWith("done");
        assertThat(visit.all("differs")).isEmpty();
        return visit;
    }

    private static void expect(ByteBuffer block, RunResult result, long before, long after, long evaluator) {
        assertThat(RunState.of(block.getInt(ControlBlock.STATE))).isEqualTo(RunState.DONE);
        assertThat(RunResult.of(block.getInt(ControlBlock.RESULT))).isEqualTo(result);
        assertThat(block.getLong(ControlBlock.BEFORE)).isEqualTo(before);
        assertThat(block.getLong(ControlBlock.AFTER)).isEqualTo(after);
        assertThat(block.getLong(ControlBlock.EVALUATOR)).isEqualTo(evaluator);
    }

    private static void expectNothingDone(ByteBuffer block, RunResult result) {
        expect(block, result, block.getLong(ControlBlock.BEFORE), 0, 0);
    }

    private static String[] inWork(String... more) {
        List<String> all = new ArrayList<>(CHECKS);
        all.addAll(List.of("mainInterpreter", "currentInterpreter", "getEvalFrame"));
        all.addAll(List.of(more));
        all.add("release");
        return all.toArray(String[]::new);
    }

    /** Of the first call of a function. */
    private static String argument(RoutineVisit visit, String call, int index) {
        return visit.all("call " + call).getFirst().split(" ", -1)[index];
    }

    private static String evaluates(long function) {
        return "evaluator " + Long.toHexString(function);
    }

    private static byte[] replaced(byte[] code, String place, String right, String wrong) {
        String hex = HexFormat.of().formatHex(code);
        int at = hex.indexOf(right);
        while (at >= 0 && at % 2 != 0) {
            at = hex.indexOf(right, at + 1);
        }
        assertThat(at).as(place).isNotNegative();
        return HexFormat.of().parseHex(hex.substring(0, at) + wrong + hex.substring(at + right.length()));
    }
}
