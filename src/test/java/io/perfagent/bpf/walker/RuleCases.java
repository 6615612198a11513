package io.perfagent.bpf.walker;

import static io.perfagent.bpf.walker.Target.CODE;
import static io.perfagent.bpf.walker.Target.LAST_FRAME;
import static io.perfagent.bpf.walker.Target.STACK;

import io.perfagent.bpf.abi.Limits;
import io.perfagent.bpf.abi.RuleLayout;
import io.perfagent.bpf.abi.UnwindRow;
import io.perfagent.model.WalkEnd;
import io.perfagent.unwind.table.EncodedRule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Rules of the dictionary. */
final class RuleCases {
    private static final int AT_CFA = RuleLayout.SAVED_AT_CFA;
    private static final int AT_RBP = RuleLayout.SAVED_AT_RBP;
    private static final int UNCHANGED = RuleLayout.SAVED_UNCHANGED;
    private static final int UNDEFINED = RuleLayout.SAVED_UNDEFINED;

    private static final long LEAF = CODE + 0x100;
    private static final long A = CODE + 0x200;
    private static final long B = CODE + 0x300;
    private static final long MAIN = CODE + 0x500;
    private static final long FRAME = STACK + 0x800;

    private RuleCases() {}

    static List<WalkCase> cases() {
        List<WalkCase> cases = new ArrayList<>();
        for (int number = 0; number < CpuRegisters.RIP; number++) {
            int register = number;
            cases.add(new WalkCase("CFA from register " + number + " of the leaf", w -> inLeaf(w, register)));
            cases.add(new WalkCase("CFA = [register " + number + " of the leaf]", w -> pointedTo(w, register)));
            cases.add(new WalkCase("CFA = [rsp + 8 * register " + number + "]", w -> element(w, register)));
        }
        for (int register : new int[] {CpuRegisters.RAX, CpuRegisters.R10, CpuRegisters.R15}) {
            cases.add(new WalkCase("register " + register + " of a caller is not known", w -> inCaller(w, register)));
            cases.add(new WalkCase(
                    "register " + register + " of a leaf's caller, confirmed", w -> inLeafsCaller(w, register, 0xd0)));
            cases.add(new WalkCase(
                    "register " + register + " of a leaf's caller, not confirmed",
                    w -> inLeafsCaller(w, register, 0xe0)));
        }
        for (int at = 0; at < 16; at++) {
            int offset = at;
            cases.add(new WalkCase("leaf in a PLT entry at " + at, w -> leafInPlt(w, offset)));
            cases.add(new WalkCase("caller in a PLT entry at " + at, w -> callerInPlt(w, offset)));
        }
        cases.addAll(List.of(
                new WalkCase("no such rule", RuleCases::noSuchRule),
                new WalkCase("realigned stack", RuleCases::realigned),
                new WalkCase("CFA = [rbp - 8] + 16", RuleCases::withAddend),
                new WalkCase("CFA in memory that cannot be read", RuleCases::unreadable),
                new WalkCase("rbx saved relative to rbp", RuleCases::rbxAtFramePointer),
                new WalkCase("rbp unknown, and needed to find rbx", RuleCases::rbxAtUnknown),
                new WalkCase("rbp lost but not needed", w -> lost(w, Rows.rsp(1), WalkEnd.END_OF_STACK)),
                new WalkCase("rbp lost and needed", w -> lost(w, Rows.framePointer(), WalkEnd.UNKNOWN_REGISTER)),
                new WalkCase("rbx lost and needed", RuleCases::rbxLost),
                new WalkCase("saved far away", RuleCases::savedFarAway),
                new WalkCase("saved in memory that cannot be read", RuleCases::savedUnreadable),
                new WalkCase("return address not below the CFA", RuleCases::returnElsewhere),
                new WalkCase("on to another stack, which lies lower", RuleCases::otherStack),
                new WalkCase("two stacks in a circle", RuleCases::circle),
                new WalkCase("an element of a caller's stack", RuleCases::elementInCaller),
                new WalkCase("by rbx to a stack that lies lower", w -> moved(w, Rows.register(CpuRegisters.RBX, 8))),
                new WalkCase(
                        "by a word to a stack that lies lower",
                        w -> moved(w, Rows.dereference(CpuRegisters.RSP, 0, 8))),
                new WalkCase("to a stack that lies lower, behind no call", RuleCases::movedToNoCall),
                new WalkCase("twice to stacks that lie lower", RuleCases::movedTwice),
                new WalkCase("no other stack, and lower", RuleCases::lower),
                new WalkCase("a leaf may have its return address below rsp", RuleCases::belowLeaf),
                new WalkCase("a pointer with flags in its lowest bits", RuleCases::flagged),
                new WalkCase("code of one frame, in that", w -> shared(w, LEAF, MAIN + 0x20, LEAF + 0x20, MAIN + 0x1f)),
                new WalkCase(
                        "code of one frame, in a part that it has called",
                        w -> shared(w, LEAF, 0, LEAF + 0x20, LEAF + 0x1f)),
                new WalkCase("code of one frame, called by other code", w -> shared(w, LEAF, 0, A + 0x20)),
                new WalkCase("a caller in code of one frame", RuleCases::sharedCaller),
                new WalkCase("return address in a register", w -> popped(w, 0)),
                new WalkCase("return address in a register and on the stack", w -> popped(w, 8)),
                new WalkCase("return address in a register of a caller", w -> poppedByCaller(w, CpuRegisters.RAX)),
                new WalkCase("return address in rbx of a caller", w -> poppedByCaller(w, CpuRegisters.RBX))));
        return cases;
    }

