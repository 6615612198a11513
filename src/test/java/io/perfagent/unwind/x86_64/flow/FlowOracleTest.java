package io.perfagent.unwind.x86_64.flow;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.elf.ElfFile;
import io.perfagent.elf.Section;
import io.perfagent.rewalk.x86_64.RowDecoder;
import io.perfagent.unwind.TableCompiler;
import io.perfagent.unwind.cfi.Workspace;
import io.perfagent.unwind.table.RuleDictionary;
import io.perfagent.unwind.table.UnwindTable;
import io.perfagent.unwind.x86_64.CfaRule;
import io.perfagent.unwind.x86_64.Registers;
import io.perfagent.unwind.x86_64.UnwindRule;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What code says of its frames, as if nothing else did, beside what its compiler has written down: instruction by instruction. */
class FlowOracleTest {
    private static final Path LIBRARIES = Path.of("/lib/x86_64-linux-gnu");
    private static final int EXECUTABLE = 4;
    private static final byte[] TARGET = {(byte) 0xf3, 0x0f, 0x1e, (byte) 0xfa};
    private static final CfaRule ENTERED = new CfaRule.RegisterOffset(Registers.RSP, 8);

    private final RuleDictionary dictionary = new RuleDictionary(43_690);
    private final RowDecoder decoder = new RowDecoder(dictionary);
    private long equal;
    private long otherwise;
    private long wrong;
    private long none;
    private long landed;

    /**
     * @param wrongShare of the rules that can be compared, at most
     * @param noneShare of the instructions, at most
     */
    @ParameterizedTest
    @CsvSource({"libc.so.6, 0.001, 0.04", "libcrypto.so.3, 0.001, 0.06"})
    void rulesAreThoseOfTheCompiler(String library, double wrongShare, double noneShare) throws IOException {
        expect(LIBRARIES.resolve(library), wrongShare, noneShare);
    }

    @ParameterizedTest
    @Tag("long")
    @MethodSource
    void soTheyAreOfOthers(Path file) throws IOException {
        expect(file, 0.001, 0.1);
    }

    /** Those of {@code -Dcode.files}, separated by colons, or some of every machine. */
    static List<Path> soTheyAreOfOthers() {
        String given = System.getProperty("code.files", "");
        return given.isEmpty()
                ? Stream.of("ld-linux-x86-64.so.2", "libm.so.6", "libstdc++.so.6")
                        .map(LIBRARIES::resolve)
                        .filter(Files::exists)
                        .toList()
                : Stream.of(given.split(":", -1)).map(Path::of).toList();
    }

    private void expect(Path file, double wrongShare, double noneShare) throws IOException {
        compare(file);
        long all = equal + otherwise + wrong + none;
        System.out.printf(
                Locale.ROOT,
                "flow file=%s instructions=%d equal=%d said_otherwise=%d wrong=%d (%.4f %%) none=%d (%.2f %%) landed=%d%n",
                file.getFileName(),
                all,
                equal,
                otherwise,
                wrong,
                100.0 * wrong / (equal + wrong),
                none,
                100.0 * none / all,
                landed);
        assertThat(all).isGreaterThan(10_000);
        assertThat((double) wrong / (equal + wrong)).as("wrong").isLessThan(wrongShare);
        assertThat((double) none / all).as("nothing said").isLessThan(noneShare);
    }

    private void compare(Path path) throws IOException {
        try (ElfFile file = ElfFile.open(path)) {
            UnwindTable table = TableCompiler.compile(file, dictionary);
            for (Section section : file.sections()) {
                if ((section.flags() & EXECUTABLE) != 0 && section.name().startsWith(".text")) {
                    long end = section.address() + section.size();
                    for (long at = section.address(); at < end; at += CodeFlow.MAX_BYTES) {
                        compare(file, table, at, (int) Math.min(CodeFlow.MAX_BYTES, end - at));
                    }
                }
            }
        }
    }

    private void compare(ElfFile file, UnwindTable table, long address, int length) throws IOException {
        ByteBuffer bytes = file.readAddress(address, length);
        byte[] code = new byte[bytes.remaining()];
        bytes.get(code);
        Stretch stretch = Sweep.through(code, address, new BitSet(), Workspace.unlimited());
        stretch.link(Surroundings.UNKNOWN);
        long[] callers = Flow.of(stretch);
        boolean lands = false;
        for (int i = 0; i < stretch.count(); i = Math.max(i + 1, stretch.behindPadding(i))) {
            if (stretch.behindPadding(i) == i
                    && decoder.decode(table.row(address + stretch.position(i))) instanceof UnwindRule.Frame theirs
                    && theirs.returnAddress() == -Caller.WORD_BYTES
                    && !theirs.checked()) {
                boolean enters =
                        isTarget(code, stretch.position(i)) && !theirs.cfa().equals(ENTERED);
                boolean goesOn = lands && !isEqual(callers[i], theirs.cfa());
                lands = enters || goesOn;
                count(callers[i], theirs.cfa(), lands);
            }
        }
    }

    /** Whether code may be jumped to there: {@code endbr64}. */
    private static boolean isTarget(byte[] code, int at) {
        return at + 4 <= code.length && Arrays.equals(code, at, at + 4, TARGET, 0, 4);
    }

    private static boolean isEqual(long caller, CfaRule theirs) {
        return Caller.isKnown(caller) && CodeFlow.frame(caller).cfa().equals(theirs);
    }

    /**
     * The same CFA may be said by another register; that cannot be compared without running the code.
     *
     * @param lands whether an exception enters the function there, in a frame that is made: what nothing describes is in no such language
     */
    private void count(long caller, CfaRule theirs, boolean lands) {
        if (!Caller.isKnown(caller)) {
            none++;
        } else if (isEqual(caller, theirs)) {
            equal++;
        } else if (lands) {
            landed++;
        } else if (isOfRegister(CodeFlow.frame(caller).cfa(), theirs)) {
            wrong++;
        } else {
            otherwise++;
        }
    }

    private static boolean isOfRegister(CfaRule ours, CfaRule theirs) {
        return ours.op() == theirs.op() && ours.register() == theirs.register();
    }
}
