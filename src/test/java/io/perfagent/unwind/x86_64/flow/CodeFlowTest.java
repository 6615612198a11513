package io.perfagent.unwind.x86_64.flow;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.bpf.abi.UnwindRow;
import io.perfagent.model.CodeMemory;
import io.perfagent.unwind.x86_64.CfaRule;
import io.perfagent.unwind.x86_64.Registers;
import io.perfagent.unwind.x86_64.SavedRegister;
import io.perfagent.unwind.x86_64.UnwindRule;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The rule at an address of code that nothing describes. */
class CodeFlowTest {
    private static final SavedRegister UNCHANGED = new SavedRegister.Unchanged();

    /** {@code push %rbx; sub $32,%rsp; nop; add $32,%rsp; pop %rbx; ret}. */
    @Test
    void pushesAndSubtractions() {
        byte[] code = bytes("53 4883ec20 90 4883c420 5b c3 cc");
        assertThat(rule(code, 0)).isEqualTo(rsp(8, UNCHANGED, UNCHANGED));
        assertThat(rule(code, 1)).isEqualTo(rsp(16, UNCHANGED, at(-16)));
        assertThat(rule(code, 5)).isEqualTo(rsp(48, UNCHANGED, at(-16)));
        assertThat(rule(code, 10)).isEqualTo(rsp(16, UNCHANGED, at(-16)));
        assertThat(rule(code, 11)).isEqualTo(rsp(8, UNCHANGED, UNCHANGED));
        assertThat(rule(code, 12)).isNull();
    }

    /** As kernels of OpenBLAS: {@code push %rbx; mov %rsp,%rbx; sub $64,%rsp; and $-4096,%rsp; nop; mov %rbx,%rsp; pop %rbx; ret}. */
    @Test
    void theOldStackPointerInARegister() {
        byte[] code = bytes("53 4889e3 4883ec40 4881e400f0ffff 90 4889dc 5b c3");
        assertThat(rule(code, 0)).isEqualTo(rsp(8, UNCHANGED, UNCHANGED));
        assertThat(rule(code, 8)).isEqualTo(frame(Registers.RBX, 16, UNCHANGED, at(-16)));
        assertThat(rule(code, 15)).isEqualTo(frame(Registers.RBX, 16, UNCHANGED, at(-16)));
        assertThat(rule(code, 19)).isEqualTo(rsp(16, UNCHANGED, at(-16)));
    }

    /** {@code mov %rsp,%rax; sub $64,%rsp; and $-64,%rsp; mov %rax,8(%rsp); nop; mov 8(%rsp),%rsp; ret}. */
    @Test
    void theOldStackPointerInASlot() {
        byte[] code = bytes("4889e0 4883ec40 4883e4c0 4889442408 90 488b642408 c3");
        assertThat(rule(code, 0)).isEqualTo(rsp(8, UNCHANGED, UNCHANGED));
        assertThat(rule(code, 7)).isEqualTo(frame(Registers.RAX, 8, UNCHANGED, UNCHANGED));
        assertThat(rule(code, 16))
                .isEqualTo(new UnwindRule.Frame(
                        new CfaRule.Dereference(Registers.RSP, 8, 8), UNCHANGED, UNCHANGED, -8, true));
    }

    /** {@code push %rbp; mov %rsp,%rbp; push %rbx; mov -8(%rbp),%rbx; leave; ret}. */
    @Test
    void framePointers() {
        byte[] code = bytes("55 4889e5 53 488b5df8 c9 c3");
        assertThat(rule(code, 1)).isEqualTo(rsp(16, at(-16), new SavedRegister.Unknown()));
        assertThat(rule(code, 5)).isEqualTo(frame(Registers.RBP, 16, at(-16), at(-24)));
        assertThat(rule(code, 9)).isEqualTo(frame(Registers.RBP, 16, at(-16), UNCHANGED));
    }