    private static Target program(HostWalker walker) {
        return new Target(walker).rule(MAIN, LAST_FRAME);
    }

    private static void inLeaf(HostWalker walker, int register) {
        long base = register == CpuRegisters.RSP ? STACK : FRAME;
        program(walker)
                .rule(LEAF, Rows.register(register, 24))
                .words(base + 16, MAIN + 0x10)
                .leaf(LEAF, STACK)
                .register(register, base)
                .expect(WalkEnd.END_OF_STACK, LEAF, MAIN + 0xf);
    }

    private static void pointedTo(HostWalker walker, int register) {
        long base = register == CpuRegisters.RSP ? STACK : FRAME;
        program(walker)
                .rule(LEAF, Rows.dereference(register, 24, 8))
                .words(base + 24, STACK + 0x100)
                .words(STACK + 0x100, MAIN + 0x10)
                .leaf(LEAF, STACK)
                .register(register, base)
                .expect(WalkEnd.END_OF_STACK, LEAF, MAIN + 0xf);
    }

    /** As LuaJIT has of its frames. */
    private static void flagged(HostWalker walker) {
        program(walker)
                .rule(LEAF, Rows.dereference(CpuRegisters.RSP, 24, 8))
                .words(STACK + 24, STACK + 0x100 + 3)
                .words(STACK + 0x100, MAIN + 0x10)
                .leaf(LEAF, STACK)
                .expect(WalkEnd.END_OF_STACK, LEAF, MAIN + 0xf);
    }

    private static void element(HostWalker walker, int register) {
        long words = register == CpuRegisters.RSP ? STACK : 5;
        long at = STACK + 8 * words + 8; // far away in the address space where it is rsp
        program(walker)
                .rule(LEAF, Rows.element(CpuRegisters.RSP, register, 8, 8))
                .words(at, STACK + 0x100)
                .words(STACK + 0x100, MAIN + 0x10)
                .leaf(LEAF, STACK)
                .register(register, words)
                .expect(WalkEnd.END_OF_STACK, LEAF, MAIN + 0xf);
    }

    private static void elementInCaller(HostWalker walker) {
        int r9 = 9;
        Target target = program(walker)
                .rule(LEAF, Rows.rsp(1))
                .rule(A, Rows.element(CpuRegisters.RSP, r9, 8, 8))
                .bytes(MAIN + 0x10 - 2, 0xff, 0xd0)
                .words(STACK, A + 0x10)
                .words(STACK + 8 + 8 * 3 + 8, STACK + 0x100)
                .words(STACK + 0x100, MAIN + 0x10)
                .leaf(LEAF, STACK)
                .register(r9, 3)
                .expect(WalkEnd.END_OF_STACK, LEAF, A + 0xf, MAIN + 0xf);
        target.bytes(MAIN + 0x10 - 2, 0xff, 0xe0).expect(WalkEnd.NOT_CALLED, LEAF, A + 0xf);
    }

