package io.perfagent.safety;

import io.perfagent.testing.Interpreter;
import java.util.List;

final class Soak {
    public static void main(String[] arguments) throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        List<Interpreter> chosen = Interpreter.all().stream()
                .filter(i -> i.name().matches(System.getProperty("only", ".*")))
                .toList();
        List<Workload> w = arguments.length > 1 ? List.of(Workload.valueOf(arguments[1])) : Workload.steady();
        Scenario scenario = switch (arguments[0]) {
            case "kill" ->
                new KilledAgents(w.size() > 1 ? List.of(Workload.SIGNALS, Workload.WAITS) : w, Integer.getInteger("n"));
            case "die" -> new DyingTargets(Integer.getInteger("n"));
            case "endure" -> new Endurance(Integer.getInteger("n"));
            case "hands" -> new OtherHands();
            case "else" -> new Elsewhere();
            default -> new RandomInstants(w, Integer.getInteger("n"));
        };
        var harms = new Suite(chosen, seed).run(scenario);
        System.out.println(harms);
    }
}