    /** {@code push %rax; jne 1f; pop %rax; ret; 1: ret}: one of both ways is none. */
    @Test
    void waysThatContradictEachOtherSayNothing() {
        byte[] code = bytes("50 7502 58 c3 c3");
        assertThat(rule(code, 0)).isNull();
        assertThat(rule(code, 1)).isNull();
        assertThat(rule(code, 5)).isEqualTo(rsp(8, UNCHANGED, UNCHANGED));
    }

    /** {@code 1: push %rbx; jne 1b; ret}, {@code 1: jmp 1b}, and a call that nothing follows. */
    @Test
    void endlessLoopsAndCallsThatDoNotReturnSayNothing() {
        assertThat(rule(bytes("53 75fd c3"), 0)).isNull();
        assertThat(rule(bytes("ebfe"), 0)).isNull();
        assertThat(rule(bytes("50 e800100000 0f0b c3"), 0)).isNull();
        assertThat(rule(bytes("50 e800100000 90 90 c3"), 0)).isNull();
    }

    /** {@code push %rax; pop %rax; jmp *(%r15)}, and other jumps. */
    @Test
    void jumpsThroughAPointerLeaveInTheFrameThatIsKnown() {
        Departure known = Departure.through(15, row(UnwindRow.ROW_RSP, 20, 4, 5));
        assertThat(leaving("50 58 41ff27", 0, known)).isEqualTo(rsp(160, at(-32), at(-40)));
        assertThat(leaving("50 58 41ff27", 1, known)).isEqualTo(rsp(168, at(-32), at(-40)));
        assertThat(leaving("50 58 41ff27", 0, Departure.UNKNOWN)).isNull();
        assertThat(leaving("41ff27", 0, Departure.through(15, row(UnwindRow.ROW_RBP, 2, 2, 0))))
                .isNull();
        for (String other : List.of("41ff6708", "ff27", "41ffe7", "41ff240f", "41ff2f")) {
            assertThat(leaving(other, 0, known)).as(other).isNull();
        }
    }

    /** As GHC compiles Haskell: {@code sub $8,%rsp; call *%rax; add $8,%rsp; mov %rbx,8(%rax); jmp *(%rbp)}, and what leaves otherwise. */
    @Test
    void allJumpsOutOfTheCodeAreInOneFrame() {
        UnwindRule.Frame entered = rsp(16440, at(-48), at(-56));
        Departure byAny = Departure.byAny(entered);
        String code = "4883ec08 ffd0 4883c408 48895808 ff6500";
        assertThat(leaving(code, 0, byAny)).isEqualTo(entered);
        assertThat(leaving(code, 6, byAny)).isEqualTo(rsp(16448, at(-48), at(-56)));
        assertThat(leaving(code, 10, byAny)).isEqualTo(entered);
        assertThat(leaving(code, 6, Departure.UNKNOWN)).isNull();
        for (String jump : List.of("ffe0", "ff2500000000", "e900001000", "41ff24c4", "7402 ffe0 ffe1")) {
            assertThat(leaving("90" + jump, 0, byAny)).as(jump).isEqualTo(entered);
        }
        assertThat(leaving("90 c3", 0, byAny)).as("ret").isNull();
        assertThat(leaving("7401 c3 ff6500", 0, byAny)).as("ret beside a jump").isEqualTo(entered);
        assertThat(leaving("58 ff6500", 1, byAny)).isEqualTo(entered);
        assertThat(leaving("50 ff6500", 0, byAny)).as("push").isNull();
        assertThat(leaving("4881c408010000 ff6500", 0, byAny)).as("large").isNull();
        assertThat(leaving("4889ec ff6500", 0, byAny)).as("of rbp").isNull();
    }

