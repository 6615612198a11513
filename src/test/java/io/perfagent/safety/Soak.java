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
        var harms = new Suite(chosen, seed).run(new RandomInstants(w, Integer.parseInt(arguments[0])));
        System.out.println(harms);
    }
}
