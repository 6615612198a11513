package io.perfagent.bpf.walker;

import static io.perfagent.bpf.walker.Target.ANONYMOUS;
import static io.perfagent.bpf.walker.Target.CODE;
import static io.perfagent.bpf.walker.Target.LAST_FRAME;
import static io.perfagent.bpf.walker.Target.STACK;

import io.perfagent.model.UnwindMode;
import io.perfagent.model.WalkEnd;
import java.util.ArrayList;
import java.util.List;

/**
 * CPython's perf trampolines (Python/asm_trampoline.S) and libffi's closures, at every instruction. What runs them needs the caller's rbp, so a
 * trampoline that saved it must say where.
 */
final class TrampolineCases {
    private static final long LEAF = CODE + 0x100;
    private static final long CALLER = CODE + 0x200;
    private static final long MAIN = CODE + 0x500;
    private static final long FRAME = STACK + 0x800;

    /** An instruction with what was pushed when it is about to run: {@code words} above the return address, rbp among them. */
    private record Instruction(String name, int words, boolean rbpSaved, String hex) {
        int length() {
            return hex.length() / 2;
        }
    }

    private static final Instruction ENDBR = new Instruction("endbr64", 0, false, "f30f1efa");
    private static final List<Instruction> SUB = List.of(
            new Instruction("sub", 0, false, "4883ec08"),
            new Instruction("call", 1, false, "ffd1"),
            new Instruction("add", 1, false, "4883c408"),
            new Instruction("ret", 0, false, "c3"));
    private static final List<Instruction> PUSH = List.of(
            new Instruction("push", 0, false, "55"),
            new Instruction("mov", 1, true, "4889e5"),
            new Instruction("call", 1, true, "ffd1"),
            new Instruction("pop", 1, true, "5d"),
            new Instruction("ret", 0, false, "c3"));

    /** As objdump shows it of libffi 3.5. */
    private static final List<Instruction> CLOSURE = List.of(
            ENDBR,
            new Instruction("sub", 0, false, "4883ec10"),
            new Instruction("save r10", 2, false, "4c891424"),
            new Instruction("load data", 2, false, "4c8b15ed0f0000"),
            new Instruction("store data", 2, false, "4c89542408"),
            new Instruction("load code", 2, false, "4c8b15e90f0000"),
            new Instruction("jmp", 2, false, "41ffe2"));

    private TrampolineCases() {}

    static List<WalkCase> cases() {
        List<WalkCase> cases = new ArrayList<>();
        for (long start : new long[] {ANONYMOUS, ANONYMOUS + 0x40, ANONYMOUS + 0xff0}) {
            add(cases, "sub form at " + (start & 0xfff), start, SUB);
            add(cases, "sub form with endbr64 at " + (start & 0xfff), start, withEndbr(SUB));
            add(cases, "push form at " + (start & 0xfff), start, PUSH);
            add(cases, "push form with endbr64 at " + (start & 0xfff), start, withEndbr(PUSH));
        }
        for (long start : new long[] {ANONYMOUS, ANONYMOUS + 40}) { // never across a page: a page has its own table
            add(cases, "closure of libffi at " + (start & 0xfff), start, CLOSURE);
        }
        cases.add(new WalkCase("trampoline in a file without table", TrampolineCases::inFile));
        cases.add(new WalkCase("a call through rcx that is no trampoline", TrampolineCases::otherCall));
        cases.add(new WalkCase("a ret that is no trampoline's", TrampolineCases::otherReturn));
        cases.add(new WalkCase("the same address as leaf and as caller", TrampolineCases::leafAndCaller));
        return cases;
    }

    private static List<Instruction> withEndbr(List<Instruction> form) {
        List<Instruction> longer = new ArrayList<>(List.of(ENDBR));
        longer.addAll(form);
        return longer;
    }

