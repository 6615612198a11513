package com.example.watch;

import io.perfagent.api.EventProfile;
import io.perfagent.api.FinishedInterval;
import io.perfagent.api.PerfAgent;
import io.perfagent.api.PerfAgentException;
import io.perfagent.api.PerfAgentListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** Watches a process: a profile of each of some stretches of time, and one of what is left when it ends. */
public final class Watch {
    private Watch() {}

    /**
     * Writes {@code watch-1.pb.gz}, {@code watch-2.pb.gz} …
     *
     * @param args a PID; how many stretches; milliseconds that each of them lasts; a directory
     */
    public static void main(String[] args) throws IOException, InterruptedException {
        int pid = Integer.parseInt(args[0]);
        int stretches = Integer.parseInt(args[1]);
        Duration each = Duration.ofMillis(Long.parseLong(args[2]));
        Path directory = Path.of(args[3]);
        try (PerfAgent agent = PerfAgent.builder()
                .pids(pid)
                .label("service", "shop")
                .listener(new Told())
                .build()) {
            agent.start();
            for (int number = 1; number <= stretches; number++) {
                Thread.sleep(each);
                write(agent.cut(), directory.resolve("watch-" + number + ".pb.gz"));
            }
            write(agent.stop(), directory.resolve("watch-last.pb.gz"));
        } catch (PerfAgentException e) {
            System.err.println("watch: " + e.getMessage());
            System.exit(1);
        }
    }

    private static void write(FinishedInterval interval, Path file) throws IOException {
        Files.write(file, interval.profile("on-cpu").pprof());
    }

    private static final class Told implements PerfAgentListener {
        @Override
        public void intervalFinished(FinishedInterval interval) {
            for (EventProfile profile : interval.profiles()) {
                long lost = profile.losses().values().stream().mapToLong(Long::longValue).sum();
                System.out.println(profile.event() + " samples=" + profile.samples() + " lost=" + lost);
            }
        }

        @Override
        public void warning(String line) {
            System.err.println("watch: " + line);
        }
    }
}
