package io.perfagent.bpf.walker;

import static io.perfagent.bpf.walker.Target.CODE;
import static io.perfagent.bpf.walker.Target.LAST_FRAME;
import static io.perfagent.bpf.walker.Target.STACK;
import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.bpf.abi.Limits;
import io.perfagent.bpf.abi.UnwindRow;
import io.perfagent.model.Sample;
import io.perfagent.model.WalkEnd;
import java.util.Arrays;
import java.util.List;

/** Around the walk: the cache of rules, samples of kernel mode, processes that are not known. */
final class SampleCases {
    private static final long LEAF = CODE + 0x100;
    private static final long A = CODE + 0x200;
    private static final long MAIN = CODE + 0x500;
    /** As far as two addresses must be apart to share a place in the cache. */
    private static final long SAME_SLOT = 0x1001;

    private static final long KERNEL = 0xffff_ffff_8100_0000L;
    private static final int KERNEL_THREAD = 0x0020_0000;

    private SampleCases() {}

    static List<WalkCase> cases() {
        return List.of(
                new WalkCase("the second walk takes its rules from the cache", SampleCases::cacheHits),
                new WalkCase("stops are looked up again", SampleCases::stopsNotCached),
                new WalkCase("one address in two generations", SampleCases::generations),
                new WalkCase("a mapping of the walk before is forgotten", SampleCases::mappingForgotten),
                new WalkCase("two addresses with one place in the cache", SampleCases::collision),
                new WalkCase("a sample of kernel mode walks the user's registers", SampleCases::kernelMode),
                new WalkCase("128 kernel frames and 4,096 user frames", SampleCases::longest),
                new WalkCase("a kernel thread has no user stack", SampleCases::kernelThread),
                new WalkCase("a process that is not known", SampleCases::unknownProcess));
    }

    private static Target program(HostWalker walker) {
        return new Target(walker)
                .rule(LEAF, Rows.rsp(1))
                .rule(A, Rows.rsp(2))
                .rule(MAIN, LAST_FRAME)
                .words(STACK, A + 0x10, 1, MAIN + 0x10)
                .leaf(LEAF, STACK);
    }

    private static void cacheHits(HostWalker walker) {
        Target target = program(walker);
        target.expect(WalkEnd.END_OF_STACK, LEAF, A + 0xf, MAIN + 0xf);
        assertThat(target.counter("cache_hits")).isZero();
        target.expect(WalkEnd.END_OF_STACK, LEAF, A + 0xf, MAIN + 0xf);
        assertThat(target.counter("cache_hits")).isEqualTo(2);
        assertThat(target.counter("user_frames")).isEqualTo(6);
        assertThat(target.counter("samples")).isEqualTo(2);
    }

    /** A table that is compiled later must count. */
    private static void stopsNotCached(HostWalker walker) {
        program(walker)
                .rule(MAIN, UnwindRow.stop(WalkEnd.UNSUPPORTED_RULE))
                .expect(WalkEnd.UNSUPPORTED_RULE, LEAF, A + 0xf, MAIN + 0xf)
                .rule(MAIN, LAST_FRAME)
                .expect(WalkEnd.END_OF_STACK, LEAF, A + 0xf, MAIN + 0xf);
    }

    private static void generations(HostWalker walker) {
        program(walker)
                .expect(WalkEnd.END_OF_STACK, LEAF, A + 0xf, MAIN + 0xf)
                .nextGeneration()
                .rule(LEAF, Rows.rsp(3))
                .expect(WalkEnd.END_OF_STACK, LEAF, MAIN + 0xf);
    }

    /** Another binary at the same addresses, whose table begins elsewhere. */
    private static void mappingForgotten(HostWalker walker) {
        program(walker)
                .expect(WalkEnd.END_OF_STACK, LEAF, A + 0xf, MAIN + 0xf)
                .nextGeneration()
                .rule(CODE - 0x3000, Rows.rsp(4))
                .expect(WalkEnd.END_OF_STACK, LEAF, A + 0xf, MAIN + 0xf);
    }

    private static void collision(HostWalker walker) {
        long other = LEAF + SAME_SLOT;
        assertThat((other ^ (other >>> 12)) & 0xfff).isEqualTo((LEAF ^ (LEAF >>> 12)) & 0xfff);
        program(walker)
                .rule(other, Rows.rsp(3))
                .expect(WalkEnd.END_OF_STACK, LEAF, A + 0xf, MAIN + 0xf)
                .leaf(other, STACK)
                .expect(WalkEnd.END_OF_STACK, other, MAIN + 0xf)
                .leaf(LEAF, STACK)
                .expect(WalkEnd.END_OF_STACK, LEAF, A + 0xf, MAIN + 0xf);
    }

    private static void kernelMode(HostWalker walker) {
        Sample sample = program(walker).sampleKernel(0, KERNEL, KERNEL + 0x101);
        assertThat(sample.kernel()).containsExactly(KERNEL, KERNEL + 0x100);
        assertThat(sample.user()).containsExactly(LEAF, A + 0xf, MAIN + 0xf);
        assertThat(sample.end()).isEqualTo(WalkEnd.END_OF_STACK);
        assertThat(sample.pid()).isEqualTo(1000);
        assertThat(sample.tid()).isEqualTo(1001);
    }

    private static void longest(HostWalker walker) {
        Target target = program(walker).leaf(A, STACK);
        for (int frame = 0; frame <= Limits.MAX_USER_FRAMES; frame++) {
            target.words(STACK + 16L * frame + 8, A + 0x10);
        }
        Sample sample = target.sampleKernel(0, kernelFrames());
        assertThat(sample.kernel()).hasSize(Limits.MAX_KERNEL_FRAMES).startsWith(KERNEL);
        assertThat(sample.user()).hasSize(Limits.MAX_USER_FRAMES).startsWith(A).endsWith(A + 0xf);
        assertThat(sample.end()).isEqualTo(WalkEnd.TOO_DEEP);
    }

    private static void kernelThread(HostWalker walker) {
        Sample sample = program(walker).sampleKernel(KERNEL_THREAD, KERNEL);
        assertThat(sample.kernel()).containsExactly(KERNEL);
        assertThat(sample.user()).isEmpty();
        assertThat(sample.end()).isEqualTo(WalkEnd.NO_USER_STACK);
    }

    private static void unknownProcess(HostWalker walker) {
        Sample sample = program(walker).sampleUnknown();
        assertThat(sample.user()).containsExactly(LEAF);
        assertThat(sample.end()).isEqualTo(WalkEnd.NO_PROCESS);
        sample = program(walker).sampleUnknown(kernelFrames());
        assertThat(sample.kernel()).hasSize(Limits.MAX_KERNEL_FRAMES).startsWith(KERNEL);
        assertThat(sample.user()).containsExactly(LEAF);
    }

    private static long[] kernelFrames() {
        long[] frames = new long[Limits.MAX_KERNEL_FRAMES];
        Arrays.fill(frames, KERNEL);
        return frames;
    }
}
