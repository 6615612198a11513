package io.perfagent.bpf.walker;

import static io.perfagent.bpf.walker.Target.CODE;
import static io.perfagent.bpf.walker.Target.LAST_FRAME;
import static io.perfagent.bpf.walker.Target.STACK;
import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.bpf.abi.UnwindRow;
import io.perfagent.model.WalkEnd;
import java.util.List;

/** What one walk remembers for the next. */
final class CacheCases {
    private static final long LEAF = CODE + 0x100;
    private static final long A = CODE + 0x200;
    private static final long B = CODE + 0x300;
    private static final long C = CODE + 0x400;
    private static final long MAIN = CODE + 0x500;
    private static final int PAGE = 4096;
    /** Two stack positions that are so far apart share a place in the cache. */
    private static final long SAME_PLACE = 16384 * 16;

    private CacheCases() {}

    static List<WalkCase> cases() {
        return List.of(
                new WalkCase("the second walk takes its rules from the cache", CacheCases::cacheHits),
                new WalkCase("ordinary frames, and others between them", CacheCases::ordinary),
                new WalkCase("an ordinary frame that goes back", CacheCases::ordinaryGoesBack),
                new WalkCase("ordinary frames on two pages", CacheCases::ordinaryOnTwoPages),
                new WalkCase("the same code deeper in the stack", CacheCases::elsewhere),
                new WalkCase("other code at the same place of the stack", CacheCases::replaced),
                new WalkCase("two places of the stack with one place in the cache", CacheCases::collision),
                new WalkCase("a leaf's rule holds for its block", CacheCases::block),
                new WalkCase("a block of two rules is not remembered", CacheCases::mixedBlock),
                new WalkCase("the last block of two rules in a page", CacheCases::lastBlock),
                new WalkCase("a call's rule is not its block's", CacheCases::callInBlock),
                new WalkCase("stops are looked up again", CacheCases::stopsNotCached),
                new WalkCase("one address in two generations", CacheCases::generations),
                new WalkCase("a mapping of the walk before is forgotten", CacheCases::mappingForgotten));
    }

    private static Target program(HostWalker walker) {
        return new Target(walker)
                .rule(LEAF, Rows.rsp(1))
                .rule(A, Rows.rsp(2))
                .rule(MAIN, LAST_FRAME)
                .words(STACK, A + 0x10, 1, MAIN + 0x10)
                .leaf(LEAF, STACK);
    }

    private static void hits(Target target, long expected) {
        assertThat(target.counter("cache_hits")).isEqualTo(expected);
    }

    private static void cacheHits(HostWalker walker) {
        Target target = program(walker);
        target.expect(WalkEnd.END_OF_STACK, LEAF, A + 0xf, MAIN + 0xf);
        hits(target, 0);
        target.expect(WalkEnd.END_OF_STACK, LEAF, A + 0xf, MAIN + 0xf);
        hits(target, 3);
        assertThat(target.counter("user_frames")).isEqualTo(6);
        assertThat(target.counter("samples")).isEqualTo(2);
    }

    /** Among what earlier calls have left: a frame that ends elsewhere finds a return address, too. */
    private static Target leftovers(HostWalker walker) {
        Target target = new Target(walker).rule(B + 0x80, Rows.rsp(1)).rule(MAIN, LAST_FRAME);
        for (int i = 0; i < PAGE / 8; i++) {
            target.words(STACK + 8L * i, B + 0x90);
        }
        return target;
    }

    /** By rsp, by rbp, by a rule that needs rbx, and by rsp. */
    private static void ordinary(HostWalker walker) {
        leftovers(walker)
                .rule(LEAF, Rows.rsp(2))
                .rule(A, Rows.rsp(4, 2, 3))
                .rule(B, Rows.framePointer())
                .rule(C, Rows.register(CpuRegisters.RBX, 16))
                .words(STACK + 8, A + 0x10, 1, STACK + 0x200, STACK + 0x80, B + 0x10)
                .words(STACK + 0x88, C + 0x10)
                .words(STACK + 0x208, A + 0x30)
                .words(STACK + 0x228, MAIN + 0x10)
                .leaf(LEAF, STACK)
                .register(CpuRegisters.RBX, STACK + 0x300)
                .expectTwice(WalkEnd.END_OF_STACK, LEAF, A + 0xf, B + 0xf, C + 0xf, A + 0x2f, MAIN + 0xf);
    }

    private static void ordinaryGoesBack(HostWalker walker) {
        leftovers(walker)
                .rule(LEAF, Rows.rsp(2, 2, 0))
                .rule(A, Rows.framePointer())
                .words(STACK + 8, MAIN + 0x10)
                .words(STACK + 0x20, STACK, A + 0x10)
                .leaf(LEAF, STACK + 0x20)
                .expectTwice(WalkEnd.NOT_ADVANCING, LEAF, A + 0xf);
    }

