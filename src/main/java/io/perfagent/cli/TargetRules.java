package io.perfagent.cli;

import io.perfagent.agent.TargetsByName;
import io.perfagent.model.CannotStartException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Which processes options mean. */
final class TargetRules {
    private TargetRules() {}

    /** Empty for all processes. */
    static List<Integer> pidsOrAll(boolean all, TargetOptions targets)
            throws WrongUsageException, CannotStartException {
        if (all && !targets.none()) {
            throw new WrongUsageException(
                    "both " + (targets.pids.isEmpty() ? "--name" : "--pid") + " and -a: give one of them");
        }
        if (!all && targets.none()) {
            throw new WrongUsageException("no target: add --pid N or --name NAME for a process, or -a for all of them");
        }
        return pids(targets);
    }

    /** Numbers first, then what has the names. */
    static List<Integer> pids(TargetOptions targets) throws WrongUsageException, CannotStartException {
        Set<Integer> pids = new LinkedHashSet<>(numbers(targets));
        pids.addAll(TargetsByName.pids(names(targets)));
        return List.copyOf(pids);
    }

    static List<Integer> numbers(TargetOptions targets) throws WrongUsageException {
        Set<Integer> pids = new LinkedHashSet<>();
        for (String pid : words(targets.pids)) {
            pids.add(pid(pid));
        }
        return List.copyOf(pids);
    }

    static List<String> names(TargetOptions targets) throws WrongUsageException {
        List<String> names = words(targets.names);
        if (names.contains("")) {
            throw new WrongUsageException("--name '' is no name: give one such as gunicorn");
        }
        return names;
    }

    /** Quoted output of pgrep comes as one argument with newlines in it. */
    private static List<String> words(List<String> arguments) {
        return arguments.stream()
                .flatMap(argument -> List.of(argument.strip().split("[,\\s]+", -1)).stream())
                .toList();
    }

    private static int pid(String text) throws WrongUsageException {
        if (!text.matches("[1-9]\\d{0,9}") || Long.parseLong(text) > Integer.MAX_VALUE) {
            throw new WrongUsageException("--pid " + OneLine.of(text)
                    + " is no process ID: give numbers as pgrep prints them, or --name NAME");
        }
        return Integer.parseInt(text);
    }
}
