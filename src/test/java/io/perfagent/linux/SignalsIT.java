package io.perfagent.linux;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.testing.Agent;
import io.perfagent.testing.TargetProgram;
import io.perfagent.testing.Tool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every signal that there is, sent to a virtual machine like the program's. */
class SignalsIT {
    /** KILL and STOP cannot be caught, 32 and 33 are the C library's own; SEGV, BUS, FPE and ILL are crashes; QUIT prints threads. */
    private static final Set<String> NOT_SENT = Set.of("KILL", "STOP", "SEGV", "BUS", "FPE", "ILL", "QUIT");

    /** By default ignored, or a stop of which CONT is the end (signal(7)), or the virtual machine's, or of one who profiles that. */
    private static final Set<String> NO_WISHES =
            Set.of("CHLD", "CONT", "TSTP", "TTIN", "TTOU", "URG", "WINCH", "PIPE", "XFSZ", "PROF");

    private static final int SIGHUP = 1;
    private static final int SIGUSR1 = 10;
    private static final int SIGALRM = 14;
    private static final int SIGPROF = 27;

    /** Whatever this test was started with: with nohup, in the background. */
    private static final String NOTHING_IGNORED = "set -- env --default-signal \"$@\"; ";

    /** Of the flight recorder: nothing but what the processor does. */
    private static final String SAMPLES = """
            <configuration version="2.0"><event name="jdk.CPUTimeSample">
              <setting name="enabled">true</setting><setting name="throttle">1ms</setting>
            </event></configuration>
            """;

    @TempDir
    private Path folder;

    private static TargetProgram program(String shellBefore, String... options) throws Exception {
        List<String> command = new ArrayList<>(List.of("sh", "-c", shellBefore + "exec \"$@\"", "sh"));
        command.addAll(Agent.java("io.perfagent.linux.WishProgram"));
        command.addAll(command.size() - 1, List.of(options));
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
            long ignored = signals(program, "SigIgn");
            assertThat(ignored & bit(SIGHUP)).as("HUP").isNotZero();
            assertThat(ignored & bit(SIGUSR1)).as("USR1").isNotZero();
            assertThat(ignored & bit(SIGALRM)).as("ALRM").isNotZero();
            send(program, "HUP");
            send(program, "TERM");
            assertThat(program.nextLine()).isEqualTo("wish");
        }
    }

    /** Each of its samples is a signal. */
    @Test
    void profIsNoWishWhereTheFlightRecorderSamplesByIt() throws Exception {
        Path settings = Files.writeString(folder.resolve("settings.jfc"), SAMPLES);
        try (TargetProgram program = program(
                "",
                "-XX:StartFlightRecording:settings=" + settings,
                "-XX:FlightRecorderOptions:repository=" + folder,
                "-Xlog:disable")) {
            assertThat(signals(program, "SigCgt") & bit(SIGPROF)).isNotZero();
            send(program, "TERM");
            assertThat(program.nextLine()).isEqualTo("wish");
        }
    }

    /** A field of its status. */
    private static long signals(TargetProgram program, String field) throws Exception {
        String line = Tool.output("grep", field, "/proc/" + program.pid() + "/status");
        return Long.parseUnsignedLong(line.substring(line.indexOf('\t')).strip(), 16);
    }

    private static long bit(int signal) {
        return 1L << (signal - 1);
    }
}
