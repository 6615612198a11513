package io.perfagent.python.inject;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.perfagent.python.inject.SeccompAnswer.Action;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Programs by hand, the answers from the manual of classic BPF and from the kernel's own checks. */
final class SeccompFilterTest {
    private static final int X86_64 = 0xc000003e;
    /** mprotect(?, 65536, PROT_READ | PROT_EXEC), and a high half to tell halves by. */
    private static final SeccompData CALL = new SeccompData(
            10, X86_64, List.of(OptionalLong.empty(), OptionalLong.of(65536), OptionalLong.of(0x7_0000_0005L)));

    @Test
    void answersByNumberAndArchitecture() {
        assertThat(answer(FilterProgram.except(10, FilterProgram.ERRNO | 13)))
                .isEqualTo(new SeccompAnswer(Action.ERRNO, 13));
        assertThat(answer(FilterProgram.except(11, FilterProgram.ERRNO | 13)).allows())
                .isTrue();
        SeccompData arm = new SeccompData(10, 0xc00000b7, List.of());
        assertThat(FilterProgram.except(11, 0).parsed().answer(arm).action()).isEqualTo(Action.KILL_PROCESS);
    }

    @ParameterizedTest
    @CsvSource({"24, 65536", "28, 0", "32, 5", "36, 7", "0, 10"})
    void loadsHalvesOfArguments(int offset, int value) {
        FilterProgram program = new FilterProgram()
                .then(FilterProgram.LOAD, offset)
                .then(FilterProgram.EQUAL, 1, 0, value)
                .then(FilterProgram.RETURN, 0)
                .then(FilterProgram.RETURN, FilterProgram.ALLOW);
        assertThat(answer(program).allows()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"8", "12", "16", "20", "40", "60"})
    void whatIsNotKnownBeforehandIsNotGuessed(int offset) {
        FilterProgram program =
                new FilterProgram().then(FilterProgram.LOAD, offset).then(FilterProgram.RETURN, FilterProgram.ALLOW);
        assertThat(answer(program).action()).isEqualTo(Action.OPEN);
        assertThat(answer(program).fails()).isFalse();
    }

    /** A ← a, X ← x, operation, return A: the answers are what C gives for unsigned 32-bit words. */
    @ParameterizedTest
    @CsvSource({
        "0x0c, 7, 9, 16",
        "0x1c, 7, 9, -2",
        "0x2c, 7, 9, 63",
        "0x3c, -1, 2, 0x7fffffff",
        "0x3c, 7, 0, 0",
        "0x4c, 5, 2, 7",
        "0x5c, 7, 10, 2",
        "0x6c, 1, 31, 0x80000000",
        "0x7c, -1, 28, 15",
        "0xac, 6, 3, 5",
        "0x84, 5, 0, -5"
    })
    void computes(String operation, String a, String x, String result) {
        FilterProgram program = new FilterProgram()
                .then(0x00, Long.decode(a).intValue())
                .then(0x01, Long.decode(x).intValue())
                .then(Integer.decode(operation), 0)
                .then(FilterProgram.EQUAL, 0, 1, Long.decode(result).intValue())
                .then(FilterProgram.RETURN, FilterProgram.ERRNO | 1)
                .then(FilterProgram.RETURN, FilterProgram.ALLOW);
        boolean dividedByZero = operation.equals("0x3c") && x.equals("0");
        assertThat(answer(program).action()).isEqualTo(dividedByZero ? Action.KILL_THREAD : Action.ERRNO);
    }

    @ParameterizedTest
    @CsvSource({"0x15, 5, 5, true", "0x15, 5, 6, false", "0x25, -1, 5, true", "0x25, 5, 5, false", "0x35, 5, 5, true"})
    void comparesUnsigned(String code, int a, int k, boolean taken) {
        FilterProgram program = new FilterProgram()
                .then(0x00, a)
                .then(Integer.decode(code), 0, 1, k)
                .then(FilterProgram.RETURN, FilterProgram.ALLOW)
                .then(FilterProgram.RETURN, 0);
        assertThat(answer(program).allows()).isEqualTo(taken);
    }

    @Test
    void remembersAndReturnsWords() {
        FilterProgram program = new FilterProgram()
                .then(0x00, FilterProgram.ERRNO | 9)
                .then(0x02, 3)
                .then(0x00, 0)
                .then(0x61, 3)
                .then(0x87, 0)
                .then(0x16, 0);
        assertThat(answer(program)).isEqualTo(new SeccompAnswer(Action.ERRNO, 9));
    }

    @Test
    void jumpsAsFarAsTheKernelLets() {
        FilterProgram program = new FilterProgram().then(0x05, 4094);
        for (int filler = 0; filler < 4094; filler++) {
            program.then(FilterProgram.RETURN, 0);
        }
        assertThat(answer(program.then(FilterProgram.RETURN, FilterProgram.ALLOW))
                        .allows())
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "0x05, 0, 0, 1", // past the end
        "0x05, 0, 0, -1", // back
        "0x15, 1, 0, 0",
        "0x15, 0, 255, 0",
        "0x20, 0, 0, 64",
        "0x20, 0, 0, 2",
        "0x20, 0, 0, -4",
        "0x28, 0, 0, 0", // half a word
        "0x40, 0, 0, 0", // indirect
        "0x60, 0, 0, 16",
        "0x02, 0, 0, -1",
        "0x34, 0, 0, 0", // divided by nothing
        "0x64, 0, 0, 32",
        "0x94, 0, 0, 3", // modulo
        "0xffff, 0, 0, 0"
    })
    void refusesWhatTheKernelRefuses(String code, int ifTrue, int ifFalse, int k) {
        FilterProgram program = new FilterProgram()
                .then(Integer.decode(code), ifTrue, ifFalse, k)
                .then(FilterProgram.RETURN, FilterProgram.ALLOW);
        assertThatIllegalArgumentException().isThrownBy(program::parsed);
    }

    @Test
    void refusesProgramsWithoutEndOrOfNoLength() {
        assertThatIllegalArgumentException().isThrownBy(() -> new FilterProgram().parsed());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new FilterProgram().then(0x00, 0).parsed());
        assertThatIllegalArgumentException().isThrownBy(() -> SeccompFilter.parse(ByteBuffer.allocate(12)));
        FilterProgram longer = new FilterProgram();
        for (int instruction = 0; instruction < 4097; instruction++) {
            longer.then(FilterProgram.RETURN, 0);
        }
        assertThatIllegalArgumentException().isThrownBy(longer::parsed);
    }

    /** Either refused, or answered; whichever bytes. */
    @Test
    void anyBytesComeToAnEnd() {
        Random random = new Random(5);
        int[] codes = {
            0x20, 0x15, 0x1d, 0x25, 0x35, 0x45, 0x05, 0x00, 0x01, 0x60, 0x61, 0x02, 0x03, 0x07, 0x87, 0x3c, 0x6c, 0x16
        };
        int answered = 0;
        for (int time = 0; time < 20_000; time++) {
            FilterProgram program = new FilterProgram();
            for (int length = random.nextInt(12); length > 0; length--) {
                program.then(
                        codes[random.nextInt(codes.length)], random.nextInt(4), random.nextInt(4), random.nextInt(17));
            }
            try {
                assertThat(answer(program.then(FilterProgram.RETURN, random.nextInt())))
                        .isNotNull();
                answered++;
            } catch (IllegalArgumentException _) {
                // refused
            }
        }
        assertThat(answered).isGreaterThan(1000);
    }

    private static SeccompAnswer answer(FilterProgram program) {
        return program.parsed().answer(CALL);
    }
}
