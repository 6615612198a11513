package io.perfagent.bpf.walker;

import static io.perfagent.bpf.walker.Target.CODE;
import static io.perfagent.bpf.walker.Target.LAST_FRAME;
import static io.perfagent.bpf.walker.Target.STACK;
import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.bpf.abi.Limits;
import io.perfagent.bpf.abi.UnwindRow;
import io.perfagent.model.Sample;
import io.perfagent.model.StackCopies;
import io.perfagent.model.WalkEnd;
import io.perfagent.unwind.table.EncodedRule;
import java.util.Arrays;
import java.util.List;

/** Around the walk: samples of kernel mode, tasks without a user stack, processes that are not known. */
final class SampleCases {
    private static final long LEAF = CODE + 0x100;
    private static final long A = CODE + 0x200;
    private static final long MAIN = CODE + 0x500;
    private static final long KERNEL = 0xffff_ffff_8100_0000L;
    private static final int KERNEL_THREAD = 0x0020_0000;
    private static final long BEHIND_CLONE = CODE + 0x600;
    private static final int READ = 0;
    private static final int EXECVE = 59;
    private static final int EXECVEAT = 322;
    private static final long NOWHERE = STACK + (1L << 30);
    private static final int CLONE = 56;
    private static final int CLONE3 = 435;

    private SampleCases() {}

