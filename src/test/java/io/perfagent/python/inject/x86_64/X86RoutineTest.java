package io.perfagent.python.inject.x86_64;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.procfs.ThreadSyscall;
import io.perfagent.python.inject.Disassembler;
import io.perfagent.python.inject.OwnMemory;
import io.perfagent.python.inject.ParkedCall;
import io.perfagent.python.inject.PythonCalls;
import io.perfagent.python.inject.Restart;
import io.perfagent.python.inject.Resumption;
import io.perfagent.python.inject.StoppedThread;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class X86RoutineTest {
    private static final PythonCalls CALLS =
            new PythonCalls(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19);
    private static final int ORIG_RAX = 120;
    private static final int RAX = 80;
    private static final int RIP = 128;
    private static final int CS = 136;

    private static final long AGAIN = 998;
    private static final long BEHIND = 1000;

    private final X86Architecture architecture = new X86Architecture();

    @Test
    void whatIsPushedIsPoppedInReverse() throws IOException, InterruptedException {
        List<String> code = Disassembler.X86_64.disassemble(architecture.routine(CALLS, 0x7f0000001000L));
        int saved = code.indexOf("pushf");
        int left = code.indexOf("popf");
        assertThat(code.getFirst()).isEqualTo("lea rsp,[rsp-0x80]");
        assertThat(code.get(left + 1)).isEqualTo("ret 0x80");
        for (int index = 1; index <= 15; index++) {
            assertThat(code.get(left - index)).isEqualTo(code.get(saved + index).replace("push", "pop"));
        }
    }

    /** A page's worth of padding has room for it in every process, and the C library's for most. */
    @Test
    void theRoutineIsSmall() {
        assertThat(architecture.routine(CALLS, 0x7f0000001000L)).hasSizeLessThanOrEqualTo(1920);
    }

    @Test
    void restartsAsTheKernelWould() {
        assertThat(parked(230, -512)).isEqualTo(back(AGAIN, 230, BEHIND, Restart.UNLESS_HANDLER_DECLINES));
        assertThat(parked(230, -513)).isEqualTo(back(AGAIN, 230, BEHIND, Restart.ALWAYS));
        assertThat(parked(23, -514)).isEqualTo(back(AGAIN, 23, BEHIND, Restart.UNLESS_HANDLED));
        assertThat(parked(35, -516)).isEqualTo(back(AGAIN, 219, BEHIND, Restart.UNLESS_HANDLED));
        assertThat(parked(232, -4)).isEqualTo(back(BEHIND, -4, BEHIND, Restart.NONE));
    }

    @Test
    void oneThatHasLeftTheCallIsParkedNoLonger() {
        assertThat(architecture.resumption(stopped(BEHIND, -1, 0), blockedIn(230)))
                .isNull();
        assertThat(architecture.resumption(stopped(BEHIND, 23, -514), blockedIn(230)))
                .isNull();
        assertThat(architecture.resumption(stopped(BEHIND + 9, 230, -514), blockedIn(230)))
                .isNull();
    }

    @Test
    void runningThread() throws IOException {
        try (OwnMemory own = new OwnMemory()) {
            long behind = own.put(100, (byte) 0x0f, (byte) 0x05) + 2; // syscall
            assertThat(architecture.resumption(stopped(behind, -1, 7), own.memory()))
                    .isEqualTo(back(behind, 7, behind, Restart.NONE));
            assertThat(architecture.resumption(stopped(behind, 23, -514), own.memory()))
                    .isEqualTo(back(behind - 2, 23, behind, Restart.UNLESS_HANDLED));
            long other = own.put(200, (byte) 0xcd, (byte) 0x80) + 2; // int $0x80
            assertThat(architecture.resumption(stopped(other, 23, -514), own.memory()))
                    .isNull();
        }
    }

    @Test
    void onlyTheProgramCounterAndTheCallNumberChangeOnEntering() {
        StoppedThread thread = stopped(BEHIND, 35, -516);
        byte[] registers = architecture.entering(thread, 4096);
        ByteBuffer entering = words(registers);
        assertThat(entering.getLong(RIP)).isEqualTo(4096);
        assertThat(entering.getLong(ORIG_RAX)).isEqualTo(-1);
        entering.putLong(RIP, BEHIND).putLong(ORIG_RAX, 35);
        assertThat(registers).isEqualTo(thread.registers());
    }

    @Test
    void aPlainFutexWaitIsNoPlaceToBorrow() {
        assertThat(architecture.parkedCall(new ThreadSyscall(202, 0x1000, 0x80, 0, 0)))
                .isNull();
        assertThat(architecture.parkedCall(new ThreadSyscall(202, 0x1000, 0x189, 0, 0)))
                .isEqualTo(ParkedCall.FUTEX_WAIT);
        assertThat(architecture.parkedCall(new ThreadSyscall(9, 0, 0, 0, 0))).isNull();
    }

    @Test
    void jumpsIntoTheDistanceAreFound() {
        byte[] code = {0x0f, (byte) 0x84, 0, 1, 0, 0, (byte) 0xe9, 0, 2, 0, 0, (byte) 0xc3};
        assertThat(architecture.jumpTargets(words(code), 0x4000)).containsExactly(0x4106, 0x420b);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "4883ec08ffd14883c408c34883ec08ff", // 3.12.1
                "f30f1efa4883ec08ffd14883c408c300", // 3.13.5
                "554889e5ffd15dc30000000000000000",
                "f30f1efa554889e5ffd15dc300000000", // 3.14.10
            })
    void trampolinesOfLiveInterpreters(String code) {
        assertThat(architecture.isTrampoline(words(HexFormat.of().parseHex(code))))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"00000000000000000000000000000000", "f30f1efa554889e5ffd0", "4883ec08", "f30f1efa"})
    void otherCode(String code) {
        assertThat(architecture.isTrampoline(words(HexFormat.of().parseHex(code))))
                .isFalse();
    }

    private @Nullable Resumption parked(long call, long result) {
        return architecture.resumption(stopped(BEHIND, call, result), blockedIn(call));
    }

    private static ThreadSyscall blockedIn(long number) {
        return new ThreadSyscall(number, 0, 0, 0, BEHIND);
    }

    private static Resumption back(long at, long result, long interruptedAt, Restart restart) {
        return new Resumption(at, result, interruptedAt, restart, 0);
    }

    private StoppedThread stopped(long at, long call, long result) {
        byte[] registers = new byte[216];
        words(registers)
                .putLong(RIP, at)
                .putLong(RAX, result)
                .putLong(ORIG_RAX, call)
                .putLong(CS, 0x33);
        return architecture.decode(registers);
    }

    private static ByteBuffer words(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