    /** StgRun: {@code sub $48,%rsp; mov %rsp,%rax; sub $16384,%rsp; jmp *%rax}. */
    @Test
    void aFunctionMayJumpFromAFrameOfAKnownSize() {
        Bytes function = Bytes.of(bytes("4883ec30 4889e0 4881ec00400000 ffe0"));
        assertThat(CodeFlow.leads(function, function.address(), 0x401000, 0x1000, 16440))
                .isZero();
        assertThat(CodeFlow.leads(function, function.address(), 0x401000, 0x1000, 16448))
                .isEqualTo(CodeFlow.NOWHERE);
        assertThat(CodeFlow.leads(function, function.address(), 0x401000, 0x1000, 8))
                .isEqualTo(CodeFlow.NOWHERE);
    }

    /** A loop that is left to {@code pop %rbx; ret}, far away. */
    @Test
    void farJumpsAreFollowed() {
        Bytes loop = new Bytes(bytes("0f8500000008 ebf8"), 0x7f00_0000_1ff8L);
        Bytes exit = new Bytes(bytes("5bc3"), 0x7f00_0800_1ffeL);
        CodeMemory both = (from, to, at, length) -> loop.read(from, to, at, length) || exit.read(from, to, at, length);
        assertThat(CodeFlow.at(both, loop.address(), Departure.UNKNOWN)).isEqualTo(rsp(16, UNCHANGED, at(-16)));
        assertThat(CodeFlow.at(loop, loop.address(), Departure.UNKNOWN)).isNull();
    }

    /** What calls the function returns for the one that it jumps to: {@code test %edi,%edi; jne}, and a jump behind it. */
    @Test
    void functionsThatOnlyJumpLeadElsewhere() {
        assertThat(leads("85ff 7502 ffe0 c3")).as("jmp *%rax").isTrue();
        assertThat(leads("85ff 7502 ff6308 c3")).as("jmp *8(%rbx)").isTrue();
        assertThat(leads("85ff 7503 50 ffe0 c3")).as("push %rax; jmp *%rax").isFalse();
        assertThat(leads("85ff 7504 50 58 ffe0 c3"))
                .as("push %rax; pop %rax; jmp *%rax")
                .isTrue();
        assertThat(leads("85ff 7504 ffd0 ffe0 c3")).as("call *%rax; jmp *%rax").isFalse();
        assertThat(leads("85ff 7507 e800000100 ffe0 c3")).as("call; jmp *%rax").isTrue();
        assertThat(leads("85ff 7508 50 e800000100 ffe0 c3"))
                .as("push %rax; call; jmp *%rax")
                .isFalse();
        assertThat(leads("85ff 7509 50 e800000100 59 ffe0 c3"))
                .as("push %rax; call; pop %rcx; jmp *%rax")
                .isTrue();
        assertThat(leads("85ff 7502 90 90 c3")).as("none").isFalse();
    }

    /** Through a word, as from a procedure linkage table: {@code jmp *(%rip)}, and the function that it leads to. */
    @Test
    void jumpsLeadToTheFunctionThatTheyName() {
        long far = 0x5500_0000_0ff9L;
        Bytes stub = Bytes.of(bytes("ff2500000000 f90f000000550000"));
        Bytes function = new Bytes(bytes("85ff 7502 90 90 c3"), far);
        CodeMemory both =
                (from, to, at, length) -> stub.read(from, to, at, length) || function.read(from, to, at, length);
        assertThat(CodeFlow.leads(both, stub.address(), far - 0x100, 0x1000, 8)).isEqualTo(0x100);
        assertThat(CodeFlow.leads(both, stub.address(), far, 0x1000, 8)).isZero();
        assertThat(CodeFlow.leads(both, stub.address(), far + 0x1_0000, 0x1000, 8))
                .isZero();
        assertThat(CodeFlow.leads(both, stub.address(), far + 0x1_0007, 0x1000, 8))
                .isEqualTo(CodeFlow.NOWHERE);
        assertThat(CodeFlow.leads(both, stub.address(), far - 0x1000, 0x1000, 8))
                .isEqualTo(CodeFlow.NOWHERE);
        assertThat(CodeFlow.leads(stub, stub.address(), far, 0x1000, 8))
                .as("nothing there")
                .isEqualTo(CodeFlow.NOWHERE);
    }

