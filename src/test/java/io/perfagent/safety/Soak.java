package io.perfagent.safety;

import io.perfagent.testing.Interpreter;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The whole suite: {@code Soak [plan=taste|short] [count=N] [duration=SECONDS] [interpreters=REGEX] [workloads=REGEX]
 * [seed=N] [only=WORD]}. With a duration it starts over with another seed until the time is up. Exits with 1 where harm was done, or where a planted fault went unnoticed.
 */
final class Soak {
    private static final int COUNT = 10_000;

    private final boolean brief;
    private final List<Interpreter> interpreters;
    private final List<Workload> workloads;
    private final Plan plan;
    private final String only;
    private final List<String> wrong = new ArrayList<>();

    private Soak(Options options) {
        String plan = options.text("plan", "");
        this.brief = !plan.isEmpty();
        this.interpreters = (brief ? unharmedByFork() : Interpreter.all())
                .stream()
                        .filter(interpreter ->
                                interpreter.toString().matches(".*(" + options.text("interpreters", "") + ").*"))
                        .toList();
        this.plan = switch (plan) {
            case "taste" -> Plan.TASTE;
            case "short" -> Plan.SHORT;
            default -> Plan.soak(options.number("count", COUNT));
        };
        this.workloads = Workload.steady().stream()
                .filter(workload -> workload.name().matches(options.text("workloads", ".*")))
                .toList();
        this.only = options.text("only", "");
    }

    /** Runs everything once, or again until the time is up. */
    public static void main(String[] arguments) throws Exception {
        Options options = new Options(arguments);
        Soak soak = new Soak(options);
        long seed = options.number("seed", (int) (System.nanoTime() >>> 8 & 0xfffffff));
        long end = System.nanoTime() + options.number("duration", 0) * 1_000_000_000L;
        do {
            soak.once(seed++);
        } while (System.nanoTime() < end);
        soak.wrong.forEach(words -> System.out.println("HARM " + words));
        System.out.println(soak.wrong.isEmpty() ? "\nsoak: no harm done" : "\nsoak: HARM DONE");
        System.exit(soak.wrong.isEmpty() ? 0 : 1);
    }

    private void once(long seed) throws Exception {
        if ("planted faults".contains(only)) {
            wrong.addAll(new PlantedFaults(
                            plan.equals(Plan.TASTE) ? Interpreter.inTurn(interpreters, "planted faults") : interpreters)
                    .unnoticed());
        }
        long turn = seed;
        for (Scenario scenario : scenarios()) {
            if (scenario.title().contains(only)) {
                Suite suite = new Suite(interpreters(scenario, turn), seed);
                suite.run(scenario).forEach(harm -> wrong.add(scenario.title() + ": " + harm));
            }
            turn++;
        }
    }

    /**
     * In the short form each scenario has every other minor version, the next scenario those between, and with another seed the other way round; in
     * the shortest it has one, the next scenario the next.
     */
    private List<Interpreter> interpreters(Scenario scenario, long turn) {
        if (!brief) {
            return interpreters;
        }
        List<Interpreter> minors = Interpreter.turns(interpreters, scenario.title());
        return IntStream.range(0, minors.size())
                .filter(at -> (at + turn) % (plan.equals(Plan.TASTE) ? minors.size() : Math.min(2, minors.size())) == 0)
                .mapToObj(minors::get)
                .toList();
    }

    private static List<Interpreter> unharmedByFork() {
        List<Interpreter> all = new ArrayList<>(Interpreter.oneOfEachVersion());
        all.removeIf(Interpreter::crashesOnFork);
        return all;
    }

    private List<Scenario> scenarios() {
        int count = interpreters.size();
        return List.of(
                plan.randomInstants(count, workloads),
                plan.killedAgents(count),
                new DyingTargets(plan.deaths()),
                new OtherHands(),
                new TwoAgents(plan.runs()),
                new Elsewhere(),
                new Endurance(plan.runs()));
    }
}
