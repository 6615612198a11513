package io.perfagent.python.inject.x86_64;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.linux.ProcessMemory;
import io.perfagent.testing.TargetProgram;
import io.perfagent.testing.Tool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Functions as gcc compiles them; what they return is what the program says after calling them. */
final class X86GetterIT {
    private static final String SOURCE = """
            #include <stdio.h>
            #include <unistd.h>
            struct state { char pad[600]; int a; long b; void *f; };
            struct state runtime = {.a = 7, .b = -5}, other = {.b = 1L << 40, .f = &runtime};
            struct state *pointer = &other;
            int integer(struct state *s) { return runtime.a; }
            long word(struct state *s) { return runtime.b; }
            long far(struct state *s) { return pointer->b; }
            int set(struct state *s) { return runtime.f != 0; }
            int setElsewhere(struct state *s) { return pointer->f != 0; }
            long argument(struct state *s) { return s->b; }
            void *orDefault(struct state *s) { return s->f ? s->f : (void *)argument; }
            __attribute__((noinline)) long callee(struct state *s) { __asm__ volatile (""); return pointer->b; }
            long tail(struct state *s) { return callee(s); }
            long busy(struct state *s) { long n = 1; for (int i = 0; i < runtime.a; i++) n *= s->b | 3; return n; }
            #define SAY(f) printf(#f " %lx %lx %lx %lx\\n", (long)f, (long)s, (unsigned long)f(s), sizeof(f(s)))
            int main(void) {
                puts("ready");
                for (struct state *s = &runtime; s; s = s == &runtime ? &other : 0) {
                    SAY(integer); SAY(word); SAY(far); SAY(set); SAY(setElsewhere);
                    SAY(argument); SAY(orDefault); SAY(tail); SAY(busy);
                }
                puts("end");
                fflush(stdout);
                pause();
            }
            """;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-O2 -fPIE -pie",
                "-O2 -fno-pie -no-pie",
                "-Os -fno-pie -no-pie",
                "-O1 -fno-omit-frame-pointer -fPIC -pie",
                "-O2 -fcf-protection=full -fPIC -pie"
            })
    void asTheFunctionItselfReturns(String options) throws Exception {
        Path source = Files.writeString(folder.resolve("getters.c"), SOURCE);
        Path program = folder.resolve("getters");
        Tool.output("sh", "-c", "gcc -w " + options + " " + source + " -o " + program);
        try (TargetProgram target = TargetProgram.start(Map.of(), List.of(program.toString()));
                ProcessMemory memory = ProcessMemory.view(target.pid())) {
            int followed = 0;
            for (String line = target.nextLine(); !line.equals("end"); line = target.nextLine()) {
                followed += follow(line.split(" ", -1), memory);
            }
            assertThat(followed).isEqualTo(2 * 8);
        }
    }

    /** What is more than a getter is not guessed. */
    private static int follow(String[] said, ProcessMemory memory) throws Exception {
        OptionalLong result = X86Getter.evaluate(memory, hex(said[1]), hex(said[2]));
        if (said[0].equals("busy")) {
            assertThat(result).isEmpty();
            return 0;
        }
        long mask = hex(said[4]) == Integer.BYTES ? 0xffff_ffffL : -1;
        assertThat(result.orElseThrow() & mask).as(said[0]).isEqualTo(hex(said[3]) & mask);
        return 1;
    }

    private static long hex(String text) {
        return Long.parseUnsignedLong(text, 16);
    }
}