    /** OCaml 5 has its own stack where it calls C, and C's lies higher. */
    private static Target onTwoStacks(HostWalker walker, EncodedRule rule) {
        return program(walker)
                .rule(LEAF, Rows.rsp(1))
                .rule(A, rule)
                .rule(B, Rows.register(CpuRegisters.RBX, 8))
                .bytes(MAIN + 0x10 - 2, 0xff, 0xd0)
                .words(FRAME, A + 0x10, STACK)
                .words(STACK, MAIN + 0x10)
                .leaf(LEAF, FRAME)
                .register(CpuRegisters.RBX, STACK);
    }

    /** In each sample again. */
    private static void moved(HostWalker walker, EncodedRule rule) {
        onTwoStacks(walker, rule)
                .expectGuessed(false, WalkEnd.END_OF_STACK, LEAF, A + 0xf, MAIN + 0xf)
                .expectGuessed(false, WalkEnd.END_OF_STACK, LEAF, A + 0xf, MAIN + 0xf);
    }

    private static void movedToNoCall(HostWalker walker) {
        onTwoStacks(walker, Rows.register(CpuRegisters.RBX, 8))
                .bytes(MAIN + 0x10 - 2, 0xff, 0xe0)
                .expect(WalkEnd.NOT_CALLED, LEAF, A + 0xf);
    }

    private static void movedTwice(HostWalker walker) {
        onTwoStacks(walker, Rows.register(CpuRegisters.RBX, 8))
                .bytes(B + 0x10 - 2, 0xff, 0xd0)
                .words(STACK, B + 0x10)
                .expect(WalkEnd.NOT_ADVANCING, LEAF, A + 0xf, B + 0xf);
    }

    private static void inCaller(HostWalker walker, int register) {
        program(walker)
                .rule(LEAF, Rows.rsp(1))
                .rule(B, Rows.rsp(1))
                .rule(A, Rows.register(register, 8))
                .bytes(MAIN + 0x10 - 2, 0xff, 0xd0)
                .words(STACK, B + 0x10, A + 0x10, MAIN + 0x10)
                .leaf(LEAF, STACK)
                .register(register, STACK + 16)
                .expect(WalkEnd.UNKNOWN_REGISTER, LEAF, B + 0xf, A + 0xf);
    }

    /** As what AES-GCM of OpenSSL 3.0 calls, which leaves rax alone, by which its caller finds its CFA. */
    private static void inLeafsCaller(HostWalker walker, int register, int modRm) {
        Target target = program(walker)
                .rule(LEAF, Rows.rsp(1))
                .rule(A, Rows.register(register, 8))
                .bytes(MAIN + 0x10 - 2, 0xff, modRm)
                .words(STACK, A + 0x10, 1, MAIN + 0x10)
                .leaf(LEAF, STACK)
                .register(register, STACK + 16);
        if (modRm == 0xd0) {
            target.expectGuessed(false, WalkEnd.END_OF_STACK, LEAF, A + 0xf, MAIN + 0xf);
        } else {
            target.expectGuessed(false, WalkEnd.NOT_CALLED, LEAF, A + 0xf);
        }
    }

    /** An entry pushes its number with the instruction before {@code 11}, then jumps. */
    private static void leafInPlt(HostWalker walker, int offset) {
        long pushed = offset >= 11 ? 8 : 0;
        program(walker)
                .rule(A, Rows.plt(11))
                .words(STACK + pushed, MAIN + 0x10)
                .words(STACK + 8 - pushed, LEAF + 1)
                .leaf(A + 0x20 + offset, STACK)
                .expect(WalkEnd.END_OF_STACK, A + 0x20 + offset, MAIN + 0xf);
    }

