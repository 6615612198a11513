package io.perfagent.procfs;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.testing.Interpreter;
import io.perfagent.testing.TargetProgram;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GuardPagesIT {
    /** MADV_GUARD_INSTALL is 102; kernels before 6.13 do not know it. */
    private static final String PROGRAM = """
            import ctypes, mmap, time
            libc = ctypes.CDLL(None, use_errno=True)
            area = mmap.mmap(-1, 16 * 4096)
            start = ctypes.addressof(ctypes.c_char.from_buffer(area))
            failed = [libc.madvise(ctypes.c_void_p(start + page * 4096), 4096, 102) for page in (3, 7)]
            print(start, -1 if any(failed) else start + 7 * 4096, start + 3 * 4096, flush=True)
            time.sleep(600)
            """;

    @Test
    void theLastGuardAmidAMapping() throws Exception {
        String python = Interpreter.oneOfEachVersion().getFirst().command().toString();
        try (TargetProgram target =
                TargetProgram.start(Map.of(), List.of(python, "-c", "print('ready', flush=True)\n" + PROGRAM))) {
            String[] said = target.nextLine().split(" ", -1);
            long start = Long.parseLong(said[0]);
            long guard = Long.parseLong(said[1]);
            assertThat(GuardPages.lastIn(target.pid(), start, start + 16 * 4096))
                    .isEqualTo(guard);
            assertThat(GuardPages.lastIn(target.pid(), start + 8 * 4096, start + 16 * 4096))
                    .isEqualTo(-1);
            if (guard != -1) {
                assertThat(GuardPages.lastIn(target.pid(), start, guard)).isEqualTo(Long.parseLong(said[2]));
                assertThat(GuardPages.at(target.pid(), guard)).isTrue();
                assertThat(GuardPages.at(target.pid(), start)).isFalse();
            }
        }
    }
}
