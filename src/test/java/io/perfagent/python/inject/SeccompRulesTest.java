package io.perfagent.python.inject;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.perfagent.python.inject.aarch64.Aarch64Architecture;
import io.perfagent.python.inject.x86_64.X86Architecture;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What becomes of an activation, filter by filter. Numbers and flags are those that strace shows on x86-64. */
final class SeccompRulesTest {
    private static final SystemCalls X86 = new X86Architecture().systemCalls();
    private static final int OPENAT = 257;
    private static final int MPROTECT = 10;
    private static final int RESTART_SYSCALL = 219;
    private static final int EPERM = FilterProgram.ERRNO | 1;

    /** As container engines have it: an error unless the number is listed, arguments looked at for some that are not ours. */
    @Test
    void listOfWhatIsAllowed() {
        int[] numbers = {0, 1, 2, 3, 5, 8, 9, 10, 11, 12, 13, 14, 16, 20, 28, 39, 72, 127, 186, 202, 204, 219, 257, 262
        };
        FilterProgram program = FilterProgram.forX86();
        program.then(FilterProgram.EQUAL, 0, 3, 135) // personality: only 0
                .then(FilterProgram.LOAD, 16)
                .then(FilterProgram.EQUAL, 0, 1, 0)
                .then(FilterProgram.RETURN, FilterProgram.ALLOW);
        for (int number : numbers) {
            program.then(FilterProgram.EQUAL, 0, 1, number).then(FilterProgram.RETURN, FilterProgram.ALLOW);
        }
        assertThat(refusal(program.then(FilterProgram.RETURN, EPERM))).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "257, 0x80000000, SECCOMP, kills for openat",
        "257, 0x00000000, SECCOMP, kills for openat",
        "257, 0x00030000, SECCOMP, answers openat with SIGSYS",
        "257, 0x7fc00000, SECCOMP, leaves openat to a supervisor",
        "257, 0x12340000, SECCOMP, kills for openat",
        "257, 0x00050000, SECCOMP, answers openat with error 0",
        "257, 0x0005000d, MAP_UNWRITABLE, answers openat with error 13",
        "257, 0x7ff00000, MAP_UNWRITABLE, answers openat with ENOSYS",
        "1, 0x00050001, MAP_UNWRITABLE, answers write with error 1",
        "10, 0x00050001, SECCOMP, answers mprotect with error 1",
        "14, 0x80000000, SECCOMP, kills for rt_sigprocmask",
        "219, 0x80000000, SECCOMP, kills for restart_syscall",
        "12, 0x80000000, SECCOMP, kills for brk",
        "262, 0x80000000, SECCOMP, kills for newfstatat"
    })
    void oneCallIsAnsweredOtherwise(int number, String answer, InjectRefusal reason, String detail) {
        RefusedException refused =
                refusal(FilterProgram.except(number, Long.decode(answer).intValue()));
        assertThat(refused).isNotNull();
        assertThat(refused.refusal()).isEqualTo(reason);
        assertThat(refused.detail()).isEqualTo("its seccomp filter " + detail);
    }

    @ParameterizedTest
    @CsvSource({"257, 0x7ffc0000", "12, 0x00050001", "5, 0x00050001", "165, 0x80000000", "59, 0x00050001"})
    void doesNoHarm(int number, String answer) {
        assertThat(refusal(FilterProgram.except(number, Long.decode(answer).intValue())))
                .isNull();
    }

    /** systemd's MemoryDenyWriteExecute, and the same for creating files only. */
    @ParameterizedTest
    @CsvSource({
        "10, 32, 4, SECCOMP",
        "10, 32, 8, ",
        "257, 32, 0x40, MAP_UNWRITABLE",
        "257, 32, 0x20000, MAP_UNWRITABLE",
        "257, 32, 2, "
    })
    void argumentsCount(int number, int offset, String bit, @Nullable InjectRefusal reason) {
        FilterProgram program = FilterProgram.forX86()
                .then(FilterProgram.EQUAL, 0, 3, number)
                .then(FilterProgram.LOAD, offset)
                .then(FilterProgram.ANY_BIT, 0, 1, Integer.decode(bit))
                .then(FilterProgram.RETURN, EPERM)
                .then(FilterProgram.RETURN, FilterProgram.ALLOW);
        RefusedException refused = refusal(program);
        assertThat(refused == null ? null : refused.refusal()).isEqualTo(reason);
    }

    @Test
    void descriptorsAreNotKnownBeforehand() {
        FilterProgram program = FilterProgram.forX86()
                .then(FilterProgram.EQUAL, 0, 3, 1) // write, to descriptor 1 alone
                .then(FilterProgram.LOAD, 16)
                .then(FilterProgram.EQUAL, 1, 0, 1)
                .then(FilterProgram.RETURN, FilterProgram.KILL_PROCESS)
                .then(FilterProgram.RETURN, FilterProgram.ALLOW);
        RefusedException refused = refusal(program);
        assertThat(refused).isNotNull();
        assertThat(refused.detail()).contains("decides on write by addresses or descriptors");
    }

    @Test
    void theMostSevereOfAllFiltersHolds() {
        FilterProgram kills = FilterProgram.except(OPENAT, FilterProgram.KILL_PROCESS);
        FilterProgram fails = FilterProgram.except(OPENAT, EPERM);
        FilterProgram allows = FilterProgram.except(RESTART_SYSCALL, FilterProgram.ALLOW);
        for (List<FilterProgram> chain : List.of(List.of(kills, fails, allows), List.of(allows, fails, kills))) {
            assertThat(answer(chain).action()).isEqualTo(SeccompAnswer.Action.KILL_PROCESS);
        }
        FilterProgram newest = FilterProgram.except(OPENAT, FilterProgram.ERRNO | 13);
        assertThat(answer(List.of(fails, newest)).data()).isEqualTo(13);
    }

    @Test
    void withoutFiltersAllIsAllowed() {
        assertThatCode(() -> new SeccompRules(List.of(), X86).require(NeededCall.of(Command.ACTIVATE)))
                .doesNotThrowAnyException();
    }

    @Test
    void switchingOffNeedsNoMap() {
        SeccompRules rules = rules(List.of(
                FilterProgram.except(OPENAT, FilterProgram.KILL_PROCESS), FilterProgram.except(MPROTECT, EPERM)));
        assertThatCode(() -> rules.require(NeededCall.of(Command.DEACTIVATE))).doesNotThrowAnyException();
        assertThat(NeededCall.of(Command.DEACTIVATE)).doesNotContain(NeededCall.MAP_WRITE, NeededCall.ARENA);
    }

    @Test
    void eachArchitectureHasItsNumbers() {
        SystemCalls arm = new Aarch64Architecture().systemCalls();
        assertThat(NeededCall.MAP_OPEN.data(X86).number()).isEqualTo(OPENAT);
        assertThat(NeededCall.MAP_OPEN.data(X86).word(32)).hasValue(0xa0441);
        assertThat(NeededCall.MAP_OPEN.data(arm).number()).isEqualTo(56);
        assertThat(NeededCall.MAP_OPEN.data(arm).word(32)).hasValue(0x88441);
        assertThat(NeededCall.MAP_OPEN_WITH_MUSL.data(arm).number()).isNegative();
        assertThat(Arrays.stream(NeededCall.values())
                        .filter(call -> call.data(X86).number() < 0))
                .containsExactly(NeededCall.SIGNAL_RETURN, NeededCall.SIGNAL_STACK);
    }

    private static @Nullable RefusedException refusal(FilterProgram program) {
        return catchThrowableOfType(
                RefusedException.class, () -> rules(List.of(program)).require(NeededCall.of(Command.ACTIVATE)));
    }

    private static SeccompAnswer answer(List<FilterProgram> chain) {
        return rules(chain).answer(NeededCall.MAP_OPEN);
    }

    private static SeccompRules rules(List<FilterProgram> chain) {
        return new SeccompRules(chain.stream().map(FilterProgram::parsed).toList(), X86);
    }
}