    static List<WalkCase> cases() {
        return List.of(
                new WalkCase("a sample of kernel mode walks the user's registers", SampleCases::kernelMode),
                new WalkCase("128 kernel frames and 4,096 user frames", SampleCases::longest),
                new WalkCase("a kernel thread has no user stack", SampleCases::kernelThread),
                new WalkCase("a task whose memory is gone has no user stack", SampleCases::withoutMemory),
                new WalkCase("a stack that execve has replaced", SampleCases::replaced),
                new WalkCase("a thread that clone has just made", SampleCases::newborn),
                new WalkCase("a thread that clone has just made, in user mode", SampleCases::tellsChild),
                new WalkCase("a thread that clone has just made, in code with a rule", SampleCases::newbornWithRule),
                new WalkCase("a signal's handler where clone was called", SampleCases::handlerInChild),
                new WalkCase("a process of 32 bits", SampleCases::compat),
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

    private static void kernelMode(HostWalker walker) {
        Sample sample = program(walker).sampleKernel(KERNEL, KERNEL + 0x101);
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
        Sample sample = target.sampleKernel(kernelFrames());
        assertThat(sample.kernel()).hasSize(Limits.MAX_KERNEL_FRAMES).startsWith(KERNEL);
        assertThat(sample.user()).hasSize(Limits.MAX_USER_FRAMES).startsWith(A).endsWith(A + 0xf);
        assertThat(sample.end()).isEqualTo(WalkEnd.TOO_DEEP);
    }

    private static void kernelThread(HostWalker walker) {
        Sample sample = program(walker).task(KERNEL_THREAD, true).sampleKernel(KERNEL);
        assertThat(sample.kernel()).containsExactly(KERNEL);
        assertThat(sample.user()).isEmpty();
        assertThat(sample.end()).isEqualTo(WalkEnd.NO_USER_STACK);
    }

    private static void withoutMemory(HostWalker walker) {
        Sample sample = program(walker).task(0, false).sampleKernel(KERNEL);
        assertThat(sample.user()).isEmpty();
        assertThat(sample.end()).isEqualTo(WalkEnd.NO_USER_STACK);
    }

    /** Until then it is there; without execve, or in user mode, its being gone is worth telling. */
    private static void replaced(HostWalker walker) {
        for (int call : new int[] {EXECVE, EXECVEAT}) {
            Target early = program(walker).register(CpuRegisters.ORIG_RAX, call);
            assertThat(early.sampleKernel(KERNEL).end()).isEqualTo(WalkEnd.END_OF_STACK);
            Target late = program(walker).leaf(LEAF, NOWHERE).register(CpuRegisters.ORIG_RAX, call);
            Sample sample = late.sampleKernel(KERNEL);
            assertThat(sample.end()).isEqualTo(WalkEnd.NO_USER_STACK);
            assertThat(sample.kernel()).containsExactly(KERNEL);
            assertThat(sample.user()).isEmpty();
            late.expect(WalkEnd.STACK_UNREADABLE, LEAF);
        }
        Target reading = program(walker).leaf(LEAF, NOWHERE).register(CpuRegisters.ORIG_RAX, READ);
        assertThat(reading.sampleKernel(KERNEL).end()).isEqualTo(WalkEnd.STACK_UNREADABLE);
    }

    /** libc leaves what follows clone's system call without call-frame information; only the child, still in the kernel, ends there. */
    private static void newborn(HostWalker walker) {
        for (int call : new int[] {CLONE, CLONE3}) {
            Target child = cloned(walker, BEHIND_CLONE, 0).register(CpuRegisters.ORIG_RAX, call);
            assertThat(child.sampleKernel(KERNEL).end()).isEqualTo(WalkEnd.END_OF_STACK);
            Target parent = cloned(walker, BEHIND_CLONE, 4711).register(CpuRegisters.ORIG_RAX, call);
            assertThat(parent.sampleKernel(KERNEL).end()).isEqualTo(WalkEnd.NO_RULE);
        }
        Target another = cloned(walker, BEHIND_CLONE, 0).register(CpuRegisters.ORIG_RAX, READ);
        assertThat(another.sampleKernel(KERNEL).end()).isEqualTo(WalkEnd.NO_RULE);
    }

    /** What follows the system call may have a rule from its instructions; the child has 0 where that says the return address is. */
    private static void newbornWithRule(HostWalker walker) {
        Target child =
                cloned(walker, BEHIND_CLONE, 0).rule(BEHIND_CLONE, Rows.rsp(1)).register(CpuRegisters.RBP, 1);
        child.expect(WalkEnd.END_OF_STACK, BEHIND_CLONE);
        assertThat(child.walkedOn(child.sample())).isEqualTo(Target.text(WalkEnd.END_OF_STACK, BEHIND_CLONE));
        cloned(walker, BEHIND_CLONE, 4711)
                .rule(BEHIND_CLONE, Rows.rsp(1))
                .register(CpuRegisters.RBP, 1)
                .expect(WalkEnd.ZERO_RETURN, BEHIND_CLONE);
    }

    /** In user mode the child is at one of three instructions: test, jl, je; only the parent comes to the fourth. */
    private static void tellsChild(HostWalker walker) {
        for (long at : new long[] {BEHIND_CLONE, BEHIND_CLONE + 3, BEHIND_CLONE + 5}) {
            Target child = cloned(walker, at, 0);
            child.expect(WalkEnd.END_OF_STACK, at);
            assertThat(child.walkedOn(child.sample())).isEqualTo(Target.text(WalkEnd.END_OF_STACK, at));
            cloned(walker, at, 4711).expect(WalkEnd.NO_RULE, at);
            cloned(walker, at, 0).code(BEHIND_CLONE - 2, "90904885c07c1074").expect(WalkEnd.NO_RULE, at);
            cloned(walker, at, 0).code(BEHIND_CLONE + 5, "75").expect(WalkEnd.NO_RULE, at);
        }
        cloned(walker, BEHIND_CLONE + 7, 0).expect(WalkEnd.NO_RULE, BEHIND_CLONE + 7);
    }

    /** A signal's handler has 0 in the register, not what it has interrupted. */
    private static void handlerInChild(HostWalker walker) {
        cloned(walker, LEAF, 0)
                .rule(LEAF, Rows.rsp(1))
                .rule(A, EncodedRule.SIGNAL)
                .words(STACK, A + 0x10)
                .ucontext(STACK + 8, BEHIND_CLONE, STACK + 0x800, CpuRegisters.RAX, 4711)
                .expect(WalkEnd.NO_RULE, LEAF, A + 0x10, BEHIND_CLONE);
    }

    private static Target cloned(HostWalker walker, long at, long result) {
        Target target = program(walker)
                .copies(StackCopies.ALWAYS)
                .code(BEHIND_CLONE - 2, "0f054885c07c107401c3")
                .words(STACK, 0)
                .leaf(at, STACK)
                .register(CpuRegisters.RAX, result);
        return target.rule(BEHIND_CLONE, UnwindRow.stop(WalkEnd.NO_RULE));
    }

    /** arch/x86/include/asm/segment.h: __USER32_CS. */
    private static void compat(HostWalker walker) {
        Sample sample = program(walker).register(CpuRegisters.CS, 0x23).sampleKernel(KERNEL);
        assertThat(sample.user()).containsExactly(LEAF);
        assertThat(sample.end()).isEqualTo(WalkEnd.COMPAT);
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
