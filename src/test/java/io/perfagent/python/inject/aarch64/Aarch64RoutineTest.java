package io.perfagent.python.inject.aarch64;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.procfs.ThreadSyscall;
import io.perfagent.python.inject.Architecture;
import io.perfagent.python.inject.Disassembler;
import io.perfagent.python.inject.OwnMemory;
import io.perfagent.python.inject.ParkedCall;
import io.perfagent.python.inject.Payload;
import io.perfagent.python.inject.PythonCalls;
import io.perfagent.python.inject.Restart;
import io.perfagent.python.inject.Resumption;
import io.perfagent.python.inject.StoppedThread;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class Aarch64RoutineTest {
    private static final PythonCalls CALLS =
            new PythonCalls(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19);
    private static final long AT = 1000;
    private static final long BEHIND = 1004;
    /** Two condition flags, and the type of the last branch. */
    private static final int FLAGS = 0x60000c00;

    private static final int X0 = 0;
    private static final int X1 = 8;
    private static final int X3 = 24;
    private static final int X8 = 64;
    private static final int SP = 248;
    private static final int PC = 256;
    private static final int PSTATE = 264;
    private static final Pattern TARGET = Pattern.compile("(?<=[ ,])0x([0-9a-f]+)$");

    private final Aarch64Architecture architecture = new Aarch64Architecture();
    /** Each word of it is an instruction, and the one that the assembler would have chosen. */
    @Test
    void assemblesFromItsOwnDisassembly() throws IOException, InterruptedException {
        byte[] text = text();
        List<String> lines = Disassembler.AARCH64.disassemble(text);
        assertThat(lines).hasSize(text.length / 4).noneMatch(line -> line.startsWith(".") || line.contains("udf"));
        List<String> source = new ArrayList<>();
        for (int index = 0; index < lines.size(); index++) {
            source.add(relative(lines.get(index), 4 * index));
        }
        assertThat(GnuAssembler.assemble(source)).isEqualTo(text);
    }

    /** Without which a process with guarded pages dies of the pending call. */
    @Test
    void onlyThePendingCallIsALandingPad() throws IOException, InterruptedException {
        List<String> lines = Disassembler.AARCH64.disassemble(text());
        assertThat(lines).containsOnlyOnce("bti c").doesNotContain("br x16");
        assertThat(lines.get(lines.indexOf("bti c") - 1)).isEqualTo("svc #0x0");
    }

    /** A page's worth of padding has room for it in every process, and the C library's for most. */
    @Test
    void theRoutineIsSmall() {
        assertThat(architecture.routine(CALLS, 0x7f0000001000L)).hasSizeLessThanOrEqualTo(1920);
    }

    /** Numbers, arguments and kinds: include/uapi/asm-generic/unistd.h and the calls' own sources in the kernel. */
    @ParameterizedTest
    @CsvSource({
        "115, 1, 0, UNLESS_HANDLED", // clock_nanosleep(TIMER_ABSTIME): ERESTARTNOHAND
        "98, 0x189, 0, UNLESS_HANDLER_DECLINES", // futex(WAIT_BITSET): ERESTARTSYS
        "98, 0x189, 1, UNLESS_HANDLED", // the same with a deadline: ERESTART_RESTARTBLOCK
        "73, 1, 0, UNLESS_HANDLED", // ppoll: ERESTARTNOHAND
        "72, 1, 0, UNLESS_HANDLED", // pselect6: the same
        "212, 0, 0, UNLESS_HANDLER_DECLINES", // recvmsg: ERESTARTSYS
        "242, 0, 0, UNLESS_HANDLER_DECLINES", // accept4
        "63, 0, 0, UNLESS_HANDLER_DECLINES", // read
        "260, 0, 0, UNLESS_HANDLER_DECLINES", // wait4
    })
    void entersACallAgainAsTheKernelWould(int number, String second, long fourth, Restart restart) {
        StoppedThread thread = stopped(AT, number, 0x1000, Long.decode(second), fourth);
        assertThat(architecture.resumption(thread, blockedIn(number))).isEqualTo(back(AT, 0x1000, restart));
    }

    /** A relative sleep, a plain futex wait, a restarted call, two that never restart, write. */
    @ParameterizedTest
    @CsvSource({"115, 0", "101, 0", "98, 0x80", "128, 0", "22, 0", "137, 0", "64, 0"})
    void leavesAloneWhatItCouldNotResume(int number, String second) {
        StoppedThread thread = stopped(AT, number, 0x1000, Long.decode(second), 0);
        assertThat(architecture.resumption(thread, blockedIn(number))).isNull();
    }

    @Test
    void goesOnBehindACallThatHasEnded() {
        assertThat(architecture.resumption(stopped(BEHIND, 22, -4, 0, 0), blockedIn(22)))
                .isEqualTo(back(BEHIND, -4, Restart.NONE));
        assertThat(architecture.resumption(stopped(BEHIND, 22, 3, 0, 0), blockedIn(22)))
                .isNull();
        assertThat(architecture.resumption(stopped(BEHIND + 4, 22, -4, 0, 0), blockedIn(22)))
                .isNull();
        assertThat(architecture.resumption(stopped(AT, 73, 0x1000, 0, 0), blockedIn(63)))
                .isNull();
        assertThat(architecture.resumption(stopped(AT, 63, 0x2000, 0, 0), blockedIn(63)))
                .isNull();
    }

    /** Its first argument is no longer in the register that the result came in. */
    @Test
    void entersACallAgainThatEndedForNoSignal() {
        Resumption again = new Resumption(AT, 0x1000, BEHIND, Restart.UNLESS_HANDLED, FLAGS);
        assertThat(architecture.resumption(stopped(BEHIND, 22, -4, 0, 0xffffffffL), blockedIn(22)))
                .isEqualTo(again);
        assertThat(architecture.resumption(stopped(BEHIND, 441, -4, 0, 0), blockedIn(441)))
                .isEqualTo(again);
        assertThat(architecture.resumption(stopped(BEHIND, 212, -4, 0, 7), blockedIn(212)))
                .isEqualTo(again);
        assertThat(architecture.resumption(stopped(BEHIND, 73, -4, 0, 0), blockedIn(73)))
                .isEqualTo(back(BEHIND, -4, Restart.NONE));
    }

    @Test
    void runningThread() throws IOException {
        try (OwnMemory own = new OwnMemory()) {
            long at = own.put(200, new byte[4]);
            assertThat(architecture.resumption(stopped(at, 63, 77, 0, 0), own.memory()))
                    .isEqualTo(back(at, 77, Restart.NONE));
            long call = own.put(100, (byte) 0x01, (byte) 0x00, (byte) 0x00, (byte) 0xd4); // svc #0
            assertThat(architecture.resumption(stopped(call, 63, 77, 0, 0), own.memory()))
                    .isNull();
        }
    }

    @Test
    void leavesAloneWhatHasNoStackOrOtherRegisters() {
        byte[] registers = new byte[272];
        words(registers).putLong(PC, AT).putLong(SP, 0x7fff0008);
        assertThat(architecture.decode(registers).programCounter()).isZero();
        assertThat(architecture.decode(new byte[72]).programCounter()).isZero(); // of a 32-bit process
    }

    @Test
    void onlyTheProgramCounterAndTheBranchTypeChangeOnEntering() {
        byte[] stopped = new byte[272];
        words(stopped).putLong(PC, AT).putLong(PSTATE, 0x60000c00);
        StoppedThread thread = architecture.decode(stopped);
        byte[] registers = architecture.entering(thread, 4096);
        ByteBuffer entering = words(registers);
        assertThat(entering.getLong(PC)).isEqualTo(4096);
        assertThat(entering.getLong(PSTATE)).isEqualTo(0x60000000);
        entering.putLong(PC, AT).putLong(PSTATE, 0x60000c00);
        assertThat(registers).isEqualTo(stopped);
    }

    @Test
    void stateThatTheFrameDoesNotHold() {
        ByteBuffer header = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
        header.putInt(0, 544).putInt(4, 8768).putShort(8, (short) 32).putShort(10, (short) 256);
        assertThat(ExtendedState.hasLiveVectors(header)).isFalse(); // SVE_PT_REGS_FPSIMD, vectors of 256 bits
        assertThat(ExtendedState.hasLiveVectors(header.putShort(12, (short) 1))).isTrue();
        assertThat(ExtendedState.hasLiveVectors(header.putShort(12, (short) 2))).isFalse(); // only inherits the length
        assertThat(ExtendedState.hasLiveArray(header.putInt(0, 16))).isFalse();
        assertThat(ExtendedState.hasLiveArray(header.putInt(0, 16 + 1024))).isTrue();
        assertThat(ExtendedState.checksReturns(header.putLong(0, 0))).isFalse();
        assertThat(ExtendedState.checksReturns(header.putLong(0, 1))).isTrue();
        ByteBuffer absent = ByteBuffer.allocate(0);
        assertThat(ExtendedState.hasLiveVectors(absent)).isFalse();
        assertThat(ExtendedState.hasLiveArray(absent)).isFalse();
        assertThat(ExtendedState.checksReturns(absent)).isFalse();
    }

    @Test
    void placesToBorrow() {
        assertThat(parked(115, 1)).isEqualTo(ParkedCall.SLEEP);
        assertThat(parked(115, 0)).isNull();
        assertThat(parked(98, 0x189)).isEqualTo(ParkedCall.FUTEX_WAIT);
        assertThat(parked(98, 0x80)).isNull();
        assertThat(parked(22, 0)).isEqualTo(ParkedCall.EPOLL);
        assertThat(parked(73, 0)).isEqualTo(ParkedCall.SELECT);
        assertThat(parked(0, 0)).isNull(); // io_setup here, read on x86-64
    }

    /** Assembled, so that the judge of where they lead is the assembler. */
    @Test
    void branchesAreFound() throws IOException, InterruptedException {
        byte[] code = GnuAssembler.assemble(List.of(
                "b .+0x100",
                "b .-0x100",
                "b.lo .+0x200",
                "cbz x1, .+0x300",
                "cbnz w2, .-0x300",
                "tbz x3, #40, .+0x400",
                "tbnz w4, #5, .-0x400",
                "bl .+0x500",
                "blr x3",
                "ret",
                "br x16",
                "adr x0, .+0x600",
                "ldr x1, .+0x700"));
        assertThat(architecture.jumpTargets(ByteBuffer.wrap(code), 0x10000))
                .containsExactly(0x10100, 0xff04, 0x10208, 0x1030c, 0xfd10, 0x10414, 0xfc18);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "stp x29,x30,[sp,-16]!; mov x29,sp; blr x3; ldp x29,x30,[sp],16; ret",
                "bti c; stp x29,x30,[sp,-16]!; mov x29,sp; blr x3; ldp x29,x30,[sp],16; ret",
                "paciasp; stp x29,x30,[sp,-16]!; mov x29,sp; blr x3; ldp x29,x30,[sp],16; autiasp; ret",
                "pacibsp; stp x29,x30,[sp,-16]!; mov x29,sp; blr x3; ldp x29,x30,[sp],16; autibsp; ret",
            })
    void trampolinesOfEveryBuild(String source) throws IOException, InterruptedException {
        assertThat(isTrampoline(source)).isTrue();
    }

    /** From _Py_trampoline_func_start to …_end in Debian's python3.13 3.13.18, python3.14 3.14.10 and python3.15 3.15.2 for arm64. */
    @Test
    void trampolineOfRealInterpreters() {
        String code = "3f2303d5fd7bbfa9fd03009160003fd6fd7bc1a8bf2303d5c0035fd6";
        byte[] bytes = Arrays.copyOf(HexFormat.of().parseHex(code), Architecture.TRAMPOLINE_BYTES);
        assertThat(architecture.isTrampoline(ByteBuffer.wrap(bytes))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "stp x29,x30,[sp,-16]!; mov x29,sp; blr x2; ldp x29,x30,[sp],16; ret",
                "stp x29,x30,[sp,-16]!; mov x29,sp; blr x3; ldp x29,x30,[sp],16; b .",
                "nop; stp x29,x30,[sp,-16]!; mov x29,sp; blr x3; ldp x29,x30,[sp],16; ret",
                "paciasp",
            })
    void otherCode(String source) throws IOException, InterruptedException {
        assertThat(isTrampoline(source)).isFalse();
    }

    private boolean isTrampoline(String source) throws IOException, InterruptedException {
        byte[] code = GnuAssembler.assemble(List.of(source.split(";", -1)));
        return architecture.isTrampoline(ByteBuffer.wrap(Arrays.copyOf(code, Architecture.TRAMPOLINE_BYTES)));
    }

    private @Nullable ParkedCall parked(int number, int second) {
        return architecture.parkedCall(new ThreadSyscall(number, 0x1000, second, 0, 0));
    }

    private static ThreadSyscall blockedIn(long number) {
        return new ThreadSyscall(number, 0x1000, 0, 0, BEHIND);
    }

    private static Resumption back(long at, long result, Restart restart) {
        return new Resumption(at, result, at + 4, restart, FLAGS);
    }

    private StoppedThread stopped(long at, int call, long first, long second, long fourth) {
        byte[] registers = new byte[272];
        words(registers)
                .putLong(X0, first)
                .putLong(X1, second)
                .putLong(X3, fourth)
                .putLong(X8, call)
                .putLong(PC, at)
                .putLong(PSTATE, FLAGS);
        return architecture.decode(registers);
    }

    /** The code up to the first thing that is data. */
    private byte[] text() {
        byte[] routine = architecture.routine(CALLS, 0x7f0000001000L);
        String payload = new String(Payload.activation(), StandardCharsets.ISO_8859_1);
        int end = new String(routine, StandardCharsets.ISO_8859_1).indexOf(payload);
        assertThat(end).isPositive();
        return Arrays.copyOf(routine, end);
    }

    /** A branch's target, or a literal's place, which the assembler knows relative to the instruction only. */
    private static String relative(String instruction, int at) {
        Matcher target = TARGET.matcher(instruction);
        return instruction.matches("(b|bl|b\\.\\w+|cbn?z|tbn?z|adr|ldr) .*")
                ? target.replaceAll(found -> String.format(".%+d", Integer.parseInt(found.group(1), 16) - at))
                : instruction;
    }

    private static ByteBuffer words(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
