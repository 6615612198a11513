package io.perfagent.safety;

import io.perfagent.bench.Table;
import io.perfagent.python.PythonActivator;
import io.perfagent.python.inject.Route;
import io.perfagent.testing.Interpreter;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Runs a scenario on several interpreters, two at a time, and prints the table. */
final class Suite {
    private static final int AT_A_TIME = 2;

    private final List<Interpreter> interpreters;
    private final long seed;

    Suite(List<Interpreter> interpreters, long seed) {
        this.interpreters = interpreters;
        this.seed = seed;
    }

    /** The harm that was done, interpreter by interpreter. */
    List<Harm> run(Scenario scenario) throws InterruptedException, ExecutionException {
        List<Trial> trials = new ArrayList<>();
        List<Future<?>> runs = new ArrayList<>();
        long start = System.nanoTime();
        try (ExecutorService executor = Executors.newFixedThreadPool(AT_A_TIME)) {
            for (Interpreter interpreter : interpreters) {
                Random random = new Random(seed ^ (interpreter.name() + scenario.title()).hashCode());
                Trial trial = new Trial(interpreter, new PythonActivator(), random);
                trials.add(trial);
                runs.add(executor.submit(() -> {
                    scenario.run(trial);
                    return null;
                }));
            }
            for (Future<?> run : runs) {
                run.get();
            }
        }
        trials.forEach(Trial::close);
        String duration = (System.nanoTime() - start) / 1_000_000_000 + " s";
        print(scenario.title() + " (seed " + seed + ", " + duration + ")", trials);
        List<Harm> harms = new ArrayList<>();
        trials.forEach(trial -> harms.addAll(trial.tally().harms()));
        return harms;
    }

    private static void print(String title, List<Trial> trials) {
        List<String> header = new ArrayList<>(List.of("", "on", "off", "parked", "pending"));
        for (Harm.Kind kind : Harm.Kind.values()) {
            header.add(kind.label());
        }
        header.addAll(List.of("stops", "p50 us", "max us", "other outcomes"));
        Table table = new Table(title, header.toArray(String[]::new));
        trials.forEach(trial -> table.row(row(trial)));
        table.print(System.out);
    }

    private static String[] row(Trial trial) {
        Tally tally = trial.tally();
        List<String> cells = new ArrayList<>(List.of(
                trial.interpreter().toString(),
                Integer.toString(tally.activations()),
                Integer.toString(tally.deactivations()),
                Integer.toString(tally.of(Route.PARKED_THREAD)),
                Integer.toString(tally.of(Route.PENDING_CALL))));
        for (Harm.Kind kind : Harm.Kind.values()) {
            cells.add(Integer.toString(tally.of(kind)));
        }
        cells.add(Integer.toString(tally.stops().count()));
        cells.add(Long.toString(tally.stops().medianNanos() / 1000));
        cells.add(Long.toString(tally.stops().maxNanos() / 1000));
        cells.add(tally.reasons());
        return cells.toArray(String[]::new);
    }
}