    private static boolean leads(String code) {
        Bytes memory = Bytes.of(bytes(code));
        return CodeFlow.leads(memory, memory.address(), 0x401000, 0x1000, 8) == 0;
    }

    @Test
    void addressesOutsideOfTheCodeHaveNone() {
        byte[] code = bytes("c3");
        assertThat(rule(code, -1)).isNull();
        assertThat(rule(code, 1)).isNull();
        assertThat(CodeFlow.at(Bytes.of(code), Long.MIN_VALUE, Departure.UNKNOWN))
                .isNull();
    }

    private static UnwindRule.@Nullable Frame rule(byte[] code, int position) {
        Bytes memory = Bytes.of(code);
        return CodeFlow.at(memory, memory.address() + position, Departure.UNKNOWN);
    }

    private static UnwindRule.@Nullable Frame leaving(String code, int position, Departure departure) {
        Bytes memory = Bytes.of(bytes(code));
        return CodeFlow.at(memory, memory.address() + position, departure);
    }

    private static int row(int op, int cfaWords, int rbpWords, int rbxWords) {
        return UnwindRow.rule(op, cfaWords << UnwindRow.ROW_CFA_SHIFT | rbpWords << UnwindRow.ROW_RBP_SHIFT | rbxWords);
    }

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }

    private static SavedRegister at(int offset) {
        return new SavedRegister.AtCfa(offset);
    }

    private static UnwindRule.Frame rsp(int offset, SavedRegister rbp, SavedRegister rbx) {
        return frame(Registers.RSP, offset, rbp, rbx);
    }

    private static UnwindRule.Frame frame(int register, int offset, SavedRegister rbp, SavedRegister rbx) {
        return new UnwindRule.Frame(new CfaRule.RegisterOffset(register, offset), rbp, rbx, -8, true);
    }

    /** {@code movabs $x,%r11; push %r11; lea y(%r11),%r11; jmp *%r11}, as PyPy's compiler leaves; at the end {@code add $24,%rsp; ret}. */
    @Test
    void jumpsThroughAConstant() {
        CfaRule twoWords = new CfaRule.RegisterOffset(Registers.RSP, 24);
        assertThat(constant("4153 4d8d9b", "", 0x10)).isEqualTo(twoWords);
        assertThat(constant("4153 4d8d9b", "4989db", 0x10)).as("overwritten").isNull();
        assertThat(constant("4153 4d8d9b", "4c8b1c24", 0x10)).as("loaded").isNull();
        assertThat(constant("4153 4d8d9b", "415b", 0x10)).as("popped").isNull();
        assertThat(constant("4153 4d8d9b", "e800000001", 0x10))
                .as("behind a call")
                .isNull();
        assertThat(constant("4153 4d8d9b", "4531db", 0x10)).as("cleared").isNull();
        assertThat(constant("4153 4d8d9b", "", 0x11)).as("elsewhere").isNull();
    }

    /** @param add the address of the code is so much more than the constant */
    private static @Nullable CfaRule constant(String pushAndLea, String between, int add) {
        String rest = pushAndLea + String.format("%08x", Integer.reverseBytes(add)) + between + "41ffe3";
        int target = 10 + bytes(rest).length;
        byte[] code = bytes("49bb" + "00".repeat(8) + rest + "4883c418 c3");
        Bytes memory = Bytes.of(code);
        ByteBuffer.wrap(code).order(ByteOrder.LITTLE_ENDIAN).putLong(2, memory.address() + target - 0x10);
        UnwindRule.Frame rule = CodeFlow.at(memory, memory.address(), Departure.UNKNOWN);
        return rule == null ? null : rule.cfa();
    }

    /** {@code push %rax; movabs $x,%r11; call *%r11; add $8,%rsp; ret}, and what is called there: {@code nop; ret $8}. */
    @Test
    void whatIsCalledThroughAConstantMayTakeArgumentsOff() {
        assertThat(calling("90 c20800")).isEqualTo(16);
        assertThat(calling("90 c21000")).isEqualTo(24);
        assertThat(calling("90 c3")).isEqualTo(8);
        assertThat(calling("90 ebfd")).isEqualTo(8);
    }

    /** {@code movabs $x,%r11; 1: test %edi,%edi; je 2f; jmp 1b; 2: lea 16(%r11),%r11; jmp *%r11}, which leads to {@code add $24,%rsp; ret}. */
    @Test
    void aConstantIsKnownWhereABranchLeads() {
        byte[] code = bytes("49bb" + "00".repeat(8) + "85ff 7402 ebfa 4d8d5b10 41ffe3 4883c418 c3");
        Bytes memory = Bytes.of(code);
        ByteBuffer.wrap(code).order(ByteOrder.LITTLE_ENDIAN).putLong(2, memory.address() + code.length - 5 - 0x10);
        UnwindRule.Frame rule = CodeFlow.at(memory, memory.address(), Departure.UNKNOWN);
        assertThat(rule).isNotNull();
        assertThat(rule.cfa()).isEqualTo(new CfaRule.RegisterOffset(Registers.RSP, 32));
        assertThat(CodeFlow.at(memory, memory.address() + 10, Departure.UNKNOWN))
                .as("behind what loads it")
                .isNull();
    }

    /** {@code test %edi,%edi; je 1f; movabs $x,%r11; jmp 2f; 1: movabs $y,%r11; nop; nop; 2: jmp *%r11}, where y leads to {@code add $24,%rsp; ret}. */
    @Test
    void twoWaysWithTwoConstantsLeadNowhere() {
        assertThat(twoWays(0)).isEqualTo(new CfaRule.RegisterOffset(Registers.RSP, 32));
        assertThat(twoWays(1)).isNull();
    }

    /** @param other what x is more than y */
    private static @Nullable CfaRule twoWays(int other) {
        String constant = "49bb" + "00".repeat(8);
        byte[] code = bytes("85ff 740c" + constant + "eb0c" + constant + "9090 41ffe3 4883c418 c3");
        Bytes memory = Bytes.of(code);
        long target = memory.address() + code.length - 5;
        ByteBuffer.wrap(code)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(6, target + other)
                .putLong(18, target);
        UnwindRule.Frame rule = CodeFlow.at(memory, memory.address(), Departure.UNKNOWN);
        return rule == null ? null : rule.cfa();
    }

    /**
     * A routine that goes on in its caller's frame where it has got nothing, as those of PyPy's that take memory: {@code sub $8,%rsp; call *%rax;
     * add $8,%rsp; test %rax,%rax; je 1f; mov %rax,%rcx; ret; 1: add $8,%rsp; add $184,%rsp; ret}.
     */
    @Test
    void aRoutineThatDropsItsReturnAddressReturnsThroughIt() {
        byte[] code = bytes("4883ec08 ffd0 4883c408 4885c0 7404 4889c1 c3 4883c408 4881c4b8000000 c3");
        assertThat(rule(code, 0)).isEqualTo(rsp(8, UNCHANGED, UNCHANGED));
        assertThat(rule(code, 6)).isEqualTo(rsp(16, UNCHANGED, UNCHANGED));
        assertThat(rule(code, 13)).isEqualTo(rsp(8, UNCHANGED, UNCHANGED));
        assertThat(rule(code, 19)).as("in its caller's frame").isEqualTo(rsp(200, UNCHANGED, UNCHANGED));
        assertThat(rule(code, 23)).isEqualTo(rsp(192, UNCHANGED, UNCHANGED));
    }

    /** What drops something else, or is not certain to return, contradicts what drops it. */
    @Test
    void ofTwoWaysNoneIsBelievedWhereNothingSaysThatAReturnAddressIsDropped() {
        assertThat(dropping("90 c3")).isEqualTo(rsp(8, UNCHANGED, UNCHANGED));
        assertThat(dropping("53 5b c3")).isEqualTo(rsp(8, UNCHANGED, UNCHANGED));
        assertThat(dropping("7400 c3")).as("branch").isEqualTo(rsp(8, UNCHANGED, UNCHANGED));
        assertThat(dropping("ffd0 c3")).as("call").isNull();
        assertThat(dropping("5b c3")).as("pop %rbx").isNull();
        assertThat(dropping("eb00 c3")).as("jmp").isNull();
        assertThat(dropping("7501 c3 90")).as("something runs into it").isNull();
        assertThat(rule(bytes("7402 90 c3 4883c410 4883c408 c3"), 0))
                .as("two words")
                .isNull();
    }

    /** In front of {@code je 1f; …; 1: add $8,%rsp; add $16,%rsp; ret}. */
    private static UnwindRule.@Nullable Frame dropping(String between) {
        String length = String.format("%02x", bytes(between).length);
        return rule(bytes("74" + length + between + "4883c408 4883c410 c3"), 0);
    }

    /**
     * {@code 1: test %edi,%edi; jne 2f; pop %rax; ret; 2: push %rax; lea 16(%r11),%r11; call *%r11; jmp 1b}, with a number in r11 from before: who is called, and
     * how many arguments that takes off, is not known.
     */
    @Test
    void behindACallThroughANumberThatWasLoadedBeforeNothingIsKnown() {
        assertThat(rule(bytes("85ff 7502 58 c3 50 4d8d5b10 41ffd3 ebf0"), 0)).isEqualTo(rsp(16, UNCHANGED, UNCHANGED));
        assertThat(rule(bytes("85ff 7502 58 c3 50 4d8d5b10 41ffd3 ebf0"), 6)).isNull();
        assertThat(rule(bytes("85ff 7502 58 c3 50 4d8d5b10 41ffd2 ebf0"), 0))
                .as("through another register")
                .isNull();
    }

    /** How far the CFA is from rsp in front of the push, where the code itself takes 8 bytes off. */
    private static int calling(String called) {
        byte[] code = bytes("50 49bb" + "00".repeat(8) + "41ffd3 4883c408 c3 cc" + called);
        Bytes memory = Bytes.of(code);
        ByteBuffer.wrap(code).order(ByteOrder.LITTLE_ENDIAN).putLong(3, memory.address() + 20);
        UnwindRule.Frame rule = CodeFlow.at(memory, memory.address(), Departure.UNKNOWN);
        return rule == null ? 0 : rule.cfa().offset();
    }

    /** {@code call frame; 1: nop; jne 1b; nop; mov %rbp,%rsp; pop %rbp; ret $8}: what is before the loop may have no frame yet. */
    @Test
    void ofLoopsOnly() {
        byte[] code = bytes("e800010000 90 75fd 90 4889ec 5d c20800");
        assertThat(looping(code, 5)).containsOnlyKeys(5, 6);
        assertThat(looping(code, 5)).containsEntry(5, frame(Registers.RBP, 16, at(-16), UNCHANGED));
        assertThat(looping(code, 0)).isEmpty();
        assertThat(looping(code, 8)).isEmpty();
        assertThat(looping(bytes("90 ebfd"), 0)).isEmpty();
    }

    private static Map<Integer, UnwindRule.Frame> looping(byte[] code, int at) {
        Bytes memory = Bytes.of(code);
        Map<Integer, UnwindRule.Frame> rules = new HashMap<>();
        CodeFlow.inLoop(
                memory,
                memory.address() + at,
                256,
                (address, rule, _) -> rules.put((int) (address - memory.address()), rule));
        return rules;
    }
}
