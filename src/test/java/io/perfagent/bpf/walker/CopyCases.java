package io.perfagent.bpf.walker;

import static io.perfagent.bpf.walker.Target.ANONYMOUS;
import static io.perfagent.bpf.walker.Target.CODE;
import static io.perfagent.bpf.walker.Target.LAST_FRAME;
import static io.perfagent.bpf.walker.Target.STACK;
import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.bpf.abi.Limits;
import io.perfagent.bpf.abi.StoppedWalk;
import io.perfagent.bpf.abi.UnwindRow;
import io.perfagent.model.Sample;
import io.perfagent.model.StackCopies;
import io.perfagent.model.WalkEnd;
import io.perfagent.unwind.table.EncodedRule;
import java.util.List;

/** What a sample takes along where its walk met code that is not known yet, and that it is enough to walk on. */
final class CopyCases {
    private static final long LEAF = CODE + 0x100;
    private static final long A = CODE + 0x200;
    private static final long MAIN = CODE + 0x500;
    private static final long PENDING = ANONYMOUS + 0x10_0000;
    private static final long FRAME = STACK + 0x800;
    private static final long KERNEL = 0xffff_ffff_8100_0000L;
    private static final long RING = 4 << 20;
    private static final long PAGE = 4096;
    private static final int CLONE = 56;

    private CopyCases() {}

    static List<WalkCase> cases() {
        return List.of(
                new WalkCase("a process that becomes known", CopyCases::unknownProcess),
                new WalkCase("the same in kernel mode", CopyCases::unknownProcessInKernel),
                new WalkCase("a table that becomes ready, at the leaf", CopyCases::pendingLeaf),
                new WalkCase("a table that becomes ready, after frames that saved registers", CopyCases::pendingCaller),
                new WalkCase("registers saved below rsp", CopyCases::belowStackPointer),
                new WalkCase("registers that the leaf has left alone", CopyCases::pendingTentative),
                new WalkCase("a stack that begins at rsp", CopyCases::pageBelowMissing),
                new WalkCase("code in no mapping", CopyCases::noMapping),
                new WalkCase("code in no mapping of a process that makes code", CopyCases::ownCode),
                new WalkCase("a thread that clone has just made", CopyCases::newborn),
                new WalkCase("walks that end otherwise take nothing along", CopyCases::nothing),
                new WalkCase("all samples, from the leaf on", CopyCases::always),
                new WalkCase("a large frame that is not touched throughout", CopyCases::untouchedPages),
                new WalkCase("no more than the bound", CopyCases::bounded),
                new WalkCase("nothing of what lies behind the stack", CopyCases::neighbours),
                new WalkCase("the last bytes of a stack that is larger", CopyCases::lastBytes),
                new WalkCase("less where the ring fills, nothing where it is half full", CopyCases::fullRing));
    }

    private static Target program(HostWalker walker) {
        return new Target(walker)
                .copies(StackCopies.UNKNOWN_CODE)
                .rule(LEAF, Rows.rsp(1))
                .rule(A, Rows.framePointer())
                .rule(MAIN, LAST_FRAME)
                .words(STACK, A + 0x10)
                .words(FRAME, 0, MAIN + 0x10)
                .register(CpuRegisters.RBP, FRAME)
                .leaf(LEAF, STACK);
    }

    private static void unknownProcess(HostWalker walker) {
        Target target = program(walker);
        assertWalkedOn(target, target.sampleUnknown(), LEAF, A + 0xf, MAIN + 0xf);
        assertThat(walker.counter("copies")).isEqualTo(1);
    }

    private static void unknownProcessInKernel(HostWalker walker) {
        Target target = program(walker);
        Sample sample = target.sampleUnknown(KERNEL, KERNEL + 1);
        assertThat(sample.kernel()).containsExactly(KERNEL, KERNEL);
        assertWalkedOn(target, sample, LEAF, A + 0xf, MAIN + 0xf);
    }

    private static void pendingLeaf(HostWalker walker) {
        Target target = program(walker)
                .pendingMapping(PENDING, PENDING + PAGE, Rows.rsp(1))
                .leaf(PENDING, STACK);
        Sample sample = target.sample();
        assertThat(Target.text(sample.end(), sample.user())).isEqualTo(Target.text(WalkEnd.TABLE_PENDING, PENDING));
        assertWalkedOn(target, sample, PENDING, A + 0xf, MAIN + 0xf);
    }

    /** The frame of the pending code needs rbp, which the leaf has saved in memory that is below that frame. */
    private static void pendingCaller(HostWalker walker) {
        Target target = program(walker)
                .pendingMapping(PENDING, PENDING + PAGE, Rows.framePointer())
                .rule(LEAF, Rows.rsp(40, 30, 31))
                .register(CpuRegisters.RBP, 0)
                .words(STACK + 8 * 10, FRAME)
                .words(STACK + 8 * 39, PENDING + 0x10);
        Sample sample = target.sample();
        assertThat(sample.end()).isEqualTo(WalkEnd.TABLE_PENDING);
        assertThat(sample.user()).containsExactly(LEAF, PENDING + 0xf);
        assertWalkedOn(target, sample, LEAF, PENDING + 0xf, MAIN + 0xf);
    }