    private static void add(List<WalkCase> cases, String form, long start, List<Instruction> code) {
        long at = start;
        for (Instruction instruction : code) {
            long pc = at;
            cases.add(new WalkCase(form + ", leaf at " + instruction.name, w -> leaf(w, start, code, pc, instruction)));
            at += instruction.length();
            if (instruction.name.equals("call")) {
                long behind = at;
                cases.add(new WalkCase(form + ", return address", w -> caller(w, start, code, behind, instruction)));
            }
        }
    }

    /** Guesses would hide what is not recognised. */
    private static Target program(HostWalker walker, long start, List<Instruction> code) {
        Target target = new Target(walker)
                .mode(UnwindMode.DWARF)
                .rule(LEAF, Rows.rsp(1))
                .rule(CALLER, Rows.framePointer())
                .rule(MAIN, LAST_FRAME)
                .words(FRAME, 0, MAIN + 0x10);
        long at = start;
        for (Instruction instruction : code) {
            target.code(at, instruction.hex);
            at += instruction.length();
        }
        return target;
    }

    private static void leaf(HostWalker walker, long start, List<Instruction> code, long pc, Instruction at) {
        Target target = program(walker, start, code).leaf(pc, STACK);
        frame(target, STACK, at);
        target.expect(WalkEnd.END_OF_STACK, pc, CALLER + 0xf, MAIN + 0xf);
    }

    private static void caller(HostWalker walker, long start, List<Instruction> code, long behind, Instruction at) {
        Target target = program(walker, start, code).words(STACK, behind).leaf(LEAF, STACK);
        frame(target, STACK + 8, at);
        target.expect(WalkEnd.END_OF_STACK, LEAF, behind - 1, CALLER + 0xf, MAIN + 0xf);
    }

    private static void frame(Target target, long sp, Instruction at) {
        target.register(CpuRegisters.RBP, at.rbpSaved ? sp : FRAME);
        if (at.words == 1) {
            target.words(sp, at.rbpSaved ? FRAME : LEAF + 1);
        }
        target.words(sp + 8L * at.words, CALLER + 0x10);
    }

    private static void inFile(HostWalker walker) {
        Target target = program(walker, ANONYMOUS, PUSH)
                .mappingWithoutTable(ANONYMOUS, ANONYMOUS + 0x1000)
                .leaf(ANONYMOUS + 6, STACK);
        frame(target, STACK, PUSH.get(3));
        target.expect(WalkEnd.END_OF_STACK, ANONYMOUS + 6, CALLER + 0xf, MAIN + 0xf);
    }

    private static void otherCall(HostWalker walker) {
        program(walker, ANONYMOUS, List.of(SUB.get(1)))
                .words(STACK, ANONYMOUS + 2)
                .leaf(LEAF, STACK)
                .expect(WalkEnd.NOT_CALLED, LEAF)
                .leaf(ANONYMOUS, STACK)
                .expect(WalkEnd.NO_MAPPING, ANONYMOUS);
    }

    private static void otherReturn(HostWalker walker) {
        program(walker, ANONYMOUS, List.of(SUB.get(2)))
                .bytes(ANONYMOUS + 0x10, 0x5d, 0xc3)
                .words(STACK, CALLER + 0x10)
                .leaf(ANONYMOUS + 0x11, STACK)
                .expect(WalkEnd.NO_MAPPING, ANONYMOUS + 0x11);
    }

    /** A trampoline's ret with sigreturn directly behind it: two rules for one address, by how it was reached. */
    private static void leafAndCaller(HostWalker walker) {
        long ret = ANONYMOUS + 10;
        program(walker, ANONYMOUS, SUB)
                .bytes(ret + 1, 0x48, 0xc7, 0xc0, 0x0f, 0, 0, 0, 0x0f, 0x05)
                .words(STACK, LEAF + 0x10, ret + 1)
                .ucontext(STACK + 16, MAIN + 3, STACK + 0x400)
                .leaf(ret, STACK)
                .expect(WalkEnd.END_OF_STACK, ret, LEAF + 0xf, ret + 1, MAIN + 3);
    }
}