    /** The window has the first page, and words of it at the places of the second's. */
    private static void ordinaryOnTwoPages(HostWalker walker) {
        Target target = leftovers(walker)
                .rule(LEAF, Rows.rsp(1))
                .rule(A, Rows.rsp(2))
                .words(STACK, MAIN + 0x10)
                .words(STACK + PAGE - 8, A + 0x10)
                .words(STACK + PAGE, 1, MAIN + 0x20);
        for (int i = 0; i < 2; i++) {
            target.leaf(LEAF, STACK)
                    .expect(WalkEnd.END_OF_STACK, LEAF, MAIN + 0xf)
                    .leaf(LEAF, STACK + PAGE - 8)
                    .expect(WalkEnd.END_OF_STACK, LEAF, A + 0xf, MAIN + 0x1f);
        }
    }

    private static void elsewhere(HostWalker walker) {
        Target target = program(walker).expect(WalkEnd.END_OF_STACK, LEAF, A + 0xf, MAIN + 0xf);
        target.words(STACK + 0x400, A + 0x10, 1, MAIN + 0x10).leaf(LEAF, STACK + 0x400);
        target.expect(WalkEnd.END_OF_STACK, LEAF, A + 0xf, MAIN + 0xf);
        hits(target, 3);
    }

    private static void replaced(HostWalker walker) {
        program(walker)
                .expect(WalkEnd.END_OF_STACK, LEAF, A + 0xf, MAIN + 0xf)
                .rule(A + 0x40, Rows.rsp(1))
                .words(STACK, A + 0x50, MAIN + 0x10)
                .expect(WalkEnd.END_OF_STACK, LEAF, A + 0x4f, MAIN + 0xf);
    }

    private static void collision(HostWalker walker) {
        Target target = program(walker).expect(WalkEnd.END_OF_STACK, LEAF, A + 0xf, MAIN + 0xf);
        long far = STACK + SAME_PLACE;
        target.rule(A + 0x40, Rows.rsp(1)).words(far, A + 0x50, MAIN + 0x10).leaf(LEAF, far);
        target.expect(WalkEnd.END_OF_STACK, LEAF, A + 0x4f, MAIN + 0xf);
        target.leaf(LEAF, STACK).expect(WalkEnd.END_OF_STACK, LEAF, A + 0xf, MAIN + 0xf);
    }

    private static void block(HostWalker walker) {
        Target target = program(walker).expect(WalkEnd.END_OF_STACK, LEAF, A + 0xf, MAIN + 0xf);
        target.leaf(LEAF + 31, STACK).expect(WalkEnd.END_OF_STACK, LEAF + 31, A + 0xf, MAIN + 0xf);
        hits(target, 3);
        target.leaf(LEAF + 32, STACK).expect(WalkEnd.END_OF_STACK, LEAF + 32, A + 0xf, MAIN + 0xf);
        hits(target, 5);
    }

    /** A push in the middle, at the end or at the start of 32 bytes. */
    private static void mixedBlock(HostWalker walker) {
        for (long push : new long[] {LEAF + 16, LEAF + 31, LEAF + 1}) {
            program(walker)
                    .rule(push, Rows.rsp(4))
                    .words(STACK + 0x18, MAIN + 0x20)
                    .expect(WalkEnd.END_OF_STACK, LEAF, A + 0xf, MAIN + 0xf)
                    .leaf(push, STACK)
                    .expect(WalkEnd.END_OF_STACK, push, MAIN + 0x1f)
                    .leaf(LEAF, STACK)
                    .expect(WalkEnd.END_OF_STACK, LEAF, A + 0xf, MAIN + 0xf);
        }
    }

    /** The same where the page has no row behind. */
    private static void lastBlock(HostWalker walker) {
        long last = MAIN + 0x100;
        program(walker)
                .rule(last, Rows.rsp(1))
                .rule(last + 16, Rows.rsp(3))
                .leaf(last, STACK)
                .expect(WalkEnd.END_OF_STACK, last, A + 0xf, MAIN + 0xf)
                .leaf(last + 16, STACK)
                .expect(WalkEnd.END_OF_STACK, last + 16, MAIN + 0xf);
    }

    /** A call at the start of 32 bytes, and then a leaf in the second half of them. */
    private static void callInBlock(HostWalker walker) {
        program(walker)
                .rule(A + 0x30, Rows.rsp(1))
                .words(STACK, A + 0x21, 1, MAIN + 0x10)
                .expect(WalkEnd.END_OF_STACK, LEAF, A + 0x20, MAIN + 0xf)
                .words(STACK, MAIN + 0x10)
                .leaf(A + 0x38, STACK)
                .expect(WalkEnd.END_OF_STACK, A + 0x38, MAIN + 0xf);
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
}
