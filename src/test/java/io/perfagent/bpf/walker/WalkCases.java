package io.perfagent.bpf.walker;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** All cases, by what they are about. */
final class WalkCases {
    private WalkCases() {}

    static Map<String, List<WalkCase>> byTopic() {
        Map<String, List<WalkCase>> topics = new TreeMap<>();
        topics.put("rows", RowCases.cases());
        topics.put("rules", RuleCases.cases());
        topics.put("signals", SignalCases.cases());
        topics.put("trampolines", TrampolineCases.cases());
        topics.put("stack", StackCases.cases());
        topics.put("tables", TableCases.cases());
        topics.put("checked rules", CheckedCases.cases());
        topics.put("made frames", MadeFrameCases.cases());
        topics.put("guesses", GuessCases.cases());
        topics.put("made code", MadeCodeCases.cases());
        topics.put("hotspot", HotSpotCases.cases());
        topics.put("python", PythonCases.cases());
        topics.put("tail calls", TailCallCases.cases());
        topics.put("cache", CacheCases.cases());
        topics.put("copies", CopyCases.cases());
        topics.put("samples", SampleCases.cases());
        return topics;
    }

    static List<WalkCase> all() {
        List<WalkCase> all = new ArrayList<>();
        byTopic().values().forEach(all::addAll);
        return all;
    }
}