    /** The expression is about the return address, not about the byte before it. */
    private static void callerInPlt(HostWalker walker, int offset) {
        long pushed = offset >= 11 ? 8 : 0;
        program(walker)
                .rule(LEAF, Rows.rsp(1))
                .rule(A, Rows.plt(11))
                .words(STACK, A + 0x20 + offset)
                .words(STACK + 8 + pushed, MAIN + 0x10)
                .words(STACK + 16 - pushed, LEAF + 1)
                .leaf(LEAF, STACK)
                .expect(WalkEnd.END_OF_STACK, LEAF, A + 0x1f + offset, MAIN + 0xf);
    }

    private static void noSuchRule(HostWalker walker) {
        program(walker)
                .rule(LEAF, UnwindRow.rule(UnwindRow.ROW_RULE, Limits.FRAMED_RULE - 1))
                .words(STACK, MAIN + 0x10)
                .leaf(LEAF, STACK)
                .expect(WalkEnd.UNSUPPORTED_RULE, LEAF);
    }

    /** As gcc does it: the CFA, which was in r10, lies at rbp - 8, rbx at rbp - 16, the caller's rbp at rbp. */
    private static void realigned(HostWalker walker) {
        EncodedRule rule = new EncodedRule(RuleLayout.CFA_DEREF, CpuRegisters.RBP, AT_RBP, AT_RBP, -8, 0, 0, -16, -8);
        program(walker)
                .rule(LEAF, Rows.rsp(1))
                .rule(A, rule)
                .rule(B, Rows.rbp(2, 0, 0))
                .rule(B + 0x80, Rows.register(CpuRegisters.RBX, 8))
                .words(STACK, A + 0x10)
                .words(STACK + 0x30, STACK + 0x300, STACK + 0x80, STACK + 0x200)
                .words(STACK + 0x78, B + 0x10)
                .words(STACK + 0x208, B + 0x90)
                .words(STACK + 0x300, MAIN + 0x10)
                .leaf(LEAF, STACK)
                .register(CpuRegisters.RBP, STACK + 0x40)
                .expect(WalkEnd.END_OF_STACK, LEAF, A + 0xf, B + 0xf, B + 0x8f, MAIN + 0xf);
    }

    private static void withAddend(HostWalker walker) {
        program(walker)
                .rule(LEAF, Rows.dereference(CpuRegisters.RBP, -8, 16))
                .words(FRAME - 8, STACK + 0x100)
                .words(STACK + 0x108, MAIN + 0x10)
                .leaf(LEAF, STACK)
                .register(CpuRegisters.RBP, FRAME)
                .expect(WalkEnd.END_OF_STACK, LEAF, MAIN + 0xf);
    }

    private static void unreadable(HostWalker walker) {
        program(walker)
                .rule(LEAF, Rows.dereference(CpuRegisters.RBP, 0, 0))
                .leaf(LEAF, STACK)
                .register(CpuRegisters.RBP, STACK + 0x10_0000)
                .expect(WalkEnd.STACK_UNREADABLE, LEAF);
    }

    private static void rbxAtFramePointer(HostWalker walker) {
        program(walker)
                .rule(LEAF, Rows.saving(16, UNCHANGED, 0, AT_RBP, -24))
                .rule(A, Rows.register(CpuRegisters.RBX, 8))
                .words(STACK, 1, A + 0x10)
                .words(FRAME - 24, STACK + 0x100)
                .words(STACK + 0x100, MAIN + 0x10)
                .leaf(LEAF, STACK)
                .register(CpuRegisters.RBP, FRAME)
                .expect(WalkEnd.END_OF_STACK, LEAF, A + 0xf, MAIN + 0xf);
    }

    private static void rbxAtUnknown(HostWalker walker) {
        program(walker)
                .rule(LEAF, Rows.saving(8, UNDEFINED, 0, UNCHANGED, 0))
                .rule(A, Rows.saving(8, UNCHANGED, 0, AT_RBP, 0))
                .words(STACK, A + 0x10, MAIN + 0x10)
                .leaf(LEAF, STACK)
                .register(CpuRegisters.RBP, FRAME)
                .expect(WalkEnd.UNKNOWN_REGISTER, LEAF, A + 0xf);
    }