    /** An epilogue has popped rbp already, while its rule still says where it was. */
    private static void belowStackPointer(HostWalker walker) {
        Target target = program(walker)
                .pendingMapping(PENDING, PENDING + PAGE, Rows.rsp(1, 2, 0))
                .words(STACK + 0x70, FRAME, A + 0x10)
                .register(CpuRegisters.RBP, 0)
                .leaf(PENDING, STACK + 0x78);
        assertWalkedOn(target, target.sample(), PENDING, A + 0xf, MAIN + 0xf);
    }

    private static void pendingTentative(HostWalker walker) {
        Target target = program(walker)
                .rule(CODE + 0x600, Rows.register(CpuRegisters.RAX, 8))
                .pendingMapping(PENDING, PENDING + PAGE, UnwindRow.rule(UnwindRow.ROW_RULE, 1))
                .words(STACK, PENDING + 0x10)
                .code(A + 0xe, "ffd0")
                .words(STACK + 0x40, A + 0x10)
                .register(CpuRegisters.RAX, STACK + 0x40);
        assertWalkedOn(target, target.sample(), LEAF, PENDING + 0xf, A + 0xf, MAIN + 0xf);
    }

    private static void pageBelowMissing(HostWalker walker) {
        Target target = program(walker).leaf(LEAF, STACK);
        Sample sample = target.sampleUnknown();
        assertThat(copy(walker).has(STACK)).isTrue();
        assertThat(copy(walker).has(STACK - 8)).isFalse();
        assertWalkedOn(target, sample, LEAF, A + 0xf, MAIN + 0xf);
        target.words(STACK + 0x20, A + 0x10).leaf(LEAF, STACK + 0x20);
        assertWalkedOn(target, target.sampleUnknown(), LEAF, A + 0xf, MAIN + 0xf);
        assertThat(copy(walker).has(STACK)).isTrue();
        target = program(walker).words(STACK - PAGE, 0);
        Sample _ = target.sampleUnknown();
        assertThat(copy(walker).has(STACK - 128)).isTrue();
        assertThat(copy(walker).has(STACK - 136)).isFalse();
        assertThat(copy(walker).has(STACK + PAGE - 8)).isTrue();
        assertThat(copy(walker).endsBefore(STACK + PAGE)).isTrue();
    }

    /** It may be a library that has just been loaded: what rsp points at is no reason to guess. */
    private static void noMapping(HostWalker walker) {
        Target target = program(walker).code(A + 0xb, "e800000000").leaf(ANONYMOUS, STACK);
        target.code(ANONYMOUS, "90");
        Sample sample = target.sample();
        assertThat(Target.text(sample.end(), sample.user())).isEqualTo(Target.text(WalkEnd.NO_MAPPING, ANONYMOUS));
        assertWalkedOn(target, sample, ANONYMOUS, A + 0xf, MAIN + 0xf);
    }

    private static void ownCode(HostWalker walker) {
        Target target = program(walker).makesCode().code(ANONYMOUS, "90").leaf(ANONYMOUS, STACK);
        assertThat(target.sample().end()).isEqualTo(WalkEnd.NO_MAPPING);
        assertThat(walker.copy().byteSize()).isZero();
        target.code(A + 0xb, "e800000000").expect(WalkEnd.END_OF_STACK, ANONYMOUS, A + 0xf, MAIN + 0xf);
    }

    private static void newborn(HostWalker walker) {
        Target target = program(walker)
                .rule(MAIN + 0x100, UnwindRow.stop(WalkEnd.NO_RULE))
                .words(STACK, 0)
                .leaf(MAIN + 0x100, STACK)
                .register(CpuRegisters.ORIG_RAX, CLONE)
                .register(CpuRegisters.RAX, 0);
        assertWalkedOn(target, target.sampleUnknown(KERNEL), MAIN + 0x100);
    }

    private static void nothing(HostWalker walker) {
        program(walker).expect(WalkEnd.END_OF_STACK, LEAF, A + 0xf, MAIN + 0xf);
        assertThat(walker.copy().byteSize()).isZero();
        program(walker)
                .mappingWithoutTable(ANONYMOUS, ANONYMOUS + PAGE)
                .leaf(ANONYMOUS, STACK)
                .code(ANONYMOUS, "90")
                .expect(WalkEnd.NO_TABLE, ANONYMOUS);
        assertThat(walker.copy().byteSize()).isZero();
        program(walker).copies(StackCopies.NEVER).sampleUnknown();
        assertThat(walker.copy().byteSize()).isZero();
        assertThat(walker.counter("copies_left_out")).isZero();
    }

    /** The walk has gone through a signal's registers: the copy has the leaf's. */
    private static void always(HostWalker walker) {
        Target target = program(walker)
                .copies(StackCopies.ALWAYS)
                .register(12, 0x1212)
                .rule(CODE + 0x600, EncodedRule.SIGNAL)
                .words(STACK, CODE + 0x610)
                .ucontext(STACK + 8, A + 4, FRAME - 0x100, CpuRegisters.RBP, FRAME);
        Sample sample = target.sample();
        assertThat(sample.user()).containsExactly(LEAF, CODE + 0x610, A + 4, MAIN + 0xf);
        StoppedWalk copy = copy(walker);
        assertThat(copy.pc()).isEqualTo(LEAF);
        assertThat(copy.sp()).isEqualTo(STACK);
        assertThat(copy.exact()).isTrue();
        assertThat(copy.registers()[12]).isEqualTo(0x1212);
    }

