package io.perfagent.python.inject.x86_64;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.procfs.ThreadSyscall;
import io.perfagent.python.inject.ParkedCall;
import io.perfagent.python.inject.PythonCalls;
import io.perfagent.python.inject.Restart;
import io.perfagent.python.inject.Resumption;
import io.perfagent.python.inject.StoppedThread;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.Test;

final class X86RoutineTest {
    private static final PythonCalls CALLS = new PythonCalls(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13);
    private static final int ORIG_RAX = 120;
    private static final int RAX = 80;
    private static final int RIP = 128;
    private static final int CS = 136;

    private final X86Architecture architecture = new X86Architecture();

    @Test
    void whatIsPushedIsPoppedInReverse() throws IOException {
        List<String> code = Disassembler.disassemble(architecture.routine(CALLS, 0x7f0000001000L));
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
        assertThat(architecture.routine(CALLS, 0x7f0000001000L)).hasSizeLessThan(1200);
    }

    @Test
    void restartsAsTheKernelWould() {
        assertThat(resumption(230, -512)).isEqualTo(new Resumption(998, 230, 1000, Restart.UNLESS_HANDLER_DECLINES));
        assertThat(resumption(230, -513)).isEqualTo(new Resumption(998, 230, 1000, Restart.ALWAYS));
        assertThat(resumption(23, -514)).isEqualTo(new Resumption(998, 23, 1000, Restart.UNLESS_HANDLED));
        assertThat(resumption(35, -516)).isEqualTo(new Resumption(998, 219, 1000, Restart.UNLESS_HANDLED));
        assertThat(resumption(232, -4)).isEqualTo(new Resumption(1000, -4, 1000, Restart.NONE));
        assertThat(resumption(-1, -512)).isEqualTo(new Resumption(1000, -512, 1000, Restart.NONE));
    }

    @Test
    void onlyTheProgramCounterAndTheCallNumberChangeOnEntering() {
        StoppedThread thread = stopped(35, -516);
        byte[] registers = architecture.entering(thread, 4096);
        ByteBuffer entering = words(registers);
        assertThat(entering.getLong(RIP)).isEqualTo(4096);
        assertThat(entering.getLong(ORIG_RAX)).isEqualTo(-1);
        entering.putLong(RIP, 1000).putLong(ORIG_RAX, 35);
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

    private Resumption resumption(long call, long result) {
        return architecture.resumption(stopped(call, result));
    }

    private StoppedThread stopped(long call, long result) {
        byte[] registers = new byte[216];
        words(registers)
                .putLong(RIP, 1000)
                .putLong(RAX, result)
                .putLong(ORIG_RAX, call)
                .putLong(CS, 0x33);
        return architecture.decode(registers);
    }

    private static ByteBuffer words(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
