package io.perfagent.linux;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.testing.Agent;
import io.perfagent.testing.TargetProgram;
import io.perfagent.testing.Tool;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Every signal that there is, sent to a virtual machine like the program's. */
class SignalsIT {
    /** KILL and STOP cannot be caught, 32 and 33 are the C library's own; SEGV, BUS, FPE and ILL are crashes; QUIT prints threads. */
    private static final Set<String> NOT_SENT = Set.of("KILL", "STOP", "SEGV", "BUS", "FPE", "ILL", "QUIT");

    /** By default ignored, or a stop of which CONT is the end (signal(7)), or the virtual machine's. */
    private static final Set<String> NO_WISHES =
            Set.of("CHLD", "CONT", "TSTP", "TTIN", "TTOU", "URG", "WINCH", "PIPE", "XFSZ");

    /** Whatever this test was started with: with nohup, in the background. */
    private static final String NOTHING_IGNORED = "set -- env --default-signal \"$@\"; ";

    private static TargetProgram program(String shellBefore) throws Exception {
        List<String> command = new ArrayList<>(List.of("sh", "-c", shellBefore + "exec \"$@\"", "sh"));
        command.addAll(Agent.java("io.perfagent.linux.WishProgram"));
        return TargetProgram.start(Map.of(), command);
    }

    private static void send(TargetProgram program, String signal) throws Exception {
        Tool.output("bash", "-c", "kill -" + signal + " " + program.pid());
    }

    @Test
    void noSignalEndsItOnTheSpot() throws Exception {
        try (TargetProgram program = program(NOTHING_IGNORED)) {
            for (String signal :
                    Tool.output("bash", "-c", "compgen -A signal SIG").lines().toList()) {
                String name = signal.substring("SIG".length());
                if (!NOT_SENT.contains(name) && !name.startsWith("JUNK")) {
                    send(program, name);
                    send(program, "CONT");
                    if (!NO_WISHES.contains(name) && !name.startsWith("RT")) {
                        assertThat(program.nextLine()).as(name).isEqualTo("wish");
                    }
                }
            }
            send(program, "TERM");
            assertThat(program.nextLine()).isEqualTo("wish");
        }
    }

    /** A shell ignores it for what it starts in the background. */
    @Test
    void intIsAWishAlsoInTheBackground() throws Exception {
        try (TargetProgram program = program("trap '' INT; ")) {
            send(program, "INT");
            assertThat(program.nextLine()).isEqualTo("wish");
        }
    }

    /** The wish of TERM that comes first is the second signal's. */
    @Test
    void whatNohupAndOthersIgnoreStaysIgnored() throws Exception {
        try (TargetProgram program = program("trap '' HUP USR1 ALRM; ")) {
            String ignored = Tool.output("grep", "SigIgn", "/proc/" + program.pid() + "/status");
            long bits = Long.parseUnsignedLong(
                    ignored.substring(ignored.indexOf('\t')).strip(), 16);
            assertThat(bits & 1 << 0).as("HUP").isNotZero();
            assertThat(bits & 1 << 9).as("USR1").isNotZero();
            assertThat(bits & 1 << 13).as("ALRM").isNotZero();
            send(program, "HUP");
            send(program, "TERM");
            assertThat(program.nextLine()).isEqualTo("wish");
        }
    }
}