    private static void untouchedPages(HostWalker walker) {
        long frame = STACK + 3 * PAGE + 0x800;
        Target target = program(walker)
                .pendingMapping(PENDING, PENDING + PAGE, Rows.framePointer())
                .words(frame, 0, MAIN + 0x10)
                .register(CpuRegisters.RBP, frame)
                .leaf(PENDING, STACK);
        Sample sample = target.sample();
        assertWalkedOn(target, sample, PENDING, MAIN + 0xf);
        assertThat(copy(walker).has(STACK)).isTrue();
        assertThat(copy(walker).has(STACK + 2 * PAGE)).isFalse();
        assertThat(copy(walker).endsBefore(STACK + 2 * PAGE)).isTrue();
        assertThat(copy(walker).has(STACK + 3 * PAGE - 4)).isFalse();
        assertThat(copy(walker).has(STACK + 3 * PAGE)).isTrue();
    }

    private static void bounded(HostWalker walker) {
        Target target = program(walker);
        for (long at = 0; at < 2L * Limits.MAX_COPY_BYTES; at += PAGE) {
            target.words(STACK + at + 0x10, 1);
        }
        Sample _ = target.sampleUnknown();
        StoppedWalk copy = copy(walker);
        assertThat(copy.has(STACK + Limits.MAX_COPY_BYTES - 8)).isTrue();
        assertThat(copy.has(STACK + Limits.MAX_COPY_BYTES + PAGE)).isFalse();
        assertThat(copy.endsBefore(STACK + Limits.MAX_COPY_BYTES)).isFalse();
    }

    private static void neighbours(HostWalker walker) {
        Target target = program(walker).words(STACK + PAGE, 1).words(STACK + 2 * PAGE, 1);
        walker.stackEnd(STACK + 2 * PAGE);
        Sample sample = target.sampleUnknown();
        assertThat(copy(walker).has(STACK + 2 * PAGE - 8)).isTrue();
        assertThat(copy(walker).has(STACK + 2 * PAGE)).isFalse();
        assertThat(copy(walker).endsBefore(STACK + 2 * PAGE)).isTrue();
        assertWalkedOn(target, sample, LEAF, A + 0xf, MAIN + 0xf);
    }

    /** A frame has more than is copied, as those of Ruby's threads have, whose own stack lies in one. */
    private static void lastBytes(HostWalker walker) {
        Target target = program(walker);
        long end = STACK + 4L * Limits.MAX_COPY_BYTES;
        for (long at = STACK & -PAGE; at < end; at += PAGE) {
            target.words(at + 0x800, 1);
        }
        target.words(end - 8, 0x1234);
        walker.stackEnd(end);
        Sample _ = target.sampleUnknown();
        StoppedWalk copy = copy(walker);
        assertThat(copy.word(end - 8)).isEqualTo(0x1234);
        assertThat(copy.has(end - Limits.LAST_COPY_BYTES)).isTrue();
        assertThat(copy.word((end - Limits.LAST_COPY_BYTES & -PAGE) + 0x800)).isEqualTo(1);
        assertThat(copy.has(end - Limits.LAST_COPY_BYTES - 8)).isFalse();
        assertThat(copy.has(end - 7)).isFalse();
        assertThat(copy.has(STACK + Limits.MAX_COPY_BYTES - 8)).isTrue();
        assertThat(copy.isLast(end - 8)).isTrue();
        assertThat(copy.endsBefore(end)).isTrue();
        assertThat(copy.endsBefore(end - 2L * Limits.LAST_COPY_BYTES)).isFalse();
    }

    private static void fullRing(HostWalker walker) {
        Target target = program(walker);
        for (long at = 0; at < Limits.MAX_COPY_BYTES; at += PAGE) {
            target.words(STACK + at + 0x10, 1);
        }
        walker.ringUsed(RING / 2 - 8 * 3 * PAGE);
        Sample _ = target.sampleUnknown();
        assertThat(copy(walker).has(STACK + 3 * PAGE - 8)).isTrue();
        assertThat(copy(walker).has(STACK + 3 * PAGE)).isFalse();
        walker.ringUsed(RING * 3 / 4);
        assertThat(target.sampleUnknown().end()).isEqualTo(WalkEnd.NO_PROCESS);
        assertThat(walker.copy().byteSize()).isZero();
        assertThat(walker.counter("copies_left_out")).isEqualTo(1);
    }

    private static StoppedWalk copy(HostWalker walker) {
        return new StoppedWalk(walker.copy());
    }

    private static void assertWalkedOn(Target target, Sample stopped, long... frames) {
        assertThat(target.walkedOn(stopped)).isEqualTo(Target.text(WalkEnd.END_OF_STACK, frames));
    }
}