    private static void lost(HostWalker walker, int callersRow, WalkEnd end) {
        Target target = program(walker)
                .rule(LEAF, Rows.saving(8, UNDEFINED, 0, UNCHANGED, 0))
                .rule(A, callersRow)
                .words(STACK, A + 0x10, MAIN + 0x10, MAIN + 0x10)
                .leaf(LEAF, STACK)
                .register(CpuRegisters.RBP, STACK + 8);
        if (end == WalkEnd.END_OF_STACK) {
            target.expect(end, LEAF, A + 0xf, MAIN + 0xf);
        } else {
            target.expect(end, LEAF, A + 0xf);
        }
    }

    private static void rbxLost(HostWalker walker) {
        program(walker)
                .rule(LEAF, Rows.saving(8, UNCHANGED, 0, UNDEFINED, 0))
                .rule(A, Rows.register(CpuRegisters.RBX, 8))
                .words(STACK, A + 0x10, MAIN + 0x10)
                .leaf(LEAF, STACK)
                .register(CpuRegisters.RBX, STACK + 8)
                .expect(WalkEnd.UNKNOWN_REGISTER, LEAF, A + 0xf);
    }

    private static void savedFarAway(HostWalker walker) {
        program(walker)
                .rule(LEAF, Rows.saving(0x2000, AT_CFA, -0x1ff0, AT_CFA, -0x1fe8))
                .rule(A, Rows.framePointer())
                .rule(B, Rows.register(CpuRegisters.RBX, 8))
                .words(STACK + 0x10, STACK + 0x3000, STACK + 0x4000)
                .words(STACK + 0x1ff8, A + 0x10)
                .words(STACK + 0x3000, 0, B + 0x10)
                .words(STACK + 0x4000, MAIN + 0x10)
                .leaf(LEAF, STACK)
                .expect(WalkEnd.END_OF_STACK, LEAF, A + 0xf, B + 0xf, MAIN + 0xf);
    }

    private static void savedUnreadable(HostWalker walker) {
        program(walker)
                .rule(LEAF, Rows.saving(8, AT_CFA, 0x10_0000, UNCHANGED, 0))
                .rule(A, Rows.framePointer())
                .words(STACK, A + 0x10, MAIN + 0x10)
                .leaf(LEAF, STACK)
                .expect(WalkEnd.STACK_UNREADABLE, LEAF, A + 0xf);
    }

    private static void returnElsewhere(HostWalker walker) {
        program(walker)
                .rule(LEAF, new EncodedRule(RuleLayout.CFA_REGISTER, CpuRegisters.RSP, 0, 0, 64, 0, 0, 0, -40))
                .rule(A, Rows.rsp(1))
                .words(STACK + 24, A + 0x10)
                .words(STACK + 64, MAIN + 0x10)
                .leaf(LEAF, STACK)
                .expect(WalkEnd.END_OF_STACK, LEAF, A + 0xf, MAIN + 0xf);
    }

    /** The leaf's stack lies above its caller's. */
    private static void otherStack(HostWalker walker) {
        program(walker)
                .rule(LEAF, Rows.rsp(1))
                .rule(A, Rows.otherStack(CpuRegisters.RBP, 16))
                .rule(B, Rows.framePointer())
                .words(FRAME, A + 0x10)
                .words(STACK, STACK + 0x40, B + 0x10)
                .words(STACK + 0x40, 0, MAIN + 0x10)
                .leaf(LEAF, FRAME)
                .register(CpuRegisters.RBP, STACK)
                .expect(WalkEnd.END_OF_STACK, LEAF, A + 0xf, B + 0xf, MAIN + 0xf);
    }

    private static void belowLeaf(HostWalker walker) {
        program(walker)
                .rule(LEAF, Rows.rsp(0))
                .words(STACK, MAIN + 0x10)
                .leaf(LEAF, STACK + 8)
                .expect(WalkEnd.END_OF_STACK, LEAF, MAIN + 0xf);
    }

    /** As LuaJIT's interpreter: CFA = rsp + 80, but not where it has called itself. The frame's word, then the one at rsp. */
    private static void shared(HostWalker walker, long leaf, long frames, long atRsp, long... callers) {
        Target target = program(walker)
                .rule(leaf, Rows.shared(80))
                .rule(A, Rows.rsp(1))
                .bytes(MAIN + 0x20 - 5, 0xe8)
                .bytes(LEAF + 0x20 - 5, 0xe8)
                .bytes(A + 0x20 - 5, 0xe8)
                .words(STACK + 72, frames, frames == 0 ? MAIN + 0x20 : 0)
                .words(STACK, atRsp)
                .leaf(leaf + 0x40, STACK)
                .register(CpuRegisters.RBP, 5);
        long[] frame = {leaf + 0x40};
        long[] whole = Arrays.copyOf(frame, 1 + callers.length);
        System.arraycopy(callers, 0, whole, 1, callers.length);
        if (callers.length == 0) {
            target.expect(WalkEnd.ZERO_RETURN, frame);
        } else if (callers[0] == LEAF + 0x1f) {
            target.expect(WalkEnd.END_OF_STACK, leaf + 0x40, LEAF + 0x1f, MAIN + 0x1f);
        } else {
            target.expect(WalkEnd.END_OF_STACK, whole);
        }
    }

    /** Only of the leaf it is not known where it stands. */
    private static void sharedCaller(HostWalker walker) {
        program(walker)
                .rule(A, Rows.rsp(1))
                .rule(LEAF, Rows.shared(16))
                .bytes(LEAF + 0x20 - 5, 0xe8)
                .words(STACK, LEAF + 0x20, LEAF + 0x20, MAIN + 0x10)
                .leaf(A, STACK)
                .expect(WalkEnd.END_OF_STACK, A, LEAF + 0x1f, MAIN + 0xf);
    }

    private static void popped(HostWalker walker, int offset) {
        program(walker)
                .rule(LEAF, Rows.popped(CpuRegisters.R10, offset))
                .rule(A, Rows.rsp(1))
                .rule(B, Rows.framePointer())
                .words(STACK + offset, B + 0x10)
                .words(FRAME, 0, MAIN + 0x10)
                .leaf(LEAF, STACK)
                .register(CpuRegisters.R10, A + 0x10)
                .register(CpuRegisters.RBP, FRAME)
                .expect(WalkEnd.END_OF_STACK, LEAF, A + 0xf, B + 0xf, MAIN + 0xf);
    }

    /** Not even in one whose value is known: it would stay the same for ever. */
    private static void poppedByCaller(HostWalker walker, int register) {
        program(walker)
                .rule(LEAF, Rows.rsp(1))
                .rule(A, Rows.popped(register, 0))
                .words(STACK, A + 0x10)
                .leaf(LEAF, STACK)
                .register(register, A + 0x10)
                .expect(WalkEnd.UNKNOWN_REGISTER, LEAF, A + 0xf);
    }

    /** Damage that goes round and round ends, too. */
    private static void circle(HostWalker walker) {
        long[] frames = new long[Limits.MAX_USER_FRAMES];
        Arrays.fill(frames, A + 0xf);
        frames[0] = LEAF;
        program(walker)
                .rule(LEAF, Rows.rsp(1))
                .rule(A, Rows.otherStack(CpuRegisters.RBP, 16))
                .words(FRAME, A + 0x10)
                .words(STACK, STACK, A + 0x10)
                .leaf(LEAF, FRAME)
                .register(CpuRegisters.RBP, STACK)
                .expect(WalkEnd.TOO_DEEP, frames);
    }

    private static void lower(HostWalker walker) {
        program(walker)
                .rule(LEAF, Rows.register(CpuRegisters.RBP, 16))
                .words(STACK + 8, MAIN + 0x10)
                .leaf(LEAF, FRAME)
                .register(CpuRegisters.RBP, STACK)
                .expect(WalkEnd.NOT_ADVANCING, LEAF);
    }
}
